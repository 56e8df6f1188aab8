//! The platform's own dates, as data with their sources, and the dates at which policies of this
//! tenant that Microsoft manages turn themselves on.

use conditional_access::{Policy, State};
use jiff::civil::{Date, date};

use super::PlatformDate;
use super::calendar::{Calendar, days_between, days_later};
use super::timeline::Timeline;

/// Days after which Microsoft turns a policy it manages from Report-only to On, at the earliest
/// (Microsoft Entra documentation, *Microsoft-managed Conditional Access policies*).
pub const MANAGED_POLICY_DAYS: i32 = 45;

/// The last day on which a text message or voice call delivered by Microsoft is a method
/// (Microsoft Entra documentation, *Passkeys by default and the retirement of SMS and voice*).
pub const LAST_DAY_OF_SMS: Date = date(2027, 1, 31);

/// A date so many days before the start still explains what an administrator sees today.
const RECENT_DAYS: i64 = 92;

struct Known {
    date: Date,
    event: &'static str,
    source: &'static str,
    means: &'static str,
}

const KNOWN: &[Known] = &[
    Known {
        date: date(2026, 10, 1),
        event: "Exchange Web Services is off by default in Exchange Online unless an app is allowed",
        source: "Exchange Team, retirement of Exchange Web Services",
        means: "Nobody is moved from IMAP or POP to Exchange Web Services; the way is Microsoft Graph.",
    },
    Known {
        date: date(2026, 12, 31),
        event: "SMTP AUTH with a password is disabled by default in Exchange Online",
        source: "Exchange Team blog, January 2026",
        means: "Printers and applications that send with a password stop unless it is turned on again on purpose; settle them before.",
    },
    Known {
        date: date(2027, 2, 1),
        event: "Text messages and voice calls delivered by Microsoft end as a sign-in method",
        source: "Microsoft Entra documentation, Passkeys by default and the retirement of SMS and voice, July 2026",
        means: "People whose only method is SMS or voice are moved to another method before; a new SMS registration ends on 2027-01-31.",
    },
    Known {
        date: date(2027, 4, 1),
        event: "Exchange Web Services ends in Exchange Online",
        source: "Exchange Team, retirement of Exchange Web Services",
        means: "Applications that still use it need Microsoft Graph by then.",
    },
    Known {
        date: date(2027, 7, 1),
        event: "Second half of 2027: Microsoft announces the final end of SMTP AUTH with a password",
        source: "Exchange Team blog, January 2026",
        means: "No exception for a sending device outlives the date announced then.",
    },
];

/// The dates that touch a plan, in order: recent ones, those within it and those after it.
#[must_use]
pub fn platform_dates(
    calendar: &Calendar<'_>,
    timeline: &Timeline,
    policies: &[Policy],
) -> Vec<PlatformDate> {
    let end = timeline.end();
    let dated = |date: Date, event: String, means: String| PlatformDate {
        date,
        event,
        means,
        days_after_end: days_between(end, date),
    };
    let mut dates: Vec<PlatformDate> = KNOWN
        .iter()
        .filter(|known| days_between(timeline.start, known.date) >= -RECENT_DAYS)
        .map(|known| {
            dated(known.date, format!("{} ({})", known.event, known.source), known.means.to_owned())
        })
        .chain(managed(policies).filter_map(|policy| {
            let date = days_later(calendar.date_of(policy.created?), MANAGED_POLICY_DAYS);
            Some(dated(
                date,
                format!(
                    "Microsoft may turn on its policy `{}` (45 days after {}; Microsoft Entra \
                     documentation, Microsoft-managed Conditional Access policies)",
                    policy.display_name,
                    calendar.date_of(policy.created?)
                ),
                "Decide before then: adopt it with the break-glass group excluded, or set it to \
                 Off."
                    .to_owned(),
            ))
        }))
        .collect();
    dates.sort_by(|left, right| (left.date, &left.event).cmp(&(right.date, &right.event)));
    dates
}

/// The policies Microsoft manages that wait in Report-only.
pub fn managed(policies: &[Policy]) -> impl Iterator<Item = &Policy> {
    policies.iter().filter(|policy| {
        policy.is_microsoft_managed() && policy.state == State::EnabledForReportingButNotEnforced
    })
}
