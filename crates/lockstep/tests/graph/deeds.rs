//! One of every write, in an order in which each has what it needs.

use std::collections::BTreeMap;

use entra::graph::writes::{
    AddMember, AssignRole, Campaign, CampaignState, CampaignTarget, DeleteGroup, DeleteLocation,
    DeleteMethod, DeletePolicy, DeleteUser, Mail, Marker, MethodConfiguration, MethodKind,
    NewGroup, NewLocation, NewPass, NewPolicy, NewUser, ObjectId, PatchLocation, PatchPolicy,
    PatchUser, PerUserMfa, PerUserMfaState, PolicyBody, RemoveMember, RemoveRole, RestorePolicy,
    RevokeSessions, SecurityDefaults, Write,
};
use serde_json::{Map, Value, json};

/// The password of the account that is made. It may stand nowhere afterwards.
pub(crate) const PASSWORD: &str = "known-first-password-of-the-test-7Q!";

/// How many deeds there are.
pub(crate) const COUNT: usize = 25;

/// Ids that earlier deeds brought, by what was made.
pub(crate) type Ids = BTreeMap<&'static str, String>;

fn id(text: &str) -> ObjectId {
    ObjectId::new(text).unwrap()
}

fn map(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn body(value: Value) -> PolicyBody {
    PolicyBody::new(&map(value)).unwrap()
}

/// The write at a place of the order, and the name its id is kept under.
pub(crate) fn deed(place: usize, ids: &Ids, graph: &str, sender: &str) -> (&'static str, Write) {
    let made = |name: &str| id(ids.get(name).map_or("not-made", String::as_str));
    match place {
        0..=8 => directory(place, &made, graph),
        9..=15 => access(place, &made),
        _ => people(place, &made, sender),
    }
}

fn directory(place: usize, made: &impl Fn(&str) -> ObjectId, graph: &str) -> (&'static str, Write) {
    let role = || AssignRole {
        principal: made("user"),
        role: id("f2ef992c-3afb-46b9-b7cf-a126ee74c451"),
        scope: "/".to_owned(),
    };
    let write = match place {
        0 => {
            return (
                "user",
                Write::CreateUser(NewUser {
                    user_principal_name: "emergency9@ne.example".to_owned(),
                    display_name: "Emergency 9".to_owned(),
                    mail_nickname: "emergency9".to_owned(),
                    password: PASSWORD.into(),
                    change_password: false,
                    password_never_expires: true,
                    enabled: true,
                }),
            );
        }
        1 => {
            return (
                "group",
                Write::CreateGroup(NewGroup {
                    display_name: "MFA pilot 9".to_owned(),
                    description: "Who tries it first.".to_owned(),
                    marker: Marker::new("pilot-9").unwrap(),
                    role_assignable: false,
                }),
            );
        }
        2 => Write::AddMember(AddMember {
            group: made("group"),
            member: made("user"),
            graph: graph.to_owned(),
        }),
        3 => Write::RemoveMember(RemoveMember { group: made("group"), member: made("user") }),
        4 => Write::AssignRole(role()),
        5 => Write::RemoveRole(RemoveRole(role())),
        6 => Write::PatchUser(PatchUser::enabled(made("user"), false)),
        7 => Write::PatchUser(PatchUser::enabled(made("user"), true)),
        _ => Write::RevokeSessions(RevokeSessions { user: made("user") }),
    };
    ("-", write)
}

fn access(place: usize, made: &impl Fn(&str) -> ObjectId) -> (&'static str, Write) {
    let location = |address: &str| {
        map(json!({
            "@odata.type": "#microsoft.graph.ipNamedLocation",
            "isTrusted": false,
            "ipRanges": [{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": address}],
        }))
    };
    let write = match place {
        9 => {
            return (
                "location",
                Write::CreateLocation(NewLocation {
                    display_name: "Workshop 9".to_owned(),
                    properties: location("203.0.113.0/24"),
                }),
            );
        }
        10 => Write::PatchLocation(PatchLocation {
            id: made("location"),
            changes: location("198.51.100.0/24"),
        }),
        11 => Write::DeleteLocation(DeleteLocation { id: made("location") }),
        12 => {
            return (
                "policy",
                Write::CreatePolicy(NewPolicy {
                    body: body(json!({
                        "displayName": "CA001 - MFA for the pilot",
                        "state": "disabled",
                        "conditions": {
                            "users": {"includeGroups": [made("group").as_str()]},
                            "applications": {"includeApplications": ["All"]},
                            "clientAppTypes": ["all"],
                        },
                        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
                    })),
                    marker: Marker::new("ca001-9").unwrap(),
                }),
            );
        }
        13 => Write::PatchPolicy(PatchPolicy {
            id: made("policy"),
            changes: body(json!({"state": "enabledForReportingButNotEnforced"})),
        }),
        14 => Write::DeletePolicy(DeletePolicy { id: made("policy") }),
        _ => Write::RestorePolicy(RestorePolicy { id: made("policy") }),
    };
    ("-", write)
}

fn people(place: usize, made: &impl Fn(&str) -> ObjectId, sender: &str) -> (&'static str, Write) {
    let write = match place {
        16 => Write::SecurityDefaults(SecurityDefaults { enabled: false }),
        17 => Write::Campaign(Campaign {
            state: CampaignState::Enabled,
            snooze_days: 2,
            enforce_after_snoozes: None,
            include: vec![CampaignTarget { id: id("all_users"), is_user: false }],
            exclude: vec![CampaignTarget { id: made("group"), is_user: false }],
            method: "microsoftAuthenticator".to_owned(),
        }),
        18 => Write::MethodConfiguration(MethodConfiguration {
            method: id("TemporaryAccessPass"),
            odata_type: "#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration"
                .to_owned(),
            changes: map(json!({"state": "enabled", "maximumLifetimeInMinutes": 481})),
        }),
        19 => {
            return (
                "pass",
                Write::CreatePass(NewPass {
                    user: made("user"),
                    start: None,
                    minutes: Some(60),
                    once: true,
                    replace: false,
                }),
            );
        }
        20 => Write::DeleteMethod(DeleteMethod {
            user: made("user"),
            kind: MethodKind::TemporaryAccessPass,
            id: made("pass"),
        }),
        21 => {
            Write::PerUserMfa(PerUserMfa { user: made("user"), state: PerUserMfaState::Enforced })
        }
        22 => Write::SendMail(Mail {
            from: sender.to_owned(),
            to: vec!["everybody@ne.example".to_owned()],
            subject: "MFA is coming".to_owned(),
            content: "On Monday.".to_owned(),
            is_html: false,
        }),
        23 => Write::DeleteGroup(DeleteGroup { id: made("group") }),
        _ => Write::DeleteUser(DeleteUser { id: made("user") }),
    };
    ("-", write)
}
