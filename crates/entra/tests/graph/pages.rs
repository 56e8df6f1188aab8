//! Lists in pages.

use entra::graph::{Call, GraphError, Version, Workload};
use serde_json::json;

use crate::support::{Reply, Scripted, client, page};

const ROOT: &str = "https://graph.microsoft.com/v1.0/users";

fn users() -> Call {
    Call::get(Version::V1, "/users", Workload::Directory).with("$top", "999").advanced()
}

#[tokio::test(start_paused = true)]
async fn links_are_followed_as_they_are_written_with_every_header() {
    let second = "https://graph.microsoft.com/v1.0/users?$top=999&$skiptoken=RFN'w%2bAA(1)_b~=";
    let third = "https://graph.microsoft.com/v1.0/users?%24skiptoken=m%3A%3A%7Ba%7D&$top=999";
    let transport = Scripted::in_turn([
        Reply::json(200, page(2, Some(second))),
        // A page may be empty and still not be the last.
        Reply::json(200, page(0, Some(third))).with("request-id", "r-2"),
        Reply::text(200, "{\"value\" : [ {\"id\":\"z\"}]\n, \"@odata.nextLink\": null}"),
    ]);
    let client = client(&transport);
    let mut pages = client.pages(users());
    let first = pages.next().await.unwrap().unwrap();
    assert_eq!((first.objects, first.next.as_deref()), (2, Some(second)));
    let page = pages.next().await.unwrap().unwrap();
    assert_eq!((page.objects, page.next.as_deref()), (0, Some(third)));
    assert_eq!(page.request_id.as_deref(), Some("r-2"));
    let last = pages.next().await.unwrap().unwrap();
    assert_eq!((last.objects, last.next), (1, None));
    assert_eq!(last.body, b"{\"value\" : [ {\"id\":\"z\"}]\n, \"@odata.nextLink\": null}");
    assert_eq!(pages.next().await.unwrap(), None);
    assert_eq!(pages.next().await.unwrap(), None);

    let sent = transport.sent();
    assert_eq!(sent.len(), 3);
    assert_eq!(sent[0].query, "$top=999&$count=true");
    assert_eq!(format!("{ROOT}?{}", sent[1].query), second);
    assert_eq!(format!("{ROOT}?{}", sent[2].query), third);
    for sent in sent {
        assert_eq!(sent.header("prefer"), "include-unknown-enum-members");
        assert_eq!(sent.header("consistencylevel"), "eventual");
    }
}

#[tokio::test(start_paused = true)]
async fn a_later_run_goes_on_at_the_link_of_an_earlier_one() {
    let link = format!("{ROOT}?$skiptoken=2");
    let transport = Scripted::in_turn([Reply::json(200, page(1, None))]);
    let client = client(&transport);
    let mut pages = client.pages_from(users(), link);
    assert!(pages.next().await.unwrap().is_some());
    assert!(pages.next().await.unwrap().is_none());
    assert_eq!(transport.sent()[0].query, "$skiptoken=2");
}

#[tokio::test(start_paused = true)]
async fn a_token_goes_nowhere_else() {
    let elsewhere = [
        "https://graph.microsoft.com.evil.example/v1.0/users",
        "https://evil.example/v1.0/users",
        "http://graph.microsoft.com/v1.0/users",
        "https://graph.microsoft.com:8443/v1.0/users",
        "https://graph.microsoft.com@evil.example/v1.0/users",
        "https://user:word@graph.microsoft.com/v1.0/users",
        "//evil.example/users",
        "/v1.0/users?$skiptoken=2",
        "not a link",
    ];
    for link in elsewhere {
        let transport = Scripted::in_turn([Reply::json(200, page(1, Some(link)))]);
        let client = client(&transport);
        let mut pages = client.pages(users());
        assert!(pages.next().await.unwrap().is_some());
        // Asking again does not help, and does not end the list as if it were whole.
        for _ in 0..2 {
            let error = pages.next().await.unwrap_err();
            assert!(matches!(error, GraphError::Unreadable { .. }), "{link}: {error:?}");
            assert!(!error.to_string().contains("evil"));
        }
        assert_eq!(transport.all().len(), 2, "{link}: a token and a page");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_goes_round_ends_with_an_error() {
    let link = |number: u32| format!("{ROOT}?$skiptoken={number}");
    // A page that leads to itself, to the first link, and to the very first address.
    let table = [(vec![1, 1], 2), (vec![1, 2, 3, 1], 4)];
    for (order, read) in table {
        let replies: Vec<_> =
            order.iter().map(|number| Reply::json(200, page(1, Some(&link(*number))))).collect();
        let transport = Scripted::in_turn(replies);
        let client = client(&transport);
        let mut pages = client.pages(users());
        for _ in 0..read {
            pages.next().await.unwrap().unwrap();
        }
        for _ in 0..2 {
            let error = pages.next().await.unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("the pages of `GET /v1.0/users` go round in a circle after {read} pages")
            );
        }
    }
    let first = format!("{ROOT}?$top=999&$count=true");
    let transport = Scripted::in_turn([Reply::json(200, page(1, Some(&first)))]);
    let client = client(&transport);
    let mut pages = client.pages(users());
    pages.next().await.unwrap().unwrap();
    assert!(matches!(pages.next().await, Err(GraphError::PageLoop { pages: 1, .. })));
}

#[tokio::test(start_paused = true)]
async fn a_page_that_came_broken_is_asked_for_again() {
    let whole = page(3, None).to_string();
    let broken = [
        whole[..whole.len() - 1].to_owned(),
        String::new(),
        "[]".to_owned(),
        json!({"id": "not a list"}).to_string(),
        json!({"value": "not a list"}).to_string(),
        json!({"value": [], "error": {"code": "generalException"}}).to_string(),
        "<html>busy</html>".to_owned(),
    ];
    for broken in broken {
        let transport = Scripted::in_turn([
            Reply::text(200, &broken),
            Reply::text(200, &broken),
            Reply::text(200, &whole),
        ]);
        let client = client(&transport);
        let mut pages = client.pages(users());
        assert_eq!(pages.next().await.unwrap().unwrap().objects, 3, "{broken}");
        assert_eq!(pages.next().await.unwrap(), None);
        assert_eq!(transport.sent().len(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn after_an_error_the_same_page_can_be_asked_for_again() {
    let link = format!("{ROOT}?$skiptoken=2");
    let transport = Scripted::in_turn([
        Reply::json(200, page(1, Some(&link))),
        Reply::error(403, "Authorization_RequestDenied"),
        Reply::json(200, page(1, None)),
    ]);
    let client = client(&transport);
    let mut pages = client.pages(users());
    pages.next().await.unwrap().unwrap();
    assert!(matches!(pages.next().await, Err(GraphError::Refused { status: 403, .. })));
    pages.next().await.unwrap().unwrap();
    assert_eq!(pages.next().await.unwrap(), None);
}
