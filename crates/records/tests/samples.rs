//! Every file of the samples frames, and JSON gives as many records as `serde_json` finds in it.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

use records::{Format, Limits, Offer, Record, read, walk};
use serde_json::Value;

/// Records in a file of JSON values, by the slow way; `None` when it is not JSON throughout.
fn expected(text: &[u8]) -> Option<u64> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut count = 0;
    for value in serde_json::Deserializer::from_slice(text).into_iter::<Value>() {
        let value = value.ok()?;
        let list = ["value", "records"]
            .iter()
            .filter_map(|wanted| {
                let (_, list) =
                    value.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(wanted))?;
                list.as_array().filter(|list| list.first().is_none_or(Value::is_object))
            })
            .next()
            .or(value.as_array());
        count += list.map_or(1, |list| u64::try_from(list.len().max(1)).unwrap());
    }
    Some(count)
}

#[test]
fn every_sample_frames() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples");
    let folders =
        [folder.clone(), Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/samples")];
    let Some(folder) = folders.iter().find(|folder| folder.is_dir()) else {
        eprintln!("skipped: no samples beside the workspace (../shared/samples)");
        return;
    };
    let (sources, problems) = walk(folder, &Limits::default()).unwrap();
    assert!(problems.is_empty(), "{problems:?}");
    assert!(sources.len() > 100, "{}", sources.len());
    let mut compared = 0;
    for source in &sources {
        let mut sink = |record: &Record<'_>| match record {
            Record::Json(record) => match serde_json::from_slice::<Value>(record.bytes) {
                Ok(_) => Offer::Taken,
                Err(_) => Offer::NotMine,
            },
            Record::Csv(_) | Record::EmptyList { .. } => Offer::Taken,
        };
        let reading = read(source, &Limits::default(), &mut |_| {}, &mut sink).unwrap();
        if reading.format == Format::Json {
            let text = fs::read(folder.join(&source.name)).unwrap();
            if let Some(expected) = expected(&text) {
                assert_eq!((reading.taken, reading.not_wanted), (expected, 0), "{}", source.name);
                assert_eq!(reading.unreadable, 0, "{}: {:?}", source.name, reading.problems);
                compared += 1;
            } else {
                let read = (reading.taken, reading.not_wanted, reading.unreadable);
                eprintln!("not JSON throughout: {} {read:?} {:?}", source.name, reading.problems);
            }
        }
    }
    assert!(compared > 100, "{compared}");
}
