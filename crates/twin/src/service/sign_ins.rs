//! `/auditLogs/signIns` (Graph, *List signIns*).

use std::ops::Range;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::ask::Version;
use super::filter::{Filter, Operator, time};
use super::paging::Position;
use super::place::Place;
use super::query::{Query, known, top_of};
use super::read::{Object, Reading};
use super::refusal::Refusal;
use super::shape;
use crate::world::{Kinds, SignInPosition};

/// Days the log is kept with a premium licence.
const DAYS_KEPT: i64 = 30;
/// Rows looked at for one page. A filter that matches little gives short pages, as Graph does.
const MOST_LOOKED_AT: usize = 20_000;

const TEXTS: [&str; 10] = [
    "appDisplayName",
    "ipAddress",
    "userDisplayName",
    "userPrincipalName",
    "deviceDetail/browser",
    "deviceDetail/operatingSystem",
    "location/city",
    "location/state",
    "location/countryOrRegion",
    "riskEventTypes_v2",
];
const EXACT: [&str; 15] = [
    "appId",
    "clientAppUsed",
    "conditionalAccessStatus",
    "correlationId",
    "id",
    "resourceDisplayName",
    "resourceId",
    "riskDetail",
    "riskLevelAggregated",
    "riskLevelDuringSignIn",
    "riskState",
    "riskEventTypes_v2",
    "status/errorCode",
    "userId",
    "isInteractive",
];
const TEXTS_BETA: [&str; 2] = ["authenticationRequirement", "userAgent"];
const EXACT_BETA: [&str; 7] = [
    "signInEventTypes",
    "originalRequestId",
    "tokenIssuerName",
    "servicePrincipalId",
    "servicePrincipalName",
    "uniqueTokenIdentifier",
    "conditionalAccessAudiences",
];

impl Reading<'_> {
    pub(super) fn sign_ins(&mut self) -> Result<Value, Refusal> {
        known(self.ask)?;
        for name in ["$expand", "$search", "$skip", "$count"] {
            if self.ask.option(name).is_some() {
                return Err(Refusal::bad_policy(format!("Query option '{name}' is not allowed.")));
            }
        }
        let filter = self.ask.option("$filter").map(Filter::read).transpose()?;
        if let Some(filter) = &filter {
            can_be_asked(filter, self.ask.version)?;
        }
        let kinds = kinds_of(filter.as_ref())?;
        let window = window_of(filter.as_ref(), self.view.now);
        let query = Query {
            top: top_of(self.ask, Place::Audits)?,
            skip: 0,
            select: self
                .ask
                .option("$select")
                .map(|it| it.split(',').map(|it| it.trim().to_owned()).collect()),
            filter,
            order: None,
            expand: Vec::new(),
            counts: false,
        };
        match self.ask.option("$orderby").map(str::trim) {
            None | Some("createdDateTime desc") => self.newest_first(&query, kinds, window),
            Some("createdDateTime" | "createdDateTime asc") => {
                self.oldest_first(&query, kinds, &window)
            }
            Some(other) => {
                Err(Refusal::bad_policy(format!("$orderby of '{other}' is not supported.")))
            }
        }
    }

    fn newest_first(
        &mut self,
        query: &Query,
        kinds: Kinds,
        window: Range<Timestamp>,
    ) -> Result<Value, Refusal> {
        let mut from = match self.pages.position(self.ask)? {
            Some(Position::SignIn(position)) => Some(position),
            _ => None,
        };
        let mut rows = Vec::new();
        let mut looked = 0;
        let next = loop {
            let most = query.top.saturating_sub(rows.len());
            let (read, next) =
                self.view.world.sign_ins(kinds, window.clone(), self.view.lists_as_of, from, most);
            looked += read.len().max(1);
            rows.extend(read.into_iter().filter(|it| is_asked(query, it)));
            let is_full = rows.len() >= query.top || looked >= MOST_LOOKED_AT;
            if next.is_none() || is_full {
                break next;
            }
            from = next;
        };
        let rows = rows.into_iter().map(|it| self.row(it, query)).collect();
        Ok(self.page(rows, query, next.map(Position::SignIn), None))
    }

    fn oldest_first(
        &mut self,
        query: &Query,
        kinds: Kinds,
        window: &Range<Timestamp>,
    ) -> Result<Value, Refusal> {
        let mut all = self.all_sign_ins(kinds, window);
        all.retain(|it| is_asked(query, it));
        all.reverse();
        let start = match self.pages.position(self.ask)? {
            Some(Position::Place(start)) => start,
            _ => 0,
        };
        let next = (start + query.top < all.len()).then_some(Position::Place(start + query.top));
        let some = all.into_iter().skip(start).take(query.top);
        let rows = some.map(|it| self.row(it, query)).collect();
        Ok(self.page(rows, query, next, None))
    }

    fn all_sign_ins(&self, kinds: Kinds, window: &Range<Timestamp>) -> Vec<Object> {
        let mut all = Vec::new();
        let mut from: Option<SignInPosition> = None;
        loop {
            let as_of = self.view.lists_as_of;
            let (read, next) =
                self.view.world.sign_ins(kinds, window.clone(), as_of, from, MOST_LOOKED_AT);
            all.extend(read);
            if next.is_none() {
                return all;
            }
            from = next;
        }
    }

    pub(super) fn sign_in(&mut self, names: &[String]) -> Result<Value, Refusal> {
        let id = names.first().map_or("", String::as_str);
        let window = window_of(None, self.view.now);
        let kinds: &[Kinds] = if self.is_beta() {
            &[Kinds::Users, Kinds::ServicePrincipals]
        } else {
            &[Kinds::Interactive]
        };
        let query = Query::of_item(self.ask, Place::Audits)?;
        let found = kinds.iter().find_map(|kinds| {
            let all = self.all_sign_ins(*kinds, &window);
            all.into_iter().find(|it| super::view::text(it, "id").eq_ignore_ascii_case(id))
        });
        let shown = self.row(found.ok_or_else(|| Refusal::no_object(id))?, &query);
        Ok(self.entity(Place::Audits, shown))
    }

    fn row(&self, mut row: Map<String, Value>, query: &Query) -> Value {
        if !self.caller.sees_applied_policies() {
            row.remove("appliedConditionalAccessPolicies");
        }
        shape::sign_in_for_version(self.ask.version, &mut row);
        if !self.ask.unknown_members {
            shape::hide_late_members(&mut row);
        }
        if let Some(names) = &query.select {
            row = shape::select(row, names);
        }
        Value::Object(row)
    }
}

