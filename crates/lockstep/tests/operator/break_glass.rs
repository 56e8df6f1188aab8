//! Break-glass accounts are made, and their passwords are nowhere but on the sheets.

use std::fs;
use std::path::{Path, PathBuf};

use lockstep::surroundings::Ran;
use twin::world::Device;
use twin::{Scenario, World};

use crate::act;
use crate::tenant::{APP, Ended, Kill, Planned, ROOT, SECRET, Tenant};

const ALPHA: &str = "svc-emergency-alpha@";
const BRAVO: &str = "svc-emergency-bravo@";

/// A firm that has made no break-glass accounts yet.
pub(crate) struct Firm {
    pub(crate) tenant: Tenant,
    folder: tempfile::TempDir,
}

impl Firm {
    pub(crate) fn new() -> Self {
        Self::in_cloud("global", "")
    }

    fn in_cloud(cloud: &str, break_glass: &str) -> Self {
        let now = "2026-11-23T09:00:00Z".parse().unwrap();
        let scenario = Scenario { people: 12, seed: 7, now, day: 0, history_days: 2 };
        let tenant = Tenant::new(World::new(&scenario), now);
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let secret = folder.path().join("client-secret.txt");
        fs::write(&secret, SECRET).unwrap();
        let notes = tenant.with(|it| it.world.notes(now));
        assert!(notes.break_glass.is_empty(), "{:?}", notes.break_glass);
        let mut settings = act::settings(&notes, (ROOT, APP));
        settings = settings.replace("[tenant]\n", &format!("[tenant]\ncloud = \"{cloud}\"\n"));
        settings.push_str(break_glass);
        fs::write(folder.path().join("lockstep.toml"), settings).unwrap();
        let firm = Self { tenant, folder };
        firm.done(&["snapshot", "--quiet"]);
        firm
    }

    pub(crate) fn domain(&self) -> String {
        let now = self.tenant.now();
        self.tenant.with(|it| it.world.notes(now)).domain
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn append(&self, text: &str) {
        let path = self.path("lockstep.toml");
        let before = fs::read_to_string(&path).unwrap();
        fs::write(path, before + text).unwrap();
    }

    pub(crate) fn end(&self, arguments: &[&str]) -> Ended {
        let arguments: Vec<String> = arguments.iter().map(|it| (*it).to_owned()).collect();
        let ended = self.tenant.run(self.folder.path(), &arguments);
        self.tenant.conversation();
        ended
    }

    fn ran(&self, arguments: &[&str]) -> Ran {
        match self.end(arguments) {
            Ended::Ran(ran) => ran,
            Ended::Killed(what) => panic!("{arguments:?} was killed {what}"),
            Ended::Panicked => panic!("{arguments:?} panicked"),
        }
    }

    /// Everything a command printed; it must end like this.
    pub(crate) fn ends(&self, code: u8, arguments: &[&str]) -> String {
        let Ran { status, stdout, stderr } = self.ran(arguments);
        assert_eq!(status.code(), code, "{arguments:?}\n{stdout}\n{stderr}");
        format!("{stdout}{stderr}")
    }

    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        self.ends(0, arguments)
    }

    pub(crate) fn answer(&self, answers: &[&str]) {
        answers.iter().for_each(|it| self.tenant.answer(it));
    }

    /// The domain, and `printed` for so many sheets.
    fn agree(&self, sheets: usize) {
        self.tenant.answer(&self.domain());
        (0..sheets).for_each(|_| self.tenant.answer("printed"));
    }

    /// Makes the accounts and names them in the settings.
    pub(crate) fn created(&self) -> Vec<String> {
        self.agree(4);
        self.done(&["break-glass", "create"]);
        self.name_accounts();
        self.later(120);
        self.done(&["snapshot", "--quiet"]);
        self.tenant.sheets()
    }

    fn name_accounts(&self) {
        let names = [ALPHA, BRAVO].map(|name| format!("\"{}\"", self.full(name)));
        self.append(&format!("\n[break_glass]\naccounts = [{}]\n", names.join(", ")));
    }

