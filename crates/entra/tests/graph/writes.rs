//! Writes carried out in a small tenant that loses answers and shows new objects late.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use entra::graph::writes::{
    AddMember, AssignRole, DeletePolicy, Done, Mail, Marker, NewPass, NewPolicy, NewUser, ObjectId,
    Outcome, PatchPolicy, Patience, PolicyBody, RemovePass, SecurityDefaults, Write, WriteError,
    carry_out,
};
use http::Method;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::support::{Reply, Scripted, Sent, client};

const MARKER: &str = "ca001-7f3a";
const POLICIES: &str = "/v1.0/identity/conditionalAccess/policies";
const SECOND: u64 = 1_000;

fn new_policy() -> Write {
    let body = json!({"displayName": "CA001", "state": "disabled"});
    let body = PolicyBody::new(body.as_object().unwrap()).unwrap();
    Write::CreatePolicy(NewPolicy { body, marker: Marker::new(MARKER).unwrap() })
}

fn id(text: &str) -> ObjectId {
    ObjectId::new(text).unwrap()
}

/// What becomes of a request that writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Answered,
    /// Carried out; nobody hears of it.
    LostAfter,
    /// Never arrived.
    LostBefore,
}

/// A tenant of policies. An object shows so long after it was made, and goes on showing as long
/// after it was deleted.
#[derive(Debug, Default)]
struct Tenant {
    lag: u64,
    fates: Vec<Fate>,
    made: Vec<(u64, Value)>,
    deleted: Vec<(u64, String)>,
    writes: Vec<(u64, Method)>,
}

impl Tenant {
    fn shown(&self, at: u64) -> Vec<Value> {
        let gone = |object: &Value| {
            self.deleted.iter().any(|(when, id)| at >= when + self.lag && object["id"] == **id)
        };
        let shows = |made: u64| made == 0 || at >= made + self.lag;
        let all = self.made.iter().filter(|(made, it)| shows(*made) && !gone(it));
        all.map(|(_, it)| it.clone()).collect()
    }

    fn answer(&mut self, sent: &Sent) -> Reply {
        let one = sent.path.strip_prefix(POLICIES).map(|it| it.trim_start_matches('/').to_owned());
        let Some(one) = one else { return Reply::error(404, "NotFound") };
        if sent.method == Method::GET {
            let shown = self.shown(sent.at);
            if one.is_empty() {
                return Reply::json(200, json!({"value": shown}));
            }
            let found = shown.into_iter().find(|it| it["id"] == *one);
            return found.map_or_else(|| Reply::error(404, "NotFound"), |it| Reply::json(200, it));
        }
        self.writes.push((sent.at, sent.method.clone()));
        let fate = if self.fates.is_empty() { Fate::Answered } else { self.fates.remove(0) };
        if fate == Fate::LostBefore {
            return Reply::Lost;
        }
        let reply = self.write(sent, &one);
        if fate == Fate::LostAfter { Reply::Lost } else { reply }
    }

    fn write(&mut self, sent: &Sent, one: &str) -> Reply {
        if sent.method == Method::POST {
            let mut object = sent.json();
            object["id"] = json!(format!("policy-{}", self.made.len() + 1));
            // What Graph adds of its own.
            object["conditions"] = json!({"times": null});
            self.made.push((sent.at.max(1), object.clone()));
            return Reply::json(201, object);
        }
        if self.made.iter().all(|(_, it)| it["id"] != *one)
            || self.deleted.iter().any(|(_, it)| it == one)
        {
            return Reply::error(404, "NotFound");
        }
        if sent.method == Method::DELETE {
            self.deleted.push((sent.at, one.to_owned()));
        }
        Reply::text(204, "")
    }
}

fn served(tenant: Tenant) -> (Scripted, Rc<RefCell<Tenant>>) {
    let tenant = Rc::new(RefCell::new(tenant));
    let asked = Rc::clone(&tenant);
    (Scripted::new(move |sent| asked.borrow_mut().answer(sent)), tenant)
}

async fn carried(
    transport: &Scripted,
    write: &Write,
    patience: &Patience,
) -> Result<Outcome, WriteError> {
    carry_out(&client(transport), write, patience).await
}

fn ours(id: &str) -> Value {
    json!({"id": id, "displayName": "CA001", "state": "disabled",
           "description": format!("[lockstep {MARKER}]")})
}

