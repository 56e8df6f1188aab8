//! The plan as one self-contained page: no script, no request, prints well.
//!
//! The page is filled in by a template that escapes everything; what is prepared here is plain
//! text. Long lists are cut so that the page stays light; the whole lists are in the spreadsheet.

mod lists;
mod lockout;

use askama::Template;
use rollout::plan::{GateState, Plan};
use rollout::preflight::Verdict;

use super::DocumentError;
use super::chart::{bars::Bars, columns::Columns, curve::Curve, gantt::Gantt};
use crate::plain_text::one_line;
use crate::words;
use lists::{Account, Capped, Dependency, FindingRow, Person, Remedy, Task, Treatment};
use lockout::{CaughtRow, Lockout, Proven};

/// A state: word, shape and colour say the same.
#[derive(Debug, Clone)]
struct State {
    word: String,
    shape: &'static str,
    class: &'static str,
}

impl State {
    fn new(word: &str, shape: &'static str, class: &'static str) -> Self {
        Self { word: word.to_owned(), shape, class }
    }

    fn of_gate(gate: GateState) -> Self {
        let (shape, class) = match gate {
            GateState::Passed => ("●", "good"),
            GateState::Failed | GateState::Error => ("■", "danger"),
            GateState::Inconclusive => ("▲", "caution"),
            GateState::Pending | GateState::Running => ("○", "quiet"),
        };
        Self::new(words::gate(gate), shape, class)
    }
}

/// A key figure.
#[derive(Debug)]
struct Figure {
    label: &'static str,
    value: String,
    note: String,
    class: &'static str,
}

/// One day of tasks.
#[derive(Debug)]
struct Day {
    heading: String,
    step: &'static str,
    tasks: Vec<Task>,
}

#[derive(Debug)]
struct Gate {
    id: &'static str,
    date: String,
    question: String,
    thresholds: Vec<String>,
    state: State,
    why: String,
}

/// A row of texts.
type Row = Vec<String>;

#[derive(Debug)]
struct Message {
    subject: String,
    to: String,
    send_on: String,
    body: String,
}

#[derive(Debug)]
struct ChangeSet {
    id: &'static str,
    title: String,
    date: String,
    danger: State,
    changes: Vec<String>,
    inverse: String,
    reason: String,
    requests: Vec<Request>,
}

/// A request ready to be pasted: what for, and its lines.
#[derive(Debug)]
struct Request {
    purpose: String,
    line: String,
    body: String,
}

#[derive(Template)]
#[template(path = "plan.html")]
struct Page {
    tenant: String,
    domain: String,
    dates: String,
    time_zone: String,
    sentences: Vec<String>,
    figures: Vec<Figure>,
    serious: Vec<Row>,
    proposed: String,
    gantt: Option<Gantt>,
    steps: Vec<Row>,
    gates: Vec<Gate>,
    lockout: Option<Lockout>,
    proven: Option<Proven>,
    caught: Vec<CaughtRow>,
    caught_total: String,
    days: Vec<Day>,
    changes: Vec<ChangeSet>,
    registration_bars: Option<Bars>,
    registration_rows: Vec<Row>,
    curve: Option<Curve>,
    people: Capped<Person>,
    legacy_known: bool,
    legacy_sentence: String,
    legacy_bars: Option<Bars>,
    legacy_days: Option<Columns>,
    dependencies: Capped<Dependency>,
    remedies: Vec<Remedy>,
    kinds: Vec<Treatment>,
    accounts: Capped<Account>,
    found: Vec<FindingRow>,
    inconclusive: Vec<FindingRow>,
    fine: String,
    conversations: Vec<Row>,
    messages: Vec<Message>,
    criteria: Vec<Row>,
    cost: String,
    departures: Vec<Row>,
    platform_dates: Vec<Row>,
    minor: Vec<Row>,
    gaps: Vec<Row>,
    made: String,
    as_of: String,
    digest: String,
}

/// The page. `threshold` is the share of in-scope people (0–1) that must be capable before the
/// pilot.
///
/// # Errors
/// When the template cannot be filled in.
pub fn html(plan: &Plan, threshold: f64) -> Result<String, DocumentError> {
    page(plan, threshold).render().map_err(DocumentError::Html)
}

