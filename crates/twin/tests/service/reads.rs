//! What the simulated tenant answers to those who read.

use crate::tenant::{APP, Asker, P2, PERMISSIONS, ROOT, SECRET, group, user};
use serde_json::{Value, json};
use twin::documents::Collection;

#[test]
fn pages_lead_through_the_whole_list_and_only_by_links_handed_out() {
    let mut asker = Asker::new();
    let mut names = Vec::new();
    let mut target = "/v1.0/users?$top=5&$select=id,displayName".to_owned();
    let mut links = Vec::new();
    loop {
        let page = asker.get(&target);
        assert_eq!(page.status, 200, "{page:?}");
        names.extend(page.rows().iter().map(|it| it["displayName"].as_str().unwrap().to_owned()));
        let Some(next) = page.next() else { break };
        assert!(
            next.starts_with(&format!(
                "{ROOT}/v1.0/users?$top=5&$select=id,displayName&$skiptoken="
            ))
        );
        links.push(next.to_owned());
        target = next.to_owned();
    }
    let whole = asker.get("/v1.0/users?$top=999&$select=displayName");
    let expected: Vec<String> =
        whole.rows().iter().map(|it| it["displayName"].as_str().unwrap().to_owned()).collect();
    assert!(names.len() > 30, "{}", names.len());
    assert_eq!(names, expected);
    assert_eq!(links.len(), (names.len() - 1) / 5);
    let made_up = asker.get("/v1.0/users?$top=5&$select=id,displayName&$skiptoken=10");
    assert_eq!((made_up.status, made_up.code()), (400, "BadRequest"));
}

#[test]
fn users_show_what_was_selected() {
    let mut asker = Asker::new();
    let usual = asker.get("/v1.0/users?$top=1");
    let keys: Vec<&String> = usual.rows()[0].as_object().unwrap().keys().collect();
    assert!(
        !keys
            .iter()
            .any(|it| ["accountEnabled", "manager", "signInActivity"].contains(&it.as_str()))
    );
    let one = asker.get(
        "/v1.0/users/person02@ne.example?$select=id,accountEnabled,employeeType,otherMails,signInActivity\
         &$expand=manager($select=id,displayName)",
    );
    assert_eq!(one.body["@odata.context"], json!(format!("{ROOT}/v1.0/$metadata#users/$entity")));
    assert_eq!(one.body["accountEnabled"], json!(true));
    assert_eq!(one.body["employeeType"], Value::Null);
    assert_eq!(one.body["otherMails"], json!([]));
    assert_eq!(
        one.body["manager"],
        json!({"@odata.type": "#microsoft.graph.user", "id": user(1), "displayName": "Person 01"})
    );
    let never = asker.get(&format!("/v1.0/users/{}?$select=id,signInActivity", user(5)));
    assert!(never.body.get("signInActivity").is_none(), "{never:?}");
    let nobody = asker.get("/v1.0/users/nobody@ne.example");
    assert_eq!((nobody.status, nobody.code()), (404, "Request_ResourceNotFound"));
}

#[test]
fn filters_are_answered_or_refused() {
    let mut asker = Asker::new();
    let count = |asker: &mut Asker, query: &str| {
        let came = asker.get(&format!("/v1.0/users?{query}"));
        if came.status == 200 { Ok(came.rows().len()) } else { Err(came.code().to_owned()) }
    };
    assert_eq!(count(&mut asker, "$filter=userPrincipalName eq 'PERSON04@ne.example'"), Ok(1));
    assert_eq!(count(&mut asker, "$filter=department eq 'Wages' and userType eq 'Guest'"), Ok(1));
    assert_eq!(
        count(
            &mut asker,
            "$filter=department eq 'wages' and (accountEnabled eq false or userType eq 'Guest')"
        ),
        Ok(2)
    );
    let advanced = "$filter=department eq 'Wages' and userType ne 'Guest'&$count=true";
    assert_eq!(count(&mut asker, advanced), Err("Request_UnsupportedQuery".to_owned()));
    asker.headers.push(("ConsistencyLevel", "eventual"));
    assert_eq!(count(&mut asker, advanced), Ok(11));
    let counted = asker.get(&format!("/v1.0/users?{advanced}&$top=2"));
    assert_eq!(counted.body["@odata.count"], json!(11));
    let second = asker.get(counted.next().unwrap());
    assert!(second.body.get("@odata.count").is_none());
    let all = asker.get("/v1.0/users?$top=999").rows().len();
    assert_eq!(asker.get("/v1.0/users/$count").body, json!(all));
}

