//! `lockstep.toml` of the example: what the operator of NE Engineering would write down.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::account::Kind;
use super::people::{DOMAIN, Population};

/// The settings file. Return dates of people on leave lie after `end`.
pub(crate) fn lockstep_toml(population: &Population, end: Date) -> String {
    let mut text = String::from(FIXED);
    text.push_str("\n[people.on_leave]\n");
    let away = population.accounts.iter().filter(|account| account.kind == Kind::OnLeave);
    for (account, days) in away.zip([150, 66]) {
        let back = end.saturating_add(jiff::Span::new().days(days));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\"{}\" = \"{back}\"", account.name);
    }
    text.replace("@DOMAIN", &format!("@{DOMAIN}"))
}

const FIXED: &str = r#"# What NE Engineering wants. Every number that is not here has its default.

[tenant]
name = "NE Engineering"
domain = "ne.example"
helpdesk = "the IT helpdesk (extension 100, it@DOMAIN)"

[source]
exports = "exports"

[calendar]
time_zone = "Europe/London"
working_days = ["mon", "tue", "wed", "thu", "fri"]
# Bank holidays in England and Wales.
holidays = [
  "2026-12-25", "2026-12-28",
  "2027-01-01", "2027-03-26", "2027-03-29", "2027-05-03", "2027-05-31", "2027-08-30",
  "2027-12-27", "2027-12-28",
]

[[calendar.freezes]]
from = "2026-12-21"
to = "2027-01-04"
reason = "year-end close: no change to systems people sign in to"

[pilot]
group = "IT team"

[people]
no_smartphone = ["No smartphone"]
shared_logins = ["reception@DOMAIN"]

[owners]
"IT lead" = "Head of IT"
"Identity administrator" = "IT team"
"Helpdesk lead" = "IT team"
"Manager" = "Managing Director"
"HR" = "HR Manager"
"Facilities" = "Facilities Manager"
"Finance lead" = "Finance Director"
"Application owner" = "Head of Operations"

[[legacy]]
user = "svc-erp@DOMAIN"
client_app = "IMAP4"
owner = "Head of Operations"
decision = "move the mail import to the supplier's Graph connector"
due = "2026-12-11"
"#;
