//! `audit exceptions`: each kind with what makes it one and with what does not.

use serde_json::{Value, json};

use super::world::{GLOBAL_ADMINISTRATOR, World, account, nobody, page, user};

/// A world of these users and somebody ordinary, who carries the sign-in dates.
fn world(users: &[Value]) -> World {
    let mut all = users.to_vec();
    all.push(user("ordinary", json!({})));
    World::new().json("users.json", &page("users", &all))
}

fn kind(world: &World, name: &str) -> Value {
    account(&world.exceptions(), name)["kind"].clone()
}

#[test]
fn the_document_field_by_field() {
    let document = world(&[nobody("svc-erp", json!({}))]).exceptions();
    assert_eq!(document["schema"], "lockstep.exceptions/1");
    let service = account(&document, "svc-erp");
    assert_eq!(service["user_id"], "id-svc-erp");
    assert_eq!(service["display_name"], "svc-erp");
    assert_eq!(service["kind"], "service");
    assert!(!service["evidence"].as_array().unwrap().is_empty());
    assert!(service["evidence"].as_array().unwrap().iter().all(Value::is_string));
    assert!(!service["treatment"].as_str().unwrap().is_empty());
    assert_eq!(service["mfa_exempt"], true);
    assert_eq!(service["max_days"], 90);
    assert_eq!(account(&document, "ordinary"), Value::Null, "an ordinary person is no exception");
}

#[test]
fn mailboxes_make_rooms_shared_mailboxes_and_equipment() {
    let cases = [
        ("RoomMailbox", json!("room"), json!(true)),
        ("SharedMailbox", json!("shared-mailbox"), json!(false)),
        ("EquipmentMailbox", json!("equipment"), json!(false)),
        ("UserMailbox", Value::Null, Value::Null),
    ];
    for (recipient, expected, exempt) in cases {
        let powershell = json!([{
            "ExternalDirectoryObjectId": "id-box", "UserPrincipalName": "box@ne.example",
            "PrimarySmtpAddress": "box@ne.example", "RecipientTypeDetails": recipient,
        }]);
        let admin_center = format!(
            "\"Display name\",\"Email address\",\"Recipient type\"\r\n\
             \"Box\",\"box@ne.example\",\"{recipient}\"\r\n"
        );
        for (name, text) in
            [("m.json", powershell.to_string()), ("Mailboxes.csv", admin_center.clone())]
        {
            let world = world(&[user("box", json!({}))]).text(name, &text);
            let box_ = account(&world.exceptions(), "box");
            assert_eq!(box_["kind"], expected, "{name} {recipient}");
            assert_eq!(box_["mfa_exempt"], exempt, "{name} {recipient}");
        }
    }
}

#[test]
fn only_enabled_accounts_are_spoken_of() {
    let off = json!({"accountEnabled": false});
    let unsaid = json!({"accountEnabled": "-"});
    let world = world(&[nobody("svc-off", off), nobody("svc-unsaid", unsaid)]);
    let document = world.exceptions();
    assert_eq!(document["accounts"], json!([]));
    let gaps = document["gaps"].as_array().unwrap();
    assert!(gaps.iter().any(|gap| gap["id"] == "account-enabled"), "{gaps:?}");
}

#[test]
fn dormant_by_the_last_sign_in_or_by_never_having_signed_in() {
    let seen = |date: &str| json!({"signInActivity": {"lastSuccessfulSignInDateTime": date}});
    let never = |created: &str| json!({"signInActivity": "-", "createdDateTime": created});
    let cases = [
        ("seen-91", seen("2026-08-19T00:00:00Z"), json!("dormant")),
        ("seen-80", seen("2026-09-01T00:00:00Z"), json!("unclassified")),
        ("seen-10", seen("2026-11-10T00:00:00Z"), Value::Null),
        ("never-old", never("2026-08-01T00:00:00Z"), json!("dormant")),
        ("never-new", never("2026-09-01T00:00:00Z"), json!("unclassified")),
        (
            "never-unsaid",
            json!({"signInActivity": "-", "createdDateTime": "-"}),
            json!("unclassified"),
        ),
    ];
    let users: Vec<Value> =
        cases.iter().map(|(name, others, _)| user(name, others.clone())).collect();
    let document = world(&users).exceptions();
    for (name, _, expected) in cases {
        assert_eq!(account(&document, name)["kind"], expected, "{name}");
        assert_ne!(account(&document, name)["mfa_exempt"], true, "{name}");
    }
}

