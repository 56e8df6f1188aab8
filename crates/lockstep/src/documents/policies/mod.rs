//! The set of policies as documents: a readable table, and every account held against every policy.

mod csv;
mod html;
mod notes;
mod workbook;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use jiff::Timestamp;
use rollout::exceptions::Kind;
use rollout::policy_matrix::{AccountClass, PolicyMatrix};
use rollout::preflight::PolicyAudit;

use crate::atomic_file;
use crate::error::CommandError;
use crate::words;

pub use html::html;
pub(crate) use notes::{name, notes};
pub use workbook::{SheetLimits, workbook};

/// What the documents are made of.
#[derive(Debug, Clone, Copy)]
pub struct PolicySetOf<'a> {
    /// The tenant's name, else its domain.
    pub tenant: &'a str,
    /// The policies, in words.
    pub audit: &'a PolicyAudit,
    /// Every account held against every policy. `None`: no file tells the users, or the policies.
    pub matrix: Option<&'a PolicyMatrix>,
    /// What the data speaks of.
    pub as_of: Timestamp,
    /// The clock.
    pub now: Timestamp,
}

/// A kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicyFormat {
    /// One self-contained page: policies.html
    Html,
    /// Spreadsheet: policies.xlsx
    Xlsx,
    /// For other programs: policies.csv, and policy-matrix.csv with a row for each account
    Csv,
}

impl PolicyFormat {
    /// What is written unless told otherwise.
    pub(crate) const DEFAULT: [Self; 3] = [Self::Html, Self::Xlsx, Self::Csv];
}

/// Writes the documents into a folder and returns their paths. Files that are there are replaced,
/// each as a whole.
pub(crate) fn write(
    of: &PolicySetOf<'_>,
    folder: &Path,
    formats: &[PolicyFormat],
) -> Result<Vec<PathBuf>, CommandError> {
    let mut written = Vec::new();
    let mut put = |name: &str, content: &dyn Fn(&mut File) -> io::Result<()>| {
        let path = folder.join(name);
        atomic_file::write_through(&path, content)?;
        written.push(path);
        Ok::<(), CommandError>(())
    };
    for format in formats {
        match format {
            PolicyFormat::Html => {
                let page = html(of).map_err(|error| {
                    CommandError::wrong_input("a document could not be made").because(error)
                })?;
                put("policies.html", &|file| file.write_all(page.as_bytes()))?;
            }
            PolicyFormat::Xlsx => put("policies.xlsx", &|file| {
                let mut file = BufWriter::new(file);
                workbook(of, SheetLimits::EXCEL, Some(folder), &mut file)
                    .map_err(io::Error::other)?;
                file.flush()
            })?,
            PolicyFormat::Csv => {
                put("policies.csv", &|file| csv::policies(of, BufWriter::new(file)))?;
                if let Some(matrix) = of.matrix {
                    put("policy-matrix.csv", &|file| csv::matrix(matrix, BufWriter::new(file)))?;
                }
            }
        }
    }
    Ok(written)
}

/// What the matrix does not say, for whoever reads only the documents.
const SENTENCES: [&str; 4] = [
    "A policy reaches an account that it includes and does not exclude; what it then demands also \
     depends on its resources and conditions.",
    "At every sign-in: a policy that is On demands MFA on all resources without further condition. \
     At some sign-ins: a policy that is On demands it for some resources, places, clients or risks. \
     Only measured: Report-only policies alone, which ask nobody.",
    "Roles count while they are active: whoever may activate one is reached from then on.",
    "Security defaults, per-user MFA and Microsoft's MFA for its administration portals may ask \
     too; they are no policies and are not counted.",
];

/// Whether an account may sign in, in words.
const fn enabled(enabled: Option<bool>) -> &'static str {
    match enabled {
        Some(true) => "yes",
        Some(false) => "no",
        None => "not told",
    }
}

/// The kinds of the accounts of a class, with how many of each, the largest first.
fn kinds(matrix: &PolicyMatrix, class: &AccountClass) -> String {
    let mut counts: BTreeMap<Kind, u64> = BTreeMap::new();
    for account in matrix.accounts_of(class) {
        *counts.entry(account.kind).or_default() += 1;
    }
    let mut counts: Vec<(Kind, u64)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| Reverse(*count));
    let said = counts.iter().map(|(kind, count)| format!("{} {count}", words::kind(*kind)));
    said.collect::<Vec<_>>().join(", ")
}
