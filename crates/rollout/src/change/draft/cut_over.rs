//! From security defaults, or from the pilot, to MFA for all users, in an order that leaves no gap
//! but the one that the platform makes, whose two times are written down.
//!
//! No policy can be On beside security defaults (Microsoft Entra documentation, *Security
//! defaults*), so that they go off first. Legacy authentication, administrators and Azure management
//! are covered at once, then everybody who can pass MFA (the pilot and the bridge group), then all.

use conditional_access::{Policy, State, Users};

use super::break_glass::{joins_new, new_group};
use super::policies::{Standard, numbered, onto};
use super::{
    CannotDraft, Draft, Edit, Named, Presence, Purpose, Stage, break_glass_objects, existing,
    existing_group, membership, plain, unless_empty,
};
use crate::account::Account;
use crate::change::edit::{Before, PolicyDocument};
use crate::change::identifiers::provisional_id;
use crate::change::set::GapReceipt;
use crate::facts::Facts;
use crate::plan::BRIDGE_GROUP;

/// Fills the bridge group with everybody who can pass MFA, at least a day before the cut-over:
/// memberships are on their way for so long. Who is in it and is not named leaves it.
///
/// # Errors
/// When no file tells the object id of an account.
pub fn bridge(facts: &Facts<'_>, marker: &str, capable: &[Account]) -> Result<Draft, CannotDraft> {
    let found = facts.group(BRIDGE_GROUP).filter(|group| group.id.is_some());
    let mut edits = Vec::new();
    let group = match found.and_then(|group| group.id.as_deref()) {
        Some(id) => Named::new(id, BRIDGE_GROUP),
        None => {
            let group = Named::new(provisional_id(&format!("{marker}-bridge")), BRIDGE_GROUP);
            let reason = "Whoever can pass MFA is covered from the first second.".to_owned();
            edits.push((new_group(facts, &group), reason));
            group
        }
    };
    for account in capable {
        let member = existing(facts, account)?;
        let edit = if found.is_some() {
            membership(facts, &group, &member, Presence::Present)
        } else {
            joins_new(facts, &group, &member)
        };
        edits.push((edit, "Can pass MFA today.".to_owned()));
    }
    unless_empty(plain(Purpose::Bridge, "Fill the bridge group", Stage::Register, edits))
}

/// The cut-over.
///
/// # Errors
/// When a policy or group that must be there first is not, or nobody told of it.
pub fn cut_over(facts: &Facts<'_>) -> Result<Draft, CannotDraft> {
    let may_have_defaults = facts.snapshot.security_defaults != Some(false);
    let pilot = there(facts, Standard::AllUsers)?;
    let mut edits = Vec::new();
    let mut before = pilot.clone();
    if may_have_defaults {
        edits = parity(facts)?;
        let bridged = bridged(facts, pilot)?;
        edits.push((
            changed(&before, &bridged),
            "Whoever can pass MFA is covered before everybody else is asked.".to_owned(),
        ));
        before = bridged;
    }
    let after = onto(&before, Standard::AllUsers.draft(facts)?);
    let end = if may_have_defaults { " The gap ends here." } else { "" };
    edits.push((changed(&before, &after), format!("MFA for everybody.{end}")));
    enforcing(facts, "Enforce for all users", edits)
}

/// A heading of the second ring.
pub const SECOND_RING_TITLE: &str = "Ring 2: MFA for whoever can pass it";
/// A heading of the last ring.
pub const LAST_RING_TITLE: &str = "Ring 3: MFA for all users";

