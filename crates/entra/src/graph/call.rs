//! A request to Graph as a value.

use http::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use zeroize::Zeroizing;

/// Version of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// `v1.0`.
    V1,
    /// `beta`.
    Beta,
}

impl Version {
    /// The part of the path.
    #[must_use]
    pub const fn segment(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }
}

/// What a request is throttled with. Each has a budget of its own (Graph documentation, *Microsoft
/// Graph service-specific throttling limits*).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Workload {
    /// Sign-in logs, directory audits and reports: 5 requests in 10 seconds.
    Reports,
    /// Conditional Access and Identity Protection: 1 request a second, shared with all other apps,
    /// and a 429 without `Retry-After`.
    ConditionalAccess,
    /// Users, groups, roles, licences: a bucket of resource units.
    Directory,
    /// Mail and mailbox settings: 4 at once for each mailbox.
    Outlook,
    /// Security alerts: 150 a minute.
    Alerts,
    /// Service health: 240 a minute and 800 an hour.
    ServiceHealth,
    /// Everything else.
    Other,
}

/// A secret that belongs into a body, such as the first password of an account. It is put in when
/// the body is written for the network, and shows nowhere else.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// Where it belongs: `["passwordProfile", "password"]`. The objects on the way are made.
    pub place: &'static [&'static str],
    /// The secret.
    pub secret: SecretString,
}

impl PartialEq for Sealed {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place && self.secret.expose_secret() == other.secret.expose_secret()
    }
}

/// One request to Graph, as a value: built without a network, compared in tests, shown in a dry
/// run.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The verb. Everything but `GET` writes, except [`Call::reads`].
    pub method: Method,
    /// `v1.0` or `beta`.
    pub version: Version,
    /// The path after the version, from its slash on, already percent-encoded where it must be:
    /// `/identity/conditionalAccess/policies`.
    pub path: String,
    /// Query options in order, not encoded: `("$top", "999")`.
    pub query: Vec<(&'static str, String)>,
    /// `ConsistencyLevel: eventual`, which advanced directory queries need.
    pub eventual: bool,
    /// A JSON body, without what is sealed.
    pub body: Option<Value>,
    /// What is put into the body when it is sent.
    pub sealed: Option<Sealed>,
    /// What it is throttled with.
    pub workload: Workload,
    /// Resource units it costs of the directory's bucket.
    pub cost: u32,
    /// The request changes nothing although it is no `GET` (`getByIds`, what-if). A dry run sends
    /// it.
    pub reads: bool,
}

impl Call {
    /// A `GET`.
    #[must_use]
    pub fn get(version: Version, path: impl Into<String>, workload: Workload) -> Self {
        Self {
            method: Method::GET,
            version,
            path: path.into(),
            query: Vec::new(),
            eventual: false,
            body: None,
            sealed: None,
            workload,
            cost: 1,
            reads: true,
        }
    }

    /// A request that writes.
    #[must_use]
    pub fn write(
        method: Method,
        version: Version,
        path: impl Into<String>,
        workload: Workload,
        body: Option<Value>,
    ) -> Self {
        Self { method, body, reads: false, ..Self::get(version, path, workload) }
    }

    /// A second workload it is throttled with: when people were last seen comes from the reports,
    /// whose limit is the tighter one (*Identity and access reports service limits*).
    #[must_use]
    pub fn also(&self) -> Option<Workload> {
        let activity = self.query.iter().any(|(_, value)| value.contains("signInActivity"));
        (activity && self.workload == Workload::Directory).then_some(Workload::Reports)
    }

    /// With a query option.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// With `ConsistencyLevel: eventual` and `$count=true`, which go together.
    #[must_use]
    pub fn advanced(mut self) -> Self {
        self.eventual = true;
        self.with("$count", "true")
    }

    /// Costing so many resource units.
    #[must_use]
    pub fn costing(mut self, units: u32) -> Self {
        self.cost = units;
        self
    }

    /// Whether it may change something in the tenant. What is neither asked (`GET`) nor sent to be
    /// looked up (`POST`) does so whatever [`Call::reads`] says.
    #[must_use]
    pub fn writes(&self) -> bool {
        !self.reads || !matches!(self.method, Method::GET | Method::HEAD | Method::POST)
    }

    /// The path with its query, relative to the root of the version: what a batch item carries.
    #[must_use]
    pub fn relative(&self) -> String {
        if self.query.is_empty() {
            return self.path.clone();
        }
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.query {
            query.append_pair(name, value);
        }
        // Graph reads `+` as a plus sign in some filters; `%20` is a blank everywhere.
        format!("{}?{}", self.path, query.finish().replace('+', "%20").replace("%24", "$"))
    }

    /// The whole address at a root of Graph.
    #[must_use]
    pub fn address(&self, graph: &str) -> String {
        format!("{graph}/{}{}", self.version.segment(), self.relative())
    }