fn page(plan: &Plan, threshold: f64) -> Page {
    let registration = &plan.registration;
    let collisions = |serious: bool| {
        plan.collisions.iter().filter(move |it| it.serious == serious).map(collision).collect()
    };
    Page {
        tenant: one_line(&plan.tenant.name),
        domain: plan.tenant.domain.as_deref().map(one_line).unwrap_or_default(),
        dates: format!("{} to {}", words::date(plan.start), words::date(plan.end)),
        time_zone: one_line(&plan.time_zone),
        sentences: plan.summary.sentences.iter().map(|it| one_line(it)).collect(),
        figures: figures(plan, threshold),
        serious: collisions(true),
        proposed: plan
            .proposed_start
            .filter(|proposed| *proposed != plan.start)
            .map(words::date)
            .unwrap_or_default(),
        gantt: Gantt::new(plan),
        steps: steps(plan),
        gates: gates(plan),
        lockout: plan.lockout.as_ref().map(Lockout::of),
        proven: plan.proof.as_ref().map(Proven::of),
        caught: lockout::caught(plan),
        caught_total: words::number(plan.caught.total),
        days: days(plan),
        changes: changes(plan),
        registration_bars: registration_bars(plan),
        registration_rows: registration_rows(plan),
        curve: Curve::new(&registration.series, threshold),
        people: Capped::of(&registration.not_capable, Person::of),
        legacy_known: plan.legacy.is_some(),
        legacy_sentence: legacy_sentence(plan),
        legacy_bars: legacy_bars(plan),
        legacy_days: plan.legacy.as_ref().and_then(|audit| Columns::new(&audit.by_day)),
        dependencies: Capped::of(
            plan.legacy.as_ref().map_or(&[], |audit| &audit.dependencies),
            Dependency::of,
        ),
        remedies: lists::remedies(plan),
        kinds: lists::treatments(plan),
        accounts: Capped::of(&plan.exceptions.accounts, Account::of),
        found: lists::findings(plan, Verdict::Found),
        inconclusive: lists::findings(plan, Verdict::Inconclusive),
        fine: fine(plan),
        conversations: plan
            .conversations
            .iter()
            .map(|it| vec![words::date(it.by), one_line(&it.with), one_line(&it.about)])
            .collect(),
        messages: messages(plan),
        criteria: plan
            .success_criteria
            .iter()
            .map(|it| vec![one_line(&it.title), one_line(&it.measured_by), one_line(&it.today)])
            .collect(),
        cost: one_line(&plan.cost_of_waiting.sentence),
        departures: departures(plan),
        platform_dates: platform_dates(plan),
        minor: collisions(false),
        gaps: gaps(plan),
        made: words::moment(plan.generated_at),
        as_of: words::moment(plan.as_of),
        digest: one_line(&plan.made_from),
    }
}

fn departures(plan: &Plan) -> Vec<Row> {
    plan.departures
        .iter()
        .map(|it| vec![one_line(&it.classic), one_line(&it.instead), one_line(&it.because)])
        .collect()
}

fn platform_dates(plan: &Plan) -> Vec<Row> {
    plan.platform_dates
        .iter()
        .map(|it| vec![words::date(it.date), one_line(&it.event), one_line(&it.means)])
        .collect()
}

fn gaps(plan: &Plan) -> Vec<Row> {
    plan.gaps
        .iter()
        .map(|it| vec![one_line(&it.what), one_line(&it.so), one_line(&it.close_with)])
        .collect()
}

fn collision(collision: &rollout::plan::Collision) -> Row {
    vec![
        words::date(collision.date),
        one_line(&collision.what),
        one_line(&collision.with),
        collision.proposed.map_or_else(|| "none found".to_owned(), words::date),
    ]
}

