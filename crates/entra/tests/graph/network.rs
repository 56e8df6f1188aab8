//! The real transport, against a listener on this machine that does what networks do.

use std::error::Error;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{JoinHandle, spawn};
use std::time::Duration;

use entra::graph::{
    Client, Endpoints, GraphError, HttpsTransport, Options, Transport, TransportError, Workload,
};

use crate::support::{SECRET, options, read, write};

/// A listener that hands each connection, with the head of its request, to a rule.
struct Listener {
    root: String,
    heads: Receiver<String>,
    thread: JoinHandle<()>,
}

impl Listener {
    fn new(connections: usize, rule: impl Fn(usize, &mut TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let (told, heads) = channel();
        let thread = spawn(move || {
            for number in 0..connections {
                let (mut stream, _) = listener.accept().unwrap();
                told.send(request(&mut stream)).unwrap();
                rule(number, &mut stream);
            }
        });
        Self { root, heads, thread }
    }

    /// The requests that came, once the listener is done.
    async fn done(self) -> Vec<String> {
        // Beside the runtime, which still has connections to close.
        let thread = self.thread;
        tokio::task::spawn_blocking(move || thread.join().unwrap()).await.unwrap();
        self.heads.try_iter().collect()
    }
}

/// Reads one request, with its body.
fn request(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4_096];
    loop {
        let read = stream.read(&mut buffer).unwrap();
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            if read == 0 {
                return text;
            }
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse().unwrap());
        if read == 0 || body.len() >= length {
            return text;
        }
    }
}

fn answer(stream: &mut TcpStream, head: &str, body: &[u8]) {
    stream.write_all(format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n").as_bytes()).unwrap();
    stream.write_all(body).unwrap();
}

fn whole(stream: &mut TcpStream, body: &str) {
    let head = format!("200 OK\r\ncontent-length: {}\r\nrequest-id: r-1", body.len());
    answer(stream, &head, body.as_bytes());
}

fn get(address: &str) -> http::Request<Vec<u8>> {
    http::Request::builder().uri(address).body(Vec::new()).unwrap()
}

fn transport() -> HttpsTransport {
    HttpsTransport::with_limits(Duration::from_secs(5), 4_000).unwrap()
}

/// An error with all its sources.
fn chain(error: &dyn Error) -> String {
    let mut told = error.to_string();
    let mut at = error.source();
    while let Some(source) = at {
        told.push_str(": ");
        told.push_str(&source.to_string());
        at = source.source();
    }
    told
}

#[tokio::test]
async fn a_whole_answer_comes_as_it_is_and_an_address_goes_out_as_it_is() {
    let listener = Listener::new(2, |_, stream| whole(stream, "{\"value\": [1]}\n"));
    let link = "/v1.0/users?$top=999&$skiptoken=RFNw%2bAA(1)_b~=%7B;:@!*,/?";
    let response = transport().send(get(&format!("{}{link}", listener.root))).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["request-id"], "r-1");
    assert_eq!(response.body(), b"{\"value\": [1]}\n");
    // The one difference, which means the same.
    let apostrophe = format!("{}/v1.0/users?a='b'", listener.root);
    transport().send(get(&apostrophe)).await.unwrap();
    let heads = listener.done().await;
    assert!(heads[0].starts_with(&format!("GET {link} HTTP/1.1\r\n")), "{}", heads[0]);
    assert!(heads[1].starts_with("GET /v1.0/users?a=%27b%27 HTTP/1.1\r\n"), "{}", heads[1]);
    assert!(heads[0].contains("accept-encoding: gzip"));
    assert!(!heads[0].contains("referer"));
}

#[tokio::test]
async fn an_answer_that_was_squeezed_is_inflated_but_not_beyond_the_limit() {
    // `{"value":[]}` and so many blanks, by gzip.
    let squeezed: &'static [u8] = &[
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 237, 193, 177, 17, 0, 16, 16, 0, 176, 85, 220, 143, 97,
        21, 167, 80, 232, 190, 165, 113, 118, 55, 133, 46, 201, 137, 61, 114, 205, 168, 173, 223,
        2, 0, 0, 0, 0, 124, 247, 0, 141, 41, 49, 169, 148, 19, 0, 0,
    ];
    let head = format!("200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}", squeezed.len());
    let listener = Listener::new(2, move |_, stream| answer(stream, &head, squeezed));
    let larger = HttpsTransport::with_limits(Duration::from_secs(5), 6_000).unwrap();
    let body = larger.send(get(&listener.root)).await.unwrap().into_body();
    assert_eq!(body.len(), 5_012);
    assert!(body.starts_with(b"{\"value\":[]}"));
    let error = transport().send(get(&listener.root)).await.unwrap_err();
    assert!(matches!(error, TransportError::AnswerLost { .. }));
    assert!(chain(&error).contains("larger than"), "{}", chain(&error));
    listener.done().await;
}