#[tokio::test(start_paused = true)]
async fn a_policy_is_made_once_and_found_the_second_time() {
    let (transport, tenant) = served(Tenant::default());
    let made = carried(&transport, &new_policy(), &Patience::default()).await.unwrap();
    assert_eq!((made.done, made.id.as_deref(), made.sent), (Done::Created, Some("policy-1"), 1));
    assert_eq!(made.read_back.unwrap()["state"], "disabled");
    let found = carried(&transport, &new_policy(), &Patience::default()).await.unwrap();
    assert_eq!((found.done, found.sent), (Done::AlreadyAsWanted, 0));
    assert_eq!(found.id.as_deref(), Some("policy-1"));
    assert_eq!(tenant.borrow().writes.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn whatever_becomes_of_its_requests_there_is_one_policy_in_the_end() {
    use Fate::{Answered, LostAfter, LostBefore};
    let fates: [&[Fate]; 6] = [
        &[Answered],
        &[LostAfter],
        &[LostBefore, Answered],
        &[LostBefore, LostAfter],
        &[LostBefore, LostBefore, Answered],
        &[LostBefore, LostBefore, LostAfter],
    ];
    for lag in [0, 5, 90, 119] {
        for fates in fates {
            let (transport, tenant) =
                served(Tenant { lag: lag * SECOND, fates: fates.to_vec(), ..Tenant::default() });
            let made = carried(&transport, &new_policy(), &Patience::default()).await.unwrap();
            let tenant = tenant.borrow();
            assert_eq!((made.done, tenant.made.len()), (Done::Created, 1), "{lag} {fates:?}");
            assert_eq!(tenant.writes.len(), fates.len(), "{lag} {fates:?}");
            for pair in tenant.writes.windows(2) {
                assert!(pair[1].0 - pair[0].0 >= 100 * SECOND, "sent again within the window");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn requests_that_never_arrive_end_in_an_error_and_not_in_a_loop() {
    let fates = vec![Fate::LostBefore; 9];
    let (transport, tenant) = served(Tenant { fates, ..Tenant::default() });
    let error = carried(&transport, &new_policy(), &Patience::default()).await.unwrap_err();
    assert_eq!(error.to_string(), "could not create the policy `CA001`");
    assert_eq!(tenant.borrow().writes.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn two_that_are_ours_are_named_and_no_third_is_made() {
    let made = vec![(0, ours("a")), (0, ours("b"))];
    let (transport, tenant) = served(Tenant { made, ..Tenant::default() });
    let error = carried(&transport, &new_policy(), &Patience::default()).await.unwrap_err();
    assert!(matches!(&error, WriteError::Duplicates { ids, .. } if *ids == ["a", "b"]), "{error}");
    assert!(tenant.borrow().writes.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_namesake_and_one_that_somebody_changed_are_left_alone() {
    let theirs = json!({"id": "t", "displayName": "ca001", "state": "enabled"});
    let mut changed = ours("c");
    changed["state"] = json!("enabled");
    for (object, expected) in [
        (theirs, "could not create the policy `CA001`: `t` is there and was not made by lockstep"),
        (changed, "did not create the policy `CA001`: it is there with another state"),
    ] {
        let (transport, tenant) = served(Tenant { made: vec![(0, object)], ..Tenant::default() });
        let error = carried(&transport, &new_policy(), &Patience::default()).await.unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(tenant.borrow().writes.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_run_may_have_made_is_waited_for() {
    let made = vec![(1, ours("early"))];
    let (transport, tenant) = served(Tenant { lag: 60 * SECOND, made, ..Tenant::default() });
    let patience = Patience { unsettled: true, ..Patience::default() };
    let found = carried(&transport, &new_policy(), &patience).await.unwrap();
    assert_eq!((found.done, found.id.as_deref()), (Done::AlreadyAsWanted, Some("early")));
    assert!(tenant.borrow().writes.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_policy_is_deleted_once_whatever_is_lost_or_shows_late() {
    use Fate::{Answered, LostAfter, LostBefore};
    let write = Write::DeletePolicy(DeletePolicy { id: id("a") });
    for lag in [0, 30] {
        for fates in [&[Answered][..], &[LostAfter], &[LostBefore, Answered]] {
            let (transport, tenant) = served(Tenant {
                lag: lag * SECOND,
                made: vec![(0, ours("a"))],
                fates: fates.to_vec(),
                ..Tenant::default()
            });
            let gone = carried(&transport, &write, &Patience::default()).await.unwrap();
            assert_eq!(gone.done, Done::Removed, "{lag} {fates:?}");
            assert_eq!(tenant.borrow().deleted.len(), 1, "{lag} {fates:?}");
            let again = carried(&transport, &write, &Patience::default()).await.unwrap();
            assert_eq!((again.done, again.sent), (Done::AlreadyAsWanted, 0));
        }
    }
}

/// A 404 says of what was made a moment ago that it is not shown yet, not that it is gone.
#[tokio::test(start_paused = true)]
async fn what_was_made_a_moment_ago_and_is_not_shown_yet_is_removed() {
    let made = vec![(1, ours("a"))];
    let (transport, tenant) = served(Tenant { lag: 60 * SECOND, made, ..Tenant::default() });
    let write = Write::DeletePolicy(DeletePolicy { id: id("a") });
    let gone = carried(&transport, &write, &Patience::default()).await.unwrap();
    assert_eq!((gone.done, gone.sent), (Done::Removed, 1));
    assert_eq!(tenant.borrow().deleted.len(), 1);
    assert!(tenant.borrow().writes[0].0 >= 60 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn an_account_and_a_role_whose_answers_are_lost_are_asked_for_once() {
    let account = Write::CreateUser(NewUser {
        user_principal_name: "break-glass-1@ne.example".to_owned(),
        display_name: "Break-glass 1".to_owned(),
        mail_nickname: "break-glass-1".to_owned(),
        password: "a password of the test".to_owned().into(),
        change_password: false,
        password_never_expires: false,
        enabled: true,
    });
    let role = Write::AssignRole(AssignRole {
        principal: id("p"),
        role: id("62e90394-69f5-4237-9190-012177145e10"),
        scope: "/".to_owned(),
    });
    for (write, is_list) in [(account, false), (role, true)] {
        let made = Rc::new(RefCell::new(None::<(u64, Value)>));
        let kept = Rc::clone(&made);
        let transport = Scripted::new(move |sent| {
            if sent.method == Method::POST {
                let mut object = sent.json();
                object["id"] = json!("new");
                assert_eq!(kept.replace(Some((sent.at, object))), None, "sent a second time");
                return Reply::Lost;
            }
            let shown = kept.borrow().clone().filter(|(at, _)| sent.at >= at + 26 * SECOND);
            match shown {
                shown if is_list => {
                    Reply::json(200, json!({"value": Vec::from_iter(shown.map(|it| it.1))}))
                }
                Some((_, object)) => Reply::json(200, object),
                None => Reply::error(404, "Request_ResourceNotFound"),
            }
        });
        let outcome = carried(&transport, &write, &Patience::default()).await.unwrap();
        assert_eq!((outcome.done, outcome.sent), (Done::Created, 1), "{}", write.words());
    }
}

#[tokio::test(start_paused = true)]
async fn what_graph_confirms_and_never_shows_is_not_called_done() {
    let (transport, _) = served(Tenant { made: vec![(0, ours("a"))], ..Tenant::default() });
    let state = json!({"state": "enabled"});
    let changes = PolicyBody::new(state.as_object().unwrap()).unwrap();
    let write = Write::PatchPolicy(PatchPolicy { id: id("a"), changes });
    let error = carried(&transport, &write, &Patience::default()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "sent the request to set state of the policy `a`, but the tenant does not show it: state"
    );
}

#[tokio::test(start_paused = true)]
async fn a_change_of_what_is_not_there_waits_and_then_says_so() {
    let (transport, tenant) = served(Tenant::default());
    let state = json!({"state": "enabled"});
    let changes = PolicyBody::new(state.as_object().unwrap()).unwrap();
    let write = Write::PatchPolicy(PatchPolicy { id: id("gone"), changes });
    let error = carried(&transport, &write, &Patience::default()).await.unwrap_err();
    assert!(matches!(error, WriteError::NotThere { .. }), "{error}");
    assert!(tenant.borrow().writes.is_empty());
    assert!(transport.times().last().unwrap() - transport.times()[0] > 60 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_told_at_once_and_security_defaults_stay_as_they_were() {
    let transport = Scripted::new(|sent| match sent.method {
        Method::GET => Reply::json(200, json!({"isEnabled": true})),
        _ => Reply::error(403, "AccessDenied"),
    });
    let write = Write::SecurityDefaults(SecurityDefaults { enabled: false });
    let error = carried(&transport, &write, &Patience::default()).await.unwrap_err();
    assert_eq!(error.to_string(), "could not turn security defaults off");
    assert_eq!(transport.sent().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_member_that_is_in_the_group_already_is_no_error() {
    let asked = Rc::new(RefCell::new(0));
    let counted = Rc::clone(&asked);
    let transport = Scripted::new(move |sent| {
        if sent.method == Method::GET {
            // The list shows an old state first.
            *counted.borrow_mut() += 1;
            let late = *counted.borrow() > 3;
            return Reply::json(
                200,
                json!({"value": if late { vec![json!({"id": "m"})] } else { vec![] }}),
            );
        }
        let text = "One or more added object references already exist for the following modified \
                    properties: 'members'.";
        Reply::json(400, json!({"error": {"code": "Request_BadRequest", "message": text}}))
    });
    let write = Write::AddMember(AddMember {
        group: id("g"),
        member: id("m"),
        graph: "https://graph.microsoft.com".to_owned(),
    });
    let outcome = carried(&transport, &write, &Patience::default()).await.unwrap();
    assert_eq!((outcome.done, outcome.sent), (Done::AlreadyAsWanted, 1));
}

#[tokio::test(start_paused = true)]
async fn a_mail_whose_answer_was_lost_is_not_sent_again() {
    let transport = Scripted::new(|_| Reply::Lost);
    let write = Write::SendMail(Mail {
        from: "rollout@ne.example".to_owned(),
        to: vec!["ana@ne.example".to_owned()],
        subject: "s".to_owned(),
        content: "c".to_owned(),
        is_html: false,
    });
    let error = carried(&transport, &write, &Patience::default()).await.unwrap_err();
    assert!(matches!(error, WriteError::Doubtful { .. }), "{error}");
    assert_eq!(transport.sent().len(), 1);

    let transport = Scripted::new(|_| Reply::text(202, ""));
    let outcome = carried(&transport, &write, &Patience::default()).await.unwrap();
    assert_eq!((outcome.done, outcome.read_back), (Done::Accepted, None));
}

#[tokio::test(start_paused = true)]
async fn a_pass_nobody_saw_is_replaced_and_the_one_that_is_shown_shows_nowhere_else() {
    let pass = Rc::new(RefCell::new(None::<u32>));
    let transport = Scripted::new(move |sent| {
        if sent.method == Method::GET {
            let list: Vec<Value> =
                pass.borrow().iter().map(|it| json!({"id": format!("pass-{it}")})).collect();
            return Reply::json(200, json!({"value": list}));
        }
        let next = pass.borrow().map_or(1, |it| it + 1);
        *pass.borrow_mut() = Some(next);
        if next == 1 {
            return Reply::Lost;
        }
        let id = format!("pass-{next}");
        Reply::json(201, json!({"id": id, "temporaryAccessPass": "Xy7-quite-secret"}))
    });
    let user = id("0d0c2b1a-1111-4222-8333-444455556666");
    let mut new = NewPass { user, start: None, minutes: Some(60), once: true, replace: false };
    let outcome =
        carried(&transport, &Write::CreatePass(new.clone()), &Patience::default()).await.unwrap();
    assert_eq!((outcome.id.as_deref(), outcome.sent), (Some("pass-2"), 2));
    assert!(!format!("{outcome:?}").contains("quite-secret"));
    assert_eq!(outcome.pass.unwrap().expose_secret(), "Xy7-quite-secret");

    let error = carried(&transport, &Write::CreatePass(new.clone()), &Patience::default()).await;
    assert!(matches!(error.unwrap_err(), WriteError::Taken { id, .. } if id == "pass-2"));
    new.replace = true;
    let outcome = carried(&transport, &Write::CreatePass(new), &Patience::default()).await.unwrap();
    assert_eq!(outcome.id.as_deref(), Some("pass-3"));
}

#[tokio::test(start_paused = true)]
async fn the_pass_that_is_there_is_taken_back_whatever_its_id() {
    let passes = Rc::new(RefCell::new(vec![json!({"id": "pass-7"})]));
    let kept = Rc::clone(&passes);
    let transport = Scripted::new(move |sent| {
        if sent.method == Method::GET {
            // A new pass is not shown at once.
            let shown = if sent.at < 10 * SECOND { Vec::new() } else { kept.borrow().clone() };
            return Reply::json(200, json!({"value": shown}));
        }
        assert!(sent.path.ends_with("/temporaryAccessPassMethods/pass-7"), "{}", sent.path);
        kept.borrow_mut().clear();
        Reply::text(204, "")
    });
    let write = Write::RemovePass(RemovePass { user: id("u") });
    let outcome = carried(&transport, &write, &Patience::default()).await.unwrap();
    assert_eq!((outcome.done, outcome.sent), (Done::Removed, 1));
    assert!(passes.borrow().is_empty());
    let again = carried(&transport, &write, &Patience::default()).await.unwrap();
    assert_eq!((again.done, again.sent), (Done::AlreadyAsWanted, 0));
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_looks_and_sends_nothing() {
    let (transport, tenant) = served(Tenant::default());
    let options = entra::graph::Options { dry_run: true, ..crate::support::options() };
    let client = entra::graph::Client::new(transport.clone(), options);
    let patience = Patience { window: Duration::from_secs(1), ..Patience::default() };
    let error = carry_out(&client, &new_policy(), &patience).await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.starts_with("a dry run does not send"), "{source}");
    assert!(tenant.borrow().writes.is_empty());
}
