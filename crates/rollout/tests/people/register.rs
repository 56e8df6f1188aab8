//! The register of exceptions that were asked for: who may have one, who decides, when it ends.

use jiff::civil::{Date, date};
use rollout::engine::{
    Closed, Effect, Event, Exception, ExceptionPath, ExceptionPhase, Record, Renewal,
    SignedDecision, State, step,
};
use rollout::exceptions::{self, Request, classify};

use crate::tenant::*;

const TODAY: Date = date(2026, 11, 20);

/// A program, a person, an administrator, and three of the board.
fn ne() -> Tenant {
    let mut booker = user("payroll.clerk");
    booker.department = Some("Finance".to_owned());
    let mut gone = user("svc-gone");
    gone.account_enabled = Some(false);
    let mut tenant = Tenant::with_users(vec![
        user("svc-erp"),
        seen(titled(user("kim"), "Designer"), 1),
        seen(titled(user("lea"), "Head of IT"), 1),
        seen(titled(user("jon"), "Finance Director"), 1),
        seen(titled(user("ada"), "Managing Director"), 1),
        seen(titled(user("eve"), "Technical Director"), 1),
        seen(titled(booker, "Clerk"), 1),
        user("glass"),
        gone,
    ]);
    tenant.snapshot.roles = Some(vec![role("lea", rollout::GLOBAL_ADMINISTRATOR)]);
    tenant.rollout.people.services =
        vec!["svc-erp@ne.example".to_owned(), "svc-gone@ne.example".to_owned()];
    tenant.rollout.break_glass.accounts = vec!["glass@ne.example".to_owned()];
    tenant
}

fn request(subject: &str) -> Request {
    Request {
        subject: format!("{subject}@ne.example"),
        path: ExceptionPath { app: Some("Old ERP".to_owned()), ..ExceptionPath::default() },
        reason: "It cannot answer a prompt.".to_owned(),
        compensating_control: "one address".to_owned(),
        owner: "kim@ne.example".to_owned(),
        risk_owner: None,
        exit_plan: "moves to an application of its own".to_owned(),
        ticket: None,
        asked_by: "lea@ne.example".to_owned(),
        until: Some(date(2026, 12, 18)),
    }
}

fn for_the_director() -> Request {
    Request { risk_owner: Some("ada".to_owned()), ..request("jon") }
}

fn asked(request: &Request) -> Result<Exception, Vec<String>> {
    asked_in(&State::default(), &ne(), request)
}

fn asked_in(state: &State, tenant: &Tenant, request: &Request) -> Result<Exception, Vec<String>> {
    let facts = tenant.facts();
    exceptions::ask(state, &facts, &classify(&facts), request, (time(NOW), TODAY))
}

fn yes(by: &str, document: Option<char>) -> SignedDecision {
    SignedDecision {
        by: format!("{by}@ne.example"),
        at: time(NOW),
        approves: true,
        document: document.map(|it| it.to_string().repeat(64)),
        file: None,
        note: String::new(),
    }
}

fn no(by: &str) -> SignedDecision {
    SignedDecision { approves: false, ..yes(by, None) }
}

fn decided(exception: &Exception, decisions: Vec<SignedDecision>) -> Exception {
    decisions.into_iter().fold(exception.clone(), |it, one| exceptions::decide(&it, one).unwrap())
}

fn approved() -> Exception {
    decided(&asked(&request("svc-erp")).unwrap(), vec![yes("ada", None)])
}

fn applied(exception: &Exception) -> Exception {
    exceptions::begun(exception, "set", time(NOW)).unwrap()
}

fn state_of(exceptions: &[&Exception]) -> State {
    let mut state = State::default();
    for exception in exceptions {
        state.add(Record::Exception(Box::new((*exception).clone())));
    }
    state
}