#[tokio::test]
async fn what_ends_in_the_middle_is_a_lost_answer() {
    type Rule = fn(&mut TcpStream);
    let table: [(&str, Rule); 6] = [
        ("closed without a word", |_| {}),
        ("half a head", |stream| stream.write_all(b"HTTP/1.1 200 O").unwrap()),
        ("no HTTP", |stream| stream.write_all(b"220 mail.ne.example ESMTP\r\n\r\n").unwrap()),
        ("half a body", |stream| answer(stream, "200 OK\r\ncontent-length: 100", b"{\"val")),
        ("half of the chunks", |stream| {
            answer(stream, "200 OK\r\ntransfer-encoding: chunked", b"5\r\n{\"val\r\n");
        }),
        ("half of what was squeezed", |stream| {
            answer(
                stream,
                "200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 12",
                &[31, 139, 8, 0, 0, 0, 0, 0, 2, 255, 171, 86],
            );
        }),
    ];
    for (what, rule) in table {
        let listener = Listener::new(1, move |_, stream| rule(stream));
        let address = format!("{}/v1.0/users?$filter=name-of-zoe", listener.root);
        let error = transport().send(get(&address)).await.unwrap_err();
        assert!(matches!(error, TransportError::AnswerLost { .. }), "{what}: {}", chain(&error));
        assert_eq!(error.to_string(), "`127.0.0.1` did not answer to the end");
        assert!(!chain(&error).contains("zoe"), "{what}: {}", chain(&error));
        listener.done().await;
    }
}

#[tokio::test]
async fn what_never_left_is_known_not_to_have_left() {
    // Nobody listens.
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    // Somebody listens who speaks no TLS.
    let plain = Listener::new(1, |_, stream| stream.write_all(b"no TLS here").unwrap());
    let table = [
        format!("http://{closed}/v1.0/users?zoe"),
        plain.root.replace("http:", "https:") + "/v1.0/users?zoe",
        // Without TLS to another machine.
        "http://192.0.2.1/v1.0/users?zoe".to_owned(),
        "http://127.0.0.1.ne.example/v1.0/users?zoe".to_owned(),
        "ftp://192.0.2.1/v1.0/users?zoe".to_owned(),
    ];
    let impatient = HttpsTransport::with_limits(Duration::from_millis(300), 4_000).unwrap();
    for address in table {
        let error = impatient.send(get(&address)).await.unwrap_err();
        assert!(matches!(error, TransportError::NotSent { .. }), "{address}: {}", chain(&error));
        assert!(!chain(&error).contains("zoe"), "{}", chain(&error));
    }
    let hello = plain.done().await.remove(0);
    assert!(!hello.contains("v1.0"), "only a handshake came");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    let head = format!(
        "302 Found\r\ncontent-length: 0\r\nlocation: http://{}/",
        elsewhere.local_addr().unwrap()
    );
    let listener = Listener::new(1, move |_, stream| answer(stream, &head, b""));
    let response = transport().send(get(&listener.root)).await.unwrap();
    assert_eq!(response.status(), 302);
    listener.done().await;
    elsewhere.set_nonblocking(true).unwrap();
    assert!(elsewhere.accept().is_err(), "nobody came");
}

#[tokio::test]
async fn the_whole_client_over_the_network() {
    let listener = Listener::new(4, |number, stream| match number {
        0 => whole(stream, r#"{"access_token": "tok-en", "expires_in": 3599}"#),
        1 => whole(stream, r#"{"value": []}"#),
        // A write that came, and of whose answer half comes.
        2 => answer(stream, "201 Created\r\ncontent-length: 50", b"{\"id\":"),
        // And one that is never answered: the client waits as long as it was told to.
        _ => assert_eq!(stream.read(&mut [0]).unwrap(), 0),
    });
    let options = Options {
        endpoints: Endpoints::on_this_machine(&listener.root).unwrap(),
        answer_within: Duration::from_secs(2),
        give_up_after: Duration::ZERO,
        ..options()
    };
    let client = Client::new(transport(), options);
    let answer = client.call(&read(Workload::Other)).await.unwrap();
    assert_eq!((answer.status, answer.request_id.as_deref()), (200, Some("r-1")));
    for _ in 0..2 {
        let error = client.call(&write()).await.unwrap_err();
        assert!(matches!(error, GraphError::Unknown { .. }), "{error:?}");
        assert!(!format!("{error:?}").contains("tok-en"));
    }
    let heads = listener.done().await;
    assert!(heads[0].starts_with("POST /ne.example/oauth2/v2.0/token HTTP/1.1\r\n"));
    assert!(heads[1].contains("authorization: Bearer tok-en\r\n"));
    assert_eq!(heads.iter().filter(|head| head.starts_with("POST /v1.0/things")).count(), 2);
    assert!(!heads[1..].iter().any(|head| head.contains(SECRET)));
}
