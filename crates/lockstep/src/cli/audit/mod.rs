//! `lockstep audit`: one question at a time.

mod exceptions;
mod legacy;
mod policies;
mod preflight;
mod registration;

use clap::{Args, Subcommand};

use crate::arguments::ExportsOption;
use crate::error::CommandError;
use crate::settings::Settings;
use crate::terminal::Outcome;

/// Answer one question about the tenant
#[derive(Debug, Args)]
pub(crate) struct Audit {
    #[command(subcommand)]
    question: Question,
}

#[derive(Debug, Subcommand)]
enum Question {
    /// Who still signs in with legacy authentication, from what, and what to do about each
    ///
    /// Needs a sign-in log. A user, client app and device with at least one success is a
    /// dependency; failures alone are noise and only counted. The window reaches back from the
    /// newest record, not from today.
    Legacy {
        #[command(flatten)]
        exports: ExportsOption,
        /// Days of the window; the settings say 30 unless changed
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
        days: Option<u32>,
    },
    /// Every account that is not an ordinary person: what it is, and how to treat it
    Exceptions {
        #[command(flatten)]
        exports: ExportsOption,
    },
    /// Who can pass multi-factor authentication today, who cannot, and what would help
    Registration {
        #[command(flatten)]
        exports: ExportsOption,
    },
    /// Every Conditional Access policy in words, and what is wrong with it
    ///
    /// Says of each policy whether it excludes every break-glass account (nested groups resolved),
    /// what it names that no longer exists, what it excludes for good, which properties lockstep
    /// does not know, when Microsoft may switch it on, how many accounts it reaches, and whom no
    /// policy asks for MFA. With a folder it writes that down: the policies as a table, and every
    /// account held against every policy.
    Policies(policies::Policies),
    /// What would break: every check of the catalogue, worst first
    Preflight {
        #[command(flatten)]
        exports: ExportsOption,
    },
}

impl Audit {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        match &self.question {
            Question::Legacy { exports, days } => legacy::run(exports, *days, settings),
            Question::Exceptions { exports } => exceptions::run(exports, settings),
            Question::Registration { exports } => registration::run(exports, settings),
            Question::Policies(policies) => policies.run(settings),
            Question::Preflight { exports } => preflight::run(exports, settings),
        }
    }
}
