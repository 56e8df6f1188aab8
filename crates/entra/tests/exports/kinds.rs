use conditional_access::{NamedLocationKind, State};
use entra::exports::Collector;
use jiff::Timestamp;
use records::{Offer, Record};
use rollout::{
    MailboxKind, Member, MemberKind, PerUserMfa, Registration, RoleAssignment, Snapshot, UserType,
};
use serde_json::json;

use super::{offer, page, snapshot_of};

fn at(text: &str) -> Option<Timestamp> {
    Some(text.parse().unwrap())
}

#[test]
fn a_user_with_everything() {
    let snapshot = snapshot_of(&[json!({
        "id": "A1", "userPrincipalName": "Ana@ne.example", "displayName": "=Ana", "mail": "Ana@NE.example",
        "accountEnabled": true, "userType": "Member", "createdDateTime": "2020-01-02T03:04:05Z",
        "employeeHireDate": "0001-01-01T00:00:00Z", "lastPasswordChangeDateTime": "2025-01-01T00:00:00Z",
        "jobTitle": null, "department": "Design", "mobilePhone": null, "businessPhones": [],
        "onPremisesSyncEnabled": null, "onPremisesImmutableId": null,
        "passwordPolicies": "DisablePasswordExpiration, DisableStrongPassword",
        "assignedLicenses": [{"skuId": "SKU-1", "disabledPlans": []}],
        "assignedPlans": [{"servicePlanId": "P1", "capabilityStatus": "Enabled"},
            {"servicePlanId": "P2", "capabilityStatus": "Deleted"}],
        "manager": {"@odata.type": "#microsoft.graph.user", "displayName": "Ben"},
        "signInActivity": {"lastSignInDateTime": "2026-02-01T00:00:00Z",
            "lastSuccessfulSignInDateTime": null},
        "mailboxSettings": {"userPurpose": "shared"},
        "authentication": {"requirements": {"perUserMfaState": "enforced"}, "methods": [
            {"@odata.type": "#microsoft.graph.fido2AuthenticationMethod", "aaGuid": "AB", "model": "Key",
                "createdDateTime": "2026-01-01T00:00:00Z"},
            {"@odata.type": "#microsoft.graph.phoneAuthenticationMethod", "phoneType": "mobile"}]},
    })]);
    let users = snapshot.users.unwrap();
    let user = &users[0];
    assert_eq!(user.account.user_id.as_deref(), Some("a1"));
    assert_eq!(user.account.display_name.as_deref(), Some("=Ana"), "data, not a formula");
    assert_eq!(user.mail.as_deref(), Some("ana@ne.example"));
    assert_eq!((user.account_enabled, user.user_type), (Some(true), Some(UserType::Member)));
    assert_eq!((user.created, user.hired), (at("2020-01-02T03:04:05Z"), None));
    assert_eq!((user.job_title.as_deref(), user.department.as_deref()), (Some(""), Some("Design")));
    assert_eq!(
        (user.mobile_phone.as_deref(), user.business_phone.as_deref()),
        (Some(""), Some(""))
    );
    assert_eq!((user.on_premises_sync, user.has_immutable_id), (Some(false), Some(false)));
    assert_eq!(user.password_never_expires, Some(true));
    assert_eq!(
        (user.licences.as_deref(), user.plans.as_deref()),
        (Some(&["sku-1".to_owned()][..]), Some(&["p1".to_owned()][..]))
    );
    assert_eq!(
        (user.manager.as_deref(), user.mailbox_purpose.as_deref()),
        (Some("Ben"), Some("shared"))
    );
    let activity = user.activity.unwrap();
    assert_eq!(
        (activity.last_sign_in, activity.last_successful),
        (at("2026-02-01T00:00:00Z"), None)
    );
    assert_eq!(user.per_user_mfa, Some(PerUserMfa::Enforced));
    let methods: Vec<_> = user
        .methods
        .iter()
        .flatten()
        .map(|it| (it.kind.as_str(), it.detail.as_deref(), it.aaguid.as_deref()))
        .collect();
    assert_eq!(methods, [("fido2", Some("Key"), Some("ab")), ("phone", Some("mobile"), None)]);
}

