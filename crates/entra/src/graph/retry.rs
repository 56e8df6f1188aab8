//! What an answer means: done, again, or no.
//!
//! Statuses are those of the Graph documentation, *Microsoft Graph error responses and resource
//! types* and *Microsoft Graph throttling guidance*. A read may always be sent again. A write is
//! sent again only where it is certain that it was not carried out.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::call::Call;
use super::clock::instant;
use super::error::GraphError;
use super::received::Received;
use super::transport::TransportError;

/// What one attempt came to.
#[derive(Debug)]
pub(super) enum Outcome {
    /// A status of 2xx.
    Done(Received),
    /// Not this time. Sending it again changes nothing twice.
    Again {
        /// What Graph asks for. `None`: a wait of our own.
        wait: Option<Duration>,
        /// The workload takes no requests for that long, whoever they are from.
        throttled: bool,
        /// What to say if it goes on like this.
        failure: Failure,
    },
    /// The token is not accepted (any more).
    Renew {
        /// What a new one has to satisfy.
        claims: Option<String>,
        /// What to say if the new one is not accepted either.
        refused: GraphError,
    },
    /// No, or nobody knows.
    Final(GraphError),
}

/// Why an attempt came to nothing.
#[derive(Debug)]
pub(super) enum Failure {
    /// No answer.
    Network(TransportError),
    /// An answer that says so.
    Status { status: u16, code: String, request_id: Option<String> },
    /// An answer that makes no sense.
    Unreadable(String),
}

/// The answer of a server that may have carried out what it then failed at.
#[derive(Debug, thiserror::Error)]
#[error("the answer was {status} {code}")]
struct FailedAfterwards {
    status: u16,
    code: String,
}

/// What an attempt means for its request. `host` is named where the answer leaves open whether a
/// write was carried out; `now` is what a `Retry-After` date is held against.
pub(super) fn judge(
    call: &Call,
    host: &str,
    result: Result<Received, TransportError>,
    now: Timestamp,
) -> Outcome {
    let received = match result {
        Ok(received) => received,
        Err(source @ TransportError::AnswerLost { .. }) if call.writes() => {
            return Outcome::Final(GraphError::Unknown { call: call.name(), source });
        }
        Err(source) => {
            let failure = Failure::Network(source);
            return Outcome::Again { wait: None, throttled: false, failure };
        }
    };
    let wait = received.retry_after(now);
    match received.status {
        200..=299 => Outcome::Done(received),
        401 => Outcome::Renew { claims: claims_of(&received), refused: refused(call, &received) },
        // 509 is the documentation's *Bandwidth Limit Exceeded*.
        429 | 509 => Outcome::Again { wait, throttled: true, failure: status_of(&received) },
        503 if wait.is_some() => {
            Outcome::Again { wait, throttled: true, failure: status_of(&received) }
        }
        409 if received.error().0 == "Directory_ConcurrencyViolation" => {
            Outcome::Again { wait, throttled: false, failure: status_of(&received) }
        }
        // An item of a batch whose forerunner failed was not carried out.
        424 => Outcome::Again { wait, throttled: false, failure: status_of(&received) },
        // Not offered, whoever asks and when.
        501 | 505 => Outcome::Final(refused(call, &received)),
        408 | 500..=599 if call.writes() => Outcome::Final(unknown_after(call, host, &received)),
        408 | 500..=599 => Outcome::Again { wait, throttled: false, failure: status_of(&received) },
        _ => Outcome::Final(refused(call, &received)),
    }
}

/// What to say of a 2xx whose body cannot be read: a read is sent again, a write may have been
/// carried out, and what it made is not known.
pub(super) fn unreadable(call: &Call, host: &str, reason: String) -> Outcome {
    if call.writes() {
        let source = TransportError::AnswerLost { host: host.to_owned(), source: reason.into() };
        return Outcome::Final(GraphError::Unknown { call: call.name(), source });
    }
    let failure = Failure::Unreadable(reason);
    Outcome::Again { wait: None, throttled: false, failure }
}

fn refused(call: &Call, received: &Received) -> GraphError {
    let (code, message) = received.error();
    GraphError::Refused {
        call: call.name(),
        status: received.status,
        code,
        message,
        request_id: received.request_id(),
    }
}

