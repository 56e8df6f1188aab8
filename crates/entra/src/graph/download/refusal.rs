//! Why a list did not come, in terms of what an administrator can do about it.

use super::super::catalogue::Read;
use super::super::error::GraphError;
use super::super::manifest::State;

/// Codes of a tenant without the licence (Graph documentation, *List signIns*, *List users* and
/// *PIM for Microsoft Entra roles*).
const LICENCE_CODES: [&str; 2] =
    ["Authentication_RequestFromNonPremiumTenantOrB2CTenant", "AadPremiumLicenseRequired"];

/// The state an error leaves a read in.
pub(super) fn state_of(error: &GraphError, read: &Read) -> State {
    let GraphError::Refused { status, code, message, .. } = error else {
        return State::Failed { why: in_words(error) };
    };
    if is_licence(code, message, read) {
        let licence = read.licence.unwrap_or("Entra ID P1").to_owned();
        return State::LicenceMissing { licence };
    }
    match status {
        // A 401 is about the token: it names no permission that anybody could grant.
        403 => State::PermissionMissing { permission: read.permission.to_owned() },
        404 | 501 => State::NotOffered { why: format!("{code}: {message}") },
        _ => State::Failed { why: in_words(error) },
    }
}

/// Graph says so in a code of its own, or, where the service below Graph answers, in words.
fn is_licence(code: &str, message: &str, read: &Read) -> bool {
    let words = message.to_ascii_lowercase();
    let about_licences = words.contains("licens") || words.contains("premium");
    LICENCE_CODES.iter().any(|known| code.eq_ignore_ascii_case(known))
        // Risk detection answers `Forbidden` to a tenant without P2.
        || (read.licence.is_some() && about_licences)
}

/// The request was understood and refused: another way of asking may be answered.
pub(super) fn is_refusal(error: &GraphError) -> bool {
    matches!(error, GraphError::Refused { status: 400 | 401 | 403 | 501, .. })
}

/// The link to go on with is no longer good, or no longer of this Graph: the list has to be read from
/// its start.
pub(super) fn is_spent(error: &GraphError) -> bool {
    is_refusal(error)
        || matches!(
            error,
            GraphError::Refused { status: 404 | 410, .. } | GraphError::Unreadable { .. }
        )
}

/// An error with its causes, one line.
pub(super) fn in_words(error: &GraphError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::catalogue;

    #[test]
    fn what_is_missing_is_named_exactly() {
        let permission = |name: &str| State::PermissionMissing { permission: name.to_owned() };
        let licence = |name: &str| State::LicenceMissing { licence: name.to_owned() };
        let premium = LICENCE_CODES[0];
        let cases = [
            (
                "users",
                403,
                "Authorization_RequestDenied",
                "Insufficient privileges to complete the \
             operation.",
                permission("User.Read.All"),
            ),
            (
                "conditional-access-policies",
                403,
                "AccessDenied",
                "required scopes are missing in \
             the token.",
                permission("Policy.Read.All"),
            ),
            (
                "registration",
                403,
                premium,
                "Neither tenant is B2C or tenant doesn't have premium \
             license",
                licence("Entra ID P1"),
            ),
            ("sign-in-activity", 403, premium, "", licence("Entra ID P1")),
            ("directory-audits", 403, premium, "", licence("Entra ID P1")),
            ("eligible-roles", 400, "AadPremiumLicenseRequired", "x", licence("Entra ID P2")),
            (
                "risky-users",
                403,
                "Forbidden",
                "Your tenant is not licensed for this feature.",
                licence("Entra ID P2"),
            ),
            (
                "risky-users",
                403,
                "Forbidden",
                "You cannot perform the requested operation",
                permission("IdentityRiskyUser.Read.All"),
            ),
            (
                "users",
                401,
                "InvalidAuthenticationToken",
                "x",
                State::Failed {
                    why: "Graph refused `GET /x`: 401 InvalidAuthenticationToken: x".to_owned(),
                },
            ),
            // A list that needs no licence is not refused for want of one.
            (
                "users",
                403,
                "Forbidden",
                "the licence of the requested user",
                permission("User.Read.All"),
            ),
            (
                "rooms",
                404,
                "ResourceNotFound",
                "x",
                State::NotOffered { why: "ResourceNotFound: x".to_owned() },
            ),
        ];
        for (id, status, code, message, expected) in cases {
            let error = GraphError::Refused {
                call: "GET /x".to_owned(),
                status,
                code: code.to_owned(),
                message: message.to_owned(),
                request_id: None,
            };
            assert_eq!(state_of(&error, catalogue::read(id).unwrap()), expected, "{id} {code}");
        }
        let gone = GraphError::GaveUp {
            call: "GET /x".into(),
            attempts: 9,
            status: 429,
            code: "a".into(),
            request_id: None,
        };
        let state = state_of(&gone, catalogue::read("users").unwrap());
        let why = "Graph did not answer `GET /x` after 9 attempts: 429 a".to_owned();
        assert_eq!(state, State::Failed { why });
    }
}