#[test]
fn what_a_user_file_does_not_show_is_not_told() {
    let camel = json!({"id": "1", "userPrincipalName": "a@ne.example"});
    // PowerShell writes null for every property nobody asked for.
    let pascal = json!({"Id": "1", "UserPrincipalName": "a@ne.example", "MobilePhone": null,
        "OnPremisesSyncEnabled": null, "AccountEnabled": null, "UserType": null, "AssignedPlans": null,
        "OnPremisesImmutableId": null, "Department": "", "SignInActivity": {}, "Manager": {}});
    for value in [camel, pascal] {
        let user = snapshot_of(&[value]).users.unwrap().remove(0);
        let account = user.account.clone();
        assert_eq!(user, rollout::User { account, ..rollout::User::default() });
    }
}

#[test]
fn powershell_wraps_its_values() {
    let snapshot = snapshot_of(&[json!({
        "Id": "1", "UserPrincipalName": "a@ne.example", "AccountEnabled": true,
        "CreatedDateTime": {"value": "/Date(1767323045000)/", "DisplayHint": 2},
        "AdditionalProperties": {"employeeType": "Contractor"}})]);
    let user = &snapshot.users.unwrap()[0];
    assert_eq!(user.created, at("2026-01-02T03:04:05Z"));
    assert_eq!(user.employee_type.as_deref(), Some("Contractor"));
}

#[test]
fn groups_and_their_members_in_every_shape() {
    let expected = |kind| {
        vec![
            Member { id: Some("u1".to_owned()), user_principal_name: None, kind },
            Member {
                id: Some("u2".to_owned()),
                user_principal_name: Some("b@ne.example".to_owned()),
                kind: MemberKind::User,
            },
        ]
    };
    let second = json!({"@odata.type": "#microsoft.graph.user", "id": "U2", "userPrincipalName": "b@ne.example"});
    let cases = [
        (
            json!({"id": "G", "groupTypes": [], "members": [{"@odata.type": "#microsoft.graph.user", "id": "U1"}, second]}),
            MemberKind::User,
        ),
        (
            json!({"groupId": "G", "members": [{"@odata.type": "#microsoft.graph.group", "id": "U1"}, second]}),
            MemberKind::Group,
        ),
        (
            json!({"groupId": "g", "members": ["U1", {"id": "U2", "userPrincipalName": "b@ne.example"}, second]}),
            MemberKind::Unknown,
        ),
        (
            json!({"GroupId": "G", "Members": [{"Id": "U1", "AdditionalProperties": {"@odata.type": "#microsoft.graph.device"}},
            {"Id": "U2", "AdditionalProperties": {"@odata.type": "#microsoft.graph.user", "userPrincipalName": "b@ne.example"}}]}),
            MemberKind::Other,
        ),
    ];
    for (value, kind) in cases {
        let groups = snapshot_of(std::slice::from_ref(&value)).groups.unwrap();
        assert_eq!(groups[0].id.as_deref(), Some("g"), "{value}");
        assert_eq!(groups[0].members, Some(expected(kind)), "{value}");
    }
    let told = snapshot_of(&[json!({"id": "G", "displayName": "IT", "securityEnabled": true,
        "membershipRule": null, "isAssignableToRole": null, "owners": [{"id": "O1"}]})]);
    let group = &told.groups.unwrap()[0];
    assert_eq!((group.members.as_ref(), group.membership_rule.as_deref()), (None, Some("")));
    assert_eq!(
        (group.assignable_to_role, group.owners.as_deref()),
        (Some(false), Some(&["o1".to_owned()][..]))
    );
}

#[test]
fn a_page_of_members_belongs_to_the_group_its_context_names() {
    let mut collector = Collector::new();
    let context = page("groups('G1')/members");
    for id in ["U1", "U2"] {
        let member = json!({"@odata.type": "#microsoft.graph.user", "id": id, "userPrincipalName": format!("{id}@ne.example")});
        assert_eq!(offer(&mut collector, &member, Some(&context)), Offer::Taken);
    }
    let snapshot = collector.finish();
    assert_eq!(snapshot.groups.unwrap()[0].members.as_ref().unwrap().len(), 2);
    assert_eq!(snapshot.users, None);
}

