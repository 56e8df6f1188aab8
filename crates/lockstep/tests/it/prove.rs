//! `lockstep prove`: the page, the files it takes, and how it ends.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::command::{code, run};
use crate::contract_tenant::world::{GLOBAL_ADMINISTRATOR, pascal};

const EXCLUDED: &str = "00000000-0000-4000-8000-0000000000e0";

fn id(number: usize) -> String {
    format!("00000000-0000-4000-a000-00000000000{number}")
}

/// Two break-glass accounts in the excluded group, and two administrators of whom one was seen to
/// pass MFA.
fn tenant() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("exports")).unwrap();
    let names = ["alpha", "bravo", "ann", "ben"];
    let user = |(number, name): (usize, &str)| {
        json!({"id": id(number), "userPrincipalName": format!("{name}@ne.example"),
            "displayName": name, "accountEnabled": true, "userType": "Member"})
    };
    let row = |number: usize| {
        json!({"id": id(number), "userPrincipalName": format!("{}@ne.example", names[number]),
            "userDisplayName": names[number], "isMfaRegistered": true, "isMfaCapable": true,
            "methodsRegistered": ["fido2SecurityKey"], "userType": "member",
            "lastUpdatedDateTime": "2026-11-20T02:00:00Z"})
    };
    let role = |number: usize| {
        json!({"id": format!("role-{number}"), "roleDefinitionId": GLOBAL_ADMINISTRATOR,
            "directoryScopeId": "/", "principalId": id(number),
            "principal": {"@odata.type": "#microsoft.graph.user", "id": id(number)}})
    };
    let member = |number: usize| json!({"@odata.type": "#microsoft.graph.user", "id": id(number)});
    let sign_in = json!({"id": "s1", "createdDateTime": "2026-11-19T08:00:00Z",
        "userPrincipalName": "ann@ne.example", "userId": id(2), "userDisplayName": "ann",
        "userType": "member", "clientAppUsed": "Browser", "isInteractive": true,
        "authenticationRequirement": "multiFactorAuthentication", "ipAddress": "203.0.113.5",
        "appId": "c44b4083-3bb0-49c1-b47d-974e53cbdf3c", "appDisplayName": "Azure Portal",
        "status": {"errorCode": 0}});
    let list = |kind: &str, value: Vec<Value>| {
        let context = format!("https://graph.microsoft.com/beta/$metadata#{kind}");
        json!({"@odata.context": context, "value": value})
    };
    let files = [
        ("users.json", list("users", names.into_iter().enumerate().map(user).collect())),
        (
            "rows.json",
            list(
                "reports/authenticationMethods/userRegistrationDetails",
                (0..4).map(row).collect(),
            ),
        ),
        (
            "roles.json",
            list("roleManagement/directory/roleAssignments", (0..4).map(role).collect()),
        ),
        (
            "groups.json",
            list(
                "groups",
                vec![json!({"id": EXCLUDED, "displayName": "Emergency",
                "members": [member(0), member(1)]})],
            ),
        ),
        ("policies.json", list("identity/conditionalAccess/policies", Vec::new())),
        ("signins.json", list("auditLogs/signIns", vec![sign_in])),
    ];
    for (name, value) in files {
        write(folder.path(), &format!("exports/{name}"), &value);
    }
    let settings = "[source]\nexports = \"exports\"\n[break_glass]\ngroup = \"Emergency\"\n\
                    accounts = [\"alpha@ne.example\", \"bravo@ne.example\"]\n";
    fs::write(folder.path().join("lockstep.toml"), settings).unwrap();
    folder
}

fn write(folder: &Path, name: &str, value: &Value) {
    fs::write(folder.join(name), value.to_string()).unwrap();
}

fn policy(name: &str, control: &str) -> Value {
    json!({"displayName": name, "state": "disabled",
        "conditions": {"users": {"includeUsers": ["All"], "excludeGroups": [EXCLUDED]},
            "applications": {"includeApplications": ["All"]}, "clientAppTypes": ["all"]},
        "grantControls": {"operator": "OR", "builtInControls": [control]}})
}

