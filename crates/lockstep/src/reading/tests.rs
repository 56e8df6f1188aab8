//! Tests of a reading as a whole: above all, that it is the same whoever read what.

use std::collections::BTreeSet;

use super::*;

fn source(name: &str, sign_ins: u64, others: u64, unreadable: u64) -> SourceRead {
    SourceRead { name: name.to_owned(), sign_ins, others, unreadable, ..SourceRead::default() }
}

#[test]
fn what_may_have_been_a_sign_in_counts_as_unreadable_sign_ins() {
    let cases = [
        ("a log with a broken line", source("log", 10, 0, 1), 1),
        ("a damaged file of nobody knows what", source("damaged", 0, 0, 1), 1),
        ("users with a broken line", source("users", 0, 10, 3), 0),
        ("a mix", source("mix", 1, 10, 2), 2),
    ];
    for (name, read, hidden) in cases {
        let mut reading = Reading {
            measurement: Some(Measurement::default()),
            sources: vec![read],
            ..Reading::default()
        };
        settle_coverage(&mut reading);
        let coverage = reading.measurement.unwrap().coverage;
        assert_eq!(coverage.records_unreadable, hidden, "{name}");
    }
}

#[test]
fn what_could_not_be_listed_may_have_been_sign_ins() {
    let mut reading = Reading {
        measurement: Some(Measurement::default()),
        unlisted: 2,
        sources: vec![source("log", 10, 0, 1)],
        ..Reading::default()
    };
    settle_coverage(&mut reading);
    assert_eq!(reading.measurement.unwrap().coverage.records_unreadable, 3);
}

#[test]
fn only_a_file_that_told_nothing_is_unknown() {
    assert!(source("picture", 0, 0, 0).is_unknown());
    assert!(!source("damaged", 0, 0, 1).is_unknown());
    assert!(!source("users", 0, 1, 0).is_unknown());
}

#[test]
fn twenty_problems_are_kept_and_all_are_counted() {
    let mut reading = Reading::default();
    for line in 0..50 {
        reading.problem(Unreadable { file: "a".to_owned(), line, reason: "cut".to_owned() });
    }
    assert_eq!((reading.unreadable, reading.problems.len()), (50, 20));
    assert_eq!(problem_line(&reading.problems[0]), "a: cut");
    assert_eq!(problem_line(&reading.problems[7]), "a:7: cut");
}

/// What the readings of one folder must agree on.
fn told(reading: &Reading) -> (String, String) {
    let what = format!(
        "{:#?}\n{:#?}\n{:?}\n{}",
        reading.measurement, reading.snapshot, reading.counts, reading.unreadable
    );
    let where_ = format!("{:#?}\n{:#?}\n{:#?}", reading.sources, reading.problems, reading.notes);
    (what, where_)
}

fn options(threads: usize) -> Options {
    let question = Question { days: 30, scope: signins::Scope::Replay };
    Options { threads: NonZero::new(threads).unwrap(), ..Options::new(question, false) }
}

fn read_with(root: &Path, threads: usize) -> Reading {
    read(root, &options(threads)).unwrap()
}

/// The same for any number of threads; the reading itself.
fn whatever_the_threads(root: &Path) -> Reading {
    let one = read_with(root, 1);
    let expected = told(&one);
    for threads in [2, 3, 8] {
        let found = told(&read_with(root, threads));
        similar(&expected.0, &found.0, threads);
        similar(&expected.1, &found.1, threads);
    }
    one
}

fn similar(expected: &str, found: &str, threads: usize) {
    for (number, (one, other)) in expected.lines().zip(found.lines()).enumerate() {
        assert_eq!(one, other, "line {number} with {threads} threads");
    }
    assert_eq!(expected.len(), found.len(), "{threads} threads");
}

/// Copies the files of a folder so that they come in the opposite order. The last part of a name
/// stays, because it tells what a portal download holds.
fn the_other_way_round(root: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (sources, _) = records::walk(root, &Limits::default()).unwrap();
    let paths: std::collections::BTreeSet<_> =
        sources.iter().map(|it| it.path().to_owned()).collect();
    for (number, path) in paths.iter().rev().enumerate() {
        let under = folder.path().join(format!("{number:04}"));
        std::fs::create_dir(&under).unwrap();
        std::fs::copy(path, under.join(path.file_name().unwrap())).unwrap();
    }
    folder
}