#[test]
fn role_assignments_active_and_eligible() {
    let base = json!({"roleDefinitionId": "R1", "principalId": "U1", "directoryScopeId": "/"});
    let with = |more: serde_json::Value| {
        let mut value = base.clone();
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        value
    };
    let cases = [
        (with(json!({})), true),
        (with(json!({"assignmentType": "Assigned", "memberType": "Direct"})), true),
        (with(json!({"memberType": "Direct", "roleEligibilityScheduleId": "x"})), false),
        (with(json!({"memberType": "Direct"})), false),
        (
            with(json!({"@odata.type": "#microsoft.graph.unifiedRoleEligibilityScheduleInstance"})),
            false,
        ),
    ];
    for (value, active) in cases {
        let roles = snapshot_of(std::slice::from_ref(&value)).roles.unwrap();
        assert_eq!((roles[0].active, roles[0].role.as_str()), (active, "r1"), "{value}");
    }
}

#[test]
fn one_assignment_from_three_files_is_one() {
    let snapshot = snapshot_of(&[
        json!({"roleDefinitionId": "D9", "principalId": "U1", "directoryScopeId": "/"}),
        json!({"roleDefinitionId": "D9", "principalId": "U1", "directoryScopeId": "/", "assignmentType": "Assigned",
            "endDateTime": "2026-12-31T00:00:00Z",
            "principal": {"@odata.type": "#microsoft.graph.user", "id": "U1", "userPrincipalName": "a@ne.example"}}),
        json!({"id": "D9", "templateId": "T9", "isBuiltIn": true, "displayName": "Helpdesk Administrator"}),
        json!({"roleTemplateId": "T9", "displayName": "Helpdesk Administrator", "members": [
            {"@odata.type": "#microsoft.graph.user", "id": "U1"}]}),
    ]);
    assert_eq!(
        snapshot.roles.unwrap(),
        [RoleAssignment {
            role: "t9".to_owned(),
            role_name: Some("Helpdesk Administrator".to_owned()),
            principal_id: Some("u1".to_owned()),
            principal_name: Some("a@ne.example".to_owned()),
            principal_kind: MemberKind::User,
            active: true,
            scope: Some("/".to_owned()),
            ends: at("2026-12-31T00:00:00Z"),
        }]
    );
}

#[test]
fn a_directory_role_without_members_shows_no_holder() {
    let snapshot = snapshot_of(&[json!({"id": "1", "roleTemplateId": "T", "displayName": "X"})]);
    assert_eq!(snapshot.roles, None);
}

#[test]
fn registration_rows_of_every_age() {
    let row = |more: serde_json::Value| {
        let mut value = json!({"id": "U1", "userPrincipalName": "a@ne.example", "userDisplayName": "A",
            "isMfaRegistered": true, "isMfaCapable": true, "methodsRegistered": ["mobilePhone", "email"]});
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        value
    };
    let cases = [
        (row(json!({"defaultMfaMethod": "mobilePhone"})), Some("mobilePhone")),
        (row(json!({"defaultMethod": ""})), None),
        (row(json!({"userPreferredMethodForSecondaryAuthentication": "push"})), Some("push")),
    ];
    for (value, default_method) in cases {
        let rows = snapshot_of(std::slice::from_ref(&value)).registrations.unwrap();
        assert_eq!(rows[0].default_method.as_deref(), default_method, "{value}");
        assert_eq!(
            (rows[0].mfa_capable, rows[0].is_admin, rows[0].user_type),
            (Some(true), None, None)
        );
        assert_eq!(rows[0].account.display_name.as_deref(), Some("A"));
        assert_eq!(rows[0].methods.as_ref().unwrap().len(), 2);
    }
}

