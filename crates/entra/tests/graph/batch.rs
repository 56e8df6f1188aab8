//! Twenty requests in one.

use entra::graph::{Answer, Call, Client, GraphError, Options, Sealed, Version, Workload};
use http::Method;
use serde_json::{Value, json};

use crate::support::{Reply, Scripted, Sent, client, options};

fn members(group: usize) -> Call {
    Call::get(Version::V1, format!("/groups/{group}/members"), Workload::Other)
}

fn add(group: usize) -> Call {
    let path = format!("/groups/{group}/members/$ref");
    Call::write(Method::POST, Version::V1, path, Workload::Other, Some(json!({"a": group})))
}

/// Answers each item by a rule, last item first; a rule may leave an item out.
fn answered(sent: &Sent, rule: impl Fn(&str) -> Option<Value>) -> Reply {
    let mut responses: Vec<Value> = sent.json()["requests"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|item| {
            let mut answer = rule(item["url"].as_str().unwrap())?;
            answer["id"] = item["id"].clone();
            Some(answer)
        })
        .collect();
    responses.reverse();
    Reply::json(200, json!({"responses": responses}))
}

fn echo(url: &str) -> Option<Value> {
    Some(
        json!({"status": 200, "headers": {"Content-Type": "application/json"}, "body": {"url": url}}),
    )
}

