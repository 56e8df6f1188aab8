//! Which method helps a person who is not capable.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::scope::Person;
use crate::account::Account;
use crate::exceptions::Kind;
use crate::facts::Facts;
use crate::snapshot::MethodConfiguration;

/// Microsoft stops delivering text messages and voice calls for MFA on this day (Microsoft Entra:
/// passkeys by default and retirement of SMS and voice).
pub const SMS_END: Date = Date::constant(2027, 2, 1);

/// The contract's words for methods.
pub(super) const FIDO2: &str = "fido2";
const TEMPORARY_ACCESS_PASS: &str = "temporary-access-pass";
const MICROSOFT_AUTHENTICATOR: &str = "microsoft-authenticator";
const SMS: &str = "sms";

/// A recommended method and what it rests on.
pub(super) struct Recommendation {
    pub(super) method: &'static str,
    pub(super) why: String,
}

/// Whom the methods policy lets use one method.
#[derive(Debug)]
enum Allowed {
    /// No file tells.
    Unknown,
    Nobody,
    /// Included (everyone, or the keys of members) without the excluded.
    Some {
        everyone: bool,
        included: BTreeSet<usize>,
        excluded: BTreeSet<usize>,
        complete: bool,
    },
}

/// The methods policy, resolved to users once.
#[derive(Debug)]
pub(super) struct MethodsAllowed {
    fido2: Allowed,
    temporary_access_pass: Allowed,
    microsoft_authenticator: Allowed,
    sms: Allowed,
}

impl MethodsAllowed {
    pub(super) fn new(facts: &Facts<'_>) -> Self {
        Self {
            fido2: allowed(facts, "fido2"),
            temporary_access_pass: allowed(facts, "temporaryaccesspass"),
            microsoft_authenticator: allowed(facts, "microsoftauthenticator"),
            sms: allowed(facts, "sms"),
        }
    }
}

impl Allowed {
    /// `None`: no file tells.
    fn for_account(&self, facts: &Facts<'_>, account: &Account) -> Option<bool> {
        match self {
            Self::Unknown => None,
            Self::Nobody => Some(false),
            Self::Some { everyone, included, excluded, complete } => {
                let position = facts.user_position(account)?;
                if excluded.contains(&position) {
                    return Some(false);
                }
                let inside = *everyone || included.contains(&position);
                if *complete || (inside && excluded.is_empty()) { Some(inside) } else { None }
            }
        }
    }
}

fn allowed(facts: &Facts<'_>, id: &str) -> Allowed {
    let Some(policy) = &facts.snapshot.methods_policy else { return Allowed::Unknown };
    let Some(method) = policy.methods.iter().find(|method| method.id == id) else {
        return Allowed::Unknown;
    };
    match (method.enabled, &method.include) {
        (Some(false), _) => Allowed::Nobody,
        (Some(true), Some(include)) => targets(facts, method, include),
        _ => Allowed::Unknown,
    }
}

fn targets(facts: &Facts<'_>, method: &MethodConfiguration, include: &[String]) -> Allowed {
    let everyone = include.iter().any(|target| target == "all_users");
    let groups: Vec<&str> =
        include.iter().map(String::as_str).filter(|target| *target != "all_users").collect();
    let (included, included_complete) = members(facts, &groups);
    let exclude: Vec<&str> = method.exclude.iter().flatten().map(String::as_str).collect();
    let (excluded, excluded_complete) = members(facts, &exclude);
    let complete = (everyone || included_complete) && excluded_complete && method.exclude.is_some();
    Allowed::Some { everyone, included, excluded, complete }
}

fn members(facts: &Facts<'_>, groups: &[&str]) -> (BTreeSet<usize>, bool) {
    let mut positions = BTreeSet::new();
    let mut complete = true;
    for id in groups {
        let Some(group) = facts.group(id) else {
            complete = false;
            continue;
        };
        let (accounts, whole) = facts.members_of(group);
        complete &= whole;
        positions.extend(accounts.iter().filter_map(|account| facts.user_position(account)));
    }
    (positions, complete)
}

