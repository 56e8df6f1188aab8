//! The change sets that ask people for MFA: one for everybody, or one for each ring.

use jiff::civil::Date;

use super::ChangeSetPlan;
use super::change_sets::{date, security_defaults_today};
use super::requests::{self, CA001_ALL};
use super::situation::{BRIDGE_GROUP, EXCEPTIONS_GROUP, Situation};
use crate::preflight::Stage;

/// The change set of whoever can pass MFA, where the rollout goes ring by ring.
pub(crate) const SECOND_RING: &str = "CS-07/ring-2";
/// The change set of everybody, after that.
pub(crate) const LAST_RING: &str = "CS-07/ring-3";

/// CS-07, or its rings.
pub(super) fn change_sets(situation: &Situation<'_>) -> Vec<ChangeSetPlan> {
    match situation.last_ring() {
        None => vec![cut_over(situation)],
        Some(everybody) => vec![second_ring(situation), last_ring(situation, everybody)],
    }
}

/// Security defaults off and parity at once.
fn parity(situation: &Situation<'_>) -> Vec<String> {
    if !situation.may_have_security_defaults() {
        return Vec::new();
    }
    vec![
        format!("1. security defaults: {} → Off", security_defaults_today(situation)),
        "2. CA000, CA002, CA003: Report-only → On, at once".to_owned(),
    ]
}

/// CA001 for the pilot and the bridge group.
fn bridge(situation: &Situation<'_>, before: &str) -> String {
    let capable = situation
        .input
        .registration
        .capable
        .map_or_else(|| "an unknown number of".to_owned(), |capable| capable.to_string());
    format!(
        "CA001: {before} → On for `{}` and `{BRIDGE_GROUP}` ({capable} people capable today, filled \
         by {})",
        situation.pilot_group,
        situation.timeline.last(Stage::Register)
    )
}

/// CA001 for all users.
fn everybody(situation: &Situation<'_>) -> String {
    let people = situation
        .people()
        .map_or_else(|| "an unknown number of".to_owned(), |people| people.to_string());
    let exceptions = if situation.has_exemptions() == Some(false) {
        String::new()
    } else {
        format!(" and `{EXCEPTIONS_GROUP}`")
    };
    format!(
        "CA001: include → All users ({people} people in scope, and every other account of the \
         tenant); exclude → `{}`{exceptions}; new name `{CA001_ALL}`",
        situation.break_glass_group
    )
}

fn cut_over(situation: &Situation<'_>) -> ChangeSetPlan {
    let mut changes = parity(situation);
    if situation.may_have_security_defaults() {
        changes.push(format!("3. {}", bridge(situation, "Report-only")));
    }
    let step = if changes.is_empty() { "1" } else { "4" };
    changes.push(format!("{step}. {}", everybody(situation)));
    ChangeSetPlan {
        id: "CS-07",
        title: "Enforce for all users".to_owned(),
        date: date(situation, Stage::Enforce, 1),
        danger: "severe",
        changes,
        inverse: "CA001 to Report-only; CA000, CA002 and CA003 stay On. Security defaults are \
                  not the way back: they cannot be turned on while a policy is On."
            .to_owned(),
        reason: "One change in a fixed order, so that at no second anybody has less protection \
                 than before; both times are kept as the gap receipt."
            .to_owned(),
        requests: requests::cut_over(situation),
    }
}

fn second_ring(situation: &Situation<'_>) -> ChangeSetPlan {
    let mut changes = parity(situation);
    let may_have_defaults = situation.may_have_security_defaults();
    let (step, before) = if may_have_defaults { ("3", "Report-only") } else { ("1", "the pilot") };
    changes.push(format!("{step}. {}", bridge(situation, before)));
    let left = situation.to_register().map_or_else(
        || "an unknown number of people".to_owned(),
        |left| super::situation::counted(left, "person", "people"),
    );
    let reason = if may_have_defaults {
        format!(
            "Whoever can pass MFA goes first, and is covered without a gap; both times are kept as \
             the gap receipt. Whoever cannot yet ({left} in scope today, and whoever is in neither \
             group) is without MFA until ring 3: only CA000, CA002 and CA003 take the place of \
             security defaults for them, and a person has to take that on."
        )
    } else {
        format!(
            "Whoever can pass MFA goes first: what goes wrong meets people who can help themselves. \
             {left} in scope cannot yet."
        )
    };
    ChangeSetPlan {
        id: SECOND_RING,
        title: crate::change::draft::SECOND_RING_TITLE.to_owned(),
        date: date(situation, Stage::Enforce, 1),
        danger: if may_have_defaults { "severe" } else { "moderate" },
        changes,
        inverse: format!(
            "CA001 back to `{}`{}.",
            situation.pilot_group,
            if may_have_defaults {
                ", in Report-only; CA000, CA002 and CA003 stay On. Security defaults are not the way \
                 back: they cannot be turned on while a policy is On"
            } else {
                ""
            }
        ),
        reason,
        requests: requests::second_ring(situation),
    }
}

fn last_ring(situation: &Situation<'_>, date: Date) -> ChangeSetPlan {
    ChangeSetPlan {
        id: LAST_RING,
        title: crate::change::draft::LAST_RING_TITLE.to_owned(),
        date,
        danger: "severe",
        changes: vec![format!("1. {}", everybody(situation))],
        inverse: format!("CA001 back to `{}` and `{BRIDGE_GROUP}`, On.", situation.pilot_group),
        reason: format!(
            "Not by the date: only once somebody of ring 2 passed a fresh challenge by CA001, and the \
             stop rule stayed silent for {} hours.",
            situation.rollout.steps.ring_hours
        ),
        requests: requests::last_ring(situation),
    }
}
