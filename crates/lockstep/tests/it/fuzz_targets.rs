//! A short run of every fuzz target, with bytes drawn from sound ones: the same in every build.

#[expect(unreachable_pub, reason = "public for the fuzz targets")]
#[path = "../../../../fuzz/src/lib.rs"]
mod targets;

use std::collections::BTreeSet;
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Changed copies of every seed.
const ROUNDS: usize = 40;

const SIGN_IN: &str = r#"{"id":"1","createdDateTime":"2026-11-19T08:00:00Z","userPrincipalName":"a@ne.example","userId":"2","clientAppUsed":"IMAP4","status":{"errorCode":0},"appliedConditionalAccessPolicies":[{"id":"3","result":"success"}]}"#;
const DIAGNOSTIC: &str = r#"{"time":"2026-11-19T08:00:00Z","category":"SignInLogs","properties":{"id":"1","createdDateTime":"2026-11-19T08:00:01Z","userPrincipalName":"a@ne.example","authenticationDetails":"[{\"authenticationMethod\":\"Password\",\"succeeded\":true}]"}}"#;
const PORTAL: &str = "Date (UTC),Request ID,User,Username,Application,Client app,Status,Location\n2026-11-19T08:00:00Z,1,A,a@ne.example,Office,IMAP4,Success,\"Leeds, Leeds, GB\"\n11/19/2026 8:00:00 AM,2,B,b@ne.example,Office,Browser,Failure,\n";
const USERS: &str = r#"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#users","value":[{"id":"2","userPrincipalName":"a@ne.example","accountEnabled":true,"createdDateTime":"2020-01-01T00:00:00Z","signInActivity":{"lastSignInDateTime":null}},{"id":"4","userPrincipalName":"b@ne.example"}]}"#;
const POLICY: &str = r#"[{"id":"3","displayName":"CA001","state":"enabled","conditions":{"users":{"includeUsers":["All"]},"clientAppTypes":["all"]},"grantControls":{"operator":"OR","builtInControls":["mfa"]}}]"#;
const GROUP: &str =
    r##"{"groupId":"5","members":[{"@odata.type":"#microsoft.graph.user","id":"2"}]}"##;
const SETTINGS: &str = "[tenant]\nname = \"NE\"\n[calendar]\ntime_zone = \"Europe/London\"\nholidays = [\"2026-12-25\"]\n[[calendar.freezes]]\nfrom = \"2026-12-21\"\nto = \"2027-01-04\"\nreason = \"close\"\n[thresholds]\nlegacy_days = 30\n[steps]\npilot_days = 3\n";
const TEMPLATE: &str = "Subject: {{ tenant }}\n\n{% for it in criteria %}{{ loop.index }} {{ it | upper }}{% endfor %}{% if blockers > 0 %}{{ before_pilot }}{% endif %}\n";
const CASES: &str = "cases:\n  - id: pilot\n    tenant: {users: [{id: '2', type: member}]}\n    policies:\n      - {displayName: CA001, state: enabled, conditions: {users: {includeUsers: [All]}, applications: {includeApplications: [All]}}, grantControls: {operator: OR, builtInControls: [mfa]}}\n    sign_in: {user: '2', resources: ['3'], client_app_used: Browser}\n    registration: {usable: [fido2]}\n    expect: {verdict: require, outstanding: [mfa], by: [CA001]}\n";
const CASE: &str = r#"{"id":"a","tenant":{},"policies":[{"displayName":"CA001","state":"enabled","conditions":{"users":{"includeUsers":["All"]},"applications":{"includeApplications":["All"]}},"grantControls":{"operator":"OR","builtInControls":["block"]}}],"sign_in":{"user":"2"},"expect":{"verdict":"block"}}"#;
const FILTER: &str = r#"device.isCompliant -eq True -and -not (device.model -startsWith "NE-" -or device.trustType -in ["AzureAD", 'ServerAD']) -or device.extensionAttribute1 -ne "SAW""#;
/// Two entries, as `docs/JOURNAL.md` says.
const JOURNAL: &str = concat!(
    r#"{"schema":"lockstep.journal/1","entries":2,"head":"899005575cdea28095cf1e9a3eeda04cea95ad715898e7ac91e5426f46d5c47e"}"#,
    "\n",
    r#"{"number":1,"previous":"0000000000000000000000000000000000000000000000000000000000000000","time":"2026-12-07T08:00:00.000000000Z","actor":"anna@ne.example","kind":"intent","change_set":"cs-1","outcome_of":null,"hash":"7582c50f5fa7d0e89868b07f0d8f99be04ec3b6c6cd059781c0bd46e8ce47bb7","payload":{"create":"CA001"}}"#,
    "\n",
    r#"{"number":2,"previous":"7582c50f5fa7d0e89868b07f0d8f99be04ec3b6c6cd059781c0bd46e8ce47bb7","time":"2026-12-07T08:00:00.000000000Z","actor":"anna@ne.example","kind":"outcome","change_set":"cs-1","outcome_of":1,"hash":"899005575cdea28095cf1e9a3eeda04cea95ad715898e7ac91e5426f46d5c47e","payload":{"status":201}}"#,
    "\n",
);

