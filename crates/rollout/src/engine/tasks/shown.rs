//! Which tasks data shows to be done.

use conditional_access::State as PolicyState;
use jiff::civil::Date;

use super::is_nothing;
use crate::change::draft::{self, Standard};
use crate::engine::gates::{self, Question};
use crate::engine::tenant::{self, Happened};
use crate::engine::{Criterion, GateId, GateRecord, Seen, State};
use crate::exceptions::Kind;
use crate::percent::percent;
use crate::plan::{GateState, Task};

/// What tasks are judged by.
pub(super) struct View<'v> {
    pub(super) state: &'v State,
    pub(super) seen: &'v Seen<'v>,
    pub(super) today: Date,
    gates: Vec<GateRecord>,
    switched: Happened,
    /// The fresh sign-in that shows the canary.
    canary: Option<String>,
}

impl<'v> View<'v> {
    pub(super) fn new(question: &Question<'v>) -> Self {
        Self {
            state: question.state,
            seen: question.seen,
            today: question.today,
            gates: gates::as_they_stand(question),
            switched: tenant::switched(question.state, question.seen),
            canary: gates::canary_shown(question),
        }
    }

    fn criterion(&self, id: &str) -> Option<&Criterion> {
        self.gates.iter().flat_map(|it| &it.criteria).find(|it| it.id == id)
    }

    /// Why a criterion is passed by what was seen.
    fn passed(&self, id: &str) -> Option<String> {
        let found = self.criterion(id).filter(|it| it.verdict == GateState::Passed);
        found.map(|it| it.why.clone())
    }

    fn gate(&self, gate: GateId) -> Option<String> {
        let found = self.gates.iter().find(|it| it.gate == gate);
        found.filter(|it| it.verdict == GateState::Passed).map(|it| it.why.clone())
    }

    fn finding_is_ok(&self, ids: &[&str]) -> Option<String> {
        let ok = ids.iter().all(|id| {
            let mut all = self.seen.plan.preflight.iter();
            all.any(|it| it.id == *id && it.verdict == crate::preflight::Verdict::Ok)
        });
        ok.then(|| format!("{} found nothing.", ids.join(", ")))
    }

    /// Every one of these policies has reached a state.
    fn policies(&self, wanted: &[Standard], on: bool) -> Option<String> {
        let reached = wanted.iter().all(|which| match tenant::policy(self.seen.facts, *which) {
            Ok(Some(policy)) if on => policy.state == PolicyState::Enabled,
            Ok(Some(policy)) => policy.is_live(),
            _ => false,
        });
        let names: Vec<&str> = wanted.iter().map(|it| it.number()).collect();
        let what = if on { "On" } else { "at least in Report-only" };
        reached.then(|| format!("{} {what}.", names.join(", ")))
    }

    /// CA005 is On for all users.
    fn protects_registration(&self) -> Option<String> {
        let policy = tenant::policy(self.seen.facts, Standard::ProtectRegistration).ok()??;
        (policy.state == PolicyState::Enabled && policy.includes_all_users())
            .then(|| "CA005 On for all users.".to_owned())
    }

    fn no_accounts(&self, kinds: &[Kind]) -> Option<String> {
        self.seen.facts.snapshot.users.as_ref()?;
        let mut all = self.seen.plan.exceptions.accounts.iter();
        (!all.any(|it| kinds.contains(&it.kind))).then(|| "No such account is enabled.".to_owned())
    }

    /// A message went to everybody whom `to` names.
    fn sent(&self, message: &str, to: &[crate::Account]) -> Option<String> {
        let has_it = |account: &crate::Account| {
            let key = crate::engine::Sent::key_of(message, account);
            self.state.sent.get(&key).is_some_and(|it| it.at.is_some())
        };
        (!to.is_empty() && to.iter().all(has_it)).then(|| format!("Sent to all {}.", to.len()))
    }

    fn not_capable(&self) -> Vec<crate::Account> {
        let all = &self.seen.plan.registration.not_capable;
        all.iter().map(|it| it.account.clone()).collect()
    }

    /// The rate has reached a share.
    fn rate(&self, share: f64) -> Option<String> {
        let rate = self.seen.plan.registration.rate?;
        (rate >= share).then(|| format!("{} of the people in scope can pass MFA.", percent(rate)))
    }

    /// Whether the tenant itself tells if a task is done.
    pub(super) fn can_show(&self, task: &Task) -> bool {
        let snapshot = self.seen.facts.snapshot;
        match task.id.as_str() {
            "P-08" | "P-11" => snapshot.users.is_some() && snapshot.groups.is_some(),
            "P-23" | "P-24" | "R-04" | "L-01" | "L-02" | "E-03" | "E-05" | "V-12" => {
                snapshot.policies.is_some()
            }
            "P-36" => snapshot.users.is_some(),
            "R-03" => snapshot.methods_policy.is_some(),
            "S-09" => snapshot.security_defaults.is_some(),
            _ => false,
        }
    }

