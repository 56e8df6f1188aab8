//! NH: accounts that are no people.

use std::collections::{BTreeMap, BTreeSet};

use super::Decide;
use super::answer::{Answer, Missing, Sweep, count};
use super::context::{
    Context, FUTURE_POLICY, MAILBOXES, ORGANISATION, POLICIES, ROLES, SIGN_IN_APPS,
    SIGN_IN_PROTOCOL, SIGN_INS, USERS,
};
use super::policy_conditions::named;
use super::policy_scope::PolicyScope;
use crate::account::Account;
use crate::exceptions::Kind;
use crate::measurement::PersonActivity;
use crate::snapshot::{
    DIRECTORY_SYNCHRONIZATION_ACCOUNTS, MailboxKind, MemberKind, ON_PREMISES_DIRECTORY_SYNC_ACCOUNT,
};

pub(super) const CHECKS: &[(&str, Decide)] = &[
    ("NH-01", programs_sign_in_as_users),
    ("NH-02", flows),
    ("NH-03", scripts),
    ("NH-04", device_code),
    ("NH-05", synchronisation),
    ("NH-08", workload_identities),
    ("NH-09", shared_mailbox_sign_in),
];

/// Azure AD PowerShell, Azure PowerShell and Exchange Online PowerShell (Microsoft Entra,
/// *Application IDs of commonly used Microsoft applications*).
pub(super) const POWERSHELL: [(&str, &str); 3] = [
    ("1b730954-1685-4b74-9bfd-dac224a7b894", "Azure AD PowerShell"),
    ("1950a258-227b-4e31-a9cf-717495945fc2", "Azure PowerShell"),
    ("fb78d390-0c51-40cd-8e17-fdbfab77341b", "Exchange Online PowerShell"),
];

/// Judges every account of the logs, and says so where the logs are not whole.
fn sweep_people(
    context: &Context<'_>,
    bad: impl Fn(&PersonActivity) -> bool,
    what: &str,
) -> Result<Sweep, Missing> {
    let mut sweep = Sweep::default();
    for person in context.activity()?.people.iter().filter(|person| bad(person)) {
        let account = context.facts.directory_form(&person.account);
        sweep.found(format!("{}: {what}, {} sign-ins", account.label(), person.sign_ins));
    }
    if !context.logs_are_complete() {
        sweep.unseen("the logs do not cover the whole window", SIGN_INS);
    }
    Ok(sweep)
}

/// Causes of dependencies that are a program or a device, not a person's mail program.
const PROGRAMS: [&str; 8] = [
    "printer-smtp",
    "application-smtp",
    "line-of-business-imap",
    "line-of-business-pop",
    "script-ropc",
    "powershell-basic",
    "reporting-web-services",
    "ews-retirement",
];

fn programs_sign_in_as_users(context: &Context<'_>) -> Result<Answer, Missing> {
    let measurement = context.measurement()?;
    let mut sweep = Sweep::default();
    // One row for each account, however many ways it signs in.
    let mut programs: BTreeMap<String, (Account, String)> = BTreeMap::new();
    let mut told: BTreeSet<String> = BTreeSet::new();
    for dependency in context.legacy.iter().flat_map(|audit| &audit.dependencies) {
        let label = dependency.account.label().to_owned();
        let how = format!(
            "{}, {} successes ({})",
            dependency.client_app.as_deref().unwrap_or("client app not told"),
            dependency.succeeded,
            dependency.cause,
        );
        if PROGRAMS.contains(&dependency.cause) {
            programs.entry(label.clone()).or_insert((dependency.account.clone(), how));
        } else if dependency.cause == "unknown"
            && dependency.protocol.as_deref().is_some_and(|it| it.eq_ignore_ascii_case("ropc"))
        {
            sweep.unseen(
                format!("{label}: a stored password over {how}"),
                "what the unknown programs are (the legacy audit says where to look)",
            );
        }
        told.insert(label);
    }
    for person in context.activity()?.people.iter().filter(|person| person.ropc) {
        let account = context.facts.directory_form(&person.account);
        let label = account.label().to_owned();
        if !told.contains(&label) {
            let how = "signs in with a stored password".to_owned();
            programs.entry(label).or_insert((account, how));
        }
    }
    match context.of_kind(Kind::Service) {
        Ok(services) => {
            for user in services.into_iter().filter(|it| it.account_enabled != Some(false)) {
                let activity = context.facts.activity(&user.account);
                if activity.is_some_and(|it| it.last_success.is_some()) {
                    let how = "a service account that signs in".to_owned();
                    let label = user.account.label().to_owned();
                    programs.entry(label).or_insert((user.account.clone(), how));
                }
            }
        }
        Err(Missing(export)) => sweep.unseen("which accounts programs use", export),
    }
    for (label, (account, how)) in programs {
        sweep.found_of(&account, format!("{label}: {how}"));
    }
    if !measurement.coverage.authentication_protocol {
        sweep.unseen("the logs do not show the protocol of every sign-in", SIGN_IN_PROTOCOL);
    }
    if measurement.totals.legacy_unknown > 0 {
        sweep.unseen("some legacy sign-ins do not tell their result", SIGN_INS);
    }
    if !context.logs_are_complete() {
        sweep.unseen("the logs do not cover the whole window", SIGN_INS);
    }
    Ok(sweep.answer(
        |n| format!("{} used by programs.", count(n, "user account is", "user accounts are")),
        "No program was seen to sign in as a user.",
    ))
}

