//! What a token endpoint answers.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

use super::super::received::Received;
use super::super::words::one_line;
use super::{Denied, Granted};

/// What one request for a token came to.
pub(super) enum Reply {
    /// A token.
    Granted(Granted),
    /// Not this time.
    Again {
        /// What the authority asks for.
        wait: Option<Duration>,
        /// What to say if it goes on like this.
        reason: Denied,
    },
    /// The person has not finished yet (device code). `slower`: poll less often.
    Pending {
        /// `slow_down`.
        slower: bool,
    },
    /// No.
    Denied(Denied),
}

/// A number that some services write as a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seconds(pub(super) i64);

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(i64),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Number(number) => Ok(Self(number)),
            Written::Text(text) => text.trim().parse().map(Self).map_err(serde::de::Error::custom),
        }
    }
}

#[derive(Deserialize)]
struct Grant {
    access_token: SecretString,
    #[serde(default)]
    expires_in: Option<Seconds>,
    #[serde(default)]
    expires_on: Option<Seconds>,
    #[serde(default)]
    refresh_token: Option<SecretString>,
}

#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    error_description: Option<String>,
    #[serde(default)]
    error_codes: Option<Vec<i64>>,
    /// App Service.
    #[serde(default)]
    message: Option<String>,
}

/// Codes that say «not now» (Microsoft identity platform, *Microsoft Entra authentication and
/// authorization error codes*: 90033 and 90006 are transient).
const TRANSIENT: [i64; 2] = [90_033, 90_006];

/// Reads the answer of a token endpoint. `now` is what an `expires_on` is held against.
pub(super) fn read(received: &Received, now: Timestamp) -> Reply {
    let wait = received.retry_after(now);
    if (200..=299).contains(&received.status) {
        return match granted(&received.body, now) {
            Ok(granted) => Reply::Granted(granted),
            Err(what) => Reply::Again { wait, reason: Denied::because(what) },
        };
    }
    let refusal: Refusal = serde_json::from_slice(&received.body).unwrap_or_default();
    let error = refusal.error.unwrap_or_default();
    match error.as_str() {
        "authorization_pending" => return Reply::Pending { slower: false },
        "slow_down" => return Reply::Pending { slower: true },
        _ => {}
    }
    let codes = refusal.error_codes.unwrap_or_default();
    let text = refusal.error_description.or(refusal.message).unwrap_or_default();
    let words = without_ids(&one_line(&text));
    let reason = match (words.is_empty(), error.is_empty()) {
        (false, _) => words,
        (true, false) => one_line(&error),
        (true, true) => format!("the authority answered {}", received.status),
    };
    let transient = matches!(received.status, 408 | 410 | 429 | 500..=599)
        || error == "temporarily_unavailable"
        || codes.iter().any(|code| TRANSIENT.contains(code));
    let denied = Denied { reason, codes };
    if transient { Reply::Again { wait, reason: denied } } else { Reply::Denied(denied) }
}

fn granted(body: &[u8], now: Timestamp) -> Result<Granted, &'static str> {
    // What is wrong with it is not told in serde's words: they may quote the token.
    let grant: Grant =
        serde_json::from_slice(body).map_err(|_| "the token's answer is no token")?;
    let left = match (grant.expires_in, grant.expires_on) {
        (Some(Seconds(seconds)), _) => seconds,
        (None, Some(Seconds(epoch))) => epoch.saturating_sub(now.as_second()),
        (None, None) => return Err("the token's answer does not say when it ends"),
    };
    let life = u64::try_from(left).map(Duration::from_secs).unwrap_or_default();
    if life.is_zero() {
        return Err("the token had ended when it came: is the clock of this machine right?");
    }
    Ok(Granted { token: grant.access_token, life, refresh: grant.refresh_token })
}

/// The authority's words without its ids and time, which differ each time.
pub(super) fn without_ids(text: &str) -> String {
    let cut = ["Trace ID:", "Correlation ID:", "Timestamp:"]
        .into_iter()
        .filter_map(|mark| text.find(mark))
        .min()
        .unwrap_or(text.len());
    text.get(..cut).unwrap_or(text).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use secrecy::ExposeSecret;

    use super::*;

    fn told(status: u16, body: &str) -> String {
        let received =
            Received { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() };
        match read(&received, Timestamp::from_second(1_000).unwrap()) {
            Reply::Granted(granted) => {
                format!("{} for {}", granted.token.expose_secret(), granted.life.as_secs())
            }
            Reply::Again { reason, .. } => format!("again: {}", reason.reason),
            Reply::Pending { slower } => format!("pending {slower}"),
            Reply::Denied(denied) => format!("denied {:?}: {}", denied.codes, denied.reason),
        }
    }

    #[test]
    fn what_a_token_endpoint_may_answer() {
        let table = [
            (200, r#"{"access_token":"t","expires_in":3599}"#, "t for 3599"),
            (200, r#"{"access_token":"t","expires_in":"3599","expires_on":"9"}"#, "t for 3599"),
            (200, r#"{"access_token":"t","expires_on":"1600"}"#, "t for 600"),
            (
                200,
                r#"{"access_token":"t","expires_on":"900"}"#,
                "again: the token had ended when it came: is the clock of this machine right?",
            ),
            (200, r#"{"access_token":"t"}"#, "again: the token's answer does not say when it ends"),
            (200, r#"{"access_token":7,"expires_in":1}"#, "again: the token's answer is no token"),
            (200, r#"{"access_token":"sec"#, "again: the token's answer is no token"),
            (400, r#"{"error":"authorization_pending"}"#, "pending false"),
            (400, r#"{"error":"slow_down"}"#, "pending true"),
            (
                401,
                r#"{"error":"invalid_client","error_description":"AADSTS7000215: Wrong.\r\nTrace ID: a Correlation ID: b Timestamp: c","error_codes":[7000215]}"#,
                "denied [7000215]: AADSTS7000215: Wrong.",
            ),
            (400, r#"{"error":"invalid_grant"}"#, "denied []: invalid_grant"),
            (400, r#"{"statusCode":400,"message":"No identity"}"#, "denied []: No identity"),
            (400, "", "denied []: the authority answered 400"),
            (400, r#"{"error":"temporarily_unavailable"}"#, "again: temporarily_unavailable"),
            (400, r#"{"error":"x","error_codes":[90033]}"#, "again: x"),
            (410, "", "again: the authority answered 410"),
            (429, "", "again: the authority answered 429"),
            (503, "<html>", "again: the authority answered 503"),
            (302, "", "denied []: the authority answered 302"),
        ];
        for (status, body, expected) in table {
            assert_eq!(told(status, body), expected, "{status} {body}");
        }
    }
}
