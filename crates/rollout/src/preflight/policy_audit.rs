//! Every Conditional Access policy with what is wrong with it. Document `lockstep.policies/1`.

use conditional_access::{Policy, State};
use jiff::Timestamp;
use serde::Serialize;

use super::context::{BREAK_GLASS_NAMES, Context};
use super::policy_references::{Exclusions, LastingExclusion, Reference, unresolved};
use super::policy_scope::PolicyScope;
use super::policy_words::{PolicyWords, words};
use super::{Finding, Verdict, run, tenant};
use crate::account::Account;
use crate::exceptions::Classification;
use crate::facts::Facts;
use crate::gaps::{self, Gap};
use crate::legacy::LegacyAudit;

/// What keeps something from being said about policies.
const GAPS: [&str; 7] = [
    "policies",
    "named-locations",
    "users",
    "groups",
    "group-members",
    "roles",
    "break-glass-names",
];

/// Checks of the pre-flight that are about policies, besides all of `CA`.
const CHECKS: [&str; 3] = ["BG-03", "TN-06", "TN-09"];

/// The document of all policies.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PolicyAudit {
    /// Always `lockstep.policies/1`.
    pub schema: &'static str,
    /// How many policies there are, of any state. `None`: not told.
    pub total: Option<usize>,
    /// Every policy, in the order of the files.
    pub policies: Vec<AuditedPolicy>,
    /// What the pre-flight says of policies, worst first.
    pub findings: Vec<Finding>,
    /// What no file told.
    pub gaps: Vec<Gap>,
}

/// One policy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuditedPolicy {
    /// Object id.
    pub id: Option<String>,
    /// The name the portal shows.
    pub display_name: String,
    /// Off, Report-only or On.
    pub state: State,
    /// True for a policy that Microsoft made.
    pub microsoft_managed: bool,
    /// From when on Microsoft may switch it on by itself. `None`: it does not, or is on, or nobody
    /// told when it was made.
    pub may_come_on: Option<Timestamp>,
    /// When it was made, where told.
    pub created: Option<Timestamp>,
    /// When it was last changed, where told.
    pub modified: Option<Timestamp>,
    /// What it says, in words.
    #[serde(flatten)]
    pub words: PolicyWords,
    /// Properties this model does not know: the policy cannot be judged completely.
    pub unmodelled: Vec<String>,
    /// Each declared break-glass account. `None`: none is declared, or the policy is for workload
    /// identities.
    pub break_glass: Option<Vec<BreakGlassExclusion>>,
    /// What it names that no file holds: users, groups, roles, locations, applications, strengths
    /// and terms of use.
    pub missing_references: Vec<Reference>,
    /// What it excludes from MFA and no live policy includes.
    pub lasting_exclusions: Vec<LastingExclusion>,
}

/// Whether a policy excludes a break-glass account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BreakGlassExclusion {
    /// The account.
    #[serde(flatten)]
    pub account: Account,
    /// By name, group (nested ones too) or role. `None`: not told.
    pub excluded: Option<bool>,
    /// Whether the policy is for the account. `None`: not told.
    pub reached: Option<bool>,
}

/// Looks at every policy. The arguments are those of [`run`].
#[must_use]
pub fn audit_policies(
    facts: &Facts<'_>,
    classification: &Classification,
    legacy: Option<&LegacyAudit>,
) -> PolicyAudit {
    let context = Context::new(facts, classification, legacy);
    let live = context.live_policies().unwrap_or_default();
    let exclusions = Exclusions::new(&context, &live);
    let told = facts.snapshot.policies.as_ref();
    let is_about = |it: &Finding| it.id.starts_with("CA-") || CHECKS.contains(&it.id);
    let findings = run(facts, classification, legacy).findings;
    PolicyAudit {
        schema: "lockstep.policies/1",
        total: told.map(Vec::len),
        policies: told.into_iter().flatten().map(|it| audited(&context, &exclusions, it)).collect(),
        findings: findings.into_iter().filter(is_about).collect(),
        gaps: gaps::among(facts, &GAPS),
    }
}

fn audited(context: &Context<'_>, exclusions: &Exclusions<'_>, policy: &Policy) -> AuditedPolicy {
    AuditedPolicy {
        id: policy.id.clone(),
        display_name: policy.display_name.clone(),
        state: policy.state,
        microsoft_managed: policy.is_microsoft_managed(),
        may_come_on: tenant::may_come_on(policy),
        created: policy.created,
        modified: policy.modified,
        words: words(context.facts, policy),
        unmodelled: policy.unmodelled.clone(),
        break_glass: break_glass(context, policy),
        missing_references: unresolved(context, policy),
        lasting_exclusions: exclusions.of(policy),
    }
}

fn break_glass(context: &Context<'_>, policy: &Policy) -> Option<Vec<BreakGlassExclusion>> {
    let declared = context.break_glass().ok()?;
    if policy.conditions.workload_identities {
        return None;
    }
    let scope = PolicyScope::of(context, policy);
    Some(
        declared
            .into_iter()
            .map(|it| BreakGlassExclusion {
                excluded: scope.excludes(&it.account, Some(false)),
                reached: scope.reaches(&it.account, Some(false)),
                account: it.account,
            })
            .collect(),
    )
}

impl PolicyAudit {
    /// Policies of any state that do not exclude every break-glass account for certain.
    pub fn without_break_glass(&self) -> impl Iterator<Item = &AuditedPolicy> {
        self.policies.iter().filter(|policy| {
            policy.break_glass.iter().flatten().any(|it| it.excluded != Some(true))
        })
    }

    /// The export or setting that tells who the break-glass accounts are, where nobody did.
    #[must_use]
    pub fn wants_break_glass_names(&self) -> Option<&'static str> {
        let for_users = |it: &AuditedPolicy| !it.words.for_workload_identities;
        let untold = self.policies.iter().any(|it| for_users(it) && it.break_glass.is_none());
        untold.then_some(BREAK_GLASS_NAMES)
    }

    /// Findings that are open: found, or not decided.
    pub fn open_findings(&self) -> impl Iterator<Item = &Finding> {
        let open = |it: &&Finding| matches!(it.verdict, Verdict::Found | Verdict::Inconclusive);
        self.findings.iter().filter(open)
    }
}
