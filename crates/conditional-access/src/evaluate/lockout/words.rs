//! Who bars a person, why, and what would mend it; and the proof in plain English.

use std::fmt;

use super::question::Person;
use super::search::Search;
use super::witness::{Bar, CounterExample, LockoutProof, Mend, Role, Shortfall, Situation};
use crate::evaluate::applying::Part;
use crate::evaluate::possible::{Level, Possible};
use crate::facts::SignIn;
use crate::outcome::{Cause, Control, Fact};
use crate::policy::Policy;

impl Search<'_> {
    /// Everything that bars the person in a sign-in of which every fact is given.
    pub(super) fn bars(&self, person: &Person, role: Role, sign_in: &SignIn) -> Vec<Bar> {
        let standing = self.set.standing(sign_in, &person.registration, true);
        let policies = self.policies.iter().zip(self.switching.iter().copied());
        let policies = policies.map(Some).chain(std::iter::repeat(None));
        standing
            .parts()
            .zip(policies)
            .filter_map(|(part, policy)| {
                let possible = part.possible.filter(|it| it.highest() > Level::Require)?;
                Some(bar(part, possible, policy, role))
            })
            .collect()
    }
}

fn bar(part: &Part<'_>, possible: Possible, policy: Option<(&Policy, bool)>, role: Role) -> Bar {
    let policy = policy.filter(|_| matches!(part.cause, Cause::Policy(_)));
    let must_register =
        part.applies.is_true() && possible.is_definite() && possible.lowest() == Level::Register;
    let unknown: Vec<Fact> =
        if possible.is_definite() { Vec::new() } else { part.unknown.iter().cloned().collect() };
    let switches_itself_on = policy.is_some_and(|(_, switches)| switches);
    let policy = policy.map(|(policy, _)| policy);
    let mut bar = Bar {
        cause: part.cause.clone(),
        name: policy.map(super::name),
        controls: part.outstanding.clone(),
        must_register,
        unknown,
        switches_itself_on,
        mends: Vec::new(),
    };
    bar.mends = mends(&bar, policy, role);
    bar
}

fn mends(bar: &Bar, policy: Option<&Policy>, role: Role) -> Vec<Mend> {
    let mut all = Vec::new();
    if bar.switches_itself_on {
        all.push(Mend::SwitchOff);
    }
    if let (Role::BreakGlass, Some(policy)) = (role, policy) {
        let groups = &policy.conditions.users.exclude_groups;
        all.extend(groups.iter().cloned().map(Mend::JoinExcludedGroup));
        if groups.is_empty() {
            all.push(Mend::Exclude);
        }
    } else {
        all.extend(bar.controls.iter().filter_map(|control| match control {
            Control::CompliantDevice => Some(Mend::MakeDeviceCompliant),
            Control::DomainJoinedDevice => Some(Mend::JoinDevice),
            Control::AuthenticationStrength => Some(Mend::RegisterForStrength),
            Control::Mfa => Some(Mend::RegisterMethod),
            Control::Block => Some(Mend::DemandInsteadOfBlock),
            _ => None,
        }));
    }
    all.extend(
        bar.unknown.iter().filter(|fact| can_be_found_out(fact)).cloned().map(Mend::FindOut),
    );
    all
}

fn can_be_found_out(fact: &Fact) -> bool {
    !matches!(fact, Fact::Behaviour(_) | Fact::Unmodelled(_))
}

impl fmt::Display for LockoutProof {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let able = self.administrators_who_can_sign_in.len();
        if self.holds {
            writeln!(
                formatter,
                "Proven: {able} administrators and {} break-glass accounts can sign in, in each of \
                 {} combinations of app, client, place, device and risk.",
                self.break_glass.len(),
                self.cells_checked
            )?;
        } else {
            writeln!(formatter, "Not proven.")?;
        }
        for shortfall in &self.shortfalls {
            writeln!(formatter, "{shortfall}")?;
        }
        for name in &self.switching_themselves_on {
            writeln!(
                formatter,
                "`{name}` is report-only and managed by Microsoft: it was counted as On."
            )?;
        }
        for name in &self.by_authentication_context {
            writeln!(
                formatter,
                "`{name}` asks for an authentication context: whether changing policies, as a \
                 protected action, demands it of administrators is not modelled."
            )?;
        }
        for person in &self.unproven_administrators {
            writeln!(formatter, "Nobody saw `{}` pass MFA, so they do not count.", person.name)?;
        }
        for example in &self.counter_examples {
            write!(formatter, "{example}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Shortfall {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBreakGlass => write!(formatter, "No break-glass account was named."),
            Self::AccountNotSeen(person) => {
                write!(formatter, "The directory does not show the account `{}`.", person.name)
            }
            Self::TooFewAdministrators { able, wanted } => {
                let administrators = if *able == 1 { "administrator" } else { "administrators" };
                write!(
                    formatter,
                    "{able} proven {administrators} can sign in whatever the facts; {wanted} must."
                )
            }
            Self::SecurityDefaultsBesidePolicies => write!(
                formatter,
                "Security defaults are on beside an enabled policy: a tenant allows one of both."
            ),
            Self::TooManyPolicies { most } => {
                write!(formatter, "There are more policies than the {most} that can be judged.")
            }
        }
    }
}