fn whatever_the_order(root: &Path) -> Reading {
    let reading = whatever_the_threads(root);
    let other = the_other_way_round(root);
    for threads in [1, 8] {
        similar(&told(&reading).0, &told(&read_with(other.path(), threads)).0, threads);
    }
    reading
}

/// One sign-in of the made-up log: `minute` counts back from 20 November 2026.
fn sign_in(number: u32, minute: u32, success: bool) -> String {
    let last: jiff::Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    let time = last - jiff::SignedDuration::from_mins(i64::from(minute));
    let client = ["Browser", "IMAP4", "Exchange ActiveSync"][usize::try_from(number).unwrap() % 3];
    let code = if success { 0 } else { 50126 };
    format!(
        "{{\"id\":\"5e1f0c4a-0000-4000-8000-{number:012}\",\"createdDateTime\":\"{time}\",\
         \"userPrincipalName\":\"person{user}@ne.example\",\
         \"userId\":\"aaaaaaaa-0000-4000-8000-{user:012}\",\"appId\":\"app-{app}\",\
         \"appDisplayName\":\"Application {app}\",\"clientAppUsed\":\"{client}\",\
         \"ipAddress\":\"192.0.2.{app}\",\"deviceDetail\":{{\"deviceId\":\"\"}},\
         \"riskLevelDuringSignIn\":\"low\",\"conditionalAccessAudiences\":[\"app-{app}\"],\
         \"authenticationContextClassReferences\":[],\"isInteractive\":true,\"userAgent\":\"{agent}\",\
         \"status\":{{\"errorCode\":{code}}}}}",
        user = number % 97,
        app = number % 7,
        agent = "agent ".repeat(40),
    )
}

fn user(number: u32) -> String {
    format!(
        "{{\"@odata.type\":\"#microsoft.graph.user\",\
         \"id\":\"aaaaaaaa-0000-4000-8000-{number:012}\",\
         \"userPrincipalName\":\"person{number}@ne.example\",\"accountEnabled\":true,\
         \"userType\":\"Member\"}}"
    )
}

fn lines(texts: impl Iterator<Item = String>) -> String {
    texts.map(|text| text + "\n").collect()
}

fn table(numbers: std::ops::Range<u32>) -> String {
    let mut text = String::from(
        "CreatedDateTime,Id,ResultType,UserPrincipalName,UserId,AppDisplayName,AppId,\
         ClientAppUsed,IPAddress,IsInteractive,UserAgent\n",
    );
    for number in numbers {
        let minute = number % 60;
        text.push_str(&format!(
            "2026-11-19T10:{minute:02}:00Z,5e1f0c4a-0000-4000-8000-{number:012},0,\
             person{user}@ne.example,aaaaaaaa-0000-4000-8000-{user:012},Application 1,app-1,\
             IMAP4,192.0.2.1,true,\"{agent}\"\n",
            user = number % 97,
            agent = "agent\n".repeat(30),
        ));
    }
    text
}

fn gzip(text: &str) -> Vec<u8> {
    use std::io::Write as _;
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap()
}

/// An archive of one file, which is inflated part by part.
pub(super) fn zipped(name: &str, text: &str) -> Vec<u8> {
    use std::io::Write as _;
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let packed = zip::CompressionMethod::Deflated;
    let options = zip::write::SimpleFileOptions::default().compression_method(packed);
    writer.start_file(name, options).unwrap();
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap().into_inner()
}

