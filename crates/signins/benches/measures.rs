//! How long the measures take over sign-ins that are already read, by scope.
//!
//! The sign-ins are those of 4,000 users on 30 days, made from a counter: mostly modern and
//! successful, three in a hundred legacy, each with an address, a device, three policies and two
//! steps.
#![expect(clippy::expect_used, reason = "a benchmark")]

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use jiff::Timestamp;
use signins::{AppliedPolicy, Field, Scope, SignIn, Step, measure};

const SIGN_INS: u64 = 100_000;
const USERS: u64 = 4_000;

fn main() {
    divan::main();
}

/// Texts that differ from user to user and from record to record.
struct Texts {
    ids: Vec<String>,
    names: Vec<String>,
    display_names: Vec<String>,
    devices: Vec<String>,
    addresses: Vec<String>,
    correlation_ids: Vec<String>,
}

impl Texts {
    fn new() -> Self {
        let all = |count: u64, text: &dyn Fn(u64) -> String| (0..count).map(text).collect();
        Self {
            ids: all(USERS, &|user| format!("{user:08x}-0000-4000-8000-{:012x}", user * 7_919)),
            names: all(USERS, &|user| format!("given{user}.family{}@ne.example", user % 211)),
            display_names: all(USERS, &|user| format!("Given{user} Family{}", user % 211)),
            devices: all(USERS, &|user| format!("{:08x}-1111-4000-8000-000000000000", user)),
            addresses: all(USERS * 3, &|number| {
                format!("198.{}.{}.{}", number / 65_536, number / 256 % 256, number % 256)
            }),
            correlation_ids: all(SIGN_INS, &|number| {
                format!("{:08x}-2222-4000-8000-{:012x}", number / 2, number / 2 * 31)
            }),
        }
    }

    /// One after the other, as a reader makes them: each is warm when it is measured.
    fn sign_ins(&self) -> impl Iterator<Item = SignIn<'_>> {
        (0..SIGN_INS).map(|number| self.sign_in(number))
    }

    fn sign_in(&self, number: u64) -> SignIn<'_> {
        let spread = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
        let user = spread % USERS;
        let legacy = spread / USERS % 100 < 3;
        let second = i64::try_from(1_770_000_000 + number * 26).expect("a time");
        let created = Timestamp::from_second(second).expect("a time");
        let mut sign_in = SignIn { created: Some(created), ..SignIn::default() };
        let text = &mut sign_in.text;
        let pick =
            |texts: &'static [&'static str], by: u64| texts.get(index(by, texts.len())).copied();
        text.put(Field::UserId, of(&self.ids, user));
        text.put(Field::UserPrincipalName, of(&self.names, user));
        text.put(Field::UserDisplayName, of(&self.display_names, user));
        text.put(Field::CorrelationId, of(&self.correlation_ids, number));
        text.set(Field::UserType, "Member");
        text.put(
            Field::Category,
            pick(&["SignInLogs", "NonInteractiveUserSignInLogs"], spread / 3),
        );
        text.put(
            Field::ClientApp,
            if legacy {
                pick(&["IMAP4", "Authenticated SMTP", "Exchange ActiveSync"], spread)
            } else {
                pick(&["Browser", "Mobile Apps and Desktop clients"], spread / 5)
            },
        );
        text.set(Field::Protocol, "none");
        text.put(
            Field::UserAgent,
            pick(
                &["Mozilla/5.0 (Windows NT 10.0); Win64; x64) AppleWebKit/537.36", "Dalvik/2.1.0"],
                spread / 11,
            ),
        );
        text.put(
            Field::ErrorCode,
            pick(&["0", "0", "0", "0", "0", "0", "50126", "50074"], spread / 7),
        );
        let requirements = ["multiFactorAuthentication", "singleFactorAuthentication"];
        text.put(
            Field::AuthenticationRequirement,
            requirements.get(index(spread / 13, 2)).copied(),
        );
        text.put(
            Field::AppName,
            pick(&["ERP", "CRM", "Office 365 Exchange Online", "Teams"], spread / 17),
        );
        text.put(Field::AppId, pick(&["app-1", "app-2", "app-3", "app-4"], spread / 17));
        text.set(Field::ResourceId, "00000003-0000-0000-c000-000000000000");
        text.set(Field::ResourceName, "Microsoft Graph");
        text.put(Field::DeviceId, of(&self.devices, user));
        text.set(Field::DeviceName, "PC");
        text.put(Field::OperatingSystem, pick(&["Windows 11", "Ios 17"], spread / 19));
        text.put(Field::Country, pick(&["GB", "GB", "GB", "FR"], spread / 23));
        text.put(Field::IpAddress, of(&self.addresses, user * 3 + spread / 29 % 3));
        let results = ["success", "notApplied", "reportOnlyNotApplied"];
        for (id, result) in ["policy-1", "policy-2", "policy-3"].into_iter().zip(results) {
            let policy = AppliedPolicy { id: Some(id), name: Some(id), result: Some(result) };
            sign_in.policies.push(policy);
        }
        sign_in.requirement_providers.push("multiConditionalAccess");
        for detail in ["Correct password", "MFA completed in Azure AD"] {
            sign_in.steps.push(Step { result_detail: Some(detail), ..Step::default() });
        }
        sign_in
    }
}

fn of(texts: &[String], number: u64) -> Option<&str> {
    texts.get(index(number, texts.len())).map(String::as_str)
}

fn index(number: u64, length: usize) -> usize {
    usize::try_from(number).expect("a small number") % length
}

/// What making them takes: to be subtracted from the other figures.
#[divan::bench]
fn made_only(bencher: Bencher<'_, '_>) {
    let texts = Texts::new();
    let counter = ItemsCount::new(SIGN_INS);
    bencher.counter(counter).bench_local(|| texts.sign_ins().map(black_box).count());
}

#[divan::bench(args = [Scope::Legacy, Scope::Everything, Scope::Replay])]
fn made_and_measured(bencher: Bencher<'_, '_>, scope: Scope) {
    let texts = Texts::new();
    let counter = ItemsCount::new(SIGN_INS);
    bencher.counter(counter).bench_local(|| measure(scope, texts.sign_ins().map(black_box)));
}
