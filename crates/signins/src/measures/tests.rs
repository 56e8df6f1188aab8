//! Neither the order of sign-ins nor the order of merging changes a measurement.

use jiff::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use rollout::{Activity, ConversationCounts, Conversations, Measurement};

use crate::factors::factors;
use crate::field::Field;
use crate::legacy_client::is_legacy;
use crate::measures::meaning::Meanings;
use crate::measures::{Measures, Scope, fields, measure};
use crate::sign_in::{AppliedPolicy, SignIn, Step};
use crate::words::Words;

fn text(of: &'static [&'static str]) -> impl Strategy<Value = Option<&'static str>> {
    proptest::option::of(proptest::sample::select(of))
}

/// Sign-ins of few people, clients and devices, so that they meet.
pub(super) fn sign_in() -> impl Strategy<Value = SignIn<'static>> {
    let who = (
        text(&["u1", "u2", "U1"]),
        text(&["a@ne.example", "A@ne.example", "b@ne.example", "0f3c", "a_x#Ext#@ne.example"]),
        text(&["A", "B"]),
        text(&["member", "Guest"]),
    );
    let how = (
        text(&["IMAP4", "imap4", "Browser", "Unknown", "New", "new"]),
        text(&["ropc", "none", "oAuth2", "deviceCode"]),
        text(&["BAV2ROPC", "TeamsRooms", "Mozilla"]),
        text(&["0", "50126", "50074", "500121"]),
        text(&["true", "false"]),
        text(&["multiFactorAuthentication", "singleFactorAuthentication"]),
    );
    let place = (
        text(&["d1", "D1", "d2"]),
        text(&["PC-1", "PC-2"]),
        text(&["Ios", "Windows"]),
        text(&["GB", "FR"]),
        text(&["192.0.2.1", "192.0.2.2"]),
        text(&["app1", "APP1", "app2"]),
        text(&["ERP", "CRM"]),
    );
    let detail = (
        text(&["Azure AD joined", "Hybrid Azure AD joined"]),
        text(&["none", "b2bCollaboration", "serviceProvider"]),
        text(&["MFA requirement skipped due to location", "MFA completed in Azure AD"]),
        text(&["r1", "app1"]),
        text(&["c1", "c2", "c3", "00000000-0000-0000-0000-000000000000"]),
        text(&["SignInLogs", "NonInteractiveUserSignInLogs", "ServicePrincipalSignInLogs"]),
        text(&["success", "interrupted", "failure"]),
    );
    let result = text(&["success", "failure"]);
    let more = (
        text(&["true", "false", "what"]),
        text(&["True", "no"]),
        text(&["t1", "t2"]),
        text(&["none", "high"]),
        text(&["low", "hidden"]),
        text(&["none", "c1", "c1,c2"]),
        text(&["none", "app1", "app1,r1"]),
        text(&["true"]),
    );
    (0_i64..200_000, who, how, place, detail, result, more).prop_map(
        |(second, who, how, place, detail, result, more)| {
            let created = Timestamp::from_second(1_770_000_000 + second).ok();
            let mut sign_in = SignIn { created, ..SignIn::default() };
            let fields = &mut sign_in.text;
            fields.put(Field::UserId, who.0);
            fields.put(Field::UserPrincipalName, who.1);
            fields.put(Field::UserDisplayName, who.2);
            fields.put(Field::UserType, who.3);
            fields.put(Field::ClientApp, how.0);
            fields.put(Field::Protocol, how.1);
            fields.put(Field::UserAgent, how.2);
            fields.put(Field::ErrorCode, how.3);
            fields.put(Field::Interactive, how.4);
            fields.put(Field::AuthenticationRequirement, how.5);
            fields.put(Field::DeviceId, place.0);
            fields.put(Field::DeviceName, place.1);
            fields.put(Field::OperatingSystem, place.2);
            fields.put(Field::Country, place.3);
            fields.put(Field::IpAddress, place.4);
            fields.put(Field::AppId, place.5);
            fields.put(Field::AppName, place.6);
            fields.put(Field::TrustType, detail.0);
            fields.put(Field::CrossTenantAccessType, detail.1);
            fields.put(Field::AdditionalDetails, detail.2);
            fields.put(Field::ResourceId, detail.3);
            fields.put(Field::CorrelationId, detail.4);
            fields.put(Field::Category, detail.5);
            fields.put(Field::ResultWord, detail.6);
            fields.put(Field::TransferMethod, detail.6);
            fields.put(Field::Compliant, more.0);
            fields.put(Field::Managed, more.1);
            fields.put(Field::HomeTenantId, more.2);
            fields.put(Field::SignInRisk, more.3);
            fields.put(Field::AggregatedRisk, more.4);
            fields.put(Field::AuthenticationContexts, more.5);
            fields.put(Field::Audiences, more.6);
            fields.put(Field::NoDeviceId, more.7);
            sign_in.requirement_providers.extend(result);
            sign_in.requirement_providers.extend(detail.0.and(Some("user")));
            sign_in.steps.push(Step { result_detail: detail.2, ..Step::default() });
            let (id, name) = (Some("p1"), detail.0);
            sign_in.policies.push(AppliedPolicy { id, result, name });
            sign_in.policies.push(AppliedPolicy { id: detail.3, result, name: None });
            sign_in
        },
    )
}