    /// Why a person's word does not hold against what was seen since: the legacy client is still in
    /// use.
    pub(super) fn contradicted(&self, task: &Task) -> Option<String> {
        const QUIET: [&str; 6] = ["R-08", "R-09", "R-10", "R-11", "R-12", "R-13"];
        let word = self.state.attestations.get(&task.id)?;
        if !QUIET.contains(&task.id.as_str()) {
            return None;
        }
        let legacy = self.seen.plan.legacy.as_ref()?;
        let is_of_task = |line: &str| task.subjects.iter().any(|it| it.starts_with(line));
        let still = legacy.dependencies.iter().find(|it| {
            let client = it.client_app.as_deref().unwrap_or("client app not told");
            it.last_seen.is_some_and(|seen| seen > word.at)
                && is_of_task(&format!("{}: {client}", it.account.label()))
        })?;
        let client = still.client_app.as_deref().unwrap_or("a legacy client");
        Some(format!(
            "{} states that it is done, and {} signed in by {client} since.",
            word.by,
            still.account.label()
        ))
    }

    /// Rows of today of a task whose list changes day by day.
    pub(super) fn rows(&self, task: &Task) -> Vec<String> {
        let registration = &self.seen.plan.registration;
        match task.id.as_str() {
            "R-02" | "R-17" | "R-18" | "R-19" | "R-20" | "S-04" => registration
                .not_capable
                .iter()
                .map(|it| {
                    let seen = self.seen.facts.activity(&it.account);
                    let asked = match seen {
                        Some(seen) if seen.interactive_successes > 0 => "",
                        Some(_) => " · never at a prompt: a pass or an ended session, no call",
                        None => " · not seen in the log",
                    };
                    format!("{}: {}{asked}", it.account.label(), it.reason)
                })
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// Tasks that criteria of gates show to be done, each with all that must be passed.
const BY_CRITERIA: [(&str, &[&str]); 21] = [
    ("P-07", &["G1.findings", "G1.break-glass"]),
    ("P-13", &["G1.proven"]),
    ("P-17", &["G1.legacy-owners"]),
    ("P-27", &["G1.break-glass"]),
    ("P-30", &["G1.classified"]),
    ("P-36", &["G1.dormant"]),
    ("L-03", &["G6.desktop"]),
    ("L-04", &["G6.phone"]),
    ("L-05", &["G6.personal"]),
    ("L-06", &["G6.unenrolled"]),
    ("L-07", &["G6.challenges", "G6.failures"]),
    ("L-08", &["G6.break-glass"]),
    ("E-06", &["G8.break-glass"]),
    ("V-01", &["G8.failures"]),
    ("V-04", &["G8.single-factor"]),
    ("V-06", &["G8.registration"]),
    ("V-07", &["G8.legacy"]),
    ("V-08", &["G8.break-glass"]),
    ("V-09", &["G8.failures", "G8.single-factor"]),
    ("S-11", &["G8.single-factor"]),
    ("S-12", &["G8.break-glass"]),
];

/// What shows that a task is done. `None`: nothing that was seen does.
pub(super) fn shown(view: &View<'_>, task: &Task) -> Option<String> {
    if let Some((_, criteria)) = BY_CRITERIA.iter().find(|(id, _)| *id == task.id) {
        let shown: Option<Vec<String>> = criteria.iter().map(|it| view.passed(it)).collect();
        return shown.map(|it| it.join(" "));
    }
    match task.id.as_str() {
        id if id.starts_with('P') => prepare(view, id),
        id if id.starts_with('R') => register(view, id),
        id if id.starts_with('L') => pilot(view, id),
        id if id.starts_with('E') => enforce(view, id),
        id if id.starts_with('V') => validate(view, id),
        "S-09" => (view.seen.facts.snapshot.security_defaults == Some(true))
            .then(|| "Security defaults are on.".to_owned()),
        _ => None,
    }
}

/// Why the criteria that would show a task do not; what helps stands with the gate. `None`: no
/// criterion shows it.
pub(super) fn not_shown(view: &View<'_>, task: &Task) -> Option<String> {
    let (_, criteria) = BY_CRITERIA.iter().find(|(id, _)| *id == task.id)?;
    let mut all = criteria.iter().filter_map(|id| view.criterion(id));
    all.find(|it| it.verdict != GateState::Passed).map(|it| it.why.clone())
}

fn prepare(view: &View<'_>, id: &str) -> Option<String> {
    let seen = view.seen;
    match id {
        "P-01" => {
            let agreed = view.state.schedule.as_ref()?;
            Some(format!("Agreed by {}: MFA for all on {}.", agreed.by, agreed.enforce))
        }
        "P-02" => seen.snapshot_taken.map(|at| format!("The snapshot of {at:.0} is kept.")),
        "P-06" => view.finding_is_ok(&["TN-04"]),
        "P-08" | "P-11" => is_nothing(&tenant::break_glass_draft(seen, ""))
            .then(|| "The accounts, their role and their group are there.".to_owned()),
        "P-10" => view.finding_is_ok(&["BG-02"]),
        "P-12" => view.finding_is_ok(&["BG-08"]).filter(|_| alert_tested(view)),
        "P-14" => {
            let proven = &seen.plan.proof.as_ref()?.administrators_who_can_sign_in;
            (proven.len() >= 2).then(|| format!("{} administrators passed MFA.", proven.len()))
        }
        "P-15" => {
            let legacy = seen.plan.legacy.as_ref()?;
            let (days, asked) = (legacy.window.days_covered, legacy.window.days_asked);
            Some(format!("The audit covers {days} of {asked} days."))
        }
        "P-16" => view
            .passed("G1.legacy-coverage")
            .filter(|_| !view.state.attestations.contains_key("P-16")),
        "P-21" => methods_allowed(view),
        "P-23" => view.policies(
            &[
                Standard::Pilot,
                Standard::Administrators,
                Standard::AzureManagement,
                Standard::DeviceCode,
            ],
            false,
        ),
        "P-24" => view.policies(&[Standard::BlockLegacy], false),
        "P-31" => view.no_accounts(&[Kind::SharedMailbox]),
        "P-41" => seen
            .facts
            .group(crate::plan::EXCEPTIONS_GROUP)
            .map(|_| "The group is there.".to_owned()),
        _ => None,
    }
}

fn alert_tested(view: &View<'_>) -> bool {
    view.seen.facts.rollout.break_glass.alert_tested.is_some()
        && !view.state.attestations.contains_key("P-12")
}

/// The three methods are on, and the migration of the old pages is over.
fn methods_allowed(view: &View<'_>) -> Option<String> {
    let policy = view.seen.facts.snapshot.methods_policy.as_ref()?;
    let wanted = ["microsoftauthenticator", "fido2", "temporaryaccesspass"];
    let is_on = |wanted: &&str| {
        let mut all = policy.methods.iter();
        all.any(|it| it.id.eq_ignore_ascii_case(wanted) && it.enabled == Some(true))
    };
    (wanted.iter().all(is_on) && policy.migration_complete == Some(true))
        .then(|| "Authenticator, passkeys and passes are allowed.".to_owned())
}

fn register(view: &View<'_>, id: &str) -> Option<String> {
    let seen = view.seen;
    let thresholds = &seen.facts.rollout.thresholds;
    match id {
        "R-02" => (seen.facts.snapshot.security_defaults == Some(true)).then(|| {
            "Security defaults are on: they make people register at the next sign-in.".to_owned()
        }),
        "R-03" => {
            let policy = seen.facts.snapshot.methods_policy.as_ref()?;
            let state = policy.campaign.as_ref()?.state.as_deref()?;
            (state == "enabled").then(|| "The campaign is on.".to_owned())
        }
        "R-04" => view.protects_registration(),
        "R-05" | "R-20" => view.gate(GateId::G4),
        "R-06" => view.gate(GateId::G5),
        "R-17" => view
            .rate(thresholds.reminder_below)
            .map(|why| format!("Not needed: {why}"))
            .or_else(|| view.sent("reminder", &view.not_capable())),
        "R-18" => {
            let missing = view.not_capable();
            let known = seen.plan.registration.rate.is_some();
            if missing.is_empty() && known {
                return Some("Nobody is missing.".to_owned());
            }
            view.sent("personal-note", &missing)
        }
        "R-19" => (view.not_capable().is_empty() && seen.plan.registration.rate.is_some())
            .then(|| "Nobody is missing.".to_owned()),
        "R-21" => {
            let capable = tenant::capable(seen)?;
            let filled = is_nothing(&draft::bridge(seen.facts, "", &capable));
            (filled || view.switched.is_yes())
                .then(|| format!("The {} people who can pass MFA are in it.", capable.len()))
        }
        _ => None,
    }
}

fn pilot(view: &View<'_>, id: &str) -> Option<String> {
    match id {
        "L-01" if view.seen.facts.snapshot.security_defaults == Some(false) => {
            view.policies(&[Standard::Pilot], true)
        }
        "L-01" => view.policies(&[Standard::Pilot], false),
        "L-02" => view.policies(&[Standard::BlockLegacy], true),
        _ => None,
    }
}

fn enforce(view: &View<'_>, id: &str) -> Option<String> {
    match id {
        "E-03" if tenant::second_ring(view.state, view.seen).is_yes() => {
            Some("CA001 is On for the pilot and the bridge group.".to_owned())
        }
        "E-03" | "E-05" => view.switched.is_yes().then(|| "CA001 is On for all users.".to_owned()),
        "E-04" => view.canary.clone(),
        "E-07" => view.gate(GateId::G7),
        _ => None,
    }
}

fn validate(view: &View<'_>, id: &str) -> Option<String> {
    match id {
        "V-02" => {
            let drafted = draft::retire_per_user_mfa(view.seen.facts);
            (view.switched.is_yes() && is_nothing(&drafted))
                .then(|| "Nobody has per-user MFA any more.".to_owned())
        }
        "V-05" => view.finding_is_ok(&["BG-05"]),
        "V-12" => view.protects_registration(),
        _ => None,
    }
}