/// A folder in which everything happens that several threads could tell differently.
fn made_up() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    // More than ten parts. The oldest records come first and fall before the window.
    let big = lines((0..12_000).map(|it| sign_in(it, (12_000 - it) * 5, it % 4 != 0)));
    assert!(big.len() > 11 * 512 * 1024, "{}", big.len());
    put("big.json", big.as_bytes());
    put("table.csv", table(20_000..28_000).as_bytes());
    for hour in 0..6 {
        let from = 30_000 + hour * 200;
        let text = lines((from..from + 200).map(|it| sign_in(it, it - 30_000, true)));
        put(&format!("hours/h={hour:02}/PT1H.json.gz"), &gzip(&text));
    }
    let packed = lines((70_000..76_000).map(|it| sign_in(it, it - 70_000, true)));
    assert!(packed.len() > 5 * 512 * 1024, "{}", packed.len());
    put("packed.zip", &zipped("PT1H.json", &packed));
    // Problems in several parts, in all more than are shown.
    let damaged = (40_000..44_000).map(|it| match it % 150 {
        3 => format!("{{\"id\": \"{it}\", \"createdDateTime\": }}"),
        _ => sign_in(it, it - 40_000, true),
    });
    put("damaged.json", lines(damaged).as_bytes());
    // Sign-ins first, and from the middle on users.
    let turns = (50_000..52_000).map(|it| sign_in(it, it - 50_000, true)).chain((0..97).map(user));
    put("turns.json", lines(turns).as_bytes());
    let page: Vec<String> = (60_000..60_050).map(|it| sign_in(it, it - 60_000, false)).collect();
    let context = "https://graph.microsoft.com/v1.0/$metadata#auditLogs/signIns";
    let page = format!("{{\"@odata.context\":\"{context}\",\"value\":[{}]}}", page.join(","));
    put("page.json", page.as_bytes());
    // The same records once more, some of them saying something else.
    let copies = (11_000..12_000).map(|it| sign_in(it, (12_000 - it) * 5, it % 5 != 0));
    put("copies.json", lines(copies).as_bytes());
    folder
}

#[test]
fn a_made_up_folder_is_read_alike_by_any_number_of_threads_in_any_order() {
    let folder = made_up();
    let reading = whatever_the_order(folder.path());
    let problems: Vec<u64> = reading.problems.iter().map(|it| it.line).collect();
    // Number 40,053 is the first of the damaged ones, and stands in line 54.
    let first: Vec<u64> = (0..20).map(|it| 54 + 150 * it).collect();
    assert_eq!((problems, reading.unreadable), (first, 27));
    assert!(reading.problems.iter().all(|it| it.file == "damaged.json"));
    assert_eq!(reading.counts["users"], 97);
    let measurement = reading.measurement.unwrap();
    let coverage = &measurement.coverage;
    assert_eq!((coverage.duplicates, coverage.records_unreadable), (1000, 27));
    assert!(coverage.older_than_window > 0, "{coverage:?}");
}

#[test]
fn what_was_kept_measures_as_the_log_does() {
    let folder = made_up();
    let workspace = tempfile::tempdir().unwrap();
    let expected = told(&read_with(folder.path(), 1));
    for threads in [1, 8] {
        let options = options(threads).keeping_in(Some(workspace.path().to_owned()));
        let found = told(&read(folder.path(), &options).unwrap());
        similar(&expected.0, &found.0, threads);
        similar(&expected.1, &found.1, threads);
    }
    assert!(workspace.path().join(".lockstep/cache/sign-ins").is_dir(), "nothing was kept");
}

#[test]
fn rows_of_what_was_kept_are_those_of_the_log() {
    let folder = made_up();
    let begin = Some("2026-10-01T00:00:00Z".parse().unwrap());
    let ask = || rollout::evidence::Ask {
        accounts: ["person3@ne.example".to_owned()].into(),
        failures_since: begin,
        single_factor_since: begin,
        legacy_since: begin,
        most_rows: 100_000,
        ..Default::default()
    };
    let reading = read_with(folder.path(), 2);
    let rows = |reading: &Reading, workspace: Option<&Path>| {
        let rows = read_rows(folder.path(), reading, ask(), workspace, false).unwrap().unwrap();
        assert!(rows.rows.len() > 1_000 && rows.left_out == 0, "{}", rows.rows.len());
        format!("{rows:#?}")
    };
    let expected = rows(&reading, None);
    let workspace = tempfile::tempdir().unwrap();
    let kept = || read(folder.path(), &options(2).keeping_in(Some(workspace.path().to_owned())));
    kept().unwrap();
    similar(&expected, &rows(&kept().unwrap(), Some(workspace.path())), 2);
    let batches = || {
        let all = walkdir(workspace.path());
        all.into_iter().filter(|path| path.extension().is_some_and(|it| it == "arrow"))
    };
    assert!(batches().count() >= 2 * 5);
    // What was kept and is damaged is read from the log.
    for batch in batches() {
        std::fs::write(batch, "damaged").unwrap();
    }
    similar(&expected, &rows(&reading, Some(workspace.path())), 2);
    assert_eq!(batches().count(), 0, "what is damaged is not kept");
}

