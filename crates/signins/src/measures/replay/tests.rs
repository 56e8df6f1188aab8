//! What is gathered, against a slow way that keeps texts; and what becomes of it without room.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use proptest::prelude::*;
use rollout::{
    LoggedFactors, LoggedResult, Measurement, Replay, ReplayAccount, ReplayClient, ReplayDevice,
    ReplayPlace, ReplayTarget,
};

use super::Room;
use crate::factors::{Factors, factors};
use crate::field::Field;
use crate::legacy_client::{canonical_client_app, is_legacy, is_ropc};
use crate::measures::tests::{runner, sign_in};
use crate::measures::{Measures, Scope, measure};
use crate::outcome::Outcome;
use crate::places::Places;
use crate::sign_in::{AppliedPolicy, SignIn, truth};

/// A row with the texts it names.
type Spelled = (
    ReplayAccount,
    ReplayTarget,
    ReplayClient,
    ReplayPlace,
    ReplayDevice,
    Option<Vec<LoggedResult>>,
    LoggedFactors,
);

fn replay(measurement: Measurement) -> Replay {
    measurement.replay.expect("gathered")
}

/// Every row by its texts. Tables are in order and hold nothing twice.
fn spelled(replay: &Replay) -> BTreeMap<Spelled, u64> {
    fn sorted<T: Ord>(table: &[T]) -> bool {
        table.is_sorted_by(|one, next| one < next)
    }
    assert!(sorted(&replay.targets) && sorted(&replay.clients) && sorted(&replay.places));
    assert!(sorted(&replay.devices) && sorted(&replay.results) && sorted(&replay.rows));
    assert!(replay.accounts.is_sorted());
    let place = |number: u32| usize::try_from(number).unwrap();
    let rows = replay.rows.iter().map(|row| {
        let spelled = (
            replay.accounts[place(row.account)].clone(),
            replay.targets[place(row.target)].clone(),
            replay.clients[place(row.client)].clone(),
            replay.places[place(row.place)].clone(),
            replay.devices[place(row.device)].clone(),
            row.results.map(|results| replay.results[place(results)].clone()),
            row.factors,
        );
        (spelled, row.sign_ins)
    });
    let spelled: BTreeMap<Spelled, u64> = rows.collect();
    assert_eq!(spelled.len(), replay.rows.len(), "each row once");
    spelled
}

fn text(sign_in: &SignIn<'_>, field: Field) -> Option<String> {
    sign_in.text.told(field).map(str::to_owned)
}

fn ids(sign_in: &SignIn<'_>, field: Field) -> Option<Vec<String>> {
    let told = sign_in.text.told(field)?;
    Some(if told == "none" { vec![] } else { told.split(',').map(str::to_owned).collect() })
}

fn slow_target(sign_in: &SignIn<'_>) -> ReplayTarget {
    ReplayTarget {
        app_id: text(sign_in, Field::AppId),
        app: text(sign_in, Field::AppName),
        resource_id: text(sign_in, Field::ResourceId),
        resource: text(sign_in, Field::ResourceName),
        audiences: ids(sign_in, Field::Audiences),
        authentication_contexts: ids(sign_in, Field::AuthenticationContexts),
    }
}

fn slow_client(sign_in: &SignIn<'_>) -> ReplayClient {
    let client_app = text(sign_in, Field::ClientApp);
    ReplayClient {
        client_app: client_app.map(|name| canonical_client_app(&name).to_owned()),
        protocol: text(sign_in, Field::Protocol),
        transfer_method: text(sign_in, Field::TransferMethod),
        legacy: is_legacy(sign_in),
        ropc: is_ropc(sign_in),
        operating_system: text(sign_in, Field::OperatingSystem),
        sign_in_risk: text(sign_in, Field::SignInRisk),
        aggregated_risk: text(sign_in, Field::AggregatedRisk),
    }
}

fn slow_device(sign_in: &SignIn<'_>) -> ReplayDevice {
    let id = text(sign_in, Field::DeviceId).map(|id| id.to_lowercase());
    ReplayDevice {
        id: id.or_else(|| sign_in.text.tells(Field::NoDeviceId).then(String::new)),
        name: text(sign_in, Field::DeviceName),
        compliant: sign_in.text.told(Field::Compliant).and_then(truth),
        managed: sign_in.text.told(Field::Managed).and_then(truth),
        trust_type: text(sign_in, Field::TrustType),
    }
}

fn slow_results(sign_in: &SignIn<'_>) -> Option<Vec<LoggedResult>> {
    let owned = |text: &str| text.to_owned();
    let told = |policy: &AppliedPolicy<&str>| {
        let (policy_id, result) = (policy.id.map(owned)?, policy.result.map(owned)?);
        Some(LoggedResult { policy: policy_id, name: policy.name.map(owned), result })
    };
    let results: BTreeSet<LoggedResult> = sign_in.policies.iter().filter_map(told).collect();
    Some(results.into_iter().collect()).filter(|results: &Vec<_>| !results.is_empty())
}

