//! What is kept comes back.

use bumpalo::Bump;
use jiff::Timestamp;
use proptest::prelude::*;

use super::support::{Owned, aside, batches, borrowed, content, keep, kept, open, runner, sign_in};
use crate::cache::batch::{Batch, Wanted};
use crate::cache::identifier::{guid, text_of};
use crate::cache::rows::CachedRow;
use crate::cache::{MOST_ROWS, NotKept};
use crate::field::Field;
use crate::measures::{Measures, Scope};
use crate::sign_in::SignIn;
use crate::told::Told;
use crate::words::Words;

/// Holds everything a row tells against the sign-in it was.
fn tells_the_same(
    row: &CachedRow<'_>,
    sign_in: &SignIn<'_>,
    wanted: &Wanted<'_>,
    words: &mut Words,
) -> Result<(), TestCaseError> {
    prop_assert_eq!(Told::time(row), sign_in.time());
    prop_assert_eq!(row.content(), content(sign_in));
    for field in wanted.fields {
        prop_assert_eq!(row.tells(*field), sign_in.tells(*field), "{:?}", field);
        prop_assert_eq!(row.print(*field), sign_in.print(*field), "{:?}", field);
        let identifier = [Field::Id, Field::CorrelationId, Field::SessionId].contains(field);
        if wanted.identifiers || !identifier {
            let (kept, told) = (row.word(*field, words), sign_in.word(*field, words));
            prop_assert_eq!(kept, told, "{:?}", field);
        }
    }
    if wanted.policies {
        prop_assert_eq!(row.policies(words), sign_in.policies(words));
    }
    if wanted.requirement_providers {
        let told = sign_in.requirement_providers(words);
        prop_assert_eq!(row.requirement_providers(words), told);
    }
    if wanted.steps {
        prop_assert_eq!(row.steps(words), sign_in.steps(words));
    }
    Ok(())
}

fn all_tell_the_same(
    sign_ins: &[Owned],
    batches: &[Batch],
    wanted: &Wanted<'_>,
) -> Result<(), TestCaseError> {
    let mut words = Words::default();
    let mut rest = sign_ins.iter();
    for batch in batches {
        let rows = batch.rows();
        for row in rows.iter() {
            let sign_in = rest.next().map(borrowed);
            let sign_in = sign_in.ok_or_else(|| TestCaseError::fail("a row too many"))?;
            tells_the_same(&row, &sign_in, wanted, &mut words)?;
            if *wanted == Wanted::EVERYTHING {
                let arena = Bump::new();
                prop_assert_eq!(row.spell(&arena), sign_in);
            }
        }
    }
    prop_assert!(rest.next().is_none(), "a row too few");
    Ok(())
}

#[test]
fn whatever_is_kept_comes_back() {
    let strategy = (proptest::collection::vec(sign_in(), 0..12), 0_usize..12);
    let result = runner(96).run(&strategy, |(sign_ins, cut)| {
        let (first, second) = sign_ins.split_at(cut.min(sign_ins.len()));
        let folder = kept(&[first, second]);
        let batches = batches(folder.path(), &Wanted::EVERYTHING).unwrap();
        all_tell_the_same(&sign_ins, &batches, &Wanted::EVERYTHING)
    });
    assert!(result.is_ok(), "{result:?}");
}

#[test]
fn a_few_columns_tell_what_all_of_them_tell() {
    let wanted = (
        proptest::sample::subsequence(Field::ALL.to_vec(), 0..=Field::ALL.len()),
        any::<[bool; 3]>(),
    );
    let strategy = (proptest::collection::vec(sign_in(), 1..6), wanted);
    let result = runner(64).run(&strategy, |(sign_ins, (fields, lists))| {
        let folder = kept(&[&sign_ins]);
        let [policies, requirement_providers, steps] = lists;
        let wanted =
            Wanted { fields: &fields, policies, requirement_providers, steps, identifiers: false };
        all_tell_the_same(&sign_ins, &batches(folder.path(), &wanted).unwrap(), &wanted)
    });
    assert!(result.is_ok(), "{result:?}");
}

#[test]
fn measuring_what_was_kept_is_measuring_what_was_read() {
    let strategy = proptest::collection::vec(sign_in(), 0..30);
    let result = runner(32).run(&strategy, |mut sign_ins| {
        sign_ins.retain(|sign_in| sign_in.time().is_some());
        let mut read = Measures::new(Scope::Replay);
        for sign_in in &sign_ins {
            let sign_in = borrowed(sign_in);
            read.observe(&sign_in);
        }
        let folder = kept(&[&sign_ins]);
        let mut again = Measures::new(Scope::Replay);
        for batch in batches(folder.path(), &Wanted::EVERYTHING).unwrap() {
            for row in batch.rows().iter() {
                again.observe(&row);
            }
        }
        prop_assert_eq!(again.finish(), read.finish());
        Ok(())
    });
    assert!(result.is_ok(), "{result:?}");
}

