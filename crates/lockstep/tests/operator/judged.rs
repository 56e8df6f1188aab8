//! A seed while it is played, judged from the tenant's side.
//!
//! What was written is taken from the tenant's request log; what was confirmed, from the change set as
//! it was shown to whoever said yes. lockstep's own journal is only held against them.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use twin::checker::{self, Came, Confirmed, Intended, Rules};

use crate::coverage::Coverage;
use crate::drawn::{AS_TOLD, UNLESS_WELL, is_of_somebody_else};
use crate::script::Stage;

/// How long lockstep gives a new object to be shown, unless it is told otherwise.
const WINDOW: SignedDuration = SignedDuration::from_secs(120);

/// A seed on its way.
pub(crate) struct Judged {
    pub(crate) stage: Stage,
    pub(crate) coverage: Coverage,
    pub(crate) broken: Vec<String>,
    began: Timestamp,
    /// The tenant was changed by somebody else.
    others_acted: bool,
    /// A run's clock stood still while something else happened.
    clock_stood: bool,
    kills: usize,
    /// How the last run that wrote for a set ended: well, or not.
    interrupted: BTreeMap<String, bool>,
}

fn purpose(set: &Value) -> &str {
    let purpose = &set["purpose"];
    purpose.as_str().unwrap_or(if purpose["rollback"].is_object() { "rollback" } else { "?" })
}

/// Whether a command changes the tenant.
fn changes(command: &str) -> bool {
    ["lockstep apply", "lockstep rollback"].iter().any(|it| command.starts_with(it))
}

/// The set that is taken back.
fn taken_back(set: &Value) -> Option<&str> {
    set["purpose"]["rollback"]["of"].as_str()
}

impl Judged {
    pub(crate) fn new(stage: Stage) -> Self {
        let began = stage.tenant().now();
        Self {
            stage,
            coverage: Coverage::default(),
            broken: Vec::new(),
            began,
            others_acted: false,
            clock_stood: false,
            kills: 0,
            interrupted: BTreeMap::new(),
        }
    }

    /// Plays a line and judges what the run did on the wire.
    pub(crate) fn play(&mut self, line: &str) {
        let line = match line.strip_prefix(UNLESS_WELL) {
            Some(_) if self.stage.code() == Some(0) => return,
            Some(line) => line,
            None => line,
        };
        let told;
        let line = if line == AS_TOLD {
            let Some(next) = self.stage.next().filter(|it| changes(it)) else { return };
            told = format!("{next} --confirm ne.example");
            self.coverage.saw("did as told");
            &told
        } else {
            line
        };
        if line == "fault none" {
            self.stage.tenant().forget_planned();
        }
        self.others_acted |= is_of_somebody_else(line);
        self.clock_stood |= line.starts_with("at write");
        if line.starts_with("at write") {
            let other = if is_of_somebody_else(line) { "somebody else" } else { "another run" };
            self.coverage.saw(format!("{other} at a write"));
        }
        let from = self.stage.tenant().with(|it| it.log.entries.len());
        let confirmed = self.stage.tenant().confirmed().len();
        let told = self.stage.told().len();
        self.stage.play(line);
        if !line.starts_with("lockstep") {
            return;
        }
        if self.stage.panicked() {
            self.broken.push(format!("`{line}` panicked"));
        }
        let run = self.stage.tenant().seen_since(from);
        let early = checker::too_early(&run, &Rules::default());
        let twice = checker::written_twice(&run);
        self.broken.extend(early.iter().chain(&twice).map(ToString::to_string));
        if let Some(asked) = self.stage.tenant().asked_to_stop() {
            let begun = checker::after_stop(&run, asked);
            self.broken.extend(begun.iter().map(ToString::to_string));
            self.coverage.saw("stopped");
            if self.stage.code() == Some(5) {
                self.coverage.saw("stopped with something left");
            }
        }
        if self.stage.code() == Some(6) && self.stage.tenant().confirmed().len() == confirmed {
            self.coverage.saw("not confirmed");
        }
        let wrote = run.entries.iter().any(|it| it.applied);
        let takes_back = self.stage.told().get(told..).is_some_and(|it| it.contains("Take back"));
        self.ended(wrote, takes_back);
    }

