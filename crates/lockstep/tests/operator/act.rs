//! What other people do, and what goes wrong: the part of the language that changes the tenant.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use twin::documents::Collection;
use twin::fault::RetryAfter;
use twin::world::{Behaviour, Change, Device, Initiator, Notes};
use twin::{Fault, FaultPlan, Service, World};

use crate::script::{read, shipped};
use crate::tenant::Tenant;

/// Carries out a line about other people. After `maybe`, whatever is not there stays as it is.
pub(crate) fn act(tenant: &Tenant, line: &str, words: &[&str]) {
    let now = tenant.now();
    tenant.with(|service| {
        service.world.advance(now);
        match words {
            ["maybe", "someone", deed, rest @ ..] => {
                if rest.iter().all(|it| !it.starts_with("CA0") || is_there(&service.world, it, now))
                {
                    someone(&mut service.world, deed, rest, now);
                }
            }
            ["someone", deed, rest @ ..] => someone(&mut service.world, deed, rest, now),
            [name, "signs", "in", rest @ ..] => sign_in(&mut service.world, name, rest, now),
            ["everyone", "in", group, "signs", "in", rest @ ..] => {
                for name in members(&service.world, group, now) {
                    sign_in(&mut service.world, &name, rest, now);
                }
            }
            ["everyone", "in", group, "registers"] => {
                for name in members(&service.world, group, now) {
                    register(&mut service.world, &name, now);
                }
            }
            ["everyone", "registers"] => {
                for name in unregistered(&service.world, now) {
                    register(&mut service.world, &name, now);
                }
            }
            [name, "registers"] => register(&mut service.world, name, now),
            ["tokens", "end"] => service.end_all_tokens(),
            ["replica", "lags", seconds] => {
                let seconds = seconds.trim_end_matches('s').parse().unwrap();
                service.replication_delay = SignedDuration::from_secs(seconds);
            }
            _ => panic!("no such command: {line}"),
        }
    });
}

fn someone(world: &mut World, deed: &str, rest: &[&str], now: Timestamp) {
    let by = Initiator { name: "sam.other@ne.example".to_owned(), is_app: false };
    let change = match (deed, rest) {
        ("edits", [name, patch]) => {
            let policy = named(world, &Collection::Policies, name, now);
            Change::Patch(Collection::Policies, policy, object(patch))
        }
        ("deletes", ["policy", name]) => {
            Change::Delete(Collection::Policies, named(world, &Collection::Policies, name, now))
        }
        ("deletes", ["user", name]) => {
            Change::Delete(Collection::Users, named(world, &Collection::Users, name, now))
        }
        ("disables", [name]) => {
            let user = named(world, &Collection::Users, name, now);
            Change::Patch(Collection::Users, user, object("{\"accountEnabled\": false}"))
        }
        ("turns", ["security", "defaults", word]) => {
            let id = "00000000-0000-0000-0000-000000000005".to_owned();
            let patch = map(json!({"isEnabled": *word == "on"}));
            Change::Patch(Collection::SecurityDefaults, id, patch)
        }
        ("adds", [name, "to", group]) => {
            let user = named(world, &Collection::Users, name, now);
            let group = named(world, &Collection::Groups, group, now);
            let member = map(json!({"@odata.type": "#microsoft.graph.user", "id": user}));
            Change::Create(Collection::GroupMembers(group), member)
        }
        ("removes", [name, "from", group]) => {
            let user = named(world, &Collection::Users, name, now);
            let group = named(world, &Collection::Groups, group, now);
            Change::Delete(Collection::GroupMembers(group), user)
        }
        ("sets", ["per-user", "MFA", "of", name, "to", state]) => {
            let user = named(world, &Collection::Users, name, now);
            let patch = map(json!({"perUserMfaState": state}));
            Change::Patch(Collection::Requirements(user.clone()), user, patch)
        }
        ("takes", ["roles", "from", name]) => {
            let user = named(world, &Collection::Users, name, now);
            let assigned = world.documents.list(&Collection::RoleAssignments, now);
            let of_user = assigned.filter(|(_, it)| it["principalId"] == user.as_str());
            let ids: Vec<String> = of_user.map(|it| it.0.to_owned()).collect();
            for id in ids {
                world.change(Change::Delete(Collection::RoleAssignments, id), &by, now);
            }
            return;
        }
        _ => panic!("nobody {deed} {rest:?}"),
    };
    world.change(change, &by, now);
}

fn sign_in(world: &mut World, name: &str, rest: &[&str], now: Timestamp) {
    let with = match rest {
        [] | ["with", "key"] | ["on", "unenrolled"] => Device::Unenrolled,
        ["on", "desktop"] => Device::Desktop,
        ["on", "phone"] => Device::Phone,
        ["on", "personal"] => Device::Personal,
        other => panic!("sign in {other:?}"),
    };
    let id = named(world, &Collection::Users, name, now);
    assert!(world.ask_to_sign_in(&id, with, now), "{name}");
}

fn register(world: &mut World, name: &str, now: Timestamp) {
    let id = named(world, &Collection::Users, name, now);
    assert!(world.ask_to_register(&id, now), "{name}");
}

/// User principal names of the members of a group.
fn members(world: &World, group: &str, now: Timestamp) -> Vec<String> {
    let within = Collection::GroupMembers(named(world, &Collection::Groups, group, now));
    let all = (0..world.count(&within, now)).filter_map(|place| world.item(&within, place, now));
    all.map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}

