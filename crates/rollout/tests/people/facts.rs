//! The joins every decision rests on.

use rollout::{
    Account, GLOBAL_ADMINISTRATOR, MailboxKind, Member, MemberKind, SignInActivity, is_listed,
};

use crate::tenant::{
    NEWEST, NOW, Tenant, account, active, days_ago, group, mailbox, quiet_log, role, row, time,
    user,
};

fn named(name: &str) -> Account {
    Account { user_principal_name: Some(name.to_owned()), ..Account::default() }
}

#[test]
fn an_account_nobody_lists_is_found_nowhere() {
    let tenant = Tenant::default();
    let facts = tenant.facts();
    let kim = account("kim");
    assert!(facts.user(&kim).is_none() && facts.registration(&kim).is_none());
    assert!(facts.activity(&kim).is_none() && facts.mailbox_of(&kim).is_none());
    assert!(facts.last_seen(&kim).is_none() && facts.roles_of(&kim).is_empty());
    assert_eq!(facts.directory_form(&kim), kim);
    assert_eq!(facts.as_of, time(NOW), "without any date the clock speaks");
}

#[test]
fn joins_go_by_id_first_then_by_name_in_any_case() {
    let mut tenant = Tenant::with_users(vec![user("kim"), user("pat")]);
    tenant.snapshot.registrations = Some(vec![row("pat", true, true, &[])]);
    let facts = tenant.facts();
    let renamed = Account { user_id: Some("ID-PAT".to_owned()), ..named("kim@ne.example") };
    assert_eq!(facts.user_position(&renamed), Some(1));
    assert_eq!(facts.user_position(&named("KIM@ne.example")), Some(0));
    assert!(facts.registration(&named("Pat@ne.example")).is_some());
    assert!(facts.user_named("id-kim").is_some());
}

#[test]
fn rows_of_another_file_are_found_through_the_directory() {
    let mut person = user("kim");
    person.mail = Some("kim.lee@ne.example".to_owned());
    let mut log = quiet_log();
    let mut activity = active("kim");
    activity.account = named("kim.lee@ne.example");
    log.activity.get_or_insert_default().people = vec![activity];
    let mut tenant = Tenant::with_users(vec![person]).with_log(log);
    let mut by_mail = mailbox("kim.lee", MailboxKind::User);
    by_mail.user_principal_name = None;
    tenant.snapshot.mailboxes = Some(vec![by_mail]);
    let facts = tenant.facts();
    assert!(facts.activity(&account("kim")).is_some());
    assert!(facts.mailbox_of(&account("kim")).is_some());
}

#[test]
fn last_seen_is_a_success_and_attempts_count_only_where_successes_are_not_told() {
    let attempt = Some(days_ago(1));
    let success = Some(days_ago(50));
    let cases = [
        (SignInActivity::default(), None),
        (SignInActivity { last_sign_in: attempt, ..SignInActivity::default() }, attempt),
        (
            SignInActivity {
                last_sign_in: attempt,
                last_successful: success,
                ..SignInActivity::default()
            },
            success,
        ),
    ];
    for (activity, expected) in cases {
        let mut person = user("kim");
        person.activity = Some(activity);
        let tenant = Tenant::with_users(vec![person]);
        assert_eq!(tenant.facts().last_seen(&account("kim")), expected);
    }
}

#[test]
fn ages_are_counted_from_the_newest_sign_in() {
    let tenant = Tenant::default().with_log(quiet_log());
    assert_eq!(tenant.facts().as_of, time(NEWEST));
    assert_eq!(tenant.facts().days_before(30), days_ago(30));
    assert_eq!(tenant.facts().days_before(u32::MAX), jiff::Timestamp::MIN);
}

#[test]
fn nested_groups_are_resolved_and_cycles_survived() {
    let nested = |name: &str| Member {
        id: Some(format!("group-{name}")),
        user_principal_name: None,
        kind: MemberKind::Group,
    };
    let mut outer = group("outer", &["kim"]);
    outer.members.as_mut().unwrap().push(nested("inner"));
    let mut inner = group("inner", &["pat"]);
    inner.members.as_mut().unwrap().push(nested("outer"));
    let mut tenant = Tenant::with_users(vec![user("kim"), user("pat")]);
    let mut through = role("x", GLOBAL_ADMINISTRATOR);
    through.principal_id = Some("group-outer".to_owned());
    through.principal_kind = MemberKind::Group;
    tenant.snapshot.roles = Some(vec![through.clone(), through, role("kim", "other")]);
    tenant.snapshot.groups = Some(vec![outer, inner]);
    let facts = tenant.facts();
    let (members, complete) = facts.members_of(facts.group("OUTER").unwrap());
    assert_eq!((members, complete), (vec![account("kim"), account("pat")], true));
    assert_eq!(facts.roles_of(&account("pat")).len(), 2);
    assert_eq!(facts.roles_of(&named("kim@ne.example")).len(), 3);

    tenant.snapshot.groups.as_mut().unwrap()[1].members = None;
    let facts = tenant.facts();
    let (members, complete) = facts.members_of(facts.group("outer").unwrap());
    assert_eq!((members, complete), (vec![account("kim")], false));
}

#[test]
fn a_service_principals_role_is_nobodys() {
    let mut tenant = Tenant::with_users(vec![user("kim")]);
    let mut of_program = role("kim", GLOBAL_ADMINISTRATOR);
    of_program.principal_kind = MemberKind::Other;
    tenant.snapshot.roles = Some(vec![of_program]);
    assert!(tenant.facts().roles_of(&account("kim")).is_empty());
}

#[test]
fn a_list_holds_names_and_ids() {
    let list = vec![" KIM@ne.example".to_owned(), "id-pat".to_owned()];
    assert!(is_listed(&list, &account("kim")) && is_listed(&list, &account("pat")));
    assert!(!is_listed(&list, &account("ann")) && !is_listed(&list, &Account::default()));
}
