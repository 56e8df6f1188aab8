//! What is particular about one policy.

use conditional_access::State;
use rollout::preflight::AuditedPolicy;

use crate::words;

/// The name a person reads.
pub(crate) fn name(policy: &AuditedPolicy) -> String {
    if policy.display_name.trim().is_empty() {
        policy.id.clone().unwrap_or_else(|| "(no name)".to_owned())
    } else {
        policy.display_name.clone()
    }
}

/// What is particular about one policy, a sentence each.
pub(crate) fn notes(policy: &AuditedPolicy) -> Vec<String> {
    let name = name(policy);
    let mut notes = Vec::new();
    if policy.microsoft_managed {
        notes.push(match policy.may_come_on {
            Some(date) => format!(
                "{name}: Microsoft made it and may switch it on from {}.",
                words::moment(date)
            ),
            None if policy.state == State::Enabled => format!("{name}: Microsoft made it."),
            None => {
                format!("{name}: Microsoft made it and may switch it on; from when is not told.")
            }
        });
    }
    if !policy.unmodelled.is_empty() {
        notes.push(format!(
            "{name}: holds {}, which lockstep does not know: it cannot be judged completely.",
            policy.unmodelled.join(", ")
        ));
    }
    let named = |gone: bool| {
        let those = policy.missing_references.iter().filter(|it| (it.gone == Some(true)) == gone);
        those.map(|it| format!("{} {}", it.kind, it.id)).collect::<Vec<_>>()
    };
    for (what, those) in [("does not exist", named(true)), ("is in no file", named(false))] {
        if !those.is_empty() {
            notes.push(format!("{name}: names what {what}: {}.", words::few(&those)));
        }
    }
    let lasting = |sure: bool| {
        let those =
            policy.lasting_exclusions.iter().filter(|it| (it.lasting == Some(true)) == sure);
        those.map(|it| it.name.clone()).collect::<Vec<_>>()
    };
    for (unless, those) in [("", lasting(true)), (", unless it is break-glass", lasting(false))] {
        if !those.is_empty() {
            let those = words::few(&those);
            notes.push(format!(
                "{name}: excludes for good, since no other policy includes it{unless}: {those}."
            ));
        }
    }
    notes
}
