//! What the plan says of this tenant: names, numbers and rows, worked out once.

use conditional_access::{Policy, State as PolicyState};
use jiff::civil::Date;

use super::calendar::long_date;
use super::enforcement::{LAST_RING, SECOND_RING};
use super::make::Input;
use super::timeline::{Day, Timeline};
use crate::account::Account;
use crate::exceptions::{ClassifiedAccount, Kind};
use crate::legacy::Dependency;
use crate::percent::threshold_percent;
use crate::preflight::{Severity, Stage, Verdict};
use crate::rollout::{Enforcement, Rollout};
use crate::snapshot::{GLOBAL_ADMINISTRATOR, PerUserMfa};

/// Most rows a task or change set lists before it counts the rest.
const ROWS: usize = 50;

/// Name of the group every policy excludes, where the settings name none.
pub const BREAK_GLASS_GROUP: &str = "CA - Excluded emergency accounts";

/// Group of everyone who can pass MFA, covered first at the cut-over.
pub(crate) const BRIDGE_GROUP: &str = "MFA - Bridge";
/// Group of the accounts that keep a path without MFA until a date.
pub(crate) const EXCEPTIONS_GROUP: &str = "CA - Dated exceptions";
/// Group of the accounts that keep a legacy client until a date.
pub(crate) const LEGACY_EXCEPTIONS_GROUP: &str = "CA - Dated legacy exceptions";

/// What the plan says of this tenant.
pub(super) struct Situation<'a> {
    /// What the plan is made from.
    pub(super) input: &'a Input<'a>,
    /// Days and dates.
    pub(super) timeline: &'a Timeline,
    /// The operator's wishes.
    pub(super) rollout: &'a Rollout,
    /// The tenant's name.
    pub(super) tenant: String,
    /// Primary domain, where known.
    pub(super) domain: Option<String>,
    /// Policies; `None`: no file told.
    pub(super) policies: Option<&'a [Policy]>,
    /// Security defaults; `None`: no file told.
    pub(super) security_defaults: Option<bool>,
    /// What the pilot group is called in a sentence.
    pub(super) pilot_group: String,
    /// Members of the pilot group, where told.
    pub(super) pilot: Option<Vec<Account>>,
    /// The group every policy excludes.
    pub(super) break_glass_group: String,
    /// The break-glass accounts: named ones, else the names proposed.
    pub(super) break_glass: Vec<String>,
}

impl<'a> Situation<'a> {
    /// Works out the names.
    pub(super) fn new(input: &'a Input<'a>, timeline: &'a Timeline) -> Self {
        let facts = input.facts;
        let (rollout, snapshot) = (facts.rollout, facts.snapshot);
        let named = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let domain = named(&rollout.tenant.domain)
            .or_else(|| snapshot.tenant.primary_domain().map(str::to_owned));
        let tenant = named(&rollout.tenant.name)
            .or_else(|| snapshot.tenant.display_name.as_deref().and_then(named))
            .or_else(|| domain.clone())
            .unwrap_or_else(|| "this tenant".to_owned());
        let group = rollout.pilot.group.as_deref().and_then(|name| facts.group(name));
        let pilot = group.and_then(|group| {
            let (members, complete) = facts.members_of(group);
            complete.then_some(members)
        });
        let pilot_group = group
            .and_then(|group| group.display_name.clone())
            .or_else(|| rollout.pilot.group.clone())
            .unwrap_or_else(|| "the IT team's group".to_owned());
        let break_glass_group = rollout
            .break_glass
            .group
            .as_deref()
            .map(|name| {
                facts
                    .group(name)
                    .and_then(|group| group.display_name.clone())
                    .unwrap_or_else(|| name.to_owned())
            })
            .unwrap_or_else(|| BREAK_GLASS_GROUP.to_owned());
        let initial = snapshot.tenant.initial_domain().unwrap_or("<initial>.onmicrosoft.com");
        let mut break_glass: Vec<String> = rollout
            .break_glass
            .accounts
            .iter()
            .map(|name| {
                facts.user_named(name).map_or(name.as_str(), |user| user.account.label()).to_owned()
            })
            .collect();
        for letter in ["alpha", "bravo"].into_iter().skip(break_glass.len()) {
            break_glass.push(format!("svc-emergency-{letter}@{initial}"));
        }
        Self {
            input,
            timeline,
            rollout,
            tenant,
            domain,
            policies: snapshot.policies.as_deref(),
            security_defaults: snapshot.security_defaults,
            pilot_group,
            pilot,
            break_glass_group,
            break_glass,
        }
    }

