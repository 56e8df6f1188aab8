//! The registration report.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::allowed::MethodsAllowed;
use super::methods::{MethodKind, has_ended, is_telephone_only, kind_of};
use super::recommendation::{FIDO2, recommend};
use super::scope::{Person, Scope, scope, sort_key};
use super::series::series;
use super::{CapableOf, Denominators, NotCapable, RegistrationReport, can_pass};
use crate::account::Account;
use crate::exceptions::Classification;
use crate::facts::Facts;
use crate::gaps::{self, Gap};
use crate::snapshot::{Registration, User, UserType};

/// Keys per person: one to use and one to keep, so that a lost key locks nobody out.
const KEYS_PER_PERSON: u64 = 2;
/// One spare key for so many planned ones.
const KEYS_PER_SPARE: u64 = 10;

/// Gaps that matter for a registration rate.
const GAPS: [&str; 12] = [
    "users",
    "account-enabled",
    "user-type",
    "sign-in-activity",
    "registration-details",
    "registration-rows",
    "registration-age",
    "directory-audits",
    "mailboxes",
    "sign-in-logs",
    "days-covered",
    "methods-policy",
];

/// Reports who can pass MFA today, who cannot, and what would help.
///
/// Counts of people are `None` where the files do not tell who is in scope or where the
/// registration report is missing. The lists are still filled then, with everyone the files do not
/// rule out: with every member row of the report where no file lists the users. The gap
/// `people-in-scope` says so.
#[must_use]
pub fn report(facts: &Facts<'_>, classification: &Classification) -> RegistrationReport {
    let scope = scope(facts, classification);
    let reported = facts.snapshot.registrations.is_some();
    let countable = scope.told && reported;
    let methods = MethodsAllowed::new(facts);
    let orphans = rows_without_users(facts);
    let rows: Vec<&Registration> = scope
        .people
        .iter()
        .filter_map(|person| person.row)
        .chain(orphans.iter().copied())
        .collect();
    let as_of = rows.iter().filter_map(|row| row.last_updated).min();

    let capable = count(scope.people.iter().filter(|person| is_capable(facts, person.row)).count());
    let registered = count(scope.people.iter().filter(|person| is_registered(person.row)).count());
    let in_scope = count(scope.people.len());
    let not_capable = not_capable(facts, &methods, &scope, &orphans);
    RegistrationReport {
        schema: "lockstep.registration/1",
        generated_at: facts.now,
        as_of,
        source_age_hours: as_of.map(|as_of| age_in_hours(as_of, facts.now)),
        denominators: Denominators {
            in_scope_people: scope.told.then_some(in_scope),
            enabled_members: scope.enabled_members,
            unclassified: scope.unclassified,
        },
        capable: countable.then_some(capable),
        registered: countable.then_some(registered),
        rate: share(capable, in_scope).filter(|_| countable),
        rate_of_enabled_members: scope
            .enabled_members
            .filter(|_| countable)
            .and_then(|members| share(capable, members)),
        sms_only: accounts(facts, &rows, |row| {
            row.methods.as_deref().is_some_and(is_telephone_only)
        }),
        registered_not_capable: accounts(facts, &rows, |row| {
            row.mfa_registered == Some(true) && row.mfa_capable == Some(false)
        }),
        carried_over: countable.then_some(capable),
        administrators: administrators(facts, &scope).filter(|_| countable),
        keys_to_stock: keys_to_stock(facts, &not_capable),
        guests: guests(facts, &scope),
        series: if countable { history(facts, &scope, as_of) } else { Vec::new() },
        not_capable,
        gaps: gaps_of(facts, &scope, &orphans),
    }
}

/// Member rows of the report, where no file lists the users to join them with.
fn rows_without_users<'a>(facts: &'a Facts<'a>) -> Vec<&'a Registration> {
    if facts.snapshot.users.is_some() {
        return Vec::new();
    }
    let mut rows: Vec<&Registration> = facts
        .snapshot
        .registrations
        .iter()
        .flatten()
        .filter(|row| row.user_type != Some(UserType::Guest) && !has_guest_name(&row.account))
        .collect();
    rows.sort_by_cached_key(|row| sort_key(&row.account));
    rows
}