fn measures<'s>(sign_ins: impl Iterator<Item = &'s SignIn<'static>>) -> Measures {
    measures_of(Scope::Replay, sign_ins)
}

fn measures_of<'s>(scope: Scope, sign_ins: impl Iterator<Item = &'s SignIn<'static>>) -> Measures {
    let mut measures = Measures::new(scope);
    for sign_in in sign_ins {
        measures.observe(sign_in);
    }
    measures
}

pub(super) fn runner() -> TestRunner {
    TestRunner::new(Config {
        cases: 64,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..Config::default()
    })
}

#[test]
fn merging_in_any_order_is_observing_in_any_order() {
    let strategy = (proptest::collection::vec(sign_in(), 0..40), 0_usize..40, 0_usize..40);
    let result = runner().run(&strategy, |(sign_ins, first, second)| {
        let whole: Measurement = measures(sign_ins.iter()).finish();
        let backward = measures(sign_ins.iter().rev()).finish();
        prop_assert_eq!(&backward, &whole);
        let (first, second) = (first.min(sign_ins.len()), second.min(sign_ins.len()));
        let (low, high) = (first.min(second), first.max(second));
        let part = |from: usize, to: usize| measures(sign_ins[from..to].iter());
        let mut left = part(0, low);
        left.merge(part(low, high));
        left.merge(part(high, sign_ins.len()));
        prop_assert_eq!(&left.finish(), &whole);
        let mut later = part(high, sign_ins.len());
        let mut middle = part(low, high);
        middle.merge(part(0, low));
        later.merge(middle);
        prop_assert_eq!(&later.finish(), &whole);
        Ok(())
    });
    assert!(result.is_ok(), "{result:?}");
}

#[test]
fn copies_merge_to_the_same_in_any_order() {
    let result = runner().run(&(sign_in(), sign_in(), sign_in()), |(a, b, c)| {
        let merged = |copies: [&SignIn<'static>; 3]| {
            let [first, second, third] = copies.map(Clone::clone);
            let mut merged = first;
            merged.merge(second);
            merged.merge(third);
            merged
        };
        let expected = merged([&a, &b, &c]);
        for copies in [[&a, &c, &b], [&b, &a, &c], [&b, &c, &a], [&c, &a, &b], [&c, &b, &a]] {
            prop_assert_eq!(&merged(copies), &expected);
        }
        let mut right = b.clone();
        right.merge(c.clone());
        let mut grouped = a.clone();
        grouped.merge(right);
        prop_assert_eq!(&grouped, &expected);
        prop_assert_eq!(&merged([&expected, &a, &b]), &expected, "a copy more changes nothing");
        Ok(())
    });
    assert!(result.is_ok(), "{result:?}");
}