/// Each request that is refused, with a part of what is said.
#[test]
fn what_nobody_may_ask_for() {
    let one = || request("svc-erp");
    let rows: Vec<(&str, Request)> = vec![
        ("No file tells of an account `bob@ne.example`", request("bob")),
        ("there is no exception for this kind of account", request("kim")),
        ("break-glass accounts are left out by their own group", request("glass")),
        ("is disabled", request("svc-gone")),
        ("for a path, not for a person", Request { path: ExceptionPath::default(), ..one() }),
        (
            "for a path, not for a person",
            Request {
                path: ExceptionPath { app: Some(" ".into()), ..ExceptionPath::default() },
                ..one()
            },
        ),
        ("Say why", Request { reason: "  ".to_owned(), ..one() }),
        ("Say who asks", Request { asked_by: String::new(), ..one() }),
        ("Say how it ends", Request { exit_plan: String::new(), ..one() }),
        ("exception of their own", Request { owner: "SVC-ERP@ne.example ".to_owned(), ..one() }),
        ("It may last 90 days, to 2027-02-18", Request { until: Some(date(2027, 2, 19)), ..one() }),
        ("before it begins", Request { until: Some(date(2026, 11, 19)), ..one() }),
        ("Say until when: at most 30 days", Request { until: None, ..for_the_director() }),
        ("It may last 30 days", Request { until: Some(date(2026, 12, 21)), ..for_the_director() }),
        ("Name who takes the risk", Request { risk_owner: None, ..for_the_director() }),
        ("is no executive", Request { risk_owner: Some("kim".into()), ..for_the_director() }),
        (
            "No file tells the rank",
            Request { risk_owner: Some("Mr X".into()), ..for_the_director() },
        ),
        ("a wish of their own", Request { risk_owner: Some("jon".into()), ..for_the_director() }),
        (
            "a wish of their own",
            Request {
                asked_by: "Ada".into(),
                risk_owner: Some("ada".into()),
                ..for_the_director()
            },
        ),
    ];
    for (said, request) in rows {
        let wrong = asked(&request).unwrap_err();
        assert!(wrong.iter().any(|it| it.contains(said)), "{said}: {wrong:?}");
    }
}

#[test]
fn whoever_asks_hears_everything_that_is_wrong_at_once() {
    let nothing = Request { subject: "svc-erp@ne.example".into(), ..Request::default() };
    let wrong = asked(&nothing).unwrap_err();
    assert!(wrong.len() >= 5, "{wrong:?}");
}

#[test]
fn one_subject_has_one_open_exception() {
    let first = asked(&request("svc-erp")).unwrap();
    let state = state_of(&[&first]);
    let wrong = asked_in(&state, &ne(), &request("svc-erp")).unwrap_err();
    assert!(wrong[0].contains("EX-001 for `svc-erp@ne.example` is open"), "{wrong:?}");
    let over = decided(&first, vec![no("ada")]);
    let second = asked_in(&state_of(&[&over]), &ne(), &request("svc-erp")).unwrap();
    assert_eq!(second.id, "EX-002", "a number is never given twice");
}

#[test]
fn what_is_asked_for_is_kept_by_its_right_names_and_not_applied() {
    let exception =
        asked(&Request { owner: "KIM".into(), until: None, ..request("svc-erp") }).unwrap();
    assert_eq!(exception.owner, "kim@ne.example");
    assert_eq!((exception.phase, exception.needs_letter), (ExceptionPhase::Asked, false));
    assert_eq!(exception.expires, date(2027, 2, 18), "the longest, where nobody says until when");
}

#[test]
fn for_whom_the_letter_is_needed() {
    let tenant = ne();
    let rows = [
        ("svc-erp", ""),
        ("kim", ""),
        ("jon", "is an executive"),
        ("ada", "is an executive"),
        ("lea", "administers"),
        ("payroll.clerk", "may move money: department `Finance`"),
    ];
    for (name, because) in rows {
        let found = exceptions::letter_needed(&tenant.facts(), &account(name)).join(" ");
        assert_eq!(found.is_empty(), because.is_empty(), "{name}: {found}");
        assert!(found.contains(because), "{name}: {found}");
    }
    // What nobody told is no reason to go without it.
    let mut blind = ne();
    blind.snapshot.roles = None;
    blind.snapshot.users.as_mut().unwrap()[0].job_title = None;
    let found = exceptions::letter_needed(&blind.facts(), &account("svc-erp")).join(" ");
    assert!(found.contains("whether `svc-erp@ne.example` holds a role"), "{found}");
    assert!(found.contains("job title"), "{found}");
    assert!(asked_in(&State::default(), &blind, &request("svc-erp")).is_err());
    assert!(!exceptions::letter_needed(&tenant.facts(), &account("stranger")).is_empty());
}

