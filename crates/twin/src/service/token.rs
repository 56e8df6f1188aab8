//! Tokens: the authority's endpoints and those of managed identities.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::permission::Caller;
use super::{assertion, digest_text, guid, words_of};
use crate::service::Registration;

/// Seconds a token is good for.
const LIFE: i64 = 3_599;
/// Seconds a device code is good for.
const CODE_LIFE: i64 = 900;
/// Seconds between two polls for a device code.
const INTERVAL: i64 = 5;

#[derive(Debug, Clone)]
struct Issued {
    caller: Caller,
    /// Running number of the token.
    number: u64,
    until: Timestamp,
}

#[derive(Debug, Clone)]
struct DeviceCode {
    client_id: String,
    approved: Timestamp,
    until: Timestamp,
}

/// Everything the authority handed out.
#[derive(Debug, Clone, Default)]
pub(super) struct Authority {
    issued: BTreeMap<String, Issued>,
    codes: BTreeMap<String, DeviceCode>,
    assertions: BTreeSet<String>,
    count: u64,
}

/// What an authority needs to know for one request.
pub(super) struct Desk<'a> {
    pub(super) root: &'a str,
    /// The tenant's id.
    pub(super) tenant: &'a str,
    /// The segment of the address: id or domain.
    pub(super) named: &'a str,
    /// It names this tenant.
    pub(super) is_here: bool,
    pub(super) path: &'a str,
    pub(super) registrations: &'a [Registration],
    pub(super) form: Vec<(String, String)>,
    /// How long a person takes to type a device code.
    pub(super) device_code_takes: SignedDuration,
    pub(super) now: Timestamp,
}

impl Desk<'_> {
    fn field(&self, name: &str) -> Option<&str> {
        let found = self.form.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str());
        found.filter(|it| !it.is_empty())
    }

    fn needed(&self, name: &str) -> Result<&str, Denial> {
        self.field(name).ok_or_else(|| {
            let message =
                format!("The request body must contain the following parameter: '{name}'.");
            Denial::new(400, "invalid_request", 900_144, message)
        })
    }

    fn app(&self) -> Result<&Registration, Denial> {
        let id = self.needed("client_id")?;
        let app = self.registrations.iter().find(|it| it.client_id.eq_ignore_ascii_case(id));
        app.ok_or_else(|| {
            let message = format!(
                "Application with identifier '{id}' was not found in the directory '{}'.",
                self.named
            );
            Denial::new(400, "unauthorized_client", 700_016, message)
        })
    }
}

/// What the authority says no with.
#[derive(Debug, Clone)]
pub(super) struct Denial {
    status: u16,
    error: &'static str,
    code: Option<i64>,
    message: String,
}

impl Denial {
    fn new(status: u16, error: &'static str, code: i64, message: impl Into<String>) -> Self {
        Self { status, error, code: Some(code), message: message.into() }
    }

    fn body(&self, now: Timestamp, number: u64) -> Value {
        let number = number.to_string();
        let time = now.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        let trace = guid(&digest_text(&words_of(&["trace", &number])));
        let correlation = guid(&digest_text(&words_of(&["correlation", &number])));
        let code = self.code.map_or(String::new(), |it| format!("AADSTS{it}: "));
        let description = format!(
            "{code}{} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {time}",
            self.message
        );
        json!({
            "error": self.error,
            "error_description": description,
            "error_codes": self.code.into_iter().collect::<Vec<_>>(),
            "timestamp": time,
            "trace_id": trace,
            "correlation_id": correlation,
        })
    }
}

impl Authority {
    /// The running number of a token that is good.
    pub(super) fn number(&self, token: &str, now: Timestamp) -> Option<u64> {
        let issued = self.issued.get(&digest_text(token))?;
        (now < issued.until).then_some(issued.number)
    }

    /// Who a token stands for, while it is good.
    pub(super) fn caller(&self, token: &str, now: Timestamp) -> Option<&Caller> {
        let issued = self.issued.get(&digest_text(token))?;
        (now < issued.until).then_some(&issued.caller)
    }

    /// `/{tenant}/oauth2/v2.0/token`.
    pub(super) fn token(&mut self, desk: &Desk<'_>) -> (u16, Value) {
        self.count += 1;
        match self.granted(desk) {
            Ok(app) => {
                let token = self.issue(&app, desk);
                (
                    200,
                    json!({"token_type": "Bearer", "expires_in": LIFE, "ext_expires_in": LIFE,
                        "access_token": token}),
                )
            }
            Err(denial) => (denial.status, denial.body(desk.now, self.count)),
        }
    }

    fn granted(&mut self, desk: &Desk<'_>) -> Result<Registration, Denial> {
        if !desk.is_here {
            let message = format!("Tenant '{}' not found.", desk.named);
            return Err(Denial::new(400, "invalid_request", 90_002, message));
        }
        let grant = desk.needed("grant_type")?;
        let app = desk.app()?;
        if grant == "urn:ietf:params:oauth:grant-type:device_code" {
            self.by_code(desk, app)?;
            return Ok(app.clone());
        }
        if grant != "client_credentials" {
            let message = format!("The app requested an unsupported grant type '{grant}'.");
            return Err(Denial::new(400, "unsupported_grant_type", 70_003, message));
        }
        let scope = desk.needed("scope")?;
        if !scope.ends_with("/.default") {
            let message = format!("The provided value for scope {scope} is not valid.");
            return Err(Denial::new(400, "invalid_scope", 1_002_012, message));
        }
        if let Some(assertion) = desk.field("client_assertion") {
            self.by_certificate(desk, app, assertion)?;
            return Ok(app.clone());
        }
        match desk.field("client_secret") {
            None => Err(Denial::new(
                401,
                "invalid_client",
                7_000_218,
                "The request body must contain the following parameter: 'client_assertion' or \
                 'client_secret'.",
            )),
            Some(secret) if app.secrets.iter().any(|it| it == secret) => Ok(app.clone()),
            Some(_) => Err(Denial::new(
                401,
                "invalid_client",
                7_000_215,
                format!(
                    "Invalid client secret provided. The value is asked for, not its id, for a \
                     secret added to app '{}'.",
                    app.client_id
                ),
            )),
        }
    }