fn flows(context: &Context<'_>) -> Result<Answer, Missing> {
    let is_flow = |app: &str| {
        let app = app.to_lowercase();
        ["power automate", "powerapps", "power apps", "microsoft flow", "power platform"]
            .iter()
            .any(|name| app.contains(name))
    };
    let owns = |person: &PersonActivity| {
        person.non_interactive_successes > 0 && person.apps.iter().any(is_flow)
    };
    let mut sweep = sweep_people(context, owns, "owns a flow or an app")?;
    for person in context.activity()?.people.iter().filter(|it| it.apps_left_out > 0) {
        if !owns(person) {
            sweep.unseen(
                format!("{}: uses more applications than were kept", person.account.label()),
                "the connections by owner (Power Platform admin center)",
            );
        }
    }
    // A connection that was not used within the window leaves no sign-in.
    sweep.unseen(
        "a flow that did not run in the window leaves no sign-in",
        "the connections by owner (Power Platform admin center)",
    );
    Ok(sweep.answer(
        |n| format!("{} flows that run without them.", count(n, "person owns", "people own")),
        "Nobody was seen to own a running flow.",
    ))
}

fn scripts(context: &Context<'_>) -> Result<Answer, Missing> {
    used_applications(context, &POWERSHELL, Role::Client, "administration scripts or shells")
}

/// As what an application shows in a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The application that signs in.
    Client,
    /// The application that signs in, or the resource signed in to.
    Either,
}

/// Found when one of the applications was used; inconclusive where the logs do not tell all ids.
pub(super) fn used_applications(
    context: &Context<'_>,
    applications: &[(&str, &str)],
    role: Role,
    what: &str,
) -> Result<Answer, Missing> {
    let activity = context.activity()?;
    let untold = match role {
        Role::Client => activity.application_ids_untold,
        Role::Either => activity.application_ids_untold.max(activity.resource_ids_untold),
    };
    let mut sweep = Sweep::default();
    for (id, name) in applications {
        match activity.by_app.get(*id) {
            Some(used) if used.successes > 0 => {
                let users = usize::try_from(used.users).unwrap_or(usize::MAX);
                let users = count(users, "user", "users");
                sweep.found(format!("{name}: {} sign-ins of {users}", used.successes));
            }
            Some(_) => {}
            None if activity.by_app_left_out > 0 => {
                sweep.unseen(format!("{name}: more applications than were counted"), SIGN_IN_APPS);
            }
            None => {}
        }
    }
    if untold > 0 || activity.by_app.is_empty() {
        sweep.unseen(
            format!("{untold} successes do not tell the ids of application and resource"),
            SIGN_IN_APPS,
        );
    }
    if !context.logs_are_complete() {
        sweep.unseen("the logs do not cover the whole window", SIGN_INS);
    }
    Ok(sweep.answer(
        |n| format!("Users sign in to {what} ({}).", count(n, "application", "applications")),
        format!("No user signed in to {what}."),
    ))
}

fn device_code(context: &Context<'_>) -> Result<Answer, Missing> {
    let measurement = context.measurement()?;
    let users: Vec<Account> = context
        .activity()?
        .people
        .iter()
        .filter(|person| person.device_code)
        .map(|person| context.facts.directory_form(&person.account))
        .collect();
    let mut sweep = Sweep::default();
    if !measurement.coverage.authentication_protocol || !context.logs_are_complete() {
        sweep.unseen("the logs do not show the protocol of every sign-in", SIGN_IN_PROTOCOL);
    }
    if !users.is_empty() {
        match context.live_policies() {
            Ok(live) => {
                let blocks = |policy: &&&conditional_access::Policy| {
                    policy.grants("block")
                        && policy
                            .conditions
                            .authentication_flows
                            .iter()
                            .any(|flow| flow.eq_ignore_ascii_case("deviceCodeFlow"))
                };
                for policy in live.iter().filter(blocks) {
                    let scope = PolicyScope::of(context, policy);
                    for account in &users {
                        let guest =
                            context.facts.user(account).and_then(|it| context.facts.is_guest(it));
                        sweep.judge(
                            scope.reaches(account, guest),
                            format!("{}: {}", account.label(), named(policy)),
                            super::context::GROUPS,
                        );
                    }
                }
            }
            Err(_) => sweep.unseen("whether a policy blocks the device code flow", POLICIES),
        }
    }
    let used = count(users.len(), "account uses", "accounts use");
    Ok(sweep.answer_or(
        |_| format!("{used} the device code flow, and a policy blocks it."),
        || {
            if users.is_empty() {
                return Answer::ok("Nobody was seen to use the device code flow.");
            }
            let mut answer = Answer::inconclusive(
                format!("{used} the device code flow; no policy blocks it yet."),
                "an exception for each of the accounts before a policy blocks the flow",
            );
            answer.evidence = users.iter().map(|it| it.label().to_owned()).collect();
            answer
        },
    ))
}

