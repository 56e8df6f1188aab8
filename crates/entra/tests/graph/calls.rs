//! Single requests.

use std::error::Error;
use std::time::Duration;

use entra::graph::{Call, Client, GraphError, Options, Version, Workload};
use http::Method;
use serde_json::json;

use crate::support::{Reply, SECRET, Scripted, client, options, read, write};

#[tokio::test(start_paused = true)]
async fn a_request_carries_what_it_must_and_nothing_more() {
    let transport =
        Scripted::in_turn([Reply::ok().with("request-id", "r-1"), Reply::text(204, "")]);
    let client = client(&transport);
    let answer = client.call(&read(Workload::Directory).advanced()).await.unwrap();
    assert_eq!((answer.status, answer.request_id.as_deref()), (200, Some("r-1")));
    assert_eq!(answer.json().unwrap(), json!({"value": []}));
    let answer = client.call(&write()).await.unwrap();
    assert_eq!((answer.status, answer.body.len()), (204, 0));

    let sent = transport.sent();
    assert_eq!(sent[0].host, "graph.microsoft.com");
    assert_eq!((sent[0].path.as_str(), sent[0].query.as_str()), ("/v1.0/things", "$count=true"));
    assert_eq!(sent[0].header("authorization"), "Bearer token-1");
    assert_eq!(sent[0].header("prefer"), "include-unknown-enum-members");
    assert_eq!(sent[0].header("consistencylevel"), "eventual");
    assert_eq!(sent[0].header("content-type"), "");
    assert!(sent[0].header("user-agent").starts_with("lockstep/"));
    assert_eq!(sent[1].header("consistencylevel"), "");
    assert_eq!(sent[1].header("content-type"), "application/json");
    assert_eq!(sent[1].json(), json!({"a": 1}));
    assert_eq!(transport.tokens(), 1);
}

