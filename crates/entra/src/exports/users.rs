//! Users: Graph `user`, the portal's user list, and what is read of one user at a time.

use rollout::{Account, SignInActivity, User, UserType};

use super::merge::{Identity, copies, fill, fill_least, unite};
use super::methods::{UserMethods, read_method_list, read_per_user_mfa};
use super::object::{Object, Read, wrong};

/// Reads one user.
pub(super) fn read(object: &Object<'_>) -> Read<User> {
    let account = read_account(object)?;
    if account.user_id.is_none() && account.user_principal_name.is_none() {
        return Err(wrong("userPrincipalName", "there, nor is `id`"));
    }
    let authentication = object.object("authentication")?;
    let methods = match &authentication {
        Some(authentication) => read_method_list(authentication, "methods")?,
        None => None,
    };
    let requirements = match &authentication {
        Some(authentication) => authentication.object("requirements")?,
        None => None,
    };
    let mailbox = object.object("mailboxSettings")?;
    Ok(User {
        account,
        mail: object.lower("mail")?,
        account_enabled: object.flag("accountEnabled")?,
        user_type: read_user_type(object)?,
        created: object.time("createdDateTime")?,
        hired: object.time("employeeHireDate")?,
        password_changed: object.time("lastPasswordChangeDateTime")?,
        external_user_state: object.text("externalUserState")?,
        usage_location: object.text("usageLocation")?,
        job_title: object.text_or_unset("jobTitle")?,
        department: object.text_or_unset("department")?,
        office: object.text_or_unset("officeLocation")?,
        employee_type: object.text_or_unset("employeeType")?,
        mobile_phone: object.text_or_unset("mobilePhone")?,
        business_phone: read_business_phone(object)?,
        manager: read_manager(object)?,
        on_premises_sync: read_unset_as_no(object, "onPremisesSyncEnabled")?,
        has_immutable_id: object.text_or_unset("onPremisesImmutableId")?.map(|id| !id.is_empty()),
        password_never_expires: read_password_never_expires(object)?,
        licences: read_licences(object)?,
        plans: read_plans(object)?,
        activity: read_activity(object)?,
        methods,
        per_user_mfa: match &requirements {
            Some(requirements) => read_per_user_mfa(requirements)?,
            None => None,
        },
        mailbox_purpose: match &mailbox {
            Some(mailbox) => read_purpose(mailbox)?,
            None => None,
        },
    })
}

/// Names of an account as user objects carry them.
pub(super) fn read_account(object: &Object<'_>) -> Read<Account> {
    Ok(Account {
        user_principal_name: object.text("userPrincipalName")?,
        user_id: match object.lower("id")? {
            Some(id) => Some(id),
            None => object.lower("objectId")?,
        },
        display_name: object.text("displayName")?,
    })
}

/// `userType`; kinds this model does not know are not told.
pub(super) fn read_user_type(object: &Object<'_>) -> Read<Option<UserType>> {
    Ok(match object.lower("userType")?.as_deref() {
        Some("member") => Some(UserType::Member),
        Some("guest") => Some(UserType::Guest),
        Some(_) | None => None,
    })
}

fn read_unset_as_no(object: &Object<'_>, name: &str) -> Read<Option<bool>> {
    Ok(object.flag(name)?.or_else(|| object.is_told_unset(name).then_some(false)))
}

fn read_business_phone(object: &Object<'_>) -> Read<Option<String>> {
    let Some(phones) = object.list("businessPhones") else {
        return object.text_or_unset("businessPhones");
    };
    let first = phones.iter().find_map(|phone| phone.as_str());
    Ok(Some(first.unwrap_or_default().trim().to_owned()))
}

fn read_manager(object: &Object<'_>) -> Read<Option<String>> {
    if let Some(serde_json::Value::Object(_)) = object.get("manager") {
        let Some(manager) = object.object("manager")? else { return Ok(None) };
        for name in ["displayName", "userPrincipalName", "id"] {
            if let Some(text) = manager.text(name)? {
                return Ok(Some(text));
            }
        }
        return Ok(None);
    }
    object.text_or_unset("manager")
}

fn read_password_never_expires(object: &Object<'_>) -> Read<Option<bool>> {
    let policies = object.text_or_unset("passwordPolicies")?;
    Ok(policies.map(|text| text.to_ascii_lowercase().contains("disablepasswordexpiration")))
}

fn read_licences(object: &Object<'_>) -> Read<Option<Vec<String>>> {
    let Some(licences) = object.objects("assignedLicenses")? else { return Ok(None) };
    let mut ids = Vec::with_capacity(licences.len());
    for licence in licences {
        ids.extend(licence.lower("skuId")?);
    }
    Ok(Some(ids))
}

fn read_plans(object: &Object<'_>) -> Read<Option<Vec<String>>> {
    let Some(plans) = object.objects("assignedPlans")? else { return Ok(None) };
    let mut ids = Vec::with_capacity(plans.len());
    for plan in plans {
        // `Warning` is the grace time of a lapsed licence: the plan still works.
        let status = plan.lower("capabilityStatus")?;
        if matches!(status.as_deref(), Some("enabled" | "warning")) {
            ids.extend(plan.lower("servicePlanId")?);
        }
    }
    Ok(Some(ids))
}