#[test]
fn the_newest_registration_row_stands_and_older_ones_are_remembered() {
    let row = |day: &str, capable: bool| {
        json!({"id": "U1", "isMfaCapable": capable,
        "lastUpdatedDateTime": format!("2026-03-{day}T00:00:00Z")})
    };
    let snapshot = snapshot_of(&[
        row("05", false),
        row("07", true),
        row("06", false),
        json!({"id": "U1", "isMfaCapable": false, "isAdmin": true}),
    ]);
    let rows = snapshot.registrations.unwrap();
    assert_eq!(
        rows,
        [Registration {
            account: rows[0].account.clone(),
            mfa_capable: Some(true),
            is_admin: Some(true),
            last_updated: at("2026-03-07T00:00:00Z"),
            ..Registration::default()
        }]
    );
    let earlier: Vec<_> =
        snapshot.earlier_registrations.iter().map(|it| (it.last_updated, it.mfa_capable)).collect();
    assert_eq!(
        earlier,
        [(at("2026-03-05T00:00:00Z"), Some(false)), (at("2026-03-06T00:00:00Z"), Some(false))]
    );
}

#[test]
fn mailboxes_and_exchange_settings() {
    let snapshot = snapshot_of(&[
        json!({"DisplayName": "Info", "UserPrincipalName": "info@ne.example", "PrimarySmtpAddress": "Info@ne.example",
            "RecipientTypeDetails": {"value": 4, "Value": "SharedMailbox"}, "ExternalDirectoryObjectId": "U1"}),
        json!({"Name": "info", "PrimarySmtpAddress": "info@ne.example", "SmtpClientAuthenticationDisabled": null, "ImapEnabled": true}),
        json!({"DisplayName": "Room 1", "PrimarySmtpAddress": "room1@ne.example", "RecipientTypeDetails": "RoomMailbox"}),
        json!({"PrimarySmtpAddress": "a@ne.example", "SmtpClientAuthenticationDisabled": false, "PopEnabled": true}),
        json!({"Identity": "Transport Settings", "SmtpClientAuthenticationDisabled": true}),
        json!({"OAuth2ClientProfileEnabled": true, "RejectDirectSend": false}),
    ]);
    let mailboxes: Vec<_> = snapshot
        .mailboxes
        .as_ref()
        .unwrap()
        .iter()
        .map(|it| {
            (it.address.as_deref().unwrap(), it.kind, it.smtp_auth_disabled, it.user_id.as_deref())
        })
        .collect();
    assert_eq!(
        mailboxes,
        [
            ("a@ne.example", MailboxKind::Unknown, Some(Some(false)), None),
            ("info@ne.example", MailboxKind::Shared, Some(None), Some("u1")),
            ("room1@ne.example", MailboxKind::Room, None, None),
        ]
    );
    let exchange = snapshot.exchange;
    assert_eq!(
        (exchange.smtp_auth_disabled, exchange.modern_auth_enabled, exchange.reject_direct_send),
        (Some(true), Some(true), Some(false))
    );
}

#[test]
fn audit_events_in_three_shapes() {
    let graph = json!({"id": "E1", "activityDisplayName": "User registered security info ", "result": "success",
        "activityDateTime": "2026-03-01T10:00:00Z", "resultReason": "User registered phone",
        "initiatedBy": {"app": null, "user": {"id": "U1", "userPrincipalName": "a@ne.example", "ipAddress": "192.0.2.1"}},
        "targetResources": [{"id": "U1", "Type": "User", "userPrincipalName": "a@ne.example",
            "modifiedProperties": [{"displayName": "StrongAuthenticationMethod", "newValue": "[]"}]},
            {"id": "P1", "type": "Policy", "displayName": "CA001"}]});
    let envelope = json!({"time": "2026-03-01T10:03:00Z", "category": "AuditLogs", "callerIpAddress": "192.0.2.9",
        "operationName": "User registered security info", "properties": graph});
    let analytics = json!({"TimeGenerated": "2026-03-01T10:04:00Z", "Type": "AuditLogs", "Id": "E1",
        "OperationName": "User registered security info", "ActivityDateTime": "2026-03-01T10:00:00Z", "Result": "success",
        "ResultReason": "User registered phone", "InitiatedBy": graph["initiatedBy"].to_string(),
        "TargetResources": graph["targetResources"].to_string()});
    let one = snapshot_of(std::slice::from_ref(&graph)).audits.unwrap();
    assert_eq!(one[0].activity, "User registered security info");
    assert_eq!((one[0].succeeded, one[0].ip_address.as_deref()), (Some(true), Some("192.0.2.1")));
    assert_eq!((one[0].targets.len(), one[0].objects.as_slice()), (1, &["CA001".to_owned()][..]));
    assert_eq!(one[0].properties, ["StrongAuthenticationMethod"]);
    for value in [envelope, analytics] {
        let all = snapshot_of(&[graph.clone(), value.clone()]).audits.unwrap();
        assert_eq!(all, one, "{value}");
    }
}