fn figures(plan: &Plan, threshold: f64) -> Vec<Figure> {
    let summary = &plan.summary;
    let registration = &plan.registration;
    let as_of =
        registration.as_of.map_or_else(|| "age of the data not told".to_owned(), words::moment);
    let open = |count: Option<u64>| match count {
        Some(0) => "good",
        Some(_) => "caution",
        None => "unknown",
    };
    let rate_class = match summary.rate {
        Some(rate) if rate >= threshold => "good",
        Some(_) => "caution",
        None => "unknown",
    };
    vec![
        Figure {
            label: "People in scope",
            value: words::known(summary.people),
            note: "enabled, active, a person".to_owned(),
            class: if summary.people.is_some() { "plain" } else { "unknown" },
        },
        Figure {
            label: "Can pass MFA today",
            value: words::percent(summary.rate),
            note: as_of,
            class: rate_class,
        },
        Figure {
            label: "Must still register",
            value: words::known(summary.to_register),
            note: "before the pilot".to_owned(),
            class: open(summary.to_register),
        },
        lockout_figure(plan),
        Figure {
            label: "Legacy dependencies",
            value: words::known(summary.dependencies),
            note: "stop working under MFA".to_owned(),
            class: open(summary.dependencies),
        },
        Figure {
            label: "Blocking findings",
            value: words::number(summary.blockers),
            note: "to settle before their step".to_owned(),
            class: if summary.blockers == 0 { "good" } else { "danger" },
        },
    ]
}

/// Who would be locked out today. Accounts of which nobody can say stand beside the figure.
fn lockout_figure(plan: &Plan) -> Figure {
    let label = "Locked out by MFA today";
    let Some(impact) = &plan.lockout else {
        let note = "no sign-in log was read".to_owned();
        return Figure { label, value: "unknown".to_owned(), note, class: "unknown" };
    };
    let users = &impact.users;
    let note = match users.unknown {
        0 => format!("of {}", words::count(users.total, "account", "accounts")),
        unknown => format!(
            "of {}; {} unknown",
            words::count(users.total, "account", "accounts"),
            words::number(unknown)
        ),
    };
    let class = match (users.locked_out(), users.unknown) {
        (0, 0) => "good",
        (0, _) => "caution",
        _ => "danger",
    };
    let value = match (users.locked_out(), users.unknown) {
        (locked, 0) => words::number(locked),
        (0, _) => "none known".to_owned(),
        (locked, _) => format!("≥ {}", words::number(locked)),
    };
    Figure { label, value, note, class }
}

fn steps(plan: &Plan) -> Vec<Row> {
    plan.steps
        .iter()
        .map(|step| {
            vec![
                words::stage(step.id).to_owned(),
                words::span(step.first_day.to_string(), step.last_day.to_string()),
                words::span(words::short_date(step.first_date), words::short_date(step.last_date)),
                one_line(&step.what),
            ]
        })
        .collect()
}

fn gates(plan: &Plan) -> Vec<Gate> {
    plan.gates
        .iter()
        .map(|gate| Gate {
            id: gate.id,
            date: words::short_date(gate.date),
            question: one_line(&gate.question),
            thresholds: gate.thresholds.iter().map(|it| one_line(it)).collect(),
            state: State::of_gate(gate.today),
            why: one_line(&gate.why),
        })
        .collect()
}

fn days(plan: &Plan) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    let mut date = None;
    for task in &plan.tasks {
        if date != Some(task.date) {
            date = Some(task.date);
            days.push(Day {
                heading: format!("Day {} · {}", task.day, words::short_date(task.date)),
                step: words::stage(task.step),
                tasks: Vec::new(),
            });
        }
        if let Some(day) = days.last_mut() {
            day.tasks.push(Task::of(task));
        }
    }
    days
}

fn changes(plan: &Plan) -> Vec<ChangeSet> {
    plan.change_sets
        .iter()
        .map(|set| ChangeSet {
            id: set.id,
            title: one_line(&set.title),
            date: words::date(set.date),
            danger: match set.danger {
                "severe" => State::new("severe", "■", "danger"),
                "moderate" => State::new("moderate", "▲", "caution"),
                other => State::new(other, "○", "quiet"),
            },
            changes: set.changes.iter().map(|it| one_line(it)).collect(),
            inverse: one_line(&set.inverse),
            reason: one_line(&set.reason),
            requests: set.requests.iter().map(Request::of).collect(),
        })
        .collect()
}

impl Request {
    fn of(request: &rollout::plan::GraphRequest) -> Self {
        Self {
            purpose: one_line(&request.purpose),
            line: format!("{} {}", request.method, one_line(&request.path)),
            body: request.body.clone(),
        }
    }
}

