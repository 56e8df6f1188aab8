//! Runs a script and compares what came of it.
//!
//! A line is a command. Lines that begin with `|` belong to the command before them, `#` is a comment.
//!
//! ```text
//! tenant ne --seed 7 --people 40 --day 0 [--at TIME] [--registered 82%] [--nobody-registers]
//! as in NAME                     everything of NAME.part, quietly
//! workspace                      settings as the operator of the firm would write them
//! append FILE | write FILE       the lines below, into a file of the workspace
//! below LINE in FILE             the lines below, after that line of a file
//! advance 3d | advance 2h        time passes, people live on
//! at 09:30                       the next time it is half past nine in London
//! fault throttle 30% | fault … | fault none
//! stop at write 3                the operator presses Ctrl-C while that write is on its way
//! kill at write 3                the run is killed (before, at, after) the third write
//! at write 2: COMMAND            something happens before the second write leaves
//! answer TEXT                    what is answered to the next question
//! i am NAME                      who starts the next commands
//! someone edits CA001 {"state": "disabled"}       and more of other people's doing, in `act`
//! lockstep VERB …                how it ended and what it printed
//! quietly lockstep VERB …        only how it ended
//! gates of the plan              as the plan has them that was written last
//! twin policies                  and more about the tenant, in `told`
//! ```

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use tempfile::TempDir;
use twin::world::Behaviour;
use twin::{Scenario, World};

use crate::tenant::{APP, Ended, Kill, Planned, ROOT, SECRET, Tenant};
use crate::transcript::{Names, indented};
use crate::{act, told};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts")
}

#[expect(clippy::disallowed_methods, reason = "how the developer asks for new outputs")]
fn updates() -> bool {
    std::env::var("LOCKSTEP_SCRIPTS").is_ok_and(|it| it == "update")
}

/// Every script is run, and has its output.
pub(crate) fn complete(known: &[&str]) {
    let files = std::fs::read_dir(folder()).unwrap().map(|it| it.unwrap().path());
    let mut found: Vec<PathBuf> =
        files.filter(|it| it.extension().is_none_or(|it| it != "part")).collect();
    found.sort();
    let mut expected: Vec<PathBuf> = (known.iter())
        .flat_map(|name| ["out", "txt"].map(|it| folder().join(name).with_extension(it)))
        .collect();
    expected.sort();
    assert_eq!(found, expected, "a script, its output, and its line in `scripts!`");
}

/// Runs a script and compares.
pub(crate) fn check(name: &str) {
    let path = folder().join(name).with_extension("txt");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut stage = Stage::new();
    stage.play(&text);
    let came = stage.end();
    // Each of these tenants has a sign-in log.
    let flat: Vec<&str> = came.split_whitespace().filter(|it| *it != "!").collect();
    assert!(!flat.join(" ").contains("people notice it cannot be said"), "{name}");
    let output = path.with_extension("out");
    if updates() {
        std::fs::write(&output, came).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&output)
        .unwrap_or_else(|error| panic!("{}: {error}; {HOW}", output.display()));
    if let Some((line, (was, is))) = difference(&expected, &came) {
        panic!("{name}.out line {line}\n  was: {was}\n  is:  {is}\n{HOW}");
    }
}

const HOW: &str =
    "LOCKSTEP_SCRIPTS=update cargo nextest run -p lockstep --test operator writes outputs anew";

fn difference<'a>(was: &'a str, is: &'a str) -> Option<(usize, (&'a str, &'a str))> {
    let ended = std::iter::repeat("(the end)");
    let count = was.lines().count().max(is.lines().count());
    let pairs = was.lines().chain(ended.clone()).zip(is.lines().chain(ended)).take(count);
    (1..).zip(pairs).find(|(_, (was, is))| was != is)
}

/// Where a script is played.
pub(crate) struct Stage {
    folder: TempDir,
    tenant: Option<Tenant>,
    names: Names,
    out: String,
    /// How the last run of lockstep ended; `None`: killed.
    code: Option<u8>,
    /// The command that it named as the next.
    next: Option<String>,
    panicked: bool,
}

/// How far a stage has come, to begin others with.
pub(crate) struct Checkpoint {
    folder: TempDir,
    world: World,
    now: Timestamp,
}

fn scratch() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).unwrap();
        }
    }
}

