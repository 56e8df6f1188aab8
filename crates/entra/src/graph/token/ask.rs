//! How a token is asked for, with each kind of credential.

use std::time::Duration;

use http::{HeaderValue, Method, header};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, sleep_until, timeout};
use url::Url;
use url::form_urlencoded::Serializer;
use zeroize::Zeroize;

use super::super::clock::instant;
use super::super::credential::{Credential, ManagedIdentity};
use super::super::received::Received;
use super::super::retry::back_off;
use super::super::transport::{Transport, TransportError};
use super::answer::{self, Reply};
use super::{Asking, Denied, Granted, assertion};

/// Where the metadata service of a virtual machine is (Azure documentation, *How to use managed
/// identities on an Azure VM to acquire an access token*).
const METADATA_SERVICE: &str = "http://169.254.169.254/metadata/identity/oauth2/token";

/// A request for a token, as a value.
pub(super) struct Request {
    method: Method,
    address: String,
    headers: Vec<(&'static str, HeaderValue)>,
    form: Option<SecretString>,
}

impl<T: Transport> Asking<'_, T> {
    /// Fetches a token. What fails for the moment is tried again for as long as a request is.
    pub(super) async fn fetch(
        &self,
        claims: Option<&str>,
        refresh: Option<&SecretString>,
    ) -> Result<Granted, Denied> {
        match &self.options.credential {
            Credential::DeviceCode { client_id, prompt } => {
                self.with_device_code(client_id, *prompt, claims, refresh).await
            }
            _ => self.until_decided(|| self.request(claims)).await,
        }
    }

    /// The request of a credential that needs nobody. Made anew for each attempt: an assertion is
    /// good once.
    fn request(&self, claims: Option<&str>) -> Result<Request, Denied> {
        match &self.options.credential {
            Credential::ClientSecret { client_id, secret } => {
                let mut form = Serializer::new(String::new());
                form.append_pair("client_secret", secret.expose_secret());
                self.client_credentials(client_id, form, claims)
            }
            Credential::Certificate { client_id, pem } => {
                let audience = self.token_endpoint()?;
                let now = self.clock.now();
                let assertion =
                    assertion::sign(pem, client_id, &audience, now, self.chance.guid())?;
                let mut form = Serializer::new(String::new());
                form.append_pair(
                    "client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                );
                form.append_pair("client_assertion", assertion.expose_secret());
                self.client_credentials(client_id, form, claims)
            }
            Credential::ManagedIdentity(identity) => self.managed_identity(identity),
            // Asked for step by step.
            Credential::DeviceCode { .. } => Err(Denied::because("a device code needs a person")),
        }
    }

    fn client_credentials(
        &self,
        client_id: &str,
        mut form: Serializer<'_, String>,
        claims: Option<&str>,
    ) -> Result<Request, Denied> {
        form.append_pair("client_id", client_id);
        form.append_pair("scope", &self.options.endpoints.scope());
        form.append_pair("grant_type", "client_credentials");
        if let Some(claims) = claims {
            form.append_pair("claims", claims);
        }
        Ok(Request::form(self.token_endpoint()?, form))
    }

    /// The identity of the machine. Both services answer with texts where the token endpoint of a
    /// cloud has numbers. Neither takes claims; what the service has in its own cache it may give
    /// again.
    fn managed_identity(&self, identity: &ManagedIdentity) -> Result<Request, Denied> {
        let resource = format!("{}/", self.options.endpoints.graph());
        let (address, version, client_id, name, value) = match identity {
            ManagedIdentity::VirtualMachine { client_id } => {
                (METADATA_SERVICE, "2018-02-01", client_id, "metadata", "true")
            }
            ManagedIdentity::AppService { endpoint, header, client_id } => (
                endpoint.as_str(),
                "2019-08-01",
                client_id,
                "x-identity-header",
                header.expose_secret(),
            ),
        };
        let mut address = Url::parse(address)
            .map_err(|_| Denied::because("`IDENTITY_ENDPOINT` is no address"))?;
        address
            .query_pairs_mut()
            .append_pair("api-version", version)
            .append_pair("resource", &resource);
        if let Some(client_id) = client_id {
            address.query_pairs_mut().append_pair("client_id", client_id);
        }
        let mut value = HeaderValue::from_str(value)
            .map_err(|_| Denied::because("`IDENTITY_HEADER` is not text a header can carry"))?;
        value.set_sensitive(true);
        Ok(Request {
            method: Method::GET,
            address: address.into(),
            headers: vec![(name, value)],
            form: None,
        })
    }

    /// Where this tenant's tokens are.
    pub(super) fn token_endpoint(&self) -> Result<String, Denied> {
        self.of_tenant("token")
    }

    /// An endpoint of the tenant's authority.
    pub(super) fn of_tenant(&self, what: &str) -> Result<String, Denied> {
        let tenant = &self.options.tenant;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
        if tenant.is_empty() || tenant.starts_with('.') || !tenant.chars().all(plain) {
            return Err(Denied::because(format!(
                "`{tenant}` is neither the id of a tenant nor one of its domains"
            )));
        }
        Ok(format!("{}/{tenant}/oauth2/v2.0/{what}", self.options.endpoints.authority()))
    }

    /// Sends requests until one is granted or denied, or for too long.
    pub(super) async fn until_decided(
        &self,
        request: impl Fn() -> Result<Request, Denied>,
    ) -> Result<Granted, Denied> {
        let began = instant();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let (wait, reason) = match self.send(request()?).await? {
                Reply::Granted(granted) => return Ok(granted),
                Reply::Denied(denied) => return Err(denied),
                Reply::Again { wait, reason } => (wait, reason),
                Reply::Pending { .. } => {
                    return Err(Denied::because("the authority waits for a person"));
                }
            };
            self.pause(began, attempts, wait, reason).await?;
        }
    }

