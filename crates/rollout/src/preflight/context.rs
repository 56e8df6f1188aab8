//! What every check looks at, and the names of the exports it may ask for.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use conditional_access::{Policy, State};
use jiff::{SignedDuration, Timestamp};

use super::answer::{Missing, Sweep};
use super::policy_scope::ResolvedGroup;
use crate::account::Account;
use crate::exceptions::{Classification, Kind};
use crate::facts::Facts;
use crate::legacy::LegacyAudit;
use crate::measurement::{Activity, Measurement};
use crate::snapshot::{
    AuditEvent, Group, Mailbox, MailboxKind, MethodsPolicy, Registration, RoleAssignment, Sku, User,
};

pub(super) const USERS: &str = "the users (Graph `GET /users`)";
pub(super) const GROUPS: &str =
    "the groups with their members (Graph `GET /groups?$expand=members`)";
pub(super) const ROLES: &str =
    "the role assignments (Graph `GET /roleManagement/directory/roleAssignments`)";
pub(super) const REGISTRATIONS: &str = "the registration report (Entra admin center > Authentication methods > User registration details)";
pub(super) const METHODS_BY_USER: &str =
    "the registered methods of each user (Graph `GET /users/{id}/authentication/methods`)";
pub(super) const MAILBOXES: &str = "the mailboxes (`Get-EXOMailbox` with `RecipientTypeDetails`)";
pub(super) const CAS_MAILBOXES: &str = "the SMTP setting of each mailbox (`Get-CASMailbox`) and of the organisation (`Get-TransportConfig`)";
pub(super) const AUDITS: &str = "the directory audits (Entra admin center > Audit logs > Download)";
pub(super) const POLICIES: &str =
    "the Conditional Access policies (Graph `GET /identity/conditionalAccess/policies`)";
pub(super) const LOCATIONS: &str =
    "the named locations (Graph `GET /identity/conditionalAccess/namedLocations`)";
pub(super) const SECURITY_DEFAULTS: &str =
    "the security defaults (Graph `GET /policies/identitySecurityDefaultsEnforcementPolicy`)";
pub(super) const METHODS_POLICY: &str =
    "the authentication-methods policy (Graph `GET /policies/authenticationMethodsPolicy`)";
pub(super) const SKUS: &str = "the subscribed licences (Graph `GET /subscribedSkus`)";
pub(super) const SIGN_INS: &str =
    "the sign-in logs, interactive and non-interactive, over the whole window";
pub(super) const SIGN_IN_CODES: &str = "sign-in logs with result codes";
pub(super) const SIGN_IN_PROTOCOL: &str =
    "sign-in logs with `authenticationProtocol` (Graph beta or Log Analytics)";
pub(super) const SIGN_IN_APPS: &str = "sign-in logs with application and resource ids";
pub(super) const SIGN_IN_DEVICES: &str = "sign-in logs with `deviceDetail.trustType`";
pub(super) const DOMAINS: &str = "the domains (Graph `GET /domains`)";
pub(super) const ORGANISATION: &str = "the organisation (Graph `GET /organization`)";
pub(super) const PER_USER_MFA: &str =
    "the per-user MFA state (Graph beta `GET /users/{id}/authentication/requirements`)";
pub(super) const CROSS_TENANT: &str =
    "the cross-tenant access policy (Graph `GET /policies/crossTenantAccessPolicy/default`)";
pub(super) const FUTURE_POLICY: &str = "the policy that is still to be made";
pub(super) const BREAK_GLASS_NAMES: &str = "`[break_glass] accounts` in lockstep.toml";

/// What every check looks at.
pub(super) struct Context<'a> {
    pub(super) facts: &'a Facts<'a>,
    pub(super) legacy: Option<&'a LegacyAudit>,
    classification: &'a Classification,
    /// Groups resolved so far, by the lower-case id or name they were asked by.
    groups: RefCell<BTreeMap<String, Rc<ResolvedGroup>>>,
}

/// A break-glass account as the operator names it, with what the directory knows of it.
pub(super) struct Declared<'a> {
    pub(super) account: Account,
    pub(super) user: Option<&'a User>,
}

impl<'a> Context<'a> {
    pub(super) fn new(
        facts: &'a Facts<'a>,
        classification: &'a Classification,
        legacy: Option<&'a LegacyAudit>,
    ) -> Self {
        Self { facts, legacy, classification, groups: RefCell::default() }
    }

    /// A group with its members, resolved at the first question.
    pub(super) fn resolved_group(&self, name: &str) -> Rc<ResolvedGroup> {
        let mut groups = self.groups.borrow_mut();
        let resolve = || Rc::new(ResolvedGroup::of(self.facts, name));
        Rc::clone(groups.entry(name.to_lowercase()).or_insert_with(resolve))
    }

