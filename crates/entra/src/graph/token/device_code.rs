//! Signing in with a code that a person types elsewhere (Microsoft identity platform, *OAuth 2.0
//! device authorization grant flow*; RFC 8628).

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::time::sleep;
use url::form_urlencoded::Serializer;
use zeroize::Zeroize;

use super::super::clock::instant;
use super::super::credential::DeviceCodePrompt;
use super::super::received::Received;
use super::super::transport::Transport;
use super::super::words::one_line;
use super::answer::{self, Reply, Seconds};
use super::ask::Request;
use super::{Asking, Denied, Granted};

/// How often is asked where the authority does not say (RFC 8628, 3.2), and by how much less often
/// after `slow_down` (3.5).
const INTERVAL: Duration = Duration::from_secs(5);

/// How long a code is good where the authority does not say.
const CODE_LIFE: Duration = Duration::from_secs(15 * 60);

#[derive(Deserialize)]
struct Codes {
    device_code: SecretString,
    user_code: String,
    verification_uri: String,
    #[serde(default)]
    expires_in: Option<Seconds>,
    #[serde(default)]
    interval: Option<Seconds>,
    #[serde(default)]
    message: String,
}

impl<T: Transport> Asking<'_, T> {
    pub(super) async fn with_device_code(
        &self,
        client_id: &str,
        prompt: fn(&DeviceCodePrompt),
        claims: Option<&str>,
        refresh: Option<&SecretString>,
    ) -> Result<Granted, Denied> {
        // A claims challenge is about what the person did: the person is asked again.
        if let (Some(refresh), None) = (refresh, claims)
            && let Ok(granted) = self.refreshed(client_id, refresh).await
        {
            return Ok(granted);
        }
        let codes = self.codes(client_id, claims).await?;
        prompt(&DeviceCodePrompt {
            verification_uri: one_line(&codes.verification_uri),
            user_code: one_line(&codes.user_code),
            message: one_line(&codes.message),
        });
        self.poll(client_id, &codes).await
    }

    fn scope(&self) -> String {
        // Without `offline_access` the person would be asked again every hour.
        format!("{} offline_access", self.options.endpoints.scope())
    }

    async fn refreshed(&self, client_id: &str, refresh: &SecretString) -> Result<Granted, Denied> {
        self.until_decided(|| {
            let mut form = Serializer::new(String::new());
            form.append_pair("grant_type", "refresh_token");
            form.append_pair("client_id", client_id);
            form.append_pair("scope", &self.scope());
            form.append_pair("refresh_token", refresh.expose_secret());
            Ok(Request::form(self.token_endpoint()?, form))
        })
        .await
    }

    async fn codes(&self, client_id: &str, claims: Option<&str>) -> Result<Codes, Denied> {
        let began = instant();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let mut form = Serializer::new(String::new());
            form.append_pair("client_id", client_id);
            form.append_pair("scope", &self.scope());
            if let Some(claims) = claims {
                form.append_pair("claims", claims);
            }
            let request = Request::form(self.of_tenant("devicecode")?, form);
            let (wait, reason) = match self.exchange(request).await? {
                Ok(received) => match self.codes_of(received) {
                    Ok(codes) => return Ok(codes),
                    Err(Reply::Again { wait, reason }) => (wait, reason),
                    Err(Reply::Denied(denied)) => return Err(denied),
                    Err(Reply::Granted(_) | Reply::Pending { .. }) => {
                        return Err(Denied::because("the authority gave no code"));
                    }
                },
                Err(lost) => (None, lost),
            };
            self.pause(began, attempts, wait, reason).await?;
        }
    }

    fn codes_of(&self, mut received: Received) -> Result<Codes, Reply> {
        if !(200..=299).contains(&received.status) {
            return Err(answer::read(&received, self.now_of(&received)));
        }
        let codes = serde_json::from_slice(&received.body);
        received.body.zeroize();
        codes.map_err(|_| Reply::Again {
            wait: None,
            reason: Denied::because("the authority's answer holds no code"),
        })
    }

    async fn poll(&self, client_id: &str, codes: &Codes) -> Result<Granted, Denied> {
        let seconds = |told: Option<Seconds>, otherwise: Duration| {
            told.and_then(|Seconds(told)| u64::try_from(told).ok())
                .filter(|told| *told > 0)
                .map_or(otherwise, Duration::from_secs)
        };
        let mut interval = seconds(codes.interval, INTERVAL);
        let began = instant();
        let life = seconds(codes.expires_in, CODE_LIFE);
        loop {
            // What comes after the end of the code's life is not worth asking for.
            if began.elapsed().saturating_add(interval) >= life {
                return Err(Denied::because("nobody signed in with the code in time"));
            }
            sleep(interval).await;
            let mut form = Serializer::new(String::new());
            form.append_pair("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
            form.append_pair("client_id", client_id);
            form.append_pair("device_code", codes.device_code.expose_secret());
            match self.send(Request::form(self.token_endpoint()?, form)).await? {
                Reply::Granted(granted) => return Ok(granted),
                Reply::Denied(denied) => return Err(denied),
                Reply::Pending { slower: false } => {}
                Reply::Pending { slower: true } => interval = interval.saturating_add(INTERVAL),
                Reply::Again { wait: Some(wait), .. } => interval = interval.max(wait),
                // RFC 8628, 3.5: less often when the network fails.
                Reply::Again { wait: None, .. } => interval = interval.saturating_mul(2),
            }
        }
    }
}
