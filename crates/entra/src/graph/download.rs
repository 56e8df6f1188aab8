//! Downloading a tenant: every list the catalogue names, page by page, into a folder.

mod each;
mod lists;
mod probe;
mod refusal;
mod subjects;

use std::cell::RefCell;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

pub use probe::probe;

use super::call::Workload;
use super::catalogue::{READS, Read, Shape};
use super::client::Client;
use super::error::GraphError;
use super::folder::Folder;
use super::manifest::{LogSpan, Manifest, ReadState, SCHEMA, State};
use super::transport::{Transport, TransportError};

/// Where a download goes, and how much of it is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DownloadOptions {
    /// The folder the pages end up in. A run in progress lies beside it until it is whole.
    pub folder: PathBuf,
    /// Tenant as the operator names it.
    pub tenant: String,
    /// Word of its cloud.
    pub cloud: String,
    /// Days of sign-ins to go back where none were read before.
    pub sign_in_days: u32,
    /// Accounts whose registered methods are read whatever the report says, by user principal name
    /// or object id: break-glass accounts.
    pub accounts: Vec<String>,
    /// Groups whose members' methods are, by display name or object id: the pilot.
    pub groups: Vec<String>,
}

/// The download could not be kept. What Graph refuses is no error: it stands in the manifest.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// A file could not be written or read.
    #[error("cannot keep the download in `{}`", path.display())]
    Keep {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Another process downloads into the same folder.
    #[error("another snapshot is being taken into `{}`", folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
    },
    /// Nothing at all could be read: no token, or no network.
    #[error("nothing could be read of the tenant")]
    Nothing(#[source] GraphError),
    /// The tenant was lost on the way. What came is kept, and the next download goes on from there.
    #[error("the tenant could no longer be reached after {pages} pages")]
    Interrupted {
        /// Pages that are kept.
        pages: u64,
        /// What was said last.
        #[source]
        source: GraphError,
    },
}

/// A download that was interrupted is gone on with for so long. Links to next pages may have
/// expired before; then the list is read from its start.
const WORTH_GOING_ON: SignedDuration = SignedDuration::from_hours(24);

/// Downloads everything. `told` hears of every page and of how each list ended.
///
/// Lists of one workload come one after the other, workloads at the same time. A list that fails
/// loses none of the others.
///
/// # Errors
/// See [`DownloadError`].
pub async fn download<T: Transport>(
    client: &Client<T>,
    options: &DownloadOptions,
    told: &mut dyn FnMut(&ReadState),
) -> Result<Manifest, DownloadError> {
    let folder = Folder::open(&options.folder)?;
    let manifest = begin(&folder, options, client.now())?;
    folder.save(&manifest)?;
    let run = Run {
        client,
        options,
        run: manifest.started.strftime("%Y%m%dT%H%M%SZ").to_string(),
        folder,
        manifest: RefCell::new(manifest),
        told: RefCell::new(told),
        lost: RefCell::new(None),
    };
    run.everything().await?;
    let mut manifest = run.manifest.into_inner();
    if let Some(source) = run.lost.into_inner() {
        let pages = manifest.reads.iter().map(|state| state.pages).sum();
        return Err(if pages == 0 {
            DownloadError::Nothing(source)
        } else {
            DownloadError::Interrupted { pages, source }
        });
    }
    manifest.finished = Some(client.now());
    run.folder.finish(&manifest)?;
    for state in manifest.reads.iter().filter(|state| state.log.is_some()) {
        let days = SignedDuration::from_hours(24)
            .saturating_mul(i32::try_from(options.sign_in_days).unwrap_or(i32::MAX));
        let oldest = manifest.started.saturating_sub(days).unwrap_or(Timestamp::MIN);
        run.folder.prune(&state.id, &oldest.strftime("%Y%m%dT%H%M%SZ").to_string())?;
    }
    Ok(manifest)
}

/// The manifest to go on with: an interrupted one of the same question that is not too old, else a
/// new one.
fn begin(
    folder: &Folder,
    options: &DownloadOptions,
    now: Timestamp,
) -> Result<Manifest, DownloadError> {
    if let Some(mut manifest) = folder.unfinished()? {
        let same = manifest.tenant.eq_ignore_ascii_case(&options.tenant)
            && manifest.cloud == options.cloud
            && manifest.sign_in_days == options.sign_in_days
            && manifest.reads.iter().map(|state| state.id.as_str()).eq(READS.map(|read| read.id));
        if same && now.duration_since(manifest.started) <= WORTH_GOING_ON {
            for state in &mut manifest.reads {
                // A permission may have been granted since.
                if !state.is_whole() && state.state != State::Pending {
                    folder.clear(&state.id)?;
                    start_again(state);
                }
            }
            return Ok(manifest);
        }
        folder.discard()?;
    }
    let before = folder.last()?.filter(|last| {
        last.tenant.eq_ignore_ascii_case(&options.tenant) && last.cloud == options.cloud
    });
    let reads = READS.iter().map(|read| {
        let mut state = ReadState::pending(read);
        if read.shape == Shape::Log {
            let last = before.as_ref().and_then(|last| last.state(read.id));
            let whole = last
                .filter(|_| folder.has_log(read.id))
                .and_then(|last| last.log?.whole(last.is_whole()));
            state.log = Some(LogSpan::wanted(options.sign_in_days, now, whole));
        }
        state
    });
    Ok(Manifest {
        schema: SCHEMA.to_owned(),
        tenant: options.tenant.clone(),
        cloud: options.cloud.clone(),
        sign_in_days: options.sign_in_days,
        started: now,
        finished: None,
        reads: reads.collect(),
    })
}

