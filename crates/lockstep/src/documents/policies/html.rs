//! The policies and the matrix as one page that needs nothing else.

use askama::Template;
use conditional_access::State as PolicyState;
use rollout::policy_matrix::{
    AccountClass, AskedBy, Cell, MatrixAccount, PolicyMatrix, PolicyReach,
};
use rollout::preflight::{AuditedPolicy, Severity, Verdict};

use super::{PolicySetOf, SENTENCES, enabled, kinds, name, notes};
use crate::documents::DocumentError;
use crate::plain_text::one_line;
use crate::words;

/// Cells that one table of the page shows at most; what is more stands in the other documents.
const MOST_CELLS: usize = 20_000;
/// Rows that one table shows at most, however few its columns.
const MOST_ROWS: usize = 500;
/// Names of one class that the page shows.
const MOST_MEMBERS: usize = 200;
/// Of how many names a class is shown unfolded.
const OPEN_MEMBERS: usize = 4;

/// A word with a shape and a colour that say the same.
#[derive(Debug)]
struct Mark {
    shape: &'static str,
    class: &'static str,
    word: String,
    /// Why, in a few words; empty where there is nothing to say.
    note: String,
}

impl Mark {
    fn new(shape: &'static str, class: &'static str, word: &str) -> Self {
        Self { shape, class, word: word.to_owned(), note: String::new() }
    }

    fn of_cell(cell: &Cell) -> Self {
        let (mut mark, note) = match cell {
            Cell::Reached => (Self::new("●", "reached", "reached"), &[][..]),
            Cell::Excluded(by) => (Self::new("○", "excluded", "excluded"), by.as_slice()),
            Cell::NotIncluded => (Self::new("·", "quiet", "no"), &[][..]),
            Cell::Unknown(missed) => (Self::new("▲", "unknown", "unknown"), missed.as_slice()),
        };
        mark.note = one_line(&note.join(", "));
        mark
    }

    /// Accounts that are meant to be asked by nobody alarm nobody.
    fn of_asked(asked: AskedBy, alarming: bool) -> Self {
        let (shape, class) = match asked {
            AskedBy::Nobody | AskedBy::ReportOnly if alarming => ("■", "danger"),
            AskedBy::Nobody | AskedBy::ReportOnly => ("■", "quiet"),
            AskedBy::Unknown => ("▲", "caution"),
            AskedBy::Sometimes => ("◐", "caution"),
            AskedBy::Always => ("●", "good"),
        };
        Self::new(shape, class, words::asked_by(asked))
    }

    fn of_state(state: PolicyState) -> Self {
        let (shape, class) = match state {
            PolicyState::Enabled => ("●", "good"),
            PolicyState::EnabledForReportingButNotEnforced => ("◐", "caution"),
            PolicyState::Disabled => ("○", "quiet"),
            PolicyState::Unknown => ("▲", "caution"),
        };
        Self::new(shape, class, words::policy_state(state))
    }
}

#[derive(Debug)]
struct Figure {
    label: &'static str,
    value: String,
    note: &'static str,
    class: &'static str,
}

/// A policy in words.
#[derive(Debug)]
struct Policy {
    number: usize,
    name: String,
    state: Mark,
    who: String,
    except: String,
    when: Vec<String>,
    demands: Vec<String>,
    /// Reached, excluded, not included, unknown; empty where nobody could be held against it.
    counts: Vec<String>,
}

/// A column of the matrix.
#[derive(Debug)]
struct Column {
    number: usize,
    name: String,
    state: Mark,
}

/// A row of one of the matrices.
#[derive(Debug)]
struct Row {
    name: String,
    note: String,
    asked: Mark,
    counts: String,
    cells: Vec<Mark>,
    /// Further names of the class, folded away, and how many find no room.
    members: Vec<String>,
    more: String,
}

#[derive(Debug)]
struct Finding {
    id: &'static str,
    state: Mark,
    subject: String,
    fix: String,
}

