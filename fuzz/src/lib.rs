//! What every fuzz target does with its bytes. The tests of the workspace call the same functions
//! with drawn bytes, so that a short run is part of every build.

use std::collections::BTreeMap;

use conditional_access::facts::{
    Device, DeviceProperty, DeviceValue, Registration, SignIn, Tenant,
};
use conditional_access::{DeviceRule, Filter, Policy, Verdict, cases, evaluate, read_policy};
use entra::exports::Collector;
use jiff::Timestamp;
use jiff::civil::date;
use records::time::{DateOrder, parse};
use records::{Limits, Offer, Reading, Record, read_bytes};
use rollout::plan::{self, Plan};
use rollout::proposal::Proposal;
use rollout::{Facts, Rollout, Snapshot, exceptions, gaps, impact, preflight, proof, registration};
use serde_json::{Map, Value};
use signins::{Question, Reader, Scope};

/// Limits low enough for a fuzzer to reach.
const LIMITS: Limits = Limits {
    record_bytes: 4096,
    columns: 64,
    inflate_ratio: 100,
    inflated_free: 1 << 16,
    zip_entries: 16,
};

/// What a target does with its bytes.
pub type Target = fn(&[u8]);

/// Every target, by the name of its file in `fuzz_targets/`.
pub const TARGETS: [(&str, Target); 13] = [
    ("csv_framing", csv_framing),
    ("device_filter", device_filter),
    ("entra_record", entra_record),
    ("journal", journal),
    ("json_framing", json_framing),
    ("message_template", message_template),
    ("policy_cases", policy_cases),
    ("scanner", scanner),
    ("settings", settings),
    ("signins_record", signins_record),
    ("source", source),
    ("text_decoding", text_decoding),
    ("times", times),
];

/// Reads bytes as a source of this name; every record must be within the limits.
fn read_within_limits(name: &str, bytes: &[u8]) -> Reading {
    read_bytes(name, bytes, &LIMITS, &mut |record| {
        match record {
            Record::Json(record) => {
                assert!(record.bytes.len() <= LIMITS.record_bytes);
                assert!(record.bytes.starts_with(b"{") && record.bytes.ends_with(b"}"));
                assert!(std::str::from_utf8(record.bytes).is_ok());
            }
            Record::Csv(row) => {
                assert!(row.count() <= LIMITS.columns);
                let cells: Option<Vec<&str>> = (0..row.count()).map(|at| row.cell(at)).collect();
                let bytes = cells.map(|cells| cells.iter().map(|cell| cell.len()).sum::<usize>());
                assert!(bytes.is_some_and(|bytes| bytes <= LIMITS.record_bytes));
            }
            Record::EmptyList { .. } => {}
        }
        Offer::Taken
    })
}

/// CSV framing, with a sound header before whatever comes.
pub fn csv_framing(bytes: &[u8]) {
    read_within_limits("fuzz.csv", bytes);
    read_within_limits("fuzz.csv", &[b"Date (UTC),User,Application\n".as_slice(), bytes].concat());
}

/// JSON framing against `serde_json`: an array of objects comes back whole.
pub fn json_framing(bytes: &[u8]) {
    let reading = read_within_limits("fuzz.json", bytes);
    let _ = records::without_trailing_commas(bytes);
    let whole = serde_json::from_slice::<Vec<Map<String, Value>>>(bytes);
    if bytes.len() <= LIMITS.record_bytes
        && let Ok(objects) = whole
    {
        assert_eq!(usize::try_from(reading.taken), Ok(objects.len().max(1)));
        assert_eq!(reading.unreadable, 0);
    }
}

/// Exported journals: one that holds, holds against its own head, holds no more against another or with
/// one byte changed, and never with its end cut off.
pub fn journal(bytes: &[u8]) {
    let verify = |bytes: &[u8], known| match store::verify(bytes, known) {
        Ok(verdict) => verdict,
        Err(error) => panic!("bytes in memory can be read: {error}"),
    };
    let verdict = verify(bytes, None);
    let store::Verdict::Holds(head) = verdict else { return };
    assert_eq!(verify(bytes, Some(head)), verdict);
    let other = store::Head { number: head.number + 1, hash: head.hash };
    assert_ne!(verify(bytes, Some(other)), verdict);
    let mut changed = bytes.to_vec();
    for at in 0..bytes.len() {
        for mask in [1, 0x20, 0x80] {
            changed[at] ^= mask;
            assert!(
                matches!(verify(&changed, None), store::Verdict::Broken(_)),
                "byte {at}, {mask:#x}"
            );
            changed[at] ^= mask;
        }
        assert!(matches!(verify(&bytes[..at], None), store::Verdict::Broken(_)), "cut at {at}");
    }
}