#[test]
fn never_is_not_said_where_no_file_tells_of_sign_ins() {
    let users = [user("ann", json!({"signInActivity": "-"}))];
    let document = World::new().json("users.json", &page("users", &users)).exceptions();
    assert_eq!(account(&document, "ann")["kind"], "unclassified");
}

#[test]
fn break_glass_is_what_lockstep_toml_names_and_nothing_else() {
    let unseen = json!({"signInActivity": "-"});
    let users = [nobody("emergency-access-1", unseen.clone()), nobody("bg2", json!({}))];
    let role = json!([{"id": "1", "principalId": "id-emergency-access-1",
                       "roleDefinitionId": GLOBAL_ADMINISTRATOR, "directoryScopeId": "/"}]);
    let unnamed = world(&users).json("roles.json", &role);
    let found = account(&unnamed.exceptions(), "emergency-access-1");
    assert_eq!(found["kind"], "unclassified", "never guessed, and nobody is told to disable it");
    assert_eq!(found["mfa_exempt"], false);

    let named = world(&users).json("roles.json", &role).settings(
        "[break_glass]\naccounts = [\"Emergency-Access-1@NE.example\", \"bg2@ne.example\"]\n",
    );
    for name in ["emergency-access-1", "bg2"] {
        let found = account(&named.exceptions(), name);
        assert_eq!(found["kind"], "break-glass", "{name}");
        assert_eq!(found["mfa_exempt"], true, "{name}");
    }
}

#[test]
fn guests_by_type_or_by_name() {
    let users = [
        user("typed", json!({"userType": "Guest"})),
        user("x_partner.example#EXT#", json!({"userType": "-"})),
        user("member#EXT#", json!({"userType": "Member"})),
    ];
    let document = world(&users).exceptions();
    assert_eq!(account(&document, "typed")["kind"], "guest");
    assert_eq!(account(&document, "x_partner.example#EXT#")["kind"], "guest");
    assert_ne!(account(&document, "member#EXT#")["kind"], "guest");
}

#[test]
fn a_service_account_is_nobody_s_own() {
    let person = user("svc-desk.pat", json!({"mobilePhone": "07700 900123"}));
    let document = world(&[nobody("svc-erp", json!({})), person, nobody("scan.leeds", json!({}))])
        .exceptions();
    assert_eq!(account(&document, "svc-erp")["kind"], "service");
    assert_eq!(account(&document, "scan.leeds")["kind"], "service");
    assert_ne!(account(&document, "svc-desk.pat")["kind"], "service", "a human being's");
}

#[test]
fn synchronisation_by_its_role() {
    let role = json!([{"id": "1", "principalId": "id-adconnect",
        "roleDefinitionId": "d29b2b05-8046-44ba-8758-1e26182fcf32", "directoryScopeId": "/"}]);
    let world = world(&[nobody("adconnect", json!({}))]).json("roles.json", &role);
    let found = account(&world.exceptions(), "adconnect");
    assert_eq!((found["kind"].clone(), found["mfa_exempt"].clone()), (json!("sync"), json!(true)));
}

