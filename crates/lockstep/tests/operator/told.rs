//! What a script may ask the tenant, behind lockstep's back.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Map, Value};
use twin::checker::{self, Rules};
use twin::documents::Collection;
use twin::{RequestLog, Service, World};

use crate::act::named;
use crate::tenant::Tenant;

/// The answer to a question.
pub(crate) fn told(tenant: &Tenant, question: &[&str]) -> String {
    let now = tenant.now();
    tenant.with(|service| {
        service.world.advance(now);
        match question {
            ["policies"] => policies(&service.world, now),
            ["security", "defaults"] => defaults(&service.world, now),
            ["members", group] => members(&service.world, group, now),
            ["registered"] => registered(&service.world, now),
            ["methods", name] => methods(&service.world, name, now),
            ["people"] => people(&service.world, now),
            ["mail"] => mail(&service.world, now),
            ["requests"] => requests(service),
            ["writes"] => writes(service, 0),
            ["writes", "since", number] => writes(service, number.parse().unwrap()),
            ["policy", name] => {
                let id = named(&service.world, &Collection::Policies, name, now);
                let found = service.world.find(&Collection::Policies, &id, now).unwrap();
                serde_json::to_string_pretty(&found).unwrap()
            }
            _ => panic!("no such question: {question:?}"),
        }
    })
}

/// What the rules of a good client say of everything that was asked.
pub(crate) fn broken_rules(service: &Service) -> Vec<String> {
    let log = &service.log;
    let mut broken = checker::made_up_links(log);
    broken.extend(checker::secrets(log, &[]));
    // What one run knew of a limit, or had written, the next does not know.
    let mut callers: Vec<Option<u64>> = log.entries.iter().map(|it| it.caller).collect();
    callers.sort_unstable();
    callers.dedup();
    for caller in callers {
        let of_caller = log.entries.iter().filter(|it| it.caller == caller).cloned().collect();
        let log = RequestLog { entries: of_caller };
        broken.extend(checker::too_early(&log, &Rules::default()));
        broken.extend(checker::over_budget(&log, &Rules::default()));
        broken.extend(checker::written_twice(&log));
    }
    let done = checker::conduct(log, &service.world);
    let left = checker::left_unprotected(log, &service.world);
    let done = done.iter().chain(&left).map(ToString::to_string);
    broken.iter().map(ToString::to_string).chain(done).collect()
}

fn text<'a>(object: &'a Map<String, Value>, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or("-")
}

fn defaults(world: &World, now: Timestamp) -> String {
    let (_, it) = world.documents.list(&Collection::SecurityDefaults, now).next().unwrap();
    format!("security defaults: {}", if it["isEnabled"] == true { "on" } else { "off" })
}

/// Names of what a policy names by id.
fn name_of(world: &World, id: &str, now: Timestamp) -> String {
    for within in [Collection::Users, Collection::Groups] {
        if let Some(found) = world.find(&within, id, now) {
            return text(&found, "displayName").to_owned();
        }
    }
    let role = world.find(&Collection::RoleDefinitions, id, now);
    role.map_or_else(|| id.to_owned(), |it| text(&it, "displayName").to_owned())
}

fn policies(world: &World, now: Timestamp) -> String {
    let mut told = defaults(world, now) + "\n";
    let mut all: Vec<_> = world.documents.list(&Collection::Policies, now).collect();
    all.sort_by_key(|(_, it)| text(it, "displayName").to_owned());
    for (_, policy) in all {
        let state = match text(policy, "state") {
            "enabled" => "On",
            "disabled" => "Off",
            _ => "Report-only",
        };
        let users = &policy["conditions"]["users"];
        let side = |words: &str| {
            let lists = ["Users", "Groups", "Roles"].map(|it| format!("{words}{it}"));
            let ids = lists.iter().filter_map(|it| users[it].as_array()).flatten();
            let mut names: Vec<String> =
                ids.filter_map(Value::as_str).map(|it| name_of(world, it, now)).collect();
            names.sort();
            if names.len() > 6 {
                let more = names.len() - 5;
                names.truncate(5);
                names.push(format!("{more} more"));
            }
            names.join(", ")
        };
        let (who, but) = (side("include"), side("exclude"));
        writeln!(told, "{state:<12} {}", text(policy, "displayName")).unwrap();
        writeln!(told, "             for {who}; not for {but}").unwrap();
    }
    if told.lines().count() == 1 {
        told.push_str("no policies\n");
    }
    told
}

