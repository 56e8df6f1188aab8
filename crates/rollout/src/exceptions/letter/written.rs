//! The nine parts, as sentences.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::exposure::Likelihood;
use super::{Part, access, exposure, offers};
use crate::engine::{Exception, Seen};
use crate::exceptions::LETTER_MAX_DAYS;

/// The nine parts.
pub(super) fn parts(exception: &Exception, seen: &Seen<'_>) -> Vec<Part> {
    let (exposed, likelihood) = exposure::exposure(exception, seen);
    let mut facts = access::access(exception, seen);
    facts.extend(access::protection(exception, seen));
    facts.extend(exposed);
    let parts = [
        request(exception),
        recommendation(exception, seen),
        Part {
            heading: "Facts",
            text: vec!["What this tenant shows of the account; nothing is estimated.".to_owned()],
            facts,
            ..Part::default()
        },
        risk(likelihood),
        obligations(),
        conditions(exception),
        risk_owner(exception),
        decision(exception),
        distribution(exception),
    ];
    let number = |(place, part): (usize, Part)| Part { number: place.saturating_add(1), ..part };
    parts.into_iter().enumerate().map(number).collect()
}

fn request(exception: &Exception) -> Part {
    let path = &exception.path;
    let named =
        [("application", &path.app), ("client app", &path.client_app), ("place", &path.place)];
    let path: Vec<String> = named
        .into_iter()
        .filter_map(|(what, word)| Some(format!("{what} `{}`", word.as_deref()?)))
        .collect();
    let mut text = vec![format!(
        "On {}, {} asked to exempt `{}` from multifactor authentication for the {}, from {} to {}.",
        day(exception.asked_at),
        exception.asked_by,
        exception.subject.label(),
        path.join(", "),
        exception.starts,
        exception.expires
    )];
    text.push(format!("The reason given, word for word: “{}”", exception.reason));
    text.push(
        "Microsoft Entra ID takes an account out of a policy as a whole: whatever the path agreed, \
         every sign-in of the account would be without MFA by that policy."
            .to_owned(),
    );
    text.extend(exception.letter_because.clone());
    Part { heading: "Request", text, ..Part::default() }
}

fn recommendation(exception: &Exception, seen: &Seen<'_>) -> Part {
    Part {
        heading: "Recommendation",
        text: vec![
            "We advise against it. An account like this one is worth the most to whoever wants money \
             moved; who is exempt shows to anybody who tries a password; others ask for the same; and \
             Microsoft asks administrators for MFA in its own portals all the same."
                .to_owned(),
            "What we offer in its place:".to_owned(),
        ],
        points: offers::offers(exception, seen),
        ..Part::default()
    }
}

fn risk(likelihood: Likelihood) -> Part {
    let class = match likelihood {
        Likelihood::Seen => {
            "Likelihood: raised. Failed sign-ins of this account, or a risk that Microsoft holds against \
             it, are among the facts above; who made them is not known."
        }
        Likelihood::NotSeen => {
            "Likelihood: ordinary. No failed sign-in was seen in the whole window; an account of this \
             kind is a target all the same."
        }
        Likelihood::NotMeasured => {
            "Likelihood: not classed. Attempts against this account were not measured, or not over the \
             whole window, which is no sign that there were none."
        }
    };
    Part {
        heading: "Risk",
        text: vec![
            "Scenario: somebody learns or guesses the password, signs in as this account, reads its \
             mail, and from it asks colleagues, the bank or a customer for a payment or for data."
                .to_owned(),
            class.to_owned(),
            "Affected besides the company: whoever trusts mail from this account, such as customers, \
             suppliers, staff and the bank."
                .to_owned(),
            "MFA lowers the risk of a compromise by 99.2 % over all accounts, and by 98.6 % where the \
             password is known to others (study of Microsoft on its own tenants, arXiv 2305.00945)."
                .to_owned(),
        ],
        blanks: vec![
            "Most that can be paid or signed for through this account".to_owned(),
            "Legal and regulatory consequences of a breach of it".to_owned(),
        ],
        ..Part::default()
    }
}

fn obligations() -> Part {
    Part {
        heading: "Obligations touched",
        text: vec![
            "lockstep reads no contracts. To be checked before a decision, with the section or clause:"
                .to_owned(),
        ],
        blanks: vec![
            "Own security policy".to_owned(),
            "Cyber insurance: what the policy warrants about MFA, word for word".to_owned(),
            "Audit and regulator".to_owned(),
            "Contracts with customers".to_owned(),
        ],
        ..Part::default()
    }
}

fn conditions(exception: &Exception) -> Part {
    Part {
        heading: "If it is accepted against this advice",
        text: vec![
            format!("Instead of MFA, as asked for: {}.", exception.compensating_control),
            format!(
                "It ends on {} and lasts {LETTER_MAX_DAYS} days at most; on that day the account is \
                 taken out of the exclusion group. Afterwards: {}.",
                exception.expires,
                exception.exit_plan.trim_end_matches('.')
            ),
            "A renewal needs a new signed decision, on a minute of the board or the risk committee."
                .to_owned(),
            "And, before it is applied:".to_owned(),
        ],
        points: vec![
            "sign-in only from managed devices and from named locations".to_owned(),
            "a phishing-resistant method on at least one device, used for everything outside the path"
                .to_owned(),
            "every payment confirmed by a call back to a known number".to_owned(),
            "automatic forwarding of mail to the outside blocked".to_owned(),
            "sign-ins of the account looked at every day".to_owned(),
        ],
        ..Part::default()
    }
}

fn risk_owner(exception: &Exception) -> Part {
    let owner = exception.risk_owner.as_deref().unwrap_or("(nobody named)");
    Part {
        heading: "Risk owner",
        text: vec![format!(
            "{owner} is asked to take this risk: an executive of equal or higher rank, who did not ask \
             for the exemption. IT and security advise; they do not own it. {} answers for carrying out \
             what is decided.",
            exception.owner
        )],
        ..Part::default()
    }
}

fn decision(exception: &Exception) -> Part {
    Part {
        heading: "Decision",
        text: vec![
            format!(
                "Until this is signed, the control applies: nothing is changed for `{}`.",
                exception.subject.label()
            ),
            "Two different people sign, the risk owner among them; neither the one who asked nor the \
             one it is for. Each signs a copy of their own."
                .to_owned(),
        ],
        points: vec![
            "rejected".to_owned(),
            "accepted for the time above".to_owned(),
            "accepted on these conditions:".to_owned(),
        ],
        blanks: vec!["Name".to_owned(), "Signature".to_owned(), "Date".to_owned()],
        ..Part::default()
    }
}

fn distribution(exception: &Exception) -> Part {
    Part {
        heading: "Distribution",
        text: vec![format!("Filed in the risk register as {}.", exception.id)],
        points: ["CISO or security lead", "CEO or COO", "risk committee", "internal audit"]
            .map(str::to_owned)
            .to_vec(),
        ..Part::default()
    }
}

/// `2026-11-20`, in UTC.
pub(super) fn day(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).date().to_string()
}

/// `2026-11-20 02:10 UTC`.
pub(super) fn moment(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC").to_string()
}
