//! For which kinds of account there is an exception at all, for how long, and how often again.

use super::{Kind, treatment};

/// Longest life of the exception of an executive, of somebody who moves money, or of an
/// administrator, in days.
pub const LETTER_MAX_DAYS: u32 = 30;
/// How often such an exception may be renewed, each time by a new signed decision.
const LETTER_RENEWALS: u32 = 1;

/// How long an exception may last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest life, and longest life of one renewal, in days.
    pub max_days: u32,
    /// How often it may be renewed. `None`: as often as it is decided anew.
    pub max_renewals: Option<u32>,
    /// How many different people must say yes.
    pub approvers: usize,
    /// Each of them by a signed document.
    pub signed: bool,
}

/// The limits of an exception. `Err`: there is none to give, and what to do in its place.
///
/// # Errors
/// For kinds of account of which nothing is left out of MFA.
pub fn limits(kind: Kind, needs_letter: bool) -> Result<Limits, String> {
    let needs_letter = needs_letter || matches!(kind, Kind::Executive | Kind::Administrator);
    let of =
        |max_days, max_renewals| Limits { max_days, max_renewals, approvers: 1, signed: false };
    let limits = match kind {
        // Its end is that of the account; until then it is looked at every quarter.
        Kind::Sync => of(90, None),
        Kind::Room => of(treatment(kind).max_days.unwrap_or(365), None),
        Kind::Service => of(treatment(kind).max_days.unwrap_or(90), Some(2)),
        Kind::SharedLogin => of(treatment(kind).max_days.unwrap_or(30), Some(1)),
        Kind::BreakGlass => {
            return Err("break-glass accounts are left out by their own group, which has no end: \
                        they are in no register of exceptions"
                .to_owned());
        }
        // Refused in principle; what the letter is for. Any other person registers.
        _ if needs_letter && kind.is_person() => of(LETTER_MAX_DAYS, Some(LETTER_RENEWALS)),
        _ => {
            let instead = treatment(kind).treatment;
            return Err(format!("there is no exception for this kind of account. {instead}."));
        }
    };
    if !needs_letter {
        return Ok(limits);
    }
    Ok(Limits {
        max_days: limits.max_days.min(LETTER_MAX_DAYS),
        max_renewals: Some(
            limits.max_renewals.map_or(LETTER_RENEWALS, |it| it.min(LETTER_RENEWALS)),
        ),
        approvers: 2,
        signed: true,
    })
}

/// The kind an exception was kept under.
#[must_use]
pub fn kind_of_word(word: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| kind.word() == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_person_has_one_but_by_letter_and_then_for_thirty_days() {
        for kind in Kind::ALL {
            let plain = limits(kind, false);
            let open = [Kind::Sync, Kind::Room, Kind::Service, Kind::SharedLogin];
            let by_letter = [Kind::Executive, Kind::Administrator].contains(&kind);
            assert_eq!(plain.is_ok(), open.contains(&kind) || by_letter, "{kind:?}");
            assert!(plain.is_err() || by_letter == plain.is_ok_and(|it| it.signed), "{kind:?}");
            if let Ok(limits) = limits(kind, true) {
                assert!(limits.max_days <= 30 && limits.approvers == 2, "{kind:?}");
                assert!(limits.signed && limits.max_renewals == Some(1), "{kind:?}");
            }
        }
        assert!(limits(Kind::BreakGlass, true).is_err(), "not even by letter");
        assert!(limits(Kind::Unclassified, true).is_err(), "nobody knows what it is");
        assert!(limits(Kind::NoSmartphone, false).unwrap_err().contains("Security key"));
    }

    #[test]
    fn lives_and_renewals_of_each_kind() {
        let rows = [
            (Kind::Service, 90, Some(2)),
            (Kind::Room, 365, None),
            (Kind::SharedLogin, 30, Some(1)),
            (Kind::Sync, 90, None),
        ];
        for (kind, days, renewals) in rows {
            let limits = limits(kind, false).unwrap();
            assert_eq!((limits.max_days, limits.max_renewals), (days, renewals), "{kind:?}");
            assert_eq!((limits.approvers, limits.signed), (1, false), "{kind:?}");
        }
    }

    #[test]
    fn the_word_of_a_kind_is_that_of_its_documents() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
            assert_eq!(kind_of_word(kind.word()), Some(kind));
        }
        assert_eq!(kind_of_word("person "), None);
    }
}