#[test]
fn more_rows_than_a_batch_holds_and_as_many_texts_as_it_has_numbers() {
    let mut sign_ins = Vec::new();
    for number in 0..=MOST_ROWS {
        let created = Timestamp::from_second(i64::try_from(number).unwrap()).ok();
        let mut sign_in = Owned { created, ..Owned::default() };
        sign_in.text.set(Field::UserPrincipalName, format!("user{number}@ne.example"));
        sign_in.text.set(Field::ClientApp, "Browser".to_owned());
        sign_ins.push(sign_in);
    }
    let folder = kept(&[&sign_ins]);
    let fields = [Field::UserPrincipalName, Field::ClientApp, Field::UserId];
    let wanted = Wanted {
        fields: &fields,
        policies: true,
        requirement_providers: true,
        steps: true,
        identifiers: false,
    };
    let rows: Vec<usize> =
        open(folder.path()).unwrap().batches().iter().map(|batch| batch.rows()).collect();
    assert_eq!(rows, [MOST_ROWS, 1]);
    let batches = batches(folder.path(), &wanted).unwrap();
    all_tell_the_same(&sign_ins, &batches, &wanted).unwrap();
}

#[test]
fn long_texts_end_a_batch_early() {
    let sign_ins: Vec<Owned> = (0..200)
        .map(|number| {
            let mut sign_in = Owned::default();
            sign_in.text.set(Field::UserAgent, number.to_string().repeat(400_000));
            sign_in
        })
        .collect();
    let folder = kept(&[&sign_ins]);
    let batches = batches(folder.path(), &Wanted::EVERYTHING).unwrap();
    assert!(batches.len() > 1);
    all_tell_the_same(&sign_ins, &batches, &Wanted::EVERYTHING).unwrap();
}

#[test]
fn an_empty_source_is_an_entry_without_rows() {
    let folder = kept(&[&[], &[]]);
    let entry = open(folder.path()).unwrap();
    assert!(entry.batches().is_empty());
    assert_eq!(entry.told(), &aside());
    entry.verify().unwrap();
}

#[test]
fn a_time_that_does_not_fit_is_not_kept() {
    let first = Timestamp::from_nanosecond(i64::MIN.into()).unwrap();
    let last = Timestamp::from_nanosecond(i64::MAX.into()).unwrap();
    let one = jiff::SignedDuration::from_nanos(1);
    let of = |time| [Owned { created: Some(time), ..Owned::default() }];
    for time in [first, last] {
        let folder = kept(&[&of(time)]);
        let batches = batches(folder.path(), &Wanted::EVERYTHING).unwrap();
        all_tell_the_same(&of(time), &batches, &Wanted::EVERYTHING).unwrap();
    }
    for (time, year) in [(first.checked_sub(one), 1677), (last.checked_add(one), 2262)] {
        let folder = tempfile::tempdir().unwrap();
        let error = keep(folder.path(), &[&of(time.unwrap())]).unwrap_err();
        assert!(matches!(error, NotKept::Time { year: found } if found == year), "{error}");
        assert!(open(folder.path()).is_err(), "there is no manifest");
    }
}

#[test]
fn a_folder_that_goes_away_fails_at_the_end_only() {
    let folder = tempfile::tempdir().unwrap();
    let writing = crate::cache::Writing::start(folder.path().join("entry")).unwrap();
    std::fs::remove_dir_all(folder.path().join("entry")).unwrap();
    let mut writer = writing.writer(0);
    for _ in 0..=MOST_ROWS {
        writer.push(&SignIn::default(), 0);
    }
    let error = writer.end().unwrap_err();
    let named = matches!(&error, NotKept::File { file, .. } if file == "measured/00-0000.arrow");
    assert!(named, "{error}");
    assert!(writing.finish("1", super::support::source(), Vec::new(), aside()).is_err());
}

#[test]
fn only_a_guid_as_services_write_it_is_sixteen_bytes() {
    let mut text = String::new();
    let written = "0f8fad5b-d9cb-469f-a165-70867728950e";
    text_of(&guid(written).unwrap(), &mut text);
    assert_eq!(text, written);
    for other in [
        "",
        "0F8FAD5B-D9CB-469F-A165-70867728950E",
        "{0f8fad5b-d9cb-469f-a165-70867728950}",
        "0f8fad5b-d9cb-469f-a165-70867728950",
        "0f8fad5b-d9cb-469f-a165-70867728950e0",
        "0f8fad5b-d9cb-469fa-165-70867728950e",
        "0f8fad5b-d9cb-469f-a165-7086772895-e",
        "0f8fad5b_d9cb_469f_a165_70867728950e",
    ] {
        assert_eq!(guid(other), None, "{other}");
    }
}
