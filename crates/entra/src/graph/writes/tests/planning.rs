//! What each write would send, without a network.

use http::Method;
use serde_json::{Value, json};

use super::*;
use crate::graph::call::Call;

fn look_words(look: &Look) -> String {
    match look {
        Look::Object(call) => call.name(),
        Look::List(call) => format!("{} (list)", call.name()),
        Look::Nowhere => "nowhere".to_owned(),
    }
}

#[test]
fn every_write_looks_and_sends_where_graph_documents_it() {
    let found = id(OBJECT);
    let shown: Vec<String> = every_write()
        .iter()
        .map(|write| {
            let sent = write.send(Some(&found)).unwrap().name();
            let back = look_words(&write.look_back(Some(&found)));
            let look = look_words(&write.look());
            let back = if back == look { String::new() } else { format!(", {back}") };
            format!("{sent} after {look}{back}")
                .replace(USER, "USER")
                .replace(GROUP, "GROUP")
                .replace(OBJECT, "OBJECT")
        })
        .collect();
    let expected = [
        "POST /v1.0/users after GET /v1.0/users/emergency1@ne.onmicrosoft.com, GET /v1.0/users/OBJECT",
        "PATCH /v1.0/users/USER after GET /v1.0/users/USER",
        "PATCH /v1.0/users/USER after GET /v1.0/users/USER",
        "DELETE /v1.0/users/USER after GET /v1.0/users/USER",
        "POST /v1.0/users/USER/revokeSignInSessions after GET /v1.0/users/USER",
        "POST /v1.0/roleManagement/directory/roleAssignments after GET /v1.0/roleManagement/directory/roleAssignments (list)",
        "DELETE /v1.0/roleManagement/directory/roleAssignments/OBJECT after GET /v1.0/roleManagement/directory/roleAssignments (list)",
        "POST /v1.0/groups after GET /v1.0/groups (list), GET /v1.0/groups/OBJECT",
        "DELETE /v1.0/groups/GROUP after GET /v1.0/groups/GROUP",
        "POST /v1.0/groups/GROUP/members/$ref after GET /v1.0/groups/GROUP/members (list)",
        "DELETE /v1.0/groups/GROUP/members/USER/$ref after GET /v1.0/groups/GROUP/members (list)",
        "POST /v1.0/identity/conditionalAccess/policies after GET /v1.0/identity/conditionalAccess/policies (list), GET /v1.0/identity/conditionalAccess/policies/OBJECT",
        "PATCH /v1.0/identity/conditionalAccess/policies/OBJECT after GET /v1.0/identity/conditionalAccess/policies/OBJECT",
        "DELETE /v1.0/identity/conditionalAccess/policies/OBJECT after GET /v1.0/identity/conditionalAccess/policies/OBJECT",
        "POST /v1.0/identity/conditionalAccess/deletedItems/policies/OBJECT/restore after GET /v1.0/identity/conditionalAccess/policies/OBJECT",
        "POST /v1.0/identity/conditionalAccess/namedLocations after GET /v1.0/identity/conditionalAccess/namedLocations (list), GET /v1.0/identity/conditionalAccess/namedLocations/OBJECT",
        "PATCH /v1.0/identity/conditionalAccess/namedLocations/OBJECT after GET /v1.0/identity/conditionalAccess/namedLocations/OBJECT",
        "DELETE /v1.0/identity/conditionalAccess/namedLocations/OBJECT after GET /v1.0/identity/conditionalAccess/namedLocations/OBJECT",
        "PATCH /v1.0/policies/identitySecurityDefaultsEnforcementPolicy after GET /v1.0/policies/identitySecurityDefaultsEnforcementPolicy",
        "PATCH /v1.0/policies/authenticationMethodsPolicy after GET /v1.0/policies/authenticationMethodsPolicy",
        "PATCH /v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/TemporaryAccessPass after GET /v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/TemporaryAccessPass",
        "DELETE /v1.0/users/USER/authentication/fido2Methods/lAPpKirqfdYtqtbqtnb5lG7rojbzdzHt1a-1_0= after GET /v1.0/users/USER/authentication/methods (list)",
        "POST /v1.0/users/USER/authentication/temporaryAccessPassMethods after GET /v1.0/users/USER/authentication/temporaryAccessPassMethods (list)",
        "PATCH /beta/users/USER/authentication/requirements after GET /beta/users/USER/authentication/requirements",
        "POST /v1.0/users/rollout@ne.example/sendMail after nowhere",
    ];
    assert_eq!(shown, expected);
}

