//! `lockstep demo`

mod history;
mod settings_file;
mod tenant;

use std::path::{Path, PathBuf};
use std::rc::Rc;

use clap::Args;
use clap::builder::RangedU64ValueParser;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;
use twin::{Scenario, World};

use self::history::History;
use self::settings_file::Written;
use self::tenant::{Port, Running, Start};
use crate::arguments::Format;
use crate::cli::plan::Plan;
use crate::cli::read_figures;
use crate::cli::snapshot::Snapshot;
use crate::cli::status::Status;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::page::Page;
use crate::settings::Settings;
use crate::terminal::{self, Outcome};
use crate::words;
use crate::workspace::{self, Place, quoted};

/// Folder of the demo's workspace.
const FOLDER: &str = "lockstep-demo";
/// Where the firm is.
const TIME_ZONE: &str = "Europe/London";

/// Try lockstep on a simulated tenant; nothing else is needed
///
/// Starts the tenant of a made-up firm on this machine, takes a snapshot of it through the same
/// Microsoft Graph client that reads a real one, makes the plan and says where the rollout stands.
/// On a terminal the tenant stays until Ctrl-C, so that other commands can be tried on it.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Port of the simulated tenant on the loopback interface; 0 takes any free one
    #[arg(long, value_name = "PORT", default_value_t = 7340)]
    port: u16,
    /// Day of the rollout, 1 to 23; 0: it has not begun
    ///
    /// Until that day the team of the firm does what is due, by lockstep's own commands: the later the
    /// day, the longer that takes.
    #[arg(long, value_name = "N", default_value_t = 0,
          value_parser = RangedU64ValueParser::<u32>::new().range(0..=23))]
    day: u32,
    /// What everything in the tenant is drawn from: the same seed gives the same tenant
    #[arg(long, value_name = "S", default_value_t = 7)]
    seed: u64,
    /// Staff of the firm
    #[arg(long, value_name = "N", default_value_t = 210,
          value_parser = RangedU64ValueParser::<u32>::new().range(20..=500_000))]
    people: u32,
    /// Downloaded files of a tenant: the demo is a twin of it with every name replaced
    #[arg(long, value_name = "DIR", conflicts_with_all = ["people", "day"])]
    from: Option<PathBuf>,
    /// Folder of the demo's workspace; what an earlier demo left there is replaced
    #[arg(long, value_name = "DIR", default_value = FOLDER)]
    folder: PathBuf,
    /// Open no browser; this version opens none anyway
    #[arg(long)]
    no_open: bool,
}

/// A verb without options.
type Run = fn(&Settings) -> Result<Outcome, CommandError>;

/// One command of the demo and what it came to.
#[derive(Debug, Serialize)]
struct Step {
    command: String,
    exit_code: u8,
    result: Value,
}

#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: &'static str,
    url: &'a str,
    folder: String,
    /// `null`: a twin of a tenant whose files were given, as `people`.
    day: Option<u32>,
    seed: u64,
    people: Option<u32>,
    /// Requests the tenant answered for all of it.
    requests: u64,
    steps: Vec<Step>,
}

impl Demo {
    pub(super) fn run(&self, settings: &Settings) -> Result<ExitStatus, CommandError> {
        let folder = settings.folder.join(&self.folder);
        let file = folder.join(workspace::FILE);
        // What an earlier demo left goes last: while that one still runs, the port is taken.
        let port = Port::bind(self.port)?;
        let (world, began) = self.world(settings)?;
        settings_file::make_room(&folder, &file)?;
        let running = Rc::new(Running::start(Start {
            port,
            world,
            now: began,
            secret_file: folder.join(settings_file::SECRET),
        })?);
        let invented = self.from.is_none();
        let start = settings_file::start(self.today(settings), self.day);
        let nothing = Written::default();
        settings_file::write(&file, &running, start, invented.then_some(&nothing), began)?;
        if self.day > 0 {
            History::new(&running, &folder, start, settings)?.until_now()?;
        }
        let own = self.own(settings);
        let mut page = self.opening(&running, settings);
        let mut steps = Vec::new();
        let mut status = ExitStatus::Done;
        let verbs: [(&str, Run); 3] = [
            ("snapshot", |own| Snapshot::default().run(own)),
            ("plan", |own| Plan::default().run(own)),
            ("status", |own| Status::default().run(own)),
        ];
        for (verb, run) in verbs {
            let command = format!("lockstep {verb} --settings {}", self.shown(workspace::FILE));
            let outcome = run(&own)?;
            // A gate that is closed is what a demo shows; data that could not be read is not.
            if !matches!(outcome.status, ExitStatus::Done | ExitStatus::GateClosed) {
                status = outcome.status;
            }
            page.heading(&format!("$ {command}"));
            page.printed(outcome.text());
            steps.push(Step {
                exit_code: outcome.status.code(),
                result: match settings.format {
                    Format::Json => serde_json::from_str(outcome.text()).unwrap_or(Value::Null),
                    Format::Text => Value::Null,
                },
                command,
            });
        }
        let stays = !settings.no_input;
        self.closing(&mut page, stays, settings);
        let document = Document {
            schema: "lockstep.demo/1",
            url: running.url(),
            folder: folder.display().to_string(),
            day: invented.then_some(self.day),
            seed: self.seed,
            people: invented.then_some(self.people),
            requests: running.requests(),
            steps,
        };
        let outcome = Outcome::new(settings, status, &document, || page)?;
        if !stays {
            return Ok(outcome.print());
        }
        let status = outcome.print();
        running.until_interrupted()?;
        terminal::remark(&format!(
            "The simulated tenant has ended; its workspace stays in {}",
            self.folder.display()
        ));
        Ok(status)
    }

