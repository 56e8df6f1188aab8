//! The lockout list as people read it.

use rollout::impact::{Comparison, Cut, Impact, PersonImpact, UserCounts, UserOutcome};
use rollout::proposal::Against;

use crate::cli::say;
use crate::lockout_words;
use crate::page::{Page, Tone};
use crate::settings::Settings;
use crate::words;

/// People that are shown; the document has all of them.
const PEOPLE: usize = 20;

/// Rows of a cut that are shown.
const ROWS: usize = 10;

/// Characters of the longest bar.
const BAR: u64 = 20;

pub(super) fn page(impact: &Impact, settings: &Settings) -> Page {
    let mut page = Page::new(settings.width, settings.color);
    page.heading(&headline(impact));
    page.line(&judged(impact));
    page.table(&["outcome", "accounts", "", "means"], outcomes(&impact.users));
    page.line(&lockout_words::sign_ins(&impact.sign_ins));
    if !impact.assumptions.is_empty() {
        page.heading("Taken for granted");
        impact.assumptions.iter().for_each(|assumption| page.item(assumption));
    }
    people(&mut page, impact);
    for (heading, name, cuts) in [
        ("By app", "app", &impact.by_app),
        ("By client app", "client app", &impact.by_client_app),
        ("By platform", "platform", &impact.by_platform),
        ("By country", "country", &impact.by_country),
    ] {
        cut(&mut page, heading, name, cuts);
    }
    compared(&mut page, &impact.compared);
    page.heading("What it rests on");
    page.line(&say::coverage(&impact.window, &impact.coverage));
    say::gaps(&mut page, &impact.gaps);
    page
}

/// Never better than what is known: accounts of which nobody can say stand in the headline.
fn headline(impact: &Impact) -> String {
    let users = &impact.users;
    let (locked, unknown) = (users.locked_out(), users.unknown);
    let total = words::count(users.total, "account", "accounts");
    if users.total == 0 {
        return "Lockout list: no file tells of any account".to_owned();
    }
    match (locked, unknown) {
        (0, 0) => format!(
            "Lockout list: none of {total}, as far as {} of {} days show",
            impact.window.days_covered, impact.window.days_asked
        ),
        (0, _) => format!(
            "Lockout list: none known among {total}, and nobody can say of {}",
            words::number(unknown)
        ),
        (_, 0) => format!("Lockout list: {} of {total}", words::number(locked)),
        _ => format!(
            "Lockout list: at least {} of {total}, and nobody can say of {}",
            words::number(locked),
            words::number(unknown)
        ),
    }
}

fn judged(impact: &Impact) -> String {
    let policies = words::few(&impact.policies);
    match (impact.against, impact.policies.is_empty()) {
        (Against::Current, true) => "Judged: the tenant as it is; no policy was read.".to_owned(),
        (Against::Current, false) => format!("Judged: the tenant's own policies, {policies}."),
        (Against::Proposed, true) => "Judged: no policy.".to_owned(),
        (Against::Proposed, false) => {
            format!("Judged: {policies}, on top of what the tenant has.")
        }
    }
}

const fn tone(outcome: UserOutcome) -> Tone {
    match outcome {
        UserOutcome::Blocked | UserOutcome::Cannot => Tone::Danger,
        UserOutcome::BlockedLegacy | UserOutcome::MustRegister | UserOutcome::Unknown => {
            Tone::Caution
        }
        UserOutcome::Ready => Tone::Good,
        UserOutcome::NotTouched => Tone::Plain,
    }
}

fn outcomes(users: &UserCounts) -> Vec<Vec<(String, Tone)>> {
    let row = |(outcome, count): (UserOutcome, u64)| {
        let tone = if count > 0 { tone(outcome) } else { Tone::Plain };
        vec![
            (lockout_words::outcome(outcome).to_owned(), tone),
            (words::number(count), Tone::Figure),
            (bar(count, users.total), tone),
            (lockout_words::outcome_means(outcome).to_owned(), Tone::Plain),
        ]
    };
    lockout_words::by_outcome(users).into_iter().map(row).collect()
}

/// The share of all, as a bar. Whatever is not nothing shows.
fn bar(count: u64, of: u64) -> String {
    if count == 0 || of == 0 {
        return String::new();
    }
    let length = count.saturating_mul(BAR).saturating_add(of / 2) / of;
    "█".repeat(usize::try_from(length.clamp(1, BAR)).unwrap_or(1))
}

