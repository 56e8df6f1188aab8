//! Cuts, people and the document itself.

use serde_json::json;

use super::world::{Logged, World, account, browser, id, legacy, person, policy, row, text, user};
use crate::impact::{Cut, Impact, UserOutcome};
use crate::{Account, ReplayAccount};

fn ne() -> World {
    World::ne()
        .registered(row("ann", Some(true), Some(&["microsoftAuthenticatorPush"])))
        .registered(row("ben", Some(false), Some(&["email"])))
}

fn mfa(world: &World) -> Impact {
    world.impact(&[policy("CA001", &json!({}))])
}

fn lines(cuts: &[Cut]) -> Vec<String> {
    cuts.iter()
        .map(|cut| {
            format!(
                "{} {}: {} of {} users, {} of {} sign-ins",
                cut.name.as_deref().unwrap_or("-"),
                if cut.id.as_ref() == Some(&id("outlook-web")) {
                    "(its id)"
                } else {
                    cut.id.as_deref().unwrap_or("-")
                },
                cut.users_blocked,
                cut.users,
                cut.sign_ins.blocked,
                cut.sign_ins.total
            )
        })
        .collect()
}

fn app(id: Option<&str>, name: Option<&str>) -> Logged {
    browser().with(|it| {
        it.target.app_id = id.map(str::to_owned);
        it.target.app = name.map(str::to_owned);
    })
}