fn seeds() -> Vec<Vec<u8>> {
    let texts = [
        SIGN_IN, DIAGNOSTIC, PORTAL, USERS, POLICY, GROUP, SETTINGS, TEMPLATE, CASES, CASE, FILTER,
        JOURNAL,
    ];
    let times = ["2026-11-19T08:00:00Z", "19/11/2026 08:00:00", "/Date(1795075200000)/"];
    let mut seeds: Vec<Vec<u8>> =
        texts.iter().chain(&times).map(|text| text.as_bytes().to_vec()).collect();
    seeds.push(format!("{SIGN_IN}\0{DIAGNOSTIC}\0{SIGN_IN}\n{DIAGNOSTIC}\n").into_bytes());
    seeds.push(PORTAL.encode_utf16().flat_map(u16::to_le_bytes).collect());
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(SIGN_IN.as_bytes()).unwrap();
    seeds.push(packed.finish().unwrap());
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [("a.json", DIAGNOSTIC), ("b/c.csv", PORTAL)] {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    seeds.push(archive.finish().unwrap().into_inner());
    seeds
}

/// Marsaglia's xorshift: the same bytes on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }
}

/// The bytes with a few signs changed, put in, repeated, or cut off.
fn changed(seed: &[u8], chance: &mut Chance) -> Vec<u8> {
    const SIGNS: &[u8] = b"{}[]\",:\\\n\r \t;%|=-+09eTZ\0\xff\x1f\x8bPK";
    let mut bytes = seed.to_vec();
    for _ in 0..=chance.below(4) {
        let at = chance.below(bytes.len());
        let sign = SIGNS[chance.below(SIGNS.len())];
        match chance.below(5) {
            0 => bytes[at] = sign,
            1 => bytes.insert(at, sign),
            2 => bytes.truncate(at.max(1)),
            3 => drop(bytes.drain(at..bytes.len().min(at + chance.below(40)))),
            _ => {
                let piece = bytes[at..bytes.len().min(at + chance.below(300))].to_vec();
                bytes.splice(at..at, piece);
            }
        }
        if bytes.is_empty() {
            bytes.push(sign);
        }
    }
    bytes
}

#[test]
fn every_target_survives_sound_and_changed_bytes() {
    let seeds = seeds();
    for (name, target) in targets::TARGETS {
        let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
        target(b"");
        for seed in &seeds {
            target(seed);
            for _ in 0..ROUNDS {
                let bytes = changed(seed, &mut chance);
                let survived = std::panic::catch_unwind(|| target(&bytes)).is_ok();
                assert!(survived, "{name}: {:?}", String::from_utf8_lossy(&bytes));
            }
        }
    }
}

#[test]
fn every_file_of_a_target_has_its_function() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let files: BTreeSet<String> = fs::read_dir(fuzz.join("fuzz_targets"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let named: BTreeSet<String> = targets::TARGETS.map(|(name, _)| name.to_owned()).into();
    assert_eq!(files, named);
    let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
    for name in named {
        let text = fs::read_to_string(fuzz.join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(text.contains(&format!("lockstep_fuzz::{name}(bytes)")), "{name}");
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name}");
    }
}