fn start_again(state: &mut ReadState) {
    (state.pages, state.objects, state.next, state.state) = (0, 0, None, State::Pending);
}

/// One download on its way.
struct Run<'r, T> {
    client: &'r Client<T>,
    options: &'r DownloadOptions,
    /// Its start, as it stands in names of files.
    run: String,
    folder: Folder,
    /// Borrowed between two waits only.
    manifest: RefCell<Manifest>,
    told: RefCell<&'r mut dyn FnMut(&ReadState)>,
    /// The tenant cannot be reached any more: nothing else is asked.
    lost: RefCell<Option<GraphError>>,
}

impl<T: Transport> Run<'_, T> {
    async fn everything(&self) -> Result<(), DownloadError> {
        let (directory, registration) = (Notify::new(), Notify::new());
        let people = async {
            let in_directory = READS.iter().filter(|it| it.workload == Workload::Directory);
            for read in in_directory {
                self.one(read).await?;
            }
            directory.notify_one();
            Ok::<(), DownloadError>(())
        };
        let reports = async {
            for read in READS.iter().filter(|it| it.workload == Workload::Reports) {
                self.one(read).await?;
                if read.id == "registration" {
                    registration.notify_one();
                }
            }
            Ok(())
        };
        let one_by_one = async {
            directory.notified().await;
            registration.notified().await;
            for read in READS.iter().filter(|it| {
                it.workload != Workload::Directory && matches!(it.shape, Shape::Each(_))
            }) {
                self.one(read).await?;
            }
            Ok(())
        };
        tokio::try_join!(
            people,
            reports,
            one_by_one,
            self.lists_of(Workload::ConditionalAccess),
            self.lists_of(Workload::Alerts),
            self.lists_of(Workload::ServiceHealth),
            self.lists_of(Workload::Other),
        )?;
        Ok(())
    }

    async fn lists_of(&self, workload: Workload) -> Result<(), DownloadError> {
        let lists = READS
            .iter()
            .filter(|it| it.workload == workload && !matches!(it.shape, Shape::Each(_)));
        for read in lists {
            self.one(read).await?;
        }
        Ok(())
    }

    /// Reads one of the catalogue, unless it came before or the tenant is lost.
    async fn one(&self, read: &'static Read) -> Result<(), DownloadError> {
        if self.lost.borrow().is_some() || self.state(read.id, |state| state.is_whole()) {
            return Ok(());
        }
        match read.shape {
            Shape::List | Shape::Log => self.list(read).await,
            Shape::Object => self.object(read).await,
            Shape::Each(subjects) => self.each(read, subjects).await,
            Shape::Part => Ok(()),
        }
    }

    /// Looks at a state.
    fn state<A>(&self, id: &str, look: impl FnOnce(&ReadState) -> A) -> A
    where
        A: Default,
    {
        self.manifest.borrow().state(id).map(look).unwrap_or_default()
    }

    /// Changes a state and writes the manifest.
    fn change(&self, id: &str, change: impl FnOnce(&mut ReadState)) -> Result<(), DownloadError> {
        let mut manifest = self.manifest.borrow_mut();
        if let Some(state) = manifest.reads.iter_mut().find(|state| state.id == id) {
            change(state);
            self.told.borrow_mut()(state);
        }
        self.folder.save(&manifest)
    }

    /// Notes how a read ended that did not come whole. A tenant that is out of reach ends the
    /// download; everything else ends this list.
    fn failed(&self, read: &Read, error: GraphError) -> Result<(), DownloadError> {
        if is_out_of_reach(&error) {
            *self.lost.borrow_mut() = Some(error);
            return Ok(());
        }
        self.change(read.id, |state| state.state = refusal::state_of(&error, read))
    }
}

/// No other list would come either.
pub(super) fn is_out_of_reach(error: &GraphError) -> bool {
    matches!(
        error,
        GraphError::NoToken { .. }
            | GraphError::Unreachable { source: TransportError::NotSent { .. }, .. }
    )
}