impl fmt::Display for CounterExample {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = match self.role {
            Role::BreakGlass => "break-glass account",
            Role::Administrator => "administrator",
        };
        writeln!(formatter, "{role} `{}` cannot sign in", self.person.name)?;
        writeln!(formatter, "  {}", self.situation)?;
        for bar in &self.bars {
            writeln!(formatter, "  {bar}")?;
            for mend in &bar.mends {
                writeln!(formatter, "    mend: {mend}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Situation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Client app and platform stand together where both matter.
        let both = self.client.as_ref().zip(self.platform.as_ref());
        let client = match both {
            Some((client, platform)) => Some(format!("{client} on {platform}")),
            None => self.client.clone(),
        };
        let platform = self.platform.clone().filter(|_| both.is_none());
        // Whatever the client is whatever the platform.
        let is_named = both.is_none() && self.client.is_some();
        let parts = [
            ("to ", "app", &self.app),
            ("with ", "client", &client),
            ("on ", "platform", &platform),
            ("from ", "place", &self.place),
            ("on ", "device", &self.device),
            ("at ", "risk", &self.risk),
        ];
        let told: Vec<String> = parts
            .iter()
            .filter_map(|(before, _, value)| value.as_ref().map(|it| format!("{before}{it}")))
            .collect();
        let rest: Vec<&str> = parts
            .iter()
            .filter(|(_, kind, value)| value.is_none() && (*kind != "platform" || is_named))
            .map(|(_, kind, _)| *kind)
            .collect();
        let told = told.join(", ");
        let rest = match rest.split_last() {
            None => return formatter.write_str(&told),
            Some((last, [])) => format!("whatever the {last}"),
            Some((last, others)) => format!("whatever the {} and {last}", others.join(", ")),
        };
        if told.is_empty() {
            formatter.write_str(&rest)
        } else {
            write!(formatter, "{told}, {rest}")
        }
    }
}

impl fmt::Display for Bar {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(formatter, "`{name}` ")?,
            None => write!(formatter, "{} ", self.cause)?,
        }
        let controls: Vec<String> = self.controls.iter().map(Control::to_string).collect();
        let controls = controls.join(" and ");
        if !self.unknown.is_empty() {
            let facts: Vec<String> = self.unknown.iter().map(Fact::to_string).collect();
            write!(formatter, "may bar them: not known is {}", facts.join(", "))?;
        } else if self.controls.contains(&Control::Block) {
            write!(formatter, "blocks them")?;
        } else if self.must_register {
            write!(formatter, "demands {controls}, for which they must first register")?;
        } else if self.controls.is_empty() {
            write!(formatter, "may bar them")?;
        } else {
            write!(formatter, "demands {controls}, which they cannot meet")?;
        }
        if self.switches_itself_on {
            write!(formatter, " (report-only today, it switches itself on)")?;
        }
        Ok(())
    }
}

impl fmt::Display for Mend {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::JoinExcludedGroup(group) => write!(
                formatter,
                "make the account a member of the group `{group}`, which the policy excludes"
            ),
            Self::Exclude => write!(formatter, "exclude the account from the policy"),
            Self::SwitchOff => {
                write!(formatter, "switch the policy off before it switches itself on")
            }
            Self::MakeDeviceCompliant => {
                write!(formatter, "have Intune find one of their devices compliant")
            }
            Self::JoinDevice => write!(formatter, "have one of their devices hybrid joined"),
            Self::RegisterForStrength => {
                write!(formatter, "register a method that the authentication strength accepts")
            }
            Self::RegisterMethod => write!(formatter, "register a method for MFA"),
            Self::DemandInsteadOfBlock => {
                write!(formatter, "exclude them, or demand a control they can meet instead")
            }
            Self::FindOut(fact) => write!(formatter, "find out {fact}"),
        }
    }
}