#[derive(Template)]
#[template(path = "policies.html")]
struct Page {
    tenant: String,
    figures: Vec<Figure>,
    sentences: [&'static str; 4],
    policies: Vec<Policy>,
    has_matrix: bool,
    columns: Vec<Column>,
    columns_left_out: String,
    unasked: Vec<Row>,
    unasked_rest: String,
    classes: Vec<Row>,
    classes_rest: String,
    accounts: Vec<Row>,
    accounts_rest: String,
    notes: Vec<String>,
    findings: Vec<Finding>,
    gaps: Vec<[String; 3]>,
    made: String,
    as_of: String,
}

/// The page.
///
/// # Errors
/// When the template cannot be filled in.
pub fn html(of: &PolicySetOf<'_>) -> Result<String, DocumentError> {
    page(of).render().map_err(DocumentError::Html)
}

fn page(of: &PolicySetOf<'_>) -> Page {
    let Tables { columns, columns_left_out, unasked, classes, accounts } = Tables::of(of.matrix);
    let numbered = (1..).zip(&of.audit.policies);
    Page {
        tenant: one_line(of.tenant),
        figures: figures(of),
        sentences: SENTENCES,
        policies: numbered
            .map(|(number, policy)| {
                let reach = of.matrix.and_then(|matrix| matrix.policies.get(number - 1));
                Policy::of(number, policy, reach)
            })
            .collect(),
        has_matrix: of.matrix.is_some(),
        columns,
        columns_left_out,
        unasked: unasked.0,
        unasked_rest: unasked.1,
        classes: classes.0,
        classes_rest: classes.1,
        accounts: accounts.0,
        accounts_rest: accounts.1,
        notes: of.audit.policies.iter().flat_map(notes).map(|note| one_line(&note)).collect(),
        findings: findings(of),
        gaps: of
            .audit
            .gaps
            .iter()
            .map(|gap| [one_line(&gap.what), one_line(&gap.so), one_line(&gap.close_with)])
            .collect(),
        made: words::moment(of.now),
        as_of: words::moment(of.as_of),
    }
}

/// The rows that a table shows, and how many more there are, in words.
type Cut = (Vec<Row>, String);

#[derive(Debug, Default)]
struct Tables {
    columns: Vec<Column>,
    columns_left_out: String,
    unasked: Cut,
    classes: Cut,
    accounts: Cut,
}

impl Tables {
    fn of(matrix: Option<&PolicyMatrix>) -> Self {
        let Some(matrix) = matrix else { return Self::default() };
        let columns = matrix.policies.len().min(MOST_CELLS);
        let rows = (MOST_CELLS / columns.max(1)).clamp(1, MOST_ROWS);
        let cut = |all: usize, shown: Vec<Row>| {
            let rest = all.saturating_sub(shown.len());
            let rest = if rest > 0 { number(rest) } else { String::new() };
            (shown, rest)
        };
        let unasked = matrix.asked_by_nobody();
        let unasked = unasked.take(MOST_ROWS).map(|(it, _)| Row::of_account(matrix, it, 0));
        let classes = matrix.classes.iter().take(rows);
        let classes = classes.map(|class| Row::of_class(matrix, class, columns));
        let accounts = matrix.accounts.iter().take(rows);
        let accounts = accounts.map(|account| Row::of_account(matrix, account, columns));
        let left_out = matrix.policies.len() - columns;
        Self {
            columns: (1..).zip(matrix.policies.iter().take(columns)).map(Column::of).collect(),
            columns_left_out: if left_out > 0 { number(left_out) } else { String::new() },
            unasked: cut(matrix.asked_by_nobody().count(), unasked.collect()),
            classes: cut(matrix.classes.len(), classes.collect()),
            accounts: cut(matrix.accounts.len(), accounts.collect()),
        }
    }
}

fn number(count: usize) -> String {
    words::number(u64::try_from(count).unwrap_or(u64::MAX))
}

fn figures(of: &PolicySetOf<'_>) -> Vec<Figure> {
    let policies = &of.audit.policies;
    let on = policies.iter().filter(|it| it.state == PolicyState::Enabled).count();
    let told = of.audit.total.is_some();
    let mut figures = vec![
        Figure {
            label: "Policies",
            value: if told { number(policies.len()) } else { "unknown".to_owned() },
            note: "of any state",
            class: if told { "plain" } else { "unknown" },
        },
        Figure {
            label: "On",
            value: if told { number(on) } else { "unknown".to_owned() },
            note: "the others ask nobody",
            class: if told { "plain" } else { "unknown" },
        },
    ];
    let Some(matrix) = of.matrix else { return figures };
    let enabled = |wanted: &[AskedBy]| {
        let rows = matrix.accounts.iter().filter(|it| it.enabled != Some(false));
        let asked = rows.filter_map(|it| matrix.class_of(it)).map(|class| class.asked.by());
        asked.filter(|asked| wanted.contains(asked)).count()
    };
    let nobody = enabled(&[AskedBy::Nobody, AskedBy::ReportOnly]);
    let unknown = enabled(&[AskedBy::Unknown]);
    figures.extend([
        Figure {
            label: "Accounts",
            value: number(matrix.accounts.len()),
            note: "users of the directory",
            class: "plain",
        },
        Figure {
            label: "Asked by nobody",
            value: number(nobody),
            note: "enabled, no policy On asks for MFA",
            class: if nobody > 0 { "danger" } else { "good" },
        },
        Figure {
            label: "Cannot say",
            value: number(unknown),
            note: "memberships were not told",
            class: if unknown > 0 { "caution" } else { "good" },
        },
    ]);
    figures
}

impl Policy {
    fn of(number_of: usize, policy: &AuditedPolicy, reach: Option<&PolicyReach>) -> Self {
        let said = &policy.words;
        let list = |list: &[String]| one_line(&list.join(", "));
        let mut resources = list(&said.resources);
        if !said.except_resources.is_empty() {
            resources.push_str(" except ");
            resources.push_str(&list(&said.except_resources));
        }
        let mut when = vec![resources];
        when.extend(said.conditions.iter().map(|it| one_line(it)));
        let mut demands = vec![one_line(&said.demands)];
        demands.extend(said.session.iter().map(|it| one_line(it)));
        let counts = reach.map(|it| [it.reached, it.excluded, it.not_included, it.unknown]);
        Self {
            number: number_of,
            name: one_line(&name(policy)),
            state: Mark::of_state(policy.state),
            who: list(&said.who),
            except: list(&said.except),
            when,
            demands,
            counts: counts.into_iter().flatten().map(words::number).collect(),
        }
    }
}

impl Column {
    fn of((number_of, policy): (usize, &PolicyReach)) -> Self {
        let named = Some(policy.display_name.trim()).filter(|name| !name.is_empty());
        let named = named.or(policy.id.as_deref()).unwrap_or("(no name)");
        Self { number: number_of, name: one_line(named), state: Mark::of_state(policy.state) }
    }
}

impl Row {
    fn of_class(matrix: &PolicyMatrix, class: &AccountClass, columns: usize) -> Self {
        let label = |it: &MatrixAccount| one_line(it.account.label());
        let mut members: Vec<String> =
            matrix.accounts_of(class).take(MOST_MEMBERS).map(label).collect();
        let more = class.accounts.len().saturating_sub(members.len());
        let folded =
            if members.len() > OPEN_MEMBERS { members.split_off(OPEN_MEMBERS) } else { Vec::new() };
        let alarming = matrix.accounts_of(class).any(is_alarming);
        Self {
            name: format!(
                "{}: {}",
                words::count(words::length(&class.accounts), "account", "accounts"),
                kinds(matrix, class)
            ),
            note: members.join(", "),
            asked: Mark::of_asked(class.asked.by(), alarming),
            counts: counts(class),
            cells: matrix.cells_of(class).take(columns).map(Mark::of_cell).collect(),
            members: folded,
            more: if more > 0 { number(more) } else { String::new() },
        }
    }

