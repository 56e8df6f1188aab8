//! Directory audit events, in the shapes of Graph, diagnostic settings, Log Analytics and the
//! portal's CSV.

use rollout::{Account, AuditEvent};

use super::object::{Object, Read, wrong};

/// Words an activity holds when a rollout needs it. The log of a busy tenant holds millions of
/// other events; they are counted and let go.
const NEEDED: [&str; 21] = [
    "security info",
    "password",
    "passkey",
    "temporary access pass",
    "authentication method",
    "authentication strength",
    "strong authentication",
    "userauthmethod",
    "mfa",
    "multifactor",
    "policy",
    "named location",
    "security default",
    "to role",
    "from role",
    "role assignment",
    "member to group",
    "member from group",
    "fraud reported",
    "suspicious activity",
    "elevated",
];

/// Reads one event; `None` for one a rollout does not need.
pub(super) fn read(object: &Object<'_>) -> Read<Option<AuditEvent>> {
    let inner = object.object("properties")?;
    let event = inner.as_ref().unwrap_or(object);
    let first_text = |names: &[&str]| -> Read<Option<String>> {
        for place in [event, object] {
            for name in names {
                if let Some(text) = place.text(name)? {
                    return Ok(Some(text));
                }
            }
        }
        Ok(None)
    };
    let activity = first_text(&["activityDisplayName", "operationName", "activity"])?
        .ok_or_else(|| wrong("activityDisplayName", "there"))?;
    let resources = event.objects("targetResources")?.unwrap_or_default();
    let properties = read_properties(&resources)?;
    if !is_needed(&activity, &properties) {
        return Ok(None);
    }
    let (by, by_address) = read_initiator(event)?;
    let (mut targets, mut objects) = read_targets(&resources)?;
    read_portal_target(event, &mut targets, &mut objects)?;
    let mut time = None;
    for (place, name) in [
        (event, "activityDateTime"),
        (object, "dateUtc"),
        (object, "activityDateTime"),
        (object, "time"),
        (object, "TimeGenerated"),
    ] {
        if time.is_none() {
            time = place.time(name)?;
        }
    }
    let result = first_text(&["result"])?;
    let result = result.map(|result| result.eq_ignore_ascii_case("success"));
    Ok(Some(AuditEvent {
        id: first_text(&["id"])?,
        time,
        activity,
        succeeded: result,
        reason: first_text(&["resultReason", "resultDescription"])?,
        by,
        ip_address: match by_address {
            Some(address) => Some(address),
            None => first_text(&["callerIpAddress", "ipAddress"])?,
        },
        targets,
        objects,
        properties,
    }))
}

fn is_needed(activity: &str, properties: &[String]) -> bool {
    let activity = activity.to_lowercase();
    NEEDED.iter().any(|words| activity.contains(words))
        || matches!(activity.trim(), "disable account" | "enable account" | "delete user")
        || properties
            .iter()
            .any(|name| name.to_ascii_lowercase().starts_with("strongauthentication"))
}

/// Who did it: a user, else the name of an application; and the address it was done from.
fn read_initiator(event: &Object<'_>) -> Read<(Account, Option<String>)> {
    if let Some(initiator) = event.object("initiatedBy")? {
        if let Some(user) = initiator.object("user")? {
            return Ok((super::users::read_account(&user)?, user.text("ipAddress")?));
        }
        if let Some(app) = initiator.object("app")? {
            let display_name = app.text("displayName")?;
            let user_id = app.lower("servicePrincipalId")?;
            return Ok((Account { user_principal_name: None, user_id, display_name }, None));
        }
    }
    let account = Account {
        user_principal_name: event.text("actorUserPrincipalName")?,
        user_id: event.lower("actorObjectId")?,
        display_name: event.text("actorDisplayName")?,
    };
    Ok((account, None))
}

/// The users among the targets, and the display names of the others.
fn read_targets(resources: &[Object<'_>]) -> Read<(Vec<Account>, Vec<String>)> {
    let (mut targets, mut objects) = (Vec::new(), Vec::new());
    for resource in resources {
        let account = super::users::read_account(resource)?;
        let kind = resource.lower("type")?;
        if kind.as_deref() == Some("user") || account.user_principal_name.is_some() {
            targets.push(account);
        } else {
            objects.extend(account.display_name);
        }
    }
    Ok((targets, objects))
}

/// The portal's CSV spreads the first targets over columns of their own.
fn read_portal_target(
    event: &Object<'_>,
    targets: &mut Vec<Account>,
    objects: &mut Vec<String>,
) -> Read<()> {
    for number in 1..=3 {
        let Some(kind) = event.lower(&format!("target{number}Type"))? else { continue };
        let display_name = event.text(&format!("target{number}DisplayName"))?;
        if kind == "user" {
            targets.push(Account {
                user_principal_name: event.text(&format!("target{number}UserPrincipalName"))?,
                user_id: event.lower(&format!("target{number}ObjectId"))?,
                display_name,
            });
        } else {
            objects.extend(display_name);
        }
    }
    Ok(())
}

fn read_properties(resources: &[Object<'_>]) -> Read<Vec<String>> {
    let mut names = Vec::new();
    for resource in resources {
        for property in resource.objects("modifiedProperties")?.unwrap_or_default() {
            names.extend(property.text("displayName")?);
        }
    }
    Ok(names)
}

/// The events in order, copies of one record made one.
pub(super) fn finish(mut events: Vec<AuditEvent>) -> Vec<AuditEvent> {
    events.sort_by(|left, right| (left.time, &left.id, left).cmp(&(right.time, &right.id, right)));
    events.dedup_by(|next, kept| {
        let copies = next.id.is_some() && next.id == kept.id && next.time == kept.time;
        copies || next == kept
    });
    events
}