/// The second ring: security defaults off and parity at once, then CA001 for the pilot and the bridge
/// group, and for nobody else yet. `left`: people in scope who cannot pass MFA; `None`: nobody told.
///
/// # Errors
/// When a policy or group that must be there first is not, or nobody told of it.
pub fn second_ring(facts: &Facts<'_>, left: Option<usize>) -> Result<Draft, CannotDraft> {
    let may_have_defaults = facts.snapshot.security_defaults != Some(false);
    let before = there(facts, Standard::AllUsers)?;
    // What asks everybody is not narrowed to a ring.
    if before.state == State::Enabled && before.includes_all_users() {
        return Err(CannotDraft::NothingToChange);
    }
    let after = bridged(facts, before)?;
    let mut edits = if may_have_defaults { parity(facts)? } else { Vec::new() };
    let who = match left {
        None => "nobody can say how many cannot pass MFA yet".to_owned(),
        Some(0) => "nobody in scope is known who cannot pass MFA yet".to_owned(),
        Some(1) => "1 person in scope who cannot pass MFA yet among them".to_owned(),
        Some(some) => format!("{some} people in scope who cannot pass MFA yet among them"),
    };
    let reason = if may_have_defaults {
        format!(
            "Whoever can pass MFA is covered; the gap ends here for them. Whoever is in neither group \
             ({who}) is without MFA until ring 3: for them only CA000, CA002 and CA003 take the place \
             of security defaults."
        )
    } else {
        format!("Whoever can pass MFA is asked next; everybody else ({who}) waits for ring 3.")
    };
    edits.push((changed(before, &after), reason));
    enforcing(facts, SECOND_RING_TITLE, edits)
}

/// The last ring: CA001 for all users.
///
/// # Errors
/// When security defaults are on or may be, or the policy is not there, or nobody told of it.
pub fn last_ring(facts: &Facts<'_>) -> Result<Draft, CannotDraft> {
    if facts.snapshot.security_defaults != Some(false) {
        return Err(CannotDraft::SecurityDefaultsOn);
    }
    let before = there(facts, Standard::AllUsers)?;
    let after = onto(before, Standard::AllUsers.draft(facts)?);
    let reason = "Ring 2 has shown that it works; MFA for everybody.".to_owned();
    enforcing(facts, LAST_RING_TITLE, vec![(changed(before, &after), reason)])
}

/// Security defaults off, and at once what else they protected against.
fn parity(facts: &Facts<'_>) -> Result<Vec<(Edit, String)>, CannotDraft> {
    let mut edits = vec![(
        Edit::SecurityDefaults { before: facts.snapshot.security_defaults, after: false },
        "No policy can be On beside security defaults. The gap begins here.".to_owned(),
    )];
    for which in [Standard::BlockLegacy, Standard::Administrators, Standard::AzureManagement] {
        let policy = there(facts, which)?;
        let after = Policy { state: State::Enabled, ..policy.clone() };
        edits.push((
            changed(policy, &after),
            "Security defaults ask for this too; it is covered again at once.".to_owned(),
        ));
    }
    Ok(edits)
}

/// The set of these changes; where security defaults go off first, with the times of the gap.
fn enforcing(
    facts: &Facts<'_>,
    title: &str,
    edits: Vec<(Edit, String)>,
) -> Result<Draft, CannotDraft> {
    if edits.iter().all(|(edit, _)| edit.changes_nothing()) {
        return Err(CannotDraft::NothingToChange);
    }
    let opens_gap = matches!(edits.first(), Some((Edit::SecurityDefaults { .. }, _)));
    let closes = edits.len().saturating_sub(1);
    let mut draft = plain(Purpose::CutOver, title, Stage::Enforce, edits);
    draft.gap = opens_gap.then_some(GapReceipt { opens: 0, closes });
    draft.rests_on = break_glass_objects(facts);
    Ok(draft)
}

fn there<'f>(facts: &Facts<'f>, which: Standard) -> Result<&'f Policy, CannotDraft> {
    let found = numbered(facts, which.number())?;
    found.ok_or_else(|| CannotDraft::NoPolicy { name: which.name().to_owned() })
}

fn changed(before: &Policy, after: &Policy) -> Edit {
    Edit::Policy {
        before: Before::Was(PolicyDocument::of(before.clone())),
        after: Some(PolicyDocument::of(after.clone())),
    }
}

/// CA001 for the pilot and the bridge group.
fn bridged(facts: &Facts<'_>, existing: &Policy) -> Result<Policy, CannotDraft> {
    let bridge = existing_group(facts, BRIDGE_GROUP)?;
    let mut policy = onto(existing, Standard::Pilot.draft(facts)?);
    let all = Standard::AllUsers.draft(facts)?.conditions.users;
    policy.conditions.users.include_groups.push(bridge.id);
    let Users { exclude_users, exclude_groups, exclude_roles, .. } = all;
    let users = &mut policy.conditions.users;
    users.exclude_users = exclude_users;
    users.exclude_groups = exclude_groups;
    users.exclude_roles = exclude_roles;
    Ok(policy)
}
