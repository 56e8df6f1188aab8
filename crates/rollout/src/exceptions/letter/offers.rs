//! What is offered in place of an exemption, with what it costs.

use crate::engine::{Exception, Seen};

/// What is offered, the easiest first: what the account has already comes before what it lacks.
pub(super) fn offers(exception: &Exception, seen: &Seen<'_>) -> Vec<String> {
    let capable = seen.facts.registration(&exception.subject).and_then(|it| it.mfa_capable);
    let trust = seen.facts.measured_activity().and_then(|it| it.trust_types.as_ref());
    let joined = trust.is_some_and(|types| {
        types.iter().any(|(name, count)| *count > 0 && name.to_lowercase().contains("joined"))
    });
    let mut offers = Vec::new();
    if capable == Some(true) {
        offers.push(
            "Nothing new to set up: the account can answer a prompt with what is registered today. \
             Effort: none."
                .to_owned(),
        );
    }
    offers.push(
        "Set up together, in person: a security key for the key ring and a passkey on the phone. \
         Effort: about ten minutes, and one security key."
            .to_owned(),
    );
    offers.push(if joined {
        "A joined company laptop with Windows Hello for Business, which answers by itself, so that \
         prompts become rare. Effort: five minutes on a device of the kind the tenant has already."
            .to_owned()
    } else {
        "A joined company laptop with Windows Hello for Business, which answers by itself, so that \
         prompts become rare. Effort: a device to be joined first; the log shows none."
            .to_owned()
    });
    offers.push(
        "The assistant gets delegated access to mailbox and calendar with an account of their own, \
         so that nobody shares a password. Effort: about ten minutes of an Exchange administrator."
            .to_owned(),
    );
    offers.push(
        "Before a journey: a passkey and a code generator that work without a network, tried out at \
         home. Effort: five minutes."
            .to_owned(),
    );
    offers
}