fn is_asked(query: &Query, row: &Object) -> bool {
    query.filter.as_ref().is_none_or(|it| it.matches(row))
}

/// Properties and operators the page lists.
fn can_be_asked(filter: &Filter, version: Version) -> Result<(), Refusal> {
    for (property, operator) in filter.properties() {
        let is_beta = version == Version::Beta;
        let starts = TEXTS.contains(&property) || (is_beta && TEXTS_BETA.contains(&property));
        let exact =
            starts || EXACT.contains(&property) || (is_beta && EXACT_BETA.contains(&property));
        let is_known = match (property, operator) {
            ("createdDateTime", Some(it)) => {
                matches!(it, Operator::Equal | Operator::GreaterOrEqual | Operator::LessOrEqual)
            }
            (_, None | Some(Operator::Equal)) => exact,
            (_, Some(Operator::StartsWith)) => starts,
            _ => false,
        };
        if !is_known {
            return Err(Refusal::bad_policy(format!(
                "Invalid filter clause: '{property}' cannot be asked this way in {}.",
                version.segment()
            )));
        }
    }
    Ok(())
}

/// The kinds of sign-ins that `signInEventTypes` lets through.
fn kinds_of(filter: Option<&Filter>) -> Result<Kinds, Refusal> {
    let conjuncts = filter.map(Filter::conjuncts).unwrap_or_default();
    let asked: Vec<&Filter> = conjuncts
        .into_iter()
        .filter(|it| it.properties().iter().any(|(name, _)| *name == "signInEventTypes"))
        .collect();
    let [one] = asked.as_slice() else {
        return if asked.is_empty() { Ok(Kinds::Interactive) } else { Err(mixed()) };
    };
    if !matches!(one, Filter::Any(..)) {
        return Err(mixed());
    }
    let lets = |kind: &str| {
        let mut row = Object::new();
        row.insert("signInEventTypes".to_owned(), Value::from(vec![kind]));
        one.matches(&row)
    };
    let of_services = lets("servicePrincipal") || lets("managedIdentity");
    match (lets("interactiveUser"), lets("nonInteractiveUser"), of_services) {
        (true, false, false) => Ok(Kinds::Interactive),
        (false, true, false) => Ok(Kinds::NonInteractive),
        (true, true, false) => Ok(Kinds::Users),
        (false, false, true) => Ok(Kinds::ServicePrincipals),
        _ => Err(mixed()),
    }
}