#[test]
fn a_sign_in_measures_the_same_without_the_fields_a_scope_does_not_look_at() {
    let strategy = proptest::collection::vec(sign_in(), 0..20);
    for scope in [Scope::Legacy, Scope::Everything, Scope::Replay] {
        let result = runner().run(&strategy, |sign_ins| {
            let mut stripped = sign_ins.clone();
            for sign_in in &mut stripped {
                for field in Field::ALL.iter().filter(|field| !fields(scope).contains(field)) {
                    sign_in.text.put(*field, None);
                }
                if scope == Scope::Legacy {
                    sign_in.policies.clear();
                    sign_in.requirement_providers.clear();
                    sign_in.steps.clear();
                }
            }
            let whole = measures_of(scope, sign_ins.iter()).finish();
            prop_assert_eq!(measures_of(scope, stripped.iter()).finish(), whole);
            Ok(())
        });
        assert!(result.is_ok(), "{result:?}");
    }
}

#[test]
fn each_scope_measures_what_a_larger_one_measures() {
    let strategy = proptest::collection::vec(sign_in(), 0..40);
    let result = runner().run(&strategy, |sign_ins| {
        let mut replay = measures(sign_ins.iter()).finish();
        prop_assert!(replay.replay.take().is_some(), "gathered");
        let mut everything = measures_of(Scope::Everything, sign_ins.iter()).finish();
        prop_assert_eq!(&everything, &replay);
        prop_assert!(everything.activity.take().is_some(), "measured");
        let legacy = measures_of(Scope::Legacy, sign_ins.iter()).finish();
        prop_assert_eq!(legacy, everything);
        Ok(())
    });
    assert!(result.is_ok(), "{result:?}");
}

#[test]
fn a_sign_in_is_judged_as_its_own_methods_judge_it() {
    let result = runner().run(&sign_in(), |sign_in| {
        let mut words = Words::default();
        let mut meanings = Meanings::default();
        prop_assert_eq!(meanings.kind(&sign_in, &mut words), sign_in.kind());
        prop_assert_eq!(meanings.outcome(&sign_in, &mut words), sign_in.outcome());
        let challenge = meanings.challenge(&sign_in, &mut words);
        prop_assert_eq!(challenge.factors, factors(&sign_in));
        let totals = measures(std::iter::once(&sign_in)).finish().totals;
        let legacy = totals.legacy_successes + totals.legacy_failures + totals.legacy_unknown;
        let expected = is_legacy(&sign_in) && !sign_in.kind().is_workload();
        prop_assert_eq!(legacy, u64::from(expected));
        Ok(())
    });
    assert!(result.is_ok(), "{result:?}");
}

/// Sign-ins of one user, a minute apart: correlation id, result code and whether interactive.
fn talk(parts: &[(Option<&'static str>, &'static str, bool)]) -> Activity {
    let sign_ins = parts.iter().zip(0..).map(|((id, code, interactive), minute)| {
        let created = Timestamp::from_second(1_770_000_000 + minute * 60).ok();
        let mut sign_in = SignIn { created, ..SignIn::default() };
        sign_in.text.set(Field::UserId, "u");
        sign_in.text.put(Field::CorrelationId, *id);
        sign_in.text.set(Field::ErrorCode, code);
        sign_in.text.set(Field::Interactive, if *interactive { "true" } else { "false" });
        sign_in
    });
    measure(Scope::Everything, sign_ins).activity.expect("measured")
}