fn unknown_after(call: &Call, host: &str, received: &Received) -> GraphError {
    let source = FailedAfterwards { status: received.status, code: received.error().0 };
    let source = TransportError::AnswerLost { host: host.to_owned(), source: Box::new(source) };
    GraphError::Unknown { call: call.name(), source }
}

fn status_of(received: &Received) -> Failure {
    Failure::Status {
        status: received.status,
        code: received.error().0,
        request_id: received.request_id(),
    }
}

/// The claims a new token has to satisfy, as JSON, out of `WWW-Authenticate` (Microsoft identity
/// platform, *Claims challenges, claims requests, and client capabilities*).
fn claims_of(received: &Received) -> Option<String> {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

    let challenge = received.header("www-authenticate")?;
    let (_, rest) = challenge.split_once("claims=\"")?;
    let (encoded, _) = rest.split_once('"')?;
    let encoded = encoded.trim_end_matches('=');
    let decoded =
        STANDARD_NO_PAD.decode(encoded).or_else(|_| URL_SAFE_NO_PAD.decode(encoded)).ok()?;
    let claims = String::from_utf8(decoded).ok()?;
    serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&claims).ok()?;
    Some(claims)
}

impl Failure {
    /// The error of a request that is not sent again.
    pub(super) fn into_error(self, call: &Call, attempts: u32) -> GraphError {
        let call = call.name();
        match self {
            Self::Network(source) => GraphError::Unreachable { call, source },
            Self::Status { status, code, request_id } => {
                GraphError::GaveUp { call, attempts, status, code, request_id }
            }
            Self::Unreadable(reason) => GraphError::Unreadable { call, reason },
        }
    }
}

/// How far one request has come.
#[derive(Debug, Default)]
pub(super) struct Trial {
    /// How often it was sent.
    pub(super) attempts: u32,
    /// When it was sent first.
    pub(super) since: Option<Instant>,
    /// A token was fetched anew for it.
    pub(super) renewed: bool,
}

impl Trial {
    /// It is being sent.
    pub(super) fn sent(&mut self) {
        self.attempts = self.attempts.saturating_add(1);
        self.since.get_or_insert_with(instant);
    }

    /// When it is given up.
    pub(super) fn deadline(&self, give_up_after: Duration) -> Instant {
        let since = self.since.unwrap_or_else(instant);
        since.checked_add(give_up_after).unwrap_or(since)
    }
}

/// Longest wait of our own.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(60);

