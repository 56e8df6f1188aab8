//! Where the plan departs from the classic text of the method, and why.

use super::Departure;
use super::calendar::long_date;
use super::situation::Situation;
use crate::preflight::Stage;
use crate::rollout::{Rollout, StepSettings};

struct Known {
    classic: &'static str,
    instead: &'static str,
    because: &'static str,
    applies: fn(&Situation<'_>) -> bool,
}

const KNOWN: &[Known] = &[
    Known {
        classic: "Conditional Access enforces MFA.",
        instead: "The plan ends with security defaults on, for everyone and without exceptions, after registration and the settling of legacy authentication. Whoever needs exceptions or a pilot buys Entra ID P1 before {pilot_date} and plans again.",
        because: "No usable licence with Entra ID P1 was found, and Conditional Access needs it for every person it applies to (Microsoft Entra documentation, Plan a Conditional Access deployment).",
        applies: |situation| situation.has_conditional_access() == Some(false),
    },
    Known {
        classic: "The break-glass accounts have a password only, no MFA method, and the test is that nothing prompts.",
        instead: "Each holds two FIDO2 keys or a certificate, is excluded from every Conditional Access policy there is, and is tested with the key; the classic test is expected to fail at the portals.",
        because: "The Azure, Entra, Intune and Microsoft 365 admin portals ask every account for MFA, exclusions or not; the last postponement ended on 2026-07-01 (Microsoft Entra documentation, Plan for mandatory multifactor authentication).",
        applies: |situation| situation.is_public_cloud(),
    },
    Known {
        classic: "The registration campaign makes people register within 14 days.",
        instead: "The campaign moves people who already pass MFA to the app; people without a method get a real trigger, and a pass in person.",
        because: "The campaign shows only after a sign-in with MFA, and not on phones (Microsoft Entra documentation, Run a registration campaign, March 2026).",
        applies: |_| true,
    },
    Known {
        classic: "The pilot policy is On for the IT group from the first day of the pilot.",
        instead: "It stays in Report-only while security defaults are on; the switch is one change set with the bridge group and parity policies, and keeps a gap receipt.",
        because: "No policy can be On beside security defaults, and turning them off for a pilot takes protection from everyone else (Microsoft Entra documentation, Security defaults).",
        applies: |situation| {
            situation.may_have_security_defaults() && !situation.without_conditional_access()
        },
    },
    Known {
        classic: "People have a grace period before they must register.",
        instead: "The days before enforcement are announced and accompanied, not relied on as grace.",
        because: "Security defaults have had no 14-day grace since 2024-07-29 (Microsoft Entra documentation, Security defaults).",
        applies: |situation| situation.may_have_security_defaults(),
    },
    Known {
        classic: "Text messages are the last resort.",
        instead: "They are so only until 2027-01-31; people who have nothing else are moved before.",
        because: "Text messages and voice calls delivered by Microsoft end on 2027-02-01 (Microsoft Entra documentation, Passkeys by default and the retirement of SMS and voice, July 2026).",
        applies: |_| true,
    },
    Known {
        classic: "Legacy authentication is blocked by the next policy, after the rollout.",
        instead: "CA000 blocks it in a policy of its own before MFA is enforced, with dated exceptions.",
        because: "Legacy clients cannot pass MFA and fail the moment it is asked; nearly all password spray uses them (Microsoft Entra documentation, Block legacy authentication).",
        applies: |situation| !situation.without_conditional_access(),
    },
    Known {
        classic: "Registration is measured by the registered share.",
        instead: "Measured is who is capable: registered and allowed by policy, of active people in scope.",
        because: "A registered method that policy does not allow passes no MFA, and the report is up to 36 hours old (Microsoft Entra documentation, Authentication methods activity).",
        applies: |_| true,
    },
    Known {
        classic: "Everybody is watched for 48 hours.",
        instead: "The watch lasts {watch_hours} hours, with a stop rule in numbers.",
        because: "Tokens issued before live on: an hour for most clients, about a day for those with continuous access evaluation (Microsoft Entra documentation, Continuous access evaluation).",
        applies: |situation| situation.rollout.thresholds.watch_hours > 48,
    },
    Known {
        classic: "The audit looks at six client apps in the sign-in log.",
        instead: "It looks at every legacy client app and at password grants, interactive and non-interactive, and says which days it saw.",
        because: "A password grant hides behind a modern client app, and without Entra ID P1 the log keeps seven days (Microsoft Entra documentation, Data retention, January 2026).",
        applies: |_| true,
    },
    Known {
        classic: "All users includes everyone but the break-glass accounts.",
        instead: "Rooms, synchronisation and service accounts have a policy or a dated exception of their own, since they cannot answer a prompt.",
        because: "All users means guests, rooms, services and synchronisation too (Microsoft Entra documentation, Require MFA for all users).",
        applies: |situation| !situation.without_conditional_access(),
    },
    Known {
        classic: "A printer that mails uses a relay with an app password.",
        instead: "It uses a relay by address or certificate, or modern authentication.",
        because: "SMTP AUTH with a password is off by default from 2026-12-31 (Exchange Team blog, January 2026).",
        applies: |_| true,
    },
];

/// The departures that hold for this tenant.
pub(super) fn departures(situation: &Situation<'_>) -> Vec<Departure> {
    let mut departures: Vec<Departure> = KNOWN
        .iter()
        .filter(|known| (known.applies)(situation))
        .map(|known| Departure {
            classic: known.classic.to_owned(),
            instead: situation.fill(known.instead),
            because: known.because.to_owned(),
        })
        .collect();
    let steps = &situation.rollout.steps;
    let days = |steps: &StepSettings| {
        [
            steps.prepare_days,
            steps.register_days,
            steps.pilot_days,
            steps.enforce_days,
            steps.validate_days,
        ]
    };
    let told = days(steps);
    if told != days(&Rollout::default().steps) {
        departures.push(Departure {
            classic: "2 + 14 + 3 + 1 + 3 days.".to_owned(),
            instead: format!("{} days.", told.map(|it| it.to_string()).join(" + ")),
            because: "Set under [steps] in lockstep.toml.".to_owned(),
        });
    }
    if let Some(everybody) = situation.last_ring() {
        departures.push(Departure {
            classic: "Everybody on one day.".to_owned(),
            instead: format!(
                "Ring by ring: whoever can pass MFA on {}, everybody on {} at the earliest.",
                long_date(situation.timeline.first(Stage::Enforce)),
                long_date(everybody)
            ),
            because: "`enforcement = \"rings\"` under [steps] in lockstep.toml.".to_owned(),
        });
    }
    departures
}