fn has_guest_name(account: &Account) -> bool {
    let name = account.user_principal_name.as_deref().unwrap_or_default();
    name.to_ascii_lowercase().contains("#ext#")
}

fn is_capable(facts: &Facts<'_>, row: Option<&Registration>) -> bool {
    row.is_some_and(|row| can_pass(facts, row) == Some(true))
}

/// Capable means registered and allowed, so a capable person is registered whatever else is told.
fn is_registered(row: Option<&Registration>) -> bool {
    row.is_some_and(|row| row.mfa_registered == Some(true) || row.mfa_capable == Some(true))
}

fn not_capable(
    facts: &Facts<'_>,
    methods: &MethodsAllowed,
    scope: &Scope<'_>,
    orphans: &[&Registration],
) -> Vec<NotCapable> {
    if facts.snapshot.registrations.is_none() {
        return Vec::new();
    }
    let people =
        scope.people.iter().filter(|person| !is_capable(facts, person.row)).map(|person| {
            let recommendation = recommend(facts, methods, person);
            NotCapable {
                account: person.user.account.clone(),
                reason: match person.row {
                    Some(row) => reason(facts, row).to_owned(),
                    None => not_reported(person.user),
                },
                recommended_method: recommendation.method,
                why: recommendation.why,
            }
        });
    let rows = orphans.iter().filter(|row| !is_capable(facts, Some(row))).map(|row| {
        let user = User { account: row.account.clone(), ..User::default() };
        let kind = crate::exceptions::Kind::Unclassified;
        let recommendation =
            recommend(facts, methods, &Person { user: &user, kind, row: Some(row) });
        NotCapable {
            account: row.account.clone(),
            reason: format!("{}; whether in scope is not told", reason(facts, row)),
            recommended_method: recommendation.method,
            why: recommendation.why,
        }
    });
    people.chain(rows).collect()
}

/// Why a person without a row is not counted as capable, in words.
///
/// The figures come from the report alone. Methods read of one person show what is registered but
/// not whether policy allows it, so they never make anybody capable; they are named, because such
/// a person need not be asked to register.
fn not_reported(user: &User) -> String {
    let reason = "the registration report does not hold this person";
    let kinds: BTreeSet<&str> = user
        .methods
        .iter()
        .flatten()
        .map(|method| method.kind.as_str())
        .filter(|kind| !matches!(*kind, "password" | "email" | "temporaryAccessPass"))
        .collect();
    if kinds.is_empty() {
        return reason.to_owned();
    }
    let kinds: Vec<&str> = kinds.into_iter().collect();
    format!("{reason}; methods read of this person alone: {}", kinds.join(", "))
}