/// A wait of our own after so many attempts, before jitter: 1, 2, 4 … 60 seconds.
pub(super) fn back_off(attempts: u32) -> Duration {
    let doublings = attempts.saturating_sub(1).min(6);
    Duration::from_secs(1 << doublings).min(LONGEST_BACK_OFF)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};

    use super::*;
    use crate::graph::call::{Version, Workload};

    fn read() -> Call {
        Call::get(Version::V1, "/users", Workload::Directory)
    }

    fn write() -> Call {
        Call::write(Method::POST, Version::V1, "/users", Workload::Directory, None)
    }

    fn outcome(call: &Call, status: u16, headers: &[(&'static str, &str)], code: &str) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        let body = format!(r#"{{"error":{{"code":"{code}","message":"said so"}}}}"#);
        let received = Received { status, headers: map, body: body.into_bytes() };
        match judge(call, "graph.example", Ok(received), Timestamp::UNIX_EPOCH) {
            Outcome::Done(_) => "done".to_owned(),
            Outcome::Again { wait, throttled, .. } => {
                let wait = wait.map_or("-".to_owned(), |wait| wait.as_secs().to_string());
                format!("again {wait}{}", if throttled { " throttled" } else { "" })
            }
            Outcome::Renew { claims, .. } => format!("renew {}", claims.unwrap_or_default()),
            Outcome::Final(GraphError::Unknown { .. }) => "unknown".to_owned(),
            Outcome::Final(GraphError::Refused { status, code, .. }) => {
                format!("refused {status} {code}")
            }
            Outcome::Final(other) => format!("{other:?}"),
        }
    }

    #[test]
    fn what_a_status_means_for_a_read_and_for_a_write() {
        let after = [("retry-after", "9")];
        let zero = [("retry-after", "0")];
        let none: [(&'static str, &str); 0] = [];
        let conflict = "Directory_ConcurrencyViolation";
        type Headers<'a> = &'a [(&'static str, &'a str)];
        let table: [(u16, Headers<'_>, &str, &str, &str); 26] = [
            (200, &none, "", "done", "done"),
            (204, &none, "", "done", "done"),
            (201, &none, "", "done", "done"),
            (429, &after, "", "again 9 throttled", "again 9 throttled"),
            (429, &zero, "", "again - throttled", "again - throttled"),
            (429, &none, "", "again - throttled", "again - throttled"),
            (509, &none, "", "again - throttled", "again - throttled"),
            (503, &after, "", "again 9 throttled", "again 9 throttled"),
            (503, &zero, "", "again -", "unknown"),
            (503, &none, "", "again -", "unknown"),
            (500, &none, "", "again -", "unknown"),
            (500, &after, "", "again 9", "unknown"),
            (502, &none, "", "again -", "unknown"),
            (504, &none, "", "again -", "unknown"),
            (507, &none, "", "again -", "unknown"),
            (408, &none, "", "again -", "unknown"),
            (409, &none, conflict, "again -", "again -"),
            (409, &none, "Conflict", "refused 409 Conflict", "refused 409 Conflict"),
            (424, &none, "", "again -", "again -"),
            (
                501,
                &none,
                "NotImplemented",
                "refused 501 NotImplemented",
                "refused 501 NotImplemented",
            ),
            (400, &none, "BadRequest", "refused 400 BadRequest", "refused 400 BadRequest"),
            (403, &none, "AccessDenied", "refused 403 AccessDenied", "refused 403 AccessDenied"),
            (404, &none, "X", "refused 404 X", "refused 404 X"),
            (412, &none, "X", "refused 412 X", "refused 412 X"),
            (302, &none, "", "refused 302 ", "refused 302 "),
            (401, &none, "", "renew ", "renew "),
        ];
        for (status, headers, code, of_read, of_write) in table {
            assert_eq!(outcome(&read(), status, headers, code), of_read, "read {status} {code}");
            assert_eq!(outcome(&write(), status, headers, code), of_write, "write {status} {code}");
        }
    }

    #[test]
    fn a_claims_challenge_is_read_and_a_broken_one_is_none() {
        // {"access_token":{"nbf":{"essential":true}}}
        let good = "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZX19fQ==";
        let expected = r#"renew {"access_token":{"nbf":{"essential":true}}}"#;
        let table = [
            (format!(r#"Bearer realm="", error="insufficient_claims", claims="{good}""#), expected),
            (format!(r#"Bearer claims="{}""#, good.trim_end_matches('=')), expected),
            (r#"Bearer claims="%%%""#.to_owned(), "renew "),
            (r#"Bearer claims="aGVsbG8=""#.to_owned(), "renew "),
            (r#"Bearer claims="e"#.to_owned(), "renew "),
            ("Bearer".to_owned(), "renew "),
        ];
        for (challenge, expected) in table {
            let headers = [("www-authenticate", challenge.as_str())];
            assert_eq!(outcome(&read(), 401, &headers, ""), expected, "{challenge}");
        }
    }

    #[test]
    fn a_lost_answer_is_asked_again_and_a_lost_write_is_not() {
        let lost = || TransportError::AnswerLost { host: "h".into(), source: "reset".into() };
        let not_sent = || TransportError::NotSent { host: "h".into(), source: "refused".into() };
        let now = Timestamp::UNIX_EPOCH;
        let again = |outcome: &Outcome| {
            matches!(outcome, Outcome::Again { wait: None, throttled: false, .. })
        };
        assert!(again(&judge(&read(), "h", Err(lost()), now)));
        assert!(again(&judge(&read(), "h", Err(not_sent()), now)));
        assert!(again(&judge(&write(), "h", Err(not_sent()), now)));
        assert!(matches!(
            judge(&write(), "h", Err(lost()), now),
            Outcome::Final(GraphError::Unknown { .. })
        ));
    }

    #[test]
    fn waits_of_our_own_double_up_to_a_minute() {
        let waits: Vec<u64> = (0..10).map(|attempts| back_off(attempts).as_secs()).collect();
        assert_eq!(waits, [1, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(back_off(u32::MAX), LONGEST_BACK_OFF);
    }
}