    /// Waits before the next attempt, or gives up.
    pub(super) async fn pause(
        &self,
        began: Instant,
        attempts: u32,
        wait: Option<Duration>,
        reason: Denied,
    ) -> Result<(), Denied> {
        let wait = wait.unwrap_or_else(|| self.chance.jitter(back_off(attempts)));
        let deadline = began.checked_add(self.options.give_up_after).unwrap_or(began);
        match instant().checked_add(wait) {
            Some(at) if at <= deadline => {
                sleep_until(at).await;
                Ok(())
            }
            _ => Err(reason),
        }
    }

    /// Sends one request.
    pub(super) async fn send(&self, request: Request) -> Result<Reply, Denied> {
        Ok(match self.exchange(request).await? {
            Ok(mut received) => {
                let reply = answer::read(&received, self.now_of(&received));
                received.body.zeroize();
                reply
            }
            Err(lost) => Reply::Again { wait: None, reason: lost },
        })
    }

    /// The time by the clock that wrote an answer, where it says.
    pub(super) fn now_of(&self, received: &Received) -> jiff::Timestamp {
        received.date().unwrap_or_else(|| self.clock.now())
    }

    /// Sends one request and gives back whatever came.
    pub(super) async fn exchange(
        &self,
        request: Request,
    ) -> Result<Result<Received, Denied>, Denied> {
        let request = request.build(self.chance.guid().to_string())?;
        let host = request.uri().host().unwrap_or_default().to_owned();
        let sent = timeout(self.options.answer_within, self.transport.send(request)).await;
        Ok(match sent {
            Ok(Ok(response)) => Ok(Received::of(response)),
            Ok(Err(TransportError::NotSent { host, .. })) => {
                Err(Denied::because(format!("`{host}` cannot be reached")))
            }
            Ok(Err(TransportError::AnswerLost { host, .. })) => {
                Err(Denied::because(format!("`{host}` did not answer to the end")))
            }
            Err(_) => Err(Denied::because(format!("`{host}` did not answer in time"))),
        })
    }
}

impl Request {
    /// A form to post.
    pub(super) fn form(address: String, mut form: Serializer<'_, String>) -> Self {
        let form = Some(SecretString::from(form.finish()));
        Self { method: Method::POST, address, headers: Vec::new(), form }
    }

    fn build(self, id: String) -> Result<http::Request<Vec<u8>>, Denied> {
        let mut request = http::Request::builder()
            .method(self.method)
            .uri(self.address)
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, super::super::client::USER_AGENT)
            .header("client-request-id", id);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let body = match self.form {
            Some(form) => {
                request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
                form.expose_secret().as_bytes().to_vec()
            }
            None => Vec::new(),
        };
        // What is wrong is not told in the library's words: they may quote a secret.
        request.body(body).map_err(|_| Denied::because("the address of the authority is none"))
    }
}
