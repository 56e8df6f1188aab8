//! How an account is named wherever lockstep speaks of one.

use serde::{Deserialize, Serialize};

/// The three names of an account, as every document prints them.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Account {
    /// User principal name, in the directory's form where the directory is known.
    pub user_principal_name: Option<String>,
    /// Object id.
    pub user_id: Option<String>,
    /// Display name.
    pub display_name: Option<String>,
}

impl Account {
    /// The name a person reads: user principal name, else display name, else object id.
    #[must_use]
    pub fn label(&self) -> &str {
        self.user_principal_name
            .as_deref()
            .or(self.display_name.as_deref())
            .or(self.user_id.as_deref())
            .unwrap_or("(no name)")
    }
}
