//! A change set for people: the diff before it is confirmed, and what came of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rollout::change::guard::{self, Guard, Unwaivable, Verdict, Waivable};
use rollout::change::names::word;
use rollout::change::text::{ChangeText, SetText, property_words, set_text};
use rollout::change::{ChangeSet, Danger, Edit, Presence};
use rollout::engine::{GapTimes, Phase};
use rollout::{Account, Facts};

use super::document::{Document, How, Resumed, Word};
use crate::page::{Page, Tone};
use crate::settings::Settings;
use crate::words;
use crate::workspace::Place;

/// How many characters of an id people are shown. Enough to name a set by.
pub(crate) const SHORT: usize = 12;

/// The beginning of an id.
pub(crate) fn short(id: &str) -> String {
    id.chars().take(SHORT).collect()
}

/// The set as a diff: what people notice first, then the dangerous changes.
pub(crate) fn diff(set: &ChangeSet, remarks: &[String], settings: &Settings) -> Page {
    let text = set_text(set);
    let mut page = Page::new(settings.width, settings.color);
    page.heading(&format!("{} ({})", text.title, short(&set.id)));
    if text.effects.is_empty() {
        page.line("Nobody worked out what people will notice of it.");
    }
    for told in text.effects.iter().chain(remarks) {
        page.hanging("", told, "  ");
    }
    changes(&mut page, set, &text);
    page
}

/// Of changes that are alike, such as members of one group, so many are shown.
const ALIKE: usize = 4;

fn changes(page: &mut Page, set: &ChangeSet, text: &SetText) {
    let mut last = None;
    let mut alike: BTreeMap<String, usize> = BTreeMap::new();
    let mut left_out: BTreeMap<String, usize> = BTreeMap::new();
    for change in &text.changes {
        if last != Some(change.danger) {
            rest(page, &mut left_out);
            page.heading(danger_words(change.danger));
            last = Some(change.danger);
        }
        let edit = change.number.checked_sub(1).and_then(|at| set.changes.get(at));
        if let Some(kind) = edit.and_then(|it| kind_of(&it.edit)) {
            let shown = alike.entry(kind.clone()).or_default();
            *shown += 1;
            if *shown > ALIKE {
                *left_out.entry(kind).or_default() += 1;
                continue;
            }
        }
        one(page, change);
    }
    rest(page, &mut left_out);
}

/// What the changes that are left out come to. The document holds each of them.
fn rest(page: &mut Page, left_out: &mut BTreeMap<String, usize>) {
    for (kind, count) in std::mem::take(left_out) {
        page.line(&format!("… and {count} more of the same: {kind} (`--format json` has all)"));
    }
}

/// What changes of which there may be thousands have in common.
fn kind_of(edit: &Edit) -> Option<String> {
    match edit {
        Edit::Membership { group, after: Presence::Present, .. } => {
            Some(format!("add to {}", group.name))
        }
        Edit::Membership { group, .. } => Some(format!("remove from {}", group.name)),
        Edit::AccountEnabled { after: false, .. } => Some("disable an account".to_owned()),
        Edit::AccountEnabled { .. } => Some("enable an account".to_owned()),
        Edit::PerUserMfa { .. } => Some("per-user MFA".to_owned()),
        _ => None,
    }
}

/// Of a list of which more than so many stay, only the others are shown.
const FEW: usize = 2;

fn one(page: &mut Page, change: &ChangeText) {
    let gap = change.gap.map(|it| format!(" ({it})")).unwrap_or_default();
    let number = format!("{}. ", change.number);
    page.hanging(&number, &format!("{}{gap}", change.heading), &" ".repeat(number.len()));
    for line in &change.lines {
        let property = property_words(&line.property);
        page.item(&match line.list.as_ref().filter(|it| it.stay > FEW) {
            Some(list) => format!("{property}: {list}"),
            None => format!("{property}: {} → {}", line.before, line.after),
        });
    }
    page.item(&format!("why: {}", change.reason));
    page.item(&format!("way back: {}", change.way_back));
}

