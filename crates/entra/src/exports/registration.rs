//! Rows of the authentication-methods registration report.

use jiff::Timestamp;
use rollout::{EarlierRegistration, Registration};

use super::merge::{Identity, copies, fill, fill_least, unite};
use super::object::{Object, Read, wrong};
use super::users::{merge_account, read_account, read_user_type};

/// Names the portal shows for methods, letters and digits only, beside Graph's word.
const PORTAL_METHODS: [(&str, &str); 18] = [
    ("mobilephone", "mobilePhone"),
    ("phone", "mobilePhone"),
    ("alternatemobilephone", "alternateMobilePhone"),
    ("officephone", "officePhone"),
    ("email", "email"),
    ("securityquestions", "securityQuestion"),
    ("securityquestion", "securityQuestion"),
    ("microsoftauthenticatorapppushnotification", "microsoftAuthenticatorPush"),
    ("microsoftauthenticatorpush", "microsoftAuthenticatorPush"),
    ("microsoftpasswordlessphonesignin", "microsoftAuthenticatorPasswordless"),
    ("microsoftauthenticatorpasswordless", "microsoftAuthenticatorPasswordless"),
    ("softwareoathtoken", "softwareOneTimePasscode"),
    ("softwareonetimepasscode", "softwareOneTimePasscode"),
    ("hardwareoathtoken", "hardwareOneTimePasscode"),
    ("hardwareonetimepasscode", "hardwareOneTimePasscode"),
    ("windowshelloforbusiness", "windowsHelloForBusiness"),
    ("fido2securitykey", "fido2SecurityKey"),
    ("temporaryaccesspass", "temporaryAccessPass"),
];

/// Reads one row.
pub(super) fn read(object: &Object<'_>) -> Read<Registration> {
    let mut account = read_account(object)?;
    if let Some(name) = object.text("userDisplayName")? {
        account.display_name = Some(name);
    }
    if account.user_id.is_none() && account.user_principal_name.is_none() {
        return Err(wrong("userPrincipalName", "there, nor is `id`"));
    }
    let methods = object.words("methodsRegistered")?.map(|words| {
        let words = words.into_iter().filter(|word| !word.eq_ignore_ascii_case("none"));
        words.map(graph_word).collect()
    });
    // An empty cell of the portal's table is an empty list, like Graph's `[]`.
    let methods = methods.or_else(|| object.is_told_unset("methodsRegistered").then(Vec::new));
    let mut default_method = None;
    for name in
        ["defaultMfaMethod", "defaultMethod", "userPreferredMethodForSecondaryAuthentication"]
    {
        if default_method.is_none() {
            default_method = object.text(name)?;
        }
    }
    Ok(Registration {
        account,
        mfa_registered: object.flag("isMfaRegistered")?,
        mfa_capable: object.flag("isMfaCapable")?,
        passwordless_capable: object.flag("isPasswordlessCapable")?,
        sspr_registered: object.flag("isSsprRegistered")?,
        is_admin: object.flag("isAdmin")?,
        methods,
        default_method,
        system_preferred: object.flag("isSystemPreferredAuthenticationMethodEnabled")?,
        user_type: read_user_type(object)?,
        last_updated: object.time("lastUpdatedDateTime")?,
    })
}

fn graph_word(word: String) -> String {
    let letters: String =
        word.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let known = PORTAL_METHODS.iter().find(|(portal, _)| *portal == letters);
    known.map_or(word, |(_, graph)| (*graph).to_owned())
}

/// The newest row of each person, and what older ones said.
pub(super) fn finish(rows: Vec<Registration>) -> (Vec<Registration>, Vec<EarlierRegistration>) {
    let groups = copies(rows, |row| {
        Identity::new(row.account.user_id.as_deref(), &[row.account.user_principal_name.as_deref()])
    });
    let mut newest = Vec::with_capacity(groups.len());
    let mut earlier = Vec::new();
    for group in groups {
        let last = group.iter().filter_map(|row| row.last_updated).max();
        let (current, older): (Vec<_>, Vec<_>) =
            group.into_iter().partition(|row| row.last_updated.is_none_or(|it| Some(it) == last));
        earlier.extend(older.into_iter().map(summary));
        newest.extend(merge_current(current, last));
    }
    newest.sort_by(|left, right| sort_key(left).cmp(&sort_key(right)));
    earlier.sort();
    earlier.dedup();
    (newest, earlier)
}

/// Rows of the newest date made one; rows without a date fill only what those lack.
fn merge_current(rows: Vec<Registration>, last: Option<Timestamp>) -> Option<Registration> {
    let (dated, undated): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| row.last_updated == last);
    let mut row = dated.into_iter().reduce(merge);
    if let Some(other) = undated.into_iter().reduce(merge) {
        row = Some(match row {
            Some(row) => fill_gaps(row, other),
            None => other,
        });
    }
    row
}

/// Two rows of one date: where they contradict each other the less ready one stands.
fn merge(mut left: Registration, right: Registration) -> Registration {
    merge_account(&mut left.account, right.account);
    fill_least(&mut left.mfa_registered, right.mfa_registered);
    fill_least(&mut left.mfa_capable, right.mfa_capable);
    fill_least(&mut left.passwordless_capable, right.passwordless_capable);
    fill_least(&mut left.sspr_registered, right.sspr_registered);
    fill(&mut left.is_admin, right.is_admin);
    unite(&mut left.methods, right.methods);
    fill(&mut left.default_method, right.default_method);
    fill_least(&mut left.system_preferred, right.system_preferred);
    fill(&mut left.user_type, right.user_type);
    fill(&mut left.last_updated, right.last_updated);
    left
}

fn fill_gaps(row: Registration, other: Registration) -> Registration {
    let mut account = row.account;
    let more = other.account;
    account.user_principal_name = account.user_principal_name.or(more.user_principal_name);
    account.user_id = account.user_id.or(more.user_id);
    account.display_name = account.display_name.or(more.display_name);
    Registration {
        account,
        mfa_registered: row.mfa_registered.or(other.mfa_registered),
        mfa_capable: row.mfa_capable.or(other.mfa_capable),
        passwordless_capable: row.passwordless_capable.or(other.passwordless_capable),
        sspr_registered: row.sspr_registered.or(other.sspr_registered),
        is_admin: row.is_admin.or(other.is_admin),
        methods: row.methods.or(other.methods),
        default_method: row.default_method.or(other.default_method),
        system_preferred: row.system_preferred.or(other.system_preferred),
        user_type: row.user_type.or(other.user_type),
        last_updated: row.last_updated,
    }
}

fn summary(row: Registration) -> EarlierRegistration {
    let user_principal_name =
        if row.account.user_id.is_none() { row.account.user_principal_name } else { None };
    EarlierRegistration {
        last_updated: row.last_updated,
        user_id: row.account.user_id,
        user_principal_name,
        mfa_capable: row.mfa_capable,
        mfa_registered: row.mfa_registered,
    }
}

fn sort_key(row: &Registration) -> (Option<String>, Option<&str>) {
    let name = row.account.user_principal_name.as_ref().map(|name| name.to_lowercase());
    (name, row.account.user_id.as_deref())
}
