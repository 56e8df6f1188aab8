//! One question to Graph, alone or in a batch: route, budget, permission, licence, action.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Service;
use super::answer::{http_date, seconds};
use super::ask::Ask;
use super::permission::{Caller, Licences, allowed};
use super::read::Reading;
use super::refusal::Refusal;
use super::route::{Action, NoRoute, Route, Workload, find};
use super::throttle::{Charge, refusal as throttled};
use super::view::View;
use super::write::Writing;
use crate::documents::Collection;
use crate::fault::{Fault, RetryAfter};

/// When a question is asked, and what goes wrong with it.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    /// Number of the HTTP request.
    pub(super) number: u64,
    pub(super) now: Timestamp,
    pub(super) fault: Option<Fault>,
}

/// What a question came to.
#[derive(Debug, Clone, Default)]
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<Value>,
    pub(super) refusal: Option<Refusal>,
    /// The tenant was changed.
    pub(super) applied: bool,
    pub(super) permissions: Vec<String>,
}

impl Answered {
    pub(super) fn of(status: u16, body: Option<Value>) -> Self {
        Self { status, body, ..Self::default() }
    }

    pub(super) fn refused(refusal: Refusal) -> Self {
        Self { status: refusal.status, refusal: Some(refusal), ..Self::default() }
    }

    pub(super) fn seconds(&self) -> Option<u32> {
        seconds(self.refusal.as_ref()?.retry_after?)
    }

    pub(super) fn has_body(&self) -> bool {
        self.body.is_some() || self.refusal.is_some()
    }

    /// The body as it is sent.
    pub(super) fn written(&self, now: Timestamp, id: &str, client_id: &str) -> Option<Value> {
        let date = now.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        match &self.refusal {
            Some(refusal) => Some(refusal.body(&date, id, client_id)),
            None => self.body.clone(),
        }
    }

    pub(super) fn all_headers(&self, now: Timestamp) -> Vec<(&'static str, String)> {
        let mut all = self.headers.clone();
        let Some(refusal) = &self.refusal else { return all };
        all.extend(refusal.headers.iter().cloned());
        match refusal.retry_after {
            Some(RetryAfter::Seconds(seconds)) => all.push(("retry-after", seconds.to_string())),
            Some(RetryAfter::Date(seconds)) => {
                let wait = SignedDuration::from_secs(i64::from(seconds));
                all.push(("retry-after", http_date(now.checked_add(wait).unwrap_or(now))));
            }
            Some(RetryAfter::Missing) | None => {}
        }
        all
    }
}

/// Carries a question out, or refuses it.
pub(super) fn carry_out(
    service: &mut Service,
    ask: &Ask,
    caller: &Caller,
    moment: &Moment,
) -> Answered {
    let mut permissions = Vec::new();
    let mut headers = Vec::new();
    let tried = tried(service, ask, caller, moment, &mut permissions, &mut headers);
    let mut answered = tried.unwrap_or_else(Answered::refused);
    answered.permissions = permissions;
    let is_told = answered.refusal.as_ref().is_some_and(|it| !it.headers.is_empty());
    if !is_told {
        answered.headers.extend(headers);
    }
    answered
}