#[test]
fn nobody_grants_an_executives_exemption_alone() {
    let exception = asked(&for_the_director()).unwrap();
    assert!(exception.needs_letter);
    let refused = [
        ("jon", Some('a'), "asked for it or has it"),
        ("id-jon@ne.example", Some('a'), ""),
        ("lea", Some('a'), "asked for it or has it"),
        ("ada", None, "needs the signed document"),
    ];
    for (by, document, why) in refused.into_iter().filter(|it| !it.2.is_empty()) {
        let said = exceptions::decide(&exception, yes(by, document)).unwrap_err();
        assert!(said.contains(why), "{by}: {said}");
    }
    let short = SignedDecision { document: Some("ab".into()), ..yes("ada", None) };
    assert!(exceptions::decide(&exception, short).is_err(), "that is no digest");
    let one = decided(&exception, vec![yes("ada", Some('a'))]);
    assert_eq!(one.phase, ExceptionPhase::Asked, "one is not two");
    let again = exceptions::decide(&one, yes("ADA", Some('b'))).unwrap_err();
    assert!(again.contains("has decided"), "{again}");
    let copied = exceptions::decide(&one, yes("eve", Some('a'))).unwrap_err();
    assert!(copied.contains("decision of another person"), "{copied}");
    let two = decided(&one, vec![yes("eve", Some('b'))]);
    assert_eq!(two.phase, ExceptionPhase::Approved);
}

#[test]
fn without_whoever_takes_the_risk_two_are_not_enough() {
    let exception = asked(&for_the_director()).unwrap();
    let two = decided(&exception, vec![yes("eve", Some('a')), yes("kim", Some('b'))]);
    assert_eq!(two.phase, ExceptionPhase::Asked);
    let standing = exceptions::standing(&two, TODAY);
    assert!(standing.waits_for.contains("ada@ne.example"), "{standing:?}");
    let three = decided(&two, vec![yes("ada", Some('c'))]);
    assert_eq!(three.phase, ExceptionPhase::Approved);
}

#[test]
fn a_no_ends_it_and_needs_no_document() {
    let refused = decided(&asked(&for_the_director()).unwrap(), vec![no("ada")]);
    assert_eq!(refused.phase, ExceptionPhase::Refused);
    assert!(exceptions::decide(&refused, yes("eve", Some('a'))).is_err());
}

/// What the engine keeps of an exception that somebody altered on the way.
#[test]
fn no_way_of_changing_an_exception_goes_round_the_rules() {
    type Alter = fn(&mut Exception);
    let director = asked(&for_the_director()).unwrap();
    let signed = decided(&director, vec![yes("ada", Some('a'))]);
    let rows: Vec<(&str, &Exception, Alter)> = vec![
        ("approved without a decision", &director, |it| it.phase = ExceptionPhase::Approved),
        ("approved by one", &signed, |it| it.phase = ExceptionPhase::Approved),
        ("approved by one in two spellings", &signed, |it| {
            it.decisions.push(yes("ADA", Some('b')));
            it.phase = ExceptionPhase::Approved;
        }),
        ("applied by hand", &director, |it| {
            it.phase = ExceptionPhase::Applied { set: "x".into(), at: time(NOW) };
        }),
        ("no letter any more", &director, |it| it.needs_letter = false),
        ("another kind", &director, |it| it.kind = "service".into()),
        ("another subject", &director, |it| it.subject = account("kim")),
        ("another path", &director, |it| it.path.app = Some("everything".into())),
        ("a later end", &director, |it| it.expires = date(2026, 12, 20)),
        ("renewed by hand", &director, |it| it.renewals = 1),
        ("a decision is gone", &signed, |it| it.decisions.clear()),
        ("another risk owner", &director, |it| it.risk_owner = Some("eve@ne.example".into())),
    ];
    for (what, before, alter) in rows {
        let state = state_of(&[before]);
        let mut after = before.clone();
        alter(&mut after);
        let event = Event::ExceptionChanged(Box::new(after));
        let (next, effects) = step(&state, &event, time(NOW));
        assert!(matches!(effects.as_slice(), [Effect::Refuse(_)]), "{what}: {effects:?}");
        assert_eq!(next, state, "{what}");
    }
}