    fn by_certificate(
        &mut self,
        desk: &Desk<'_>,
        app: &Registration,
        assertion: &str,
    ) -> Result<(), Denial> {
        const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let refused = |what: &str| {
            let message = format!("Client assertion failed signature validation. {what}");
            Denial::new(401, "invalid_client", 700_027, message)
        };
        if desk.field("client_assertion_type") != Some(KIND) {
            return Err(refused("The type of the assertion is not known."));
        }
        let expected = assertion::Expected {
            client_id: &app.client_id,
            path: desk.path,
            certificates: &app.certificates,
            now: desk.now,
        };
        let id = assertion::verify(assertion, &expected).map_err(|it| refused(it.words()))?;
        if !self.assertions.insert(id) {
            return Err(refused("The assertion was used before."));
        }
        Ok(())
    }

    fn by_code(&mut self, desk: &Desk<'_>, app: &Registration) -> Result<(), Denial> {
        let code = desk.needed("device_code")?;
        let bad = || Denial {
            status: 400,
            error: "bad_verification_code",
            code: Some(70_019),
            message: "The code that was sent is not known.".to_owned(),
        };
        let known = self.codes.get(code).filter(|it| it.client_id == app.client_id);
        let known = known.ok_or_else(bad)?;
        if desk.now >= known.until {
            let message = "The code has expired. Ask for another one.";
            return Err(Denial::new(400, "expired_token", 70_020, message));
        }
        if desk.now < known.approved {
            let message = "The person has not finished signing in yet.";
            return Err(Denial::new(400, "authorization_pending", 70_016, message));
        }
        self.codes.remove(code);
        Ok(())
    }

    /// `/{tenant}/oauth2/v2.0/devicecode`.
    pub(super) fn device_code(&mut self, desk: &Desk<'_>) -> (u16, Value) {
        self.count += 1;
        match self.code_for(desk) {
            Ok(answer) => (200, answer),
            Err(denial) => (denial.status, denial.body(desk.now, self.count)),
        }
    }

    fn code_for(&mut self, desk: &Desk<'_>) -> Result<Value, Denial> {
        if !desk.is_here {
            let message = format!("Tenant '{}' not found.", desk.named);
            return Err(Denial::new(400, "invalid_request", 90_002, message));
        }
        let app = desk.app()?;
        desk.needed("scope")?;
        let count = self.count.to_string();
        let code = digest_text(&words_of(&["device code", &count, &app.client_id]));
        let user_code: String = code.chars().take(9).collect::<String>().to_ascii_uppercase();
        let page = format!("{}/device", desk.root);
        self.codes.insert(
            code.clone(),
            DeviceCode {
                client_id: app.client_id.clone(),
                approved: later(desk.now, desk.device_code_takes),
                until: later(desk.now, SignedDuration::from_secs(CODE_LIFE)),
            },
        );
        Ok(json!({
            "device_code": code,
            "user_code": user_code,
            "verification_uri": page,
            "expires_in": CODE_LIFE,
            "interval": INTERVAL,
            "message": format!("To sign in, open {page} and enter the code {user_code}."),
        }))
    }

    /// The identity of a machine: texts where others have numbers.
    pub(super) fn managed(&mut self, app: &Registration, desk: &Desk<'_>, resource: &str) -> Value {
        self.count += 1;
        let token = self.issue(app, desk);
        let begins = desk.now.as_second();
        json!({
            "access_token": token,
            "client_id": app.client_id,
            "expires_in": LIFE.to_string(),
            "expires_on": (begins + LIFE).to_string(),
            "not_before": begins.to_string(),
            "resource": resource,
            "token_type": "Bearer",
        })
    }

    /// A token in the shape of a JWT, whose words say nothing the service trusts.
    fn issue(&mut self, app: &Registration, desk: &Desk<'_>) -> String {
        let count = self.count.to_string();
        let until = later(desk.now, SignedDuration::from_secs(LIFE));
        let claims = json!({
            "aud": desk.root,
            "tid": desk.tenant,
            "appid": app.client_id,
            "app_displayname": app.name,
            "roles": app.permissions,
            "iat": desk.now.as_second(),
            "exp": until.as_second(),
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let seal =
            digest_text(&words_of(&["token", &count, &app.client_id, &desk.now.to_string()]));
        let token =
            format!("{}.{}.{seal}", part(&json!({"typ": "JWT", "alg": "RS256"})), part(&claims));
        let caller = Caller {
            client_id: app.client_id.clone(),
            name: app.name.clone(),
            permissions: app.permissions.clone(),
        };
        self.issued.insert(digest_text(&token), Issued { caller, number: self.count, until });
        token
    }

    /// Ends one token.
    pub(super) fn end(&mut self, token: &str) {
        self.issued.remove(&digest_text(token));
    }

    /// Ends every token, as a revocation does.
    pub(super) fn end_all(&mut self) {
        self.issued.clear();
    }
}

fn later(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}