    /// Puts this plan's names, numbers and dates into a text with `{tokens}`.
    pub(super) fn fill(&self, text: &str) -> String {
        if !text.contains('{') {
            return text.to_owned();
        }
        let thresholds = &self.rollout.thresholds;
        let date = |stage, day| long_date(self.timeline.date_in(stage, day));
        let values = [
            ("{tenant}", self.tenant.clone()),
            ("{pilot_group}", self.pilot_group.clone()),
            ("{break_glass_group}", self.break_glass_group.clone()),
            ("{break_glass}", self.break_glass.join(" and ")),
            ("{helpdesk}", self.rollout.tenant.helpdesk.clone()),
            ("{legacy_days}", thresholds.legacy_days.to_string()),
            ("{watch_hours}", thresholds.watch_hours.to_string()),
            ("{stop_hours}", thresholds.stop_hours.to_string()),
            ("{stop_share}", threshold_percent(thresholds.stop_failure_share)),
            ("{challenge_share}", threshold_percent(thresholds.challenge_failure_share)),
            ("{dormant_days}", thresholds.dormant_days.to_string()),
            ("{report_only_days}", thresholds.report_only_days.to_string()),
            ("{stale_hours}", thresholds.report_stale_hours.to_string()),
            ("{before_pilot}", threshold_percent(thresholds.capable_before_pilot)),
            ("{reminder_below}", threshold_percent(thresholds.reminder_below)),
            ("{at_end}", threshold_percent(thresholds.capable_at_end)),
            ("{register_days}", self.rollout.steps.register_days.to_string()),
            ("{reminder_date}", date(Stage::Register, Day::Reminder)),
            ("{contact_date}", date(Stage::Register, Day::Contact)),
            ("{deadline}", date(Stage::Register, Day::Last)),
            ("{pilot_date}", date(Stage::Pilot, Day::Nth(1))),
            ("{enforce_date}", date(Stage::Enforce, Day::Nth(1))),
            ("{everybody_date}", date(Stage::Enforce, Day::Everybody)),
            ("{ring_hours}", self.rollout.steps.ring_hours.to_string()),
            ("{end_date}", date(Stage::Validate, Day::Last)),
            (
                "{campaign_exclusion}",
                if self.without_conditional_access() {
                    String::new()
                } else {
                    format!(", `{}` excluded", self.break_glass_group)
                },
            ),
            ("{pilot_state}", self.pilot_state().to_owned()),
            ("{first_trigger}", self.first_trigger().to_owned()),
            ("{no_device}", people_are(self.accounts(&[Kind::NoSmartphone]).len())),
            ("{keys}", self.input.registration.keys_to_stock.to_string()),
        ];
        let text =
            values.iter().fold(text.to_owned(), |text, (token, value)| text.replace(token, value));
        let words = self.words_of_enforcement();
        words.into_iter().fold(text, |text, (token, value)| text.replace(token, value))
    }