#[tokio::test(start_paused = true)]
async fn every_attempt_has_a_request_id_of_its_own_and_the_same_seed_the_same_ones() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let transport =
            Scripted::in_turn([Reply::error(500, "x"), Reply::error(502, "x"), Reply::ok()]);
        client(&transport).call(&read(Workload::Other)).await.unwrap();
        let ids: Vec<String> = transport
            .all()
            .iter()
            .map(|sent| sent.header("client-request-id").to_owned())
            .collect();
        runs.push((ids, transport.times()));
    }
    let ids = &runs[0].0;
    for (place, id) in ids.iter().enumerate() {
        assert_eq!(uuid::Uuid::parse_str(id).unwrap().get_version_num(), 4);
        assert!(!ids[..place].contains(id));
    }
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_again_before_graph_said_so() {
    let date = |reply: Reply, at: &str| reply.with("date", at);
    let throttled = || Reply::error(429, "TooManyRequests");
    let table = [
        (throttled().with("Retry-After", "7"), 7_000),
        (throttled().with("Retry-After", "2.128"), 2_128),
        (Reply::error(503, "x").with("Retry-After", "30"), 30_000),
        (throttled().with("Retry-After", "Mon, 02 Mar 2026 09:01:00 GMT"), 60_000),
        // The clock of this machine is half an hour slow: what the server's says counts.
        (
            date(throttled(), "Mon, 02 Mar 2026 09:30:00 GMT")
                .with("Retry-After", "Mon, 02 Mar 2026 09:30:20 GMT"),
            20_000,
        ),
    ];
    for (refusal, millis) in table {
        let transport = Scripted::in_turn([refusal.clone(), Reply::text(201, "{}")]);
        let answer = client(&transport).call(&write()).await.unwrap();
        assert_eq!(answer.status, 201);
        let times = transport.times();
        assert!(times[1] >= millis && times[1] <= millis + 1_001, "{refusal:?}: {times:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn where_graph_does_not_say_waits_grow() {
    for refusal in [
        Reply::error(429, "x"),
        Reply::error(429, "x").with("Retry-After", "0"),
        Reply::error(429, "x").with("Retry-After", "Mon, 02 Mar 2020 09:00:00 GMT"),
        Reply::error(500, "x"),
        Reply::error(504, "x"),
        Reply::Lost,
        Reply::NotSent,
        Reply::text(200, r#"{"value": [{"id": "#),
    ] {
        let mut replies = vec![refusal.clone(); 5];
        replies.push(Reply::ok());
        let transport = Scripted::in_turn(replies);
        client(&transport).call(&read(Workload::Other)).await.unwrap();
        let times = transport.times();
        for (attempt, pair) in times.windows(2).enumerate() {
            let full = 1_000 << attempt;
            let waited = pair[1] - pair[0];
            assert!(waited >= full / 2 && waited <= full + 1, "{refusal:?}: {times:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttled_workload_is_left_alone_by_everybody_and_the_others_go_on() {
    let mut first = true;
    let transport = Scripted::new(move |sent| {
        if sent.path.ends_with("/things") && std::mem::take(&mut first) {
            return Reply::error(429, "x").with("Retry-After", "20");
        }
        Reply::ok()
    });
    let client = client(&transport);
    let other = Call::get(Version::V1, "/others", Workload::Directory);
    let same = Call::get(Version::V1, "/same", Workload::Alerts);
    let later = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (other, same) = tokio::join!(client.call(&other), client.call(&same));
        other.unwrap();
        same.unwrap();
    };
    let first = read(Workload::Alerts);
    let (first, ()) = tokio::join!(client.call(&first), later);
    first.unwrap();
    let mut log: Vec<(u64, String)> =
        transport.sent().into_iter().map(|sent| (sent.at, sent.path)).collect();
    log.sort();
    let log: Vec<(u64, &str)> = log.iter().map(|(at, path)| (*at, path.as_str())).collect();
    assert_eq!(
        log,
        [
            (0, "/v1.0/things"),
            (1_000, "/v1.0/others"),
            (20_000, "/v1.0/same"),
            (20_000, "/v1.0/things"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_write_whose_answer_was_lost_is_not_sent_again() {
    for reply in [
        Reply::Lost,
        Reply::error(500, "InternalServerError"),
        Reply::error(502, "x"),
        Reply::error(503, "x"),
        Reply::error(503, "x").with("Retry-After", "0"),
        Reply::error(504, "x"),
        Reply::error(507, "x"),
        Reply::text(201, r#"{"id": "4"#),
        Reply::ok().after(90_001),
    ] {
        let transport = Scripted::in_turn([reply.clone()]);
        let error = client(&transport).call(&write()).await.unwrap_err();
        assert!(matches!(error, GraphError::Unknown { .. }), "{reply:?}: {error:?}");
        assert_eq!(
            error.to_string(),
            "it is not known whether `POST /v1.0/things` was carried out"
        );
        assert_eq!(transport.sent().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_was_certainly_not_carried_out_is_sent_again() {
    for reply in [
        Reply::NotSent,
        Reply::error(429, "x"),
        Reply::error(429, "x").with("Retry-After", "3"),
        Reply::error(503, "x").with("Retry-After", "3"),
        Reply::error(409, "Directory_ConcurrencyViolation"),
        Reply::error(401, "InvalidAuthenticationToken"),
    ] {
        let transport = Scripted::in_turn([reply.clone(), Reply::text(204, "")]);
        assert_eq!(client(&transport).call(&write()).await.unwrap().status, 204, "{reply:?}");
        assert_eq!(transport.sent().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn what_graph_refuses_is_told_with_its_code_in_one_line_and_not_asked_again() {
    let long = "Neither tenant is B2C or tenant doesn't have premium license";
    let body = json!({"error": {
        "code": "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
        "message": format!("{long}\r\nsee /v1.0/users?$filter=displayName%20eq%20'Ann'"),
    }});
    let transport = Scripted::in_turn([Reply::json(403, body).with("request-id", "r-9")]);
    let error = client(&transport).call(&read(Workload::Reports)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "Graph refused `GET /v1.0/things`: 403 \
             Authentication_RequestFromNonPremiumTenantOrB2CTenant: {long} see /v1.0/users?…"
        )
    );
    let GraphError::Refused { request_id, .. } = error else { panic!("{error:?}") };
    assert_eq!(request_id.as_deref(), Some("r-9"));
    assert_eq!(transport.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn it_is_given_up_after_the_time_and_each_failure_has_its_own_error() {
    let table = [
        (
            Reply::error(500, "Oops").with("request-id", "r-2"),
            "Graph did not answer `GET /v1.0/things` after 7 attempts: 500 Oops",
        ),
        (Reply::NotSent, "no answer to `GET /v1.0/things`"),
        (Reply::Lost, "no answer to `GET /v1.0/things`"),
        (
            Reply::text(200, "{"),
            "the answer to `GET /v1.0/things` cannot be read: it is no JSON: it ends in the middle",
        ),
        (
            Reply::text(200, "<html>"),
            "the answer to `GET /v1.0/things` cannot be read: it is no JSON: line 1, column 1",
        ),
    ];
    for (reply, expected) in table {
        let transport = Scripted::new(move |_| reply.clone());
        let options = Options { give_up_after: Duration::from_secs(60), ..options() };
        let client = Client::new(transport.clone(), options);
        let error = client.call(&read(Workload::Other)).await.unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(*transport.times().last().unwrap() <= 60_000);
        assert!(transport.sent().len() > 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_longer_than_lockstep_waits_is_given_up_at_once_for_all_of_the_workload() {
    let transport = Scripted::in_turn([
        Reply::error(429, "TooManyRequests").with("Retry-After", "3600"),
        Reply::ok(),
        Reply::ok(),
    ]);
    let client = client(&transport);
    for attempts in [1, 0] {
        let error = client.call(&read(Workload::Reports)).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "Graph did not answer `GET /v1.0/things` after {attempts} attempts: 429 \
                 TooManyRequests"
            )
        );
    }
    client.call(&read(Workload::Other)).await.unwrap();
    assert_eq!(transport.times(), [0, 0]);
    // Close to its end it is waited for.
    tokio::time::sleep(Duration::from_secs(3_000)).await;
    client.call(&read(Workload::Reports)).await.unwrap();
    assert_eq!(transport.times(), [0, 0, 3_600_000]);
}

/// Whoever gave up with little patience goes on with more, and comes no earlier than it was told.
#[tokio::test(start_paused = true)]
async fn more_patience_keeps_what_it_was_told() {
    let transport = Scripted::in_turn([
        Reply::error(503, "ServiceUnavailable").with("Retry-After", "30"),
        Reply::ok(),
    ]);
    let client = client(&transport).with_patience(Duration::from_secs(5), Duration::from_secs(5));
    client.call(&read(Workload::Other)).await.unwrap_err();
    let client = client.with_patience(Duration::from_secs(600), Duration::from_secs(90));
    client.call(&read(Workload::Other)).await.unwrap();
    assert_eq!(transport.times(), [0, 30_000]);
    let tokens = transport.all().len() - transport.sent().len();
    assert_eq!(tokens, 1, "it is signed in once");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_takes_too_long_is_asked_for_again() {
    let transport = Scripted::in_turn([Reply::ok().after(90_001), Reply::ok().after(89_999)]);
    client(&transport).call(&read(Workload::Other)).await.unwrap();
    assert!(transport.times()[1] >= 90_500);
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_sends_what_reads_and_nothing_else() {
    let transport = Scripted::new(|_| Reply::ok());
    let options = Options { dry_run: true, ..options() };
    let client = Client::new(transport.clone(), options);
    let call = |method: Method, reads: bool| Call { method, reads, ..write() };
    for method in [Method::POST, Method::PATCH, Method::PUT, Method::DELETE] {
        let error = client.call(&call(method.clone(), false)).await.unwrap_err();
        assert!(matches!(error, GraphError::DryRun { .. }));
        assert_eq!(error.to_string(), format!("a dry run does not send `{method} /v1.0/things`"));
    }
    // Whoever says that a deletion reads is not believed.
    let error = client.call(&call(Method::DELETE, true)).await.unwrap_err();
    assert!(matches!(error, GraphError::DryRun { .. }));
    assert!(transport.all().is_empty(), "not even a token was asked for");

    client.call(&call(Method::POST, true)).await.unwrap();
    client.call(&read(Workload::Other)).await.unwrap();
    assert_eq!(transport.sent().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_request_leaves_the_client_as_it_was() {
    let slow = std::cell::Cell::new(true);
    let slow = std::rc::Rc::new(slow);
    let of_script = slow.clone();
    let transport =
        Scripted::new(
            move |_| if of_script.get() { Reply::ok().after(60_000) } else { Reply::ok() },
        );
    let client = client(&transport);
    let mail = Call::get(Version::V1, "/users/1/mailboxSettings", Workload::Outlook);
    // More at once than a mailbox takes; all are dropped, some before they were sent.
    let many = async {
        tokio::join!(
            client.call(&mail),
            client.call(&mail),
            client.call(&mail),
            client.call(&mail),
            client.call(&mail),
            client.call(&mail)
        )
    };
    assert!(tokio::time::timeout(Duration::from_secs(5), many).await.is_err());
    assert_eq!(transport.sent().len(), 4, "four at once");
    slow.set(false);
    for _ in 0..4 {
        client.call(&mail).await.unwrap();
    }
    assert_eq!(transport.times()[4..], [5_000; 4]);
    // What left and was cancelled stays counted: it may have arrived.
    slow.set(true);
    let report = read(Workload::Reports);
    for _ in 0..5 {
        let cancelled = tokio::time::timeout(Duration::from_millis(1), client.call(&report)).await;
        assert!(cancelled.is_err());
    }
    slow.set(false);
    client.call(&report).await.unwrap();
    let times = transport.times();
    assert!(times[13] - times[8] >= 10_000, "{times:?}");
}

#[tokio::test(start_paused = true)]
async fn no_error_and_no_debug_shows_a_secret() {
    let mut told = String::new();
    let replies = [
        Reply::error(403, "x"),
        Reply::error(400, "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwcyJ9.c2lnbmF0dXJl"),
        Reply::error(500, "x"),
        Reply::Lost,
        Reply::NotSent,
        Reply::text(200, "token-1"),
    ];
    for reply in replies {
        let transport = Scripted::new(move |_| reply.clone());
        let options = Options { give_up_after: Duration::from_secs(5), ..options() };
        told.push_str(&format!("{options:?}"));
        let client = Client::new(transport.clone(), options);
        let query = read(Workload::Other).with("$filter", "displayName eq 'Ann Nemo'");
        let mut error: Option<&dyn Error> = None;
        let result = client.call(&query).await.unwrap_err();
        told.push_str(&format!("{result:?}"));
        error.replace(&result);
        while let Some(at) = error {
            told.push_str(&at.to_string());
            error = at.source();
        }
        assert!(!result.to_string().contains('\n'));
    }
    for secret in [SECRET, "token-1", "Ann", "Nemo", "eyJ0"] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_address_that_is_not_encoded_is_not_sent() {
    // The part after `#` would be lost on the way: another account would be asked for, or changed.
    let guest = "/users/ann_partner.example#EXT#@ne.example";
    for path in [guest, "/users/ann nemo", "/users/änn", "/users/<ann>"] {
        let transport = Scripted::new(|_| panic!("nothing is sent"));
        let client = client(&transport);
        let call = Call::get(Version::V1, path, Workload::Directory);
        let alone = client.call(&call).await.unwrap_err();
        let in_batch = client.batch(&[call]).await.remove(0).unwrap_err();
        for error in [alone, in_batch] {
            assert!(matches!(error, GraphError::Unsendable { .. }), "{path}: {error:?}");
        }
        assert!(transport.sent().is_empty());
    }
}