#[test]
fn audit_events_nobody_needs_are_counted_and_let_go() {
    let mut collector = Collector::new();
    let event = |activity: &str, property: &str| {
        json!({"id": activity, "activityDisplayName": activity,
        "activityDateTime": "2026-03-01T10:00:00Z", "result": "failure",
        "targetResources": [{"modifiedProperties": [{"displayName": property}]}]})
    };
    for (activity, property) in [
        ("Add device", "x"),
        ("Update user", "x"),
        ("Update user", "StrongAuthenticationRequirement"),
        ("Add member to role", "x"),
        ("Delete conditional access policy", "x"),
        ("Reset user password", "x"),
    ] {
        assert_eq!(offer(&mut collector, &event(activity, property), None), Offer::Taken);
    }
    assert_eq!(collector.counts().get("directory audit events"), Some(&6));
    let mut kept: Vec<_> =
        collector.finish().audits.unwrap().into_iter().map(|it| it.activity).collect();
    kept.sort();
    assert_eq!(
        kept,
        [
            "Add member to role",
            "Delete conditional access policy",
            "Reset user password",
            "Update user"
        ]
    );
}

#[test]
fn policies_of_the_tenant() {
    let snapshot = snapshot_of(&[
        json!({"ConditionalAccessPolicies": [
            {"Id": "1", "DisplayName": "CA001", "State": "enabled", "Conditions": {}, "ModifiedDateTime": "2026-01-01T00:00:00Z"},
            {"id": "1", "displayName": "CA001", "state": "disabled", "conditions": {}, "modifiedDateTime": "2026-02-01T00:00:00Z"}]}),
        json!({"id": "L", "displayName": "Office", "isTrusted": true, "ipRanges": [{"cidrAddress": "192.0.2.0/24"}]}),
        json!({"id": "00000000-0000-0000-0000-000000000005", "isEnabled": true}),
        json!({"id": "authenticationMethodsPolicy", "policyMigrationState": "migrationInProgress",
            "registrationEnforcement": {"authenticationMethodsRegistrationCampaign": {"state": "default", "snoozeDurationInDays": 1,
                "includeTargets": [{"id": "all_users", "targetedAuthenticationMethod": "microsoftAuthenticator"}]}},
            "systemCredentialPreferences": {"state": "enabled"}, "reportSuspiciousActivitySettings": {"state": "default"},
            "authenticationMethodConfigurations": [{"@odata.type": "#microsoft.graph.smsAuthenticationMethodConfiguration", "id": "Sms", "state": "disabled"}]}),
        json!({"@odata.type": "#microsoft.graph.fido2AuthenticationMethodConfiguration", "id": "Fido2", "state": "enabled",
            "includeTargets": [{"id": "all_users"}], "keyRestrictions": {"isEnforced": false}, "isAttestationEnforced": true}),
        json!({"id": "S", "displayName": "Strong", "allowedCombinations": ["fido2", "password,sms"]}),
        json!({"multiFactorAuthConfiguration": "required", "userDeviceQuota": 50}),
        json!({"isServiceDefault": true, "inboundTrust": {"isMfaAccepted": false}}),
    ]);
    let policies = snapshot.policies.unwrap();
    assert_eq!((policies.len(), policies[0].state), (1, State::Disabled), "the copy changed last");
    let kind = &snapshot.named_locations.unwrap()[0].kind;
    assert!(matches!(kind, NamedLocationKind::Ip { trusted: Some(true), .. }));
    assert_eq!(
        (snapshot.security_defaults, snapshot.device_join_needs_mfa, snapshot.inbound_mfa_trusted),
        (Some(true), Some(true), Some(false))
    );
    let methods = snapshot.methods_policy.unwrap();
    assert_eq!(
        (methods.migration_complete, methods.system_preferred, methods.report_suspicious),
        (Some(false), Some(true), None)
    );
    let campaign = methods.campaign.unwrap();
    assert_eq!(
        (campaign.state.as_deref(), campaign.snooze_days, campaign.targeted_method.as_deref()),
        (Some("default"), Some(1), Some("microsoftAuthenticator"))
    );
    let configured: Vec<_> = methods
        .methods
        .iter()
        .map(|it| (it.id.as_str(), it.enabled, it.key_restrictions))
        .collect();
    assert_eq!(configured, [("fido2", Some(true), Some(false)), ("sms", Some(false), None)]);
    assert_eq!(
        snapshot.authentication_strengths.unwrap()[0].allowed_combinations,
        ["fido2", "password,sms"]
    );
}

