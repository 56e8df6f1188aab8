//! A live tenant: signing in, asking, downloading.

pub(crate) mod secret;

use std::path::Path;
use std::time::Duration;

use entra::graph::catalogue;
use entra::graph::manifest::{Manifest, ReadState};
use entra::graph::{
    Client, Cloud, Credential, DeviceCodePrompt, DownloadError, DownloadOptions, Endpoints,
    GraphError, ManagedIdentity, Options,
};
use jiff::SignedDuration;
use rollout::{Rollout, SourceSettings};

use crate::error::CommandError;
use crate::network::Network;
use crate::progress::Spinner;
use crate::settings::Settings;
use crate::terminal;
use crate::workspace::Place;

/// Longest wait for one answer. Requests to the methods policy time out after 60 seconds (Graph
/// documentation, *authenticationMethodsPolicy*).
const ANSWER_WITHIN: Duration = Duration::from_secs(90);
/// Longest a request is tried again.
const GIVE_UP_AFTER: Duration = Duration::from_secs(600);
/// The same while somebody waits to hear what can be seen.
const PROBE_GIVES_UP_AFTER: Duration = Duration::from_secs(60);
/// Longest wait for the first answer.
const SAY_HELLO_WITHIN: Duration = Duration::from_secs(20);
/// Age from which a download is called old.
const OLD: SignedDuration = SignedDuration::from_hours(24);

/// A tenant and how to sign in to it.
#[derive(Debug)]
pub(crate) struct Tenant<'a> {
    /// Verified domain or tenant id.
    pub(crate) name: &'a str,
    /// Where it lives.
    pub(crate) cloud: Cloud,
    source: &'a SourceSettings,
    /// What paths in the settings are relative to.
    folder: &'a Path,
}

impl<'a> Tenant<'a> {
    /// The tenant the settings name.
    pub(crate) fn of(rollout: &'a Rollout, folder: &'a Path) -> Result<Self, CommandError> {
        let source = &rollout.source;
        let name = source.graph.as_deref().ok_or_else(|| {
            CommandError::wrong_input("the settings name no tenant")
                .hint("start with `lockstep init --graph TENANT`")
        })?;
        let cloud = Cloud::of_word(&rollout.tenant.cloud).unwrap_or_default();
        Ok(Self { name, cloud, source, folder })
    }

    /// Signs in and asks for the tenant itself, with little patience: whether anybody is there shows
    /// at once, and waits of minutes are for a tenant that asks for them.
    async fn client(
        &self,
        settings: &Settings,
        patience: Duration,
        dry_run: bool,
    ) -> Result<Client<Network>, CommandError> {
        let credential = self.credential(settings)?;
        let device_code = matches!(credential, Credential::DeviceCode { .. });
        // A person takes as long as it takes.
        if device_code || self.source.sign_in_file.as_deref() == Some("-") {
            return self.patient(settings, credential, patience, dry_run);
        }
        let first = self.patient(settings, credential, SAY_HELLO_WITHIN, dry_run)?;
        let hello = catalogue::read("organization").map(|read| read.call(None));
        if let Some(hello) = hello
            && let Err(error) = first.call(&hello).await
            && matches!(error, GraphError::NoToken { .. } | GraphError::Unreachable { .. })
        {
            return Err(self.lost(error));
        }
        Ok(first.with_patience(patience, answer_within(patience)))
    }

    /// A client that writes. Whoever has one holds the lease of the workspace.
    pub(crate) async fn writing_client(
        &self,
        settings: &Settings,
    ) -> Result<Client<Network>, CommandError> {
        self.client(settings, GIVE_UP_AFTER, false).await
    }

    /// A client that only reads, for what is asked between two downloads.
    pub(crate) async fn reading_client(
        &self,
        settings: &Settings,
    ) -> Result<Client<Network>, CommandError> {
        self.client(settings, GIVE_UP_AFTER, true).await
    }

    /// The root of Graph, which references to members begin with.
    pub(crate) fn graph_root(&self) -> Result<String, CommandError> {
        self.endpoints().map(|it| it.graph().to_owned())
    }

    /// A client that tries for so long. To be made where tokio's clock runs.
    fn patient(
        &self,
        settings: &Settings,
        credential: Credential,
        give_up_after: Duration,
        dry_run: bool,
    ) -> Result<Client<Network>, CommandError> {
        let endpoints = self.endpoints()?;
        let network = Network::of(&settings.surroundings)?;
        // A command that has more than one client goes on with the time, and with other request ids.
        let now = settings.moment();
        let options = Options {
            endpoints,
            tenant: self.name.to_owned(),
            credential,
            dry_run,
            answer_within: answer_within(give_up_after),
            give_up_after,
            seed: u64::try_from(now.as_nanosecond()).unwrap_or_default(),
            now,
        };
        let client = Client::new(network, options);
        // What answers on this machine is a simulation: whether it has limits it says by refusing.
        // What a test puts in place of the network has the limits of the platform.
        let is_simulated =
            self.source.graph_endpoint.is_some() && settings.surroundings.network.is_none();
        Ok(if is_simulated { client.without_budgets() } else { client })
    }

    fn endpoints(&self) -> Result<Endpoints, CommandError> {
        match &self.source.graph_endpoint {
            Some(root) => Endpoints::on_this_machine(root).map_err(|error| {
                CommandError::wrong_input(format!("cannot use the address `{root}`"))
                    .because(error)
                    .hint("a simulated tenant answers on this machine: `http://127.0.0.1:PORT`")
            }),
            None => Ok(Endpoints::of(self.cloud)),
        }
    }