impl Stage {
    pub(crate) fn new() -> Self {
        let folder = scratch();
        let mut names = Names::default();
        names.folder(folder.path(), "WORKSPACE");
        Self {
            folder,
            tenant: None,
            names,
            out: String::new(),
            code: None,
            next: None,
            panicked: false,
        }
    }

    /// A stage that begins where another was.
    pub(crate) fn of(checkpoint: &Checkpoint) -> Self {
        let mut stage = Self::new();
        copy(checkpoint.folder.path(), stage.folder.path());
        let tenant = Tenant::new(checkpoint.world.clone(), checkpoint.now);
        // No two things happen at one instant: which came first is told by the time alone.
        tenant.takes(SignedDuration::from_millis(1));
        stage.tenant = Some(tenant);
        stage
    }

    pub(crate) fn checkpoint(&self) -> Checkpoint {
        let folder = scratch();
        copy(self.folder.path(), folder.path());
        let world = self.tenant().with(|it| it.world.clone());
        Checkpoint { folder, world, now: self.tenant().now() }
    }

    /// How the last run of lockstep ended; `None`: killed.
    pub(crate) fn code(&self) -> Option<u8> {
        self.code
    }

    /// The command that the last run of lockstep named as the next.
    pub(crate) fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }

    pub(crate) fn panicked(&self) -> bool {
        self.panicked
    }

    /// The document a command prints.
    pub(crate) fn json(&mut self, line: &str) -> serde_json::Value {
        let words = words(line);
        let Ended::Ran(ran) = self.tenant().run(self.folder.path(), &words[1..]) else {
            panic!("{line} did not end");
        };
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout))
    }

    pub(crate) fn play(&mut self, text: &str) {
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            if line.trim().is_empty() || line.starts_with('#') {
                let _ = writeln!(self.out, "{}", line.trim_end());
                continue;
            }
            let mut body = String::new();
            while let Some(more) = lines.next_if(|it| it.starts_with('|')) {
                body.push_str(more.trim_start_matches('|').trim_start_matches(' '));
                body.push('\n');
            }
            let _ = writeln!(self.out, "> {line}");
            if !body.is_empty() {
                self.out.push_str(&indented(&body, "| "));
            }
            let meant = self.names.meant(line);
            let told = self.command(&meant, &body);
            self.out.push_str(&self.names.told(&told));
        }
    }

    /// What was said so far.
    pub(crate) fn told(&self) -> &str {
        &self.out
    }

    pub(crate) fn end(self) -> String {
        let mut out = self.out;
        if let Some(service) = self.tenant.and_then(|it| it.end()) {
            for broken in told::broken_rules(&service) {
                let _ = writeln!(out, "BROKEN RULE {broken}");
            }
        }
        out
    }

    pub(crate) fn tenant(&self) -> &Tenant {
        self.tenant.as_ref().expect("a script begins with `tenant`")
    }

    fn command(&mut self, line: &str, body: &str) -> String {
        let words = words(line);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["tenant", "ne", options @ ..] => self.new_tenant(options),
            ["workspace"] => self.workspace(),
            ["as", "in", name] => self.as_in(name),
            ["write", file] => {
                std::fs::write(self.folder.path().join(file), body).unwrap();
                String::new()
            }
            ["append", file] => {
                let path = self.folder.path().join(file);
                let before = std::fs::read_to_string(&path).unwrap_or_default();
                std::fs::write(path, before + body).unwrap();
                String::new()
            }
            ["below", after, "in", file] => {
                let path = self.folder.path().join(file);
                let before = std::fs::read_to_string(&path).unwrap();
                let line = format!("{after}\n");
                assert!(before.contains(&line), "{file} has no line {after}");
                std::fs::write(path, before.replacen(&line, &(line.clone() + body), 1)).unwrap();
                String::new()
            }
            ["show", file] => {
                indented(&std::fs::read_to_string(self.folder.path().join(file)).unwrap(), "  ")
            }
            ["advance", time] => {
                self.turn(self.tenant().now() + duration(time));
                self.time()
            }
            ["at", time] => {
                self.turn(next_time(self.tenant().now(), time.parse().unwrap()));
                self.time()
            }
            ["fault", rest @ ..] => {
                self.tenant().with(|it| act::fault(it, rest));
                String::new()
            }
            ["kill", when, "write", number] => {
                let kill = match *when {
                    "before" => Kill::Before,
                    "at" => Kill::At,
                    "after" => Kill::After,
                    other => panic!("kill {other}"),
                };
                self.tenant().plan(number.parse().unwrap(), Planned::Kill(kill));
                String::new()
            }
            ["at", "write", number, _, ..] if number.ends_with(':') => {
                let then = line.split_once(':').unwrap().1.trim().to_owned();
                let folder = self.folder.path().to_owned();
                let what = move |tenant: &Tenant| meanwhile(tenant, &folder, &then);
                let number = number.trim_end_matches(':').parse().unwrap();
                self.tenant().plan(number, Planned::Meanwhile(Box::new(what)));
                String::new()
            }
            ["stop", "at", "write", number] => {
                self.tenant().stop_at(number.parse().unwrap());
                String::new()
            }
            ["answer", rest @ ..] => {
                self.tenant().answer(&rest.join(" "));
                String::new()
            }
            ["i", "am", name] => {
                self.tenant().user_is(name);
                String::new()
            }
            ["lockstep", arguments @ ..] => self.lockstep(arguments),
            ["quietly", "lockstep", arguments @ ..] => {
                let told = self.lockstep(arguments);
                told.lines().last().map(|it| format!("{it}\n")).unwrap_or_default()
            }
            ["gates", "of", "the", "plan"] => indented(&self.gates_of_the_plan(), "  "),
            ["twin", question @ ..] => indented(&told::told(self.tenant(), question), "  "),
            _ => {
                let tenant = self.tenant().clone();
                act::act(&tenant, line, &words);
                String::new()
            }
        }
    }

    /// How the plan that was written last has its gates.
    fn gates_of_the_plan(&self) -> String {
        let file = self.folder.path().join("plan/plan.json");
        let plan: serde_json::Value =
            serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let line = |gate: &serde_json::Value| {
            let [id, today, why] = ["id", "today", "why"].map(|key| gate[key].as_str().unwrap());
            format!("{id} {today}: {why}")
        };
        plan["gates"].as_array().unwrap().iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// Plays a beginning that several scripts share, and tells only what did not end well.
    fn as_in(&mut self, name: &str) -> String {
        let text = std::fs::read_to_string(folder().join(name).with_extension("part")).unwrap();
        let before = std::mem::take(&mut self.out);
        self.play(&text);
        let after = std::mem::replace(&mut self.out, before);
        let mut told = String::new();
        let mut command = "";
        for line in after.lines() {
            if let Some(line) = line.strip_prefix("> ") {
                command = line;
            }
            let expected = ["exit 0", "exit 2", "exit 3"].iter().any(|it| line.contains(it));
            if line.starts_with("  = ") && !expected {
                let _ = writeln!(told, "  {command}\n  {line}");
            }
        }
        told + &self.time()
    }

    fn turn(&self, to: Timestamp) {
        self.tenant().turn_to(to);
    }

    fn time(&self) -> String {
        let london = TimeZone::get("Europe/London").unwrap();
        let now = self.tenant().now().to_zoned(london);
        indented(&now.strftime("It is %A, %-d %B %Y, %H:%M in London.").to_string(), "  ")
    }

    fn new_tenant(&mut self, options: &[&str]) -> String {
        let mut scenario = Scenario {
            people: 40,
            seed: 7,
            now: "2026-11-23T09:00:00Z".parse().unwrap(),
            day: 0,
            history_days: 31,
        };
        let mut numbers = Vec::new();
        let mut left = options.iter();
        while let Some(option) = left.next() {
            let mut value = || *left.next().expect("a value");
            match *option {
                "--seed" => scenario.seed = value().parse().unwrap(),
                "--people" => scenario.people = value().parse().unwrap(),
                "--day" => scenario.day = value().parse().unwrap(),
                "--history" => scenario.history_days = value().parse().unwrap(),
                "--at" => scenario.now = value().parse().unwrap(),
                "--registered" => {
                    let share: u64 = value().trim_end_matches('%').parse().unwrap();
                    numbers.push(("capable", share * 10));
                }
                "--nobody-registers" => numbers.extend(NOBODY.map(|it| (it, 0))),
                other => panic!("tenant {other}"),
            }
        }
        let world = World::with_behaviour(&scenario, act::behaviour(&numbers));
        self.tenant = Some(Tenant::new(world, scenario.now));
        let path = self.folder.path().join("client-secret.txt");
        std::fs::write(&path, SECRET).unwrap();
        let mut rights = std::fs::metadata(&path).unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut rights, 0o600);
        std::fs::set_permissions(&path, rights).unwrap();
        self.time()
    }

    fn workspace(&self) -> String {
        let tenant = self.tenant();
        let now = tenant.now();
        let notes = tenant.with(|it| it.world.notes(now));
        let text = act::settings(&notes, (ROOT, APP));
        std::fs::write(self.folder.path().join("lockstep.toml"), &text).unwrap();
        String::new()
    }

    fn lockstep(&mut self, arguments: &[&str]) -> String {
        let arguments: Vec<String> = arguments.iter().map(|it| (*it).to_owned()).collect();
        let ended = self.tenant().run(self.folder.path(), &arguments);
        self.panicked = matches!(ended, Ended::Panicked);
        self.code = match &ended {
            Ended::Ran(ran) => Some(ran.status.code()),
            Ended::Killed(_) | Ended::Panicked => None,
        };
        self.next = match &ended {
            Ended::Ran(ran) => ran.stdout.lines().last().and_then(|it| it.strip_prefix("Next: ")),
            Ended::Killed(_) | Ended::Panicked => None,
        }
        .map(str::to_owned);
        how_it_ended(self.tenant(), &ended)
    }
}

