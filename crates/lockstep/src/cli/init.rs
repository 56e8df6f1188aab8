//! `lockstep init`

mod graph;

use std::path::{Path, PathBuf};

use clap::Args;
use rollout::gaps::{self, Gap};
use serde::Serialize;

use crate::cli::{facts, read_figures, say};
use crate::error::CommandError;
use crate::operator::make_store;
use crate::page::Page;
use crate::settings::Settings;
use crate::terminal::{Outcome, status_of};
use crate::workspace::{self, Place};
use crate::{atomic_file, words};

/// Start a workspace: write lockstep.toml and lockstep.db here and say what can be seen
///
/// Of downloaded files, or of a live tenant: then everything is asked for once, nothing is kept, and
/// what is missing is named with the permission to grant. Nothing is changed in the tenant. A
/// lockstep.toml or lockstep.db that is already here is kept as it is. In lockstep.db, which its owner
/// alone can read, stands what was decided and done, and no secret.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Folder of downloaded files
    #[arg(long, value_name = "DIR", required_unless_present = "graph", conflicts_with = "graph")]
    exports: Option<PathBuf>,
    #[command(flatten)]
    tenant: graph::TenantOptions,
}

#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: &'static str,
    settings_file: String,
    written: bool,
    sees: &'a std::collections::BTreeMap<&'static str, u64>,
    gaps: &'a [Gap],
}

impl Init {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let Some(exports) = &self.exports else { return self.tenant.run(settings) };
        let file = settings.file.clone().unwrap_or_else(|| settings.folder.join(workspace::FILE));
        let kept = file.exists();
        let named = settings.file.as_deref().filter(|_| kept);
        let place = Place::of(&settings.folder, named, Some(exports))?;
        let reading = read_figures(&place, settings)?;
        let facts = facts(&reading, &place, settings);
        if !kept {
            let tenant = &reading.snapshot.tenant;
            let told = [
                ("tenant.name", tenant.display_name.clone()),
                ("tenant.domain", tenant.primary_domain().map(str::to_owned)),
                ("source.exports", Some(in_settings(exports))),
            ];
            write(&file, told)?;
        }
        make_store(file.parent().unwrap_or(Path::new("")))?;
        let gaps = gaps::find(&facts);
        let document = Document {
            schema: "lockstep.init/1",
            settings_file: file.display().to_string(),
            written: !kept,
            sees: &reading.counts,
            gaps: &gaps,
        };
        let mut page = Page::new(settings.width, settings.color);
        say_written(&mut page, kept);
        page.heading("What can be seen");
        say::collections(&mut page, &reading);
        say::gaps(&mut page, &gaps);
        if gaps.is_empty() {
            page.line(&format!(
                "Nothing is missing: {} kinds of data are there.",
                words::number(u64::try_from(reading.counts.len()).unwrap_or(u64::MAX))
            ));
        }
        page.next("lockstep plan");
        Outcome::new(settings, status_of(&reading), &document, || page)
    }
}

/// Writes a settings file with what is told in place of the defaults.
fn write(
    file: &Path,
    told: impl IntoIterator<Item = (&'static str, Option<String>)>,
) -> Result<(), CommandError> {
    let values: Vec<(&str, String)> = told
        .into_iter()
        .filter_map(|(key, value)| Some((key, serde_json::Value::from(value?).to_string())))
        .collect();
    atomic_file::write(file, rollout::default_toml(&values).as_bytes())
}

fn say_written(page: &mut Page, kept: bool) {
    page.heading(if kept {
        "lockstep.toml is already here and was kept as it is"
    } else {
        "Wrote lockstep.toml"
    });
    if !kept {
        page.line(
            "Name the break-glass accounts, the pilot group, your holidays and who answers for \
             what in it; every number has a default.",
        );
    }
}

/// The folder as the settings file names it: as given, with `/` so that it reads the same on every
/// system.
fn in_settings(exports: &Path) -> String {
    exports.display().to_string().replace('\\', "/")
}