#[test]
fn a_conversation_came_to_what_all_its_records_say() {
    let activity = talk(&[
        // Given up, failed, got in, never asked anything, and one nobody can say of.
        (Some("given up"), "50074", true),
        (Some("given up"), "50076", true),
        (Some("failed"), "50074", true),
        (Some("failed"), "500121", true),
        (Some("in"), "0", true),
        (Some("in"), "50074", true),
        (Some("in"), "50126", true),
        (Some("smooth"), "0", true),
        (Some("unclear"), "50074", false),
        (Some("unclear"), "what", false),
        // Asked by hand; what got in was a client.
        (Some("both"), "50074", true),
        (Some("both"), "0", false),
        (None, "50126", true),
        (None, "50074", true),
        (None, "0", true),
    ]);
    let count = |recovered, failed, abandoned, unclear| ConversationCounts {
        recovered,
        failed,
        abandoned,
        unclear,
    };
    let expected = Conversations {
        one_in: 1,
        all: count(2, 1, 1, 1),
        interactive: Some(count(1, 1, 2, 0)),
        failures_untold: 1,
        interrupts_untold: 1,
    };
    assert_eq!(activity.conversations, expected);
    let [person] = &activity.people[..] else { panic!("one person") };
    assert_eq!((person.failed_conversations, person.abandoned_conversations), (1, 1));
}

#[test]
fn without_an_interactive_record_nothing_is_said_of_interactive_conversations() {
    let activity = talk(&[(Some("a"), "50074", false)]);
    assert_eq!(activity.conversations.interactive, None);
    assert_eq!(activity.conversations.all.abandoned, 1);
}

#[test]
fn hours_count_every_kind_of_record() {
    let at = |text: &str, category| {
        let mut sign_in = SignIn { created: text.parse().ok(), ..SignIn::default() };
        sign_in.text.set(Field::Category, category);
        sign_in
    };
    let sign_ins = [
        at("2026-02-01T00:59:59.9Z", "SignInLogs"),
        at("2026-02-01T23:00:00Z", "ServicePrincipalSignInLogs"),
        at("2026-02-01T23:30:00Z", "SignInLogs"),
        at("2026-02-03T07:00:00Z", "ManagedIdentitySignInLogs"),
    ];
    let by_hour = measure(Scope::Everything, &sign_ins).activity.expect("measured").by_hour;
    let mut first = [0; 24];
    (first[0], first[23]) = (1, 2);
    let mut last = [0; 24];
    last[7] = 1;
    let expected = [(jiff::civil::date(2026, 2, 1), first), (jiff::civil::date(2026, 2, 3), last)];
    assert_eq!(by_hour, expected.into());
}

#[test]
fn dates_without_end_are_counted_as_left_out() {
    let sign_ins = (0..5_000).map(|day| {
        let created = Timestamp::from_second(day * 86_400).ok();
        SignIn { created, ..SignIn::default() }
    });
    let measurement = measure(Scope::Legacy, sign_ins);
    assert_eq!(measurement.coverage.left_out, 5_000 - 4_096);
    assert_eq!((measurement.by_day.len(), measurement.totals.sign_ins), (4_096, 4_096));
}

#[test]
fn client_apps_without_end_are_counted_as_left_out_whatever_the_order() {
    let names: Vec<String> = (0..3_000).map(|number| format!("app {number:04}")).collect();
    let sign_in = |name| {
        let mut sign_in = SignIn { created: Some(Timestamp::UNIX_EPOCH), ..SignIn::default() };
        sign_in.text.set(Field::ClientApp, name);
        sign_in
    };
    let mut forward = Measures::new(Scope::Everything);
    let mut backward = Measures::new(Scope::Everything);
    for name in &names {
        forward.observe(&sign_in(name));
    }
    for name in names.iter().rev() {
        backward.observe(&sign_in(name));
    }
    let whole = measure(
        Scope::Everything,
        names.iter().chain(names.iter().rev()).map(|name| sign_in(name)),
    );
    forward.merge(backward);
    let merged = forward.finish();
    assert_eq!(merged, whole);
    let activity = merged.activity.expect("measured");
    assert_eq!((activity.by_client_app.len(), activity.client_apps_left_out), (1_000, 4_000));
    assert!(activity.by_client_app.values().all(|outcomes| outcomes.unknown == 2), "whole");
    assert!(!activity.holds_every_word());
}
