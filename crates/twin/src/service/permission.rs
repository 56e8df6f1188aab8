//! What a caller may do, and what the tenant has bought.

use jiff::Timestamp;
use serde_json::Value;

use super::methods::permissions_of_segment;
use super::query::Query;
use super::refusal::Refusal;
use super::route::{Action, Licence, Route};
use super::view::{View, text};
use crate::documents::Collection;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller {
    pub(super) client_id: String,
    pub(super) name: String,
    /// Taken when the token was issued.
    pub(super) permissions: Vec<String>,
}

impl Caller {
    pub(super) fn has(&self, permission: &str) -> bool {
        self.permissions.iter().any(|it| it.eq_ignore_ascii_case(permission))
    }

    /// The caller after some permissions went.
    pub(super) fn without(mut self, removed: &[(Timestamp, String)], now: Timestamp) -> Self {
        let is_gone = |permission: &String| {
            removed.iter().any(|(at, it)| *at <= now && it.eq_ignore_ascii_case(permission))
        };
        self.permissions.retain(|it| !is_gone(it));
        self
    }

    /// Sees which policies applied to a sign-in.
    pub(super) fn sees_applied_policies(&self) -> bool {
        ["Policy.Read.All", "Policy.Read.ConditionalAccess", "Policy.ReadWrite.ConditionalAccess"]
            .iter()
            .any(|it| self.has(it))
    }
}

/// The permissions that let a request in: the first set the caller has.
pub(super) fn allowed(
    route: &Route,
    names: &[String],
    caller: &Caller,
) -> Result<Vec<String>, Refusal> {
    let of_type = match route.action {
        Action::MethodsOfType | Action::MethodOfType => Some(false),
        Action::DeleteMethod => Some(true),
        _ => None,
    };
    let found = match of_type {
        Some(writes) => {
            let segment = names.get(1).map_or("", String::as_str);
            let any = permissions_of_segment(segment, writes);
            any.into_iter().find(|it| caller.has(it)).map(|it| vec![it])
        }
        None => {
            let set = route.needs.iter().find(|set| set.iter().all(|it| caller.has(it)));
            set.map(|set| set.iter().map(|&it| it.to_owned()).collect())
        }
    };
    found.ok_or_else(|| refused(route))
}

/// 403 as the endpoint words it.
fn refused(route: &Route) -> Refusal {
    if route.path.starts_with("/identity/conditionalAccess") {
        return Refusal::new(
            403,
            "AccessDenied",
            "You cannot perform the requested operation, required scopes are missing in the token.",
        );
    }
    denied()
}

pub(super) fn denied() -> Refusal {
    Refusal::new(
        403,
        "Authorization_RequestDenied",
        "Insufficient privileges to complete the operation.",
    )
}

/// What the tenant has bought of Entra ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Licences {
    pub(super) p1: bool,
    pub(super) p2: bool,
}

const P1: &str = "41781fb2-bc02-4b7c-bd55-b576c07bb09d";
const P2: &str = "eec0eb4f-6444-4f95-aba0-50c24d67f998";

impl Licences {
    /// From the subscriptions that are enabled or in their grace (`servicePlanId` as of Microsoft's
    /// page *Product names and service plan identifiers*).
    pub(super) fn of(view: &View<'_>) -> Self {
        let mut all = Self { p1: false, p2: false };
        for sku in view.all(&Collection::SubscribedSkus) {
            if !matches!(text(&sku, "capabilityStatus"), "Enabled" | "Warning") {
                continue;
            }
            let plans = sku.get("servicePlans").and_then(Value::as_array);
            for plan in plans.into_iter().flatten().filter_map(Value::as_object) {
                let id = text(plan, "servicePlanId");
                all.p2 |= id.eq_ignore_ascii_case(P2);
                all.p1 |= id.eq_ignore_ascii_case(P1) || id.eq_ignore_ascii_case(P2);
            }
        }
        all
    }

    pub(super) fn cover(self, licence: Licence) -> Result<(), Refusal> {
        match licence {
            Licence::Premium if !self.p1 => Err(not_premium()),
            Licence::ConditionalAccess if !self.p1 => Err(Refusal::new(
                403,
                "AccessDenied",
                "Your tenant is not licensed for this feature.",
            )),
            Licence::PrivilegedIdentity if !self.p2 => Err(Refusal::new(
                400,
                "AadPremiumLicenseRequired",
                "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance \
                 license.",
            )),
            Licence::Risk if !self.p2 => {
                Err(Refusal::new(403, "Forbidden", "Your tenant is not licensed for this feature."))
            }
            _ => Ok(()),
        }
    }
}

fn not_premium() -> Refusal {
    Refusal::new(
        403,
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
        "Neither tenant is B2C or tenant doesn't have premium license",
    )
}

/// `signInActivity` needs more than users do; basic permissions show basic properties.
pub(super) fn need_of_users(
    query: &Query,
    caller: &Caller,
    licences: Licences,
) -> Result<(), Refusal> {
    const BASIC: [&str; 7] =
        ["id", "displayName", "givenName", "mail", "photo", "surname", "userPrincipalName"];
    let names = query.select.as_deref().unwrap_or_default();
    if names.iter().any(|it| it == "signInActivity") {
        if !caller.has("AuditLog.Read.All") {
            return Err(denied());
        }
        if !licences.p1 {
            return Err(not_premium());
        }
    }
    let wide =
        ["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
    let is_basic = !wide.iter().any(|it| caller.has(it));
    // Without `$select` a caller with basic permissions gets the basic ones.
    let is_chosen = names != super::shape::USUAL_OF_USERS;
    if is_basic && is_chosen && names.iter().any(|it| !BASIC.contains(&it.as_str())) {
        return Err(denied());
    }
    Ok(())
}
