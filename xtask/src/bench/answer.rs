//! What every candidate must agree on before anything is timed.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::failure::{Failure, Outcome};

/// The legacy inventory in four figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// User × client app × device with at least one success.
    pub(crate) rows: u64,
    /// Legacy sign-ins that succeeded.
    pub(crate) successes: u64,
    /// Legacy sign-ins that did not.
    pub(crate) failures: u64,
    /// Users among the rows.
    pub(crate) users: u64,
}

/// How a candidate tells its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Telling {
    /// It answers another question, or none.
    Nothing,
    /// The four figures as JSON.
    Figures,
    /// The document of `lockstep audit legacy`.
    Audit,
    /// Only the number of legacy sign-ins.
    Count,
}

/// What a candidate told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    Answer(Answer),
    Count(u64),
}

/// Reads the answer of a candidate.
pub(crate) fn read(telling: Telling, output: &str) -> Outcome<Option<Told>> {
    let json = || {
        serde_json::from_str::<Value>(output)
            .map_err(|error| Failure::new(format!("the answer is no JSON: {error}")))
    };
    Ok(match telling {
        Telling::Nothing => None,
        Telling::Figures => {
            Some(Told::Answer(figures(&json()?, ["/rows", "/successes", "/failures", "/users"])?))
        }
        Telling::Audit => Some(Told::Answer(audit(&json()?)?)),
        Telling::Count => {
            Some(Told::Count(output.trim().parse().map_err(|error| {
                Failure::new(format!("`{}` is no count: {error}", output.trim()))
            })?))
        }
    })
}

fn audit(document: &Value) -> Outcome<Answer> {
    let unknown = number(document, "/totals/legacy_unknown")?;
    if unknown > 0 {
        return Err(Failure::new(format!("lockstep tells no result of {unknown} sign-ins")));
    }
    let names = [
        "/totals/dependencies",
        "/totals/legacy_successes",
        "/totals/legacy_failures",
        "/totals/users",
    ];
    figures(document, names)
}

fn figures(document: &Value, [rows, successes, failures, users]: [&str; 4]) -> Outcome<Answer> {
    Ok(Answer {
        rows: number(document, rows)?,
        successes: number(document, successes)?,
        failures: number(document, failures)?,
        users: number(document, users)?,
    })
}

fn number(document: &Value, name: &str) -> Outcome<u64> {
    document
        .pointer(name)
        .and_then(Value::as_u64)
        .ok_or_else(|| Failure::new(format!("the answer has no number `{name}`")))
}

/// Checks that what was told is the answer; the first one told is.
pub(crate) fn agree(expected: &mut Option<Answer>, who: &str, told: Told) -> Outcome<()> {
    let same = match (&*expected, told) {
        (None, Told::Answer(answer)) => {
            *expected = Some(answer);
            true
        }
        (None, Told::Count(_)) => {
            return Err(Failure::new(format!("{who} counts before anybody answered")));
        }
        (Some(expected), Told::Answer(answer)) => *expected == answer,
        (Some(expected), Told::Count(count)) => expected.successes + expected.failures == count,
    };
    if same {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{who} answers {told:?}, the others {expected:?}: nothing is timed until all agree"
    )))
}

#[cfg(test)]
mod tests {
    use super::{Answer, Telling, Told, agree, read};

    const ANSWER: Answer = Answer { rows: 3, successes: 40, failures: 2, users: 2 };

    #[test]
    fn what_is_no_answer_is_refused() {
        for (telling, output) in [
            (Telling::Figures, ""),
            (Telling::Figures, r#"{"rows":3,"successes":40,"failures":2}"#),
            (Telling::Figures, r#"{"rows":-3,"successes":40,"failures":2,"users":2}"#),
            (Telling::Audit, r#"{"rows":3,"successes":40,"failures":2,"users":2}"#),
            (Telling::Count, "many"),
        ] {
            assert!(read(telling, output).is_err(), "{telling:?} {output}");
        }
        let unknown = r#"{"totals":{"dependencies":3,"legacy_successes":40,"legacy_failures":2,
            "legacy_unknown":1,"users":2}}"#;
        assert!(read(Telling::Audit, unknown).unwrap_err().to_string().contains("no result of 1"));
    }

    #[test]
    fn answers_are_read_from_each_kind_of_candidate() {
        let figures = r#"{"rows":3,"successes":40,"failures":2,"users":2}"#;
        let audit = r#"{"totals":{"dependencies":3,"legacy_successes":40,"legacy_failures":2,
            "legacy_unknown":0,"users":2,"sign_ins":1000}}"#;
        assert_eq!(read(Telling::Figures, figures).unwrap(), Some(Told::Answer(ANSWER)));
        assert_eq!(read(Telling::Audit, audit).unwrap(), Some(Told::Answer(ANSWER)));
        assert_eq!(read(Telling::Count, "42\n").unwrap(), Some(Told::Count(42)));
        assert_eq!(read(Telling::Nothing, "anything").unwrap(), None);
    }

    #[test]
    fn who_disagrees_is_named() {
        let mut expected = None;
        assert!(agree(&mut expected, "rg", Told::Count(42)).is_err());
        agree(&mut expected, "lockstep", Told::Answer(ANSWER)).unwrap();
        agree(&mut expected, "DuckDB", Told::Answer(ANSWER)).unwrap();
        agree(&mut expected, "rg", Told::Count(42)).unwrap();
        let other = Answer { rows: 4, ..ANSWER };
        let error = agree(&mut expected, "Polars", Told::Answer(other)).unwrap_err();
        assert!(error.to_string().starts_with("Polars answers"), "{error}");
        assert!(agree(&mut expected, "rg", Told::Count(41)).is_err());
    }
}