#[test]
fn no_smartphone_through_a_group_with_members_or_a_file_of_them() {
    let member = json!({"@odata.type": "#microsoft.graph.user", "id": "id-pat"});
    let group = json!({"id": "g1", "displayName": "No smartphone", "mailEnabled": false});
    let mut expanded = group.clone();
    expanded["members"] = json!([member]);
    let inner = json!({"id": "g2", "displayName": "Works", "members": [member], "groupTypes": []});
    let mut outer = group.clone();
    outer["members"] = json!([{"@odata.type": "#microsoft.graph.group", "id": "g2"}]);
    let by_id = json!({"groupId": "G1", "members": [member]});
    let worlds = [
        vec![page("groups", &[expanded])],
        vec![json!([group]), by_id.clone()],
        vec![json!([group]), json!([by_id])],
        vec![json!([group]), page("groups('g1')/members", &[member])],
        vec![page("groups", &[outer, inner])],
    ];
    for files in worlds {
        let mut world = world(&[user("pat", json!({}))]);
        for (number, file) in files.iter().enumerate() {
            world = world.json(&format!("groups/{number}.json"), file);
        }
        let found = account(&world.exceptions(), "pat");
        assert_eq!(found["kind"], "no-smartphone", "{files:?}");
        assert_eq!(found["mfa_exempt"], false);
    }
}

#[test]
fn executives_are_never_exempt_whatever_somebody_writes() {
    let users = [
        user("coo", json!({"jobTitle": "Chief Operating Officer"})),
        user("td", json!({"jobTitle": "Technical Director"})),
        user("pa", json!({"jobTitle": "PA to the Technical Director"})),
        user("named", json!({})),
    ];
    let world = world(&users).settings("[people]\nexecutives = [\"named@ne.example\"]\n");
    let document = world.exceptions();
    for name in ["coo", "td", "named"] {
        assert_eq!(account(&document, name)["kind"], "executive", "{name}");
        assert_eq!(account(&document, name)["mfa_exempt"], false, "{name}");
    }
    assert_eq!(account(&document, "pa"), Value::Null);
}

#[test]
fn a_shared_login_by_its_name_and_by_lockstep_toml() {
    let users = [nobody("reception", json!({})), user("reception.pat", json!({}))];
    let document = world(&users).exceptions();
    assert_eq!(account(&document, "reception")["kind"], "shared-login");
    assert_eq!(account(&document, "reception")["mfa_exempt"], false);
    assert_eq!(account(&document, "reception.pat"), Value::Null, "has a job title");

    let named = world(&[user("front", json!({}))])
        .settings("[people]\nshared_logins = [\"front@ne.example\"]\n");
    assert_eq!(kind(&named, "front"), "shared-login");
}

#[test]
fn administrators_in_each_shape_of_a_role() {
    let role = json!({"id": "1", "principalId": "id-ann", "roleDefinitionId": GLOBAL_ADMINISTRATOR,
                      "directoryScopeId": "/"});
    let member = json!({"@odata.type": "#microsoft.graph.user", "id": "id-ann",
                        "userPrincipalName": "ann@ne.example"});
    let mut expanded = role.clone();
    expanded["principal"] = member.clone();
    expanded["roleDefinition"] = json!({"displayName": "Global Administrator",
        "id": GLOBAL_ADMINISTRATOR, "templateId": GLOBAL_ADMINISTRATOR});
    let mut activated = role.clone();
    activated["assignmentType"] = json!("Activated");
    activated["memberType"] = json!("Direct");
    let mut through_group = role.clone();
    through_group["principalId"] = json!("g1");
    let files = [
        json!([role]),
        page("roleManagement/directory/roleAssignments", &[expanded]),
        page("roleManagement/directory/roleAssignmentScheduleInstances", &[activated]),
        json!([super::world::pascal(&role)]),
        json!([{"id": "r", "displayName": "Global Administrator",
                "roleTemplateId": GLOBAL_ADMINISTRATOR, "members": [member]}]),
        json!([through_group, {"id": "g1", "displayName": "Admins", "groupTypes": [],
                               "members": [member]}]),
    ];
    for file in files {
        let world = world(&[user("ann", json!({}))]).json("roles.json", &file);
        assert_eq!(kind(&world, "ann"), "administrator", "{file}");
    }
    let mut eligible = role;
    eligible["memberType"] = json!("Direct");
    let eligible = page("roleManagement/directory/roleEligibilityScheduleInstances", &[eligible]);
    let world = world(&[user("ann", json!({}))]).json("roles.json", &eligible);
    assert_eq!(kind(&world, "ann"), Value::Null, "eligible is not active");
}