#[test]
fn members_of_groups_within_groups() {
    let mut asker = Asker::new();
    let ids = |came: &crate::tenant::Came| -> Vec<String> {
        came.rows().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    };
    let path = format!("/v1.0/groups/{}", group(1));
    let direct =
        asker.get(&format!("{path}/members?$select=id,displayName,userPrincipalName&$top=999"));
    assert_eq!(ids(&direct), [user(1), group(2)]);
    assert_eq!(direct.rows()[0]["@odata.type"], json!("#microsoft.graph.user"));
    let all = asker.get(&format!("{path}/transitiveMembers"));
    assert_eq!(ids(&all), [user(1), group(2), user(2), group(1)]);
    let cast = format!("{path}/transitiveMembers/microsoft.graph.user?$count=true");
    assert_eq!(asker.get(&cast).code(), "Request_UnsupportedQuery");
    asker.headers.push(("ConsistencyLevel", "eventual"));
    assert_eq!(ids(&asker.get(&cast)), [user(1), user(2)]);
    let of = asker.get(&format!("/v1.0/users/{}/transitiveMemberOf", user(2)));
    assert_eq!(of.rows().len(), 2, "{of:?}");
}

#[test]
fn each_version_shows_its_own_properties() {
    let mut asker = Asker::new();
    let campaign = |came: &crate::tenant::Came| {
        came.body["registrationEnforcement"]["authenticationMethodsRegistrationCampaign"].clone()
    };
    let v1 = asker.get("/v1.0/policies/authenticationMethodsPolicy");
    assert!(campaign(&v1).get("enforceRegistrationAfterAllowedSnoozes").is_none());
    assert!(v1.body.get("systemCredentialPreferences").is_none());
    let beta = asker.get("/beta/policies/authenticationMethodsPolicy");
    assert!(campaign(&beta)["enforceRegistrationAfterAllowedSnoozes"].is_boolean());
    assert!(beta.body.get("systemCredentialPreferences").is_some());
    let path = format!("users/{}/authentication/requirements", user(1));
    assert_eq!(asker.get(&format!("/v1.0/{path}")).status, 400);
    assert_eq!(asker.get(&format!("/beta/{path}")).body["perUserMfaState"], json!("disabled"));
    let v1 = asker.get("/v1.0/reports/authenticationMethods/userRegistrationDetails");
    assert!(v1.rows()[0].get("defaultMfaMethod").is_none());
}

#[test]
fn audits_come_newest_first() {
    let mut asker = Asker::new();
    let mut ids = Vec::new();
    let mut target = "/v1.0/auditLogs/directoryAudits?$top=7".to_owned();
    for _ in 0..5 {
        let page = asker.get(&target);
        ids.extend(page.rows().iter().map(|it| it["id"].as_str().unwrap().to_owned()));
        let Some(next) = page.next() else { break };
        target = next.to_owned();
    }
    assert_eq!(&ids[..3], ["audit-3", "audit-2", "audit-1"]);
    let found = asker.service.world.documents.list(&Collection::DirectoryAudits, asker.now);
    let mut expected: Vec<String> =
        found.map(|(_, it)| it["id"].as_str().unwrap().to_owned()).collect();
    expected.reverse();
    assert_eq!(ids, expected);
}

