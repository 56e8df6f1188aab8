//! NH: accounts that are no people.

use super::Decide;
use super::answer::{Answer, Missing, Sweep, count};
use super::context::{
    Context, MAILBOXES, ORGANISATION, POLICIES, ROLES, SIGN_IN_APPS, SIGN_IN_PROTOCOL, SIGN_INS,
    USERS,
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

/// Names of applications a person's activity keeps at most.
const APPS_KEPT: usize = 16;

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
    for person in context.measurement()?.people.iter().filter(|person| bad(person)) {
        let account = context.facts.directory_form(&person.account);
        sweep.found(format!("{}: {what}, {} sign-ins", account.label(), person.sign_ins));
    }
    if !context.logs_are_complete() {
        sweep.unseen("the logs do not cover the whole window", SIGN_INS);
    }
    Ok(sweep)
}

fn programs_sign_in_as_users(context: &Context<'_>) -> Result<Answer, Missing> {
    let mut sweep = sweep_people(context, |person| person.ropc, "signs in with a stored password")?;
    if !context.measurement()?.coverage.authentication_protocol {
        sweep.unseen("the logs do not show the protocol of every sign-in", SIGN_IN_PROTOCOL);
    }
    match context.of_kind(Kind::Service) {
        Ok(services) => {
            for user in services.into_iter().filter(|it| it.account_enabled != Some(false)) {
                let activity = context.facts.activity(&user.account);
                if activity.is_some_and(|it| it.last_success.is_some() && !it.ropc) {
                    let label = user.account.label();
                    sweep.found(format!("{label}: a program's account that signs in"));
                }
            }
        }
        Err(Missing(export)) => sweep.unseen("which accounts programs use", export),
    }
    Ok(sweep.answer(
        |n| format!("{} used by programs.", count(n, "user account is", "user accounts are")),
        "No program was seen to sign in as a user.",
    ))
}

fn flows(context: &Context<'_>) -> Result<Answer, Missing> {
    let is_flow = |app: &String| {
        let app = app.to_lowercase();
        ["power automate", "powerapps", "power apps", "microsoft flow", "power platform"]
            .iter()
            .any(|name| app.contains(name))
    };
    let owns = |person: &PersonActivity| {
        person.non_interactive_successes > 0 && person.apps.iter().any(is_flow)
    };
    let mut sweep = sweep_people(context, owns, "owns a flow or an app")?;
    for person in context.measurement()?.people.iter().filter(|it| it.apps.len() >= APPS_KEPT) {
        if !owns(person) {
            sweep.unseen(
                format!("{}: uses more applications than were kept", person.account.label()),
                "the connections by owner (Power Platform admin center)",
            );
        }
    }
    Ok(sweep.answer(
        |n| format!("{} flows that run without them.", count(n, "person owns", "people own")),
        "Nobody was seen to own a running flow.",
    ))
}

fn scripts(context: &Context<'_>) -> Result<Answer, Missing> {
    used_applications(context, &POWERSHELL, "administration scripts or shells")
}

/// Found when one of the applications was used; inconclusive where the logs were not asked for it.
pub(super) fn used_applications(
    context: &Context<'_>,
    applications: &[(&str, &str)],
    what: &str,
) -> Result<Answer, Missing> {
    let measurement = context.measurement()?;
    let mut sweep = Sweep::default();
    for (id, name) in applications {
        match measurement.by_app.get(*id) {
            Some(used) if used.successes > 0 => {
                sweep.found(format!("{name}: {} sign-ins of {} users", used.successes, used.users))
            }
            Some(_) => {}
            None => sweep.unseen(format!("{name}: the logs were not read for it"), SIGN_IN_APPS),
        }
    }
    if !context.logs_are_complete() {
        sweep.unseen("the logs do not cover the whole window", SIGN_INS);
    }
    Ok(sweep.answer(
        |n| format!("{} in use by users: {what}.", count(n, "application is", "applications are")),
        format!("No user signed in to {what}."),
    ))
}

fn device_code(context: &Context<'_>) -> Result<Answer, Missing> {
    let measurement = context.measurement()?;
    let users: Vec<Account> = measurement
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
                    let scope = PolicyScope::of(context.facts, policy);
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
    Ok(sweep.answer(
        |_| format!("{used} the device code flow, and a policy blocks it."),
        format!("{used} the device code flow; no policy blocks one of them."),
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
        return Ok(Answer::inconclusive(
            format!(
                "{} must be excluded from the policy that is still to be made.",
                count(accounts.len(), "synchronisation account", "synchronisation accounts")
            ),
            POLICIES,
        ));
    }
    let mut sweep = Sweep::default();
    for policy in live {
        let scope = PolicyScope::of(context.facts, policy);
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
            sweep.judge(user.account_enabled, format!("{}: sign-in", user.account.label()), USERS);
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