#[test]
fn nothing_begins_but_by_being_asked_for() {
    let whole = approved();
    let (_, effects) =
        step(&State::default(), &Event::ExceptionChanged(Box::new(whole.clone())), time(NOW));
    assert!(matches!(effects.as_slice(), [Effect::Refuse(_)]), "{effects:?}");
    let fresh = asked(&request("svc-erp")).unwrap();
    let (kept, _) =
        step(&State::default(), &Event::ExceptionChanged(Box::new(fresh.clone())), time(NOW));
    assert_eq!(kept.exceptions["EX-001"], fresh);
    let (kept, _) = step(&kept, &Event::ExceptionChanged(Box::new(whole.clone())), time(NOW));
    assert_eq!(kept.exceptions["EX-001"], whole);
}

fn renewal(asked_on: Date, until: Date) -> Renewal {
    Renewal {
        asked_by: "kim@ne.example".into(),
        asked_at: time(NOW),
        asked_on,
        until,
        reason: "The supplier is late.".into(),
        decisions: Vec::new(),
    }
}

#[test]
fn an_end_moves_by_a_decision_alone_and_not_for_ever() {
    let mut exception = applied(&approved());
    let too_long = exceptions::renew(&exception, renewal(TODAY, date(2027, 2, 19))).unwrap_err();
    assert!(too_long.contains("A renewal may last 90 days"), "{too_long}");
    let too_late = renewal(date(2026, 12, 19), date(2027, 1, 19));
    assert!(
        exceptions::renew(&exception, too_late).unwrap_err().contains("It ended on 2026-12-18")
    );
    assert!(exceptions::renew(&exception, renewal(TODAY, date(2026, 12, 18))).is_err());
    for times in 1..=2 {
        let until = exception.expires.saturating_add(jiff::ToSpan::days(30));
        let waits = exceptions::renew(&exception, renewal(exception.expires, until)).unwrap();
        assert_eq!(waits.expires, exception.expires, "asked for is not decided");
        let own = exceptions::decide(&waits, yes("kim", None)).unwrap_err();
        assert!(own.contains("asked for it"), "{own}");
        let kept = decided(&waits, vec![no("ada")]);
        assert_eq!((kept.expires, kept.renewals), (exception.expires, times - 1));
        exception = decided(&waits, vec![yes("ada", None)]);
        assert_eq!((exception.expires, exception.renewals), (until, times));
        exceptions::check(&state_of(&[&waits]), &exception).unwrap();
    }
    let until = exception.expires.saturating_add(jiff::ToSpan::days(1));
    let third = exceptions::renew(&exception, renewal(exception.expires, until)).unwrap_err();
    assert!(third.contains("is renewed 2 times"), "{third}");
}

/// What happens on which day before and after the last one, by itself.
#[test]
fn reminders_and_the_end() {
    let base = applied(&approved());
    let days = |count: i64| base.expires.saturating_add(jiff::ToSpan::days(count));
    let told = |exception: &Exception, day: Date| -> Vec<String> {
        let effects = exceptions::reminders(&state_of(&[exception]), day, time(NOW));
        effects
            .iter()
            .map(|it| match it {
                Effect::Keep(_) => "keep".to_owned(),
                Effect::Tell { to, .. } => to.clone(),
                Effect::EndException { exception, .. } => format!("end {exception}"),
                other => format!("{other:?}"),
            })
            .collect()
    };
    let reminded = |days_before: i64| {
        let mut exception = base.clone();
        exception.reminded.push(days(-days_before));
        exception
    };
    let owner = "kim@ne.example";
    let rows: [(&str, Exception, i64, Vec<&str>); 9] = [
        ("T-15", base.clone(), -15, vec![]),
        ("T-14", base.clone(), -14, vec!["keep", owner]),
        ("T-13, told", reminded(14), -13, vec![]),
        ("T-3, told at T-14", reminded(14), -3, vec!["keep", owner, "IT lead"]),
        ("T-2, told at T-3", reminded(3), -2, vec![]),
        ("T-2, never told", base.clone(), -2, vec!["keep", owner, "IT lead"]),
        ("the last day, told", reminded(1), 0, vec![]),
        ("the day after", base.clone(), 1, vec!["end EX-001"]),
        ("told before an earlier end", reminded(60), -14, vec!["keep", owner]),
    ];
    for (what, exception, day, expected) in rows {
        assert_eq!(told(&exception, days(day)), expected, "{what}");
    }
    assert_eq!(told(&approved(), days(1)), ["keep"], "over before it was applied");
    let refused = decided(&asked(&request("svc-erp")).unwrap(), vec![no("ada")]);
    assert!(told(&refused, days(1)).is_empty());
}

