//! What the firm's team did until today: the commands they would have typed, each at its time.
//!
//! Nothing of it is written down in advance but who tries what, and when. The tenant answers, gates are
//! asked, guards may refuse; what a person states is stated only where the tenant shows it, or where no
//! tenant could.

mod team;

use std::path::{Path, PathBuf};
use std::rc::Rc;

use jiff::civil::{Date, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use rollout::engine::{Criterion, GateId, State, Waived, Waiver};
use rollout::plan::{BREAK_GLASS_GROUP, GateState};
use serde_json::{Value, json};
use twin::documents::Collection;
use twin::world::{Change, Device, Initiator};

use self::team::Team;
use super::settings_file::{self, Written};
use super::tenant::Running;
use super::{TIME_ZONE, workspace};
use crate::arguments::Format;
use crate::cli::outcome_of;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::operator::Operator;
use crate::progress::Spinner;
use crate::settings::Settings;
use crate::surroundings::Surroundings;
use crate::terminal;
use crate::workspace::Place;

/// No deed takes longer. One that would not be over by now is not begun.
const LASTS: SignedDuration = SignedDuration::from_mins(30);
/// How long it takes to read a change set and confirm it.
const BETWEEN: SignedDuration = SignedDuration::from_mins(2);

/// Something the team does.
type Deed = fn(&mut History) -> Result<(), CommandError>;

/// Day of the rollout, hour and minute where the firm is, and what is done then.
const DEEDS: &[(u32, i8, i8, Deed)] = &[
    (1, 9, 5, History::agree),
    (1, 9, 30, History::make_accounts),
    (1, 10, 30, History::register_keys),
    (1, 11, 30, History::find_owners),
    (1, 13, 0, History::end_shared_logins),
    (1, 14, 0, History::approve_texts),
    (2, 9, 0, History::look),
    (2, 9, 10, History::carry_out),
    (2, 9, 45, History::look),
    (2, 10, 0, History::announce_test),
    (2, 10, 10, History::first_account),
    (2, 10, 20, History::second_account),
    (2, 13, 0, History::state_the_test),
    (2, 13, 30, History::settle_findings),
    (2, 14, 0, History::carry_out),
    (2, 14, 30, History::look),
    (3, 9, 0, History::look),
    (3, 9, 10, History::carry_out),
    (3, 9, 30, History::announce),
    (4, 9, 30, History::look),
    (4, 9, 40, History::ask_for_exceptions),
    (4, 10, 0, History::carry_out),
    (8, 9, 0, History::look),
    (10, 9, 0, History::remind),
    (12, 9, 0, History::write_to_each),
    (12, 14, 0, History::move_the_printers),
    (15, 9, 0, History::call_each),
    (16, 8, 45, History::look),
    (16, 9, 0, History::carry_out),
    (17, 8, 45, History::look),
    (17, 8, 50, History::settle_findings),
    (17, 8, 55, History::look),
    (17, 9, 0, History::carry_out),
    (17, 9, 30, |it| it.pilot_tries(Device::Desktop)),
    (17, 10, 15, |it| it.pilot_tries(Device::Phone)),
    (17, 11, 0, |it| it.pilot_tries(Device::Personal)),
    (17, 11, 45, |it| it.pilot_tries(Device::Unenrolled)),
    (18, 9, 30, History::announce_test),
    (18, 9, 40, History::first_account),
    (18, 9, 50, History::second_account),
    (18, 12, 30, History::state_the_test),
    (19, 9, 0, History::look),
    (19, 9, 10, History::rehearse),
    (19, 14, 0, History::decide),
    (20, 7, 30, History::look),
    (20, 7, 45, History::carry_out),
    (21, 9, 30, History::announce_test),
    (21, 9, 40, History::first_account),
    (21, 9, 50, History::second_account),
    (21, 12, 30, History::state_the_test),
    (22, 9, 0, History::look),
    (23, 8, 30, History::look),
];

/// The criteria about what no export decides.
const FINDINGS: [(GateId, &str); 3] =
    [(GateId::G1, "G1.findings"), (GateId::G5, "G5.findings"), (GateId::G6, "G6.findings")];

/// The first moment anything is done, on the first day, unless that is still to come.
pub(super) fn begins(start: Date, now: Timestamp) -> Timestamp {
    moment(start, 9, 0).min(now)
}

fn moment(date: Date, hour: i8, minute: i8) -> Timestamp {
    let zone = TimeZone::get(TIME_ZONE).unwrap_or(TimeZone::UTC);
    let at = date.to_datetime(time(hour, minute, 0, 0)).to_zoned(zone);
    at.map_or(Timestamp::MAX, |it| it.timestamp())
}

/// The team, its tenant and its workspace.
pub(super) struct History {
    running: Rc<Running>,
    settings: Settings,
    file: PathBuf,
    start: Date,
    /// The day of the demo.
    until: Timestamp,
    team: Team,
    written: Written,
    shown: bool,
}

impl History {
    /// Before anything was done.
    pub(super) fn new(
        running: &Rc<Running>,
        folder: &Path,
        start: Date,
        settings: &Settings,
    ) -> Result<Self, CommandError> {
        let notes = running.ask(|world| world.notes(begins(start, settings.now)));
        let team = Team::of(&notes)?;
        let file = folder.join(workspace::FILE);
        let domain = notes.domain.clone();
        let mut surroundings = Surroundings::default();
        surroundings.answer =
            Some(Rc::new(move |question| Some(answer(question, &domain).to_owned())));
        // The sheets of a made-up firm go to nobody.
        surroundings.sheet = Some(Rc::new(|_| {}));
        let settings_then = Settings {
            format: Format::Json,
            now: begins(start, settings.now),
            quiet: true,
            verbose: false,
            progress: false,
            no_input: false,
            user: team.operator.clone(),
            surroundings,
            folder: folder.to_owned(),
            file: Some(file.clone()),
            ..settings.clone()
        };
        let written =
            Written { mail_from: Some(team.operator_mailbox.clone()), ..Written::default() };
        Ok(Self {
            running: Rc::clone(running),
            settings: settings_then,
            file,
            start,
            until: settings.now,
            team,
            written,
            shown: settings.progress,
        })
    }

    /// Does all that was done by now.
    pub(super) fn until_now(mut self) -> Result<(), CommandError> {
        let spinner = Spinner::new(self.shown);
        for (day, hour, minute, deed) in DEEDS {
            let date = self.start.saturating_add(i64::from(day.saturating_sub(1)).days());
            let at = moment(date, *hour, *minute);
            if at.saturating_add(LASTS).unwrap_or(Timestamp::MAX) > self.until {
                break;
            }
            spinner.say(&format!("day {day} of the rollout"));
            self.turn_to(at.max(self.settings.now));
            deed(&mut self)?;
        }
        self.turn_to(self.until);
        Ok(())
    }

    fn turn_to(&mut self, to: Timestamp) {
        self.settings.now = to.min(self.until);
        self.running.turn_to(self.settings.now);
    }

    /// Runs a command. `None`: it was refused, and the team lets it be.
    fn tried(&self, line: &[&str]) -> Result<Option<Value>, CommandError> {
        let (came, _) = terminal::capture(|| outcome_of(line, &self.settings));
        let outcome = match came {
            Ok(outcome) => outcome,
            Err(error) if matches!(error.status, ExitStatus::Refused | ExitStatus::GateClosed) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        if outcome.status == ExitStatus::Refused {
            return Ok(None);
        }
        Ok(serde_json::from_str(outcome.text()).ok())
    }

    fn run(&self, line: &[&str]) -> Result<Value, CommandError> {
        Ok(self.tried(line)?.unwrap_or_default())
    }

    fn attest(&self, task: &str, by: &str, note: &str) -> Result<(), CommandError> {
        self.run(&["attest", task, "--by", by, "--note", note]).map(drop)
    }

    /// What lockstep remembers.
    fn state(&self) -> Result<State, CommandError> {
        let place = Place::of_workspace(&self.settings)?;
        Ok(Operator::open(&place, &self.settings)?.state)
    }

    /// How a criterion stood when its gate was asked last.
    fn criterion(&self, gate: GateId, id: &str) -> Result<Option<Criterion>, CommandError> {
        let state = self.state()?;
        let record = state.gates.get(&gate);
        Ok(record.and_then(|it| it.criteria.iter().find(|it| it.id == id)).cloned())
    }

    fn write_settings(&self) -> Result<(), CommandError> {
        let now = self.settings.now;
        settings_file::write(&self.file, &self.running, self.start, Some(&self.written), now)
    }

    fn look(&mut self) -> Result<(), CommandError> {
        self.run(&["snapshot"])?;
        // No two downloads are of the same second.
        self.turn_to(self.settings.now.saturating_add(BETWEEN).unwrap_or(Timestamp::MAX));
        Ok(())
    }

    /// Everything that is due and that nothing refuses. A day the calendar speaks against is the
    /// manager's to take, once everything else is as it should be.
    fn carry_out(&mut self) -> Result<(), CommandError> {
        let next = self.run(&["next"])?;
        for set in list(&next, "change_sets") {
            let Some(id) = set.get("id").and_then(Value::as_str) else { continue };
            let apply = ["apply", id, "--confirm", &self.team.domain];
            if self.tried(&apply)?.is_none() && is_refused_for_the_day_alone(set) {
                let until = self.today().to_string();
                let reason = "the day was chosen on purpose: few are at work, and IT is";
                let by = &self.team.manager;
                let waive = ["waive", "good-day", "--by", by, "--reason", reason];
                self.run(&[&waive[..], &["--until", &until]].concat())?;
                self.tried(&apply)?;
            }
            self.turn_to(self.settings.now.saturating_add(BETWEEN).unwrap_or(Timestamp::MAX));
        }
        Ok(())
    }

    fn today(&self) -> Date {
        let zone = TimeZone::get(TIME_ZONE).unwrap_or(TimeZone::UTC);
        self.settings.now.to_zoned(zone).date()
    }

    fn agree(&mut self) -> Result<(), CommandError> {
        self.look()?;
        let start = self.start.to_string();
        let reason = "agreed in the meeting of the management";
        let by = &self.team.manager;
        self.run(&["schedule", "--start", &start, "--by", by, "--reason", reason]).map(drop)
    }

    fn make_accounts(&mut self) -> Result<(), CommandError> {
        // Passwords are for people, never for programs.
        let text = Settings { format: Format::Text, ..self.settings.clone() };
        let line = ["break-glass", "create", "--confirm", &self.team.domain];
        terminal::capture(|| outcome_of(&line, &text)).0?;
        let now = self.settings.now;
        self.written.break_glass =
            self.running.ask(|world| world.members_named(BREAK_GLASS_GROUP, now));
        self.write_settings()
    }

    fn register_keys(&mut self) -> Result<(), CommandError> {
        let now = self.settings.now;
        for account in &self.written.break_glass {
            self.running.act(|world| world.ask_to_register(account, now));
        }
        Ok(())
    }

    fn find_owners(&mut self) -> Result<(), CommandError> {
        let audit = self.run(&["audit", "legacy"])?;
        let due = self.start.saturating_add(11.days());
        let found = list(&audit, "dependencies").iter();
        self.written.legacy = found.filter_map(|it| self.team.decides(it, due)).collect();
        self.write_settings()
    }

    /// What no tenant could show: papers and talks.
    fn approve_texts(&mut self) -> Result<(), CommandError> {
        let Team { manager, lead, second, .. } = &self.team;
        self.attest("P-18", manager, "read all of them; two sentences changed")?;
        self.attest("P-19", lead, "everybody who answers the phone, half an hour, with the guide")?;
        self.attest("P-20", second, "printed, with the sheets in both safes")?;
        self.attest("P-03", lead, "no licence for the rest; we go on without, knowingly")?;
        if self.state()?.sheets.len() >= self.written.break_glass.len() {
            self.attest("P-09", second, "safe A and safe B; the bags are signed by two")?;
        }
        self.attest("P-26", manager, "there is no such body here; the team meeting was told")
    }

    fn announce_test(&mut self) -> Result<(), CommandError> {
        let by = &self.team.second;
        self.run(&["break-glass", "test", "--announce", "--by", by]).map(drop)
    }

    fn first_account(&mut self) -> Result<(), CommandError> {
        self.account_signs_in(0);
        Ok(())
    }

    fn second_account(&mut self) -> Result<(), CommandError> {
        self.account_signs_in(1);
        Ok(())
    }

    fn account_signs_in(&self, number: usize) {
        let now = self.settings.now;
        if let Some(account) = self.written.break_glass.get(number) {
            self.running.act(|world| world.ask_to_sign_in(account, Device::Unenrolled, now));
        }
    }

    /// The third part of the test is a person's word, and the alert's; both only if the log shows the
    /// other two parts, and the sign-ins the alert is about.
    fn state_the_test(&mut self) -> Result<(), CommandError> {
        self.look()?;
        let test = self.run(&["break-glass", "test"])?;
        if word(&test, "/proof/proven/verdict") != Some("passed") {
            return Ok(());
        }
        let second = self.team.second.clone();
        let day = self.today().since(self.start).map_or(0, |it| it.get_days());
        let task = match day {
            ..10 => "P-13",
            10..19 => "L-08",
            _ => "E-06",
        };
        self.attest(task, &second, "each changed the department of its own account, and back")?;
        if self.written.alert_tested.is_none() {
            let watch = self.run(&["break-glass", "watch"])?;
            if list(&watch, "planned").len() >= self.written.break_glass.len() {
                self.written.alert_tested = Some(self.today());
                self.write_settings()?;
                self.attest("P-12", &second, "both sign-ins reached two telephones")?;
            }
        }
        self.look()
    }

    /// Whoever sits at the desk signs in as themselves from now on.
    fn end_shared_logins(&mut self) -> Result<(), CommandError> {
        let now = self.settings.now;
        for login in self.running.ask(|world| world.notes(now).shared_logins) {
            self.switch_off(&login);
        }
        self.look()
    }

    /// Somebody of IT blocks the sign-in of an account.
    fn switch_off(&self, account: &str) {
        let found = self.running.ask(|world| {
            let found = world.find(&Collection::Users, account, self.settings.now)?;
            found.get("id").and_then(Value::as_str).map(str::to_owned)
        });
        if let Some(id) = found {
            self.edits(Collection::Users, id, json!({"accountEnabled": false}));
        }
    }

    fn edits(&self, within: Collection, id: String, patch: Value) {
        let by = Initiator { name: self.team.lead_mailbox.clone(), is_app: false };
        if let Value::Object(patch) = patch {
            let change = Change::Patch(within, id, patch);
            self.running.act(|world| world.change(change, &by, self.settings.now));
        }
    }

    /// The printers send through the relay from the day on that was decided; nothing signs in to their
    /// accounts any more.
    fn move_the_printers(&mut self) -> Result<(), CommandError> {
        for printer in self.written.legacy.iter().filter(|it| Team::is_printer(it)) {
            self.switch_off(&printer.user);
        }
        self.look()
    }

    /// What no export decides was looked at; what was found is not talked away. Of accounts nobody
    /// uses the firm knows whether their people have left.
    fn settle_findings(&mut self) -> Result<(), CommandError> {
        let open = |it: Option<Criterion>| it.map(|it| it.verdict);
        let lead = &self.team.lead;
        let mut unsure = false;
        for (gate, id) in FINDINGS {
            unsure |= open(self.criterion(gate, id)?) == Some(GateState::Inconclusive);
        }
        if unsure {
            self.attest(
                "P-07",
                lead,
                "looked at each that no export decides; none stands against it",
            )?;
        }
        let methods = |it: &Criterion| {
            it.verdict == GateState::Failed
                && ["TN-08", "RG-07"].iter().any(|id| it.why.contains(&format!("first {id}")))
        };
        // What was waived stays failed: it is waived once.
        let of_these = |it: &Waiver| it.what == Waived::Criterion("G1.findings".to_owned());
        let is_waived = self.state()?.waivers_on(self.today()).any(of_these);
        if !is_waived && self.criterion(GateId::G1, "G1.findings")?.as_ref().is_some_and(methods) {
            let until = self.start.saturating_add(30.days()).to_string();
            let reason = "they register another method in these two weeks, each by name";
            let waive = ["waive", "G1.findings", "--by", lead, "--reason", reason];
            self.run(&[&waive[..], &["--until", &until]].concat())?;
        }
        if open(self.criterion(GateId::G1, "G1.break-glass")?) == Some(GateState::Inconclusive) {
            let note = "read back: role, domain, state; no rule or clean-up job reaches them";
            self.attest("P-27", lead, note)?;
        }
        if open(self.criterion(GateId::G1, "G1.dormant")?) == Some(GateState::Failed) {
            let note = "checked against the payroll: all of them have left";
            self.attest("P-36", &self.team.operations, note)?;
        }
        Ok(())
    }

    fn announce(&mut self) -> Result<(), CommandError> {
        self.run(&["message", "send", "announcement", "--to", "all"]).map(drop)
    }

    fn remind(&mut self) -> Result<(), CommandError> {
        self.look()?;
        let stands = self.criterion(GateId::G2, "G2.reminder")?;
        if stands.is_some_and(|it| it.verdict != GateState::Passed) {
            self.run(&["message", "send", "reminder", "--to", "unregistered"])?;
        }
        Ok(())
    }

    fn write_to_each(&mut self) -> Result<(), CommandError> {
        self.look()?;
        self.run(&["message", "send", "personal-note", "--to", "unregistered"]).map(drop)
    }

    /// Whoever is missing is called; why each is missing, the registration report says.
    fn call_each(&mut self) -> Result<(), CommandError> {
        self.look()?;
        let stands = self.criterion(GateId::G4, "G4.names")?;
        if let Some(names) = stands.filter(|it| it.verdict != GateState::Passed) {
            let note = format!(
                "called each of {}, with an appointment for those with no method",
                names.about.len()
            );
            self.attest("R-18", &self.team.second, &note)?;
            self.look()?;
        }
        Ok(())
    }

    /// A program on IMAP gets a path with an end, which two people decide. A director asks to be left
    /// out: nobody has decided that yet.
    fn ask_for_exceptions(&mut self) -> Result<(), CommandError> {
        let Team { lead_mailbox, manager_mailbox, operations_mailbox, finance_mailbox, .. } =
            &self.team;
        let program = self.written.legacy.iter().find(|it| it.client_app == "IMAP4");
        if let Some(program) = program {
            let until = self.start.saturating_add(60.days()).to_string();
            let line = [
                "exception",
                "add",
                &program.user,
                "--client-app",
                "IMAP4",
                "--app",
                "Office 365 Exchange Online",
                "--reason",
                "The ERP imports its mail by IMAP until the supplier's connector is there.",
                "--asked-by",
                operations_mailbox,
                "--owner",
                lead_mailbox,
                "--control",
                "sign-in only from the address of the ERP server",
                "--exit-plan",
                "the supplier's connector over Graph",
                "--until",
                &until,
            ];
            if self.tried(&line)?.is_some() {
                let decide = ["exception", "decide", "EX-001", "--approve", "--by"];
                self.tried(&[&decide[..], &[manager_mailbox]].concat())?;
            }
            let text = "The ERP imports its mail with a stored password; it stops with MFA.";
            let by = &self.team.second;
            self.run(&["issue", "add", "--by", by, "--text", text, "--about", &program.user])?;
        }
        let until = self.start.saturating_add(27.days()).to_string();
        let line = [
            "exception",
            "add",
            finance_mailbox,
            "--app",
            "Office 365",
            "--reason",
            "I travel and cannot carry a second device.",
            "--asked-by",
            finance_mailbox,
            "--owner",
            lead_mailbox,
            "--exit-plan",
            "a security key on the key ring",
            "--control",
            "managed laptop and the addresses of the offices only",
            "--risk-owner",
            manager_mailbox,
            "--until",
            &until,
        ];
        self.tried(&line).map(drop)
    }

    fn pilot_tries(&mut self, with: Device) -> Result<(), CommandError> {
        let now = self.settings.now;
        let group = self.running.ask(|world| {
            let group = world.notes(now).pilot_group;
            world.members_named(group, now)
        });
        for member in group {
            self.running.act(|world| world.ask_to_sign_in(&member, with, now));
        }
        Ok(())
    }

    /// The way back is walked once with the change nobody notices, and forward again.
    fn rehearse(&mut self) -> Result<(), CommandError> {
        let state = self.state()?;
        let campaign = state.sets.values().find(|it| it.of_plan.as_deref() == Some("CS-05"));
        let Some(campaign) = campaign else { return Ok(()) };
        self.tried(&["rollback", &campaign.set, "--confirm", &self.team.domain])?;
        self.look()?;
        self.carry_out()?;
        self.look()
    }

    /// The manager decides with the list at hand, and everybody hears of it.
    fn decide(&mut self) -> Result<(), CommandError> {
        // Whoever joined since does not have the announcement.
        self.announce()?;
        self.attest(
            "L-16",
            &self.team.lead,
            "one sentence to each; the roster of the day is full",
        )?;
        self.look()?;
        self.settle_findings()?;
        let stands = self.criterion(GateId::G6, "G6.lockout")?;
        if let Some(list) = stands.filter(|it| it.verdict != GateState::Passed) {
            let note = format!("go; the {} on the list are called on the day", list.about.len());
            self.attest("L-15", &self.team.manager, &note)?;
            self.look()?;
        }
        Ok(())
    }
}

/// What the team types where it is asked: the word that is asked for, or yes.
fn answer<'a>(question: &'a str, domain: &'a str) -> &'a str {
    if question.contains("primary domain") {
        return domain;
    }
    // The last word in quotes is the one to type.
    if question.contains("type `") { question.rsplit('`').nth(1).unwrap_or("y") } else { "y" }
}

/// Nothing refuses a set but the guard of the calendar.
fn is_refused_for_the_day_alone(set: &Value) -> bool {
    let mut refusing = list(set, "guards").iter().filter(|it| word(it, "/verdict") != Some("held"));
    let only = refusing.next().filter(|_| refusing.next().is_none());
    only.is_some_and(|it| word(it, "/guard/waivable") == Some("good-day"))
}

/// A list of what a command printed; empty if there is none.
fn list<'v>(of: &'v Value, name: &str) -> &'v [Value] {
    of.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn word<'v>(of: &'v Value, pointer: &str) -> Option<&'v str> {
    of.pointer(pointer).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use rollout::change::guard::{Guard, GuardResult, Unwaivable, Verdict, Waivable};

    use super::*;

    #[test]
    fn the_manager_takes_on_a_day_and_nothing_else() {
        let held = |guard| GuardResult { guard, verdict: Verdict::Held };
        let refuses = |guard| {
            let counter_examples = vec!["Saturday 12 December 2026.".to_owned()];
            GuardResult { guard, verdict: Verdict::Violated { counter_examples } }
        };
        let proof = Guard::Unwaivable(Unwaivable::LockoutProof);
        let day = Guard::Waivable(Waivable::GoodDay);
        let gap = Guard::Waivable(Waivable::NoGap);
        let cases = [
            (vec![held(proof), refuses(day)], true),
            (vec![held(proof), held(day)], false),
            (vec![refuses(proof), refuses(day)], false),
            (vec![held(proof), refuses(gap), refuses(day)], false),
            (vec![held(proof), refuses(gap)], false),
        ];
        for (guards, for_the_day) in cases {
            let set = serde_json::json!({ "guards": guards });
            assert_eq!(is_refused_for_the_day_alone(&set), for_the_day, "{set}");
        }
    }
}
