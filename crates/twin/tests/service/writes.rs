//! What the simulated tenant lets be written, and how it refuses.

use crate::tenant::{
    Asker, Came, GLOBAL_ADMINISTRATOR, P2, PERMISSIONS, ROOT, group, policy, user,
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use twin::documents::Collection;

const POLICIES: &str = "/v1.0/identity/conditionalAccess/policies";
const DEFAULTS: &str = "/v1.0/policies/identitySecurityDefaultsEnforcementPolicy";

fn outcome(came: &Came) -> (u16, String) {
    (came.status, came.code().to_owned())
}

fn says(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

fn account(name: &str) -> Value {
    json!({"accountEnabled": true, "displayName": "Break glass 1", "mailNickname": name,
        "userPrincipalName": format!("{name}@ne.example"),
        "passwordPolicies": "DisablePasswordExpiration",
        "passwordProfile": {"password": "a long made-up one 17", "forceChangePasswordNextSignIn": false}})
}

#[test]
fn a_user_is_made_once_and_its_password_is_never_shown() {
    let mut asker = Asker::new();
    let made = asker.send("POST", "/v1.0/users", Some(account("bg1")));
    assert_eq!(made.status, 201, "{made:?}");
    let id = made.body["id"].as_str().unwrap().to_owned();
    assert_eq!(made.header("location"), Some(format!("{ROOT}/v1.0/users/{id}").as_str()));
    let read = asker.get(&format!(
        "/v1.0/users/{id}?$select=id,passwordProfile,passwordPolicies,createdDateTime"
    ));
    assert_eq!(read.body["passwordPolicies"], json!("DisablePasswordExpiration"));
    assert_eq!(read.body["passwordProfile"], Value::Null);
    let again = asker.send("POST", "/v1.0/users", Some(account("BG1")));
    assert_eq!(outcome(&again), says(400, "Request_BadRequest"));
    for (name, value) in [
        ("userPrincipalName", json!("bg2@elsewhere.example")),
        ("accountEnabled", json!(null)),
        ("mailNickname", json!("")),
        ("passwordProfile", json!({"password": "short"})),
        ("shoeSize", json!(9)),
    ] {
        let mut body = account("bg2");
        body[name] = value;
        let came = asker.send("POST", "/v1.0/users", Some(body));
        assert_eq!(outcome(&came), says(400, "Request_BadRequest"), "{name}");
    }
    assert_eq!(
        asker
            .send("PATCH", &format!("/v1.0/users/{id}"), Some(json!({"accountEnabled": false})))
            .status,
        204
    );
    let read = asker.get(&format!("/v1.0/users/{id}?$select=accountEnabled"));
    assert_eq!(read.body["accountEnabled"], json!(false));
    assert_eq!(asker.send("DELETE", &format!("/v1.0/users/{id}"), None).status, 204);
    assert_eq!(asker.get(&format!("/v1.0/users/{id}")).status, 404);
    let text = format!("{:?}", asker.service);
    assert!(!text.contains("made-up one"), "a password was kept");
    // An administrator's password is beyond an app without a role.
    let body = json!({"passwordProfile": {"password": "a long made-up one 17"}});
    let path = format!("/v1.0/users/{}", user(7));
    let came = asker.send("PATCH", &path, Some(body.clone()));
    assert_eq!(outcome(&came), says(403, "Authorization_RequestDenied"));
    // With the role it is not, and the account shows when, not what.
    let app = asker.service.registrations[0].client_id.clone();
    asker.service.apps_that_reset_administrators.push(app);
    let changed = |asker: &mut Asker| {
        let read = asker.get(&format!("{path}?$select=lastPasswordChangeDateTime"));
        read.body["lastPasswordChangeDateTime"].as_str().unwrap().to_owned()
    };
    let before = changed(&mut asker);
    assert_eq!(asker.send("PATCH", &path, Some(body)).status, 204);
    assert!(before < changed(&mut asker));
    assert!(!format!("{:?}", asker.service).contains("made-up one"), "a password was kept");
}

#[test]
fn an_object_just_made_is_missing_for_a_while() {
    let mut asker = Asker::new();
    asker.service.replication_delay = SignedDuration::from_secs(5);
    let made = asker.send("POST", "/v1.0/users", Some(account("bg1")));
    let path = format!("/v1.0/users/{}", made.body["id"].as_str().unwrap());
    let listed = |asker: &mut Asker| {
        let filter = "/v1.0/users?$filter=userPrincipalName eq 'bg1@ne.example'";
        let all = asker.get("/v1.0/users?$top=999&$select=userPrincipalName");
        let is_bg = |it: &&Value| it["userPrincipalName"] == json!("bg1@ne.example");
        (asker.get(filter).rows().len(), all.rows().iter().filter(is_bg).count())
    };
    assert_eq!((asker.get(&path).status, listed(&mut asker)), (404, (0, 0)));
    // The name is taken all the same.
    assert_eq!(asker.send("POST", "/v1.0/users", Some(account("bg1"))).status, 400);
    asker.wait(4);
    assert_eq!(asker.get(&path).status, 404);
    asker.wait(1);
    assert_eq!((asker.get(&path).status, listed(&mut asker)), (200, (1, 1)));
}

#[test]
fn members_come_and_go_by_reference_only() {
    let mut asker = Asker::new();
    let path = format!("/v1.0/groups/{}/members", group(1));
    let reference = |id: &str| json!({"@odata.id": format!("{ROOT}/v1.0/directoryObjects/{id}")});
    let add = |asker: &mut Asker, path: &str, id: &str| {
        outcome(&asker.send("POST", &format!("{path}/$ref"), Some(reference(id))))
    };
    assert_eq!(add(&mut asker, &path, &user(4)), says(204, ""));
    assert_eq!(add(&mut asker, &path, &user(4)), says(400, "Request_BadRequest"));
    assert_eq!(add(&mut asker, &path, &user(99)), says(404, "Request_ResourceNotFound"));
    let nonsense = asker.send("POST", &format!("{path}/$ref"), Some(json!({"@odata.id": "x"})));
    assert_eq!(nonsense.status, 400);
    let one = format!("{path}/{}", user(4));
    assert_eq!(asker.send("DELETE", &format!("{one}/$ref"), None).status, 204);
    assert_eq!(asker.send("DELETE", &format!("{one}/$ref"), None).status, 404);
    assert_eq!(asker.get(&format!("/v1.0/users/{}", user(4))).status, 200);
    // Without `/$ref` the person goes, as on the platform.
    let other = format!("{path}/{}", user(1));
    assert_eq!(asker.send("DELETE", &other, None).status, 204);
    assert_eq!(asker.get(&format!("/v1.0/users/{}", user(1))).status, 404);
    // A group that roles can be assigned to asks for more.
    let special = format!("/v1.0/groups/{}/members", group(3));
    assert_eq!(add(&mut asker, &special, &user(4)), says(403, "Authorization_RequestDenied"));
}

#[test]
fn groups_that_roles_can_be_assigned_to() {
    let body = |assignable: bool| {
        json!({"displayName": "Break glass", "mailEnabled": false, "mailNickname": "bg",
            "securityEnabled": true, "groupTypes": [], "isAssignableToRole": assignable,
            "members@odata.bind": [format!("{ROOT}/v1.0/directoryObjects/{}", user(2))]})
    };
    let mut asker = Asker::new();
    let refused = asker.send("POST", "/v1.0/groups", Some(body(true)));
    assert_eq!(outcome(&refused), says(403, "Authorization_RequestDenied"));
    let plain = asker.send("POST", "/v1.0/groups", Some(body(false)));
    assert_eq!(plain.status, 201, "{plain:?}");
    let members =
        asker.get(&format!("/v1.0/groups/{}/members", plain.body["id"].as_str().unwrap()));
    assert_eq!(members.rows()[0]["id"], json!(user(2)));
    let mut more = PERMISSIONS.to_vec();
    more.push("RoleManagement.ReadWrite.Directory");
    let mut asker = Asker::with(P2, &more);
    let made = asker.send("POST", "/v1.0/groups", Some(body(true)));
    let id = made.body["id"].as_str().unwrap().to_owned();
    let late = asker.send(
        "PATCH",
        &format!("/v1.0/groups/{id}"),
        Some(json!({"isAssignableToRole": false})),
    );
    assert_eq!(late.status, 400);
    let nested = json!({"@odata.id": format!("{ROOT}/v1.0/directoryObjects/{}", group(1))});
    assert_eq!(
        asker.send("POST", &format!("/v1.0/groups/{id}/members/$ref"), Some(nested)).status,
        400
    );
    let path = "/v1.0/roleManagement/directory/roleAssignments";
    let assign = |principal: &str| json!({"roleDefinitionId": GLOBAL_ADMINISTRATOR, "principalId": principal, "directoryScopeId": "/"});
    assert_eq!(asker.send("POST", path, Some(assign(&group(1)))).status, 400);
    let assigned = asker.send("POST", path, Some(assign(&id)));
    assert_eq!(assigned.status, 201, "{assigned:?}");
    assert_eq!(asker.send("POST", path, Some(assign(&id))).status, 400);
    let one = format!("{path}/{}", assigned.body["id"].as_str().unwrap());
    assert_eq!(asker.send("DELETE", &one, None).status, 204);
    assert_eq!(asker.send("DELETE", &one, None).status, 404);
}

fn create(asker: &mut Asker, body: Value) -> Came {
    asker.wait(1);
    asker.send("POST", POLICIES, Some(body))
}

fn draft(state: &str) -> Value {
    let mut body = policy("", "LS-010 MFA", state);
    let object = body.as_object_mut().unwrap();
    object.remove("id");
    object.remove("templateId");
    object.remove("sessionControls");
    body
}

#[test]
fn a_policy_is_created_merged_deleted_and_restored() {
    let mut asker = Asker::new();
    let made = create(&mut asker, draft("disabled"));
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.body["conditions"]["users"]["excludeGroups"], json!([]));
    assert_eq!(made.body["conditions"]["locations"], Value::Null);
    let path = format!("{POLICIES}/{}", made.body["id"].as_str().unwrap());
    let send = |asker: &mut Asker, method: &str, path: &str, body: Option<Value>| {
        asker.wait(1);
        asker.send(method, path, body)
    };
    let patch = json!({"state": "enabled", "conditions": {"users": {"excludeUsers": [user(1)]}}});
    assert_eq!(send(&mut asker, "PATCH", &path, Some(patch)).status, 204);
    let read = send(&mut asker, "GET", &path, None);
    assert_eq!(read.body["state"], json!("enabled"));
    assert_eq!(read.body["conditions"]["users"]["includeUsers"], json!(["All"]));
    assert_eq!(read.body["conditions"]["users"]["excludeUsers"], json!([user(1)]));
    assert!(read.body["modifiedDateTime"].is_string());
    assert_eq!(send(&mut asker, "DELETE", &path, None).status, 204);
    assert_eq!(send(&mut asker, "GET", &path, None).status, 404);
    let bin = "/v1.0/identity/conditionalAccess/deletedItems/policies";
    assert_eq!(send(&mut asker, "GET", bin, None).rows().len(), 1);
    let restore = format!("{bin}/{}/restore", made.body["id"].as_str().unwrap());
    assert_eq!(send(&mut asker, "POST", &restore, None).status, 200);
    assert_eq!(send(&mut asker, "GET", &path, None).status, 200);
}

#[test]
fn a_policy_that_says_too_little_or_too_much_is_refused() {
    let mut asker = Asker::new();
    let cases: [(&str, Value, u16); 13] = [
        ("/displayName", json!(""), 400),
        ("/state", json!("on"), 400),
        ("/conditions/clientAppTypes", json!([]), 400),
        ("/conditions/users/includeUsers", json!([]), 400),
        ("/conditions/users/includeUsers", json!(["ana"]), 400),
        ("/conditions/applications/includeApplications", json!([]), 500),
        (
            "/conditions/applications/includeUserActions",
            json!(["urn:user:registersecurityinfo"]),
            400,
        ),
        ("/conditions/locations", json!({"includeLocations": ["nowhere"]}), 400),
        ("/grantControls", json!(null), 400),
        ("/grantControls/operator", json!("XOR"), 400),
        ("/grantControls/builtInControls", json!(["block", "mfa"]), 400),
        ("/grantControls/builtInControls", json!(["magic"]), 400),
        (
            "/grantControls/authenticationStrength",
            json!({"id": "00000000-0000-0000-0000-000000000002"}),
            400,
        ),
    ];
    for (pointer, value, status) in cases {
        let mut body = draft("disabled");
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = if parent.is_empty() { Some(&mut body) } else { body.pointer_mut(parent) };
        parent.unwrap()[name] = value.clone();
        let came = create(&mut asker, body);
        assert_eq!(came.status, status, "{pointer} {value}");
    }
    assert_eq!(create(&mut asker, draft("disabled")).status, 201);
}

#[test]
fn security_defaults_and_enabled_policies_exclude_each_other() {
    let message = "Security Defaults is enabled in the tenant. You must disable Security defaults \
                   before enabling a Conditional Access policy.";
    let mut asker = Asker::new();
    let switch = |asker: &mut Asker, on: bool| {
        outcome(&asker.send("PATCH", DEFAULTS, Some(json!({"isEnabled": on}))))
    };
    assert_eq!(switch(&mut asker, true), says(204, ""));
    let refused = create(&mut asker, draft("enabled"));
    assert_eq!(outcome(&refused), says(400, "BadRequest"));
    assert_eq!(refused.body["error"]["message"], json!(message));
    let made = create(&mut asker, draft("enabledForReportingButNotEnforced"));
    assert_eq!(made.status, 201);
    let path = format!("{POLICIES}/{}", made.body["id"].as_str().unwrap());
    asker.wait(1);
    let refused = asker.send("PATCH", &path, Some(json!({"state": "enabled"})));
    assert_eq!(refused.body["error"]["message"], json!(message));
    assert_eq!(switch(&mut asker, false), says(204, ""));
    asker.wait(1);
    assert_eq!(asker.send("PATCH", &path, Some(json!({"state": "enabled"}))).status, 204);
    assert_eq!(switch(&mut asker, true), says(400, "BadRequest"));
}

#[test]
fn there_are_240_policies_and_no_more() {
    let mut asker = Asker::new();
    let there = asker.get(POLICIES).rows().len();
    for number in there..240 {
        let id = format!("filler-{number}");
        let object = crate::tenant::map(policy(&id, &id, "disabled"));
        asker.service.world.documents.put(Collection::Policies, &id, object, asker.now);
    }
    assert_eq!(outcome(&create(&mut asker, draft("disabled"))), says(400, "BadRequest"));
}

#[test]
fn named_locations() {
    let path = "/v1.0/identity/conditionalAccess/namedLocations";
    let mut asker = Asker::new();
    let send = |asker: &mut Asker, method: &str, path: &str, body: Option<Value>| {
        asker.wait(1);
        asker.send(method, path, body)
    };
    let range = |cidr: &str| {
        json!({"@odata.type": "#microsoft.graph.ipNamedLocation", "displayName": "Leeds",
            "isTrusted": false,
            "ipRanges": [{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": cidr}]})
    };
    for bad in ["198.51.100.0", "198.51.100.0/33", "x/8"] {
        assert_eq!(send(&mut asker, "POST", path, Some(range(bad))).status, 400, "{bad}");
    }
    let made = send(&mut asker, "POST", path, Some(range("198.51.100.0/24")));
    assert_eq!(made.status, 201, "{made:?}");
    let one = format!("{path}/{}", made.body["id"].as_str().unwrap());
    let kind = "#microsoft.graph.ipNamedLocation";
    assert_eq!(send(&mut asker, "PATCH", &one, Some(json!({"isTrusted": true}))).status, 400);
    let trust = |is: bool| Some(json!({"@odata.type": kind, "isTrusted": is}));
    assert_eq!(send(&mut asker, "PATCH", &one, trust(true)).status, 204);
    assert_eq!(send(&mut asker, "DELETE", &one, None).status, 400);
    assert_eq!(send(&mut asker, "PATCH", &one, trust(false)).status, 204);
    assert_eq!(send(&mut asker, "DELETE", &one, None).status, 204);
}

#[test]
fn the_campaign_answers_with_the_policy() {
    let campaign = |days: i64| {
        json!({"registrationEnforcement": {"authenticationMethodsRegistrationCampaign": {
            "state": "enabled", "snoozeDurationInDays": days, "excludeTargets": [],
            "includeTargets": [{"id": "all_users", "targetType": "group",
                "targetedAuthenticationMethod": "microsoftAuthenticator"}]}}})
    };
    let path = "policies/authenticationMethodsPolicy";
    let mut asker = Asker::new();
    let came = asker.send("PATCH", &format!("/v1.0/{path}"), Some(campaign(1)));
    assert_eq!(came.status, 200, "{came:?}");
    let shown = &came.body["registrationEnforcement"]["authenticationMethodsRegistrationCampaign"];
    assert_eq!(shown["state"], json!("enabled"));
    let mut forced = campaign(1);
    forced["registrationEnforcement"]["authenticationMethodsRegistrationCampaign"]["enforceRegistrationAfterAllowedSnoozes"] =
        json!(false);
    assert_eq!(asker.send("PATCH", &format!("/v1.0/{path}"), Some(forced.clone())).status, 400);
    assert_eq!(asker.send("PATCH", &format!("/beta/{path}"), Some(forced)).status, 200);
    assert_eq!(asker.send("PATCH", &format!("/v1.0/{path}"), Some(campaign(15))).status, 400);
    let one = format!("/v1.0/{path}/authenticationMethodConfigurations/TemporaryAccessPass");
    assert_eq!(asker.send("PATCH", &one, Some(json!({"state": "disabled"}))).status, 400);
    let kind = "#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration";
    let body = json!({"@odata.type": kind, "state": "disabled"});
    assert_eq!(asker.send("PATCH", &one, Some(body)).status, 204);
    assert_eq!(asker.get(&one).body["state"], json!("disabled"));
}

#[test]
fn methods_of_a_user() {
    let mut asker = Asker::new();
    let path = format!("/v1.0/users/{}/authentication", user(1));
    let pass = format!("{path}/temporaryAccessPassMethods");
    let first = asker.send("POST", &pass, Some(json!({"lifetimeInMinutes": 60})));
    assert_eq!(first.status, 201, "{first:?}");
    assert_eq!(first.body["temporaryAccessPass"].as_str().unwrap().len(), 8);
    let second = asker.send("POST", &pass, Some(json!({})));
    let listed = asker.get(&pass);
    assert_eq!(listed.rows().len(), 1, "a new pass replaces the old one");
    assert_eq!(listed.rows()[0]["id"], second.body["id"]);
    assert_eq!(listed.rows()[0]["temporaryAccessPass"], Value::Null);
    assert_eq!(asker.send("POST", &pass, Some(json!({"lifetimeInMinutes": 5}))).status, 400);
    let phone = format!("{path}/phoneMethods/3179e48a-750b-4051-897c-87b9720928f7");
    let as_other = format!("{path}/fido2Methods/3179e48a-750b-4051-897c-87b9720928f7");
    assert_eq!(asker.send("DELETE", &as_other, None).status, 404);
    assert_eq!(asker.send("DELETE", &phone, None).status, 204);
    assert_eq!(asker.send("DELETE", &phone, None).status, 404);
    let requirements = format!("/beta/users/{}/authentication/requirements", user(1));
    let state = json!({"perUserMfaState": "enabled"});
    assert_eq!(asker.send("PATCH", &requirements, Some(state.clone())).status, 204);
    // Authenticator is registered, so enabled goes straight to enforced.
    assert_eq!(asker.get(&requirements).body["perUserMfaState"], json!("enforced"));
    let nobody = format!("/beta/users/{}/authentication/requirements", user(2));
    assert_eq!(asker.send("PATCH", &nobody, Some(state)).status, 204);
    assert_eq!(asker.get(&nobody).body["perUserMfaState"], json!("enabled"));
    let revoked =
        asker.send("POST", &format!("/v1.0/users/{}/revokeSignInSessions", user(1)), None);
    assert_eq!((revoked.status, &revoked.body["value"]), (200, &json!(true)));
}

#[test]
fn mail_is_accepted_or_refused() {
    let mut asker = Asker::new();
    let path = format!("/v1.0/users/{}/sendMail", user(1));
    let mail = |to: Value| {
        json!({"message": {"subject": "MFA", "body": {"contentType": "Text", "content": "x"},
            "toRecipients": to}, "saveToSentItems": false})
    };
    let to = json!([{"emailAddress": {"address": "person02@ne.example"}}]);
    let sent = asker.send("POST", &path, Some(mail(to)));
    assert_eq!((sent.status, &sent.body), (202, &Value::Null));
    assert_eq!(asker.send("POST", &path, Some(mail(json!([])))).status, 400);
    let kept = asker.service.world.documents.list(&Collection::SentMail, asker.now);
    assert_eq!(kept.count(), 1);
}

#[test]
fn what_if_says_why_not() {
    let mut asker = Asker::new();
    let mut body = draft("enabled");
    body["conditions"]["users"] = json!({"includeGroups": [group(1)]});
    let made = create(&mut asker, body);
    let id = made.body["id"].as_str().unwrap().to_owned();
    let ask = |asker: &mut Asker, who: String| {
        asker.wait(1);
        let body = json!({
            "signInIdentity": {"@odata.type": "#microsoft.graph.userSignIn", "userId": who},
            "signInContext": {"@odata.type": "#microsoft.graph.applicationContext",
                "includeApplications": ["00000002-0000-0ff1-ce00-000000000000"]},
            "signInConditions": {"clientAppType": "browser", "devicePlatform": "windows"}});
        let came = asker.send("POST", "/v1.0/identity/conditionalAccess/evaluate", Some(body));
        assert_eq!(came.status, 200, "{came:?}");
        let row = came.rows().iter().find(|it| it["id"] == json!(id)).unwrap();
        (row["policyApplies"].clone(), row["analysisReasons"].clone())
    };
    assert_eq!(ask(&mut asker, user(1)), (json!(true), json!("notSet")));
    assert_eq!(ask(&mut asker, user(2)), (json!(true), json!("notSet")), "a group in the group");
    assert_eq!(ask(&mut asker, user(6)), (json!(false), json!("users")));
    asker.wait(1);
    let came = asker.send("POST", "/v1.0/identity/conditionalAccess/evaluate", Some(json!({})));
    assert_eq!(came.status, 400);
}

#[test]
fn writes_ask_for_all_their_permissions() {
    for left_out in
        ["Policy.Read.All", "Policy.ReadWrite.ConditionalAccess", "Application.Read.All"]
    {
        let some: Vec<&str> = PERMISSIONS.iter().copied().filter(|it| *it != left_out).collect();
        let mut asker = Asker::with(P2, &some);
        let refused = create(&mut asker, draft("disabled"));
        assert_eq!(outcome(&refused), says(403, "AccessDenied"), "{left_out}");
    }
    let free = "00000000-0000-0000-0000-000000000000";
    let mut asker = Asker::with(free, &PERMISSIONS);
    assert_eq!(outcome(&create(&mut asker, draft("disabled"))), says(403, "AccessDenied"));
}

/// A service that begins with what another has made gives no id a second time, nor that of what is gone.
#[test]
fn an_id_is_given_once_whoever_gave_it() {
    let made = |asker: &mut Asker, name: &str| {
        let body = json!({"displayName": name, "mailEnabled": false, "mailNickname": name,
            "securityEnabled": true, "groupTypes": []});
        let made = asker.send("POST", "/v1.0/groups", Some(body));
        assert_eq!(made.status, 201, "{made:?}");
        made.body["id"].as_str().unwrap().to_owned()
    };
    let mut first = Asker::new();
    let one = made(&mut first, "one");
    let two = made(&mut first, "two");
    assert_eq!(first.send("DELETE", &format!("/v1.0/groups/{two}"), None).status, 204);
    let mut second = Asker::new();
    second.service.world = first.service.world;
    second.now = first.now;
    let three = made(&mut second, "three");
    assert!(three != one && three != two, "{three}");
}