    /// The body as it is sent, with what is sealed. Wiped when it is dropped.
    #[must_use]
    pub fn body_bytes(&self) -> Option<Zeroizing<Vec<u8>>> {
        let body = self.body.as_ref()?;
        let Some(sealed) = &self.sealed else {
            return Some(Zeroizing::new(body.to_string().into_bytes()));
        };
        let text = opened(body, sealed.place, &sealed.secret);
        Some(Zeroizing::new(text.as_bytes().to_vec()))
    }

    /// How a message names it: `GET /v1.0/users`. Without the query, which may hold a name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} /{}{}", self.method, self.version.segment(), self.path)
    }
}

/// The text of a JSON object with a secret in its place. The secret is never part of a [`Value`],
/// which nobody wipes.
fn opened(body: &Value, place: &[&str], secret: &SecretString) -> Zeroizing<String> {
    let Some((first, rest)) = place.split_first() else {
        return quoted(secret);
    };
    let nothing = serde_json::Map::new();
    let object = body.as_object().unwrap_or(&nothing);
    let inner = opened(object.get(*first).unwrap_or(&Value::Null), rest, secret);
    // Room for everything at once: a text that grows leaves copies behind.
    let length: usize = object.iter().map(|(key, value)| key.len() + value.to_string().len()).sum();
    let room = length + inner.len() + first.len() + 8 * (object.len() + 2);
    let mut text = Zeroizing::new(String::with_capacity(room));
    text.push('{');
    for (key, value) in object.iter().filter(|(key, _)| key != first) {
        text.push_str(&Value::from(key.as_str()).to_string());
        text.push(':');
        text.push_str(&value.to_string());
        text.push(',');
    }
    text.push_str(&Value::from(*first).to_string());
    text.push(':');
    text.push_str(&inner);
    text.push('}');
    text
}

/// A secret as JSON text.
fn quoted(secret: &SecretString) -> Zeroizing<String> {
    let exposed = secret.expose_secret();
    let mut text = Zeroizing::new(String::with_capacity(6 * exposed.len() + 2));
    text.push('"');
    for letter in exposed.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            control if control < ' ' => {
                text.push_str("\\u00");
                let code = u32::from(control);
                text.extend(
                    [code / 16, code % 16].map(|it| char::from_digit(it, 16).unwrap_or('0')),
                );
            }
            other => text.push(other),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_sealed_stands_in_the_body_and_nowhere_else() {
        let secret = "quo\"te \\ back\u{1}\n ümlaut";
        let body =
            json!({"displayName": "A", "passwordProfile": {"force": true, "password": "no"}});
        let mut call =
            Call::write(Method::POST, Version::V1, "/users", Workload::Directory, Some(body));
        call.sealed = Some(Sealed {
            place: &["passwordProfile", "password"],
            secret: SecretString::from(secret.to_owned()),
        });
        let sent: Value = serde_json::from_slice(&call.body_bytes().unwrap()).unwrap();
        let wanted =
            json!({"displayName": "A", "passwordProfile": {"force": true, "password": secret}});
        assert_eq!(sent, wanted);
        let shown = format!("{call:?} {}", call.name());
        assert!(!shown.contains("ümlaut"), "{shown}");

        call.body = Some(json!({}));
        let sent: Value = serde_json::from_slice(&call.body_bytes().unwrap()).unwrap();
        assert_eq!(sent, json!({"passwordProfile": {"password": secret}}));
    }

    #[test]
    fn blanks_and_quotes_of_a_filter_are_encoded_and_the_dollar_is_not() {
        let call = Call::get(Version::Beta, "/auditLogs/signIns", Workload::Reports)
            .with("$filter", "userPrincipalName eq 'a+b@ne.example' and x ge 1")
            .with("$top", "1000");
        assert_eq!(
            call.address("https://graph.microsoft.com"),
            "https://graph.microsoft.com/beta/auditLogs/signIns?$filter=userPrincipalName%20eq%20\
             %27a%2Bb%40ne.example%27%20and%20x%20ge%201&$top=1000"
        );
        assert_eq!(call.name(), "GET /beta/auditLogs/signIns");
    }

    #[test]
    fn only_what_is_said_to_read_and_can_read_does_not_write() {
        let call = |method: Method, reads| Call {
            method,
            reads,
            ..Call::get(Version::V1, "/users", Workload::Directory)
        };
        let table = [
            (Method::GET, true, false),
            (Method::POST, true, false),
            (Method::POST, false, true),
            (Method::GET, false, true),
            (Method::PATCH, true, true),
            (Method::PUT, true, true),
            (Method::DELETE, true, true),
        ];
        for (method, reads, writes) in table {
            assert_eq!(call(method.clone(), reads).writes(), writes, "{method} {reads}");
        }
    }
}