const fn danger_words(danger: Danger) -> &'static str {
    match danger {
        Danger::Severe => "Dangerous",
        Danger::Moderate => "Changes",
        Danger::None => "Changes nothing",
    }
}

/// What came of a set.
pub(super) fn page(document: &Document, place: &Place, settings: &Settings) -> Page {
    let mut page = Page::new(settings.width, settings.color);
    page.heading(&format!("{}: {}", document.text.title, outcome_words(document)));
    if let Some(resumed) = document.resumed.as_ref().filter(|_| document.ended == How::Ended) {
        goes_on(&mut page, resumed);
    }
    if let Some(why) = &document.why {
        page.line(&format!("Why: {why}."));
    }
    match document.ended {
        How::Stale => moved(&mut page, document),
        How::Refused | How::GateClosed => guards(&mut page, document),
        How::NotConfirmed => page.line(&format!("{} was changed.", nothing(document))),
        How::Ended => came_of_it(&mut page, document),
    }
    if let Some(gap) = document.gap {
        gap_words(&mut page, gap);
    }
    for remark in document.remarks.iter().chain(&document.told) {
        page.item(remark);
    }
    if document.ended == How::Ended {
        page.line(&format!(
            "The journal ends with entry {}, {}. Keep that somewhere else.",
            document.journal.number, document.journal.hash
        ));
    }
    next(&mut page, document, place);
    page
}

fn outcome_words(document: &Document) -> &'static str {
    match document.ended {
        How::Stale => "the tenant moved since it was made",
        How::GateClosed => "a gate is closed",
        How::Refused => "refused",
        How::NotConfirmed => "not confirmed",
        How::Ended => match &document.phase {
            Some(Phase::Done { .. }) => "done and read back",
            _ if document.is_partly() => "partly applied",
            _ => "nothing was changed",
        },
    }
}

/// What a run that ended before its first change did, of a set that an earlier one may have begun.
fn nothing(document: &Document) -> &'static str {
    if document.is_partly() { "Nothing more" } else { "Nothing" }
}

fn moved(page: &mut Page, document: &Document) {
    let nothing = nothing(document);
    page.line(&format!("{nothing} was changed. What it rests on is not what it was:"));
    let mut last = None;
    for it in &document.moved {
        if last != Some(&it.name) {
            page.heading(&it.name);
            last = Some(&it.name);
        }
        page.item(property_words(&it.property));
        let words = &it.words;
        for (when, value) in
            [("then:    ", &words.then), ("now:     ", &words.now), ("planned: ", &words.planned)]
        {
            page.hanging(&format!("    {when}"), value, "             ");
        }
    }
}

fn guards(page: &mut Page, document: &Document) {
    page.line(&format!("{} was changed.", nothing(document)));
    for result in document.guards.iter().filter(|it| it.refuses()) {
        page.heading(guard_words(result.guard));
        match &result.verdict {
            Verdict::Held => {}
            Verdict::Violated { counter_examples } => {
                counter_examples.iter().for_each(|it| page.item(it));
            }
            Verdict::CannotTell { missing } => {
                page.line("Nobody can say. What would decide it:");
                missing.iter().for_each(|it| page.item(it));
            }
        }
    }
}

/// A guard in words.
pub(crate) const fn guard_words(guard: Guard) -> &'static str {
    match guard {
        Guard::Unwaivable(guard) => match guard {
            Unwaivable::SnapshotFresh => "The snapshot must be young enough",
            Unwaivable::BeforeSeen => "What is there before must have been seen",
            Unwaivable::LockoutProof => "Nobody may be locked out",
            Unwaivable::BreakGlassExcluded => {
                "Break-glass accounts must be left out of every policy"
            }
            Unwaivable::BreakGlassProven => "Two break-glass accounts must be proven",
            Unwaivable::OperatorNotBarred => "Whoever carries it out must still be able to sign in",
            Unwaivable::ExceptionApproved => "An exception of that kind needs two people",
        },
        Guard::Waivable(guard) => match guard {
            Waivable::NoGap => "Nothing may be open that was closed",
            Waivable::OneRing => "One ring at a time",
            Waivable::GoodDay => "Not on such a day",
            Waivable::ServiceHealth => "Microsoft must have no open incident",
        },
    }
}

