//! What is due, for people.

use rollout::change::guard::{Guard, GuardResult, Unwaivable, Verdict};
use rollout::engine::{Progress, Waiting};

use super::due::{Document, Due, Shown, TaskRow, carries_out};
use crate::cli::status::with_why;
use crate::effects::{diff, guard_words, short};
use crate::page::{Page, Tone};
use crate::settings::Settings;
use crate::words;
use crate::workspace::Place;

/// Tasks that are shown with everything; the rest stands in a table.
const IN_FULL: usize = 5;
/// Names of a list that are shown.
const NAMES: usize = 12;

pub(super) fn page(
    due: &Due<'_>,
    document: &Document<'_>,
    place: &Place,
    settings: &Settings,
) -> Page {
    let mut page = Page::new(settings.width, settings.color);
    let step = match document.step {
        Some(_) if document.day < 1 => "not started",
        Some(step) => words::stage(step),
        None => "every gate is passed",
    };
    page.heading(&format!("Day {}, {}: {step}", document.day, words::date(document.date)));
    page.line(&document.waiting_for);
    if let Some(progress) = &due.under_way {
        begun(&mut page, progress);
    }
    if !due.told.is_empty() {
        page.heading("To tell");
        due.told.iter().for_each(|(to, what)| page.item(&format!("{to}: {what}")));
    }
    tasks(&mut page, &document.tasks);
    later(&mut page, due);
    for shown in &due.sets {
        set(&mut page, shown, settings);
    }
    if !place.live && !due.sets.is_empty() {
        page.heading("By hand");
        page.line(
            "There is no live tenant here that lockstep could change. The same change sets stand in \
             plan.json as requests to Microsoft Graph.",
        );
    }
    page.next(&place.command(&command(due, document, place)));
    page
}

/// What to run next.
fn command(due: &Due<'_>, document: &Document<'_>, place: &Place) -> String {
    if let Some(progress) = &due.under_way {
        return format!("apply {}", short(&progress.set));
    }
    if !place.live && !due.sets.is_empty() {
        return "plan".to_owned();
    }
    if let Some(ready) = due.sets.iter().find(|it| it.refusing.is_empty()) {
        return carries_out(ready);
    }
    let refusing = || due.sets.iter().flat_map(|it| &it.refusing).map(|it| it.guard);
    if refusing().any(|it| it == Guard::Unwaivable(Unwaivable::SnapshotFresh)) {
        return "snapshot".to_owned();
    }
    if refusing().any(|it| it == Guard::Unwaivable(Unwaivable::LockoutProof)) {
        return "prove".to_owned();
    }
    match (&due.waiting, document.tasks.first()) {
        (Waiting::Dates { start, .. }, _) => {
            format!("schedule --start {start} --by WHO --reason TEXT")
        }
        (Waiting::Snapshot { .. } | Waiting::Day { .. }, _) => "snapshot".to_owned(),
        (Waiting::Exception { id, .. }, _) => format!("exception end {id} --by WHO --reason TEXT"),
        (Waiting::Nothing, _) => "validate".to_owned(),
        (_, Some(task)) => format!("attest {} --by WHO --note TEXT", task.id),
        (_, None) => "status".to_owned(),
    }
}

fn begun(page: &mut Page, progress: &Progress) {
    page.heading(&format!("Begun: {} ({})", progress.title, short(&progress.set)));
    page.line(&format!(
        "{} of {} are done. Nothing else begins before it is finished or taken back: `lockstep \
         rollback {}`.",
        progress.done.len(),
        words::count(u64::try_from(progress.changes).unwrap_or(u64::MAX), "change", "changes"),
        short(&progress.set)
    ));
}

fn set(page: &mut Page, shown: &Shown, settings: &Settings) {
    page.heading(&format!("Due: {}, planned for {}", shown.of_plan, words::date(shown.date)));
    page.printed(&diff(&shown.set, &[], settings).finish());
    let held = shown.guards.len().saturating_sub(refuses(&shown.guards));
    let expires = words::moment(shown.set.expires);
    if shown.refusing.is_empty() {
        let waived = match refuses(&shown.guards) {
            0 => String::new(),
            some => format!(" {some} more would refuse and were waived."),
        };
        page.heading("Guards");
        page.line(&format!(
            "{} as it stands.{waived}{} All are asked again before anything is changed. The set can be \
             confirmed until {expires}.",
            if held == 1 { "1 holds".to_owned() } else { format!("{held} hold") },
            shown.gets_in.as_ref().map(|it| format!(" {it}")).unwrap_or_default()
        ));
        return;
    }
    page.heading(&format!("As it stands, {} it", stand_against(shown.refusing.len())));
    for result in &shown.refusing {
        let (word, reasons) = match &result.verdict {
            Verdict::Held => ("", &[][..]),
            Verdict::Violated { counter_examples } => ("", counter_examples.as_slice()),
            Verdict::CannotTell { missing } => (" Nobody can say:", missing.as_slice()),
        };
        let shown: Vec<&str> = reasons.iter().take(NAMES).map(String::as_str).collect();
        let more = more(reasons.len());
        page.item(&format!("{}.{word} {}{more}", guard_words(result.guard), shown.join(" ")));
    }
}

fn stand_against(guards: usize) -> String {
    if guards == 1 {
        "1 guard stands against".to_owned()
    } else {
        format!("{guards} guards stand against")
    }
}

fn refuses(guards: &[GuardResult]) -> usize {
    guards.iter().filter(|it| it.refuses()).count()
}

fn more(all: usize) -> String {
    match all.saturating_sub(NAMES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    }
}

fn tasks(page: &mut Page, tasks: &[TaskRow<'_>]) {
    if tasks.is_empty() {
        return;
    }
    page.heading(&format!("Tasks to do now ({})", tasks.len()));
    for task in tasks.iter().take(IN_FULL) {
        let late = if task.overdue { ", its day is over" } else { "" };
        let day = words::short_date(task.date);
        page.line(&format!("{}  {} (day {}, {day}{late})", task.id, task.title, task.day));
        page.item(&format!("who: {}", task.owner));
        page.item(&format!("how: {}", task.how));
        page.item(&format!("done when: {}", task.evidence));
        if let Some(why) = task.why {
            page.item(&format!("today: {why}"));
        }
        if !task.rows.is_empty() {
            let names: Vec<&str> = task.rows.iter().take(NAMES).map(String::as_str).collect();
            page.item(&format!("about: {}{}", names.join("; "), more(task.rows.len())));
        }
    }
    let rest: Vec<_> = tasks.iter().skip(IN_FULL).map(row).collect();
    if !rest.is_empty() {
        page.table(&["task", "date", "what", "owner"], rest);
    }
}

fn row(task: &TaskRow<'_>) -> Vec<(String, Tone)> {
    let tone = if task.overdue { Tone::Caution } else { Tone::Plain };
    vec![
        (task.id.to_owned(), Tone::Plain),
        (words::short_date(task.date), tone),
        (with_why(task.title, task.why), Tone::Plain),
        (task.owner.to_owned(), Tone::Plain),
    ]
}

fn later(page: &mut Page, due: &Due<'_>) {
    if due.later.is_empty() {
        return;
    }
    page.heading("Change sets that wait");
    let rows = due.later.iter().map(|it| {
        let tone = if it.held { Tone::Caution } else { Tone::Plain };
        vec![
            (it.of_plan.clone(), Tone::Plain),
            (words::short_date(it.date), tone),
            (format!("{}: {}", it.title, it.why), Tone::Plain),
        ]
    });
    page.table(&["change set", "date", "waits because"], rows.collect());
}