#[test]
fn the_tenant_itself() {
    let snapshot = snapshot_of(&[
        json!({"id": "T", "displayName": "NE Engineering", "onPremisesSyncEnabled": true,
            "verifiedDomains": [{"name": "NE.example", "isDefault": true, "isInitial": false, "type": "Managed"}]}),
        json!({"id": "ne.example", "authenticationType": "Managed", "isDefault": true, "isVerified": true}),
        json!({"id": "new.example", "authenticationType": "Managed", "isVerified": false}),
        json!({"skuId": "S", "skuPartNumber": "SPE_E3", "capabilityStatus": "Enabled", "consumedUnits": 190,
            "prepaidUnits": {"enabled": 210}, "servicePlans": [
                {"servicePlanId": "P1", "servicePlanName": "AAD_PREMIUM", "provisioningStatus": "Success"},
                {"servicePlanId": "P2", "servicePlanName": "OFF", "provisioningStatus": "Disabled"}]}),
        json!({"id": "U1", "userPrincipalName": "a@ne.example", "riskLevel": "high", "riskState": "atRisk",
            "riskLastUpdatedDateTime": "2026-01-01T00:00:00Z"}),
        json!({"id": "EX1", "service": "Exchange Online", "classification": "incident", "isResolved": false,
            "startDateTime": "2026-01-01T00:00:00Z", "impactDescription": "slow"}),
    ]);
    assert_eq!(snapshot.tenant.primary_domain(), Some("ne.example"));
    assert_eq!(
        snapshot.tenant.domains.as_ref().unwrap().len(),
        1,
        "an unverified domain is none yet"
    );
    assert_eq!(
        (snapshot.tenant.id.as_deref(), snapshot.tenant.on_premises_sync),
        (Some("t"), Some(true))
    );
    let sku = &snapshot.skus.unwrap()[0];
    assert_eq!(
        (sku.usable, sku.enabled_units, sku.consumed_units, sku.plans.len()),
        (Some(true), Some(210), Some(190), 1)
    );
    assert_eq!(snapshot.risky_users.unwrap()[0].level.as_deref(), Some("high"));
    assert_eq!(snapshot.service_issues.unwrap()[0].resolved, Some(false));
    assert_eq!(snapshot.users, None, "a risky user is no list of users");
}