#[test]
fn cuts_by_what_is_most_blocked() {
    let on = |system: &str, country: &str, logged: Logged| {
        logged.with(|it| {
            it.client.operating_system = text(system);
            it.place.country = text(country);
        })
    };
    let world = ne()
        .signs_in("ann", on("Windows10", "GB", browser()).times(20))
        .signs_in("ann", on("Windows 11", "gb", legacy("IMAP4")).times(3))
        .signs_in("ben", on("Ios 18.1", "FR", legacy("imap4")).times(2))
        .signs_in("ben", on("ChromeOS", " ", browser()).times(4))
        .signs_in("ben", on("", "", app(None, None)).times(1));
    let impact = mfa(&world);
    insta::assert_debug_snapshot!(lines(&impact.by_app), @r#"
    [
        "Outlook on the web (its id): 2 of 2 users, 5 of 29 sign-ins",
        "- -: 0 of 1 users, 0 of 1 sign-ins",
    ]
    "#);
    insta::assert_debug_snapshot!(lines(&impact.by_client_app), @r#"
    [
        "IMAP4 -: 2 of 2 users, 5 of 5 sign-ins",
        "Browser -: 0 of 2 users, 0 of 25 sign-ins",
    ]
    "#);
    insta::assert_debug_snapshot!(lines(&impact.by_platform), @r#"
    [
        "Windows -: 1 of 1 users, 3 of 23 sign-ins",
        "iOS -: 1 of 1 users, 2 of 2 sign-ins",
        "ChromeOS -: 0 of 1 users, 0 of 4 sign-ins",
        "- -: 0 of 1 users, 0 of 1 sign-ins",
    ]
    "#);
    insta::assert_debug_snapshot!(lines(&impact.by_country), @r#"
    [
        "GB -: 1 of 1 users, 3 of 23 sign-ins",
        "FR -: 1 of 1 users, 2 of 2 sign-ins",
        "- -: 0 of 1 users, 0 of 5 sign-ins",
    ]
    "#);
}

#[test]
fn one_application_has_one_id_and_the_first_of_its_names() {
    let world = ne()
        .signs_in("ann", app(Some("ID-1"), Some("Zeta")))
        .signs_in("ann", app(Some("id-1"), Some("Alpha")))
        .signs_in("ann", app(None, Some("alpha")))
        .signs_in("ann", app(Some("id-2"), None));
    let impact = mfa(&world);
    insta::assert_debug_snapshot!(lines(&impact.by_app), @r#"
    [
        "Alpha ID-1: 0 of 1 users, 0 of 2 sign-ins",
        "- id-2: 0 of 1 users, 0 of 1 sign-ins",
        "alpha -: 0 of 1 users, 0 of 1 sign-ins",
    ]
    "#);
}

#[test]
fn people_are_told_of_worst_first_with_apps_by_use() {
    let named = |name: &str, sign_ins: u64| app(Some(name), Some(name)).times(sign_ins);
    let mut world = ne().signs_in("ann", legacy("IMAP4").times(9)).signs_in("ann", browser());
    for number in 0..12_u64 {
        world = world.signs_in("ben", named(&format!("App {number:02}"), 40 - number));
    }
    world = world.signs_in("ben", named("App 11", 30)).signs_in("ben", browser().multiple());
    let impact = mfa(&world);
    let told: Vec<_> = impact
        .people
        .iter()
        .map(|it| (it.account.display_name.as_deref().unwrap(), it.outcome, it.sign_ins))
        .collect();
    assert_eq!(
        told,
        [
            ("ann", UserOutcome::BlockedLegacy, 9),
            ("ben", UserOutcome::MustRegister, (29..=40).sum::<u64>() + 30),
            ("gil", UserOutcome::Unknown, 0),
        ]
    );
    let ben = person(&impact, "ben").unwrap();
    assert_eq!(ben.apps.len(), 11);
    assert_eq!(ben.apps.first().map(String::as_str), Some("App 11"));
    assert_eq!(ben.apps.last().map(String::as_str), Some("and 2 more"));
    assert_eq!(person(&impact, "ann").unwrap().apps, ["Outlook on the web"]);
}

#[test]
fn everybody_of_whom_some_file_tells_is_one_account() {
    let nameless = Account { display_name: text("cora"), ..Account::default() };
    let stranger = Account { user_principal_name: text("DAN@ne.example"), ..Account::default() };
    let by_id = Account { user_id: Some(id("ann").to_uppercase()), ..Account::default() };
    let home = Account { user_principal_name: text("Gil@Partner.example"), ..Account::default() };
    let log = |account| ReplayAccount { account, ..ReplayAccount::default() };
    let world = ne()
        .registered(row("dan", Some(true), None))
        .signs_in_as(log(by_id), browser())
        .signs_in_as(log(home), browser().multiple())
        .signs_in_as(log(stranger), browser())
        .signs_in_as(log(nameless), browser());
    let impact = mfa(&world);
    // ann, ben and gil of the directory; dan of the report and the log; one without a name.
    assert_eq!(impact.users.total, 5);
    assert_eq!(impact.users.ready, 2, "{:#?}", impact.people);
    assert_eq!(person(&impact, "ann"), None);
    let ben = person(&impact, "ben").unwrap();
    assert_eq!((ben.outcome, ben.sign_ins), (UserOutcome::Unknown, 0));
}

#[test]
fn odd_texts_are_read_as_unknown() {
    let odd = [
        browser().with(|it| it.place.ip_address = text("300.1.2.3")),
        browser().with(|it| it.place.ip_address = text("")),
        browser().with(|it| it.place.ip_address = text("203.0.113.7:443")),
        browser().with(|it| it.place.ip_address = text("\u{0}<script>")),
    ];
    let location = conditional_access::read_named_location(&json!({
        "@odata.type": "#microsoft.graph.ipNamedLocation", "id": id("office"), "isTrusted": true,
        "displayName": "Office", "ipRanges": [{"cidrAddress": "203.0.113.0/24"}]}))
    .unwrap();
    let outside = json!({"conditions": {"locations": {"includeLocations": ["All"], "excludeLocations": [id("office")]}},
        "grantControls": {"builtInControls": ["block"]}});
    for logged in odd {
        let world = ne().with(|it| it.snapshot.named_locations = Some(vec![location.clone()]));
        let impact = world.signs_in("ann", logged.clone()).impact(&[policy("CA005", &outside)]);
        let ann = person(&impact, "ann").unwrap();
        assert_eq!(ann.outcome, UserOutcome::Unknown, "{:?}", logged.place);
        assert!(ann.why.contains("the address it came from"), "{}", ann.why);
    }
    let inside = ne().with(|it| it.snapshot.named_locations = Some(vec![location]));
    let mapped = browser().with(|it| it.place.ip_address = text(" ::ffff:203.0.113.9 "));
    let impact = inside.signs_in("ann", mapped).impact(&[policy("CA005", &outside)]);
    assert_eq!(person(&impact, "ann"), None);
    // Places that no table holds are nobody's sign-ins, and nothing breaks.
    let mut broken = ne().signs_in("ann", browser());
    broken.replay.rows[0].target = 99;
    broken.replay.rows[0].results = Some(99);
    let impact = mfa(&broken);
    assert_eq!(impact.sign_ins.total, 1);
    broken.replay.rows[0].account = 99;
    assert_eq!(mfa(&broken).sign_ins.total, 0);
}

#[test]
fn an_application_that_only_asks_who_somebody_is_counts_itself() {
    let graph = "00000002-0000-0000-c000-000000000000";
    let crm = json!({"conditions": {"applications": {"includeApplications": [id("crm").to_uppercase()]}}});
    let to = |resource: &str| {
        app(Some(&id("crm")), Some("CRM")).with(|it| it.target.resource_id = text(resource))
    };
    let touched = |logged| {
        let impact = ne().signs_in("ann", logged).impact(&[policy("CA001", &crm)]);
        impact.sign_ins.not_touched == 0
    };
    assert!(touched(to(graph)));
    assert!(touched(to(&id("crm"))));
    assert!(!touched(to(&id("something else"))));
    assert!(!touched(to(graph).with(|it| it.target.audiences = Some(vec![graph.to_owned()]))));
}

#[test]
fn sentences_name_what_decides() {
    let register = |name: &str| row(name, Some(false), Some(&[]));
    let device = json!({"grantControls": {"builtInControls": ["compliantDevice"]}});
    let elsewhere = json!({"conditions": {"locations": {"includeLocations": ["All"],
        "excludeLocations": ["00000000-0000-4000-9000-000000000009"]}},
        "grantControls": {"builtInControls": ["block"]}});
    let everything = json!({"grantControls": {"builtInControls": ["block"]}});
    let world = |capable: bool| {
        let world = World::of_ann();
        if capable {
            world
        } else {
            world.with(|it| it.snapshot.registrations = Some(vec![register("ann")]))
        }
    };
    let barred = || {
        world(false).with(|it| {
            it.snapshot.methods_policy = Some(super::world::methods_policy(&[]));
        })
    };
    let shared = || {
        world(false).with(|it| {
            let mut ann = user("ann");
            ann.mailbox_purpose = text("shared");
            it.snapshot.users = Some(vec![ann]);
        })
    };
    let ropc = || legacy("Mobile Apps and Desktop clients").with(|it| it.client.ropc = true);
    let cases = [
        (world(false), Some(browser()), json!({})),
        (barred(), Some(browser()), json!({})),
        (world(true), Some(legacy("IMAP4")), json!({})),
        (world(true), Some(ropc()), json!({})),
        (world(true), Some(browser()), device),
        (world(true), Some(browser()), everything),
        (world(true), Some(browser()), elsewhere),
        (
            world(true).with(|it| it.snapshot.registrations = Some(Vec::new())),
            Some(browser()),
            json!({}),
        ),
        (world(false), Some(browser().multiple()), json!({})),
        (world(true), None, json!({})),
        (shared(), Some(browser()), json!({})),
    ];
    let mut told = String::new();
    for (world, logged, change) in cases {
        let world = logged.into_iter().fold(world, |world, it| world.signs_in("ann", it));
        let impact = world.impact(&[policy("CA001", &change)]);
        let ann = person(&impact, "ann").unwrap();
        told.push_str(&format!("{}\n{}\n\n", ann.why, ann.next));
    }
    insta::assert_snapshot!(told);
}

#[test]
fn what_was_missing_is_named() {
    let world = World::of_ann().with(|it| {
        it.snapshot.registrations = None;
        it.snapshot.methods_policy = None;
        it.snapshot.groups = None;
    });
    let impact = mfa(&world);
    let ids: Vec<&str> = impact.gaps.iter().map(|gap| gap.id).collect();
    for id in ["registration-details", "methods-policy", "groups", "sign-in-logs"] {
        assert!(ids.contains(&id), "{id}: {ids:?}");
    }
    assert!(!ids.contains(&"licences") && !ids.contains(&"roles"), "{ids:?}");
}

#[test]
fn per_user_mfa_that_nobody_saw_is_taken_for_off_and_said_so() {
    let fresh = World::of_ann().signs_in("ann", browser());
    let all_seen = fresh.clone().with(|it| {
        it.snapshot.users.as_mut().unwrap()[0].per_user_mfa = Some(crate::PerUserMfa::Enforced);
    });
    let device = policy(
        "CA001",
        &json!({"grantControls": {"builtInControls": ["mfa", "domainJoinedDevice"]}}),
    );
    let said = |world: &World| {
        let all = world.impact(std::slice::from_ref(&device)).assumptions;
        all.iter().any(|it| it.contains("Per-user MFA"))
    };
    assert!(said(&fresh));
    assert!(!said(&all_seen));
}

#[test]
fn without_a_log_that_was_gathered_there_is_no_impact() {
    let world = World::of_ann();
    let none = world.ask(|facts| {
        let proposal = crate::proposal::Proposal::all_users(facts);
        let classification = crate::exceptions::classify(facts);
        let unmeasured = crate::Measurement::default();
        let without =
            crate::Facts::new(&world.snapshot, Some(&unmeasured), &world.rollout, facts.now);
        crate::impact::impact(&without, &classification, &proposal)
    });
    assert_eq!(none, None);
    assert_eq!(account("ann").label(), "ann@ne.example");
}