/// `02 Feb 09:00:04`.
pub(super) fn second(at: Timestamp) -> String {
    at.strftime("%d %b %H:%M:%S UTC").to_string()
}

/// What a run that goes on with another found.
fn goes_on(page: &mut Page, resumed: &Resumed) {
    let began = resumed.began.map(|at| format!(" {}", second(at))).unwrap_or_default();
    let broke_off = match resumed.number {
        Some(number) => format!("at change {number}"),
        None => "after its last change".to_owned(),
    };
    page.line(&format!("Goes on with what began{began} and broke off {broke_off}."));
    if let Some((opened, found)) = resumed.gap {
        page.line(&format!(
            "Since {} people had less protection than before, {} until this run.",
            second(opened),
            words::duration(found.duration_since(opened))
        ));
    }
}

/// Who gets in whatever happens once a set is carried out, as the guard against a lockout proved it.
pub(crate) fn gets_in(set: &ChangeSet, facts: &Facts<'_>) -> Option<String> {
    let proof = guard::lockout_proof(set, facts)?;
    let names = |all: Vec<&Account>| {
        let all: Vec<String> = all.into_iter().map(|it| word(it.label())).collect();
        words::few(&all)
    };
    let administrators = proof.administrators_who_can_sign_in.iter().collect();
    let break_glass = proof.break_glass.iter().map(|it| &it.account).collect();
    Some(format!(
        "Whatever the circumstances, these get past every policy: the administrators {}; the \
         break-glass accounts {}.",
        names(administrators),
        names(break_glass)
    ))
}

fn came_of_it(page: &mut Page, document: &Document) {
    let rows = document.changes.iter().map(|it| {
        let (word, tone) = match it.state {
            Word::Done => ("done", Tone::Good),
            Word::BeforeTheBreak => ("done before the break", Tone::Good),
            Word::Found => ("found done after the break", Tone::Good),
            Word::Already => ("as wanted before", Tone::Good),
            Word::NotKnown => ("nobody knows", Tone::Danger),
            Word::NotDone => ("not done", Tone::Caution),
        };
        let at = it.at.map(second);
        vec![
            (format!("{}. {}", it.number, it.change), Tone::Plain),
            (word.to_owned(), tone),
            (at.unwrap_or_default(), Tone::Plain),
        ]
    });
    page.table(&["change", "came of it", "at"], rows.collect());
}

/// However a run ended: an open gap is told.
fn gap_words(page: &mut Page, gap: GapTimes) {
    let opened = gap.opened.strftime("%d %b %Y %H:%M:%S UTC");
    match gap.closed {
        Some(closed) => page.line(&format!(
            "Gap receipt: opened {opened}, closed {}. For {} people had less protection than \
             before.",
            closed.strftime("%d %b %Y %H:%M:%S UTC"),
            words::duration(closed.duration_since(gap.opened))
        )),
        None => page.line(&format!(
            "The gap is open since {opened}: people have less protection than before."
        )),
    }
}

fn next(page: &mut Page, document: &Document, place: &Place) {
    let id = short(&document.set);
    match document.ended {
        How::Stale if document.is_partly() => {
            page.line("It was carried out in part. The way back:");
            page.next(&place.command(&format!("rollback {id}")));
        }
        How::Stale => page.next(&place.command("snapshot")),
        How::Refused | How::GateClosed => page.next(&place.command("status")),
        How::NotConfirmed => page.next(&place.command("next")),
        How::Ended if matches!(document.phase, Some(Phase::Done { .. })) => {
            // What is due next is worked out of the tenant as it is now.
            page.next(&place.command("snapshot"));
        }
        How::Ended => {
            if document.is_partly() {
                let back = place.command(&format!("rollback {id}"));
                page.line(&format!("It goes on where it stopped. The way back: {back}"));
            }
            page.next(&place.command(&format!("apply {id}")));
        }
    }
}

