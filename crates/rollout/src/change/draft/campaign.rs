//! The registration campaign.

use super::{CannotDraft, Draft, Edit, Purpose, Stage, break_glass_group, plain, unless_empty};
use crate::facts::Facts;
use crate::snapshot::Campaign;

/// Turns the campaign on, with so many days between reminders and forced after three, or off. The
/// break-glass accounts are left out of it.
///
/// # Errors
/// When no file tells the campaign of today.
pub fn campaign(facts: &Facts<'_>, on: bool, snooze_days: u32) -> Result<Draft, CannotDraft> {
    let policy = facts.snapshot.methods_policy.as_ref().ok_or(CannotDraft::CampaignNotSeen)?;
    let before = policy.campaign.clone().ok_or(CannotDraft::CampaignNotSeen)?;
    let group = facts.group(break_glass_group(facts)).and_then(|group| group.id.clone());
    let group = group.filter(|_| on);
    let mut excluded = before.excluded.clone();
    if let (Some(excluded), Some(group)) = (&mut excluded, &group) {
        let group = group.to_lowercase();
        if let Err(place) = excluded.binary_search(&group) {
            excluded.insert(place, group);
        }
    }
    // Where nobody told whom it leaves out, whoever carries it out adds to what is there.
    let exclude_groups = if excluded.is_none() { group.into_iter().collect() } else { Vec::new() };
    let after = if on {
        Campaign {
            state: Some("enabled".to_owned()),
            snooze_days: Some(snooze_days),
            enforced_after_snoozes: Some(true),
            targeted_method: Some("microsoftAuthenticator".to_owned()),
            excluded,
        }
    } else {
        Campaign { state: Some("disabled".to_owned()), ..before.clone() }
    };
    let edit = Edit::Campaign { before: Some(before), after, exclude_groups };
    let reason = if on {
        "People who pass MFA by text message or code are asked to set up the app. It does not \
         reach people without any method."
    } else {
        "Everybody is registered, or another way is taken."
    };
    let title = if on { "Registration campaign" } else { "Registration campaign off" };
    let edits = vec![(edit, reason.to_owned())];
    unless_empty(plain(Purpose::Campaign, title, Stage::Register, edits))
}