#[test]
fn a_change_set_applies_and_a_change_set_ends() {
    let mut tenant = ne();
    let begins = |tenant: &Tenant| {
        let sets = |it: &State| exceptions::sets_due(it, &tenant.facts(), "m", TODAY).remove(0).1;
        sets(&state_of(&[&approved()])).is_ok()
    };
    tenant.snapshot.policies = None;
    assert!(!begins(&tenant), "whether a policy leaves the group out nobody told");
    tenant.snapshot.policies = Some(Vec::new());
    let facts = tenant.facts();
    let due = |exception: &Exception, day: Date| -> Vec<(String, bool)> {
        let state = state_of(&[exception]);
        let sets = exceptions::sets_due(&state, &facts, "m", day);
        sets.into_iter().map(|(due, draft)| (due.of_plan(), draft.is_ok())).collect()
    };
    let exception = approved();
    assert_eq!(due(&exception, TODAY), [("EX-001".to_owned(), true)]);
    let after = date(2026, 12, 19);
    assert!(due(&exception, after).is_empty(), "what is over is not begun");
    let exception = applied(&exception);
    assert!(due(&exception, date(2026, 12, 18)).is_empty());
    // Nobody told the group, so that nothing can be drafted; it is due all the same.
    assert_eq!(due(&exception, after), [("EX-001/end".to_owned(), false)]);
    let closed = Closed { by: "kim".into(), at: time(NOW), how: "The ERP is gone.".into() };
    let ending = exceptions::end(&exception, closed.clone()).unwrap();
    assert_eq!(due(&ending, TODAY), [("EX-001/end".to_owned(), false)]);
    assert!(exceptions::end(&ending, closed).is_err(), "once is enough");
    let ended = exceptions::ended(&ending, "set", time(NOW)).unwrap();
    let why = "The ERP is gone.".to_owned();
    let over = ExceptionPhase::Ended { set: Some("set".into()), at: time(NOW), why };
    assert_eq!(ended.phase, over);
    assert!(exceptions::ended(&ended, "set", time(NOW)).is_none());
    assert!(exceptions::begun(&ended, "set", time(NOW)).is_none());
}

#[test]
fn guards_hear_of_approvals_that_hold() {
    let tenant = ne();
    let facts = tenant.facts();
    let director = decided(
        &asked(&for_the_director()).unwrap(),
        vec![yes("ada", Some('a')), yes("eve", Some('b'))],
    );
    let found = exceptions::approvals(&state_of(&[&director]), &facts, TODAY);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].approvers, ["ada@ne.example", "eve@ne.example"]);
    assert!(found[0].decision.is_some());
    let over = date(2026, 12, 19);
    assert!(exceptions::approvals(&state_of(&[&director]), &facts, over).is_empty());
    let waiting = asked(&for_the_director()).unwrap();
    assert!(exceptions::approvals(&state_of(&[&waiting]), &facts, TODAY).is_empty());
    // Who has become a director since needs the letter now.
    let mut promoted = ne();
    promoted.snapshot.users.as_mut().unwrap()[0].job_title = Some("Finance Director".into());
    let found = exceptions::approvals(&state_of(&[&approved()]), &promoted.facts(), TODAY);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn one_in_a_hundred() {
    let tenant = ne();
    let one = approved();
    let mut two = one.clone();
    two.id = "EX-002".into();
    let budget = |state: &State| exceptions::budget(state, &tenant.facts());
    let found = budget(&state_of(&[&one]));
    assert_eq!((found.standing, found.enabled_members, found.most), (1, Some(8), Some(1)));
    assert_eq!(found.is_exceeded(), Some(false));
    assert_eq!(budget(&state_of(&[&one, &two])).is_exceeded(), Some(true));
    let blind = Tenant::default();
    assert_eq!(exceptions::budget(&state_of(&[&one]), &blind.facts()).is_exceeded(), None);
}