/// Ways in which people register by themselves.
const NOBODY: [&str; 5] =
    ["completes_hard", "completes_skippable", "comms_brisk", "comms_slow", "completes_in_campaign"];

/// What a run printed, and how it ended.
fn how_it_ended(tenant: &Tenant, ended: &Ended) -> String {
    let (asked, unasked) = tenant.conversation();
    let mut told = String::new();
    match ended {
        Ended::Ran(ran) => {
            told.push_str(&indented(&ran.stdout, "  "));
            told.push_str(&indented(&ran.stderr, "  ! "));
            asked.iter().for_each(|it| told.push_str(&indented(it, "  ? ")));
            let (code, meaning) = (ran.status.code(), ran.status.meaning());
            let _ = writeln!(told, "  = exit {code}: {}", meaning.replace(" (`plan --check`)", ""));
        }
        Ended::Killed(what) => {
            asked.iter().for_each(|it| told.push_str(&indented(it, "  ? ")));
            let _ = writeln!(told, "  = killed {what}");
        }
        Ended::Panicked => told.push_str("  = PANICKED\n"),
    }
    if unasked > 0 {
        let _ = writeln!(told, "  = {unasked} answers that nobody asked for");
    }
    if tenant.forget_planned() > 0 {
        told.push_str("  = that write never came\n");
    }
    told
}