#[test]
fn licences_and_permissions_are_asked_for() {
    const FREE: &str = "00000000-0000-0000-0000-000000000000";
    const P1: &str = "41781fb2-bc02-4b7c-bd55-b576c07bb09d";
    let premium = "Authentication_RequestFromNonPremiumTenantOrB2CTenant";
    let refused = |plan: &str, left_out: &str, target: &str| {
        let some: Vec<&str> = PERMISSIONS
            .iter()
            .copied()
            .filter(|it| !left_out.split(' ').any(|out| out == *it))
            .collect();
        let mut asker = Asker::with(plan, &some);
        let came = asker.get(target);
        (came.status, came.code().to_owned())
    };
    let cases = [
        (FREE, "", "/v1.0/users?$select=id,signInActivity", 403, premium),
        (FREE, "", "/v1.0/users?$select=id", 200, ""),
        (FREE, "", "/beta/auditLogs/signIns", 403, premium),
        (FREE, "", "/v1.0/reports/authenticationMethods/userRegistrationDetails", 403, premium),
        (FREE, "", "/v1.0/auditLogs/directoryAudits", 200, ""),
        (P1, "", "/v1.0/reports/authenticationMethods/userRegistrationDetails", 200, ""),
        (
            P1,
            "",
            "/v1.0/roleManagement/directory/roleEligibilityScheduleInstances",
            400,
            "AadPremiumLicenseRequired",
        ),
        (P2, "", "/v1.0/roleManagement/directory/roleEligibilityScheduleInstances", 200, ""),
        (P2, "Policy.Read.All", "/v1.0/identity/conditionalAccess/policies", 403, "AccessDenied"),
        (
            P2,
            "AuditLog.Read.All Directory.Read.All",
            "/v1.0/auditLogs/directoryAudits",
            403,
            "Authorization_RequestDenied",
        ),
        (
            P2,
            "AuditLog.Read.All",
            "/v1.0/users?$select=id,signInActivity",
            403,
            "Authorization_RequestDenied",
        ),
        (
            P2,
            "",
            "/v1.0/reports/authenticationMethods/usersRegisteredByMethod()",
            403,
            "Authorization_RequestDenied",
        ),
        (P2, "", "/v1.0/users/delta()", 501, "NotImplemented"),
        (P2, "", "/v1.0/nowhere", 400, "BadRequest"),
        (P2, "", "/v3.0/users", 400, "BadRequest"),
        (P2, "", "/v1.0/security/alerts_v2", 200, ""),
    ];
    for (plan, left_out, target, status, code) in cases {
        assert_eq!(refused(plan, left_out, target), (status, code.to_owned()), "{target}");
    }
}

#[test]
fn a_token_is_had_by_secret_only_with_the_right_one() {
    let mut asker = Asker::new();
    let path = format!("/{}/oauth2/v2.0/token", asker.tenant());
    let form = |id: &str, secret: &str, scope: &str| {
        format!("grant_type=client_credentials&client_id={id}&client_secret={secret}&scope={scope}")
    };
    let scope = format!("{ROOT}/.default");
    let cases = [
        (path.clone(), form(APP, "wrong", &scope), 401, "invalid_client", 7_000_215),
        (path.clone(), form(APP, "", &scope), 401, "invalid_client", 7_000_218),
        (path.clone(), form("other", SECRET, &scope), 400, "unauthorized_client", 700_016),
        (path.clone(), form(APP, SECRET, "User.Read"), 400, "invalid_scope", 1_002_012),
        (path.clone(), form(APP, SECRET, ""), 400, "invalid_request", 900_144),
        (
            "/elsewhere.example/oauth2/v2.0/token".to_owned(),
            form(APP, SECRET, &scope),
            400,
            "invalid_request",
            90_002,
        ),
        (
            path.clone(),
            format!("grant_type=password&client_id={APP}"),
            400,
            "unsupported_grant_type",
            70_003,
        ),
        (
            path.clone(),
            format!(
                "grant_type=client_credentials&client_id={APP}&scope={scope}&client_assertion=x"
            ),
            401,
            "invalid_client",
            700_027,
        ),
    ];
    for (path, form, status, error, code) in cases {
        let came = asker.form(&path, &form);
        assert_eq!(came.status, status, "{form}");
        assert_eq!(came.body["error"], json!(error), "{form}");
        assert_eq!(came.body["error_codes"], json!([code]), "{form}");
        let words = came.body["error_description"].as_str().unwrap();
        assert!(words.starts_with(&format!("AADSTS{code}: ")), "{words}");
    }
    let by_domain = asker.form("/ne.example/oauth2/v2.0/token", &form(APP, SECRET, &scope));
    assert_eq!(by_domain.status, 200);
    let log = format!("{:?} {:?}", asker.service.log, asker.service.registrations);
    assert!(!log.contains(SECRET) && !log.contains(&asker.token));
}

