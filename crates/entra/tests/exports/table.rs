use entra::exports::Collector;
use records::Offer;
use rollout::{MailboxKind, UserType};

use super::offer_row;

#[test]
fn portal_users_of_both_generations() {
    let now = [
        "userPrincipalName",
        "displayName",
        "id",
        "userType",
        "jobTitle",
        "accountEnabled",
        "officeLocation",
        "telephoneNumber",
        "mobilePhone",
        "directorySynced",
        "createdDateTime",
    ];
    let then = [
        "userPrincipalName",
        "displayName",
        "objectId",
        "userType",
        "jobTitle",
        "accountEnabled",
        "physicalDeliveryOfficeName",
        "telephoneNumber",
        "mobile",
        "directorySynced",
        "createdDateTime",
    ];
    let cells = [
        "x_ne.example#EXT#@ne.example",
        "=Ana",
        "A1",
        "Guest",
        "",
        "True",
        "London",
        "+44 20",
        "",
        "",
        "2021-08-19T13:25:31Z",
    ];
    for columns in [now, then] {
        let mut collector = Collector::new();
        assert_eq!(offer_row(&mut collector, &columns, &cells), Offer::Taken);
        let user = collector.finish().users.unwrap().remove(0);
        assert_eq!(user.account.user_id.as_deref(), Some("a1"));
        assert_eq!(user.account.display_name.as_deref(), Some("=Ana"));
        assert_eq!((user.user_type, user.account_enabled), (Some(UserType::Guest), Some(true)));
        assert_eq!(
            (user.office.as_deref(), user.mobile_phone.as_deref()),
            (Some("London"), Some(""))
        );
        assert_eq!(
            (user.business_phone.as_deref(), user.on_premises_sync),
            (Some("+44 20"), Some(false))
        );
        assert_eq!(user.department, None, "no such column");
    }
}

#[test]
fn portal_registration_report() {
    let columns = [
        "User principal name ",
        "Name",
        "Multifactor authentication capable",
        "Multifactor  authentication registered",
        "Methods registered",
        "Default MFA method",
        "Admin",
        "Last updated",
    ];
    let rows = [
        (
            [
                "a@ne.example",
                "A",
                "Capable",
                "Registered",
                "Mobile phone, Microsoft Authenticator app (push notification)",
                "Mobile phone",
                "Yes",
                "",
            ],
            Some(true),
            2,
        ),
        (
            [
                "b@ne.example",
                "B",
                "Not capable",
                "Not registered",
                "None",
                "",
                "No",
                "2026-03-01T00:00:00Z",
            ],
            Some(false),
            0,
        ),
        (["c@ne.example", "C", "", "True", "", "", "", ""], None, 0),
    ];
    for (cells, capable, methods) in rows {
        let mut collector = Collector::new();
        assert_eq!(offer_row(&mut collector, &columns, &cells), Offer::Taken);
        let row = collector.finish().registrations.unwrap().remove(0);
        assert_eq!(row.mfa_capable, capable, "{cells:?}");
        assert_eq!(row.methods.as_ref().unwrap().len(), methods, "{cells:?}");
        assert_eq!(row.account.display_name.as_deref(), Some(cells[1]));
        if methods == 2 {
            assert_eq!(row.methods.unwrap(), ["mobilePhone", "microsoftAuthenticatorPush"]);
            assert_eq!(row.is_admin, Some(true));
        }
    }
}