    /// The settings of a command typed beside the demo.
    fn own(&self, settings: &Settings) -> Settings {
        // As somebody would name it who stands where this command was started.
        let named = self.folder.join(workspace::FILE);
        let mut own = Settings { file: Some(named), ..settings.clone() };
        // The tenant's clock stands where the demo began, however long its history took.
        own.surroundings.clock = None;
        own
    }

    /// The date where the firm is.
    fn today(&self, settings: &Settings) -> Date {
        let zone = TimeZone::get(TIME_ZONE).unwrap_or(TimeZone::UTC);
        settings.now.to_zoned(zone).date()
    }

    /// The tenant and the time it is there from: the made-up firm as it was before its rollout, or a
    /// twin of one whose files were downloaded.
    fn world(&self, settings: &Settings) -> Result<(World, Timestamp), CommandError> {
        let Some(exports) = &self.from else {
            let start = settings_file::start(self.today(settings), self.day);
            let now =
                if self.day > 0 { history::begins(start, settings.now) } else { settings.now };
            let scenario =
                Scenario { people: self.people, seed: self.seed, now, day: 0, history_days: 30 };
            return Ok((World::new(&scenario), now));
        };
        let place = Place::of(&settings.folder, settings.file.as_deref(), Some(exports))?;
        let reading = read_figures(&place, settings)?;
        if reading.snapshot.users.as_ref().is_none_or(Vec::is_empty) {
            let message = format!("there are no users in `{}`", exports.display());
            return Err(CommandError::wrong_input(message)
                .hint("a twin is made of people: add the users, as Graph JSON or CSV"));
        }
        let measurement = reading.measurement.as_ref();
        let now = settings.now;
        Ok((World::from_snapshot(&reading.snapshot, measurement, self.seed, now), now))
    }

    fn opening(&self, running: &Running, settings: &Settings) -> Page {
        let mut page = Page::new(settings.width, settings.color);
        page.heading(&format!("A simulated tenant is at {}", running.url()));
        let name = running.ask(|world| world.notes(settings.now)).tenant_name;
        let whose = match &self.from {
            Some(exports) => format!(
                "It is a twin of the tenant whose files are in {}: as many people, groups, roles and \
                 policies, under other names.",
                exports.display()
            ),
            None => format!(
                "It is the tenant of {name}, a made-up engineering firm with {} staff, drawn from \
                 seed {}.",
                words::number(u64::from(self.people)),
                self.seed
            ),
        };
        let begun = match self.day {
            0 => "The rollout has not begun.".to_owned(),
            day => format!("It is day {day} of the rollout."),
        };
        page.line(&format!(
            "{whose} {begun} No account, device or address in it is real, and nothing leaves this \
             machine."
        ));
        page
    }

    fn closing(&self, page: &mut Page, stays: bool, settings: &Settings) {
        page.heading("What to try");
        let file = self.shown(workspace::FILE);
        let on = |verb: &str| format!("lockstep {verb} --settings {file}");
        page.item(&format!("{}: who would be locked out", on("impact")));
        page.item(&format!("{}: what would break, check by check", on("audit preflight")));
        if self.from.is_none() {
            page.item("lockstep demo --day 18: the firm in the middle of the pilot");
        }
        let html = self.folder.join("plan").join("plan.html");
        page.item(&format!("open {} in a browser", html.display()));
        if stays && settings.format == Format::Text {
            page.line("The tenant stays until Ctrl-C; use another terminal.");
        }
        page.next(&on("impact"));
    }

    /// A file of the workspace as a shell takes it.
    fn shown(&self, file: &str) -> String {
        quoted(&Path::new(&self.folder).join(file))
    }
}