fn read_activity(object: &Object<'_>) -> Read<Option<SignInActivity>> {
    let Some(activity) = object.object("signInActivity")? else { return Ok(None) };
    Ok(Some(SignInActivity {
        last_sign_in: activity.time("lastSignInDateTime")?,
        last_non_interactive: activity.time("lastNonInteractiveSignInDateTime")?,
        last_successful: activity.time("lastSuccessfulSignInDateTime")?,
    }))
}

/// `userPurpose` is a word, or `{"value": "shared"}` where it was read by itself.
fn read_purpose(mailbox: &Object<'_>) -> Read<Option<String>> {
    match mailbox.get("userPurpose") {
        Some(serde_json::Value::Object(_)) => match mailbox.object("userPurpose")? {
            Some(purpose) => purpose.lower("value"),
            None => Ok(None),
        },
        _ => mailbox.lower("userPurpose"),
    }
}

/// The users, copies made one, and what was read user by user put in its place. What was read of
/// somebody who is in no list of users stays out: a few people are not the tenant's users.
pub(super) fn finish(users: Vec<User>, details: Vec<UserMethods>) -> Vec<User> {
    enum Part {
        User(Box<User>),
        Detail(UserMethods),
    }
    let parts = users
        .into_iter()
        .map(|user| Part::User(Box::new(user)))
        .chain(details.into_iter().map(Part::Detail))
        .collect();
    let groups = copies(parts, |part| {
        let account = match part {
            Part::User(user) => &user.account,
            Part::Detail(detail) => &detail.account,
        };
        Identity::new(account.user_id.as_deref(), &[account.user_principal_name.as_deref()])
    });
    let mut finished: Vec<User> = groups
        .into_iter()
        .filter_map(|group| {
            let mut merged: Option<User> = None;
            let mut details = Vec::new();
            for part in group {
                match (part, &mut merged) {
                    (Part::User(user), Some(merged)) => merge(merged, *user),
                    (Part::User(user), none) => *none = Some(*user),
                    (Part::Detail(detail), _) => details.push(detail),
                }
            }
            let mut user = merged?;
            for detail in details {
                unite(&mut user.methods, detail.methods);
                fill(&mut user.per_user_mfa, detail.per_user_mfa);
                fill(&mut user.mailbox_purpose, detail.mailbox_purpose);
            }
            Some(user)
        })
        .collect();
    finished.sort_by(|left, right| sort_key(left).cmp(&sort_key(right)));
    finished
}

fn sort_key(user: &User) -> (Option<String>, Option<&str>) {
    let name = user.account.user_principal_name.as_ref().map(|name| name.to_lowercase());
    (name, user.account.user_id.as_deref())
}

/// Names of two copies of one account.
pub(super) fn merge_account(left: &mut Account, right: Account) {
    fill(&mut left.user_principal_name, right.user_principal_name);
    fill(&mut left.user_id, right.user_id);
    fill(&mut left.display_name, right.display_name);
}

fn merge(left: &mut User, right: User) {
    merge_account(&mut left.account, right.account);
    fill(&mut left.mail, right.mail);
    fill(&mut left.account_enabled, right.account_enabled);
    // A member stays in the denominator of the registration rate, a guest leaves it: where copies
    // contradict each other nobody is taken out.
    fill_least(&mut left.user_type, right.user_type);
    fill(&mut left.created, right.created);
    fill(&mut left.hired, right.hired);
    fill(&mut left.password_changed, right.password_changed);
    fill(&mut left.external_user_state, right.external_user_state);
    fill(&mut left.usage_location, right.usage_location);
    fill(&mut left.job_title, right.job_title);
    fill(&mut left.department, right.department);
    fill(&mut left.office, right.office);
    fill(&mut left.employee_type, right.employee_type);
    fill(&mut left.mobile_phone, right.mobile_phone);
    fill(&mut left.business_phone, right.business_phone);
    fill(&mut left.manager, right.manager);
    fill(&mut left.on_premises_sync, right.on_premises_sync);
    fill(&mut left.has_immutable_id, right.has_immutable_id);
    // A password that may expire is the state to worry about.
    fill_least(&mut left.password_never_expires, right.password_never_expires);
    unite(&mut left.licences, right.licences);
    unite(&mut left.plans, right.plans);
    unite(&mut left.methods, right.methods);
    fill(&mut left.per_user_mfa, right.per_user_mfa);
    fill(&mut left.mailbox_purpose, right.mailbox_purpose);
    left.activity = match (left.activity, right.activity) {
        (Some(mut left), Some(right)) => {
            fill(&mut left.last_sign_in, right.last_sign_in);
            fill(&mut left.last_non_interactive, right.last_non_interactive);
            fill(&mut left.last_successful, right.last_successful);
            Some(left)
        }
        (left, right) => left.or(right),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_that_contradict_each_other_take_nobody_out_of_sight() {
        let of = |user_type, never| User {
            user_type: Some(user_type),
            password_never_expires: Some(never),
            ..User::default()
        };
        let (member, guest) = (of(UserType::Member, true), of(UserType::Guest, false));
        for (mut left, right) in [(member.clone(), guest.clone()), (guest, member)] {
            merge(&mut left, right);
            assert_eq!(left.user_type, Some(UserType::Member));
            assert_eq!(left.password_never_expires, Some(false));
        }
    }
}