#[test]
fn methods_read_user_by_user_join_the_users() {
    let mut collector = Collector::new();
    let user = json!({"id": "U1", "userPrincipalName": "a@ne.example"});
    let method =
        json!({"@odata.type": "#microsoft.graph.softwareOathAuthenticationMethod", "id": "m"});
    assert_eq!(
        offer(
            &mut collector,
            &method,
            Some(&page("users('a%40ne.example')/authentication/methods"))
        ),
        Offer::Taken
    );
    assert_eq!(
        offer(
            &mut collector,
            &json!({"perUserMfaState": "disabled"}),
            Some(&page("users('U1')/authentication/requirements/$entity"))
        ),
        Offer::Taken
    );
    assert_eq!(
        offer(
            &mut collector,
            &json!({"userPrincipalName": "A@ne.example", "methods": [
        {"@odata.type": "#microsoft.graph.emailAuthenticationMethod"}]}),
            None
        ),
        Offer::Taken
    );
    assert_eq!(offer(&mut collector, &user, None), Offer::Taken);
    let user = collector.finish().users.unwrap().remove(0);
    let kinds: Vec<_> = user.methods.iter().flatten().map(|it| it.kind.as_str()).collect();
    assert_eq!(
        (kinds, user.per_user_mfa),
        (vec!["email", "softwareOath"], Some(PerUserMfa::Disabled))
    );
}

#[test]
fn a_list_may_name_what_its_records_leave_open() {
    let mut collector = Collector::new();
    let record = json!({"id": "U1", "displayName": "A"});
    assert_eq!(offer(&mut collector, &record, Some(&page("users(id,displayName)"))), Offer::Taken);
    assert_eq!(collector.finish().users.unwrap().len(), 1);
}

#[test]
fn lists_of_a_live_tenant_that_no_decision_uses_are_known_and_change_nothing() {
    let rows = [
        ("devices", json!({"id": "d", "displayName": "laptop"})),
        ("security/alerts_v2", json!({"id": "a", "severity": "low", "status": "new"})),
        (
            "deviceManagement/managedDevices",
            json!({"id": "m", "userPrincipalName": "ann@ne.example", "deviceName": "laptop"}),
        ),
        (
            "directory/administrativeUnits",
            json!({"id": "u", "displayName": "UK", "membershipRule": null}),
        ),
        ("places/microsoft.graph.room", json!({"id": "r", "displayName": "Boardroom"})),
    ];
    let mut collector = Collector::new();
    for (list, row) in rows {
        let context = page(list);
        assert_eq!(offer(&mut collector, &row, Some(&context)), Offer::Taken, "{list}");
        let empty = Record::EmptyList { context: Some(&context) };
        assert_eq!(collector.offer(&empty, "x"), Offer::Taken, "{list}");
    }
    assert_eq!(collector.counts().len(), 5);
    assert_eq!(collector.finish(), Snapshot::default());
}

#[test]
fn the_purpose_of_a_mailbox_belongs_to_its_user() {
    let snapshot = snapshot_of(&[
        json!({"id": "1", "userPrincipalName": "a@ne.example", "accountEnabled": true}),
        json!({"userId": "1", "userPurpose": "Shared"}),
        json!({"userId": "2", "userPurpose": "room"}),
    ]);
    let users = snapshot.users.unwrap();
    assert_eq!(users.len(), 1, "whom no list of users names is nobody's user");
    assert_eq!(users[0].mailbox_purpose.as_deref(), Some("shared"));
}

#[test]
fn the_manifest_of_a_download_tells_what_was_refused() {
    let manifest = json!({
        "schema": "lockstep.download/1",
        "tenant": "ne.example",
        "cloud": "global",
        "sign_in_days": 30,
        "started": "2026-11-21T12:00:00Z",
        "finished": "2026-11-21T12:05:00Z",
        "reads": [
            {"id": "users", "request": "GET /v1.0/users", "pages": 0, "objects": 0, "next": null,
             "state": {"state": "permission-missing", "permission": "User.Read.All"}},
            {"id": "of-a-later-version", "request": "x", "pages": 1, "objects": 1, "next": null,
             "state": {"state": "done"}},
        ],
    });
    let snapshot = snapshot_of(std::slice::from_ref(&manifest));
    assert_eq!(snapshot.refused.len(), 1);
    assert!(snapshot.refused[0].close_with.contains("User.Read.All"));
    let mut wrong = manifest;
    wrong["reads"] = json!(7);
    let Offer::Unreadable(reason) = offer(&mut Collector::new(), &wrong, None) else {
        panic!("half a manifest was taken");
    };
    assert!(reason.contains("another version of lockstep"), "{reason}");
}