#[test]
fn mailboxes_of_the_admin_center_and_of_powershell() {
    let center = [
        "\u{feff}Display name",
        "Email address",
        "Recipient type",
        "Archive status",
        "Last modified time",
    ];
    let shell = [
        "Name",
        "PrimarySmtpAddress",
        "RecipientType",
        "RecipientTypeDetails",
        "ExternalDirectoryObjectId",
    ];
    let cases: [(&[&str], &[&str], MailboxKind); 4] = [
        (&center, &["Info", "Info@ne.example", "SharedMailbox", "None", "x"], MailboxKind::Shared),
        (&center, &["Ana", "Info@ne.example", "User", "None", "x"], MailboxKind::User),
        (
            &shell,
            &["Room", "info@ne.example", "UserMailbox", "RoomMailbox", "U1"],
            MailboxKind::Room,
        ),
        (
            &shell,
            &["Disc", "info@ne.example", "UserMailbox", "DiscoveryMailbox", ""],
            MailboxKind::Other,
        ),
    ];
    for (columns, cells, kind) in cases {
        let mut collector = Collector::new();
        assert_eq!(offer_row(&mut collector, columns, cells), Offer::Taken, "{cells:?}");
        let mailbox = collector.finish().mailboxes.unwrap().remove(0);
        assert_eq!(
            (mailbox.kind, mailbox.address.as_deref()),
            (kind, Some("info@ne.example")),
            "{cells:?}"
        );
    }
}

#[test]
fn portal_audit_log() {
    let columns = [
        "Date (UTC)",
        "CorrelationId",
        "Service",
        "Category",
        "Activity",
        "Result",
        "ResultReason",
        "ActorType",
        "ActorDisplayName",
        "ActorObjectId",
        "ActorUserPrincipalName",
        "IPAddress",
        "Target1Type",
        "Target1DisplayName",
        "Target1ObjectId",
        "Target1UserPrincipalName",
    ];
    let cells = [
        "2026-03-01T00:00:00Z",
        "c",
        "Authentication Methods",
        "UserManagement",
        "User registered security info",
        "Success",
        "User registered phone",
        "User",
        "A",
        "U1",
        "a@ne.example",
        "192.0.2.1",
        "User",
        "A",
        "U1",
        "a@ne.example",
    ];
    let mut collector = Collector::new();
    assert_eq!(offer_row(&mut collector, &columns, &cells), Offer::Taken);
    let event = collector.finish().audits.unwrap().remove(0);
    assert_eq!(
        (event.succeeded, event.ip_address.as_deref(), event.targets.len()),
        (Some(true), Some("192.0.2.1"), 1)
    );
    assert_eq!(event.by.user_id.as_deref(), Some("u1"));
    assert!(event.time.is_some());
}

#[test]
fn tables_that_are_read_elsewhere_or_nowhere() {
    let cases: [(&[&str], &[&str]); 4] = [
        (
            &[
                "Date (UTC)",
                "Request ID",
                "User",
                "Username",
                "User ID",
                "Application",
                "Client app",
                "IP address",
            ],
            &["2026-03-01", "1", "A", "a@ne.example", "u", "Portal", "Browser", "192.0.2.1"],
        ),
        (&["Name", "Username"], &["A", "a@ne.example"]),
        (
            &["TimeGenerated [UTC]", "UserPrincipalName", "AppDisplayName", "Status_string"],
            &["x", "a@ne.example", "App", "{}"],
        ),
        (&[], &[]),
    ];
    for (columns, cells) in cases {
        assert_eq!(offer_row(&mut Collector::new(), columns, cells), Offer::NotMine, "{columns:?}");
    }
}

#[test]
fn group_members_beside_their_group() {
    let columns = ["Group object ID", "Group name", "id", "userPrincipalName"];
    let mut collector = Collector::new();
    for id in ["U1", "U2"] {
        assert_eq!(
            offer_row(&mut collector, &columns, &["G1", "Pilot", id, "x@ne.example"]),
            Offer::Taken
        );
    }
    let group = collector.finish().groups.unwrap().remove(0);
    assert_eq!((group.id.as_deref(), group.display_name.as_deref()), (Some("g1"), Some("Pilot")));
    assert_eq!(group.members.unwrap().len(), 2);
}

#[test]
fn another_header_under_the_same_number_is_another_header() {
    let mut collector = Collector::new();
    offer_row(&mut collector, &["userPrincipalName", "department"], &["a@ne.example", "IT"]);
    offer_row(&mut collector, &["department", "userPrincipalName"], &["IT", "b@ne.example"]);
    let users = collector.finish().users.unwrap();
    assert!(users.iter().all(|user| user.department.as_deref() == Some("IT")));
}