/// What somebody does while a run is under way.
fn meanwhile(tenant: &Tenant, folder: &Path, line: &str) {
    let words = words(line);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["lockstep", arguments @ ..] => {
            let arguments: Vec<String> = arguments.iter().map(|it| (*it).to_owned()).collect();
            // What it says is told by what it does to the tenant.
            let _ = tenant.run_elsewhere(folder, &arguments);
        }
        _ => act::act(tenant, line, &words),
    }
}

/// The words of a line; quotes keep words together, a brace begins the rest.
pub(crate) fn words(line: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let (mut quoted, mut deep) = (false, 0_u32);
    for character in line.trim().chars() {
        match character {
            '{' => deep += 1,
            '}' => deep = deep.saturating_sub(1),
            _ => {}
        }
        match character {
            '"' if deep == 0 => quoted = !quoted,
            ' ' if !quoted && deep == 0 => all.push(String::new()),
            other => all.last_mut().unwrap().push(other),
        }
    }
    all.retain(|it| !it.is_empty());
    all
}

fn duration(text: &str) -> SignedDuration {
    let (number, unit) = text.split_at(text.len() - 1);
    let number: i64 = number.parse().unwrap();
    match unit {
        "d" => SignedDuration::from_hours(number * 24),
        "h" => SignedDuration::from_hours(number),
        "m" => SignedDuration::from_mins(number),
        "s" => SignedDuration::from_secs(number),
        other => panic!("advance {other}"),
    }
}

fn next_time(now: Timestamp, time: Time) -> Timestamp {
    let here = now.to_zoned(TimeZone::get("Europe/London").unwrap());
    let today = here.with().time(time).build().unwrap();
    let next = if today.timestamp() > now { today } else { today + 1.day() };
    next.timestamp()
}

/// The numbers of the shipped behaviour, some of them others.
pub(crate) fn shipped() -> &'static str {
    include_str!("../../../twin/behaviour.toml")
}

/// Whether numbers can be read.
pub(crate) fn read(text: &str) -> Behaviour {
    Behaviour::read(text).unwrap()
}
