//! What is wrong with the settings, in sentences an operator can act on.

use jiff::civil::Weekday;

use super::{BREAK_GLASS_MODES, Enforcement, Rollout, SIGN_INS, weekday_name};
use crate::plan::calendar::time_zone;

/// The roles that own tasks, with what they do: the names `[owners]` may give a person.
pub const ROLES: &[(&str, &str)] = &[
    ("IT lead", "answers for the rollout"),
    ("Identity administrator", "makes the changes in Entra ID"),
    ("Second administrator", "holds break-glass material, reads along, can undo"),
    ("Helpdesk lead", "answers for calls and the guide"),
    ("Manager", "sponsors the rollout and signs"),
    ("HR", "knows who is on leave, joining and gone"),
    ("Facilities", "answers for rooms and their devices"),
    ("Finance lead", "knows month-end jobs and payment runs"),
    ("Security lead", "answers for alerts"),
    ("Application owner", "answers for programs, devices and their accounts"),
];

/// True when two names mean the same role: case, spaces, `-` and `_` do not matter.
pub(crate) fn same_role(left: &str, right: &str) -> bool {
    let plain = |name: &str| {
        name.chars()
            .filter(|it| it.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect::<String>()
    };
    plain(left) == plain(right)
}

/// Most hours a ring may be watched before the next: a month.
const RING_HOURS: u32 = 24 * 31;

const CLOUDS: [&str; 4] = ["global", "usgov", "dod", "china"];

const WEEKDAYS: [(Weekday, &str); 7] = [
    (Weekday::Monday, "monday"),
    (Weekday::Tuesday, "tuesday"),
    (Weekday::Wednesday, "wednesday"),
    (Weekday::Thursday, "thursday"),
    (Weekday::Friday, "friday"),
    (Weekday::Saturday, "saturday"),
    (Weekday::Sunday, "sunday"),
];

impl Rollout {
    /// What is wrong with the settings, one sentence each; empty when nothing is.
    #[must_use]
    pub fn check(&self) -> Vec<String> {
        let mut problems = Vec::new();
        self.check_calendar(&mut problems);
        self.check_steps(&mut problems);
        self.check_thresholds(&mut problems);
        if !CLOUDS.contains(&self.tenant.cloud.to_ascii_lowercase().as_str()) {
            problems.push(format!(
                "tenant.cloud `{}` is not one of {}",
                self.tenant.cloud,
                CLOUDS.join(", ")
            ));
        }
        self.check_source(&mut problems);
        self.mail.check(&mut problems);
        self.check_break_glass(&mut problems);
        for role in self.owners.keys() {
            if !ROLES.iter().any(|(name, _)| same_role(name, role)) {
                let names: Vec<&str> = ROLES.iter().map(|(name, _)| *name).collect();
                problems
                    .push(format!("owners.`{role}` is no role; roles are {}", names.join(", ")));
            }
        }
        for (position, decision) in self.legacy.iter().enumerate() {
            if decision.user.trim().is_empty() {
                problems.push(format!("legacy entry {} names no user", position.saturating_add(1)));
            }
        }
        problems
    }

    fn check_source(&self, problems: &mut Vec<String>) {
        let source = &self.source;
        if source.exports.is_some() && source.graph.is_some() {
            problems.push(
                "source.exports and source.graph are both set: keep the one to read from; \
                 --exports reads a folder once"
                    .to_owned(),
            );
        }
        if let Some(word) = source.sign_in.as_deref().filter(|word| !SIGN_INS.contains(word)) {
            problems.push(format!("source.sign_in `{word}` is not one of {}", SIGN_INS.join(", ")));
        }
    }

    fn check_break_glass(&self, problems: &mut Vec<String>) {
        let break_glass = &self.break_glass;
        if !BREAK_GLASS_MODES.contains(&break_glass.mode.as_str()) {
            problems.push(format!(
                "break_glass.mode `{}` is not one of {}",
                break_glass.mode,
                BREAK_GLASS_MODES.join(", ")
            ));
        } else if !break_glass.is_phishing_resistant()
            && self.tenant.cloud.eq_ignore_ascii_case("global")
        {
            problems.push(
                "break_glass.mode `password-only` does not work in the public cloud (tenant.cloud \
                 `global`): its portals ask every account for MFA, whatever a policy leaves out, so \
                 that a password alone opens nothing; use `phishing-resistant`"
                    .to_owned(),
            );
        }
        let places: Vec<String> =
            break_glass.places.iter().map(|it| it.trim().to_lowercase()).collect();
        let distinct: std::collections::BTreeSet<&String> = places.iter().collect();
        if places.iter().any(String::is_empty) || distinct.len() != places.len() {
            problems.push(
                "break_glass.places names a place twice, or none; give each place one name"
                    .to_owned(),
            );
        }
        if !(1..=8).contains(&places.len()) {
            problems.push(format!(
                "break_glass.places names {} places; give 1 to 8, of which two are usual",
                places.len()
            ));
        }
    }

    fn check_calendar(&self, problems: &mut Vec<String>) {
        let calendar = &self.calendar;
        if time_zone(&calendar.time_zone).is_none() {
            problems.push(format!(
                "calendar.time_zone `{}` is unknown; give an IANA name such as `Europe/London`",
                calendar.time_zone
            ));
        }
        for name in &calendar.working_days {
            let name_given = name.trim().to_ascii_lowercase();
            let known = WEEKDAYS
                .iter()
                .any(|(day, long)| name_given == *long || name_given == weekday_name(*day));
            if !known {
                problems.push(format!(
                    "calendar.working_days `{name}` is no weekday; use mon, tue, wed, thu, fri, \
                     sat, sun"
                ));
            }
        }
        if calendar.working_days.is_empty() {
            problems.push("calendar.working_days is empty; name at least one weekday".to_owned());
        }
        for freeze in &calendar.freezes {
            if freeze.to < freeze.from {
                problems.push(format!(
                    "calendar.freezes: the freeze from {} ends before it begins, on {}",
                    freeze.from, freeze.to
                ));
            }
        }
    }

    fn check_steps(&self, problems: &mut Vec<String>) {
        let steps = &self.steps;
        let days = [
            ("prepare_days", steps.prepare_days),
            ("register_days", steps.register_days),
            ("pilot_days", steps.pilot_days),
            ("enforce_days", steps.enforce_days),
            ("validate_days", steps.validate_days),
            ("reminder_day", steps.reminder_day),
            ("contact_day", steps.contact_day),
        ];
        for (name, value) in days {
            if value == 0 || value > 366 {
                problems.push(format!("steps.{name} is {value}; give 1 to 366"));
            }
        }
        // A ring that is watched for less than the stop rule needs could never be stopped.
        let (least, because) = match steps.enforcement {
            Enforcement::AllAtOnce => (1, ""),
            Enforcement::Rings => {
                (self.thresholds.stop_hours.clamp(1, RING_HOURS), " (thresholds.stop_hours)")
            }
        };
        if !(least..=RING_HOURS).contains(&u32::from(steps.ring_hours)) {
            problems.push(format!(
                "steps.ring_hours is {}; give {least}{because} to {RING_HOURS}",
                steps.ring_hours
            ));
        }
    }

    fn check_thresholds(&self, problems: &mut Vec<String>) {
        let thresholds = &self.thresholds;
        let shares = [
            ("capable_before_pilot", thresholds.capable_before_pilot),
            ("reminder_below", thresholds.reminder_below),
            ("capable_at_end", thresholds.capable_at_end),
            ("stop_failure_share", thresholds.stop_failure_share),
            ("challenge_failure_share", thresholds.challenge_failure_share),
        ];
        for (name, value) in shares {
            if !(0.0..=1.0).contains(&value) {
                problems.push(format!(
                    "thresholds.{name} is {value}; give a share from 0 to 1, such as 0.95 for 95 %"
                ));
            }
        }
        let counts = [
            ("legacy_days", thresholds.legacy_days),
            ("dormant_days", thresholds.dormant_days),
            ("active_days", thresholds.active_days),
            ("watch_hours", thresholds.watch_hours),
            ("report_stale_hours", thresholds.report_stale_hours),
            ("stop_hours", thresholds.stop_hours),
            ("report_only_days", thresholds.report_only_days),
        ];
        for (name, value) in counts {
            if value == 0 || value > 100_000 {
                problems.push(format!("thresholds.{name} is {value}; give 1 to 100000"));
            }
        }
    }
}