fn tried(
    service: &mut Service,
    ask: &Ask,
    caller: &Caller,
    moment: &Moment,
    permissions: &mut Vec<String>,
    headers: &mut Vec<(&'static str, String)>,
) -> Result<Answered, Refusal> {
    let (route, names) = find(ask).map_err(|it| no_route(ask, it))?;
    struck(service, ask, route, moment)?;
    *headers = budget(service, ask, route, &names, moment)?;
    *permissions = allowed(route, &names, caller)?;
    let licences = licences(service, moment);
    licences.cover(route.licence)?;
    if ask.method != "GET" && !matches!(route.action, Action::ByIds | Action::WhatIf) {
        let mut writing = Writing { service, ask, caller, licences, moment };
        return writing.carry_out(route.action, &names);
    }
    if route.action == Action::DelegatedOnly {
        return Err(super::permission::denied());
    }
    let reading = reading(service, ask, caller, moment, licences);
    let body = read(reading, route.action, &names)?;
    Ok(Answered::of(200, Some(body)))
}

fn no_route(ask: &Ask, why: NoRoute) -> Refusal {
    match why {
        NoRoute::Address => Refusal::no_address(ask.segments.last().map_or("", String::as_str)),
        NoRoute::Method => Refusal::new(
            405,
            "Request_BadRequest",
            "Specified HTTP method is not allowed for the request target.",
        ),
    }
}

/// The fault that answers instead of the service.
fn struck(service: &mut Service, ask: &Ask, route: &Route, moment: &Moment) -> Result<(), Refusal> {
    match &moment.fault {
        Some(Fault::Throttled(wait)) => {
            if let Some(seconds) = seconds(*wait) {
                let throttle = &mut service.state.throttle;
                throttle.bar(route.workload, seconds, moment.number, moment.now);
            }
            Err(throttled(route.workload).after(*wait))
        }
        Some(Fault::ServerError(status, wait)) => Err(server_error(*status).after(*wait)),
        Some(Fault::TokenRefused) => Err(claims_challenge()),
        Some(Fault::Conflict) if ask.method != "GET" => Err(Refusal::new(
            409,
            "Directory_ConcurrencyViolation",
            "Directory operation failed due to a concurrency violation. Try again.",
        )),
        _ => Ok(()),
    }
}

pub(super) fn server_error(status: u16) -> Refusal {
    let code = match status {
        500 => "InternalServerError",
        502 => "BadGateway",
        503 => "ServiceUnavailable",
        504 => "GatewayTimeout",
        507 => "InsufficientStorage",
        _ => "UnknownError",
    };
    Refusal::new(status, code, "The service could not answer.")
}

pub(super) fn claims_challenge() -> Refusal {
    use base64::Engine;
    let claims = json!({"access_token": {"nbf": {"essential": true, "value": "0"}}}).to_string();
    let claims = base64::engine::general_purpose::STANDARD.encode(claims);
    let message = "Continuous access evaluation resulted in challenge with result: \
                   InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp";
    Refusal::new(401, "InvalidAuthenticationToken", message).with(
        "www-authenticate",
        format!("Bearer realm=\"\", error=\"insufficient_claims\", claims=\"{claims}\""),
    )
}

fn budget(
    service: &mut Service,
    ask: &Ask,
    route: &Route,
    names: &[String],
    moment: &Moment,
) -> Result<Vec<(&'static str, String)>, Refusal> {
    if !service.throttles {
        return Ok(Vec::new());
    }
    let people = match service.state.people {
        Some(people) => people,
        None => {
            let people = service.world.count(&Collection::Users, moment.now);
            *service.state.people.insert(people)
        }
    };
    let mut charge = Charge {
        workload: route.workload,
        cost: cost(ask, route),
        writes: ask.method != "GET" && route.action != Action::ByIds,
        mailbox: names.first().map_or("", String::as_str),
        number: moment.number,
        now: moment.now,
        people,
    };
    let headers = service.state.throttle.admit(&charge)?;
    // What was last seen of people comes from the reports.
    let of_reports = matches!(route.action, Action::List(super::place::Place::Users))
        && ask.option("$select").is_some_and(|it| it.contains("signInActivity"));
    if of_reports {
        charge.workload = Workload::Reports;
        service.state.throttle.admit(&charge)?;
    }
    Ok(headers)
}

/// Resource units: `$select` and a small `$top` cost one less, `$expand` one more, never below one.
fn cost(ask: &Ask, route: &Route) -> u32 {
    let few = ask.option("$top").and_then(|it| it.parse::<u32>().ok()).is_some_and(|it| it < 20);
    let less = u32::from(ask.option("$select").is_some()) + u32::from(few);
    let more = u32::from(ask.option("$expand").is_some());
    (route.cost + more).saturating_sub(less).max(1)
}

fn licences(service: &Service, moment: &Moment) -> Licences {
    let none = SignedDuration::ZERO;
    Licences::of(&View::new(&service.world, &[], moment.now, none, none))
}

/// What a request that reads works with.
pub(super) fn reading<'a>(
    service: &'a mut Service,
    ask: &'a Ask,
    caller: &'a Caller,
    moment: &Moment,
    licences: Licences,
) -> Reading<'a> {
    let none = SignedDuration::ZERO;
    let (stale, hide) = match &moment.fault {
        Some(Fault::StaleList(age)) => (*age, none),
        Some(Fault::NotFoundYet(age)) => (none, *age),
        _ => (none, none),
    };
    let state = &mut service.state;
    Reading {
        view: View::new(&service.world, &state.fresh, moment.now, stale, hide),
        pages: &mut state.pages,
        root: &state.root,
        ask,
        caller,
        licences,
        loops: moment.fault == Some(Fault::PageLoop),
    }
}

fn read(mut reading: Reading<'_>, action: Action, names: &[String]) -> Result<Value, Refusal> {
    match action {
        Action::List(place) => reading.list(place, names),
        Action::Item(place) => reading.item(place, names),
        Action::Only(place) => reading.only(place, names),
        Action::Count(place) => reading.count(place),
        Action::SignIns => reading.sign_ins(),
        Action::SignIn => reading.sign_in(names),
        Action::Members => reading.members(names, false),
        Action::TransitiveMembers => reading.members(names, true),
        Action::TransitiveMemberOf => reading.member_of(names),
        Action::UnitMembers => reading.unit_members(names),
        Action::MethodsOfType | Action::MethodOfType => reading.methods_of_type(names),
        Action::MailboxSettings => reading.mailbox(names, true),
        Action::UserPurpose => reading.mailbox(names, false),
        Action::Configuration => reading.configuration(names),
        Action::DirectoryRoles => reading.directory_roles(),
        Action::DirectoryRoleMembers => reading.role_members(names, "id"),
        Action::RoleTemplateMembers => reading.role_members(names, "roleTemplateId"),
        Action::HealthOverviews => reading.health(),
        Action::ByIds => reading.by_ids(),
        Action::WhatIf => reading.what_if(),
        _ => Err(Refusal::not_supported()),
    }
}
