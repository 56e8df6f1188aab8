//! A transport that answers from a script, under a clock that stands still until somebody waits.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use entra::graph::{
    Call, Client, Cloud, Credential, Endpoints, Options, Transport, TransportError, Version,
    Workload,
};
use http::{HeaderMap, Method};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

/// The client secret of every test. It may stand in no error and in no `Debug`.
pub(crate) const SECRET: &str = "very~secret.value-of.ne";

/// A request as it was sent.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    /// Milliseconds after the start of the test.
    pub at: u64,
    pub method: Method,
    pub host: String,
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Sent {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// A field of a posted form.
    pub(crate) fn form(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(&self.body)
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.into_owned())
    }

    pub(crate) fn asks_for_token(&self) -> bool {
        self.path.ends_with("/oauth2/v2.0/token")
    }

    /// Urls of the items of a batch.
    pub(crate) fn items(&self) -> Vec<String> {
        self.json()["requests"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["url"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// What the script says to a request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Answer {
        status: u16,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    },
    NotSent,
    Lost,
    /// The answer takes so long.
    After(Duration, Box<Reply>),
}

impl Reply {
    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self::text(status, &body.to_string())
    }

    pub(crate) fn text(status: u16, body: &str) -> Self {
        Self::Answer { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    pub(crate) fn ok() -> Self {
        Self::json(200, json!({"value": []}))
    }

    pub(crate) fn token(name: &str, seconds: u64) -> Self {
        Self::json(
            200,
            json!({"access_token": name, "expires_in": seconds, "token_type": "Bearer"}),
        )
    }

    pub(crate) fn error(status: u16, code: &str) -> Self {
        Self::json(status, json!({"error": {"code": code, "message": "said the script"}}))
    }

    pub(crate) fn with(self, name: &str, value: &str) -> Self {
        let Self::Answer { status, mut headers, body } = self else { return self };
        headers.push((name.to_owned(), value.to_owned()));
        Self::Answer { status, headers, body }
    }

    pub(crate) fn after(self, millis: u64) -> Self {
        Self::After(Duration::from_millis(millis), Box::new(self))
    }
}

type Script = Box<dyn FnMut(&Sent) -> Reply>;

/// The transport. Its copies share log and script.
#[derive(Clone)]
pub(crate) struct Scripted {
    began: Instant,
    log: Rc<RefCell<Vec<Sent>>>,
    script: Rc<RefCell<Script>>,
}

impl std::fmt::Debug for Scripted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scripted({})", self.log.borrow().len())
    }
}

impl Scripted {
    /// Answers everything by the script, requests for a token among it.
    pub(crate) fn raw(script: impl FnMut(&Sent) -> Reply + 'static) -> Self {
        let script: Script = Box::new(script);
        Self { began: Instant::now(), log: Rc::default(), script: Rc::new(RefCell::new(script)) }
    }

    /// Gives tokens of an hour named `token-1`, `token-2`, …; the rest is the script's.
    pub(crate) fn new(mut script: impl FnMut(&Sent) -> Reply + 'static) -> Self {
        let mut tokens = 0;
        Self::raw(move |sent| {
            if sent.asks_for_token() {
                tokens += 1;
                return Reply::token(&format!("token-{tokens}"), 3_599);
            }
            script(sent)
        })
    }

    /// Answers one after the other.
    pub(crate) fn in_turn(replies: impl IntoIterator<Item = Reply>) -> Self {
        let mut replies: VecDeque<Reply> = replies.into_iter().collect();
        Self::new(move |sent| {
            replies.pop_front().unwrap_or_else(|| panic!("no answer left for {}", sent.path))
        })
    }

    /// Everything that was sent.
    pub(crate) fn all(&self) -> Vec<Sent> {
        self.log.borrow().clone()
    }

    /// What was sent to Graph.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.all().into_iter().filter(|sent| !sent.asks_for_token()).collect()
    }

    /// When what was sent to Graph left.
    pub(crate) fn times(&self) -> Vec<u64> {
        self.sent().iter().map(|sent| sent.at).collect()
    }

    pub(crate) fn tokens(&self) -> usize {
        self.all().iter().filter(|sent| sent.asks_for_token()).count()
    }
}

impl Transport for Scripted {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, TransportError> {
        let (parts, body) = request.into_parts();
        let host = parts.uri.host().unwrap().to_owned();
        let sent = Sent {
            at: u64::try_from(self.began.elapsed().as_millis()).unwrap(),
            method: parts.method,
            host: host.clone(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers,
            body,
        };
        let mut reply = (self.script.borrow_mut())(&sent);
        self.log.borrow_mut().push(sent);
        loop {
            match reply {
                Reply::After(wait, then) => {
                    sleep(wait).await;
                    reply = *then;
                }
                Reply::NotSent => {
                    return Err(TransportError::NotSent { host, source: "refused".into() });
                }
                Reply::Lost => {
                    return Err(TransportError::AnswerLost { host, source: "reset".into() });
                }
                Reply::Answer { status, headers, body } => {
                    let mut response = http::Response::builder().status(status);
                    for (name, value) in headers {
                        response = response.header(name, value);
                    }
                    return Ok(response.body(body).unwrap());
                }
            }
        }
    }
}

pub(crate) fn options() -> Options {
    Options {
        endpoints: Endpoints::of(Cloud::Global),
        tenant: "ne.example".to_owned(),
        credential: Credential::ClientSecret {
            client_id: "00000000-aaaa-0000-0000-000000000001".to_owned(),
            secret: SECRET.into(),
        },
        dry_run: false,
        answer_within: Duration::from_secs(90),
        give_up_after: Duration::from_secs(600),
        seed: 7,
        now: "2026-03-02T09:00:00Z".parse().unwrap(),
    }
}

pub(crate) fn client(transport: &Scripted) -> Client<Scripted> {
    Client::new(transport.clone(), options())
}

pub(crate) fn read(workload: Workload) -> Call {
    Call::get(Version::V1, "/things", workload)
}

pub(crate) fn write() -> Call {
    Call::write(Method::POST, Version::V1, "/things", Workload::Other, Some(json!({"a": 1})))
}

/// A page of so many objects, and the link to the next one.
pub(crate) fn page(objects: usize, next: Option<&str>) -> Value {
    let value: Vec<Value> = (0..objects).map(|id| json!({"id": id})).collect();
    match next {
        Some(next) => json!({"value": value, "@odata.nextLink": next}),
        None => json!({"value": value}),
    }
}