#[test]
fn one_administrator_short_is_refused() {
    let folder = tenant();
    assert_snapshot!(run(folder.path(), &["prove", "--quiet"]), @"
    exit 6
    --- stdout
    Not proven: do not switch this on
    One policy counts: CA001 - Require MFA - All users. 344 combinations of app,
    client, platform, place, device and risk were judged.
      - 1 proven administrator can sign in whatever the facts; 2 must.

    Who must get in
    account           needed as      can sign in  because
    alpha@ne.example  break-glass    yes          no policy reaches it
    bravo@ne.example  break-glass    yes          no policy reaches it
    ann@ne.example    administrator  yes          the log shows MFA
    ben@ne.example    administrator  not proven   nobody saw MFA

    Taken for granted
      - No file tells whether security defaults are on; they count as off, because
        no policy can be On beside them.

    Not seen (3)
      - No file holds the named locations. So: Policies with a location condition
        cannot be judged. To close it: GET
        /identity/conditionalAccess/namedLocations
      - No file tells whether security defaults are on. So: Whether switching to
        Conditional Access opens a gap cannot be said. To close it: GET
        /policies/identitySecurityDefaultsEnforcementPolicy, or Entra admin center >
        Overview > Properties > Manage security defaults
      - No file holds the authentication-methods policy. So: Whether a person may
        register the recommended method cannot be said. To close it: GET
        /policies/authenticationMethodsPolicy

    Next: lockstep audit preflight
    ");
}

#[test]
fn with_a_second_one_it_holds() {
    let folder = tenant();
    let log = fs::read_to_string(folder.path().join("exports/signins.json")).unwrap();
    let ben = log.replace("\"s1\"", "\"s2\"").replace("ann", "ben").replace(&id(2), &id(3));
    fs::write(folder.path().join("exports/more.json"), ben).unwrap();
    assert_snapshot!(run(folder.path(), &["prove", "--quiet"]), @"
    exit 0
    --- stdout
    Proven: nobody who must get in would be locked out
    One policy counts: CA001 - Require MFA - All users. 344 combinations of app,
    client, platform, place, device and risk were judged.

    Who must get in
    account           needed as      can sign in  because
    alpha@ne.example  break-glass    yes          no policy reaches it
    bravo@ne.example  break-glass    yes          no policy reaches it
    ann@ne.example    administrator  yes          the log shows MFA
    ben@ne.example    administrator  yes          the log shows MFA

    Taken for granted
      - No file tells whether security defaults are on; they count as off, because
        no policy can be On beside them.

    Not seen (3)
      - No file holds the named locations. So: Policies with a location condition
        cannot be judged. To close it: GET
        /identity/conditionalAccess/namedLocations
      - No file tells whether security defaults are on. So: Whether switching to
        Conditional Access opens a gap cannot be said. To close it: GET
        /policies/identitySecurityDefaultsEnforcementPolicy, or Entra admin center >
        Overview > Properties > Manage security defaults
      - No file holds the authentication-methods policy. So: Whether a person may
        register the recommended method cannot be said. To close it: GET
        /policies/authenticationMethodsPolicy

    Next: lockstep impact
    ");
    // A record that cannot be read may be a policy that bars everybody.
    fs::write(folder.path().join("exports/broken.json"), "{\"displayName\": \"CA0").unwrap();
    let text = run(folder.path(), &["prove", "--quiet"]);
    assert!(text.starts_with("exit 6\n"), "{text}");
    assert!(text.contains("1 record of the tenant could not be read"), "{text}");
}

#[test]
fn a_block_for_everybody_is_refused_with_who_and_when() {
    let folder = tenant();
    let mut block = policy("CA020 - Block Linux", "block");
    block["conditions"]["users"] = json!({"includeUsers": ["All"]});
    block["conditions"]["platforms"] = json!({"includePlatforms": ["linux"]});
    write(folder.path(), "block.json", &block);
    let text = run(folder.path(), &["prove", "--quiet", "--policy", "block.json"]);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert_snapshot!(text, @"
    exit 6
    --- stdout
    Not proven: do not switch this on
    One policy counts: CA020 - Block Linux. 568 combinations of app, client,
    platform, place, device and risk were judged.
      - 1 proven administrator can sign in whatever the facts; 2 must.

    Who must get in
    account           needed as      can sign in  because
    alpha@ne.example  break-glass    NO           see below
    bravo@ne.example  break-glass    NO           see below
    ann@ne.example    administrator  yes          the log shows MFA
    ben@ne.example    administrator  not proven   nobody saw MFA

    alpha@ne.example (break-glass)
    It cannot sign in to the Azure, Entra and Intune portals, with a browser on
    Linux, whatever the place, device and risk.
    `CA020 - Block Linux` blocks it.
      - Exclude the account from `CA020 - Block Linux`.

    bravo@ne.example (break-glass)
    It cannot sign in to the Azure, Entra and Intune portals, with a browser on
    Linux, whatever the place, device and risk.
    `CA020 - Block Linux` blocks it.
      - Exclude the account from `CA020 - Block Linux`.

    Taken for granted
      - `CA020 - Block Linux` counts as On, whatever its file says.
      - No file tells whether security defaults are on; they count as off, because
        no policy can be On beside them.

    Not seen (3)
      - No file holds the named locations. So: Policies with a location condition
        cannot be judged. To close it: GET
        /identity/conditionalAccess/namedLocations
      - No file tells whether security defaults are on. So: Whether switching to
        Conditional Access opens a gap cannot be said. To close it: GET
        /policies/identitySecurityDefaultsEnforcementPolicy, or Entra admin center >
        Overview > Properties > Manage security defaults
      - No file holds the authentication-methods policy. So: Whether a person may
        register the recommended method cannot be said. To close it: GET
        /policies/authenticationMethodsPolicy

    Next: lockstep audit preflight
    ");
}

/// One policy or a list, of either version of Graph, as PowerShell spells it, several files.
#[test]
fn policies_come_in_every_shape() {
    let folder = tenant();
    let names = |arguments: &[&str]| -> Vec<String> {
        let mut all = vec!["prove", "--quiet", "--json"];
        all.extend(arguments);
        let text = run(folder.path(), &all);
        let (_, text) = text.split_once("--- stdout\n").unwrap_or_else(|| panic!("{text}"));
        let document: Value = serde_json::from_str(text).unwrap();
        serde_json::from_value(document["policies"].clone()).unwrap()
    };
    let (one, two) = (policy("One", "mfa"), policy("Two", "mfa"));
    write(folder.path(), "one.json", &one);
    write(folder.path(), "pascal.json", &pascal(&two));
    let beta = "https://graph.microsoft.com/beta/$metadata#identity/conditionalAccess/policies";
    write(folder.path(), "page.json", &json!({"@odata.context": beta, "value": [&one, &two]}));
    write(folder.path(), "array.json", &json!([&one, &two]));
    fs::write(folder.path().join("lines.json"), format!("{one}\n{two}\n")).unwrap();
    write(folder.path(), "dump.json", &json!({"conditionalAccessPolicies": [&two]}));
    assert_eq!(names(&["--policy", "one.json"]), ["One"]);
    assert_eq!(names(&["--policy", "pascal.json"]), ["Two"]);
    assert_eq!(names(&["--policy", "dump.json"]), ["Two"]);
    for list in ["page.json", "array.json", "lines.json"] {
        assert_eq!(names(&["--policy", list]), ["One", "Two"], "{list}");
    }
    for several in [
        &["--policy", "one.json", "--policy", "pascal.json"][..],
        &["--policy", "one.json", "pascal.json"],
    ] {
        assert_eq!(names(several), ["One", "Two"]);
    }
}

#[test]
fn a_file_that_proposes_nothing_names_what_is_wrong() {
    let folder = tenant();
    write(folder.path(), "users.json", &json!({"id": "u", "userPrincipalName": "u@ne.example"}));
    fs::create_dir(folder.path().join("folder")).unwrap();
    fs::write(folder.path().join("empty.json"), "").unwrap();
    let half = format!("{}\n{{\"displayName\": \"CA0", policy("One", "mfa"));
    fs::write(folder.path().join("half.json"), half).unwrap();
    let mut text = String::new();
    for name in ["missing.json", "folder", "empty.json", "users.json", "half.json"] {
        text.push_str(&run(folder.path(), &["prove", "--policy", name]));
    }
    assert_snapshot!(text, @"
    exit 1
    --- stderr
    error: cannot read the policies of `missing.json`
      because No such file or directory (os error 2)
    hint: give a file: `--policy ca001.json`
    exit 1
    --- stderr
    error: cannot read the policies of `folder`
      because it is a folder
    hint: name each file
    exit 1
    --- stderr
    error: cannot read the policies of `empty.json`
      because it holds no Conditional Access policy
    hint: give policies as Graph JSON: GET /identity/conditionalAccess/policies, or Entra admin center > Conditional Access > Policies > Download JSON
    exit 1
    --- stderr
    error: cannot read the policies of `users.json`
      because it holds no Conditional Access policy
    hint: give policies as Graph JSON: GET /identity/conditionalAccess/policies, or Entra admin center > Conditional Access > Policies > Download JSON
    exit 1
    --- stderr
    error: cannot read the policies of `half.json`
      because half.json:2: the record is not closed before the file ends; the file may have been cut off: download it again
    hint: give policies as Graph JSON: GET /identity/conditionalAccess/policies, or Entra admin center > Conditional Access > Policies > Download JSON
    ");
}

#[test]
fn options_that_contradict_each_other() {
    let folder = tenant();
    write(folder.path(), "one.json", &policy("One", "mfa"));
    let cases: [&[&str]; 4] = [
        &["--policy", "one.json", "--against", "current"],
        &["--policy", "one.json", "--to", "pilot"],
        &["--to", "pilot", "--against", "current"],
        // No pilot group is named.
        &["--to", "pilot"],
    ];
    for arguments in cases {
        let mut all = vec!["prove"];
        all.extend(arguments);
        assert_eq!(code(folder.path(), &all), 1, "{arguments:?}");
    }
    let text = run(folder.path(), &["prove", "--to", "pilot", "--quiet"]);
    assert_snapshot!(text, @r#"
    exit 1
    --- stderr
    error: CA001 has no pilot to be for
      because the settings name no pilot group
    hint: name it in lockstep.toml: `[pilot] group = "IT team"`
    "#);
}