/// Encodings: the same bytes behind every byte order mark.
pub fn text_decoding(bytes: &[u8]) {
    for mark in [b"".as_slice(), b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{"] {
        let marked = [mark, bytes].concat();
        read_within_limits("fuzz.json", &marked);
        read_within_limits("fuzz.csv", &marked);
    }
}

/// Whole sources: plain, gzip, zip.
pub fn source(bytes: &[u8]) {
    for name in ["fuzz", "fuzz.json", "fuzz.csv.gz", "fuzz.zip"] {
        let reading = read_within_limits(name, bytes);
        assert!(usize::try_from(reading.unreadable).is_ok_and(|it| reading.problems.len() <= it));
    }
}

/// Times: what is read and written again is the same time.
pub fn times(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for order in [DateOrder::MonthFirst, DateOrder::DayFirst] {
        if let Some(time) = parse(text, order) {
            assert_eq!(parse(&time.to_string(), order), Some(time));
        }
    }
}

/// The sign-in reader, offered whatever the framers hand out. What it takes, it counts.
pub fn signins_record(bytes: &[u8]) {
    for name in ["fuzz.json", "InteractiveSignIns_fuzz.csv"] {
        let mut reader = Reader::new(Question { days: 30, scope: Scope::Everything });
        let mut taken = 0;
        read_bytes(name, bytes, &LIMITS, &mut |record| {
            let offer = reader.read(|worker| worker.offer(record, name));
            let counted = !matches!(record, Record::EmptyList { .. });
            taken += u64::from(counted && offer == Offer::Taken);
            offer
        });
        while let Some(mut again) = reader.again() {
            read_bytes(name, bytes, &LIMITS, &mut |record| {
                again.read(|worker| worker.offer(record, name))
            });
            reader = again;
        }
        let read = reader.finish().map_or(0, |measurement| measurement.coverage.records_read);
        assert_eq!(read, taken);
    }
}

/// The scanner of sign-ins beside the exact way: what both accept, both read alike. Of texts that a
/// zero byte divides, each but the last comes several times, so that its layout is learned.
pub fn scanner(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let parts: Vec<&str> = text.split('\0').take(4).collect();
    let lines: Vec<String> =
        parts.iter().rev().skip(1).rev().map(|part| format!("{part}\n").repeat(12)).collect();
    let texts: Vec<&str> = lines.iter().map(String::as_str).chain(parts.last().copied()).collect();
    let together = parts.join("\n").repeat(3);
    for texts in [texts, vec![text], vec![&together]] {
        if let Err(difference) = signins::scanner_agrees(&texts) {
            panic!("{difference}");
        }
    }
}

/// The collector of exported files, offered whatever the framers hand out.
pub fn entra_record(bytes: &[u8]) {
    let mut collector = Collector::new();
    for name in ["fuzz.json", "fuzz.csv"] {
        read_bytes(name, bytes, &LIMITS, &mut |record| collector.offer(record, name));
    }
    let _ = collector.finish();
}

/// Settings: any text is settings or is refused, and settings that pass the check make a plan.
pub fn settings(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(rollout) = toml::from_str::<Rollout>(text) else { return };
    if rollout.check().is_empty() {
        let _ = plan_of_nobody(&rollout, BTreeMap::new());
    }
}

/// Message templates: any text fills in or is refused with its line.
pub fn message_template(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for text in [text.to_owned(), format!("Subject: {{{{ tenant }}}}\n{text}")] {
        let templates = BTreeMap::from([("announcement".to_owned(), text)]);
        let _ = plan_of_nobody(&Rollout::default(), templates);
    }
}

/// Policy tests: any text is read as cases or refused with its line, and whatever is read is
/// answered. What a file says twice is answered twice alike.
pub fn policy_cases(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let read = cases::read_cases(text);
    let lines = u64::try_from(text.lines().count()).unwrap_or(u64::MAX);
    assert!(
        read.problems.iter().all(|it| it.line <= lines.saturating_add(1) && !it.message.is_empty())
    );
    for case in &read.cases {
        let outcome = case.run();
        assert_eq!(outcome.per_policy.len(), case.policies.len());
        assert_eq!(outcome.verdict == Verdict::Allow, outcome.by.is_empty());
        assert!(outcome.unknown.is_empty() || outcome.verdict == Verdict::Unknown);
        if let Some(expectation) = &case.expect {
            let _ = expectation.disagreements(&outcome);
        }
    }
}

/// Filters for devices: a rule written out reads as itself, and says the same of every device.
pub fn device_filter(bytes: &[u8]) {
    /// A rule has at most this many characters.
    const LONGEST: usize = 3072;
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some(rule) = DeviceRule::of(text) else { return };
    let written = rule.to_string();
    let is_short = written.chars().count() <= LONGEST;
    if is_short {
        assert_eq!(DeviceRule::of(&written), Some(rule), "{text} became {written}");
    }
    let say = |rule: &str| -> Vec<Verdict> {
        let policy = blocks_devices(rule);
        devices(text).map(|device| under(&policy, device)).collect()
    };
    let said = say(text);
    if is_short {
        assert_eq!(said, say(&written), "{text} became {written}");
    }
}

/// A policy that blocks whatever the rule says.
fn blocks_devices(rule: &str) -> Policy {
    let policy = serde_json::json!({"state": "enabled", "conditions": {
        "users": {"includeUsers": ["All"]}, "applications": {"includeApplications": ["All"]}},
        "grantControls": {"operator": "OR", "builtInControls": ["block"]}});
    let Ok(mut policy) = read_policy(&policy) else { panic!("it has conditions and a state") };
    policy.conditions.device_filter = Some(Filter { include: Some(true), rule: rule.to_owned() });
    policy
}

/// Devices of which nothing, little, or the words of the rule itself were seen.
fn devices(text: &str) -> impl Iterator<Item = Option<Device>> {
    let value = text.split(['"', '\'']).nth(1).unwrap_or_default();
    let of = |value: DeviceValue| Device {
        registered: Some(true),
        properties: [
            (DeviceProperty::Model, value.clone()),
            (DeviceProperty::DisplayName, value.clone()),
            (DeviceProperty::ExtensionAttribute(1), value.clone()),
            (DeviceProperty::PhysicalIds, value),
            (DeviceProperty::IsCompliant, DeviceValue::Flag(false)),
            (DeviceProperty::TrustType, DeviceValue::Text("Azure AD joined".to_owned())),
        ]
        .into(),
        ..Device::default()
    };
    let values = [
        DeviceValue::Null,
        DeviceValue::Flag(true),
        DeviceValue::Text(value.to_uppercase()),
        DeviceValue::List(vec![value.to_owned(), "x".to_owned()]),
    ];
    let told: Vec<Option<Device>> = values.map(|value| Some(of(value))).into();
    told.into_iter().chain([None, Some(Device::unregistered()), Some(Device::default())])
}

fn under(policy: &Policy, device: Option<Device>) -> Verdict {
    let mut sign_in = SignIn::of_user("00000000-0000-4000-a000-000000000001");
    sign_in.resources = Some(vec!["00000000-0000-4000-c000-000000000001".to_owned()]);
    sign_in.device = device;
    let policies = std::slice::from_ref(policy);
    evaluate(policies, &Tenant::default(), &sign_in, &Registration::not_seen()).verdict
}

/// The plan of a tenant nobody has told anything about.
fn plan_of_nobody(rollout: &Rollout, templates: BTreeMap<String, String>) -> Option<Plan> {
    let snapshot = Snapshot::default();
    let facts = Facts::new(&snapshot, None, rollout, Timestamp::UNIX_EPOCH);
    let classification = exceptions::classify(&facts);
    let proposal = Proposal::all_users(&facts);
    let input = plan::Input {
        facts: &facts,
        preflight: preflight::run(&facts, &classification, None),
        registration: registration::report(&facts, &classification),
        exceptions: exceptions::register(&facts, &classification),
        gaps: gaps::find(&facts),
        lockout: impact::impact(&facts, &classification, &proposal),
        proof: Some(proof::proof(&facts, &proposal)),
        caught: impact::caught(&facts, &classification, &proposal),
        classification: &classification,
        legacy: None,
        start: date(2026, 12, 7),
        agreed_defaults: None,
        made_from: "nothing".to_owned(),
        templates,
    };
    plan::make(input).ok()
}