/// Recommends a method, in this order:
///
/// 1. a security key (FIDO2) for administrators and executives, who need a phishing-resistant
///    method, and for people without a smartphone;
/// 2. a Temporary Access Pass for people who come back from leave or who were not seen to sign in
///    by hand: no prompt reaches them, so somebody must sit with them. It is a way in to register,
///    never the registered method;
/// 3. Microsoft Authenticator for everybody else;
/// 4. text message only where the methods policy is told to allow none of the above, and only
///    before [`SMS_END`].
pub(super) fn recommend(
    facts: &Facts<'_>,
    methods: &MethodsAllowed,
    person: &Person<'_>,
) -> Recommendation {
    let account = &person.user.account;
    let wanted = wanted(facts, person);
    let may = |allowed: &Allowed| allowed.for_account(facts, account);
    let allowed = match wanted.method {
        FIDO2 => may(&methods.fido2),
        TEMPORARY_ACCESS_PASS => may(&methods.temporary_access_pass),
        _ => may(&methods.microsoft_authenticator),
    };
    if allowed != Some(false) {
        return wanted;
    }
    // A key is worth switching on for those who need it; nothing weaker takes its place.
    if wanted.method == FIDO2 {
        let why =
            format!("{}; first allow passkeys (FIDO2) for them in the methods policy", wanted.why);
        return Recommendation { method: FIDO2, why };
    }
    let others = [
        (MICROSOFT_AUTHENTICATOR, may(&methods.microsoft_authenticator)),
        (FIDO2, may(&methods.fido2)),
        (TEMPORARY_ACCESS_PASS, may(&methods.temporary_access_pass)),
    ];
    let instead = |method: &'static str| Recommendation {
        method,
        why: format!("the methods policy does not allow {} for them", wanted.method),
    };
    if let Some((method, _)) = others.iter().find(|(_, allowed)| *allowed == Some(true)) {
        return instead(method);
    }
    let today = facts.now.to_zoned(TimeZone::UTC).date();
    let ruled_out = others.iter().all(|(_, allowed)| *allowed == Some(false));
    if ruled_out && may(&methods.sms) == Some(true) && today < SMS_END {
        let why = format!(
            "the methods policy allows nothing better; text messages end on {SMS_END}, so this \
             is an exception until the day before"
        );
        return Recommendation { method: SMS, why };
    }
    Recommendation {
        method: MICROSOFT_AUTHENTICATOR,
        why: "the methods policy is told to allow no usable method; first allow Microsoft \
              Authenticator for them"
            .to_owned(),
    }
}

/// What would be best, whatever the methods policy says.
fn wanted(facts: &Facts<'_>, person: &Person<'_>) -> Recommendation {
    let is_admin = person.row.is_some_and(|row| row.is_admin == Some(true))
        || facts.roles_of(&person.user.account).iter().any(|role| role.active);
    let (method, why) = match person.kind {
        Kind::NoSmartphone => (FIDO2, "no smartphone: a security key needs none"),
        Kind::Executive => (FIDO2, "executive: a phishing-resistant method, set up in person"),
        _ if is_admin => (FIDO2, "administrator: a phishing-resistant method comes first"),
        Kind::OnLeave => {
            (TEMPORARY_ACCESS_PASS, "on leave: a pass on the first day back to register with")
        }
        _ if never_by_hand(facts, person) => (
            TEMPORARY_ACCESS_PASS,
            "not seen to sign in by hand, so no prompt asks them: register with them in person",
        ),
        _ => (MICROSOFT_AUTHENTICATOR, "the ordinary method for people with a smartphone"),
    };
    Recommendation { method, why: why.to_owned() }
}

/// True when the log holds interactive sign-ins, and of this person only others.
fn never_by_hand(facts: &Facts<'_>, person: &Person<'_>) -> bool {
    let told = facts.measurement.is_some_and(|it| it.coverage.interactive == Some(true));
    told && facts.activity(&person.user.account).is_some_and(|activity| {
        activity.interactive_successes == 0 && activity.non_interactive_successes > 0
    })
}
