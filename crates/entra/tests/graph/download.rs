//! A download of a small tenant: what is kept, what is refused, what is gone on with.

mod tenant;

use std::collections::BTreeMap;
use std::path::Path;

use entra::exports::Collector;
use entra::graph::manifest::{Manifest, State};
use entra::graph::{Client, DownloadError, DownloadOptions, download, last_download};
use rollout::{MemberKind, PerUserMfa, Snapshot};

use self::tenant::{Rule, Tenant};
use crate::support::{Scripted, options};

fn asked_for(folder: &Path) -> DownloadOptions {
    DownloadOptions {
        folder: folder.join("graph"),
        tenant: "ne.example".to_owned(),
        cloud: "global".to_owned(),
        sign_in_days: 30,
        accounts: vec!["BG1@ne.example".to_owned()],
        groups: vec!["Pilot".to_owned()],
    }
}

/// Downloads at a time of the clock.
async fn at(
    now: &str,
    tenant: &Tenant,
    folder: &Path,
) -> (Scripted, Result<Manifest, DownloadError>) {
    let transport = tenant.transport();
    let mut options = options();
    options.now = now.parse().unwrap();
    options.dry_run = true;
    let client = Client::new(transport.clone(), options);
    let ended = download(&client, &asked_for(folder), &mut |_| {}).await;
    (transport, ended)
}

const NOW: &str = "2026-11-21T12:00:00Z";

async fn whole(tenant: &Tenant, folder: &Path) -> Manifest {
    at(NOW, tenant, folder).await.1.unwrap()
}

/// What the readers of exported files make of the folder, and what they do not know.
fn read(folder: &Path) -> (Snapshot, Vec<String>) {
    let mut collector = Collector::new();
    let mut unknown = Vec::new();
    let limits = records::Limits::default();
    let (sources, problems) = records::walk(&folder.join("graph"), &limits).unwrap();
    assert!(problems.is_empty(), "{problems:?}");
    for source in sources.iter().filter(|source| !source.name.starts_with("sign-ins/")) {
        let name = source.name.clone();
        let reading = records::read(source, &limits, &mut |_| {}, &mut |record| {
            collector.offer(record, &name)
        });
        let reading = reading.unwrap();
        if reading.taken == 0 || reading.unreadable > 0 {
            unknown.push(source.name.clone());
        }
    }
    (collector.finish(), unknown)
}

/// Files below the folder with their text.
fn files(folder: &Path) -> BTreeMap<String, String> {
    fn walk(at: &Path, root: &Path, found: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(at).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, root, found);
            } else {
                let name = path.strip_prefix(root).unwrap().display().to_string();
                found.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(&folder.join("graph"), &folder.join("graph"), &mut found);
    found.remove("tenant/lockstep-download.json");
    found
}

