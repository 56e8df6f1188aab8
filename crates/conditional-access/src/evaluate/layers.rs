//! What demands MFA beside Conditional Access.
//!
//! Sources: Entra documentation, *Security defaults*; *Per-user multifactor authentication*;
//! *Planning for mandatory multifactor authentication*.

use super::app::{AZURE_CLI, AZURE_MANAGEMENT, AZURE_MOBILE_APP, AZURE_PORTAL, AZURE_POWERSHELL};
use super::directory::Directory;
use super::person::{Demand, Person, Standing};
use super::possible::Possible;
use super::target::Request;
use super::why::Why;
use crate::facts::PerUserMfa;
use crate::outcome::Fact;
use crate::truth::Truth;

/// Directory Synchronization Accounts.
pub(super) const SYNCHRONIZATION: &str = "d29b2b05-8046-44ba-8758-1e26182fcf32";

/// The roles that security defaults ask for MFA at every sign-in (*Security defaults*, require
/// administrators to do multifactor authentication), by template id.
const ADMINISTRATORS: [&str; 16] = [
    "62e90394-69f5-4237-9190-012177145e10", // Global Administrator
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", // Application Administrator
    "c4e39bd9-1100-46d3-8c65-fb160da0071f", // Authentication Administrator
    "0526716b-113d-4c15-b2c8-68e3c22b9f80", // Authentication Policy Administrator
    "b0f54661-2d74-4c50-afa3-1ec803f12efe", // Billing Administrator
    "158c047a-c907-4556-b7ef-446551a6b5f7", // Cloud Application Administrator
    "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9", // Conditional Access Administrator
    "29232cdf-9323-42fd-ade2-1d097af3e4de", // Exchange Administrator
    "729827e3-9c14-49f7-bb1b-9608f156bbb8", // Helpdesk Administrator
    "45d8d3c5-c802-45c6-b32a-1d70b5e1e86e", // Identity Governance Administrator
    "966707d0-3269-4727-9be2-8c3a10f19b9d", // Password Administrator
    "7be44c8a-adaf-4e2a-84d6-ab2649e08a13", // Privileged Authentication Administrator
    "e8611ab8-c189-46e8-94e1-60213ab1f814", // Privileged Role Administrator
    "194ae4cb-b126-40b2-bd5b-6091b380977d", // Security Administrator
    "f28a1f50-f6e7-4571-818b-6a12f2af6b6c", // SharePoint Administrator
    "fe930be7-5e62-47db-91af-98c3a49a38b1", // User Administrator
];

const BY_LAYER: Demand = Demand { by_risk: false, is_stale: false, by_layer: true };

/// One person's sign-in, as the layers see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layers<'a> {
    pub(super) directory: &'a Directory,
    pub(super) person: Person<'a>,
    pub(super) request: &'a Request,
}

