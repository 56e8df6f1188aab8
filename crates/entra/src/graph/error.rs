//! What can go wrong with a request.

use super::transport::TransportError;

/// A request that did not come to a usable answer.
#[derive(Debug, thiserror::Error)]
pub enum GraphError {
    /// Graph said no, and asking again would not help.
    #[error("Graph refused `{call}`: {status} {code}: {message}")]
    Refused {
        /// Name of the request.
        call: String,
        /// HTTP status.
        status: u16,
        /// `error.code`.
        code: String,
        /// `error.message`, one line.
        message: String,
        /// `request-id`, which Microsoft's support asks for.
        request_id: Option<String>,
    },
    /// Graph went on refusing or failing for longer than lockstep waits.
    #[error("Graph did not answer `{call}` after {attempts} attempts: {status} {code}")]
    GaveUp {
        /// Name of the request.
        call: String,
        /// How often it was sent.
        attempts: u32,
        /// Status of the last answer; 0 without any.
        status: u16,
        /// `error.code` of the last answer.
        code: String,
        /// `request-id` of the last answer.
        request_id: Option<String>,
    },
    /// Graph could not be reached, or the answer was lost each time.
    #[error("no answer to `{call}`")]
    Unreachable {
        /// Name of the request.
        call: String,
        /// What the network said.
        #[source]
        source: TransportError,
    },
    /// A write was sent and nobody knows whether it was carried out. It is not sent again before
    /// somebody looked.
    #[error("it is not known whether `{call}` was carried out")]
    Unknown {
        /// Name of the request.
        call: String,
        /// What the network said.
        #[source]
        source: TransportError,
    },
    /// An answer that is not what the documentation says.
    #[error("the answer to `{call}` cannot be read: {reason}")]
    Unreadable {
        /// Name of the request.
        call: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Paging came back to a page that was already read.
    #[error("the pages of `{call}` go round in a circle after {pages} pages")]
    PageLoop {
        /// Name of the request.
        call: String,
        /// Pages read until then.
        pages: u64,
    },
    /// No token could be had.
    #[error("signing in to the tenant failed: {reason}")]
    NoToken {
        /// The words of the authority, without the ids, or of the network.
        reason: String,
        /// `error_codes` of the authority, such as 7000215.
        codes: Vec<i64>,
    },
    /// The request is none: its address is not encoded. Nothing was sent.
    #[error("`{call}` cannot be sent: {reason}")]
    Unsendable {
        /// Name of the request.
        call: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A dry run writes nothing.
    #[error("a dry run does not send `{call}`")]
    DryRun {
        /// Name of the request.
        call: String,
    },
}

impl GraphError {
    /// What whoever set lockstep up can do about it, in a sentence; `None` where nothing is known
    /// to help. Codes are those of Microsoft's page *Microsoft Entra authentication and
    /// authorization error codes*.
    #[must_use]
    pub fn what_to_do(&self) -> Option<&'static str> {
        match self {
            Self::NoToken { codes, .. } => codes.iter().find_map(|code| sign_in_hint(*code)),
            Self::Unknown { .. } => Some("look whether it was carried out before doing it again"),
            Self::GaveUp { status: 429, .. } => Some(
                "wait some minutes: other apps use the same limits of the tenant; what was read so \
                 far is kept",
            ),
            Self::Unreachable { .. } => Some("look at the network, the proxy and the firewall"),
            _ => None,
        }
    }

    /// `request-id` of the answer, which Microsoft's support asks for.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Refused { request_id, .. } | Self::GaveUp { request_id, .. } => {
                request_id.as_deref()
            }
            _ => None,
        }
    }
}

/// What helps against a refusal of the authority.
fn sign_in_hint(code: i64) -> Option<&'static str> {
    Some(match code {
        7_000_215 => {
            "give the client secret's value, which the portal shows once when it is made, not its \
             id"
        }
        7_000_222 => {
            "the client secret has ended: make a new one under Certificates & secrets of the app \
             registration, or use a certificate"
        }
        7_000_218 => "the app is no public client: allow public client flows, or give it a secret",
        700_027 => {
            "upload the certificate under Certificates & secrets of the app registration, and look \
             whether it is the one lockstep was given"
        }
        700_024 => "set the clock of this machine: the signed assertion was not good at that time",
        700_016 => {
            "look at the tenant and at the client id: the app is not in this tenant, or an \
             administrator has not consented to it"
        }
        7_000_112 => "enable the app under Enterprise applications",
        90_002 => "look at the tenant's name: there is no such tenant in this cloud",
        900_023 => "give the tenant's id or one of its domains",
        900_382 => "look at `cloud`: the tenant belongs to another one",
        70_011 | 1_002_012 => "look at `cloud`: the scope is not of this one",
        53_003 => {
            "a Conditional Access policy blocks lockstep itself: look at the sign-in logs of \
             service principals"
        }
        65_001 => "let an administrator consent to the app's permissions",
        50_034 | 90_072 => "sign in with an account of this tenant",
        50_105 => "assign the person to the app under Enterprise applications",
        50_076 | 50_079 | 530_003 => "sign in again with what the tenant's policies ask for",
        70_019 => "sign in with the code within 15 minutes",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_known_refusal_says_what_to_do_and_the_others_say_nothing_wrong() {
        let hint = |codes: &[i64]| {
            let error = GraphError::NoToken { reason: String::new(), codes: codes.to_vec() };
            error.what_to_do().unwrap_or_default()
        };
        let table = [
            (vec![7_000_215], "not its id"),
            (vec![7_000_222], "has ended"),
            (vec![700_016], "not in this tenant"),
            (vec![90_002], "no such tenant"),
            (vec![700_027], "upload the certificate"),
            // An unknown code before a known one.
            (vec![4_711, 53_003], "Conditional Access"),
        ];
        for (codes, part) in table {
            assert!(hint(&codes).contains(part), "{codes:?}: {}", hint(&codes));
        }
        assert_eq!(hint(&[]), "");
        assert_eq!(hint(&[4_711]), "");
    }
}