fn url_of(answer: &Answer) -> String {
    answer.json().unwrap()["url"].as_str().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn each_request_has_its_own_answer_in_its_own_place() {
    let transport = Scripted::new(|sent| answered(sent, echo));
    let client = client(&transport);
    let mut calls: Vec<Call> = (0..47).map(members).collect();
    calls[3] = Call { version: Version::Beta, ..members(3) };
    calls[5] = members(5).with("$select", "id,displayName").advanced();
    let answers = client.batch(&calls).await;
    assert_eq!(answers.len(), calls.len());
    for (call, answer) in calls.iter().zip(&answers) {
        assert_eq!(url_of(answer.as_ref().unwrap()), call.relative());
    }
    let sent = transport.sent();
    assert!(sent.iter().all(|sent| sent.method == Method::POST && sent.items().len() <= 20));
    let beta: Vec<_> = sent.iter().filter(|sent| sent.path == "/beta/$batch").collect();
    assert_eq!(beta.len(), 1);
    assert_eq!(beta[0].items(), ["/groups/3/members"]);
    let item = sent
        .iter()
        .flat_map(|sent| sent.json()["requests"].as_array().unwrap().clone())
        .find(|item| item["url"] == "/groups/5/members?$select=id%2CdisplayName&$count=true")
        .unwrap();
    assert_eq!(item["headers"]["ConsistencyLevel"], "eventual");
    assert_eq!(item["headers"]["Prefer"], "include-unknown-enum-members");
    assert_eq!(item["headers"].get("Content-Type"), None);
    assert_eq!(item.get("body"), None);
    assert!(client.batch(&[]).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn only_what_failed_is_sent_again_and_after_its_own_wait() {
    let mut round = 0;
    let transport = Scripted::new(move |sent| {
        round += 1;
        answered(sent, |url| {
            Some(match (round, url) {
                (1, "/groups/1/members") => {
                    json!({"status": 429, "headers": {"Retry-After": "10"}, "body": {"error": {"code": "TooManyRequests"}}})
                }
                (1, "/groups/2/members") => json!({"status": 503, "headers": {"retry-after": 4}}),
                (1, "/groups/3/members") => {
                    json!({"status": 404, "headers": {"request-id": "r-3"}, "body": {"error": {"code": "Request_ResourceNotFound", "message": "no\nsuch"}}})
                }
                (1, "/groups/4/members") => return None,
                (1, "/groups/5/members") => json!({"status": 424}),
                (1, "/groups/6/members") => json!({"status": 500, "body": null}),
                (1, "/groups/7/members") => json!({"status": 204, "body": null}),
                _ => return echo(url),
            })
        })
    });
    let client = client(&transport);
    let calls: Vec<Call> = (0..8).map(members).collect();
    let answers = client.batch(&calls).await;
    let error = answers[3].as_ref().unwrap_err();
    assert_eq!(
        error.to_string(),
        "Graph refused `GET /v1.0/groups/3/members`: 404 Request_ResourceNotFound: no such"
    );
    assert!(
        matches!(error, GraphError::Refused { request_id, .. } if request_id.as_deref() == Some("r-3"))
    );
    assert_eq!(answers[7].as_ref().unwrap().body, b"");
    for place in [0, 1, 2, 4, 5, 6] {
        assert_eq!(url_of(answers[place].as_ref().unwrap()), calls[place].relative());
    }
    // All of one workload: nothing of it left before the longest wait was over.
    let sent = transport.sent();
    assert_eq!(sent[0].items().len(), 8);
    let again: Vec<String> = sent[1..].iter().flat_map(Sent::items).collect();
    let mut sorted = again.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted.len(), again.len(), "each once");
    assert_eq!(
        sorted,
        [
            "/groups/1/members",
            "/groups/2/members",
            "/groups/4/members",
            "/groups/5/members",
            "/groups/6/members"
        ]
    );
    assert!(transport.times()[1] >= 10_000);
}

#[tokio::test(start_paused = true)]
async fn an_item_of_a_throttled_workload_waits_and_the_others_do_not() {
    let transport = Scripted::new({
        let mut first = true;
        move |sent| {
            let throttle = std::mem::take(&mut first);
            answered(sent, |url| match url {
                "/alerts" if throttle => {
                    Some(json!({"status": 429, "headers": {"Retry-After": "30"}}))
                }
                "/groups/1/members" if throttle => Some(json!({"status": 502})),
                url => echo(url),
            })
        }
    });
    let client = client(&transport);
    let calls = [members(1), Call::get(Version::V1, "/alerts", Workload::Alerts)];
    let answers = client.batch(&calls).await;
    assert!(answers.iter().all(Result::is_ok));
    let sent = transport.sent();
    assert_eq!(sent[1].items(), ["/groups/1/members"]);
    assert!(sent[1].at <= 1_001);
    assert_eq!((sent[2].items(), sent[2].at), (vec!["/alerts".to_owned()], 30_000));
}

#[tokio::test(start_paused = true)]
async fn a_batch_lifts_no_limit() {
    let transport = Scripted::new(|sent| answered(sent, echo));
    let client = client(&transport);
    let calls: Vec<Call> = (0..6)
        .map(|n| Call::get(Version::V1, format!("/identity/{n}"), Workload::ConditionalAccess))
        .chain((0..12).map(|n| Call::get(Version::V1, format!("/reports/{n}"), Workload::Reports)))
        .chain((0..9).map(|n| {
            let path = format!("/users/{}/mailboxSettings", n % 2);
            Call::get(Version::V1, path, Workload::Outlook)
        }))
        .collect();
    assert!(client.batch(&calls).await.iter().all(Result::is_ok));
    let mut log: Vec<(u64, String)> = Vec::new();
    for sent in transport.sent() {
        let items = sent.items();
        for mailbox in ["/users/0/", "/users/1/"] {
            assert!(items.iter().filter(|url| url.starts_with(mailbox)).count() <= 4);
        }
        log.extend(items.into_iter().map(|url| (sent.at, url)));
    }
    assert_eq!(log.len(), calls.len());
    for (prefix, limit, span) in [("/identity", 1, 1_000), ("/reports", 5, 10_000)] {
        let times: Vec<u64> =
            log.iter().filter(|(_, url)| url.starts_with(prefix)).map(|(at, _)| *at).collect();
        for window in times.windows(limit + 1) {
            assert!(window[limit] - window[0] >= span, "{prefix}: {times:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn when_the_whole_batch_fails_reads_go_again_and_nobody_knows_of_the_writes() {
    let table = [
        (Reply::Lost, true),
        (Reply::error(500, "x"), true),
        (Reply::error(503, "x"), true),
        (Reply::text(200, r#"{"responses": [{"id": "0", "st"#), true),
        (Reply::text(200, ""), true),
        (Reply::json(200, json!({"responses": []})), true),
        (Reply::ok().after(90_001), true),
        (Reply::NotSent, false),
        (Reply::error(429, "x").with("Retry-After", "5"), false),
        (Reply::error(503, "x").with("Retry-After", "5"), false),
        (Reply::error(401, "InvalidAuthenticationToken"), false),
    ];
    for (reply, unknown) in table {
        let of_script = reply.clone();
        let mut failed = false;
        let transport = Scripted::new(move |sent| {
            if std::mem::replace(&mut failed, true) {
                return answered(sent, echo);
            }
            of_script.clone()
        });
        let client = client(&transport);
        let answers = client.batch(&[members(0), add(1), members(2)]).await;
        assert!(answers[0].is_ok() && answers[2].is_ok(), "{reply:?}: {answers:?}");
        let of_write = matches!(&answers[1], Err(GraphError::Unknown { .. }));
        assert_eq!(of_write, unknown, "{reply:?}: {:?}", answers[1]);
        let writes = transport
            .sent()
            .iter()
            .flat_map(Sent::items)
            .filter(|url| url.ends_with("$ref"))
            .count();
        assert_eq!(writes, if unknown { 1 } else { 2 }, "{reply:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_refused_is_refused_for_each_of_its_items() {
    let transport = Scripted::in_turn([Reply::error(400, "BadRequest")]);
    let answers = client(&transport).batch(&[members(0), add(1)]).await;
    let told: Vec<String> =
        answers.iter().map(|answer| answer.as_ref().unwrap_err().to_string()).collect();
    assert_eq!(
        told,
        [
            "Graph refused `GET /v1.0/groups/0/members`: 400 BadRequest: said the script",
            "Graph refused `POST /v1.0/groups/1/members/$ref`: 400 BadRequest: said the script",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_sends_the_reads_of_a_batch_only() {
    let transport = Scripted::new(|sent| answered(sent, echo));
    let client = Client::new(transport.clone(), Options { dry_run: true, ..options() });
    let answers = client.batch(&[add(0), members(1), add(2)]).await;
    assert!(matches!(answers[0], Err(GraphError::DryRun { .. })));
    assert!(answers[1].is_ok());
    assert!(matches!(answers[2], Err(GraphError::DryRun { .. })));
    assert_eq!(transport.sent()[0].items(), ["/groups/1/members"]);
}

#[tokio::test(start_paused = true)]
async fn writes_carry_their_body_and_their_type() {
    let transport = Scripted::new(|sent| answered(sent, |_| Some(json!({"status": 204}))));
    let answers = client(&transport).batch(&[add(4)]).await;
    assert_eq!(answers[0].as_ref().unwrap().status, 204);
    let item = &transport.sent()[0].json()["requests"][0];
    assert_eq!(item["headers"]["Content-Type"], "application/json");
    assert_eq!((&item["method"], &item["body"]), (&json!("POST"), &json!({"a": 4})));
}

#[tokio::test(start_paused = true)]
async fn the_body_of_an_item_comes_byte_for_byte() {
    let body = r#"{ "value" : [1.0, 2e3 ] , "b":"\u00e4" }"#;
    let text = format!(r#"{{"responses":[{{"id":"0","status":200,"body":{body}}}]}}"#);
    let transport = Scripted::new(move |_| Reply::text(200, &text));
    let answers = client(&transport).batch(&[members(0)]).await;
    assert_eq!(answers[0].as_ref().unwrap().body, body.as_bytes());
}

#[tokio::test(start_paused = true)]
async fn items_that_fail_for_too_long_are_given_up_one_by_one() {
    let transport = Scripted::new(|sent| {
        answered(sent, |url| match url {
            "/groups/1/members" => {
                Some(json!({"status": 500, "body": {"error": {"code": "Oops"}}}))
            }
            url => echo(url),
        })
    });
    let answers = client(&transport).batch(&[members(0), members(1)]).await;
    assert!(answers[0].is_ok());
    let Err(GraphError::GaveUp { status: 500, code, attempts, .. }) = &answers[1] else {
        panic!("{:?}", answers[1])
    };
    assert_eq!(code, "Oops");
    assert!(*attempts > 5);
    assert!(*transport.times().last().unwrap() <= 600_000);
}

#[tokio::test(start_paused = true)]
async fn a_strange_answer_loses_no_request_and_makes_up_none() {
    let mine = json!({"id": "0", "status": 200, "body": {"url": "/groups/0/members"}});
    let other = json!({"id": "0", "status": 403, "body": {"error": {"code": "second"}}});
    let strangers = json!({"id": "17", "status": 200, "body": {}});
    let table = [
        // Twice: the first counts. An id nobody asked for is nobody's.
        (json!([mine, other, strangers]), true),
        (json!([strangers]), false),
        // No status, or none that is one; a header that is none.
        (json!([{"id": "0", "body": {}}]), false),
        (json!([{"id": "0", "status": "200"}]), false),
        (json!([{"id": "0", "status": 99_999}]), false),
        (json!([{"id": 0, "status": 200}]), false),
        (json!({"id": "0"}), false),
        (
            json!([{"id": "0", "status": 429, "headers": {"Retry\nAfter": "5", "retry-after": null}}]),
            false,
        ),
        (json!([{"id": "0", "status": 429, "headers": null}]), false),
    ];
    for (responses, at_once) in table {
        let of_script = responses.clone();
        let mut strange = true;
        let transport = Scripted::new(move |sent| {
            if std::mem::take(&mut strange) {
                return Reply::json(200, json!({"responses": of_script}));
            }
            answered(sent, echo)
        });
        let answers = client(&transport).batch(&[members(0)]).await;
        assert_eq!(url_of(answers[0].as_ref().unwrap()), "/groups/0/members", "{responses}");
        assert_eq!(transport.sent().len() == 1, at_once, "{responses}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_sealed_secret_goes_into_its_item() {
    let transport = Scripted::new(|sent| answered(sent, |_| Some(json!({"status": 204}))));
    let sealed = Sealed { place: &["password"], secret: "se\"cret".into() };
    let call = Call { sealed: Some(sealed), ..add(4) };
    client(&transport).batch(&[call]).await.remove(0).unwrap();
    let item = &transport.sent()[0].json()["requests"][0];
    assert_eq!(item["body"], json!({"a": 4, "password": "se\"cret"}));
}