    pub(crate) fn full(&self, name: &str) -> String {
        let now = self.tenant.now();
        self.tenant.with(|it| {
            let id = act::named(&it.world, &twin::documents::Collection::Users, name, now);
            let count = it.world.count(&twin::documents::Collection::Users, now);
            (0..count)
                .filter_map(|place| it.world.item(&twin::documents::Collection::Users, place, now))
                .find(|user| user["id"] == id.as_str())
                .unwrap()["userPrincipalName"]
                .as_str()
                .unwrap()
                .to_owned()
        })
    }

    pub(crate) fn later(&self, seconds: i64) {
        let to = self.tenant.now() + jiff::SignedDuration::from_secs(seconds);
        self.tenant.turn_to(to);
    }

    /// A critical sign-in is told to each person once.
    fn is_told_by_mail_once(&self) {
        let watch = ["break-glass", "watch", "--mail-to", "alex.reed@ne.example"];
        let told = self.ends(1, &watch);
        assert!(told.contains("the settings name no sender"), "{told}");
        let now = self.tenant.now();
        let sender = self.tenant.with(|it| {
            let users = &twin::documents::Collection::Users;
            let count = it.world.count(users, now);
            let mut all = (0..count).filter_map(|place| it.world.item(users, place, now));
            let user = all.find(|user| user["mail"].is_string()).unwrap();
            user["userPrincipalName"].as_str().unwrap().to_owned()
        });
        self.append(&format!("\n[mail]\nfrom = \"{sender}\"\n"));
        let told = self.ends(3, &watch);
        assert!(told.contains("alex.reed@ne.example was told by mail."), "{told}");
        let told = self.ends(3, &watch);
        assert!(told.contains("alex.reed@ne.example was told before."), "{told}");
        let sent = self.tenant.with(|it| {
            let all = it.log.entries.iter();
            all.filter(|it| it.target.ends_with("/sendMail") && it.applied).count()
        });
        assert_eq!(sent, 1);
    }

    /// lockstep's app holds the role that an administrator's password needs.
    fn may_reset(&self) {
        self.tenant.with(|it| it.apps_that_reset_administrators.push(APP.to_owned()));
    }
}

/// The password of a sheet.
fn password(sheet: &str) -> String {
    let mut lines = sheet.lines();
    let row = lines.find(|line| line.starts_with("    ")).unwrap();
    let password: String = row.split_whitespace().collect();
    assert_eq!(password.chars().count(), 30, "{sheet}");
    password
}

fn account(sheet: &str) -> &str {
    let line = sheet.lines().find(|line| line.starts_with(" Account")).unwrap();
    line.split_whitespace().nth(1).unwrap()
}

/// Every byte that a run left on the disk.
fn left(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                left(&path)
            } else {
                let bytes = fs::read(&path).unwrap();
                vec![(path, bytes)]
            }
        })
        .collect()
}

/// Where a password is that should be nowhere. Groups of it count, too.
pub(crate) fn leaks(firm: &Firm, password: &str) -> Vec<String> {
    let parts: Vec<&[u8]> = password.as_bytes().chunks(10).collect();
    let holds = |bytes: &[u8]| {
        parts.iter().any(|part| bytes.windows(part.len()).any(|window| window == *part))
    };
    let mut found: Vec<String> = left(firm.folder.path())
        .into_iter()
        .filter(|(_, bytes)| holds(bytes))
        .map(|(path, _)| path.display().to_string())
        .collect();
    let twin = firm.tenant.with(|it| format!("{:?} {:?}", it.log, it.world));
    if holds(twin.as_bytes()) {
        found.push("the tenant shows it".to_owned());
    }
    found
}