    /// What differs between everybody at once and ring by ring.
    fn words_of_enforcement(&self) -> [(&'static str, &'static str); 10] {
        let in_rings = self.last_ring().is_some();
        let by_mode = |at_once, rings| if in_rings { rings } else { at_once };
        let defaults = self.may_have_security_defaults();
        let by_defaults = |with, without| if defaults { with } else { without };
        [
            ("{cut_over_set}", by_mode("CS-07", SECOND_RING)),
            ("{everybody_set}", by_mode("CS-07", LAST_RING)),
            ("{parity_first}", by_defaults("security defaults off, parity on, ", "")),
            (
                "{parity_how}",
                by_defaults(
                    "entra.microsoft.com › Entra ID › Overview › Properties › Security defaults: \
                     Disabled; at once CA000, CA002 and CA003 On; then CA001",
                    "entra.microsoft.com › Entra ID › Conditional Access › CA001:",
                ),
            ),
            (
                "{parity_failed}",
                by_defaults(
                    " If one request fails: go forward, try again; security defaults cannot come back \
                     while a policy is On.",
                    "",
                ),
            ),
            (
                "{parity_evidence}",
                by_defaults(
                    "Gap receipt: time security defaults went off, time the last parity policy was \
                     On, seconds between.",
                    "The policy reads back: the two groups, and exactly these exclusions.",
                ),
            ),
            (
                "{canary_when}",
                by_mode("right after the switch", "before it is widened to all users"),
            ),
            (
                "{canary_who}",
                if in_rings || defaults {
                    "A member of the bridge group beyond the pilot"
                } else {
                    "Somebody beyond the pilot who can pass MFA"
                },
            ),
            (
                "{canary_read}",
                by_mode(
                    "Lists the task until it is recorded as done.",
                    "Reads the sign-in from the next snapshot, by policy id and result. Without it the \
                     last ring is not due.",
                ),
            ),
            (
                "{canary_then}",
                by_mode(
                    "If it fails, the way back is at hand while few have noticed.",
                    "If it fails, ring 2 is taken back, and nobody else has noticed.",
                ),
            ),
        ]
    }

    /// The change set that carries out a task, of those that this plan has.
    pub(super) fn change_set_of(&self, task: &str, set: &'static str) -> &'static str {
        match task {
            _ if self.last_ring().is_none() => set,
            "E-03" | "R-21" => SECOND_RING,
            "E-05" => LAST_RING,
            _ => set,
        }
    }

    /// In-scope people; `None`: cannot be said.
    pub(super) fn people(&self) -> Option<u64> {
        self.input.registration.denominators.in_scope_people
    }

    /// People in scope who cannot pass MFA yet.
    pub(super) fn to_register(&self) -> Option<u64> {
        Some(self.people()?.saturating_sub(self.input.registration.capable?))
    }

    /// Legacy dependencies; empty without an audit.
    pub(super) fn dependencies(&self) -> &'a [Dependency] {
        self.input.legacy.as_ref().map_or(&[], |legacy| legacy.dependencies.as_slice())
    }

    /// Dependencies without an owner or a decision.
    pub(super) fn undecided(&self) -> usize {
        self.dependencies().iter().filter(|it| it.owner.is_none() || it.decision.is_none()).count()
    }

    /// Labels of the accounts of these kinds.
    pub(super) fn accounts(&self, kinds: &[Kind]) -> Vec<String> {
        self.input
            .exceptions
            .accounts
            .iter()
            .filter(|account| kinds.contains(&account.kind))
            .map(|account| account.account.label().to_owned())
            .collect()
    }

