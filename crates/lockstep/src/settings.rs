//! What the surroundings of the process say, asked once.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::rc::Rc;

use jiff::Timestamp;
use secrecy::SecretString;

use crate::arguments::{ColorWhen, Format, GlobalOptions};
use crate::clock;
use crate::error::CommandError;
use crate::surroundings::Surroundings;

/// Width of text where no terminal says otherwise.
const PLAIN_WIDTH: u16 = 80;

/// Everything a verb may know of its surroundings.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// How results are printed.
    pub(crate) format: Format,
    /// Colour on stdout.
    pub(crate) color: bool,
    /// Nothing but results and errors.
    pub(crate) quiet: bool,
    /// More about what was read.
    pub(crate) verbose: bool,
    /// Sign-ins kept from an earlier question are not used, and none are kept.
    pub(crate) no_cache: bool,
    /// A progress bar may be drawn.
    pub(crate) progress: bool,
    /// Nobody is there to answer, or to end what goes on.
    pub(crate) no_input: bool,
    /// Columns of the text.
    pub(crate) width: u16,
    /// Who started the command, as the system names them.
    pub(crate) user: String,
    /// What else is outside.
    pub(crate) surroundings: Surroundings,
    /// Where the command was started.
    pub(crate) folder: PathBuf,
    /// The settings file, where one was named.
    pub(crate) file: Option<PathBuf>,
    /// When the command began, by the clock.
    pub(crate) now: Timestamp,
    /// Where App Service and Functions give tokens, and what they ask for in return.
    pub(crate) app_service: Option<(String, SecretString)>,
}

impl Settings {
    /// The time as it is now: later than `now`, where a command has taken its time.
    pub(crate) fn moment(&self) -> Timestamp {
        let clock = self.surroundings.clock.as_ref();
        clock.map_or(self.now, |clock| clock().max(self.now))
    }

    /// The same, and nothing is said beside results: it was said before.
    pub(crate) fn quietly(&self) -> Self {
        Self { quiet: true, ..self.clone() }
    }

    /// Resolves arguments and environment.
    ///
    /// # Errors
    /// When the current folder is gone.
    pub(crate) fn resolve(
        options: &GlobalOptions,
        surroundings: &Surroundings,
    ) -> Result<Self, CommandError> {
        let is_process = surroundings.is_process();
        let stdout = is_process && std::io::stdout().is_terminal();
        let stderr = is_process && std::io::stderr().is_terminal();
        let answered = match surroundings.answer {
            Some(_) => true,
            None => is_process && std::io::stdin().is_terminal(),
        };
        let format = if options.json { Format::Json } else { options.format };
        let color = match options.color {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            ColorWhen::Auto => stdout && !environment_has("NO_COLOR") && !is_dumb_terminal(),
        };
        let folder = match &surroundings.folder {
            Some(folder) => folder.clone(),
            None => std::env::current_dir().map_err(|error| {
                CommandError::wrong_input("the current folder cannot be found").because(error)
            })?,
        };
        let width = if stdout {
            comfy_table::Table::new().width().map_or(PLAIN_WIDTH, |width| width.clamp(60, 120))
        } else {
            PLAIN_WIDTH
        };
        let mut surroundings = surroundings.clone();
        if is_process && options.now.is_none() {
            surroundings.clock = Some(Rc::new(clock::now));
        }
        Ok(Self {
            format,
            color,
            quiet: options.quiet,
            verbose: options.verbose,
            no_cache: options.no_cache,
            progress: stderr && !options.quiet,
            no_input: options.no_input || !answered,
            user: (surroundings.user.clone())
                .or_else(|| environment("USER"))
                .or_else(|| environment("USERNAME"))
                .unwrap_or_else(|| "unknown".to_owned()),
            surroundings,
            width,
            folder,
            file: options.settings.clone(),
            now: options.now.unwrap_or_else(clock::now),
            app_service: environment("IDENTITY_ENDPOINT")
                .zip(environment("IDENTITY_HEADER").map(SecretString::from)),
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "settings are resolved here, once")]
fn environment_has(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

#[expect(clippy::disallowed_methods, reason = "settings are resolved here, once")]
fn environment(name: &str) -> Option<String> {
    std::env::var_os(name)?.into_string().ok().filter(|value| !value.is_empty())
}

#[expect(clippy::disallowed_methods, reason = "settings are resolved here, once")]
fn is_dumb_terminal() -> bool {
    std::env::var_os("TERM").is_some_and(|value| value == "dumb")
}