#[test]
fn accounts_are_made_and_each_password_is_on_its_two_sheets_and_nowhere_else() {
    let firm = Firm::new();
    firm.tenant.listen();
    firm.agree(4);
    let printed = firm.done(&["break-glass", "create", "--verbose"]);
    let sheets = firm.tenant.sheets();
    assert_eq!(sheets.len(), 4, "one for each account and place");
    let passwords: Vec<String> = sheets.iter().map(|it| password(it)).collect();
    assert_eq!(passwords[0], passwords[1]);
    assert_eq!(passwords[2], passwords[3]);
    assert_ne!(passwords[0], passwords[2]);
    assert!(account(&sheets[0]).starts_with(ALPHA) && account(&sheets[2]).starts_with(BRAVO));
    for (sheet, place) in sheets.iter().zip(["Safe A", "Safe B", "Safe A", "Safe B"]) {
        assert!(sheet.contains(place), "{sheet}");
    }
    for password in [&passwords[0], &passwords[2]] {
        assert_eq!(leaks(&firm, password), Vec::<String>::new());
        assert!(!printed.contains(password.as_str()), "{printed}");
        let sent: Vec<String> = firm
            .tenant
            .heard()
            .into_iter()
            .filter(|(name, body)| body.contains(password.as_str()) || name.contains(password))
            .map(|(name, _)| name)
            .collect();
        assert_eq!(sent, ["POST /v1.0/users"], "in the one request that makes the account");
    }
    // What is written down later is not earlier: the sheets were printed after the tenant was changed.
    let store = store::Store::open(&firm.path(store::FILE_NAME)).unwrap();
    let times: Vec<jiff::Timestamp> =
        store.entries(1, 1_000).unwrap().into_iter().map(|entry| entry.time).collect();
    assert!(times.len() > 4 && times.is_sorted(), "{times:?}");
    // What people notice is worked out, and said before it is confirmed.
    assert!(printed.contains("Nobody is asked anything: 2 accounts are new"), "{printed}");
    assert!(!printed.contains("Nobody worked out"), "{printed}");
    // The search finds what it looks for.
    fs::write(firm.path("leak"), format!("x{}y", passwords[0])).unwrap();
    assert_eq!(leaks(&firm, &passwords[0]).len(), 1);
    // Why a key is needed is said, and what comes first.
    let said = printed.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "Now the keys: a password alone does not do",
        "Another administrator (Privileged Authentication Administrator or Global Administrator) issues",
        "Name both accounts as `accounts` under `[break_glass]`",
        "Next: lockstep break-glass runbook",
    ] {
        assert!(said.contains(part), "{part}: {printed}");
    }
}

#[test]
fn nobody_sees_a_password_where_nobody_can_put_it_on_paper() {
    let firm = Firm::new();
    let requests = || firm.tenant.with(|it| it.log.entries.iter().filter(|it| it.applied).count());
    let before = requests();
    let cases: [(&[&str], &str); 4] = [
        (&["break-glass", "create", "--json"], "never as JSON"),
        (&["break-glass", "create", "--format", "json"], "never as JSON"),
        (&["break-glass", "create", "--no-input"], "nobody is there to say"),
        (&["break-glass", "sheet", "x", "--json"], "never as JSON"),
    ];
    for (arguments, why) in cases {
        let told = firm.ends(6, arguments);
        assert!(told.contains(why), "{arguments:?}: {told}");
    }
    let told = firm.ends(1, &["break-glass", "create", "--html"]);
    assert!(told.contains("only be given to a command"), "{told}");
    // Not confirmed.
    firm.answer(&["another.example"]);
    firm.ends(6, &["break-glass", "create"]);
    assert_eq!(firm.tenant.sheets(), Vec::<String>::new());
    assert_eq!(requests(), before, "nothing was changed");
}