fn not_whole(manifest: &Manifest) -> Vec<(&str, &State)> {
    let broken = manifest.reads.iter().filter(|state| !state.is_whole());
    broken.map(|state| (state.id.as_str(), &state.state)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_whole_download_is_read_like_exported_files() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = whole(&Tenant::ne(), folder.path()).await;
    assert_eq!(not_whole(&manifest), []);
    let (snapshot, unknown) = read(folder.path());
    assert_eq!(unknown, Vec::<String>::new());
    assert_eq!(snapshot.refused, []);
    let users = snapshot.users.unwrap();
    assert_eq!(users.len(), 5);
    let by_name = |name: &str| {
        let name = format!("{name}@ne.example");
        users.iter().find(|it| it.account.user_principal_name.as_deref() == Some(&name)).unwrap()
    };
    // Read one by one: who is not ready, who administers (by a group), who is break-glass.
    assert!(by_name("ann").methods.is_none(), "the report shows her as ready");
    assert_eq!(by_name("ben").methods.as_ref().unwrap().len(), 1);
    assert_eq!(by_name("adm").methods.as_deref(), Some(&[][..]), "told to have none");
    assert!(by_name("bg1").methods.is_some());
    assert!(by_name("old").methods.is_none(), "a disabled account");
    assert!(users.iter().all(|user| user.per_user_mfa == Some(PerUserMfa::Disabled)));
    assert_eq!(by_name("ben").mailbox_purpose.as_deref(), Some("shared"));
    assert_eq!(by_name("bg1").mailbox_purpose, None, "it has no mailbox");
    let groups = snapshot.groups.unwrap();
    let members = |name: &str| {
        let group = groups.iter().find(|it| it.display_name.as_deref() == Some(name)).unwrap();
        group.members.clone().unwrap()
    };
    assert_eq!(members("Everybody").len(), 3, "two pages of members");
    assert!(members("Everybody").iter().all(|it| it.kind == MemberKind::User));
    assert_eq!(members("Empty"), []);
    assert_eq!(snapshot.roles.unwrap().len(), 1);
    assert_eq!(snapshot.policies.unwrap().len(), 1);
    assert_eq!(snapshot.security_defaults, Some(false));
    assert_eq!(snapshot.named_locations.as_deref(), Some(&[][..]), "told that there is none");
    assert_eq!(snapshot.device_join_needs_mfa, Some(true));
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_is_named_and_loses_nothing_else() {
    let premium = "Authentication_RequestFromNonPremiumTenantOrB2CTenant";
    let permission = |name: &str| State::PermissionMissing { permission: name.to_owned() };
    let licence = |name: &str| State::LicenceMissing { licence: name.to_owned() };
    let denied = |path: &'static str| Rule::refuse(path, 403, "Authorization_RequestDenied");
    let cases: [(Rule, &[(&str, State)]); 9] = [
        (denied("/subscribedSkus"), &[("licences", permission("LicenseAssignment.Read.All"))]),
        (
            Rule::refuse("signInActivity", 403, premium),
            &[("sign-in-activity", licence("Entra ID P1"))],
        ),
        (denied("signInActivity"), &[("sign-in-activity", permission("AuditLog.Read.All"))]),
        (
            Rule::refuse("manager(", 400, "Request_BadRequest"),
            &[("managers", State::Failed { why: String::new() })],
        ),
        (
            Rule::refuse("roleEligibility", 400, "AadPremiumLicenseRequired"),
            &[("eligible-roles", licence("Entra ID P2"))],
        ),
        (
            denied("/conditionalAccess/policies"),
            &[("conditional-access-policies", permission("Policy.Read.All"))],
        ),
        (denied("/userPurpose"), &[("mailbox-purposes", permission("MailboxSettings.Read"))]),
        (
            denied("/authentication/methods"),
            &[("authentication-methods", permission("UserAuthenticationMethod.Read.All"))],
        ),
        (
            Rule::refuse("/alerts_v2", 404, "ResourceNotFound"),
            &[("alerts", State::NotOffered { why: String::new() })],
        ),
    ];
    for (rule, expected) in cases {
        let folder = tempfile::tempdir().unwrap();
        let manifest = whole(&Tenant::ne().with(rule.clone()), folder.path()).await;
        let found = not_whole(&manifest);
        assert_eq!(found.len(), expected.len(), "{rule:?} {found:?}");
        for ((id, state), (expected_id, expected)) in found.iter().zip(expected) {
            assert_eq!(id, expected_id, "{rule:?}");
            match (state, expected) {
                (State::Failed { .. }, State::Failed { .. })
                | (State::NotOffered { .. }, State::NotOffered { .. }) => {}
                (state, expected) => assert_eq!(*state, expected, "{rule:?}"),
            }
        }
        let (snapshot, unknown) = read(folder.path());
        assert_eq!(unknown, Vec::<String>::new(), "{rule:?}");
        assert_eq!(snapshot.refused.len(), expected.len(), "{rule:?}");
        assert_eq!(snapshot.users.unwrap().len(), 5, "{rule:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn users_without_the_dates_of_sign_ins_are_asked_for_again_from_the_start() {
    let folder = tempfile::tempdir().unwrap();
    // The first page comes with them, the second is refused: the licence has ended in between.
    let rule = Rule::refuse("signInActivity", 403, "Authorization_RequestDenied").after(1);
    let manifest = whole(&Tenant::ne().with(rule), folder.path()).await;
    assert!(manifest.is_whole("users"));
    assert!(!manifest.is_whole("sign-in-activity"));
    let (snapshot, _) = read(folder.path());
    assert_eq!(snapshot.users.unwrap().len(), 5);
    assert!(files(folder.path()).values().all(|text| !text.contains("lastSignInDateTime")));
}

#[tokio::test(start_paused = true)]
async fn half_a_list_is_not_read_as_the_whole() {
    for (path, id) in
        [("/v1.0/users?", "users"), ("conditionalAccess/policies", "conditional-access-policies")]
    {
        let folder = tempfile::tempdir().unwrap();
        let rule = Rule::refuse(path, 403, "Authorization_RequestDenied").on_page(2);
        let tenant = Tenant::ne().with(rule).with_two_policies();
        let manifest = whole(&tenant, folder.path()).await;
        let state = manifest.state(id).unwrap();
        assert!(state.is_partial() && state.is_failure(), "{state:?}");
        let kept = files(folder.path());
        assert!(!kept.contains_key(&format!("tenant/{id}/000001.json")), "{id}");
        assert!(kept.contains_key(&format!("tenant/.lockstep/partial/{id}/000001.json")), "{id}");
        let (snapshot, unknown) = read(folder.path());
        assert_eq!(unknown, Vec::<String>::new());
        assert_eq!(snapshot.users.is_none(), id == "users");
        assert_eq!(snapshot.policies.is_none(), id != "users");
        assert!(snapshot.refused.iter().any(|gap| gap.what.contains("half a list")), "{id}");
        // Nobody can be asked for one by one whom no list names.
        assert_eq!(manifest.is_whole("per-user-mfa"), id != "users");
    }
}

#[tokio::test(start_paused = true)]
async fn eligible_roles_alone_do_not_say_that_nobody_is_active() {
    let folder = tempfile::tempdir().unwrap();
    let rule = Rule::refuse("/roleAssignments?", 403, "Authorization_RequestDenied");
    let manifest = whole(&Tenant::ne().with(rule), folder.path()).await;
    assert!(manifest.is_whole("eligible-roles"));
    let (snapshot, _) = read(folder.path());
    assert_eq!(snapshot.roles, None);
    let gaps: Vec<&str> = snapshot.refused.iter().map(|gap| gap.id).collect();
    assert_eq!(gaps, ["roles", "active-roles", "eligible-roles"]);
}

#[tokio::test(start_paused = true)]
async fn a_permission_taken_away_on_the_way_leaves_what_came_of_single_requests() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = Tenant::ne().of_many(200);
    let rule = Rule::refuse("/authentication/requirements", 403, "AccessDenied").after(100);
    let manifest = whole(&tenant.with(rule), folder.path()).await;
    let state = manifest.state("per-user-mfa").unwrap();
    assert_eq!(state.state, State::PermissionMissing { permission: "Policy.Read.All".to_owned() });
    assert!(state.is_partial());
    let (snapshot, _) = read(folder.path());
    let told = snapshot.users.unwrap().iter().filter(|it| it.per_user_mfa.is_some()).count();
    assert!((80..=100).contains(&told), "{told}");
    assert!(snapshot.refused.iter().any(|gap| gap.id == "per-user-mfa"));
}

#[tokio::test(start_paused = true)]
async fn sign_ins_that_do_not_show_policies_name_the_permission() {
    for (shown, id) in [("left out", true), ("null", true), ("[]", false)] {
        let folder = tempfile::tempdir().unwrap();
        let manifest = whole(&Tenant::ne().applied_policies(shown), folder.path()).await;
        let missing = State::PermissionMissing { permission: "Policy.Read.All".to_owned() };
        let state = &manifest.state("applied-policies").unwrap().state;
        assert_eq!(*state == missing, id, "{shown}");
        assert_eq!(manifest.gaps().any(|gap| gap.id == "applied-policies"), id, "{shown}");
    }
}

#[tokio::test(start_paused = true)]
async fn wherever_it_breaks_off_the_next_one_goes_on_and_comes_to_the_same() {
    let uninterrupted = tempfile::tempdir().unwrap();
    let (transport, ended) = at(NOW, &Tenant::ne(), uninterrupted.path()).await;
    ended.unwrap();
    let requests = transport.sent().len();
    let expected = files(uninterrupted.path());
    for lost_after in 0..requests {
        let folder = tempfile::tempdir().unwrap();
        let broken = Tenant::ne().lost_after(lost_after);
        let (first, ended) = at(NOW, &broken, folder.path()).await;
        match ended.unwrap_err() {
            DownloadError::Nothing(_) => {}
            DownloadError::Interrupted { pages, .. } => assert!(pages > 0),
            other => panic!("{other}"),
        }
        assert!(last_download(&folder.path().join("graph")).unwrap().is_none(), "{lost_after}");
        let (second, ended) = at("2026-11-21T13:00:00Z", &Tenant::ne(), folder.path()).await;
        assert_eq!(not_whole(&ended.unwrap()), [], "{lost_after}");
        assert_eq!(files(folder.path()), expected, "{lost_after}");
        // At most one request of each of the seven lanes is sent a second time.
        let again = lost_after.min(first.sent().len()) + second.sent().len();
        assert!(again <= requests + 7, "{lost_after}: {again} of {requests}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_that_has_expired_begins_its_list_again() {
    let mut cases = 0;
    for lost_after in 0..30 {
        let folder = tempfile::tempdir().unwrap();
        at(NOW, &Tenant::ne().lost_after(lost_after), folder.path()).await.1.unwrap_err();
        let unfinished = folder.path().join("graph.next/tenant/lockstep-download.json");
        let unfinished: Manifest =
            serde_json::from_slice(&std::fs::read(unfinished).unwrap()).unwrap();
        if unfinished.state("users").unwrap().next.is_none() {
            continue;
        }
        cases += 1;
        for (status, code) in [(400, "Request_ExpiredPageToken"), (410, "Gone"), (404, "NotFound")]
        {
            let rule = Rule::refuse("/v1.0/users?$skiptoken", status, code).times(1);
            let again = tempfile::tempdir().unwrap();
            copy(&folder.path().join("graph.next"), &again.path().join("graph.next"));
            let (transport, ended) =
                at("2026-11-21T13:00:00Z", &Tenant::ne().with(rule), again.path()).await;
            let manifest = ended.unwrap();
            assert_eq!(not_whole(&manifest), [], "{lost_after} {status}");
            assert_eq!(read(again.path()).0.users.unwrap().len(), 5);
            assert!(!transport.sent().iter().any(|sent| sent.path.ends_with("/organization")));
        }
    }
    assert!(cases > 0, "no download broke off between two pages of users");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_download_of_the_day_before_is_not_gone_on_with() {
    for (now, begins) in [("2026-11-22T12:00:00Z", false), ("2026-11-22T12:00:01Z", true)] {
        let folder = tempfile::tempdir().unwrap();
        at(NOW, &Tenant::ne().lost_after(20), folder.path()).await.1.unwrap_err();
        let (transport, ended) = at(now, &Tenant::ne(), folder.path()).await;
        let started: jiff::Timestamp = if begins { now } else { NOW }.parse().unwrap();
        assert_eq!(ended.unwrap().started, started);
        let again = transport.sent().iter().any(|sent| sent.path.ends_with("/organization"));
        assert_eq!(again, begins);
    }
}

#[tokio::test(start_paused = true)]
async fn sign_ins_are_asked_for_from_where_they_ended_and_three_hours_before() {
    let folder = tempfile::tempdir().unwrap();
    let from = |transport: &Scripted| {
        let sent = transport.sent();
        let first = sent.iter().find(|it| {
            it.path.ends_with("/auditLogs/signIns") && it.query.contains("%27interactiveUser")
        });
        let query = first.unwrap().query.clone();
        let filter = query.split("createdDateTime%20ge%20").nth(1).unwrap();
        filter.get(..22).unwrap().replace("%3A", ":")
    };
    let (first, ended) = at(NOW, &Tenant::ne(), folder.path()).await;
    ended.unwrap();
    assert!(from(&first).starts_with("2026-10-22T12"), "{}", from(&first));
    // Refused in the middle of the log: what came is kept, and the next one asks from there again.
    let rule = Rule::refuse("/auditLogs/signIns", 403, "AccessDenied").on_page(2);
    let (second, ended) = at("2026-11-22T12:00:00Z", &Tenant::ne().with(rule), folder.path()).await;
    let manifest = ended.unwrap();
    assert!(manifest.state("sign-ins-interactive").unwrap().is_partial());
    assert!(manifest.gaps().any(|gap| gap.what.contains("these are used")));
    assert!(from(&second).starts_with("2026-11-21T09"), "{}", from(&second));
    let (third, ended) = at("2026-11-23T12:00:00Z", &Tenant::ne(), folder.path()).await;
    ended.unwrap();
    assert_eq!(from(&third), from(&second));
    let logs = files(folder.path());
    let pages = logs.keys().filter(|name| name.starts_with("sign-ins/sign-ins-interactive/"));
    let runs: Vec<&str> = pages.filter_map(|name| name.get(30..38)).collect();
    assert_eq!(runs, ["20261121", "20261121", "20261122", "20261123", "20261123"]);
    // A month later the pages that lie before the window are gone.
    at("2026-12-22T13:00:00Z", &Tenant::ne(), folder.path()).await.1.unwrap();
    let logs = files(folder.path());
    assert!(!logs.keys().any(|name| name.contains("20261121")), "{:?}", logs.keys());
}

#[tokio::test(start_paused = true)]
async fn another_tenant_is_another_download() {
    let folder = tempfile::tempdir().unwrap();
    at(NOW, &Tenant::ne().lost_after(30), folder.path()).await.1.unwrap_err();
    let transport = Tenant::ne().transport();
    let mut settings = options();
    settings.now = NOW.parse().unwrap();
    let client = Client::new(transport.clone(), settings);
    let other = DownloadOptions { tenant: "other.example".to_owned(), ..asked_for(folder.path()) };
    let manifest = download(&client, &other, &mut |_| {}).await.unwrap();
    assert_eq!(manifest.tenant, "other.example");
    assert!(transport.sent().iter().any(|sent| sent.path.ends_with("/organization")));
}

#[tokio::test(start_paused = true)]
async fn no_token_is_no_download_and_the_last_one_stays() {
    let folder = tempfile::tempdir().unwrap();
    whole(&Tenant::ne(), folder.path()).await;
    let before = files(folder.path());
    let (_, ended) = at("2026-11-22T12:00:00Z", &Tenant::ne().without_token(), folder.path()).await;
    assert!(matches!(ended.unwrap_err(), DownloadError::Nothing(_)));
    assert_eq!(files(folder.path()), before);
}