#[test]
fn no_path_to_a_member_lacks_its_reference() {
    for write in every_write() {
        let Some(call) = write.send(Some(&id(OBJECT))) else { continue };
        if call.path.contains("/members") {
            assert!(call.path.ends_with("/$ref"), "{}", call.name());
        }
        assert!(!call.path.ends_with('/') && !call.path.contains("//"), "{}", call.name());
    }
}

#[test]
fn nothing_that_changes_the_tenant_is_taken_for_a_read() {
    for write in every_write() {
        let call = write.send(Some(&id(OBJECT))).unwrap();
        assert!(!call.reads, "{}", call.name());
        assert_ne!(call.method, Method::GET);
        for look in [write.look(), write.look_back(Some(&id(OBJECT)))] {
            if let Look::Object(call) | Look::List(call) = look {
                assert_eq!(call.method, Method::GET);
            }
        }
    }
}

#[test]
fn a_password_shows_in_the_bytes_that_are_sent_and_nowhere_else() {
    for (place, policies) in [(0, json!("DisablePasswordExpiration")), (2, Value::Null)] {
        let writes = every_write();
        let write = &writes[place];
        let call = write.send(None).unwrap();
        let sent: Value = serde_json::from_slice(&call.body_bytes().unwrap()).unwrap();
        assert_eq!(sent["passwordProfile"]["password"], PASSWORD);
        assert_eq!(sent["passwordProfile"]["forceChangePasswordNextSignIn"], false);
        assert_eq!(sent["passwordPolicies"], policies);
        for shown in [format!("{write:?}"), format!("{call:?}"), write.words(), call.name()] {
            assert!(!shown.contains(PASSWORD), "{shown}");
        }
    }
}

#[test]
fn a_role_is_removed_by_the_id_that_was_found_and_not_without() {
    assert_eq!(RemoveRole(role()).send_for_test(None), None);
    let there = json!({
        "id": OBJECT, "principalId": USER.to_uppercase(), "directoryScopeId": "/",
        "roleDefinitionId": "62e90394-69f5-4237-9190-012177145e10",
    });
    let mut elsewhere = there.clone();
    elsewhere["directoryScopeId"] = json!("/administrativeUnits/1");
    let write = Write::RemoveRole(RemoveRole(role()));
    let judged = write.judge(&Seen::List(vec![elsewhere.clone(), there.clone()]));
    assert!(matches!(judged, Found::Differs { id: Some(id), .. } if id == OBJECT));
    let gone = Found::AlreadyThere { id: None };
    assert_eq!(write.judge(&Seen::List(vec![elsewhere.clone()])), gone);
    let write = Write::AssignRole(role());
    assert_eq!(write.judge(&Seen::List(vec![elsewhere])), Found::Missing);
    let there = write.judge(&Seen::List(vec![there]));
    assert_eq!(there, Found::AlreadyThere { id: Some(OBJECT.to_owned()) });
}

trait SendForTest {
    fn send_for_test(self, id: Option<&ObjectId>) -> Option<Call>;
}

impl SendForTest for RemoveRole {
    fn send_for_test(self, id: Option<&ObjectId>) -> Option<Call> {
        Write::RemoveRole(self).send(id)
    }
}

#[test]
fn phones_go_last_and_the_mobile_phone_after_them() {
    let method = |kind: &str, id: &str| json!({"@odata.type": format!("#microsoft.graph.{kind}AuthenticationMethod"), "id": id});
    let methods = [
        method("phone", "3179e48a-750b-4051-897c-87b9720928f7"),
        method("password", "28c10230-6103-485e-b985-444c60001490"),
        method("phone", "b6332ec1-7057-4abe-9331-3d72feddfe41"),
        method("fido2", "key"),
        method("external", "other"),
        method("microsoftAuthenticator", "app"),
        json!({"id": "untyped"}),
    ];
    let (deletions, left) = reset_order(&id(USER), &methods);
    let order: Vec<&str> = deletions.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(
        order,
        [
            "key",
            "app",
            "b6332ec1-7057-4abe-9331-3d72feddfe41",
            "3179e48a-750b-4051-897c-87b9720928f7"
        ]
    );
    assert_eq!(left, ["#microsoft.graph.externalAuthenticationMethod", ""]);
}

