//! An answer of Graph as it came, whatever its status.

use std::time::Duration;

use http::HeaderMap;
use jiff::Timestamp;
use serde::Deserialize;

use super::words::one_line;

/// An answer, of a request or of one item of a batch.
#[derive(Debug, Clone)]
pub(super) struct Received {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// Longest wait that is believed. Graph asks for seconds, seldom for minutes.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

impl Received {
    pub(super) fn of(response: http::Response<Vec<u8>>) -> Self {
        let (parts, body) = response.into_parts();
        Self { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// `Date`: the time by the clock of whoever answered.
    pub(super) fn date(&self) -> Option<Timestamp> {
        self.header("date").and_then(http_date)
    }

    /// A header, where it is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// `request-id`, which Microsoft's support asks for.
    pub(super) fn request_id(&self) -> Option<String> {
        self.header("request-id").map(one_line).filter(|id| !id.is_empty())
    }

    /// `error.code` and `error.message`; empty where the body holds none. The two are read for
    /// messages and, of the codes the documentation names, for decisions.
    pub(super) fn error(&self) -> (String, String) {
        #[derive(Deserialize)]
        struct Body {
            error: Inner,
        }
        #[derive(Deserialize)]
        struct Inner {
            #[serde(default)]
            code: Option<String>,
            #[serde(default)]
            message: Option<String>,
        }
        match serde_json::from_slice::<Body>(&self.body) {
            Ok(Body { error }) => (
                one_line(&error.code.unwrap_or_default()),
                one_line(&error.message.unwrap_or_default()),
            ),
            Err(_) => (String::new(), String::new()),
        }
    }

    /// How long Graph asks to wait (`Retry-After`): seconds, with a fraction in the answer that
    /// *Microsoft Graph throttling guidance* shows, or
    /// the date of RFC 9110. `None` where it does not say or says nothing usable, zero among it.
    ///
    /// A date is held against the answer's own `Date`, so that a clock set wrong on this machine
    /// shortens no wait, and one second is added, as dates are cut to whole seconds.
    pub(super) fn retry_after(&self, now: Timestamp) -> Option<Duration> {
        let text = self.header("retry-after")?.trim();
        let wait = match text.parse::<f64>() {
            Ok(seconds) if seconds > 0.0 => {
                Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST_WAIT)
            }
            Ok(_) => return None,
            Err(_) => {
                let until = http_date(text)?;
                let now = self.date().unwrap_or(now);
                let wait = Duration::try_from(until.duration_since(now)).ok()?;
                if wait.is_zero() {
                    return None;
                }
                wait.saturating_add(Duration::from_secs(1))
            }
        };
        Some(wait.min(LONGEST_WAIT))
    }
}

/// A date of RFC 9110, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text).ok().map(|date| date.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(headers: &[(&'static str, &str)], body: &str) -> Received {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        Received { status: 429, headers: map, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn retry_after_is_seconds_with_or_without_a_fraction_or_a_date_or_nothing() {
        let now = "2026-03-02T09:00:00Z".parse().unwrap();
        let table = [
            ("5", None, Some(5_000)),
            (" 7 ", None, Some(7_000)),
            ("2.128", None, Some(2_128)),
            ("0", None, None),
            ("-3", None, None),
            ("NaN", None, None),
            ("soon", None, None),
            ("", None, None),
            ("1e300", None, Some(86_400_000)),
            ("inf", None, Some(86_400_000)),
            ("Mon, 02 Mar 2026 09:00:30 GMT", None, Some(31_000)),
            ("Mon, 02 Mar 2026 08:59:30 GMT", None, None),
            ("Mon, 02 Mar 2026 09:00:00 GMT", None, None),
            // This machine's clock is an hour ahead: the server's own date counts.
            ("Mon, 02 Mar 2026 08:00:10 GMT", Some("Mon, 02 Mar 2026 08:00:00 GMT"), Some(11_000)),
            // A date that cannot be read is as good as none.
            ("Mon, 02 Mar 2026 09:00:10 GMT", Some("yesterday"), Some(11_000)),
        ];
        for (value, date, millis) in table {
            let mut headers = vec![("retry-after", value)];
            headers.extend(date.map(|date| ("date", date)));
            assert_eq!(
                received(&headers, "").retry_after(now),
                millis.map(Duration::from_millis),
                "{value}"
            );
        }
        assert_eq!(received(&[], "").retry_after(now), None);
    }

    #[test]
    fn an_error_without_code_message_or_json_is_empty() {
        let table = [
            (r#"{"error":{"code":"TooManyRequests","message":"a\nb"}}"#, "TooManyRequests", "a b"),
            (r#"{"error":{"code":null,"innerError":{}}}"#, "", ""),
            (r#"{"error":"invalid"}"#, "", ""),
            ("<html>", "", ""),
            ("", "", ""),
        ];
        for (body, code, message) in table {
            assert_eq!(received(&[], body).error(), (code.to_owned(), message.to_owned()));
        }
    }
}