    fn of_account(matrix: &PolicyMatrix, account: &MatrixAccount, columns: usize) -> Self {
        let class = matrix.class_of(account);
        let mut note = words::kind(account.kind).to_owned();
        if account.enabled != Some(true) {
            note.push_str(", enabled: ");
            note.push_str(enabled(account.enabled));
        }
        let asked = class.map_or(AskedBy::Unknown, |class| class.asked.by());
        let cells = class.into_iter().flat_map(|class| matrix.cells_of(class));
        Self {
            name: one_line(account.account.label()),
            note,
            asked: Mark::of_asked(asked, is_alarming(account)),
            counts: class.map(counts).unwrap_or_default(),
            cells: cells.take(columns).map(Mark::of_cell).collect(),
            members: Vec::new(),
            more: String::new(),
        }
    }
}

/// True for an account that somebody ought to ask: enabled, and not one that is meant to be exempt.
fn is_alarming(account: &MatrixAccount) -> bool {
    use rollout::exceptions::Kind;
    account.enabled != Some(false)
        && !matches!(account.kind, Kind::BreakGlass | Kind::Sync | Kind::Room | Kind::Service)
}

/// How many policies ask, in a few words.
fn counts(class: &AccountClass) -> String {
    let asked = class.asked;
    let mut said = format!("{} On", asked.on);
    if asked.report_only > 0 {
        said.push_str(&format!(", {} Report-only", asked.report_only));
    }
    if asked.unknown > 0 {
        said.push_str(&format!(", {} unknown", asked.unknown));
    }
    said
}

fn findings(of: &PolicySetOf<'_>) -> Vec<Finding> {
    of.audit
        .open_findings()
        .map(|finding| {
            let (shape, class, word) = match (finding.verdict, finding.severity) {
                (Verdict::Inconclusive, _) => ("▲", "caution", "cannot say"),
                (_, Severity::Block) => ("■", "danger", "blocks"),
                (_, Severity::Warn) => ("▲", "caution", "warns"),
                (_, Severity::Info) => ("○", "quiet", "informs"),
            };
            let fix = match (&finding.verdict, &finding.needs) {
                (Verdict::Inconclusive, Some(needs)) => format!("Needs {needs}."),
                _ => finding.fix.to_owned(),
            };
            Finding {
                id: finding.id,
                state: Mark::new(shape, class, word),
                subject: one_line(&finding.subject),
                fix: one_line(&fix),
            }
        })
        .collect()
}