fn synchronisation(context: &Context<'_>) -> Result<Answer, Missing> {
    if context.facts.snapshot.tenant.on_premises_sync == Some(false) {
        return Ok(Answer::not_applicable("The tenant is not synchronised from on premises."));
    }
    let accounts: Vec<Account> = context
        .roles()?
        .iter()
        .filter(|role| {
            role.active
                && role.principal_kind != MemberKind::Other
                && [DIRECTORY_SYNCHRONIZATION_ACCOUNTS, ON_PREMISES_DIRECTORY_SYNC_ACCOUNT]
                    .iter()
                    .any(|id| role.role.eq_ignore_ascii_case(id))
        })
        .map(|role| {
            context.facts.directory_form(&Account {
                user_id: role.principal_id.clone(),
                user_principal_name: role.principal_name.clone(),
                display_name: None,
            })
        })
        .collect();
    if accounts.is_empty() {
        if context.facts.snapshot.tenant.on_premises_sync.is_none() {
            return Err(Missing(ORGANISATION));
        }
        return Ok(Answer::not_applicable("No user account holds a synchronisation role."));
    }
    let live = context.live_policies()?;
    if live.is_empty() {
        let mut answer = Answer::inconclusive(
            format!(
                "{} must be excluded from {FUTURE_POLICY}.",
                count(accounts.len(), "synchronisation account", "synchronisation accounts")
            ),
            FUTURE_POLICY,
        );
        answer.evidence = accounts.iter().map(|it| it.label().to_owned()).collect();
        return Ok(answer);
    }
    let mut sweep = Sweep::default();
    for policy in live {
        let scope = PolicyScope::of(context, policy);
        for account in &accounts {
            sweep.judge(
                scope.reaches(account, Some(false)),
                format!("{}: {}", account.label(), named(policy)),
                ROLES,
            );
        }
    }
    Ok(sweep.answer(
        |n| {
            format!(
                "Synchronisation accounts are in the scope of {}.",
                count(n, "policy", "policies")
            )
        },
        "Every policy leaves the synchronisation accounts out.",
    ))
}

fn workload_identities(context: &Context<'_>) -> Result<Answer, Missing> {
    let sign_ins = context.measurement()?.workload_sign_ins;
    if sign_ins == 0 {
        return Err(Missing("the sign-in logs of service principals and managed identities"));
    }
    Ok(Answer::found(
        format!("{sign_ins} sign-ins of workload identities are outside policies for users."),
        Vec::new(),
    ))
}

fn shared_mailbox_sign_in(context: &Context<'_>) -> Result<Answer, Missing> {
    let mut sweep = Sweep::default();
    let mut shared = 0;
    for (user, kind) in context.classified()? {
        let mailbox = context.facts.mailbox(user).map(|mailbox| mailbox.kind);
        let purpose = user.mailbox_purpose.as_deref();
        if kind == Kind::SharedMailbox
            || mailbox == Some(MailboxKind::Shared)
            || purpose == Some("shared")
        {
            shared += 1;
            let seen = context.facts.activity(&user.account).filter(|it| it.last_success.is_some());
            let use_of_it = match seen.and_then(|it| it.last_success) {
                Some(last) => format!("used last {}", last.strftime("%Y-%m-%d")),
                None => "no use was seen".to_owned(),
            };
            sweep.judge(
                user.account_enabled,
                format!("{}: sign-in is enabled, {use_of_it}", user.account.label()),
                USERS,
            );
        }
    }
    if !context.mailbox_kinds_told() {
        sweep.unseen("which mailboxes are shared", MAILBOXES);
    }
    Ok(sweep.answer(
        |n| format!("Sign-in is enabled for {}.", count(n, "shared mailbox", "shared mailboxes")),
        format!("Sign-in is blocked for all {shared} shared mailboxes."),
    ))
}
