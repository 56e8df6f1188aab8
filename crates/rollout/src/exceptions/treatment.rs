//! What to do with an account of each kind, who may approve it, and for how long.

use super::Kind;

/// How an account of one kind is treated. Exempt is a path, never a human being.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Treatment {
    /// What to do.
    pub treatment: &'static str,
    /// True only for break-glass, service, sync and room accounts.
    pub mfa_exempt: bool,
    /// What stands in for MFA; empty where nothing is exempt.
    pub compensating_control: &'static str,
    /// Longest life of the exception, in days. `None`: none to grant, or no end.
    pub max_days: Option<u32>,
    /// Who may approve.
    pub approver: &'static str,
}

/// The treatment of a kind.
#[must_use]
pub const fn treatment(kind: Kind) -> Treatment {
    match kind {
        Kind::BreakGlass | Kind::Sync | Kind::Room | Kind::Service => exempt(kind),
        Kind::Equipment | Kind::SharedMailbox | Kind::SharedLogin | Kind::Dormant => {
            nobody_in_particular(kind)
        }
        Kind::Guest
        | Kind::OnLeave
        | Kind::NoSmartphone
        | Kind::Executive
        | Kind::Administrator
        | Kind::Person
        | Kind::Unclassified => person(kind),
    }
}

/// Kinds whose sign-in path may go without MFA while something else stands in.
const fn exempt(kind: Kind) -> Treatment {
    let (treatment, compensating_control, max_days, approver) = match kind {
        Kind::BreakGlass => (
            "Leave out of every Conditional Access policy, and give it two security keys (FIDO2) or \
             certificates: Microsoft's admin portals ask it for MFA all the same",
            "alert on every sign-in, sealed custody in two places, a proven sign-in every 90 days",
            None,
            "CISO and head of IT",
        ),
        Kind::Sync => (
            "Leave the role out of the user policies, and move synchronisation to the application \
             identity, which needs no such account",
            "sign-in only from the address of the synchronisation server; watch the next cycle",
            None,
            "identity lead",
        ),
        Kind::Room => (
            "Give rooms a policy of their own: compliant device or trusted location, no \
             interactive MFA, no sign-in frequency",
            "named group of room accounts; device code flow and device registration opened for it \
             alone",
            Some(365),
            "owner of the meeting rooms (AV or IT)",
        ),
        _ => (
            "Replace by a managed identity or an application with a certificate; until then no \
             interactive sign-in and one fixed address",
            "sign-in only from a named location, a unique password of 25 or more characters, alert \
             on any other address",
            Some(90),
            "owner of the application and CISO",
        ),
    };
    Treatment { treatment, mfa_exempt: true, compensating_control, max_days, approver }
}

/// Accounts that are no single human being and need no sign-in of their own.
const fn nobody_in_particular(kind: Kind) -> Treatment {
    let (treatment, compensating_control, max_days, approver) = match kind {
        Kind::Equipment => (
            "Block sign-in; bookings need none",
            "sign-in blocked (accountEnabled is false)",
            None,
            "owner of the equipment",
        ),
        Kind::SharedMailbox => (
            "Block sign-in and give its users delegated access with their own accounts",
            "sign-in blocked (accountEnabled is false)",
            None,
            "owner of the mailbox",
        ),
        Kind::SharedLogin => (
            "Give each person an account, or make it a shared mailbox; until then a security key \
             (FIDO2) kept where the account is used",
            "sign-in only from the site and a compliant device",
            Some(30),
            "head of the department and IT",
        ),
        _ => (
            "Ask HR and the manager, then disable; an unused account is the easiest one to \
             register for by an attacker",
            "sign-in blocked (accountEnabled is false)",
            None,
            "HR and IT",
        ),
    };
    Treatment { treatment, mfa_exempt: false, compensating_control, max_days, approver }
}

/// Human beings: never exempt.
const fn person(kind: Kind) -> Treatment {
    let (treatment, approver) = match kind {
        Kind::Guest => (
            "Trust the MFA of the partner's own tenant, or let the guest register here; guests \
             get a message of their own",
            "sponsor of the guest",
        ),
        Kind::OnLeave => (
            "Block sign-in until the return date, then a Temporary Access Pass on the first day \
             back",
            "HR",
        ),
        Kind::NoSmartphone => {
            ("Security key (FIDO2) or hardware token, paid for by the employer", "manager and HR")
        }
        Kind::Executive => (
            "No exemption. Ten minutes of help in person: security key and passkey, delegated \
             access for the assistant, a method that works offline before a journey",
            "nobody: an exemption is refused and the risk put in writing",
        ),
        Kind::Administrator => (
            "First to register, with a phishing-resistant method (FIDO2, certificate, Windows \
             Hello for Business)",
            "nobody: an administrator is never exempt",
        ),
        Kind::Unclassified => (
            "Find out who or what uses it, then name it in lockstep.toml or disable it; nothing \
             is enforced for everyone while such accounts are left",
            "nobody before it is classified",
        ),
        _ => ("Registers like everybody", "nobody: there is nothing to approve"),
    };
    Treatment { treatment, mfa_exempt: false, compensating_control: "", max_days: None, approver }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_four_kinds_are_exempt_and_no_person_is() {
        for kind in Kind::ALL {
            let treatment = treatment(kind);
            let exempt = matches!(kind, Kind::BreakGlass | Kind::Service | Kind::Sync | Kind::Room);
            assert_eq!(treatment.mfa_exempt, exempt, "{kind:?}");
            assert!(!(kind.is_person() && treatment.mfa_exempt), "{kind:?}");
            assert!(!treatment.treatment.is_empty() && !treatment.approver.is_empty(), "{kind:?}");
            assert!(!exempt || !treatment.compensating_control.is_empty(), "{kind:?}");
        }
    }

    #[test]
    fn the_longest_lives() {
        let lives = [
            (Kind::Service, Some(90)),
            (Kind::Room, Some(365)),
            (Kind::SharedLogin, Some(30)),
            (Kind::BreakGlass, None),
            (Kind::Executive, None),
        ];
        for (kind, days) in lives {
            assert_eq!(treatment(kind).max_days, days, "{kind:?}");
        }
    }
}
