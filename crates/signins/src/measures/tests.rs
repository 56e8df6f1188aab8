//! Neither the order of sign-ins nor the order of merging changes a measurement.

use jiff::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use rollout::Measurement;

use crate::measures::Measures;
use crate::sign_in::{AppliedPolicy, SignIn, Step};

fn text(of: &'static [&'static str]) -> impl Strategy<Value = Option<&'static str>> {
    proptest::option::of(proptest::sample::select(of))
}

/// Sign-ins of few people, clients and devices, so that they meet.
fn sign_in() -> impl Strategy<Value = SignIn<'static>> {
    let who = (
        text(&["u1", "u2", "U1"]),
        text(&["a@ne.example", "A@ne.example", "b@ne.example", "0f3c"]),
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
    );
    let result = text(&["success", "failure"]);
    (0_i64..200_000, who, how, place, detail, result).prop_map(
        |(second, who, how, place, detail, result)| {
            let created = Timestamp::from_second(1_770_000_000 + second).ok();
            let mut sign_in = SignIn { created, ..SignIn::default() };
            let fields = &mut sign_in.text;
            (fields.user_id, fields.user_principal_name) = (who.0, who.1);
            (fields.user_display_name, fields.user_type) = (who.2, who.3);
            (fields.client_app, fields.protocol, fields.user_agent) = (how.0, how.1, how.2);
            (fields.error_code, fields.interactive) = (how.3, how.4);
            fields.authentication_requirement = how.5;
            (fields.device_id, fields.device_name) = (place.0, place.1);
            (fields.operating_system, fields.country) = (place.2, place.3);
            (fields.ip_address, fields.app_id, fields.app_name) = (place.4, place.5, place.6);
            (fields.trust_type, fields.cross_tenant_access_type) = (detail.0, detail.1);
            (fields.additional_details, fields.resource_id) = (detail.2, detail.3);
            sign_in.requirement_providers.extend(result);
            sign_in.steps.push(Step { method: result, ..Step::default() });
            let id = Some("p1");
            sign_in.policies.push(AppliedPolicy { id, result, ..AppliedPolicy::default() });
            sign_in
        },
    )
}

fn measures<'s>(sign_ins: impl Iterator<Item = &'s SignIn<'static>>) -> Measures {
    let mut measures = Measures::default();
    for sign_in in sign_ins {
        measures.observe(sign_in, sign_in.time().expect("a time"));
    }
    measures
}

fn runner() -> TestRunner {
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
