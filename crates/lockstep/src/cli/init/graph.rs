//! `lockstep init --graph`: what an app registration may see, and what it still needs.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use entra::graph::manifest::{ReadState, State};
use entra::graph::permissions::{self, Permission, Purpose};
use rollout::{Rollout, SourceSettings, TenantSettings};
use serde::Serialize;

use crate::atomic_file;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::live::Tenant;
use crate::operator::make_store;
use crate::page::{Page, Tone};
use crate::settings::Settings;
use crate::terminal::{Outcome, json};
use crate::workspace::{self, Place, quoted};

/// A live tenant, and how to sign in to it.
#[derive(Debug, Args)]
#[command(next_help_heading = "A live tenant")]
pub(super) struct TenantOptions {
    /// Tenant to read through Microsoft Graph: a verified domain or the tenant id
    #[arg(long, value_name = "TENANT")]
    graph: Option<String>,
    /// The cloud the tenant lives in
    #[arg(long, value_enum, requires = "graph", default_value_t = CloudWord::Global)]
    cloud: CloudWord,
    /// Application (client) id of the app registration
    #[arg(long, value_name = "ID", requires = "graph")]
    client_id: Option<String>,
    /// File that holds the client secret; - reads it from standard input
    #[arg(long, value_name = "FILE", group = "way", requires = "client_id")]
    client_secret_file: Option<PathBuf>,
    /// File that holds certificate and private key (PEM)
    #[arg(long, value_name = "FILE", group = "way", requires = "client_id")]
    certificate: Option<PathBuf>,
    /// Sign in as a person: go to the address shown and type the code
    #[arg(long, group = "way", requires = "client_id")]
    device_code: bool,
    /// Sign in as the identity of the machine lockstep runs on
    #[arg(long, group = "way", requires = "graph")]
    managed_identity: bool,
    /// Write what the app registration has to ask for; without a way to sign in, only this is done
    #[arg(long, value_name = "FILE", requires = "graph")]
    manifest: Option<PathBuf>,
    /// Also ask for the permissions that only make some findings sharper
    #[arg(long, requires = "manifest")]
    optional: bool,
    /// Also ask for the permissions to carry the plan out
    #[arg(long, requires = "manifest")]
    carry_out: bool,
    /// A simulated tenant on this machine
    #[arg(long, value_name = "URL", requires = "graph", hide = true)]
    graph_endpoint: Option<String>,
}

/// `--cloud`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CloudWord {
    /// Worldwide, GCC too
    Global,
    /// US Government L4 (GCC High)
    Usgov,
    /// US Government L5 (DoD)
    Dod,
    /// China, operated by 21Vianet
    China,
}

impl CloudWord {
    fn word(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Usgov => "usgov",
            Self::Dod => "dod",
            Self::China => "china",
        }
    }
}

#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: &'static str,
    settings_file: String,
    written: bool,
    tenant: &'a str,
    cloud: &'a str,
    /// Everything lockstep asks for, and whether it came.
    reads: Vec<Row<'a>>,
    /// Permissions for reading that are to be granted.
    permissions_missing: Vec<&'static str>,
    /// Permissions to carry the plan out. Whether they are granted shows when they are used.
    to_carry_out: Vec<&'static str>,
    manifest: Option<String>,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    id: &'a str,
    permission: &'static str,
    licence: Option<&'static str>,
    #[serde(flatten)]
    state: &'a State,
}