    /// Accounts that keep a path without MFA, break-glass apart.
    pub(super) fn exemptions(&self) -> impl Iterator<Item = &'a ClassifiedAccount> {
        self.input
            .exceptions
            .accounts
            .iter()
            .filter(|account| account.mfa_exempt && account.kind != Kind::BreakGlass)
    }

    /// Whether any account keeps a path without MFA; `None`: no file told the accounts.
    pub(super) fn has_exemptions(&self) -> Option<bool> {
        self.knows_users().then(|| self.exemptions().next().is_some())
    }

    /// True when the exceptions register could be made: some user file was read.
    pub(super) fn knows_users(&self) -> bool {
        self.input.facts.snapshot.users.is_some()
    }

    /// Holders of an active Global Administrator role; `None`: no file told.
    pub(super) fn global_administrators(&self) -> Option<Vec<String>> {
        let facts = self.input.facts;
        facts.snapshot.roles.as_ref()?;
        let accounts = facts.holders_of(GLOBAL_ADMINISTRATOR, |role| role.active);
        let mut names: Vec<String> = accounts
            .iter()
            .filter(|account| !facts.is_break_glass(account))
            .map(|account| account.label().to_owned())
            .collect();
        names.sort();
        names.dedup();
        Some(names)
    }

    /// True when at least two break-glass accounts are named and the directory holds them.
    pub(super) fn has_break_glass(&self) -> bool {
        let named = &self.rollout.break_glass.accounts;
        named.iter().filter(|name| self.input.facts.user_named(name).is_some()).count() >= 2
    }

    /// Users with per-user MFA enabled or enforced.
    pub(super) fn per_user_mfa(&self) -> Vec<String> {
        self.input
            .facts
            .snapshot
            .users
            .iter()
            .flatten()
            .filter(|user| {
                matches!(user.per_user_mfa, Some(PerUserMfa::Enabled | PerUserMfa::Enforced))
            })
            .map(|user| user.account.label().to_owned())
            .collect()
    }

    /// People seen in one of these applications, by parts of their names in lower case.
    pub(super) fn users_of_apps(&self, parts: &[&str]) -> Vec<String> {
        self.input
            .facts
            .measured_activity()
            .iter()
            .flat_map(|activity| &activity.people)
            .filter(|person| {
                person.apps.iter().any(|app| {
                    let app = app.to_lowercase();
                    parts.iter().any(|part| app.contains(part))
                })
            })
            .map(|person| person.account.label().to_owned())
            .collect()
    }

    /// Dependencies whose client app holds one of these words, as lines.
    pub(super) fn dependency_lines(&self, clients: &[&str]) -> Vec<String> {
        self.dependencies()
            .iter()
            .filter(|it| {
                let client = it.client_app.as_deref().unwrap_or("").to_lowercase();
                let protocol = it.protocol.as_deref().unwrap_or("").to_lowercase();
                // A legacy client signs in by a password grant too; the grant is news only where
                // it hides behind a modern client app.
                let hidden =
                    !["imap", "pop", "smtp", "activesync", "exchange", "mapi", "outlook", "other"]
                        .iter()
                        .any(|word| client.contains(word));
                clients.is_empty()
                    || clients
                        .iter()
                        .any(|word| client.contains(word) || (hidden && protocol == *word))
            })
            .map(dependency_line)
            .collect()
    }

    /// Whether a usable licence holds Entra ID P1 or P2 (service plans `AAD_PREMIUM…`), without
    /// which there is no Conditional Access; `None`: no file told the licences.
    pub(super) fn has_conditional_access(&self) -> Option<bool> {
        let skus = self.input.facts.snapshot.skus.as_ref()?;
        let held: Vec<_> = skus
            .iter()
            .filter(|sku| sku.plans.iter().any(|(_, name)| name.starts_with("AAD_PREMIUM")))
            .collect();
        if held.iter().any(|sku| sku.usable == Some(true)) {
            return Some(true);
        }
        // A licence without its plans, or without its state, may be the one.
        let unsure = skus.iter().any(|sku| sku.plans.is_empty())
            || held.iter().any(|sku| sku.usable.is_none());
        (!unsure).then_some(false)
    }

    /// True when the licences are known and none holds Conditional Access: the plan then ends
    /// with security defaults on, which need no licence. Unknown licences are not without.
    pub(super) fn without_conditional_access(&self) -> bool {
        self.has_conditional_access() == Some(false)
    }

    /// The state of CA001 during the pilot.
    fn pilot_state(&self) -> &'static str {
        match self.security_defaults {
            Some(true) => "stays Report-only until CS-07, beside security defaults",
            Some(false) => "On",
            None => "On where security defaults are off, Report-only while they are on",
        }
    }

    /// What makes people without a method register, by the state of security defaults.
    fn first_trigger(&self) -> &'static str {
        match self.security_defaults {
            Some(true) => {
                "Security defaults are on: leave them on, they make everyone register at the next \
                 interactive sign-in; end the sessions of people who never meet that sign-in."
            }
            Some(false) => {
                "Security defaults are off: nothing in this tenant makes anyone register yet."
            }
            None => "Find out first whether security defaults are on (P-04); if so, leave them on.",
        }
    }

    /// An account with the title the directory holds for it.
    pub(super) fn with_title(&self, account: &ClassifiedAccount) -> String {
        let label = account.account.label();
        let user = self.input.facts.user(&account.account);
        match user.and_then(|user| user.job_title.as_deref()).map(str::trim) {
            Some(title) if !title.is_empty() => format!("{label} ({title})"),
            _ => label.to_owned(),
        }
    }

    /// Findings that block.
    pub(super) fn blockers(&self) -> Vec<&'a str> {
        self.input
            .preflight
            .findings
            .iter()
            .filter(|it| it.severity == Severity::Block && it.verdict == Verdict::Found)
            .map(|it| it.id)
            .collect()
    }

    /// True while security defaults are on, or may be: the order of a cut-over then holds. Once
    /// everybody is asked by a policy the switch has turned them off; the plan stays what was agreed.
    pub(super) fn may_have_security_defaults(&self) -> bool {
        let agreed = self.input.agreed_defaults.filter(|_| self.is_everybody_asked());
        agreed.or(self.security_defaults) != Some(false)
    }

    fn is_everybody_asked(&self) -> bool {
        let mut all = self.policies.into_iter().flatten();
        all.any(|policy| {
            policy.state == PolicyState::Enabled
                && policy.asks_for_mfa()
                && policy.includes_all_users()
                && policy.includes_all_resources()
        })
    }

    /// The date on which the last ring is asked at the earliest. `None`: everybody is asked at once.
    pub(super) fn last_ring(&self) -> Option<Date> {
        let in_rings = self.rollout.steps.enforcement == Enforcement::Rings;
        let date = self.timeline.date_in(Stage::Enforce, Day::Everybody);
        (in_rings && !self.without_conditional_access()).then_some(date)
    }

    /// True in the public cloud, where the administration portals ask every account for MFA.
    pub(super) fn is_public_cloud(&self) -> bool {
        self.rollout.tenant.cloud.eq_ignore_ascii_case("global")
    }

    /// A role with the person `[owners]` names for it.
    pub(super) fn owner(&self, role: &str) -> String {
        self.rollout
            .owners
            .iter()
            .find(|(name, person)| {
                crate::rollout::same_role(name, role) && !person.trim().is_empty()
            })
            .map_or_else(|| role.to_owned(), |(_, person)| format!("{role} ({})", person.trim()))
    }
}

/// A dependency in one line.
fn dependency_line(dependency: &Dependency) -> String {
    format!(
        "{}: {}{}, {} successful, owner {}",
        dependency.account.label(),
        dependency.client_app.as_deref().unwrap_or("client app not told"),
        dependency.device.as_ref().map(|device| format!(" on {device}")).unwrap_or_default(),
        dependency.succeeded,
        dependency.owner.as_deref().unwrap_or("not named")
    )
}

/// At most fifty rows, then a count.
pub(super) fn rows(mut rows: Vec<String>) -> Vec<String> {
    let more = rows.len().saturating_sub(ROWS);
    if more > 0 {
        rows.truncate(ROWS);
        rows.push(format!("and {more} more"));
    }
    rows
}

/// A length as a count.
pub(super) fn length(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// `1 person`, `12 people`.
fn people_are(number: usize) -> String {
    if number == 1 { "1 person is".to_owned() } else { format!("{number} people are") }
}

pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}
