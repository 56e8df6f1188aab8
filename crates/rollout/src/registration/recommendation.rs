//! Which method helps a person who is not capable.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::allowed::{self, MethodsAllowed};
use super::scope::Person;
use crate::exceptions::Kind;
use crate::facts::Facts;

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
    let may = |id: &str| methods.allows(id, facts, account);
    let allowed = match wanted.method {
        FIDO2 => may(allowed::FIDO2),
        TEMPORARY_ACCESS_PASS => may(allowed::TEMPORARY_ACCESS_PASS),
        _ => may(allowed::MICROSOFT_AUTHENTICATOR),
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
        (MICROSOFT_AUTHENTICATOR, may(allowed::MICROSOFT_AUTHENTICATOR)),
        (FIDO2, may(allowed::FIDO2)),
        (TEMPORARY_ACCESS_PASS, may(allowed::TEMPORARY_ACCESS_PASS)),
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
    if ruled_out && may(allowed::SMS) == Some(true) && today < SMS_END {
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
