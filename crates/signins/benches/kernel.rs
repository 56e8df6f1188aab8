//! How fast the kernel reads a text: from bytes to measures, beside a full parse by serde_json of
//! the same text in the same run.
//!
//! `cargo bench -p signins --bench kernel`. The text is made here: envelopes as a diagnostic
//! setting writes them, about 2.5 KB each, of 4,000 users. Three in a hundred sign in by a legacy
//! protocol, and names and lengths change from record to record.
#![expect(clippy::expect_used, reason = "a benchmark")]

use std::fmt::Write;
use std::sync::LazyLock;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use serde::de::IgnoredAny;
use signins::{Question, Reader, Scope};

const RECORDS: u64 = 20_000;
const USERS: u64 = 4_000;
/// Bytes handed to the kernel at a time, as the shell does it.
const PART: usize = 512 << 10;

fn main() {
    divan::main();
}

static TEXT: LazyLock<String> = LazyLock::new(|| (0..RECORDS).fold(String::new(), add));

/// Adds one record. Everything in it follows from its number.
fn add(mut text: String, number: u64) -> String {
    let spread = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
    let user = spread % USERS;
    let client = match spread / USERS % 100 {
        0..3 => "IMAP4",
        3..40 => "Browser",
        _ => "Mobile Apps and Desktop clients",
    };
    let (day, hour, minute) = (1 + number / 1_000, number % 24, spread % 60);
    let time = format!("2026-10-{day:02}T{hour:02}:{minute:02}:30.1234567Z");
    let result = if spread.is_multiple_of(19) { 50_126 } else { 0 };
    let name = if user.is_multiple_of(2) { "S\\u00F8ren" } else { "Priya" };
    write!(
        text,
        "{{\"time\":\"{time}\",\"resourceId\":\"/tenants/t/providers/Microsoft.aadiam\",\
         \"operationName\":\"Sign-in activity\",\"category\":\"SignInLogs\",\
         \"resultType\":\"{result}\",\"durationMs\":{},\"callerIpAddress\":\"192.0.2.{}\",\
         \"identity\":\"{name} {user}\",\"properties\":{{\
         \"id\":\"{number:08x}-0000-4000-8000-{spread:012x}\",\"createdDateTime\":\"{time}\",\
         \"userDisplayName\":\"{name} {user}\",\"userPrincipalName\":\"u{user}@ne.example\",\
         \"userId\":\"{user:08x}-1111-4000-8000-000000000000\",\"appId\":\"app-{}\",\
         \"appDisplayName\":\"App {}\",\"ipAddress\":\"192.0.2.{}\",\
         \"status\":{{\"errorCode\":{result},\"additionalDetails\":\"MFA completed in Azure AD\"}},\
         \"clientAppUsed\":\"{client}\",\"userAgent\":\"Mozilla/5.0 (Windows NT 10.0; Win64; x64)\",\
         \"deviceDetail\":{{\"deviceId\":\"{user:08x}-2222-4000-8000-000000000000\",\
         \"displayName\":\"PC-{user}\",\"operatingSystem\":\"Windows 11\",\"browser\":\"Edge\"}},\
         \"location\":{{\"city\":\"Leeds\",\"countryOrRegion\":\"GB\",\
         \"geoCoordinates\":{{\"latitude\":53.8,\"longitude\":-1.55}}}},\
         \"correlationId\":\"{:08x}-3333-4000-8000-000000000000\",\
         \"appliedConditionalAccessPolicies\":[",
        spread % 900,
        spread % 250,
        spread % 40,
        spread % 40,
        spread % 250,
        number / 2,
    )
    .expect("a string takes any text");
    for policy in 0..4 {
        write!(
            text,
            "{}{{\"id\":\"{policy:08x}-4444-4000-8000-000000000000\",\"displayName\":\"CA00{policy}\",\
             \"enforcedGrantControls\":[\"Mfa\"],\"result\":\"notApplied\"}}",
            if policy == 0 { "" } else { "," }
        )
        .expect("a string takes any text");
    }
    text.push_str(
        "],\"authenticationDetails\":[{\"authenticationMethod\":\"Password\",\"succeeded\":true}],\
         \"authenticationRequirement\":\"multiFactorAuthentication\",\"userType\":\"Member\",\
         \"riskLevelDuringSignIn\":\"none\",\"authenticationContextClassReferences\":[]}}\n",
    );
    text
}

fn measured(bencher: Bencher<'_, '_>, scope: Scope) {
    let text = LazyLock::force(&TEXT).as_str();
    bencher.counter(BytesCount::of_str(text)).bench_local(|| {
        let mut reader = Reader::new(Question { days: 30, scope });
        let taken: u64 = reader.read(|worker| {
            let mut rest = text;
            let mut taken = 0;
            while !rest.is_empty() {
                let end = rest.get(..PART).and_then(|part| part.rfind('\n'));
                let (part, behind) = rest.split_at(end.map_or(rest.len(), |end| end + 1));
                taken += worker.read_text(part.as_bytes(), "PT1H.json").taken;
                rest = behind;
            }
            taken
        });
        assert_eq!(taken, RECORDS, "nothing was left to the exact way");
        reader.finish()
    });
}

/// What `lockstep audit legacy` measures.
#[divan::bench]
fn legacy(bencher: Bencher<'_, '_>) {
    measured(bencher, Scope::Legacy);
}

/// All there is but what policies can be tried on.
#[divan::bench]
fn everything(bencher: Bencher<'_, '_>) {
    measured(bencher, Scope::Everything);
}

/// All there is, and what policies can be tried on.
#[divan::bench]
fn replay(bencher: Bencher<'_, '_>) {
    measured(bencher, Scope::Replay);
}

/// The peer: serde_json checks every record and keeps nothing of it.
#[divan::bench]
fn serde_json_keeps_nothing(bencher: Bencher<'_, '_>) {
    let text = LazyLock::force(&TEXT).as_str();
    bencher.counter(BytesCount::of_str(text)).bench_local(|| {
        for line in text.lines() {
            black_box(serde_json::from_str::<IgnoredAny>(line).expect("sound"));
        }
    });
}

/// The peer that builds what it reads.
#[divan::bench]
fn serde_json_values(bencher: Bencher<'_, '_>) {
    let text = LazyLock::force(&TEXT).as_str();
    bencher.counter(BytesCount::of_str(text)).bench_local(|| {
        for line in text.lines() {
            black_box(serde_json::from_str::<serde_json::Value>(line).expect("sound"));
        }
    });
}