/// What is expected of sign-ins of users that all tell an id and no name.
fn slowly(sign_ins: &[SignIn<'_>]) -> BTreeMap<Spelled, u64> {
    let mut accounts: BTreeMap<String, ReplayAccount> = BTreeMap::new();
    let mut tenants: BTreeMap<String, (Timestamp, String)> = BTreeMap::new();
    let counted: Vec<&SignIn<'_>> = sign_ins
        .iter()
        .filter(|it| it.outcome() == Outcome::Success && !it.kind().is_workload())
        .collect();
    let id = |sign_in: &SignIn<'_>| sign_in.text.told(Field::UserId).unwrap().to_lowercase();
    for sign_in in &counted {
        let account = accounts.entry(id(sign_in)).or_default();
        account.account.user_id = Some(id(sign_in));
        let guest = sign_in.text.told(Field::UserType).map(|kind| kind == "Guest");
        account.guest = account.guest.max(guest);
        if let Some(tenant) = text(sign_in, Field::HomeTenantId) {
            let shown = tenants.entry(id(sign_in)).or_default();
            *shown = (*shown).clone().max((sign_in.time().unwrap(), tenant));
            account.home_tenant = Some(shown.1.clone());
        }
    }
    let mut rows = BTreeMap::new();
    for sign_in in counted {
        let spelled = (
            accounts[&id(sign_in)].clone(),
            slow_target(sign_in),
            slow_client(sign_in),
            ReplayPlace {
                ip_address: sign_in.ip_address().map(str::to_owned),
                country: text(sign_in, Field::Country),
            },
            slow_device(sign_in),
            slow_results(sign_in),
            match factors(sign_in) {
                Factors::Multiple => LoggedFactors::Multiple,
                Factors::Single => LoggedFactors::Single,
                Factors::Unknown => LoggedFactors::Unknown,
            },
        );
        *rows.entry(spelled).or_default() += 1;
    }
    rows
}

/// Sign-ins of which each tells an id, and nothing else of who it is.
fn known_by_id(mut sign_ins: Vec<SignIn<'static>>) -> Vec<SignIn<'static>> {
    for sign_in in &mut sign_ins {
        if !sign_in.text.tells(Field::UserId) {
            sign_in.text.set(Field::UserId, "u3");
        }
        sign_in.text.put(Field::UserPrincipalName, None);
        sign_in.text.put(Field::UserDisplayName, None);
    }
    sign_ins
}

#[test]
fn the_tables_say_what_the_slow_way_says() {
    let strategy = proptest::collection::vec(sign_in(), 0..120);
    let result = runner().run(&strategy, |sign_ins| {
        let sign_ins = known_by_id(sign_ins);
        let measured = replay(measure(Scope::Replay, &sign_ins));
        prop_assert_eq!(spelled(&measured), slowly(&sign_ins));
        Ok(())
    });
    assert!(result.is_ok(), "{result:?}");
}

fn with_room<'s>(rows: usize, sign_ins: impl Iterator<Item = &'s SignIn<'static>>) -> Measures {
    let room = Room { rows, ..Room::default() };
    let mut measures = Measures::with_room(Scope::Replay, room);
    for sign_in in sign_ins {
        measures.observe(sign_in);
    }
    measures
}

#[test]
fn what_finds_no_room_is_left_out_and_counted() {
    let strategy = (proptest::collection::vec(sign_in(), 0..60), 0_usize..30, 0_usize..60);
    let result = runner().run(&strategy, |(sign_ins, most, cut)| {
        let whole = replay(measure(Scope::Replay, &sign_ins));
        let all: u64 = whole.rows.iter().map(|row| row.sign_ins).sum();
        let unlimited = spelled(&whole);
        // Users known by name only have rows of their own until the end.
        let rows = with_room(usize::MAX, sign_ins.iter()).replay.expect("gathered").rows.len();
        let (first, second) = sign_ins.split_at(cut.min(sign_ins.len()));
        let mut merged = with_room(most, second.iter());
        merged.merge(with_room(most, first.iter()));
        let orders =
            [with_room(most, sign_ins.iter()), with_room(most, sign_ins.iter().rev()), merged];
        for measures in orders {
            prop_assert_eq!(measures.leaves_out_of_replay(), rows > most, "by the log alone");
            let measurement = measures.finish();
            let left_out = measurement.coverage.left_out;
            let found = replay(measurement);
            prop_assert!(found.rows.len() <= most);
            let kept: u64 = found.rows.iter().map(|row| row.sign_ins).sum();
            let by_account: u64 = found.accounts.iter().map(|it| it.left_out).sum();
            prop_assert_eq!((kept + left_out, by_account), (all, left_out));
            let named = |replay: &Replay| -> Vec<_> {
                replay.accounts.iter().map(|it| it.account.clone()).collect()
            };
            prop_assert_eq!(named(&found), named(&whole), "everyone who signed in is there");
            for ((mut account, target, client, place, device, results, factors), times) in
                spelled(&found)
            {
                account.left_out = 0;
                let row = (account, target, client, place, device, results, factors);
                prop_assert!(unlimited.get(&row).is_some_and(|all| *all >= times), "{:?}", row);
            }
        }
        Ok(())
    });
    assert!(result.is_ok(), "{result:?}");
}

/// A successful sign-in of one user.
fn success(texts: &[(Field, &'static str)]) -> SignIn<'static> {
    let mut sign_in = SignIn { created: Some(Timestamp::UNIX_EPOCH), ..SignIn::default() };
    sign_in.text.set(Field::UserId, "u1");
    sign_in.text.set(Field::ErrorCode, "0");
    for (field, text) in texts {
        sign_in.text.set(*field, text);
    }
    sign_in
}

#[test]
fn only_successes_of_users_are_gathered() {
    let sign_ins = [
        success(&[]),
        success(&[(Field::ErrorCode, "50126")]),
        success(&[(Field::ErrorCode, "50074")]),
        success(&[(Field::ErrorCode, "what")]),
        success(&[(Field::Category, "ServicePrincipalSignInLogs")]),
        success(&[(Field::Category, "ManagedIdentitySignInLogs")]),
    ];
    let replay = replay(measure(Scope::Replay, &sign_ins));
    let counts: Vec<u64> = replay.rows.iter().map(|row| row.sign_ins).collect();
    assert_eq!(counts, [1]);
    let failed = [success(&[(Field::ErrorCode, "50126")])];
    assert_eq!(measure(Scope::Replay, &failed).replay, Some(Replay::default()));
    assert_eq!(measure(Scope::Everything, &sign_ins).replay, None);
}

#[test]
fn one_user_by_id_and_by_name_is_one_account() {
    let name = (Field::UserPrincipalName, "a@ne.example");
    let mut by_name = success(&[name]);
    by_name.text.put(Field::UserId, None);
    let sign_ins = [by_name, success(&[name, (Field::UserType, "Guest")])];
    let replay = replay(measure(Scope::Replay, &sign_ins));
    assert_eq!((replay.accounts.len(), replay.rows.len()), (1, 1));
    assert_eq!((replay.accounts[0].guest, replay.rows[0].sign_ins), (Some(true), 2));
}

#[test]
fn an_empty_list_and_an_empty_id_are_told() {
    let told = [
        (Field::AuthenticationContexts, "none"),
        (Field::Audiences, "none"),
        (Field::NoDeviceId, "true"),
        (Field::Compliant, "false"),
    ];
    let replay = replay(measure(Scope::Replay, [success(&[]), success(&told)]));
    let [untold, told] = &*replay.targets else { panic!("{replay:?}") };
    assert_eq!((&untold.audiences, &untold.authentication_contexts), (&None, &None));
    assert_eq!((&told.audiences, &told.authentication_contexts), (&Some(vec![]), &Some(vec![])));
    let devices: Vec<_> =
        replay.devices.iter().map(|it| (it.id.as_deref(), it.compliant)).collect();
    assert_eq!(devices, [(None, None), (Some(""), Some(false))]);
}

#[test]
fn addresses_of_one_place_become_one() {
    let address = |text| success(&[(Field::IpAddress, text)]);
    let sign_ins = [
        address("192.0.2.7"),
        address("192.0.2.9"),
        address("198.51.100.1"),
        address("203.0.113.1"),
        address("2001:db8::1"),
        address("2001:db8::2"),
        address("nowhere"),
        success(&[]),
        success(&[(Field::CallerIpAddress, "192.0.2.8")]),
    ];
    let range = ["192.0.2.0", "192.0.2.255"].map(|end| end.parse().unwrap());
    let places = Some(Arc::new(Places::new([(range[0], range[1])])));
    let mut measures = Measures::with_room(Scope::Replay, Room { places, ..Room::default() });
    for sign_in in &sign_ins {
        measures.observe(sign_in);
    }
    let replay = replay(measures.finish());
    let found: Vec<_> = replay
        .rows
        .iter()
        .map(|row| {
            let place = usize::try_from(row.place).unwrap();
            (replay.places[place].ip_address.as_deref(), row.sign_ins)
        })
        .collect();
    let expected = [(None, 2), (Some("0.0.0.0"), 2), (Some("192.0.2.0"), 3), (Some("::"), 2)];
    assert_eq!(found, expected);
}