fn registration_bars(plan: &Plan) -> Option<Bars> {
    let people = plan.registration.denominators.in_scope_people?;
    let capable = plan.registration.capable?;
    Bars::new(&[
        ("Can pass MFA".to_owned(), capable, "good"),
        ("Cannot yet".to_owned(), people.saturating_sub(capable), "danger"),
    ])
}

fn registration_rows(plan: &Plan) -> Vec<Row> {
    let it = &plan.registration;
    let of = |of: rollout::registration::CapableOf| format!("{} of {}", of.capable, of.of);
    let unknown = || "unknown".to_owned();
    [
        ("In-scope people", words::known(it.denominators.in_scope_people)),
        ("Capable: registered and allowed by policy", words::known(it.capable)),
        ("Registered, allowed or not", words::known(it.registered)),
        ("Share of in-scope people", words::percent(it.rate)),
        ("Share of all enabled members", words::percent(it.rate_of_enabled_members)),
        ("Administrators capable", it.administrators.map_or_else(unknown, of)),
        ("Guests capable", it.guests.map_or_else(unknown, of)),
        ("Need not register again", words::known(it.carried_over)),
        ("Only text message or voice call", words::number(words::length(&it.sms_only))),
        (
            "Registered a method policy does not allow",
            words::number(words::length(&it.registered_not_capable)),
        ),
        ("Enabled accounts nobody could classify", words::known(it.denominators.unclassified)),
        ("Security keys to have in stock", words::number(it.keys_to_stock)),
    ]
    .into_iter()
    .map(|(name, figure)| vec![name.to_owned(), figure])
    .collect()
}

fn legacy_sentence(plan: &Plan) -> String {
    let Some(audit) = &plan.legacy else {
        return "No sign-in log was read, so nothing can be said about legacy authentication. \
                Unknown is not none."
            .to_owned();
    };
    let kind = |told: Option<bool>| match told {
        Some(true) => "are in the log",
        Some(false) => "are not in the log",
        None => "may or may not be in the log",
    };
    format!(
        "{} of {} days covered. Interactive sign-ins {}; non-interactive ones {}. {} legacy \
         successes of {}; {} legacy failures are noise.",
        audit.window.days_covered,
        audit.window.days_asked,
        kind(audit.coverage.interactive),
        kind(audit.coverage.non_interactive),
        words::number(audit.totals.legacy_successes),
        words::count(audit.totals.sign_ins, "sign-in", "sign-ins"),
        words::number(audit.totals.legacy_failures),
    )
}

fn legacy_bars(plan: &Plan) -> Option<Bars> {
    let mut by_client_app = std::collections::BTreeMap::<String, u64>::new();
    for dependency in &plan.legacy.as_ref()?.dependencies {
        let app = dependency.client_app.as_deref().map_or_else(|| "not told".to_owned(), one_line);
        let count = by_client_app.entry(app).or_default();
        *count = count.saturating_add(dependency.succeeded);
    }
    let mut rows =
        by_client_app.into_iter().map(|(app, count)| (app, count, "legacy")).collect::<Vec<_>>();
    rows.sort_by_key(|row| std::cmp::Reverse(row.1));
    rows.truncate(12);
    Bars::new(&rows)
}

fn fine(plan: &Plan) -> String {
    let ids = |verdict: Verdict| {
        let found = plan.preflight.iter().filter(|it| it.verdict == verdict);
        let ids = found.map(|it| it.id).collect::<Vec<_>>();
        if ids.is_empty() { "none".to_owned() } else { ids.join(", ") }
    };
    format!(
        "Looked at, nothing found: {}. Not applicable here: {}.",
        ids(Verdict::Ok),
        ids(Verdict::NotApplicable)
    )
}

fn messages(plan: &Plan) -> Vec<Message> {
    plan.messages
        .iter()
        .map(|message| Message {
            subject: one_line(&message.subject),
            to: one_line(&message.to),
            send_on: words::date(message.send_on),
            body: message.body.lines().map(one_line).collect::<Vec<_>>().join("\n"),
        })
        .collect()
}
