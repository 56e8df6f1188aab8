//! The service behind a socket.

use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use twin::{Fault, FaultPlan};

use crate::tenant::{Asker, start};

/// Serves a tenant in which the first request meets a fault, and asks once.
async fn asked(fault: Option<Fault>, host: &str) -> (Vec<u8>, Option<std::io::ErrorKind>) {
    let mut asker = Asker::new();
    let at = fault.into_iter().map(|it| (1, it)).collect();
    asker.service.faults = FaultPlan { at, ..FaultPlan::default() };
    let token = asker.token.clone();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = Arc::new(Mutex::new(asker.service));
    let ask = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "GET /v1.0/users HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
             Connection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let end = stream.read_to_end(&mut answer).await;
        (answer, end.err().map(|it| it.kind()))
    };
    tokio::select! {
        answer = ask => answer,
        end = twin::server::serve(listener, service.clone(), Arc::new(start)) => {
            panic!("the server ended: {end:?}")
        }
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Length the head tells, and length of the body that came.
fn lengths(answer: &[u8]) -> (usize, usize) {
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let told = head.lines().find_map(|it| it.strip_prefix("content-length: ")).unwrap();
    (told.parse().unwrap(), body.len())
}

#[test]
fn a_whole_answer() {
    let (answer, end) = run(asked(None, "127.0.0.1:7341"));
    assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"), "{}", String::from_utf8_lossy(&answer));
    let (told, came) = lengths(&answer);
    assert_eq!((told, end), (came, None));
}

#[test]
fn a_late_answer_is_whole() {
    let fault = Fault::Slow(SignedDuration::from_millis(20));
    let (answer, end) = run(asked(Some(fault), "localhost:7341"));
    let (told, came) = lengths(&answer);
    assert_eq!((told, end), (came, None));
}

#[test]
fn an_answer_cut_in_its_body() {
    let (answer, _) = run(asked(Some(Fault::Truncated(30)), "127.0.0.1"));
    assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
    let (told, came) = lengths(&answer);
    assert_eq!(came, told * 30 / 100);
}

#[test]
fn a_reset_is_a_reset() {
    for fault in [Fault::ResetBefore, Fault::ResetAfter] {
        let (answer, end) = run(asked(Some(fault), "127.0.0.1"));
        assert_eq!((answer.len(), end), (0, Some(std::io::ErrorKind::ConnectionReset)));
    }
}

#[test]
fn silence_says_nothing() {
    let silent = async {
        let wait = tokio::time::sleep(std::time::Duration::from_millis(50));
        tokio::select! {
            answer = asked(Some(Fault::AnswerLost), "127.0.0.1") => Some(answer),
            () = wait => None,
        }
    };
    assert_eq!(run(silent), None);
}

#[test]
fn a_name_from_elsewhere_is_not_served() {
    let (answer, _) = run(asked(None, "twin.example"));
    assert!(answer.starts_with(b"HTTP/1.1 421 "), "{}", String::from_utf8_lossy(&answer));
}

#[test]
fn only_the_loopback_interface_is_served() {
    let end = run(async {
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let service = Arc::new(Mutex::new(Asker::new().service));
        twin::server::serve(listener, service, Arc::new(start)).await
    });
    assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::InvalidInput);
}