/// Why a person is not capable, in words.
fn reason(facts: &Facts<'_>, row: &Registration) -> &'static str {
    if has_ended(facts, row) {
        return "registered only for text messages or calls, which Microsoft has ended";
    }
    let methods = row.methods.as_deref();
    let reset_only = methods.is_some_and(|methods| {
        !methods.is_empty()
            && methods.iter().all(|method| kind_of(method) == MethodKind::PasswordResetOnly)
    });
    match (row.mfa_registered, row.mfa_capable) {
        (Some(true), Some(false)) => "registered a method that the methods policy does not allow",
        (_, None) => "the registration report does not tell whether this person is capable",
        _ if reset_only => {
            "registered only for password reset (email, security questions), which is no MFA"
        }
        (Some(false), _) => "registered no method",
        _ => "not capable by the registration report, which does not tell why",
    }
}

fn accounts(
    facts: &Facts<'_>,
    rows: &[&Registration],
    holds: impl Fn(&Registration) -> bool,
) -> Vec<Account> {
    rows.iter().filter(|row| holds(row)).map(|row| facts.directory_form(&row.account)).collect()
}

/// `None` where neither the roles nor `isAdmin` of any row tells who administers: then "0 of 0"
/// would read as a tenant without administrators.
fn administrators(facts: &Facts<'_>, scope: &Scope<'_>) -> Option<CapableOf> {
    let told = facts.snapshot.roles.is_some()
        || scope.people.iter().any(|person| person.row.is_some_and(|row| row.is_admin.is_some()));
    if !told {
        return None;
    }
    let mut figure = CapableOf::default();
    for person in &scope.people {
        let by_report = person.row.is_some_and(|row| row.is_admin == Some(true));
        let by_role = || facts.roles_of(&person.user.account).iter().any(|role| role.active);
        if by_report || by_role() {
            figure.of = figure.of.saturating_add(1);
            figure.capable =
                figure.capable.saturating_add(u64::from(is_capable(facts, person.row)));
        }
    }
    Some(figure)
}

fn guests(facts: &Facts<'_>, scope: &Scope<'_>) -> Option<CapableOf> {
    facts.snapshot.registrations.as_ref()?;
    let guests = scope.guests.as_ref()?;
    let capable =
        guests.iter().filter(|user| is_capable(facts, facts.registration(&user.account))).count();
    Some(CapableOf { capable: count(capable), of: count(guests.len()) })
}

/// Two keys for each person they are recommended to and for each declared break-glass account that
/// is not told to hold one, and one spare for every ten begun.
fn keys_to_stock(facts: &Facts<'_>, not_capable: &[NotCapable]) -> u64 {
    let people = not_capable.iter().filter(|it| it.recommended_method == FIDO2).count();
    let break_glass =
        facts.rollout.break_glass.accounts.iter().filter(|name| !holds_key(facts, name)).count();
    let keys = count(people).saturating_add(count(break_glass)).saturating_mul(KEYS_PER_PERSON);
    keys.saturating_add(keys.div_ceil(KEYS_PER_SPARE))
}

fn holds_key(facts: &Facts<'_>, name: &str) -> bool {
    let account = Account {
        user_principal_name: Some(name.trim().to_owned()),
        user_id: Some(name.trim().to_owned()),
        display_name: None,
    };
    let read = facts.user(&account).and_then(|user| user.methods.as_deref()).unwrap_or_default();
    let reported =
        facts.registration(&account).and_then(|row| row.methods.as_deref()).unwrap_or_default();
    read.iter().any(|method| method.kind == "fido2")
        || reported.iter().any(|method| method.to_ascii_lowercase().starts_with("fido2"))
}

fn history(
    facts: &Facts<'_>,
    scope: &Scope<'_>,
    as_of: Option<Timestamp>,
) -> Vec<super::SeriesPoint> {
    let capable: BTreeSet<usize> = scope
        .people
        .iter()
        .filter(|person| is_capable(facts, person.row))
        .filter_map(|person| facts.user_position(&person.user.account))
        .collect();
    series(facts, &capable, count(scope.people.len()), as_of.unwrap_or(facts.as_of))
}

fn gaps_of(facts: &Facts<'_>, scope: &Scope<'_>, orphans: &[&Registration]) -> Vec<Gap> {
    let mut gaps = gaps::among(facts, &GAPS);
    if !scope.told {
        let capable = orphans.iter().filter(|row| is_capable(facts, Some(row))).count();
        let what = if facts.snapshot.users.is_none() && !orphans.is_empty() {
            format!(
                "Who is in scope is not told; the report alone holds {} members, {capable} of \
                 them capable.",
                orphans.len()
            )
        } else {
            "Who is in scope is not told.".to_owned()
        };
        gaps.push(Gap {
            id: "people-in-scope",
            what,
            so: "There is no rate. The lists hold everyone the files do not rule out.".to_owned(),
            close_with: "The users with accountEnabled, userType and signInActivity (GET /users), \
                         or sign-in logs of 30 days beside the users"
                .to_owned(),
        });
    }
    gaps
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// `part / whole`; `None` when there is no whole.
fn share(part: u64, whole: u64) -> Option<f64> {
    let exact = |number: u64| u32::try_from(number).ok().map(f64::from);
    (whole > 0).then_some(())?;
    Some(exact(part)? / exact(whole)?)
}

/// Hours from `as_of` to `now`, to one decimal.
fn age_in_hours(as_of: Timestamp, now: Timestamp) -> f64 {
    let hours = now.duration_since(as_of).as_secs_f64() / 3600.0;
    (hours * 10.0).round() / 10.0
}