#[test]
fn a_token_ends_by_the_twins_clock() {
    let mut asker = Asker::new();
    asker.wait(3_598);
    assert_eq!(asker.get("/v1.0/organization").status, 200);
    asker.wait(1);
    let came = asker.get("/v1.0/organization");
    assert_eq!((came.status, came.code()), (401, "InvalidAuthenticationToken"));
    assert!(came.header("www-authenticate").unwrap().starts_with("Bearer "));
    asker.sign_in();
    assert_eq!(asker.get("/v1.0/organization").status, 200);
    asker.token.push('x');
    assert_eq!(asker.get("/v1.0/organization").status, 401);
    asker.token.clear();
    assert_eq!(asker.get("/v1.0/organization").status, 401);
}

#[test]
fn a_device_code_takes_a_person() {
    let mut asker = Asker::new();
    let tenant = asker.tenant();
    let code = asker.form(
        &format!("/{tenant}/oauth2/v2.0/devicecode"),
        &format!("client_id={APP}&scope={ROOT}/.default"),
    );
    assert_eq!(code.status, 200);
    let form = format!(
        "grant_type=urn:ietf:params:oauth:grant-type:device_code&client_id={APP}&device_code={}",
        code.body["device_code"].as_str().unwrap()
    );
    let path = format!("/{}/oauth2/v2.0/token", asker.tenant());
    assert_eq!(asker.form(&path, &form).body["error"], json!("authorization_pending"));
    asker.wait(10);
    assert_eq!(asker.form(&path, &form).status, 200);
    assert_eq!(asker.form(&path, &form).body["error"], json!("bad_verification_code"));
}

#[test]
fn a_machine_has_its_own_token() {
    let mut asker = Asker::new();
    let target = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://graph";
    let ask = |asker: &mut Asker, target: &str, header: (&str, &str)| {
        let request =
            http::Request::get(target).header(header.0, header.1).body(Vec::new()).unwrap();
        asker.whole(&request)
    };
    assert_eq!(ask(&mut asker, target, ("x", "y")).status, 400);
    let came = ask(&mut asker, target, ("Metadata", "true"));
    assert_eq!(came.body["expires_in"], json!("3599"));
    asker.token = came.body["access_token"].as_str().unwrap().to_owned();
    assert_eq!(asker.get("/v1.0/organization").status, 200);
    let target = "/msi/token?api-version=2019-08-01&resource=https://graph";
    assert_eq!(ask(&mut asker, target, ("X-IDENTITY-HEADER", "wrong")).status, 401);
    assert_eq!(ask(&mut asker, target, ("X-IDENTITY-HEADER", SECRET)).status, 200);
}

#[test]
fn mailboxes_have_a_purpose() {
    let mut asker = Asker::new();
    let purpose = |asker: &mut Asker, user: &str| {
        let came = asker.get(&format!("/v1.0/users/{user}/mailboxSettings/userPurpose"));
        came.body["value"].as_str().map_or_else(|| came.code().to_owned(), str::to_owned)
    };
    assert_eq!(purpose(&mut asker, &user(2)), "user");
    let all = asker.get("/v1.0/users?$top=999&$select=id");
    let ids: Vec<String> =
        all.rows().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect();
    let mut kinds: Vec<String> = ids.iter().map(|it| purpose(&mut asker, it)).collect();
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds, ["MailboxNotEnabledForRESTAPI", "room", "shared", "user"]);
}