/// Ids of the people in the report who are not capable.
fn unregistered(world: &World, now: Timestamp) -> Vec<String> {
    let within = Collection::RegistrationDetails;
    let all = (0..world.count(&within, now)).filter_map(|place| world.item(&within, place, now));
    all.filter(|it| it["isMfaCapable"] == false && it["userType"] == "member")
        .map(|it| it["id"].as_str().unwrap().to_owned())
        .collect()
}

/// One policy of a name.
fn is_there(world: &World, name: &str, now: Timestamp) -> bool {
    let all = world.documents.list(&Collection::Policies, now);
    let named =
        all.filter(|(_, it)| it["displayName"].as_str().is_some_and(|it| it.starts_with(name)));
    named.count() == 1
}

/// The id of the one object whose name begins like this.
pub(crate) fn named(world: &World, within: &Collection, name: &str, now: Timestamp) -> String {
    let begins = |it: &Value| it.as_str().is_some_and(|it| it.starts_with(name));
    let all = (0..world.count(within, now)).filter_map(|place| world.item(within, place, now));
    let found: Vec<Map<String, Value>> = all
        .filter(|it| {
            ["displayName", "userPrincipalName", "id"]
                .iter()
                .any(|key| it.get(*key).is_some_and(begins))
        })
        .collect();
    assert_eq!(found.len(), 1, "{name} in {within:?}");
    found[0]["id"].as_str().unwrap().to_owned()
}

fn object(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap()
}

fn map(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// What goes wrong from now on.
pub(crate) fn fault(service: &mut Service, words: &[&str]) {
    let kind = |name: &str| match name {
        "throttle" => Fault::Throttled(RetryAfter::Seconds(7)),
        "server-error" => Fault::ServerError(503, RetryAfter::Seconds(5)),
        "reset-before" => Fault::ResetBefore,
        "reset-after" => Fault::ResetAfter,
        "answer-lost" => Fault::AnswerLost,
        "truncated" => Fault::Truncated(60),
        "conflict" => Fault::Conflict,
        "token-refused" => Fault::TokenRefused,
        "stale-list" => Fault::StaleList(SignedDuration::from_secs(30)),
        "not-found-yet" => Fault::NotFoundYet(SignedDuration::from_secs(20)),
        other => panic!("no such fault: {other}"),
    };
    match words {
        ["none"] => service.faults = FaultPlan::default(),
        [name, share] if share.ends_with('%') => {
            let share: u32 = share.trim_end_matches('%').parse().unwrap();
            service.faults.chance_per_mille = share * 10;
            service.faults.kinds = vec![kind(name)];
        }
        [name, "on", rest @ ..] => {
            service.faults.on.push((rest.join(" "), 1, kind(name)));
        }
        [name, "on-every-write"] => {
            let writes = ["PATCH /", "DELETE /", "POST /v1.0/i", "POST /v1.0/u", "POST /v1.0/g"];
            let writes = writes.into_iter().chain(["POST /v1.0/r", "POST /v1.0/d"]);
            for words in writes {
                service.faults.on.push((words.to_owned(), 1_000, kind(name)));
            }
        }
        ["permission", name, "goes"] => {
            service.faults.permissions_removed.push((Timestamp::MIN, (*name).to_owned()));
        }
        other => panic!("no such fault: {other:?}"),
    }
}

/// The shipped numbers of how people behave, some of them others.
pub(crate) fn behaviour(others: &[(&str, u64)]) -> Behaviour {
    let mut text = String::new();
    for line in shipped().lines() {
        let name = line.split(" = ").next().unwrap_or_default();
        match others.iter().find(|it| it.0 == name) {
            Some((_, number)) => writeln!(text, "{name} = {number}").unwrap(),
            None => writeln!(text, "{line}").unwrap(),
        }
    }
    read(&text)
}

/// Settings as the firm's operator would write them.
pub(crate) fn settings(notes: &Notes, (root, app): (&str, &str)) -> String {
    let list = |names: &[String]| serde_json::to_string(names).unwrap();
    let mut text = format!(
        "[tenant]\nname = \"{}\"\ndomain = \"{}\"\n\n\
         [source]\ngraph = \"{}\"\ngraph_endpoint = \"{root}\"\nclient_id = \"{app}\"\n\
         sign_in = \"client-secret-file\"\nsign_in_file = \"client-secret.txt\"\n\n\
         [pilot]\ngroup = \"{}\"\n\n\
         [people]\nno_smartphone = [\"{}\"]\nshared_logins = {}\n",
        notes.tenant_name,
        notes.domain,
        notes.domain,
        notes.pilot_group,
        notes.no_smartphone_group,
        list(&notes.shared_logins),
    );
    let away = notes.on_leave.iter().map(|(who, back)| format!("\"{who}\" = \"{back}\""));
    let away: Vec<String> = away.collect();
    writeln!(text, "on_leave = {{ {} }}\n", away.join(", ")).unwrap();
    text.push_str("[owners]\n");
    for (role, person) in OWNERS {
        writeln!(text, "\"{role}\" = \"{person}\"").unwrap();
    }
    if !notes.break_glass.is_empty() {
        writeln!(text, "\n[break_glass]\naccounts = {}", list(&notes.break_glass)).unwrap();
    }
    text
}

/// Who answers for what in the firm.
const OWNERS: [(&str, &str); 8] = [
    ("IT lead", "Head of IT"),
    ("Identity administrator", "IT team"),
    ("Helpdesk lead", "IT team"),
    ("Manager", "Managing Director"),
    ("HR", "HR Manager"),
    ("Facilities", "Facilities Manager"),
    ("Finance lead", "Finance Director"),
    ("Application owner", "Operations Director"),
];