/// The people, worst first; those with the same reason stand together.
fn people(page: &mut Page, impact: &Impact) {
    let shown = impact.people.get(..PEOPLE).unwrap_or(&impact.people);
    let mut before = None;
    for group in lockout_words::alike(shown) {
        let Some(first) = group.first() else { continue };
        if before != Some(first.outcome) {
            before = Some(first.outcome);
            let all = impact.people.iter().filter(|it| it.outcome == first.outcome).count();
            page.heading(&format!(
                "{} ({all})",
                capitalised(lockout_words::outcome(first.outcome))
            ));
        }
        page.line(&format!("{} {}", first.why, first.next));
        group.iter().for_each(|person| page.item(&who(person)));
    }
    let more = impact.people.len().saturating_sub(shown.len());
    if more > 0 {
        let more = words::number(u64::try_from(more).unwrap_or(u64::MAX));
        page.line(&format!("and {more} more: `--format json` lists everyone."));
    }
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn who(person: &PersonImpact) -> String {
    let name = person.account.label();
    if person.sign_ins == 0 {
        return format!("{name}: no sign-in in the window");
    }
    let sign_ins = words::count(person.sign_ins, "sign-in", "sign-ins");
    if person.apps.is_empty() {
        return format!("{name}: {sign_ins}");
    }
    format!("{name}: {sign_ins} ({})", words::few(&person.apps))
}

/// The sign-ins by what they share: those that are blocked first.
fn cut(page: &mut Page, heading: &str, name: &str, cuts: &[Cut]) {
    if cuts.is_empty() {
        return;
    }
    page.heading(heading);
    let rows = lockout_words::worst_first(cuts).into_iter().take(ROWS).map(|cut| {
        let counts = &cut.sign_ins;
        let named = cut.name.as_ref().or(cut.id.as_ref());
        vec![
            (named.map_or_else(|| "not told".to_owned(), Clone::clone), Tone::Plain),
            (words::number(cut.users), Tone::Figure),
            (words::number(counts.total), Tone::Figure),
            (words::number(counts.blocked), Tone::Figure),
            (words::number(counts.challenged), Tone::Figure),
            (words::number(counts.unknown), Tone::Figure),
        ]
    });
    let header = [name, "accounts", "sign-ins", "blocked", "asked", "cannot say"];
    page.table(&header, rows.collect());
    let more = cuts.len().saturating_sub(ROWS);
    if more > 0 {
        page.line(&format!("and {more} more: `--format json` lists all."));
    }
}

/// What the log says of policies, beside what lockstep says.
fn compared(page: &mut Page, compared: &[Comparison]) {
    page.heading("The log's own verdicts, beside these");
    if compared.is_empty() {
        page.line("The log tells nothing of policies that were read, so nothing was compared.");
        return;
    }
    let rows = compared.iter().take(ROWS).map(|policy| {
        let differ = policy.compared.saturating_sub(policy.agree);
        let tone = if differ > 0 { Tone::Danger } else { Tone::Good };
        vec![
            (name(policy).to_owned(), Tone::Plain),
            (words::number(policy.compared), Tone::Figure),
            (words::number(policy.agree), Tone::Figure),
            (words::number(differ), tone),
            (words::number(policy.unknown), Tone::Figure),
        ]
    });
    page.table(&["policy", "compared", "same", "differ", "cannot say"], rows.collect());
    let all = compared.iter().flat_map(|policy| {
        policy.disagreements.iter().map(move |disagreement| (policy, disagreement))
    });
    for (policy, it) in all.clone().take(ROWS) {
        page.item(&format!(
            "{}: the log says {}, lockstep {}; {}, such as {}.",
            name(policy),
            it.logged,
            it.ours,
            words::count(it.sign_ins, "sign-in", "sign-ins"),
            it.example.label(),
        ));
    }
    for policy in compared.iter().filter(|it| it.compared > it.agree).take(ROWS) {
        if policy.changed_within_window == Some(true) {
            page.item(&format!(
                "{} was changed within the window: the log may speak of what it said before.",
                name(policy)
            ));
        }
    }
    let more = compared.len().max(all.count()).saturating_sub(ROWS);
    if more > 0 {
        page.line("There are more: `--format json` lists all.");
    }
}

fn name(policy: &Comparison) -> &str {
    policy.name.as_deref().unwrap_or(&policy.policy)
}
