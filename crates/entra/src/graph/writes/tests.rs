//! The writes, planned and carried out.

mod planning;

use secrecy::SecretString;
use serde_json::{Map, Value, json};

use super::*;

pub(super) const USER: &str = "0d0c2b1a-1111-4222-8333-444455556666";
pub(super) const GROUP: &str = "9a9a9a9a-1111-4222-8333-444455556666";
pub(super) const OBJECT: &str = "77777777-1111-4222-8333-444455556666";
pub(super) const PASSWORD: &str = "correct-horse-battery-staple-42";

pub(super) fn id(text: &str) -> ObjectId {
    ObjectId::new(text).unwrap()
}

pub(super) fn map(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

pub(super) fn policy() -> NewPolicy {
    let body = map(json!({
        "displayName": "CA001 - MFA for the pilot",
        "description": "Asks the pilot group for MFA.",
        "state": "enabledForReportingButNotEnforced",
        "conditions": {
            "users": {"includeGroups": [GROUP], "excludeUsers": [USER]},
            "applications": {"includeApplications": ["All"]},
            "clientAppTypes": ["all"],
        },
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
    }));
    NewPolicy { body: PolicyBody::new(&body).unwrap(), marker: Marker::new("ca001-7f3a").unwrap() }
}

pub(super) fn role() -> AssignRole {
    AssignRole {
        principal: id(USER),
        role: id("62e90394-69f5-4237-9190-012177145e10"),
        scope: "/".to_owned(),
    }
}

/// One of every write.
pub(super) fn every_write() -> Vec<Write> {
    let location = map(json!({
        "@odata.type": "#microsoft.graph.ipNamedLocation",
        "isTrusted": true,
        "ipRanges": [{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "203.0.113.0/24"}],
    }));
    vec![
        Write::CreateUser(NewUser {
            user_principal_name: "emergency1@ne.onmicrosoft.com".to_owned(),
            display_name: "Emergency 1".to_owned(),
            mail_nickname: "emergency1".to_owned(),
            password: SecretString::from(PASSWORD.to_owned()),
            change_password: false,
            password_never_expires: true,
            enabled: true,
        }),
        Write::PatchUser(PatchUser::enabled(id(USER), false)),
        Write::NewPassword(NewPassword {
            user: id(USER),
            password: SecretString::from(PASSWORD.to_owned()),
            change_password: false,
        }),
        Write::DeleteUser(DeleteUser { id: id(USER) }),
        Write::RevokeSessions(RevokeSessions { user: id(USER) }),
        Write::AssignRole(role()),
        Write::RemoveRole(RemoveRole(role())),
        Write::CreateGroup(NewGroup {
            display_name: "MFA pilot".to_owned(),
            description: "Who tries it first.".to_owned(),
            marker: Marker::new("pilot-7f3a").unwrap(),
            role_assignable: true,
        }),
        Write::DeleteGroup(DeleteGroup { id: id(GROUP) }),
        Write::AddMember(AddMember {
            group: id(GROUP),
            member: id(USER),
            graph: "https://graph.microsoft.com".to_owned(),
        }),
        Write::RemoveMember(RemoveMember { group: id(GROUP), member: id(USER) }),
        Write::CreatePolicy(policy()),
        Write::PatchPolicy(PatchPolicy {
            id: id(OBJECT),
            changes: PolicyBody::new(&map(json!({"state": "enabled"}))).unwrap(),
        }),
        Write::DeletePolicy(DeletePolicy { id: id(OBJECT) }),
        Write::RestorePolicy(RestorePolicy { id: id(OBJECT) }),
        Write::CreateLocation(NewLocation {
            display_name: "Head office".to_owned(),
            properties: location.clone(),
        }),
        Write::PatchLocation(PatchLocation { id: id(OBJECT), changes: location }),
        Write::DeleteLocation(DeleteLocation { id: id(OBJECT) }),
        Write::SecurityDefaults(SecurityDefaults { enabled: false }),
        Write::Campaign(Campaign {
            state: CampaignState::Enabled,
            snooze_days: 1,
            enforce_after_snoozes: None,
            include: vec![CampaignTarget { id: id("all_users"), is_user: false }],
            exclude: vec![CampaignTarget { id: id(GROUP), is_user: false }],
            method: "microsoftAuthenticator".to_owned(),
        }),
        Write::MethodConfiguration(MethodConfiguration {
            method: id("TemporaryAccessPass"),
            odata_type: "#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration"
                .to_owned(),
            changes: map(json!({"state": "enabled"})),
        }),
        Write::DeleteMethod(DeleteMethod {
            user: id(USER),
            kind: MethodKind::Fido2,
            id: id("lAPpKirqfdYtqtbqtnb5lG7rojbzdzHt1a-1_0="),
        }),
        Write::CreatePass(NewPass {
            user: id(USER),
            start: None,
            minutes: Some(60),
            once: true,
            replace: false,
        }),
        Write::PerUserMfa(PerUserMfa { user: id(USER), state: PerUserMfaState::Disabled }),
        Write::SendMail(Mail {
            from: "rollout@ne.example".to_owned(),
            to: vec!["ana@ne.example".to_owned()],
            subject: "MFA is coming".to_owned(),
            content: "On Monday.".to_owned(),
            is_html: false,
        }),
    ]
}