#[test]
fn the_campaign_is_sent_whole_and_beta_only_where_it_must() {
    let Some(Write::Campaign(mut campaign)) =
        every_write().into_iter().find(|it| matches!(it, Write::Campaign(_)))
    else {
        panic!("no campaign")
    };
    let sent = Write::Campaign(campaign.clone()).send(None).unwrap();
    let expected = json!({"registrationEnforcement": {"authenticationMethodsRegistrationCampaign": {
        "state": "enabled",
        "snoozeDurationInDays": 1,
        "includeTargets": [{"id": "all_users", "targetType": "group",
            "targetedAuthenticationMethod": "microsoftAuthenticator"}],
        "excludeTargets": [{"id": GROUP, "targetType": "group"}],
    }}});
    assert_eq!(sent.body, Some(expected));
    campaign.enforce_after_snoozes = Some(false);
    let sent = Write::Campaign(campaign).send(None).unwrap();
    assert_eq!(sent.name(), "PATCH /beta/policies/authenticationMethodsPolicy");
}

#[test]
fn enabled_per_user_mfa_of_somebody_registered_reads_enforced() {
    let judged = |wanted, seen: &str| {
        Write::PerUserMfa(PerUserMfa { user: id(USER), state: wanted })
            .judge(&Seen::Object(json!({"perUserMfaState": seen})))
    };
    let there = |found: Found| matches!(found, Found::AlreadyThere { .. });
    assert!(there(judged(PerUserMfaState::Enabled, "enforced")));
    assert!(!there(judged(PerUserMfaState::Enforced, "enabled")));
    assert!(!there(judged(PerUserMfaState::Disabled, "enforced")));
    assert!(!there(judged(PerUserMfaState::Disabled, "unknownFutureValue")));
}

#[test]
fn sessions_ended_and_a_password_is_new_when_the_time_moved() {
    use crate::graph::writes::step::Step;
    let sessions = RevokeSessions { user: id(USER) };
    let password = NewPassword {
        user: id(USER),
        password: SecretString::from(PASSWORD.to_owned()),
        change_password: false,
    };
    let steps: [(&str, &dyn Step); 2] =
        [("signInSessionsValidFromDateTime", &sessions), ("lastPasswordChangeDateTime", &password)];
    for (property, step) in steps {
        let at = |time: Value| Seen::Object(json!({property: time}));
        let early = || at(json!("2026-09-01T08:00:00Z"));
        let late = || at(json!("2026-09-01T08:00:01Z"));
        let cases = [
            (early(), late(), true),
            (early(), early(), false),
            (late(), early(), false),
            (early(), at(Value::Null), false),
            (at(Value::Null), late(), true),
            (early(), Seen::Absent, false),
        ];
        for (before, after, done) in cases {
            let found = step.judge_since(&before, &after);
            assert_eq!(matches!(found, Found::AlreadyThere { .. }), done, "{before:?} {after:?}");
        }
        // Whatever the account shows, it is sent: nobody can read whether this password is set.
        assert!(step.always_sends());
    }
}

#[test]
fn a_pass_somebody_has_is_not_replaced_unasked() {
    let pass = |replace| {
        Write::CreatePass(NewPass {
            user: id(USER),
            start: None,
            minutes: None,
            once: true,
            replace,
        })
    };
    let there = Seen::List(vec![json!({"id": "p1", "temporaryAccessPass": null})]);
    assert_eq!(pass(false).judge(&there), Found::Taken { id: "p1".to_owned() });
    assert!(matches!(pass(true).judge(&there), Found::Differs { .. }));
    assert_eq!(pass(false).judge(&Seen::List(vec![])), Found::Missing);
}