#[test]
fn a_sheet_that_nobody_has_on_paper_is_said_and_the_account_gets_another_password() {
    let firm = Firm::new();
    firm.tenant.answer(&firm.domain());
    // The first account is on paper; of the second the first page only.
    firm.answer(&["printed", "printed", "printed", "no", "no", "what?"]);
    let told = firm.ends(5, &["break-glass", "create"]);
    let bravo = firm.full(BRAVO);
    assert!(told.contains(&format!("{bravo}: NOT on paper")), "{told}");
    assert!(told.contains(&format!("Next: lockstep break-glass sheet {bravo}")), "{told}");
    let first = firm.tenant.sheets();
    assert_eq!(first.len(), 4);
    firm.name_accounts();
    firm.later(120);
    firm.done(&["snapshot", "--quiet"]);
    // Without the role the tenant refuses; nothing is shown.
    firm.agree(2);
    let refused = firm.ends(1, &["break-glass", "sheet", &bravo]);
    assert!(refused.contains("Privileged Authentication Administrator"), "{refused}");
    assert_eq!(firm.tenant.sheets(), Vec::<String>::new());
    firm.may_reset();
    firm.agree(2);
    let done = firm.done(&["break-glass", "sheet", &bravo]);
    let second = firm.tenant.sheets();
    assert_eq!(second.len(), 2);
    assert_eq!(account(&second[0]), bravo);
    assert_ne!(password(&second[0]), password(&first[2]), "another one");
    assert_eq!(leaks(&firm, &password(&second[0])), Vec::<String>::new());
    assert!(!done.contains("NOT on paper"), "{done}");
    // Now everything is there and nothing is shown again.
    firm.later(120);
    firm.done(&["snapshot", "--quiet"]);
    let again = firm.done(&["break-glass", "create"]);
    assert!(again.contains("nothing was changed"), "{again}");
    assert_eq!(firm.tenant.sheets(), Vec::<String>::new());
}

/// A run that is killed between making an account and showing its password, at every moment.
#[test]
fn killed_before_it_printed_an_account_is_named_and_its_password_replaced() {
    for (write, kill) in
        [(1, Kill::At), (1, Kill::After), (2, Kill::At), (4, Kill::Before), (7, Kill::At)]
    {
        let firm = Firm::new();
        firm.tenant.plan(write, Planned::Kill(kill));
        firm.agree(4);
        let ended = firm.end(&["break-glass", "create"]);
        assert!(matches!(ended, Ended::Killed(_)), "write {write} {kill:?}");
        assert_eq!(firm.tenant.sheets(), Vec::<String>::new());
        firm.later(20 * 60);
        // It goes on; what was made before has a password that nobody knows.
        (0..4).for_each(|_| firm.tenant.answer("printed"));
        let told = firm.ends(5, &["break-glass", "create"]);
        let shown: Vec<String> =
            firm.tenant.sheets().iter().map(|it| account(it).to_owned()).collect();
        let lost: Vec<String> = [ALPHA, BRAVO]
            .map(|it| firm.full(it))
            .into_iter()
            .filter(|name| !shown.contains(name))
            .collect();
        assert!(!lost.is_empty(), "write {write} {kill:?}: {told}");
        for name in &lost {
            let flat = told.split_whitespace().collect::<Vec<_>>().join(" ");
            let line = format!("Nobody has the password of {name}");
            assert!(flat.contains(&line), "write {write} {kill:?}: {told}");
        }
        firm.name_accounts();
        firm.may_reset();
        firm.later(120);
        firm.done(&["snapshot", "--quiet"]);
        for (number, name) in (1..).zip(&lost) {
            firm.agree(2);
            let code = if number == lost.len() { 0 } else { 5 };
            firm.ends(code, &["break-glass", "sheet", name]);
            let sheets = firm.tenant.sheets();
            assert_eq!(sheets.len(), 2);
            assert_eq!(leaks(&firm, &password(&sheets[0])), Vec::<String>::new());
            firm.later(120);
        }
        firm.done(&["snapshot", "--quiet"]);
        let again = firm.done(&["break-glass", "create"]);
        assert!(again.contains("nothing was changed"), "{again}");
    }
}