impl TenantOptions {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let file = settings.file.clone().unwrap_or_else(|| settings.folder.join(workspace::FILE));
        let kept = file.exists();
        let rollout = self.rollout(settings, &file)?;
        let folder = file.parent().unwrap_or(Path::new(""));
        let tenant = Tenant::of(&rollout, folder)?;
        if let Some(manifest) = &self.manifest {
            self.write_manifest(manifest)?;
        }
        let asks = rollout.source.sign_in.is_some() || self.manifest.is_none();
        let states = if asks { tenant.probe(settings)? } else { Vec::new() };
        if asks && !kept {
            super::write(&file, told(&rollout))?;
        }
        if asks {
            make_store(folder)?;
        }
        let missing = missing(&states);
        let carry_out = permissions::least(&[Purpose::CarryOut]);
        let document = Document {
            schema: "lockstep.init/1",
            settings_file: file.display().to_string(),
            written: asks && !kept,
            tenant: tenant.name,
            cloud: tenant.cloud.word(),
            reads: states.iter().filter_map(row).collect(),
            permissions_missing: missing.iter().map(|it| it.name).collect(),
            to_carry_out: carry_out.iter().map(|it| it.name).collect(),
            manifest: self.manifest.as_ref().map(|path| path.display().to_string()),
        };
        let failed = states.iter().any(|it| it.state != State::Pending && it.is_failure());
        let status = if failed { ExitStatus::SomeUnreadable } else { ExitStatus::Done };
        Outcome::new(settings, status, &document, || {
            let mut page = Page::new(settings.width, settings.color);
            if asks {
                super::say_written(&mut page, kept);
                say_seen(&mut page, &states);
                say_least(&mut page, &missing);
                say_carry_out(&mut page, &carry_out);
            }
            self.say_manifest(&mut page);
            page.next(if asks { "lockstep snapshot" } else { INIT_WITH_SECRET });
            page
        })
    }

    /// The settings as they are, or as they will be.
    fn rollout(&self, settings: &Settings, file: &Path) -> Result<Rollout, CommandError> {
        let kept = if file.exists() {
            Place::of(&settings.folder, Some(file), Some(Path::new("")))?.rollout
        } else {
            Rollout::default()
        };
        let (sign_in, sign_in_file) = self.way();
        let cloud = match (self.cloud, kept.source.graph.is_some()) {
            (CloudWord::Global, true) => kept.tenant.cloud.clone(),
            (cloud, _) => cloud.word().to_owned(),
        };
        let source = SourceSettings {
            exports: None,
            graph: self.graph.clone(),
            client_id: self.client_id.clone().or(kept.source.client_id),
            sign_in: sign_in.map(str::to_owned).or(kept.source.sign_in),
            sign_in_file: sign_in_file
                .map(|it| from(settings, file, it))
                .or(kept.source.sign_in_file),
            graph_endpoint: self.graph_endpoint.clone().or(kept.source.graph_endpoint),
            settle_seconds: kept.source.settle_seconds,
        };
        Ok(Rollout { source, tenant: TenantSettings { cloud, ..kept.tenant }, ..kept })
    }

    fn way(&self) -> (Option<&'static str>, Option<&Path>) {
        match (&self.client_secret_file, &self.certificate) {
            (Some(file), _) => (Some("client-secret-file"), Some(file)),
            (None, Some(file)) => (Some("certificate"), Some(file)),
            (None, None) if self.device_code => (Some("device-code"), None),
            (None, None) if self.managed_identity => (Some("managed-identity"), None),
            (None, None) => (None, None),
        }
    }

    fn asked(&self) -> Vec<&'static Permission> {
        let mut purposes = vec![Purpose::Read];
        if self.optional {
            purposes.push(Purpose::ReadMore);
        }
        if self.carry_out {
            purposes.push(Purpose::CarryOut);
        }
        permissions::least(&purposes)
    }

    fn write_manifest(&self, file: &Path) -> Result<(), CommandError> {
        let asked = permissions::required_resource_access(&self.asked());
        atomic_file::write(file, json(&asked)?.as_bytes())
    }

    fn say_manifest(&self, page: &mut Page) {
        let Some(file) = &self.manifest else { return };
        let file = quoted(file);
        page.heading("The app registration");
        page.line(&format!("{file} holds what it has to ask for:"));
        for permission in self.asked() {
            page.item(&format!("{}: {}", permission.name, permission.what_for));
        }
        page.line(
            "In the portal: Entra admin center > App registrations > New registration (accounts in \
             this organizational directory only, no redirect URI); then Manifest: put the content \
             of the file in place of requiredResourceAccess and save; then API permissions: Grant \
             admin consent; then Certificates & secrets: upload a certificate, or make a client \
             secret that expires within months.",
        );
        page.line("With the Azure CLI:");
        page.item(&format!(
            "az ad app create --display-name lockstep --sign-in-audience AzureADMyOrg \
             --required-resource-accesses @{file}"
        ));
        page.item("az ad sp create --id CLIENT_ID");
        page.item("az ad app permission admin-consent --id CLIENT_ID");
    }
}

const INIT_WITH_SECRET: &str =
    "lockstep init --graph TENANT --client-id ID --client-secret-file FILE";

/// What stands in the settings file.
fn told(rollout: &Rollout) -> [(&'static str, Option<String>); 6] {
    let source = rollout.source.clone();
    [
        ("tenant.cloud", Some(rollout.tenant.cloud.clone())),
        ("source.graph", source.graph),
        ("source.client_id", source.client_id),
        ("source.sign_in", source.sign_in),
        ("source.sign_in_file", source.sign_in_file),
        ("source.graph_endpoint", source.graph_endpoint),
    ]
}

/// A file given on the command line, as the settings file names it.
fn from(settings: &Settings, file: &Path, given: &Path) -> String {
    let same_folder = file.parent() == Some(settings.folder.as_path());
    let path = if given == Path::new("-") || given.is_absolute() || same_folder {
        given.to_owned()
    } else {
        settings.folder.join(given)
    };
    path.display().to_string()
}

fn row(state: &ReadState) -> Option<Row<'_>> {
    let read = state.read()?;
    Some(Row {
        id: read.id,
        permission: read.permission,
        licence: read.licence,
        state: &state.state,
    })
}

