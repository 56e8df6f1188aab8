//! The shapes a list of users comes in, and that nothing in them is lost.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::world::{World, account, page, pascal, row, user};

fn users() -> Vec<Value> {
    vec![
        user("ann", json!({})),
        user("bob", json!({})),
        user("boss", json!({"jobTitle": "Finance Director"})),
        user("off", json!({"accountEnabled": false})),
        user("g_x.example#EXT#", json!({"userType": "Guest"})),
    ]
}

#[test]
fn users_split_over_files_of_every_shape() {
    let users = users();
    let lines = users.iter().fold(String::new(), |mut lines, user| {
        writeln!(lines, "{user}").unwrap();
        lines
    });
    let (left, right) = users.split_at(2);
    let worlds = [
        World::new()
            .json("1.json", &page("users", left))
            .json("deep/er/2.json", &page("users", right)),
        World::new().json("1.json", &json!(left)).json("2.json", &json!(right)),
        World::new().text("users.ndjson", &lines),
        World::new().json("users.json", &pascal(&json!(users))),
        World::new().json("pages.json", &json!([page("users", left), page("users", right)])),
        users.iter().enumerate().fold(World::new(), |world, (number, user)| {
            world.json(&format!("{number}.json"), user)
        }),
        // Every user twice: copies of one object are one user.
        World::new().json("1.json", &page("users", &users)).text("2.ndjson", &lines),
    ];
    for (number, world) in worlds.into_iter().enumerate() {
        let world = world.json("r.json", &json!([row("ann", json!({}))]));
        let document = world.registration();
        assert_eq!(
            document["denominators"],
            json!({"in_scope_people": 3, "enabled_members": 3, "unclassified": 0}),
            "{number}"
        );
        assert_eq!(document["capable"], 1, "{number}");
        assert_eq!(account(&world.exceptions(), "boss")["kind"], "executive", "{number}");
    }
}

const PORTAL_2024: &str = "userPrincipalName,displayName,surname,mail,givenName,id,userType,\
    jobTitle,department,accountEnabled,usageLocation,streetAddress,state,country,officeLocation,\
    city,postalCode,telephoneNumber,mobilePhone,alternateEmailAddress,ageGroup,\
    consentProvidedForMinor,legalAgeGroupClassification,companyName,creationType,directorySynced,\
    invitationState,identityIssuer,createdDateTime\n\
    =ann@ne.example,=Ann,,,,id-ann,Member,Finance Director,,True,,,,,,,,,,,,,,,,,,,11/23/2024 9:12:33 AM\n\
    off@ne.example,\"Off, O\",,,,id-off,Member,Engineer,,False,,,,,,,,,,,,,,,,,,,11/3/2024 9:12:33 AM\n\
    g_x.example#EXT#@ne.example,G,,,,id-g,Guest,,,True,,,,,,,,,,,,,,,Invitation,,Accepted,,1/3/2024 9:12:33 AM\n";

const PORTAL_2020: &str = "userPrincipalName,displayName,surname,mail,givenName,objectId,userType,\
    jobTitle,department,accountEnabled,usageLocation,streetAddress,state,country,\
    physicalDeliveryOfficeName,city,postalCode,telephoneNumber,mobile,\
    authenticationPhoneNumber,creationType,directorySynced,invitationState,createdDateTime\n\
    =ann@ne.example,=Ann,,,,id-ann,Member,Finance Director,,True,,,,,,,,,,,,,,11/23/2024 9:12:33 AM\n\
    off@ne.example,Off,,,,id-off,Member,Engineer,,False,,,,,,,,,,,,,,11/3/2024 9:12:33 AM\n\
    g_x.example#EXT#@ne.example,G,,,,id-g,Guest,,,True,,,,,,,,,,,Invitation,,Accepted,1/3/2024 9:12:33 AM\n";

/// Blocked is the opposite of enabled, and nothing tells members from guests but the name.
const ADMIN_CENTER: &str = "Block credential,City,DirSyncEnabled,Display name,Licenses,\
    Mobile Phone,Object Id,Office,Phone number,Title,User principal name,When created\n\
    False,Leeds,,=Ann,Microsoft 365 E3,,id-ann,,,Finance Director,=ann@ne.example,2024-11-23 09:12:33Z\n\
    True,Leeds,,Off,Unlicensed,,id-off,,,Engineer,off@ne.example,2024-11-03 09:12:33Z\n\
    False,,,G,Unlicensed,,id-g,,,,g_x.example#EXT#@ne.example,2024-01-03 09:12:33Z\n";

#[test]
fn users_of_the_portal_and_of_the_admin_center() {
    for (name, text) in
        [("2024", PORTAL_2024), ("2020", PORTAL_2020), ("admin center", ADMIN_CENTER)]
    {
        for text in [text.to_owned(), format!("\u{feff}{}", text.replace('\n', "\r\n"))] {
            let world = World::new().text("exportUsers_2026-11-20.csv", &text);
            let document = world.exceptions();
            let found = account(&document, "=ann");
            assert_eq!(found["kind"], "executive", "{name}");
            assert_eq!(found["display_name"], "=Ann", "{name}");
            assert_eq!(found["user_id"], "id-ann", "{name}");
            assert_eq!(account(&document, "off"), Value::Null, "{name}");
            assert_eq!(account(&document, "g_x.example#EXT#")["kind"], "guest", "{name}");
            let report = world.registration();
            assert_eq!(report["denominators"]["enabled_members"], 1, "{name}");
            assert_eq!(report["rate"], Value::Null, "{name}: nobody told who was seen");
        }
    }
}

#[test]
fn a_broken_record_is_counted_and_loses_no_other() {
    let users = json!([user("ann", json!({})), user("odd", json!({"accountEnabled": "perhaps"}))]);
    let world = World::new()
        .json("users.json", &users)
        .text("cut.json", "{\"value\":[{\"id\":\"id-b\",\"userPrinc")
        .text("photo.txt", "not for lockstep\n")
        .json("r.json", &json!([row("ann", json!({}))]));
    let answer = world.run(&["audit", "registration", "--format", "json"]);
    assert_eq!(answer.code, 8, "{}", answer.stderr);
    assert_eq!(answer.document()["capable"], 1, "results are printed all the same");
    for said in
        ["users.json:1: user: `accountEnabled` is not yes or no", "cut.json:1:", "photo.txt"]
    {
        assert!(answer.stderr.contains(said), "{said}: {}", answer.stderr);
    }
}