#[test]
fn another_password_makes_the_old_sheets_worth_nothing() {
    let firm = Firm::new();
    firm.created();
    firm.may_reset();
    let alpha = firm.full(ALPHA);
    firm.tenant.answer(&firm.domain());
    firm.answer(&["no", "no", "no"]);
    firm.ends(5, &["break-glass", "sheet", &alpha]);
    let ran = firm.ran(&["break-glass", "test", "--json", "--quiet"]);
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(document["not_on_paper"], serde_json::json!([alpha]));
    let places = |name: &str| {
        let sheets = document["sheets"].as_array().unwrap();
        let is_it = |it: &&serde_json::Value| it["account"]["user_principal_name"] == name;
        sheets.iter().find(is_it).unwrap()["places"].as_array().unwrap().len()
    };
    assert_eq!((places(&alpha), places(&firm.full(BRAVO))), (0, 2));
}

#[test]
fn a_sheet_is_for_a_named_account_only() {
    let firm = Firm::new();
    firm.created();
    let now = firm.tenant.now();
    let somebody = firm.tenant.with(|it| {
        let users = &twin::documents::Collection::Users;
        it.world.item(users, 0, now).unwrap()["userPrincipalName"].as_str().unwrap().to_owned()
    });
    firm.may_reset();
    let told = firm.ends(1, &["break-glass", "sheet", &somebody]);
    assert!(told.contains("not one of the break-glass accounts"), "{told}");
    let told = firm.ends(1, &["break-glass", "sheet", "nobody@ne.example"]);
    assert!(told.contains("no file tells the object id"), "{told}");
    assert_eq!(firm.tenant.sheets(), Vec::<String>::new());
    // A page to try the printer changes nothing and holds no password.
    firm.tenant.answer("");
    firm.done(&["break-glass", "sheet", "--blank"]);
    let blank = firm.tenant.sheets();
    assert_eq!(blank.len(), 1);
    assert!(blank[0].contains("a page to try the printer"), "{}", blank[0]);
}

#[test]
fn the_runbook_undoes_a_policy_and_holds_no_secret() {
    let firm = Firm::new();
    let sheets = firm.created();
    firm.done(&["break-glass", "runbook"]);
    let page = fs::read_to_string(firm.path("break-glass-runbook.html")).unwrap();
    for part in ["https://entra.microsoft.com", ALPHA, BRAVO, "Temporary Access Pass", "Safe B"] {
        assert!(page.contains(part), "{part}");
    }
    for sheet in &sheets {
        assert!(!page.contains(&password(sheet)));
    }
    assert!(!page.contains(SECRET) && !page.contains("<script"));
}

#[test]
fn the_alarm_is_written_with_the_ids_of_this_tenant() {
    let firm = Firm::new();
    let told = firm.ends(1, &["break-glass", "watch"]);
    assert!(told.contains("no break-glass account is named"), "{told}");
    firm.created();
    let told = firm.done(&["break-glass", "watch", "--out", "alerts"]);
    assert!(told.contains("az deployment group create"), "{told}");
    let now = firm.tenant.now();
    let template = fs::read_to_string(firm.path("alerts/break-glass-alerts.json")).unwrap();
    let template: serde_json::Value = serde_json::from_str(&template).unwrap();
    let first = &template["resources"][0]["properties"];
    assert_eq!(
        (first["severity"].as_u64(), first["evaluationFrequency"].as_str()),
        (Some(0), Some("PT5M"))
    );
    let sign_ins = fs::read_to_string(firm.path("alerts/break-glass-A-sign-in.kql")).unwrap();
    let changes = fs::read_to_string(firm.path("alerts/break-glass-B-changed.kql")).unwrap();
    for name in [ALPHA, BRAVO] {
        let users = twin::documents::Collection::Users;
        let id = firm.tenant.with(|it| act::named(&it.world, &users, name, now));
        assert!(sign_ins.contains(&id) && changes.contains(&id), "{id}");
    }
    let group = firm.tenant.with(|it| {
        let groups = twin::documents::Collection::Groups;
        act::named(&it.world, &groups, "CA - Excluded emergency accounts", now)
    });
    assert!(changes.contains(&group));
    assert!(first["criteria"]["allOf"][0]["query"].as_str().unwrap().contains("UserId in~"));
    for letter in ["C-policy", "D-silence"] {
        assert!(firm.path(&format!("alerts/break-glass-{letter}.kql")).is_file());
    }
}

