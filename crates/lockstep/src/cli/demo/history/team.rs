//! Who does what in the firm.

use jiff::civil::Date;
use rollout::LegacyDecision;
use serde_json::Value;
use twin::world::{Notes, Responsible};

use crate::error::CommandError;

/// What is decided about printers and scanners.
const RELAY: &str = "a relay connector bound to the address of the site";

/// The people of a rollout, each with a title, as they sign what they say.
#[derive(Debug)]
pub(super) struct Team {
    /// The domain of the firm.
    pub(super) domain: String,
    /// Who sits at lockstep.
    pub(super) operator: String,
    /// Whose mailbox the messages are sent from.
    pub(super) operator_mailbox: String,
    /// Who runs IT.
    pub(super) lead: String,
    pub(super) lead_mailbox: String,
    /// The second administrator.
    pub(super) second: String,
    pub(super) manager: String,
    pub(super) manager_mailbox: String,
    pub(super) operations: String,
    pub(super) operations_mailbox: String,
    pub(super) finance_mailbox: String,
}

impl Team {
    /// The team by what the directory tells of titles.
    pub(super) fn of(notes: &Notes) -> Result<Self, CommandError> {
        let titled = |title: &str| {
            let all = notes.responsible.iter();
            all.filter(|it| it.title == title).collect::<Vec<&Responsible>>()
        };
        let one = |title: &str, number: usize| {
            let found = titled(title);
            let person = found.get(number).or_else(|| found.last()).copied();
            person.ok_or_else(|| CommandError::wrong_input(format!("the firm has no {title}")))
        };
        let signs = |it: &Responsible| format!("{}, {}", it.name, it.title);
        let (lead, second) = (one("IT Administrator", 0)?, one("IT Administrator", 1)?);
        let manager = one("Managing Director", 0)?;
        let operations = one("Operations Director", 0)?;
        let finance = one("Finance Director", 0)?;
        let (operator, _) =
            lead.user_principal_name.split_once('@').unwrap_or((&lead.user_principal_name, ""));
        Ok(Self {
            domain: notes.domain.clone(),
            operator: operator.to_owned(),
            operator_mailbox: lead.user_principal_name.clone(),
            lead: signs(lead),
            lead_mailbox: lead.user_principal_name.clone(),
            second: signs(second),
            manager: signs(manager),
            manager_mailbox: manager.user_principal_name.clone(),
            operations: signs(operations),
            operations_mailbox: operations.user_principal_name.clone(),
            finance_mailbox: finance.user_principal_name.clone(),
        })
    }

    /// The decision is about a printer or scanner.
    pub(super) fn is_printer(decision: &LegacyDecision) -> bool {
        decision.decision.as_deref() == Some(RELAY)
    }

    /// Who answers for a legacy dependency, and what they decided: by its cause, as the audit tells it.
    pub(super) fn decides(&self, dependency: &Value, due: Date) -> Option<LegacyDecision> {
        let told = |key: &str| dependency[key].as_str().map(str::to_owned);
        let cause = told("cause")?;
        let (owner, decision) = if cause.starts_with("printer") {
            ("Facilities Manager", RELAY)
        } else if cause.starts_with("line-of-business") {
            ("Operations Director", "the supplier's connector over Graph")
        } else if cause.starts_with("phone") {
            ("IT team", "Outlook on the phone")
        } else if cause.contains("outlook") {
            ("Finance Director", "the current Outlook")
        } else {
            // A cause nobody knows has no decision yet.
            return None;
        };
        Some(LegacyDecision {
            user: told("user_principal_name")?,
            client_app: told("client_app").unwrap_or_default(),
            owner: Some(owner.to_owned()),
            decision: Some(decision.to_owned()),
            due: Some(due),
        })
    }
}
