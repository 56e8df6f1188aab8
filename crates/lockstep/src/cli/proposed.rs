//! Policies that are proposed: what `impact` and `prove` are asked about.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use conditional_access::Policy;
use entra::exports::Collector;
use records::{Limits, Source, Unreadable};
use rollout::Facts;
use rollout::proposal::{NoProposal, Proposal};

use crate::error::CommandError;
use crate::reading::problem_line;
use crate::workspace::quoted;

/// Which policies are judged
#[derive(Debug, Clone, Args)]
pub(crate) struct ProposedOption {
    /// Policies to judge, counted as On: Graph JSON, one or a list; without it, CA001 of the plan
    #[arg(long, value_name = "FILE", num_args = 1..)]
    policy: Vec<PathBuf>,
    /// What is judged
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = Against::Proposed)]
    against: Against,
    /// For whom CA001 of the plan is
    #[arg(
        long, value_name = "WHOM", value_enum, default_value_t = To::AllUsers,
        conflicts_with = "policy"
    )]
    to: To,
}

/// What is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Against {
    /// Policies that do not exist yet, on top of the tenant's own
    Proposed,
    /// The tenant's own policies as they are
    Current,
}

/// For whom CA001 is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum To {
    /// Everybody
    AllUsers,
    /// The members of the pilot group
    Pilot,
}

/// What was asked about, its files read.
pub(crate) enum Proposed {
    /// The policies of files.
    Files(Vec<Policy>),
    /// CA001 for all users.
    AllUsers,
    /// CA001 for the pilot.
    Pilot,
    /// What is in force.
    Current,
}

impl ProposedOption {
    /// Reads the files that are named. Done before the exports are read, which may take long.
    pub(crate) fn read(&self) -> Result<Proposed, CommandError> {
        match (self.against, self.policy.as_slice(), self.to) {
            (Against::Current, [_, ..], _) => {
                Err(CommandError::wrong_input("`--policy` is proposed, `--against current` is not")
                    .hint("leave out `--against current` to judge the files"))
            }
            (Against::Current, [], To::Pilot) => {
                Err(CommandError::wrong_input("`--to` is proposed, `--against current` is not")
                    .hint("leave out `--against current` to judge CA001 for the pilot"))
            }
            (Against::Current, [], To::AllUsers) => Ok(Proposed::Current),
            (Against::Proposed, [], To::AllUsers) => Ok(Proposed::AllUsers),
            (Against::Proposed, [], To::Pilot) => Ok(Proposed::Pilot),
            (Against::Proposed, files, _) => {
                let mut policies = Vec::new();
                for file in files {
                    policies.extend(read_policies(file)?);
                }
                Ok(Proposed::Files(policies))
            }
        }
    }

    /// The options as they were given, for the command to run next.
    pub(crate) fn given(&self) -> String {
        let mut given = String::new();
        for file in &self.policy {
            given.push_str(&format!(" --policy {}", quoted(file)));
        }
        if self.against == Against::Current {
            given.push_str(" --against current");
        }
        if self.to == To::Pilot {
            given.push_str(" --to pilot");
        }
        given
    }
}

impl Proposed {
    /// The policies of the tenant as they would be.
    pub(crate) fn over(self, facts: &Facts<'_>) -> Result<Proposal, CommandError> {
        match self {
            Self::Files(policies) => Ok(Proposal::of_policies(facts, policies)),
            Self::AllUsers => Ok(Proposal::all_users(facts)),
            Self::Current => Ok(Proposal::current(facts)),
            Self::Pilot => Proposal::pilot(facts).map_err(|error| {
                let wrong = CommandError::wrong_input("CA001 has no pilot to be for");
                let wrong = match &error {
                    NoProposal::NoPilotGroup => {
                        wrong.hint("name it in lockstep.toml: `[pilot] group = \"IT team\"`")
                    }
                    NoProposal::PilotGroupNotSeen { .. } => wrong.hint(
                        "add an export of the group with its members: GET /groups?$expand=members",
                    ),
                };
                wrong.because(error)
            }),
        }
    }
}

/// Every policy of a file. A file that is only half read would propose something else than what
/// its writer meant, so that anything unreadable in it is an error.
fn read_policies(path: &Path) -> Result<Vec<Policy>, CommandError> {
    const DOWNLOAD: &str = "give policies as Graph JSON: GET /identity/conditionalAccess/policies, \
                            or Entra admin center > Conditional Access > Policies > Download JSON";
    let unreadable =
        || CommandError::wrong_input(format!("cannot read the policies of `{}`", path.display()));
    if path.is_dir() {
        return Err(unreadable().because("it is a folder".to_owned()).hint("name each file"));
    }
    let limits = Limits::default();
    let (sources, mut problems) = records::walk(path, &limits).map_err(|error| {
        unreadable().because(error.source).hint("give a file: `--policy ca001.json`")
    })?;
    let mut collector = Collector::new();
    for source in &sources {
        let reading = records::read(source, &limits, &mut |_| {}, &mut |record| {
            collector.offer(record, &source.name)
        });
        problems.extend(reading.map_err(|error| unreadable().because(error.source))?.problems);
    }
    if let Some(first) = problems.first() {
        return Err(unreadable()
            .because(problem_line(&named(first, path, &sources)))
            .hint(DOWNLOAD));
    }
    match collector.finish().policies {
        Some(policies) if !policies.is_empty() => Ok(policies),
        Some(_) => Err(unreadable().because("its list of policies is empty".to_owned())),
        None => Err(unreadable()
            .because("it holds no Conditional Access policy".to_owned())
            .hint(DOWNLOAD)),
    }
}

/// The problem, with the file as it was given: an entry of a zip stands behind it.
fn named(problem: &Unreadable, path: &Path, sources: &[Source]) -> Unreadable {
    let is_entry = sources.iter().any(|it| it.name == problem.file && it.member().is_some());
    let entry = problem.file.split_once('/').filter(|_| is_entry).map(|(_, entry)| entry);
    let file = path.display().to_string();
    Unreadable {
        file: entry.map_or_else(|| file.clone(), |entry| format!("{file}/{entry}")),
        line: problem.line,
        reason: problem.reason.clone(),
    }
}
