//! Batches, budgets and what goes wrong by plan.

use crate::tenant::{Asker, group, start, user};
use jiff::SignedDuration;
use serde_json::{Value, json};
use twin::fault::RetryAfter;
use twin::{Fault, FaultPlan, Reply};

const POLICIES: &str = "/v1.0/identity/conditionalAccess/policies";

fn batch(items: &[Value]) -> Value {
    json!({"requests": items})
}

fn item(id: &str, method: &str, url: &str) -> Value {
    json!({"id": id, "method": method, "url": url})
}

fn statuses(came: &crate::tenant::Came) -> Vec<(String, u64)> {
    let mut all: Vec<(String, u64)> = came.body["responses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["id"].as_str().unwrap().to_owned(), it["status"].as_u64().unwrap()))
        .collect();
    all.sort();
    all
}

#[test]
fn each_item_of_a_batch_stands_for_itself() {
    let mut asker = Asker::new();
    let mut dependent = item("5", "GET", "/users");
    dependent["dependsOn"] = json!(["2"]);
    let items = [
        item("1", "GET", "/users?$top=1"),
        item("2", "GET", "/users/nobody"),
        item("3", "GET", "/identity/conditionalAccess/policies"),
        item("4", "GET", "/identity/conditionalAccess/namedLocations"),
        dependent,
    ];
    let came = asker.send("POST", "/v1.0/$batch", Some(batch(&items)));
    assert_eq!(came.status, 200);
    let expected = [("1", 200), ("2", 404), ("3", 200), ("4", 429), ("5", 424)];
    assert_eq!(statuses(&came), expected.map(|(id, status)| (id.to_owned(), status)));
    let entry = asker.service.log.entries.last().unwrap();
    assert_eq!(entry.batch[1], ("GET".to_owned(), "/v1.0/users/nobody".to_owned(), 404, None));
}

#[test]
fn what_is_no_batch_is_refused() {
    let mut asker = Asker::new();
    let many: Vec<Value> = (0..21).map(|it| item(&it.to_string(), "GET", "/users")).collect();
    let mut bodied = item("1", "PATCH", "/users/x");
    bodied["body"] = json!({"accountEnabled": false});
    let cases = [
        json!({}),
        batch(&[]),
        batch(&many),
        batch(&[item("1", "GET", "/users"), item("1", "GET", "/groups")]),
        batch(&[item("1", "GET", "https://graph.microsoft.com/v1.0/users")]),
        batch(&[bodied]),
        batch(&[json!({"id": "1", "url": "/users"})]),
    ];
    for body in cases {
        assert_eq!(asker.send("POST", "/v1.0/$batch", Some(body.clone())).status, 400, "{body}");
    }
}

#[test]
fn batches_come_back_in_another_order() {
    let mut asker = Asker::new();
    let items: Vec<Value> =
        (0..20).map(|it| item(&it.to_string(), "GET", "/organization")).collect();
    let came = asker.send("POST", "/v1.0/$batch", Some(batch(&items)));
    let sent: Vec<&Value> = items.iter().map(|it| &it["id"]).collect();
    let order: Vec<&Value> =
        came.body["responses"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
    assert_ne!(order, sent);
    assert!(statuses(&came).iter().all(|(_, status)| *status == 200));
}

#[test]
fn budgets_are_kept_by_the_twins_clock() {
    let mut asker = Asker::new();
    let audits = "/v1.0/auditLogs/directoryAudits?$top=1";
    for _ in 0..5 {
        assert_eq!(asker.get(audits).status, 200);
    }
    let refused = asker.get(audits);
    assert_eq!((refused.status, refused.code()), (429, "UnknownError"));
    assert_eq!(refused.header("retry-after"), Some("10"));
    // What was last seen of people is a report, too.
    assert_eq!(asker.get("/v1.0/users?$select=id,signInActivity").status, 429);
    assert_eq!(asker.get("/v1.0/users?$select=id").status, 200);
    asker.wait(10);
    assert_eq!(asker.get(audits).status, 200);
    assert_eq!(asker.get(POLICIES).status, 200);
    let refused = asker.get(POLICIES);
    assert_eq!((refused.status, refused.header("retry-after")), (429, None));
    asker.wait(1);
    assert_eq!(asker.get(POLICIES).status, 200);
    let users = asker.get("/v1.0/users?$select=id&$top=5");
    assert_eq!(users.header("x-ms-resource-unit"), Some("1"));
}

fn struck(fault: Fault) -> Asker {
    let mut asker = Asker::new();
    asker.service.faults = FaultPlan { at: vec![(1, fault)], ..FaultPlan::default() };
    asker
}

#[test]
fn refusals_by_plan() {
    let cases = [
        (Fault::Throttled(RetryAfter::Seconds(7)), 429, Some("7")),
        (Fault::Throttled(RetryAfter::Seconds(0)), 429, Some("0")),
        (Fault::Throttled(RetryAfter::Date(90)), 429, Some("Fri, 20 Nov 2026 08:01:30 GMT")),
        (Fault::Throttled(RetryAfter::Missing), 429, None),
        (Fault::ServerError(503, RetryAfter::Seconds(3)), 503, Some("3")),
        (Fault::ServerError(507, RetryAfter::Missing), 507, None),
        (Fault::TokenRefused, 401, None),
    ];
    for (fault, status, wait) in cases {
        let mut asker = struck(fault.clone());
        let came = asker.get("/v1.0/organization");
        assert_eq!((came.status, came.header("retry-after")), (status, wait), "{fault:?}");
        assert!(came.body["error"]["innerError"]["request-id"].is_string());
    }
    let mut asker = struck(Fault::TokenRefused);
    let came = asker.get("/v1.0/organization");
    assert!(came.header("www-authenticate").unwrap().contains("insufficient_claims"));
    assert_eq!(asker.get("/v1.0/organization").status, 401, "the token stays refused");
    asker.sign_in();
    assert_eq!(asker.get("/v1.0/organization").status, 200);
}

#[test]
fn who_comes_before_the_wait_is_over_waits_anew() {
    let mut asker = struck(Fault::Throttled(RetryAfter::Seconds(7)));
    assert_eq!(asker.get("/v1.0/organization").status, 429);
    asker.wait(6);
    assert_eq!(asker.get("/v1.0/users").header("retry-after"), Some("7"));
    asker.wait(6);
    assert_eq!(asker.get("/v1.0/organization").status, 429);
    assert_eq!(asker.get("/v1.0/auditLogs/directoryAudits").status, 200, "another workload");
    asker.wait(7);
    assert_eq!(asker.get("/v1.0/organization").status, 200);
}

#[test]
fn answers_that_do_not_arrive() {
    let patch = json!({"accountEnabled": false});
    let target = format!("/v1.0/users/{}", user(2));
    let cases = [
        (Fault::ResetBefore, false),
        (Fault::ResetAfter, true),
        (Fault::AnswerLost, true),
        (Fault::Truncated(50), true),
    ];
    for (fault, applied) in cases {
        let mut asker = struck(fault.clone());
        let request = asker.request("PATCH", &target, Some(&patch));
        let reply = asker.service.answer(&request, start());
        assert!(matches!(reply, Reply::Reset | Reply::Silence), "{fault:?}: {reply:?}");
        let entry = asker.service.log.entries.last().unwrap().clone();
        assert_eq!(
            (entry.applied, entry.status, entry.answer_lost),
            (applied, 0, true),
            "{fault:?}"
        );
        let read = asker.get(&format!("{target}?$select=accountEnabled"));
        assert_eq!(read.body["accountEnabled"], json!(!applied), "{fault:?}");
    }
    let mut asker = struck(Fault::Truncated(50));
    let request = asker.request("GET", "/v1.0/users", None);
    let Reply::Truncated(response) = asker.service.answer(&request, start()) else {
        panic!("not truncated");
    };
    let whole: usize = response.headers()["content-length"].to_str().unwrap().parse().unwrap();
    assert_eq!(response.body().len(), whole / 2);
    assert!(serde_json::from_slice::<Value>(response.body()).is_err());
    let mut asker = struck(Fault::Slow(SignedDuration::from_secs(40)));
    let request = asker.request("GET", "/v1.0/users", None);
    let reply = asker.service.answer(&request, start());
    assert!(matches!(reply, Reply::Answer(_, wait) if wait == SignedDuration::from_secs(40)));
}

#[test]
fn a_page_that_leads_back() {
    let mut asker = Asker::new();
    asker.service.faults.at.push((2, Fault::PageLoop));
    let first = asker.get("/v1.0/users?$top=5");
    let second = asker.get(first.next().unwrap());
    assert_eq!(second.next(), first.next(), "the page is followed by itself");
}

#[test]
fn stale_lists_and_objects_not_there_yet() {
    let mut asker = Asker::new();
    let path = format!("/v1.0/groups/{}/members/$ref", group(1));
    let reference =
        json!({"@odata.id": format!("{}/v1.0/directoryObjects/{}", crate::tenant::ROOT, user(4))});
    assert_eq!(asker.send("POST", &path, Some(reference)).status, 204);
    asker.wait(5);
    let age = SignedDuration::from_secs(60);
    asker.service.faults.on.push(("GET members".to_owned(), 1, Fault::StaleList(age)));
    let list = format!("/v1.0/groups/{}/members", group(1));
    assert_eq!(asker.get(&list).rows().len(), 2);
    assert_eq!(asker.get(&list).rows().len(), 3);
    let body = json!({"displayName": "Pilot", "mailEnabled": false, "mailNickname": "pilot",
        "securityEnabled": true});
    asker.service.faults.on.push(("POST /v1.0/groups".to_owned(), 1, Fault::NotFoundYet(age)));
    let made = asker.send("POST", "/v1.0/groups", Some(body));
    let one = format!("/v1.0/groups/{}", made.body["id"].as_str().unwrap());
    assert_eq!(asker.get(&one).status, 404);
    asker.wait(60);
    assert_eq!(asker.get(&one).status, 200);
}

#[test]
fn a_permission_that_goes_while_somebody_works() {
    let mut asker = Asker::new();
    let at = asker.now + SignedDuration::from_secs(30);
    asker.service.faults.permissions_removed.push((at, "Policy.Read.All".to_owned()));
    assert_eq!(asker.get(POLICIES).status, 200);
    asker.wait(30);
    let came = asker.get(POLICIES);
    assert_eq!((came.status, came.code()), (403, "AccessDenied"));
}

#[test]
fn a_run_with_faults_by_chance_repeats_itself() {
    let run = |seed: u64| {
        let mut asker = Asker::new();
        asker.service.faults = FaultPlan {
            seed,
            chance_per_mille: 300,
            kinds: vec![
                Fault::ServerError(503, RetryAfter::Missing),
                Fault::Conflict,
                Fault::Throttled(RetryAfter::Seconds(1)),
            ],
            ..FaultPlan::default()
        };
        let items: Vec<Value> =
            (0..20).map(|it| item(&it.to_string(), "GET", "/organization")).collect();
        let mut all = Vec::new();
        for _ in 0..10 {
            asker.wait(2);
            all.push(asker.get("/v1.0/organization").status);
            asker.wait(2);
            all.extend(
                statuses(&asker.send("POST", "/v1.0/$batch", Some(batch(&items))))
                    .iter()
                    .map(|(_, status)| u16::try_from(*status).unwrap()),
            );
        }
        all
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
    assert!(run(1).contains(&503) && run(1).contains(&429));
}