    /// What a run did for the set it was about. `takes_back`: it spoke of a way back. One that was
    /// refused before its first write is not gone on with by a run that names no set.
    fn ended(&mut self, wrote: bool, takes_back: bool) {
        let kills = self.stage.tenant().kills();
        let confirmed = self.stage.tenant().confirmed();
        let killed = kills.len() > self.kills;
        self.kills = kills.len();
        let Some(last) = confirmed.last() else { return };
        let original =
            taken_back(&last.set).and_then(|of| confirmed.iter().find(|it| it.id() == of));
        let what = purpose(&last.set);
        if killed {
            self.coverage.saw(format!("killed in {what}"));
            self.coverage.saw(format!("killed {:?}", kills[kills.len() - 1]));
        }
        let was_interrupted = self.interrupted.get(last.id()).copied().unwrap_or_default();
        if self.stage.code() != Some(0) {
            if wrote || killed {
                self.coverage.saw(format!("interrupted {what}"));
                self.interrupted.insert(last.id().to_owned(), true);
            }
            return;
        }
        if was_interrupted {
            self.coverage.saw(format!("resumed {what}"));
            self.interrupted.insert(last.id().to_owned(), false);
        }
        if wrote {
            self.coverage.saw(format!("applied {what}"));
        }
        if let Some(original) = original.filter(|_| wrote || was_interrupted || takes_back) {
            self.restored(&original.clone(), last, wrote);
        }
    }

    /// After the way back of a set that was confirmed under this seed, everything is as it was before.
    fn restored(&mut self, original: &Confirmed, back: &Confirmed, wrote: bool) {
        if wrote {
            self.coverage.saw(format!("rolled back {}", purpose(&original.set)));
        }
        let mut between = self.stage.tenant().confirmed().into_iter();
        let only_these = between.all(|it| {
            it.after < original.after || it.id() == original.id() || it.id() == back.id()
        });
        let no_way = |it: &Value| it["inverse"]["Err"].is_object();
        let stays = original.set["changes"].as_array().is_some_and(|all| all.iter().any(no_way));
        if self.others_acted || stays || !only_these {
            return;
        }
        self.coverage.saw("restored");
        let now = self.stage.tenant().now();
        let differs = self.stage.tenant().with(|service| {
            service.world.advance(now);
            checker::not_restored(&service.world, original.at, now)
        });
        self.broken.extend(differs.iter().map(ToString::to_string));
    }

    /// The whole run, from the tenant's side. `forget`: how many of the confirmations are not told to
    /// the judge, who is then to find that something was written outside of every plan.
    pub(crate) fn judge(&mut self, forget: usize) {
        self.stage.play("lockstep journal verify");
        if self.stage.code() != Some(0) {
            self.broken.push("the journal does not verify".to_owned());
        }
        let journal = self.stage.json("lockstep journal show --json");
        let journal = intended(&journal, self.began, !self.clock_stood);
        let tenant = self.stage.tenant().clone();
        let mut confirmed = tenant.confirmed();
        confirmed.truncate(confirmed.len().saturating_sub(forget));
        let (broken, coverage) = (&mut self.broken, &mut self.coverage);
        tenant.with(|service| {
            let (log, world) = (&service.log, &service.world);
            broken.extend(checker::made_up_links(log).iter().map(ToString::to_string));
            broken.extend(checker::secrets(log, &[]).iter().map(ToString::to_string));
            let (_, outside) = checker::held_against_plan(log, world, &confirmed);
            let all = checker::conduct(log, world)
                .into_iter()
                .chain(checker::left_unprotected(log, world))
                .chain(checker::taken_for_missing(log, WINDOW))
                .chain(outside)
                .chain(checker::held_against_journal(log, world, &journal));
            broken.extend(all.map(|it| it.to_string()));
            for entry in log.entries.iter().filter(|it| it.method != "GET") {
                let Some(fault) = &entry.fault else { continue };
                let name = format!("{fault:?}");
                let name = name.split('(').next().unwrap_or_default();
                coverage.saw(format!("fault {name} on a write"));
            }
        });
    }
}

/// The intents of a journal that were written down under the seed. `exact`: times of the journal are
/// those of the log.
fn intended(journal: &Value, began: Timestamp, exact: bool) -> Vec<Intended> {
    let entries = journal["entries"].as_array().expect("entries of the journal");
    let time = |it: &Value| it["time"].as_str().unwrap().parse::<Timestamp>().unwrap();
    let intents = entries.iter().filter(|it| it["kind"] == "intent" && time(it) >= began);
    let read = intents.map(|intent| {
        let outcome = entries.iter().find(|it| it["outcome_of"] == intent["number"]);
        let came = match outcome.map(|it| &it["payload"]) {
            None => Came::Open,
            Some(it) if it["ended"] == "not-done" => Came::NotDone,
            Some(it) if it["ended"] == "not-seen" => Came::Open,
            Some(it) => Came::Done { sent: it["sent"].as_u64().unwrap_or_default() },
        };
        Intended {
            number: intent["number"].as_u64().unwrap(),
            at: time(intent),
            until: outcome.filter(|_| exact).map(time),
            edit: intent["payload"]["edit"].clone(),
            came,
        }
    });
    read.collect()
}