    pub(super) fn users(&self) -> Result<&'a [User], Missing> {
        self.facts.snapshot.users.as_deref().ok_or(Missing(USERS))
    }

    pub(super) fn groups(&self) -> Result<&'a [Group], Missing> {
        self.facts.snapshot.groups.as_deref().ok_or(Missing(GROUPS))
    }

    pub(super) fn roles(&self) -> Result<&'a [RoleAssignment], Missing> {
        self.facts.snapshot.roles.as_deref().ok_or(Missing(ROLES))
    }

    pub(super) fn registrations(&self) -> Result<&'a [Registration], Missing> {
        self.facts.snapshot.registrations.as_deref().ok_or(Missing(REGISTRATIONS))
    }

    pub(super) fn mailboxes(&self) -> Result<&'a [Mailbox], Missing> {
        self.facts.snapshot.mailboxes.as_deref().ok_or(Missing(MAILBOXES))
    }

    pub(super) fn audits(&self) -> Result<&'a [AuditEvent], Missing> {
        self.facts.snapshot.audits.as_deref().ok_or(Missing(AUDITS))
    }

    pub(super) fn skus(&self) -> Result<&'a [Sku], Missing> {
        self.facts.snapshot.skus.as_deref().ok_or(Missing(SKUS))
    }

    pub(super) fn methods_policy(&self) -> Result<&'a MethodsPolicy, Missing> {
        self.facts.snapshot.methods_policy.as_ref().ok_or(Missing(METHODS_POLICY))
    }

    pub(super) fn measurement(&self) -> Result<&'a Measurement, Missing> {
        self.facts.measurement.ok_or(Missing(SIGN_INS))
    }

    pub(super) fn activity(&self) -> Result<&'a Activity, Missing> {
        self.facts.measured_activity().ok_or(Missing(SIGN_INS))
    }

    pub(super) fn security_defaults(&self) -> Result<bool, Missing> {
        self.facts.snapshot.security_defaults.ok_or(Missing(SECURITY_DEFAULTS))
    }

    /// Every policy, whatever its state.
    pub(super) fn all_policies(&self) -> Result<&'a [Policy], Missing> {
        self.facts.snapshot.policies.as_deref().ok_or(Missing(POLICIES))
    }

    /// The policies for users that are not known to be Off.
    pub(super) fn live_policies(&self) -> Result<Vec<&'a Policy>, Missing> {
        let live = |policy: &&Policy| {
            policy.state != State::Disabled && !policy.conditions.workload_identities
        };
        Ok(self.all_policies()?.iter().filter(live).collect())
    }

    /// Every user with what it was classified as.
    pub(super) fn classified(
        &self,
    ) -> Result<impl Iterator<Item = (&'a User, Kind)> + use<'a>, Missing> {
        let classification = self.classification;
        Ok(self.users()?.iter().enumerate().map(move |(position, user)| {
            let kind =
                classification.users.get(position).map_or(Kind::Unclassified, |(kind, _)| *kind);
            (user, kind)
        }))
    }

    /// The enabled people a rollout is for. Accounts nobody could classify may be people too, so
    /// each of them is a row that cannot be judged.
    pub(super) fn people(&self, sweep: &mut Sweep) -> Result<Vec<&'a User>, Missing> {
        let mut people = Vec::new();
        for (user, kind) in self.classified()? {
            if user.account_enabled == Some(false) {
                continue;
            }
            match kind {
                Kind::Person | Kind::Executive | Kind::Administrator | Kind::NoSmartphone => {
                    people.push(user);
                }
                Kind::Unclassified => sweep.unseen(
                    format!("{}: not classified", user.account.label()),
                    "what the unclassified accounts are",
                ),
                _ => {}
            }
        }
        if self.users()?.is_empty() {
            sweep.unseen("the export of the users is empty", USERS);
        }
        Ok(people)
    }

    /// Judges each person in scope by the row of the registration report.
    pub(super) fn judge_registrations(
        &self,
        sweep: &mut Sweep,
        bad: impl Fn(&Registration) -> Option<bool>,
        what: &str,
    ) -> Result<(), Missing> {
        self.registrations()?;
        for user in self.people(sweep)? {
            let judged = self.facts.registration(&user.account).and_then(&bad);
            sweep.judge(judged, format!("{}: {what}", user.account.label()), REGISTRATIONS);
        }
        Ok(())
    }

    /// What the user at this position was classified as.
    pub(super) fn kind_at(&self, position: usize) -> Option<Kind> {
        self.classification.users.get(position).map(|(kind, _)| *kind)
    }

    /// The accounts of one kind.
    pub(super) fn of_kind(&self, wanted: Kind) -> Result<Vec<&'a User>, Missing> {
        Ok(self.classified()?.filter(|(_, kind)| *kind == wanted).map(|(user, _)| user).collect())
    }

    /// True when it was told of every mailbox what it is for.
    pub(super) fn mailbox_kinds_told(&self) -> bool {
        let by_mailbox = self.facts.snapshot.mailboxes.as_ref().is_some_and(|mailboxes| {
            !mailboxes.is_empty() && mailboxes.iter().all(|it| it.kind != MailboxKind::Unknown)
        });
        let by_user = self.facts.snapshot.users.as_ref().is_some_and(|users| {
            !users.is_empty() && users.iter().all(|user| user.mailbox_purpose.is_some())
        });
        by_mailbox || by_user
    }

    /// True when a guest is among the users; `None` when it is not told of all of them.
    pub(super) fn has_guests(&self) -> Result<Option<bool>, Missing> {
        let mut untold = false;
        for user in self.users()? {
            match self.facts.is_guest(user) {
                Some(true) => return Ok(Some(true)),
                Some(false) => {}
                None => untold = true,
            }
        }
        Ok(if untold { None } else { Some(false) })
    }

    /// The break-glass accounts the operator names.
    ///
    /// # Errors
    /// When none is named: nobody is guessed.
    pub(super) fn break_glass(&self) -> Result<Vec<Declared<'a>>, Missing> {
        let names = &self.facts.rollout.break_glass.accounts;
        if names.is_empty() {
            return Err(Missing(BREAK_GLASS_NAMES));
        }
        Ok(names
            .iter()
            .map(|name| {
                let name = name.trim();
                let user = self.facts.user_named(name);
                let account = match user {
                    Some(user) => user.account.clone(),
                    None if name.contains('@') => {
                        Account { user_principal_name: Some(name.to_owned()), ..Account::default() }
                    }
                    None => Account { user_id: Some(name.to_owned()), ..Account::default() },
                };
                Declared { account, user }
            })
            .collect())
    }

    /// True when the tenant is in the public cloud.
    pub(super) fn is_public_cloud(&self) -> bool {
        self.facts.rollout.tenant.cloud.eq_ignore_ascii_case("global")
    }

    /// True when the logs cover every day asked for, interactive and not, and every figure holds
    /// every sign-in.
    pub(super) fn logs_are_complete(&self) -> bool {
        self.facts.measurement.is_some_and(|measurement| {
            measurement.window.days_asked > 0
                && measurement.window.days_covered >= measurement.window.days_asked
                && measurement.coverage.interactive == Some(true)
                && measurement.coverage.non_interactive == Some(true)
                && measurement.coverage.records_unreadable == 0
                && measurement.coverage.left_out == 0
                && measurement.activity.as_ref().is_none_or(Activity::holds_every_word)
        })
    }

    /// Notes where some sign-ins of the logs do not tell their result code.
    pub(super) fn judge_codes(&self, sweep: &mut Sweep) -> Result<(), Missing> {
        let measurement = self.measurement()?;
        let told: u64 = self.activity()?.by_code.values().sum();
        let untold = measurement.totals.sign_ins.saturating_sub(told);
        if untold > 0 {
            sweep.unseen(format!("{untold} sign-ins do not tell their result code"), SIGN_IN_CODES);
        }
        Ok(())
    }

    /// Notes where the audits are empty or hold one kind of activity only, as a filtered download
    /// does.
    pub(super) fn judge_audits(&self, sweep: &mut Sweep) -> Result<(), Missing> {
        let mut kinds = self.audits()?.iter().map(|event| event.activity.to_lowercase());
        match kinds.next() {
            None => sweep.unseen("the export of the directory audits is empty", AUDITS),
            Some(first) if kinds.all(|kind| kind == first) => sweep.unseen(
                format!("the audits hold nothing but `{first}`: the download may be filtered"),
                AUDITS,
            ),
            Some(_) => {}
        }
        Ok(())
    }

    /// Successful user sign-ins, as far as the log tells results.
    pub(super) fn successes(&self) -> Result<u64, Missing> {
        Ok(self.activity()?.by_code.get(&0).copied().unwrap_or(0))
    }

    /// The moment so many hours before the clock.
    pub(super) fn hours_ago(&self, hours: i64) -> Timestamp {
        self.facts.now.saturating_sub(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::MIN)
    }
}
