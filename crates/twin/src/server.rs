//! The service on the loopback interface.
//!
//! What a [`Reply`] says about the connection is done to the connection: a reset is a TCP reset, an
//! answer that is cut ends in the middle of its body, and silence lasts until the caller gives up.

mod socket;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use http::{Request, Response, StatusCode};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::service::{Reply, Service};
use socket::{Doom, Doomed, Loopback};

/// Largest body that is taken. A batch of twenty writes is far smaller.
const LARGEST: usize = 4 * 1024 * 1024;

#[derive(Clone)]
struct Served {
    service: Arc<Mutex<Service>>,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Ends when the server does.
    alive: watch::Receiver<()>,
}

/// Serves until the returned future is dropped. `clock` is the twin's.
///
/// # Errors
/// When the listener is not on the loopback interface, or fails.
pub async fn serve(
    listener: tokio::net::TcpListener,
    service: Arc<Mutex<Service>>,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
) -> std::io::Result<()> {
    if !listener.local_addr()?.ip().is_loopback() {
        return Err(std::io::Error::new(
            std::io::ErrorKind::InvalidInput,
            "a simulated tenant is served on the loopback interface only",
        ));
    }
    // Dropped with this future, which ends what still waits.
    let (_server, alive) = watch::channel(());
    let served = Served { service, clock, alive };
    let app = Router::new().fallback(answer).with_state(served);
    let app = app.into_make_service_with_connect_info::<Doomed>();
    axum::serve(Loopback(listener), app).await
}

async fn answer(
    State(served): State<Served>,
    ConnectInfo(doomed): ConnectInfo<Doomed>,
    request: Request<Body>,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    if !names_this_machine(&parts.headers) {
        return status(StatusCode::MISDIRECTED_REQUEST);
    }
    let Ok(bytes) = axum::body::to_bytes(body, LARGEST).await else {
        return status(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let request = Request::from_parts(parts, bytes.to_vec());
    let now = (served.clock)();
    let reply = {
        let mut service = served.service.lock().unwrap_or_else(PoisonError::into_inner);
        service.answer(&request, now)
    };
    match reply {
        Reply::Answer(response, wait) => {
            let mut alive = served.alive.clone();
            // The server going ends the wait.
            tokio::select! {
                () = sleep(wait) => {}
                _ = alive.changed() => {}
            }
            response.map(Body::from)
        }
        Reply::Truncated(response) => {
            let (parts, mut body) = response.into_parts();
            let whole = parts.headers.get(http::header::CONTENT_LENGTH);
            let whole = whole.and_then(|it| it.to_str().ok()?.parse().ok());
            doomed.set(Doom::CutAfter(body.len()));
            // What is added never leaves: the connection ends before.
            body.resize(whole.unwrap_or(body.len() + 1), b' ');
            Response::from_parts(parts, Body::from(body))
        }
        Reply::Reset => {
            doomed.set(Doom::Reset);
            status(StatusCode::BAD_GATEWAY)
        }
        Reply::Silence => {
            let mut alive = served.alive.clone();
            while alive.changed().await.is_ok() {}
            doomed.set(Doom::Reset);
            status(StatusCode::BAD_GATEWAY)
        }
    }
}

async fn sleep(wait: SignedDuration) {
    if let Ok(wait) = std::time::Duration::try_from(wait)
        && !wait.is_zero()
    {
        tokio::time::sleep(wait).await;
    }
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// A page in a browser that was led here by a name of its own must not read the tenant.
fn names_this_machine(headers: &http::HeaderMap) -> bool {
    let host = headers.get(http::header::HOST).and_then(|it| it.to_str().ok()).unwrap_or("");
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|it| it.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|it| it.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_served() {
        let cases = [
            ("127.0.0.1:7341", true),
            ("127.0.0.1", true),
            ("localhost:80", true),
            ("[::1]:7341", true),
            ("twin.example:7341", false),
            ("127.0.0.1.twin.example", false),
            ("192.0.2.1:80", false),
            ("", false),
        ];
        for (host, is_served) in cases {
            let mut headers = http::HeaderMap::new();
            headers.insert("host", host.parse().unwrap());
            assert_eq!(names_this_machine(&headers), is_served, "{host}");
        }
    }
}