fn mixed() -> Refusal {
    Refusal::bad_policy("Kinds of sign-ins of users and of services cannot be asked for together.")
}

/// The time a filter asks for, within what is kept.
fn window_of(filter: Option<&Filter>, now: Timestamp) -> Range<Timestamp> {
    let back = SignedDuration::from_hours(24 * DAYS_KEPT);
    let mut start = now.checked_sub(back).unwrap_or(Timestamp::MIN);
    let mut end = just_after(now);
    for part in filter.map(Filter::conjuncts).unwrap_or_default() {
        let Filter::Compare(property, operator, value) = part else { continue };
        let Some(at) = value.as_str().and_then(time).filter(|_| property == "createdDateTime")
        else {
            continue;
        };
        if matches!(operator, Operator::GreaterOrEqual | Operator::Equal) {
            start = start.max(at);
        }
        if matches!(operator, Operator::LessOrEqual | Operator::Equal) {
            end = end.min(just_after(at));
        }
    }
    start..end.max(start)
}

fn just_after(at: Timestamp) -> Timestamp {
    at.checked_add(SignedDuration::from_nanos(1)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_sign_ins() {
        let any = |inner: &str| format!("signInEventTypes/any(t: {inner})");
        let cases = [
            (String::from("appId eq 'a'"), Some(Kinds::Interactive)),
            (any("t eq 'interactiveUser'"), Some(Kinds::Interactive)),
            (any("t eq 'nonInteractiveUser'"), Some(Kinds::NonInteractive)),
            (any("t ne 'interactiveUser'"), None),
            (any("t eq 'interactiveUser' or t eq 'nonInteractiveUser'"), Some(Kinds::Users)),
            (any("t eq 'servicePrincipal'"), Some(Kinds::ServicePrincipals)),
            (any("t eq 'interactiveUser' or t eq 'servicePrincipal'"), None),
            (format!("appId eq 'a' or {}", any("t eq 'interactiveUser'")), None),
        ];
        for (text, expected) in cases {
            let filter = Filter::read(&text).unwrap();
            assert_eq!(kinds_of(Some(&filter)).ok(), expected, "{text}");
        }
        assert_eq!(kinds_of(None), Ok(Kinds::Interactive));
    }

    #[test]
    fn the_window_is_what_is_asked_within_what_is_kept() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let now = at("2026-11-20T12:00:00Z");
        let text =
            "createdDateTime ge 2026-11-01T00:00:00Z and createdDateTime le 2026-11-02T00:00:00Z";
        let window = window_of(Some(&Filter::read(text).unwrap()), now);
        assert_eq!(window.start, at("2026-11-01T00:00:00Z"));
        assert!(window.contains(&at("2026-11-02T00:00:00Z")));
        assert!(!window.contains(&at("2026-11-02T00:00:01Z")));
        let old = Filter::read("createdDateTime ge 2025-01-01T00:00:00Z").unwrap();
        assert_eq!(window_of(Some(&old), now).start, at("2026-10-21T12:00:00Z"));
        let none = Filter::read("createdDateTime le 2025-01-01T00:00:00Z").unwrap();
        assert!(window_of(Some(&none), now).is_empty());
    }

    #[test]
    fn what_the_page_does_not_list_cannot_be_asked() {
        let cases = [
            ("createdDateTime gt 2026-11-01T00:00:00Z", false, false),
            ("createdDateTime ge 2026-11-01T00:00:00Z", true, true),
            ("authenticationRequirement eq 'x'", false, true),
            ("signInEventTypes/any(t: t eq 'interactiveUser')", false, true),
            ("startsWith(appId,'a')", false, false),
            ("startsWith(userPrincipalName,'a')", true, true),
            ("isManaged eq true", false, false),
            ("clientAppUsed ne 'Browser'", false, false),
        ];
        for (text, v1, beta) in cases {
            let filter = Filter::read(text).unwrap();
            assert_eq!(can_be_asked(&filter, Version::V1).is_ok(), v1, "{text}");
            assert_eq!(can_be_asked(&filter, Version::Beta).is_ok(), beta, "{text}");
        }
    }
}