fn members(world: &World, group: &str, now: Timestamp) -> String {
    let id = named(world, &Collection::Groups, group, now);
    let within = Collection::GroupMembers(id);
    let all = (0..world.count(&within, now)).filter_map(|place| world.item(&within, place, now));
    let mut names: Vec<String> = all.map(|it| name_of(world, text(&it, "id"), now)).collect();
    names.sort();
    if names.is_empty() { "nobody".to_owned() } else { names.join("\n") }
}

fn rows(world: &World, now: Timestamp) -> Vec<Map<String, Value>> {
    let within = Collection::RegistrationDetails;
    (0..world.count(&within, now)).filter_map(|place| world.item(&within, place, now)).collect()
}

fn registered(world: &World, now: Timestamp) -> String {
    let rows = rows(world, now);
    let capable = rows.iter().filter(|it| it["isMfaCapable"] == true).count();
    format!("{capable} of {} accounts of the registration report are capable of MFA", rows.len())
}

fn methods(world: &World, name: &str, now: Timestamp) -> String {
    let id = named(world, &Collection::Users, name, now);
    let within = Collection::AuthenticationMethods(id);
    let all = (0..world.count(&within, now)).filter_map(|place| world.item(&within, place, now));
    let kinds: Vec<String> = all
        .map(|it| text(&it, "@odata.type").trim_start_matches("#microsoft.graph.").to_owned())
        .collect();
    if kinds.is_empty() { "no methods".to_owned() } else { kinds.join("\n") }
}

/// Every mail that was accepted: to whom, and what about.
fn mail(world: &World, now: Timestamp) -> String {
    let within = Collection::SentMail;
    let all = (0..world.count(&within, now)).filter_map(|place| world.item(&within, place, now));
    let mut told: Vec<String> = Vec::new();
    for sent in all {
        let message = &sent["message"];
        let to = message.pointer("/toRecipients/0/emailAddress/address").and_then(Value::as_str);
        let subject = message["subject"].as_str().unwrap_or("-");
        told.push(format!("{} from {}: {subject}", to.unwrap_or("-"), text(&sent, "sender")));
    }
    told.sort();
    if told.is_empty() { "no mail".to_owned() } else { told.join("\n") }
}

fn people(world: &World, now: Timestamp) -> String {
    let rows = rows(world, now);
    let within = Collection::Users;
    let all = (0..world.count(&within, now)).filter_map(|place| world.item(&within, place, now));
    let mut told = String::new();
    for user in all {
        let row = rows.iter().find(|it| it["id"] == user["id"]);
        let capable = match row.map(|it| it["isMfaCapable"] == true) {
            Some(true) => "capable",
            Some(false) => "not capable",
            None => "not in the report",
        };
        let on = if user["accountEnabled"] == true { "" } else { ", disabled" };
        let job = text(&user, "jobTitle");
        writeln!(told, "{} ({job}): {capable}{on}", text(&user, "userPrincipalName")).unwrap();
    }
    told
}

fn requests(service: &Service) -> String {
    let all = service.log.entries.iter().map(|it| {
        let target: String = it.target.chars().take(70).collect();
        format!("{} {} {} {target} → {}", it.number, it.at, it.method, it.status)
    });
    all.collect::<Vec<_>>().join("\n")
}

/// Every write that changed the tenant.
fn writes(service: &Service, since: u64) -> String {
    let mut told = String::new();
    let applied = service.log.entries.iter().filter(|it| it.applied && it.number > since);
    for entry in applied {
        let path = entry.target.split('?').next().unwrap_or_default();
        let lost = if entry.answer_lost { " (the answer was lost)" } else { "" };
        writeln!(told, "{} {path}{lost}", entry.method).unwrap();
    }
    if told.is_empty() { "nothing was written".to_owned() } else { told }
}