#[test]
fn a_test_is_announced_before_it_begins_and_proves_account_by_account() {
    let firm = Firm::new();
    firm.created();
    let told = firm.ends(3, &["break-glass", "test"]);
    assert!(told.contains("no sign-in of the account is seen"), "{told}");
    let early = (firm.tenant.now() - jiff::SignedDuration::from_hours(2)).to_string();
    let late = firm
        .ends(1, &["break-glass", "test", "--announce", "--by", "Ann Archer", "--from", &early]);
    assert!(late.contains("is not excused afterwards"), "{late}");
    let told = firm.done(&["break-glass", "test", "--announce", "--by", "Ann Archer, IT lead"]);
    assert!(told.contains("Announced: T-001"), "{told}");
    let names = [ALPHA, BRAVO].map(|it| firm.full(it));
    // Keys are registered by the accounts themselves; then each signs in.
    for name in &names {
        firm.later(60);
        let at = firm.tenant.now();
        assert!(firm.tenant.with(|it| it.world.ask_to_register(name, at)));
        firm.later(600);
        let at = firm.tenant.now();
        assert!(firm.tenant.with(|it| it.world.ask_to_sign_in(name, Device::Unenrolled, at)));
    }
    firm.later(3 * 3600);
    firm.done(&["snapshot", "--quiet"]);
    let watched = firm.ran(&["break-glass", "watch", "--json", "--quiet"]);
    let document: serde_json::Value = serde_json::from_str(&watched.stdout).unwrap();
    assert_eq!(document["schema"], "lockstep.break-glass-watch/1");
    assert!(document["planned"].as_array().unwrap().len() >= 2, "{document}");
    assert_eq!(document["critical"].as_array().unwrap().len(), 0, "{document}");
    // After the test every sign-in is an alarm.
    let at = firm.tenant.now();
    assert!(firm.tenant.with(|it| it.world.ask_to_sign_in(&names[1], Device::Unenrolled, at)));
    firm.later(3 * 3600);
    firm.done(&["snapshot", "--quiet"]);
    let told = firm.ends(3, &["break-glass", "watch"]);
    assert!(told.contains("CRITICAL: ") && told.contains("outside every announced test"), "{told}");
    assert!(told.contains(" success ") && told.contains("(T-001)"), "{told}");
    firm.is_told_by_mail_once();
    let ran = firm.ran(&["break-glass", "test", "--json", "--quiet"]);
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(document["schema"], "lockstep.break-glass-test/1");
    let accounts = document["proof"]["accounts"].as_array().unwrap();
    assert_eq!(accounts.len(), 2, "{document}");
    assert_eq!(document["sheets"].as_array().unwrap().len(), 2, "{document}");
}

#[test]
fn where_a_password_is_enough_it_is_said_why_and_the_public_cloud_refuses_it() {
    let mode = "\n[break_glass]\nmode = \"password-only\"\nplaces = [\"Vault\"]\n";
    let firm = Firm::in_cloud("usgov", mode);
    firm.agree(2);
    let told = firm.done(&["break-glass", "create"]);
    assert!(told.contains("Now the proof: a password alone does, here"), "{told}");
    let sheets = firm.tenant.sheets();
    assert_eq!(sheets.len(), 2, "one place");
    assert!(sheets[0].contains("the password alone signs in"), "{}", sheets[0]);
    let text = fs::read_to_string(firm.path("lockstep.toml")).unwrap();
    fs::write(firm.path("lockstep.toml"), text.replace("usgov", "global")).unwrap();
    let told = firm.ends(1, &["break-glass", "create"]);
    assert!(told.contains("does not work in the public cloud"), "{told}");
}