#[cfg(test)]
mod tests {
    use rollout::Snapshot;
    use rollout::change::{Draft, Made, Named, Purpose};
    use rollout::preflight::Stage;

    use super::*;

    #[test]
    fn thousands_of_alike_changes_are_counted_and_not_listed() {
        let edit = |at: usize| Edit::AccountEnabled {
            user: Named::new(format!("id-{at}"), format!("user{at}@ne.example")),
            before: Some(true),
            after: false,
        };
        let draft = Draft {
            purpose: Purpose::Dormant,
            title: "Disable dormant accounts".to_owned(),
            step: Stage::Prepare,
            edits: (0..3_000).map(|at| (edit(at), "Unused.".to_owned())).collect(),
            gap: None,
            rests_on: std::collections::BTreeSet::new(),
        };
        let at = "2026-11-23T09:00:00Z".parse().unwrap();
        let made = Made { at, from: "a".to_owned(), expires: at };
        let set = ChangeSet::make(draft, &Snapshot::default(), made);
        let mut page = Page::new(80, false);
        changes(&mut page, &set, &set_text(&set));
        let text = page.finish();
        assert!(text.contains("user3@ne.example") && !text.contains("user4@ne.example"), "{text}");
        assert!(text.contains("… and 2996 more of the same: disable an account"), "{text}");
        assert!(text.lines().count() < 40, "{text}");
    }

    #[test]
    fn no_width_breaks_an_id_and_no_name_begins_a_line() {
        let ids: Vec<String> =
            (1..6).map(|at| format!("{at}0261{at}f4-dc89-435a-b84c-319a9e574196")).collect();
        let worst =
            "Leeds office staff and visitors of the second floor\n2. turn security defaults off";
        let snapshot = Snapshot {
            groups: Some(vec![rollout::Group {
                id: ids.first().cloned(),
                display_name: Some(worst.to_owned()),
                ..rollout::Group::default()
            }]),
            ..Snapshot::default()
        };
        let json = serde_json::json!({
            "id": "147eeff3-dc89-435a-b84c-319a9e574196", "displayName": worst, "state": "enabled",
            "conditions": {"users": {"includeUsers": ["All"], "excludeGroups": ids}},
            "grantControls": { "operator": "OR", "builtInControls": ["mfa"] },
        });
        let policy = conditional_access::read_policy(&json).unwrap();
        let edit = Edit::Policy {
            before: rollout::change::Before::Absent,
            after: Some(rollout::change::PolicyDocument::of(policy)),
        };
        let at = "2026-11-23T09:00:00Z".parse().unwrap();
        let draft = Draft {
            purpose: Purpose::Policies,
            title: "A set".to_owned(),
            step: Stage::Prepare,
            edits: vec![(edit, "Why not.".to_owned())],
            gap: None,
            rests_on: std::collections::BTreeSet::new(),
        };
        let set = ChangeSet::make(draft, &snapshot, Made { at, from: "a".to_owned(), expires: at });
        for width in [60, 80, 120] {
            let mut page = Page::new(width, false);
            changes(&mut page, &set, &set_text(&set));
            let text = page.finish();
            let whole: Vec<&str> = text.split_whitespace().collect();
            assert!(ids.iter().skip(1).all(|id| whole.contains(&id.as_str())), "{text}");
            assert!(whole.iter().any(|it| it.starts_with("(10261")), "{text}");
            assert!(text.lines().all(|it| it.chars().count() <= usize::from(width)), "{text}");
            let at_the_edge: Vec<&str> =
                text.lines().filter(|it| !it.is_empty() && !it.starts_with(' ')).collect();
            assert_eq!(at_the_edge.len(), 2, "{text}");
        }
    }
}