/// What an administrator has to grant, once each, those the plan rests on first.
fn missing(states: &[ReadState]) -> Vec<&'static Permission> {
    let lacks = |permission: &&&Permission| {
        states.iter().any(|state| match &state.state {
            State::PermissionMissing { permission: name } => name == permission.name,
            _ => false,
        })
    };
    permissions::PERMISSIONS
        .iter()
        .collect::<Vec<&'static Permission>>()
        .iter()
        .filter(lacks)
        .copied()
        .collect()
}

/// One row for each permission: what came through it, and what did not.
fn say_seen(page: &mut Page, states: &[ReadState]) {
    page.heading("What can be seen");
    let mut rows = Vec::new();
    for permission in &permissions::PERMISSIONS {
        let mut answers: Vec<(String, Vec<&str>)> = Vec::new();
        let mut tone = Tone::Good;
        for state in states {
            let Some(read) = state.read().filter(|it| it.permission == permission.name) else {
                continue;
            };
            let (word, of_it) = answer(&state.state);
            if of_it != Tone::Good && tone != Tone::Danger {
                tone = of_it;
            }
            match answers.iter_mut().find(|(known, _)| *known == word) {
                Some((_, titles)) => titles.push(read.title),
                None => answers.push((word, vec![read.title])),
            }
        }
        let said: Vec<String> =
            answers.iter().map(|(word, titles)| format!("{word}: {}", titles.join(", "))).collect();
        if !said.is_empty() {
            rows.push(vec![(permission.name.to_owned(), Tone::Plain), (said.join("; "), tone)]);
        }
    }
    page.table(&["application permission", "opens"], rows);
}

fn answer(state: &State) -> (String, Tone) {
    match state {
        State::Done => ("yes".to_owned(), Tone::Good),
        State::Pending => ("not tried".to_owned(), Tone::Caution),
        State::PermissionMissing { .. } => ("permission missing".to_owned(), Tone::Danger),
        State::LicenceMissing { licence } => (format!("no {licence}"), Tone::Caution),
        State::NotOffered { .. } => ("not offered here".to_owned(), Tone::Caution),
        State::Failed { why } => (format!("failed ({why})"), Tone::Danger),
    }
}

fn say_least(page: &mut Page, missing: &[&Permission]) {
    if missing.is_empty() {
        page.line("Nothing is missing for reading.");
        return;
    }
    page.heading(&format!("To grant for reading ({})", missing.len()));
    for permission in missing {
        let rests = match permission.purpose {
            Purpose::ReadMore => " (sharper findings only)",
            Purpose::Read | Purpose::CarryOut => "",
        };
        page.item(&format!("{}: {}{rests}", permission.name, permission.what_for));
    }
    page.line(
        "Entra admin center > App registrations > the app > API permissions > Add a permission > \
         Microsoft Graph > Application permissions; then Grant admin consent. It may take some \
         minutes until Graph knows.",
    );
}

fn say_carry_out(page: &mut Page, permissions: &[&Permission]) {
    page.heading("To carry the plan out, beyond reading");
    page.line(
        "Whether these are granted is not tried: that would change the tenant. Leave them out \
         until the plan is accepted.",
    );
    for permission in permissions {
        page.item(&format!("{}: {}", permission.name, permission.what_for));
    }
}

#[cfg(test)]
mod tests {
    use entra::graph::catalogue::READS;
    use entra::graph::manifest::State;

    use super::*;

    #[test]
    fn the_table_fits_and_no_name_of_a_permission_is_broken() {
        let state = |read: &entra::graph::catalogue::Read| ReadState {
            id: read.id.to_owned(),
            request: read.request(),
            pages: 0,
            objects: 0,
            next: None,
            log: None,
            state: match read.licence {
                Some("Entra ID P2") => State::LicenceMissing { licence: "Entra ID P2".to_owned() },
                _ if read.id == "users" => {
                    State::PermissionMissing { permission: read.permission.to_owned() }
                }
                _ => State::Done,
            },
        };
        let states: Vec<ReadState> = READS.iter().map(state).collect();
        let mut page = Page::new(80, false);
        say_seen(&mut page, &states);
        let text = page.finish();
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        for read in &READS {
            assert!(text.contains(read.permission), "{}: {text}", read.permission);
        }
        assert!(text.contains("permission missing: users"), "{text}");
        let missing: Vec<&str> = missing(&states).iter().map(|it| it.name).collect();
        assert_eq!(missing, ["User.Read.All"]);
    }
}
