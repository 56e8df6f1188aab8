//! One request, taken apart.

use http::HeaderMap;
use percent_encoding_of::decoded;
use serde_json::Value;

use super::refusal::Refusal;

/// Version of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Version {
    V1,
    Beta,
}

impl Version {
    pub(super) const fn segment(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }

    fn of(segment: &str) -> Option<Self> {
        [Self::V1, Self::Beta].into_iter().find(|it| it.segment().eq_ignore_ascii_case(segment))
    }
}

/// What is asked, of a request of its own or of an item of a batch.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub(super) method: String,
    pub(super) version: Version,
    /// The path after the version, decoded.
    pub(super) segments: Vec<String>,
    /// Query options in order, decoded.
    pub(super) options: Vec<(String, String)>,
    /// Path with query as it came, from the version on: `/v1.0/users?$top=999`.
    pub(super) target: String,
    /// `ConsistencyLevel: eventual`.
    pub(super) eventual: bool,
    /// `Prefer: include-unknown-enum-members`.
    pub(super) unknown_members: bool,
    /// The body, as text that may be no JSON.
    pub(super) body: Vec<u8>,
    /// Nothing says that the body is JSON.
    pub(super) untyped: bool,
}

impl Ask {
    pub(super) fn of(
        method: &str,
        target: &str,
        headers: &HeaderMap,
        body: Vec<u8>,
    ) -> Option<Self> {
        let text = |name: &str| headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or("");
        let words = |name: &str, word: &str| {
            headers
                .get_all(name)
                .iter()
                .filter_map(|it| it.to_str().ok())
                .flat_map(|it| it.split([',', ';']))
                .any(|it| it.trim().eq_ignore_ascii_case(word))
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut parts = path.strip_prefix('/')?.split('/');
        let version = Version::of(parts.next()?)?;
        Some(Self {
            method: method.to_ascii_uppercase(),
            version,
            segments: parts.filter(|it| !it.is_empty()).map(decoded).collect(),
            options: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            target: target.to_owned(),
            eventual: text("consistencylevel").eq_ignore_ascii_case("eventual"),
            unknown_members: words("prefer", "include-unknown-enum-members"),
            untyped: !text("content-type").to_ascii_lowercase().starts_with("application/json"),
            body,
        })
    }

    /// The first option of this name; `$` may be left off.
    pub(super) fn option(&self, name: &str) -> Option<&str> {
        let is_it = |given: &str| given.eq_ignore_ascii_case(name);
        self.options.iter().find(|(given, _)| is_it(given)).map(|(_, value)| value.as_str())
    }

    pub(super) fn counts(&self) -> bool {
        self.option("$count").is_some_and(|it| it.eq_ignore_ascii_case("true"))
    }

    /// The body as a JSON object.
    pub(super) fn object(&self) -> Result<serde_json::Map<String, Value>, Refusal> {
        if self.untyped {
            return Err(Refusal::new(
                415,
                "Request_BadRequest",
                "A body needs a Content-Type of application/json.",
            ));
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) | Err(_) => Err(Refusal::new(
                400,
                "BadRequest",
                "Unable to read JSON request payload. The payload is no JSON object.",
            )),
        }
    }

    /// The path with its query, the version left off.
    pub(super) fn path(&self) -> String {
        format!("/{}", self.segments.join("/"))
    }
}

mod percent_encoding_of {
    /// A path segment with its escapes undone; what is no UTF-8 is replaced.
    pub(super) fn decoded(segment: &str) -> String {
        let mut bytes = Vec::with_capacity(segment.len());
        let mut rest = segment.bytes();
        while let Some(byte) = rest.next() {
            let mut ahead = rest.clone();
            let pair = (byte == b'%').then(|| Some((digit(ahead.next()?)?, digit(ahead.next()?)?)));
            if let Some(Some((high, low))) = pair {
                bytes.push(high * 16 + low);
                rest = ahead;
            } else {
                bytes.push(byte);
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn digit(byte: u8) -> Option<u8> {
        let digit = char::from(byte).to_digit(16)?;
        u8::try_from(digit).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_taken_apart() {
        let mut headers = HeaderMap::new();
        headers
            .insert("prefer", "odata.maxpagesize=5, include-unknown-enum-members".parse().unwrap());
        headers.insert("consistencylevel", "Eventual".parse().unwrap());
        let target = "/v1.0/users/a%40ne.example/%24x?$filter=a%20eq%20'b+c'&$top=5";
        let ask = Ask::of("get", target, &headers, Vec::new()).unwrap();
        assert_eq!(ask.method, "GET");
        assert_eq!(ask.segments, ["users", "a@ne.example", "$x"]);
        assert_eq!(ask.option("$filter"), Some("a eq 'b c'"));
        assert_eq!(ask.option("$TOP"), Some("5"));
        assert!(ask.eventual && ask.unknown_members && ask.untyped);
        for none in ["/v2/users", "users", "/", ""] {
            assert!(Ask::of("GET", none, &headers, Vec::new()).is_none(), "{none}");
        }
    }
}