impl Layers<'_> {
    /// Security defaults, when they are on.
    pub(super) fn security_defaults(&self, why: &mut Why) -> Possible {
        let person = &self.person;
        let legacy = why.answer(|why| person.is_legacy(why));
        if legacy.is_true() {
            return Possible::BLOCK;
        }
        let synchronizes = why.answer(|why| self.synchronizes(why));
        let modern = if synchronizes.is_true() {
            Possible::OK
        } else {
            let asked = self.security_defaults_ask(why);
            if synchronizes.is_unknown() { asked.joined(Possible::OK) } else { asked }
        };
        let device_code = why.answer(|why| person.uses_device_code(why));
        if !device_code.is_false() {
            why.missed(|| Fact::Behaviour("device code flow under security defaults"));
        }
        if legacy.is_unknown() || !device_code.is_false() {
            return modern.joined(Possible::BLOCK);
        }
        modern
    }

    fn security_defaults_ask(&self, why: &mut Why) -> Possible {
        let person = &self.person;
        let registered = why.answer(|why| match person.registration.usable {
            None => why.unknown(|| Fact::Registration),
            Some(_) => person.has_mfa_method(Standing::Member, why),
        });
        let unregistered = person.asked(why, |_| {
            if person.registration.can_register { Possible::REGISTER } else { Possible::BLOCK }
        });
        if registered.is_false() {
            return unregistered;
        }
        let always = why.answer(|why| self.is_administration(why));
        let mfa = person.mfa(BY_LAYER, why);
        if !always.is_true() && mfa != Possible::OK {
            why.missed(|| Fact::Behaviour("when security defaults ask people for MFA"));
        }
        let asked = Possible::when(always, mfa, mfa.joined(Possible::OK));
        Possible::when(registered, asked, unregistered)
    }

    fn is_administration(&self, why: &mut Why) -> Truth {
        let mut truth = self.request.asks_for(AZURE_MANAGEMENT, why);
        truth = truth.or(self.request.asks_for(AZURE_PORTAL, why));
        for client in [AZURE_PORTAL, AZURE_CLI, AZURE_POWERSHELL] {
            truth = truth.or(self.request.comes_from(client, why));
        }
        for role in ADMINISTRATORS {
            truth = truth.or(self.holds(role, why));
        }
        truth
    }

    fn synchronizes(&self, why: &mut Why) -> Truth {
        self.holds(SYNCHRONIZATION, why)
    }

    fn holds(&self, role: &str, why: &mut Why) -> Truth {
        let held = self.directory.in_role(self.person.subject, role);
        if held.is_unknown() { why.unknown(|| Fact::RoleAssignment(role.to_owned())) } else { held }
    }

    /// Per-user MFA, by the user's state. `None`: the state was not seen.
    pub(super) fn per_user_mfa(&self, state: Option<PerUserMfa>, why: &mut Why) -> Possible {
        if state == Some(PerUserMfa::Disabled) {
            return Possible::OK;
        }
        let person = &self.person;
        let unasked = why.answer(|why| person.cannot_be_asked(why));
        let app_password = |why: &mut Why| {
            why.missed(|| Fact::Behaviour("app passwords under per-user MFA"));
            Possible::OK_OR_BLOCK
        };
        let on = match unasked {
            Truth::True => app_password(why),
            Truth::False => person.mfa(BY_LAYER, why),
            Truth::Unknown => app_password(why).joined(person.mfa(BY_LAYER, why)),
        };
        if state.is_some() {
            return on;
        }
        why.missed(|| Fact::PerUserMfa);
        on.joined(Possible::OK)
    }

    /// Mandatory MFA for administration, when it is in force.
    pub(super) fn mandatory_mfa(&self, why: &mut Why) -> Possible {
        let administration = Administration::of(self.request, why);
        if administration.is_elsewhere() {
            return Possible::OK;
        }
        let synchronizes = why.answer(|why| self.synchronizes(why));
        let mfa = self.person.mfa(BY_LAYER, why);
        let outcome = administration.mandatory_mfa(synchronizes, mfa);
        if administration.tool.is_true() && !outcome.is_definite() {
            why.missed(|| Fact::Behaviour("which requests of a tool change something"));
        }
        outcome
    }

    /// What mandatory MFA reads of the person: whether it is the synchronization account, and what
    /// MFA comes to.
    pub(super) fn for_mandatory_mfa(&self, why: &mut Why) -> (Truth, Possible) {
        (self.synchronizes(why), self.person.mfa(BY_LAYER, why))
    }
}

/// Whether a sign-in is for administration, as mandatory MFA means it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Administration {
    /// The portal, as audience or as client.
    portal: Truth,
    /// A tool of which only some requests count.
    tool: Truth,
}

impl Administration {
    pub(super) fn of(request: &Request, why: &mut Why) -> Self {
        let portal = why.answer(|why| {
            let audience = request.asks_for(AZURE_PORTAL, why);
            audience.or(request.comes_from(AZURE_PORTAL, why))
        });
        let tool = why.answer(|why| {
            [AZURE_CLI, AZURE_POWERSHELL, AZURE_MOBILE_APP]
                .into_iter()
                .fold(Truth::False, |truth, id| truth.or(request.comes_from(id, why)))
        });
        Self { portal, tool }
    }

    fn is_elsewhere(self) -> bool {
        self.portal.or(self.tool).is_false()
    }

    /// What mandatory MFA comes to, given what MFA comes to.
    pub(super) fn mandatory_mfa(self, synchronizes: Truth, mfa: Possible) -> Possible {
        if self.is_elsewhere() || synchronizes.is_true() {
            Possible::OK
        } else if self.portal.is_true() && synchronizes.is_false() {
            mfa
        } else {
            mfa.joined(Possible::OK)
        }
    }
}
