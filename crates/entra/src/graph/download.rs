//! Downloading a tenant: every list the catalogue names, page by page, into a folder.

use std::path::PathBuf;

use super::client::Client;
use super::manifest::{Manifest, ReadState};
use super::transport::Transport;

/// Where a download goes, and how much of it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownloadOptions {
    /// The folder the pages end up in. A run in progress lies beside it until it is whole.
    pub folder: PathBuf,
    /// Days of sign-ins to go back where none were read before.
    pub sign_in_days: u32,
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
    /// Nothing at all could be read: no token, or no network.
    #[error("nothing could be read of the tenant")]
    Nothing(#[source] super::GraphError),
}

/// Downloads everything. `told` hears of every page.
///
/// # Errors
/// See [`DownloadError`].
pub async fn download<T: Transport>(
    client: &Client<T>,
    options: &DownloadOptions,
    told: &mut dyn FnMut(&ReadState),
) -> Result<Manifest, DownloadError> {
    let _ = (client, options, told);
    todo!()
}