/// Every file below a folder.
fn walkdir(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(walkdir(&path)) } else { files.push(path) }
    }
    files
}

/// Rows of what policies can be tried on: how many, how many sign-ins in them and left out of them,
/// and their addresses.
fn rows(reading: &Reading) -> (usize, u64, u64, BTreeSet<String>) {
    let replay = reading.measurement.as_ref().unwrap().replay.as_ref().unwrap();
    let kept = replay.rows.iter().map(|row| row.sign_ins).sum();
    let left_out = replay.accounts.iter().map(|account| account.left_out).sum();
    let addresses = replay.places.iter().filter_map(|place| place.ip_address.clone());
    (replay.rows.len(), kept, left_out, addresses.collect())
}

#[test]
fn a_log_of_too_many_addresses_is_read_once_more_by_named_locations() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    // Many addresses, in and out of the office, and copies that show another one.
    let line = |number: u32, last: u32| {
        let alike = number % 42;
        let address = format!("10.{}.{}.{last}", number % 2, number % 251);
        let id = |number: u32| format!("5e1f0c4a-0000-4000-8000-{number:012}");
        sign_in(alike, number, true)
            .replace(&id(alike), &id(number))
            .replace(&format!("192.0.2.{}", alike % 7), &address)
    };
    put("roaming.json", &lines((0..1_800).map(|number| line(number, number % 241))));
    put("copies.json", &lines((0..90).map(|number| line(number, 250))));
    let (all, kept, left_out, addresses) = rows(&read_with(folder.path(), 1));
    assert!(addresses.len() > 1_700 && left_out == 0, "{}", addresses.len());
    let with_room = |most_rows, threads| {
        read(folder.path(), &Options { most_rows, ..options(threads) }).unwrap()
    };
    let exactly = rows(&with_room(all, 2));
    assert_eq!((exactly.0, exactly.2, exactly.3), (all, 0, addresses));
    // Nobody told the named locations.
    for threads in [1, 8] {
        let (rows, in_rows, left_out, _) = rows(&with_room(all - 1, threads));
        assert!(rows < all && left_out > 0, "{rows} {left_out}");
        assert_eq!(in_rows + left_out, kept);
    }
    let location = serde_json::json!({
        "@odata.type": "#microsoft.graph.ipNamedLocation", "id": "3a0f7c11-0000-4000-8000-000000000001",
        "displayName": "Leeds office", "isTrusted": true,
        "ipRanges": [{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "10.1.0.0/16"}],
    });
    put("location.json", &location.to_string());
    let one = with_room(all - 1, 1);
    let (brought_together, in_rows, left_out, places) = rows(&one);
    assert!(brought_together < all);
    assert_eq!((in_rows, left_out), (kept, 0));
    assert_eq!(places.into_iter().collect::<Vec<_>>(), ["0.0.0.0", "10.1.0.0"]);
    for threads in [2, 8] {
        similar(&told(&one).0, &told(&with_room(all - 1, threads)).0, threads);
    }
    // What is left out even so is read twice, not for ever.
    let (rows, in_rows, left_out, _) = rows(&with_room(3, 2));
    assert_eq!((rows, in_rows + left_out), (3, kept));
}

#[test]
fn the_example_is_read_alike_by_any_number_of_threads_in_any_order() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/ne/exports");
    let reading = whatever_the_order(&folder);
    assert!(reading.measurement.is_some() && reading.unreadable == 0);
}

#[test]
fn the_samples_are_read_alike_by_any_number_of_threads() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = ["../../../shared/samples", "../../../../shared/samples"]
        .map(|samples| root.join(samples))
        .into_iter()
        .find(|folder| folder.is_dir());
    match found {
        Some(folder) => assert!(whatever_the_threads(&folder).measurement.is_some()),
        None => println!("skipped: no samples beside the workspace"),
    }
}
