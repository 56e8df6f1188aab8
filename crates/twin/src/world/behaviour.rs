//! The numbers of `behaviour.toml`, checked when they are read.

use serde::Deserialize;

/// The file every number stands in.
const TEXT: &str = include_str!("../../behaviour.toml");

/// Least and most, both included.
pub(crate) type Between = [u64; 2];

/// Every number the tenant behaves by. What each means stands in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Behaviour {
    pub(crate) population: Population,
    pub(crate) day: Day,
    pub(crate) persona: Personas,
    pub(crate) registration: RegistrationNumbers,
    pub(crate) challenge: Challenge,
    pub(crate) attack: Attack,
    pub(crate) log: Log,
    pub(crate) legacy: Legacy,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Population {
    pub(crate) active: u64,
    pub(crate) capable: u64,
    pub(crate) without_smartphone: u64,
    pub(crate) phone_call_only: u64,
    pub(crate) password_reset_only: u64,
    pub(crate) text_message_only: u64,
    pub(crate) code_app: u64,
    pub(crate) windows_hello: u64,
    pub(crate) enrolled: u64,
    pub(crate) compliant: u64,
    pub(crate) active_sync: u64,
    pub(crate) phone_mail: u64,
    pub(crate) shared_mailboxes: u64,
    pub(crate) rooms: u64,
    pub(crate) guests: u64,
    pub(crate) leavers: u64,
    pub(crate) printers: u64,
    pub(crate) it_team: u64,
    pub(crate) joiners_a_month: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Day {
    pub(crate) begins_minute: u64,
    pub(crate) begins_spread: u64,
    pub(crate) length: u64,
    pub(crate) lunch_minute: u64,
    pub(crate) lunch_length: u64,
    pub(crate) day_off: u64,
    pub(crate) at_home: u64,
    pub(crate) weekend_phone: u64,
    pub(crate) computer_renewals: Between,
    pub(crate) phone_renewals: Between,
    pub(crate) active_sync_sign_ins: Between,
    pub(crate) printer_sign_ins: Between,
    pub(crate) erp_sign_ins: Between,
    pub(crate) workload_sign_ins: Between,
    pub(crate) guest_sign_in: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Personas {
    pub(crate) browser: u64,
    pub(crate) single_sign_on: u64,
    pub(crate) field: u64,
    pub(crate) browser_signs_in: u64,
    pub(crate) single_sign_on_signs_in: u64,
    pub(crate) field_signs_in: u64,
    pub(crate) part_time_signs_in: u64,
    pub(crate) rest_day_signs_in: u64,
    pub(crate) second_sign_in: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegistrationNumbers {
    pub(crate) completes_hard: u64,
    pub(crate) completes_skippable: u64,
    pub(crate) comms_brisk: u64,
    pub(crate) comms_slow: u64,
    pub(crate) revoked_single_sign_on_signs_in: u64,
    pub(crate) minutes: Between,
    pub(crate) phones_changed_a_week: u64,
    pub(crate) completes_under_security_defaults: u64,
    pub(crate) completes_in_campaign: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Challenge {
    pub(crate) fails: u64,
    pub(crate) retried: u64,
    pub(crate) seconds: Between,
    pub(crate) asked_again: u64,
    pub(crate) security_defaults_ask: u64,
    pub(crate) wrong_password: u64,
    pub(crate) keep_me_signed_in: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attack {
    pub(crate) attempts: Between,
    pub(crate) days: u64,
    pub(crate) legacy: u64,
    pub(crate) locked_out: u64,
    pub(crate) weak_passwords: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Log {
    pub(crate) ingestion: Between,
    pub(crate) details: Between,
    pub(crate) republished: u64,
    pub(crate) report_refresh_hours: u64,
    pub(crate) activity_lag_hours: u64,
    pub(crate) audit: Between,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Legacy {
    pub(crate) blocked_by_security_defaults: u64,
}

/// A file of numbers that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadBehaviour {
    /// No TOML of this form.
    #[error("the behaviour settings cannot be read")]
    Format(#[source] toml::de::Error),
    /// A number outside its range.
    #[error("`{name}` is {value}; it must lie between {least} and {most}")]
    Range {
        /// The name of the number.
        name: &'static str,
        /// What was given.
        value: u64,
        /// The lowest good one.
        least: u64,
        /// The highest good one.
        most: u64,
    },
}

impl Behaviour {
    /// The numbers lockstep comes with.
    ///
    /// # Errors
    /// When the file that comes with lockstep is not good, which a test rules out.
    pub fn shipped() -> Result<Self, BadBehaviour> {
        Self::read(TEXT)
    }

    /// Reads and checks numbers.
    ///
    /// # Errors
    /// When the text is no TOML of this form, or a number is outside its range.
    pub fn read(text: &str) -> Result<Self, BadBehaviour> {
        let behaviour: Self = toml::from_str(text).map_err(BadBehaviour::Format)?;
        behaviour.check()?;
        Ok(behaviour)
    }

    fn check(&self) -> Result<(), BadBehaviour> {
        let limits = self.shares().into_iter().map(|(name, value)| (name, value, 1000));
        let others = [
            ("day.begins_minute", self.day.begins_minute, 1000),
            ("day.begins_spread", self.day.begins_spread, 300),
            ("day.length", self.day.length, 720),
            ("day.lunch_minute", self.day.lunch_minute, 1200),
            ("day.lunch_length", self.day.lunch_length, 180),
            ("attack.weak_passwords", self.attack.weak_passwords, 1000),
            ("log.report_refresh_hours", self.log.report_refresh_hours, 35),
            ("log.activity_lag_hours", self.log.activity_lag_hours, 48),
        ];
        for (name, value, most) in limits.chain(others) {
            within(name, value, 0, most)?;
        }
        within("log.report_refresh_hours", self.log.report_refresh_hours, 1, 35)?;
        for (name, [least, most], limit) in self.ranges() {
            within(name, most, least, limit)?;
        }
        Ok(())
    }

    fn shares(&self) -> Vec<(&'static str, u64)> {
        let Self { population, day, persona, registration, challenge, attack, log, legacy } = self;
        vec![
            ("population.active", population.active),
            ("population.capable", population.capable),
            ("population.without_smartphone", population.without_smartphone),
            ("population.phone_call_only", population.phone_call_only),
            ("population.password_reset_only", population.password_reset_only),
            ("population.text_message_only", population.text_message_only),
            ("population.code_app", population.code_app),
            ("population.windows_hello", population.windows_hello),
            ("population.enrolled", population.enrolled),
            ("population.compliant", population.compliant),
            ("population.active_sync", population.active_sync),
            ("population.phone_mail", population.phone_mail),
            ("population.guests", population.guests),
            ("population.leavers", population.leavers),
            ("day.day_off", day.day_off),
            ("day.at_home", day.at_home),
            ("day.weekend_phone", day.weekend_phone),
            ("day.guest_sign_in", day.guest_sign_in),
            ("persona.browser", persona.browser + persona.single_sign_on + persona.field),
            ("persona.browser_signs_in", persona.browser_signs_in),
            ("persona.single_sign_on_signs_in", persona.single_sign_on_signs_in),
            ("persona.field_signs_in", persona.field_signs_in),
            ("persona.part_time_signs_in", persona.part_time_signs_in),
            ("persona.rest_day_signs_in", persona.rest_day_signs_in),
            ("persona.second_sign_in", persona.second_sign_in),
            ("registration.completes_hard", registration.completes_hard),
            ("registration.completes_skippable", registration.completes_skippable),
            ("registration.comms_brisk", registration.comms_brisk),
            ("registration.comms_slow", registration.comms_slow),
            ("registration.phones_changed_a_week", registration.phones_changed_a_week),
            ("registration.completes_in_campaign", registration.completes_in_campaign),
            ("challenge.fails", challenge.fails),
            ("challenge.retried", challenge.retried),
            ("challenge.asked_again", challenge.asked_again),
            ("challenge.security_defaults_ask", challenge.security_defaults_ask),
            ("challenge.wrong_password", challenge.wrong_password),
            ("challenge.keep_me_signed_in", challenge.keep_me_signed_in),
            ("attack.days", attack.days),
            ("attack.legacy", attack.legacy),
            ("attack.locked_out", attack.locked_out),
            ("log.republished", log.republished),
            ("legacy.blocked_by_security_defaults", legacy.blocked_by_security_defaults * 1000),
        ]
    }

    fn ranges(&self) -> [(&'static str, Between, u64); 12] {
        [
            ("day.computer_renewals", self.day.computer_renewals, 100),
            ("day.phone_renewals", self.day.phone_renewals, 100),
            ("day.active_sync_sign_ins", self.day.active_sync_sign_ins, 100),
            ("day.printer_sign_ins", self.day.printer_sign_ins, 100),
            ("day.erp_sign_ins", self.day.erp_sign_ins, 300),
            ("day.workload_sign_ins", self.day.workload_sign_ins, 300),
            ("registration.minutes", self.registration.minutes, 60),
            ("challenge.seconds", self.challenge.seconds, 120),
            ("attack.attempts", self.attack.attempts, 10_000),
            ("log.ingestion", self.log.ingestion, 3600),
            ("log.details", self.log.details, 7200),
            ("log.audit", self.log.audit, 60),
        ]
    }
}

fn within(name: &'static str, value: u64, least: u64, most: u64) -> Result<(), BadBehaviour> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(BadBehaviour::Range { name, value, least, most })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_that_ship_are_good() {
        assert!(Behaviour::shipped().is_ok());
    }

    #[test]
    fn bad_numbers_are_refused_by_name() {
        let cases = [
            ("fails = 50", "fails = 1001", "`challenge.fails` is 1001"),
            ("ingestion = [90, 600]", "ingestion = [601, 600]", "`log.ingestion` is 600"),
            ("report_refresh_hours = 20", "report_refresh_hours = 0", "report_refresh_hours"),
            ("fails = 50", "fials = 50", "cannot be read"),
        ];
        for (good, bad, said) in cases {
            let text = TEXT.replace(good, bad);
            assert_ne!(text, TEXT, "{good}");
            let error = Behaviour::read(&text).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn every_number_has_a_comment_that_says_where_it_is_from() {
        let mut comment = String::new();
        for line in TEXT.lines() {
            if line.starts_with('#') {
                comment.push_str(line);
            } else if line.trim().is_empty() || line.starts_with('[') {
                comment.clear();
            } else {
                assert!(!comment.is_empty(), "{line}");
            }
        }
    }
}