/// Keys of an object, those of objects within it after a dot.
fn keys(value: &Value) -> Vec<String> {
    let mut all = Vec::new();
    for (key, value) in value.as_object().into_iter().flatten() {
        all.push(key.clone());
        let first = value.as_array().and_then(|it| it.first()).unwrap_or(value);
        all.extend(keys(first).iter().map(|it| format!("{key}.{it}")));
    }
    all
}

#[test]
fn sign_ins_have_the_documented_shape() {
    let mut asker = Asker::new();
    asker.headers.push(("Prefer", "include-unknown-enum-members"));
    let filter = "$filter=signInEventTypes/any(t: t eq 'interactiveUser')&$top=50";
    let beta = asker.get(&format!("/beta/auditLogs/signIns?{filter}"));
    assert_eq!(beta.status, 200, "{beta:?}");
    assert_eq!(beta.rows().len(), 50);
    let next = asker.get(beta.next().unwrap());
    assert_ne!(next.rows()[0]["id"], beta.rows()[49]["id"]);
    let times: Vec<&str> = beta
        .rows()
        .iter()
        .chain(next.rows())
        .map(|it| it["createdDateTime"].as_str().unwrap())
        .collect();
    assert!(times.is_sorted_by(|one, other| one >= other), "newest first");
    let found = keys(&beta.rows()[0]);
    for key in [
        "id",
        "createdDateTime",
        "userId",
        "userPrincipalName",
        "userDisplayName",
        "appId",
        "appDisplayName",
        "clientAppUsed",
        "isInteractive",
        "signInEventTypes",
        "correlationId",
        "conditionalAccessStatus",
        "authenticationRequirement",
        "authenticationRequirementPolicies",
        "authenticationDetails",
        "status.errorCode",
        "status.failureReason",
        "status.additionalDetails",
        "appliedConditionalAccessPolicies",
        "deviceDetail.deviceId",
        "deviceDetail.operatingSystem",
        "deviceDetail.browser",
        "deviceDetail.isCompliant",
        "deviceDetail.isManaged",
        "deviceDetail.trustType",
        "location.city",
        "location.countryOrRegion",
        "location.geoCoordinates.latitude",
        "ipAddress",
    ] {
        assert!(found.iter().any(|it| it == key), "{key} in {found:?}");
    }
    let v1 = asker.get("/v1.0/auditLogs/signIns?$top=5");
    let found = keys(&v1.rows()[0]);
    for key in ["authenticationDetails", "signInEventTypes", "userAgent", "userType"] {
        assert!(!found.iter().any(|it| it == key), "{key}");
    }
    let one =
        asker.get(&format!("/beta/auditLogs/signIns/{}", beta.rows()[3]["id"].as_str().unwrap()));
    assert_eq!(one.body["id"], beta.rows()[3]["id"]);
    asker.wait(60);
    let some: Vec<&str> =
        PERMISSIONS.iter().copied().filter(|it| !it.starts_with("Policy.Read")).collect();
    let mut asker = Asker::with(P2, &some);
    let row = asker.get("/beta/auditLogs/signIns?$top=1");
    assert!(row.rows()[0].get("appliedConditionalAccessPolicies").is_none());
}

#[test]
fn errors_have_the_documented_shape() {
    let mut asker = Asker::new();
    let came = asker.get("/v1.0/users/nobody");
    let mut found = keys(&came.body);
    found.sort();
    assert_eq!(
        found,
        [
            "error",
            "error.code",
            "error.innerError",
            "error.innerError.client-request-id",
            "error.innerError.date",
            "error.innerError.request-id",
            "error.message"
        ]
    );
}