    fn credential(&self, settings: &Settings) -> Result<Credential, CommandError> {
        let client_id = || {
            self.source.client_id.clone().ok_or_else(|| {
                CommandError::wrong_input("no application (client) id given").hint(
                    "Entra admin center > App registrations > the app > Overview: `--client-id ID`, \
                     or `client_id` under `[source]`",
                )
            })
        };
        let file = || {
            let file = self.source.sign_in_file.as_deref().ok_or_else(|| {
                CommandError::wrong_input("no file to sign in with given")
                    .hint("set `sign_in_file` under `[source]`")
            })?;
            secret::read(file, self.folder)
        };
        match self.source.sign_in.as_deref() {
            Some("client-secret-file") => {
                Ok(Credential::ClientSecret { client_id: client_id()?, secret: file()? })
            }
            Some("certificate") => {
                Ok(Credential::Certificate { client_id: client_id()?, pem: file()? })
            }
            Some("device-code") => Ok(Credential::DeviceCode { client_id: client_id()?, prompt }),
            Some("managed-identity") => {
                let client_id = self.source.client_id.clone();
                Ok(Credential::ManagedIdentity(match settings.app_service.clone() {
                    Some((endpoint, header)) => {
                        ManagedIdentity::AppService { endpoint, header, client_id }
                    }
                    None => ManagedIdentity::VirtualMachine { client_id },
                }))
            }
            _ => Err(CommandError::wrong_input("no way to sign in given").hint(
                "give `--client-secret-file FILE`, `--certificate FILE`, `--device-code` or \
                 `--managed-identity` to `lockstep init --graph`",
            )),
        }
    }

    /// What the app registration may see: one object of everything is asked for.
    pub(crate) fn probe(&self, settings: &Settings) -> Result<Vec<ReadState>, CommandError> {
        let spinner = Spinner::new(settings.progress);
        let states = block_on(settings, async {
            let client = self.client(settings, PROBE_GIVES_UP_AFTER, true).await?;
            let mut told = |state: &ReadState| spinner.say(&state.id);
            entra::graph::probe(&client, &mut told).await.map_err(|error| self.lost(error))
        });
        drop(spinner);
        states
    }

    /// Downloads everything into the workspace.
    pub(crate) fn download(
        &self,
        place: &Place,
        settings: &Settings,
    ) -> Result<Manifest, CommandError> {
        let options = DownloadOptions {
            folder: place.exports.clone(),
            tenant: self.name.to_owned(),
            cloud: self.cloud.word().to_owned(),
            sign_in_days: place.rollout.thresholds.legacy_days,
            accounts: place.rollout.break_glass.accounts.clone(),
            groups: place.rollout.pilot.group.iter().cloned().collect(),
        };
        let spinner = Spinner::new(settings.progress);
        let manifest = block_on(settings, async {
            let client = self.client(settings, GIVE_UP_AFTER, true).await?;
            let mut told = |state: &ReadState| spinner.page(state);
            entra::graph::download(&client, &options, &mut told).await.map_err(
                |error| match error {
                    DownloadError::Nothing(error) => self.lost(error),
                    DownloadError::Interrupted { pages, source } => {
                        let kept = crate::words::count(pages, "page is", "pages are");
                        self.lost(source).hint(format!(
                            "{kept} kept: `lockstep snapshot` goes on from there within a day"
                        ))
                    }
                    DownloadError::Busy { .. } => {
                        CommandError::wrong_input("cannot take a snapshot")
                            .because(error)
                            .hint("wait for the other one to end")
                    }
                    DownloadError::Keep { .. } => {
                        CommandError::wrong_input("cannot take a snapshot").because(error).hint(
                            "check that the folder can be written to and the disk is not full",
                        )
                    }
                },
            )
        });
        drop(spinner);
        manifest
    }

    /// The tenant gave no token, or no answer.
    pub(crate) fn lost(&self, error: GraphError) -> CommandError {
        let hint = error.what_to_do();
        let failed =
            CommandError::unreachable(format!("the tenant `{}` cannot be read", self.name))
                .because(error);
        match hint {
            Some(hint) => failed.hint(hint),
            None => failed,
        }
    }
}

/// Says where to sign in. It goes to stderr: stdout carries results only.
fn prompt(prompt: &DeviceCodePrompt) {
    terminal::remark(&prompt.message);
}

/// Reading a live tenant waits for one network; a thread of its own is enough.
pub(crate) fn block_on<A>(
    settings: &Settings,
    work: impl Future<Output = Result<A, CommandError>>,
) -> Result<A, CommandError> {
    settings
        .surroundings
        .runtime()
        .map_err(|error| CommandError::unreachable("the network cannot be used").because(error))?
        .block_on(work)
}

/// Makes the last download ready to be read, and says on stderr when it is old.
pub(crate) fn prepare(place: &Place, settings: &Settings) -> Result<(), CommandError> {
    let failed = |error| {
        CommandError::wrong_input("cannot read what was downloaded of the tenant").because(error)
    };
    entra::graph::settle(&place.exports).map_err(failed)?;
    let Some(manifest) = entra::graph::last_download(&place.exports).map_err(failed)? else {
        return Err(CommandError::wrong_input("nothing was downloaded of the tenant yet")
            .hint("take a snapshot first: `lockstep snapshot`"));
    };
    let age = settings.now.duration_since(manifest.started);
    if age > OLD && !settings.quiet {
        terminal::remark(&format!(
            "note: the tenant was read {} hours ago; `lockstep snapshot` reads it again",
            age.as_hours()
        ));
    }
    Ok(())
}

/// Longest wait for one answer of a client that gives up after so long.
fn answer_within(give_up_after: Duration) -> Duration {
    ANSWER_WITHIN.min(give_up_after)
}

#[cfg(test)]
mod tests;
