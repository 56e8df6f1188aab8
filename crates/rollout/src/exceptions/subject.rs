//! One account, with everything the rules of classification ask about it.

use jiff::Timestamp;

use super::declared::Declared;
use super::name_words::{local_part, words};
use crate::account::Account;
use crate::facts::Facts;
use crate::measurement::PersonActivity;
use crate::snapshot::{
    DIRECTORY_SYNCHRONIZATION_ACCOUNTS, MailboxKind, ON_PREMISES_DIRECTORY_SYNC_ACCOUNT,
    RoleAssignment, User,
};

/// One account under classification.
pub(super) struct Subject<'a> {
    pub(super) facts: &'a Facts<'a>,
    pub(super) declared: &'a Declared,
    /// True when at least one user of the export carries sign-in dates, so that an account
    /// without any is one that never signed in (Graph documentation, `signInActivity`).
    pub(super) directory_tells_activity: bool,
    pub(super) position: usize,
    pub(super) user: &'a User,
    pub(super) activity: Option<&'a PersonActivity>,
    pub(super) last_seen: Option<Timestamp>,
    roles: Vec<&'a RoleAssignment>,
}

impl<'a> Subject<'a> {
    pub(super) fn new(
        facts: &'a Facts<'a>,
        declared: &'a Declared,
        directory_tells_activity: bool,
        position: usize,
        user: &'a User,
    ) -> Self {
        let account = &user.account;
        Self {
            facts,
            declared,
            directory_tells_activity,
            position,
            user,
            activity: facts.activity(account),
            last_seen: facts.last_seen(account),
            roles: facts.roles_of(account),
        }
    }

    pub(super) fn account(&self) -> &'a Account {
        &self.user.account
    }

    /// Words of the user principal name before the `@`.
    pub(super) fn name_words(&self) -> String {
        words(local_part(self.account().user_principal_name.as_deref().unwrap_or_default()))
    }

    /// Words of the display name.
    pub(super) fn display_words(&self) -> String {
        words(self.account().display_name.as_deref().unwrap_or_default())
    }

    pub(super) fn mailbox_kind(&self) -> Option<MailboxKind> {
        self.facts.mailbox(self.user).map(|mailbox| mailbox.kind)
    }

    /// The role of directory synchronisation, where the account holds one.
    pub(super) fn synchronization_role(&self) -> Option<&'a RoleAssignment> {
        self.roles.iter().copied().find(|role| is_synchronization(role))
    }

    /// An administrator role the account holds actively.
    pub(super) fn administrator_role(&self) -> Option<&'a RoleAssignment> {
        self.roles.iter().copied().find(|role| role.active && !is_synchronization(role))
    }

    /// In words why the account administers something: an active role, or the report's `isAdmin`.
    pub(super) fn administers(&self) -> Option<String> {
        if let Some(role) = self.administrator_role() {
            let name = role.role_name.as_deref().unwrap_or(&role.role);
            return Some(format!("holds the role `{name}`"));
        }
        let registration = self.facts.registration(self.account())?;
        (registration.is_admin == Some(true))
            .then(|| "`isAdmin` is true in the registration report".to_owned())
    }

    /// What the directory says of a human being: a job title, a manager or a mobile phone.
    pub(super) fn person_data(&self) -> Option<&'static str> {
        self.person_fields()
            .into_iter()
            .find(|(_, value)| value.is_some_and(|value| !value.trim().is_empty()))
            .map(|(field, _)| field)
    }

    /// True when the directory told at least one of those fields, if only to be empty.
    pub(super) fn person_data_told(&self) -> bool {
        self.person_fields().into_iter().any(|(_, value)| value.is_some())
    }

    fn person_fields(&self) -> [(&'static str, Option<&'a str>); 3] {
        [
            ("jobTitle", self.user.job_title.as_deref()),
            ("manager", self.user.manager.as_deref()),
            ("mobilePhone", self.user.mobile_phone.as_deref()),
        ]
    }

    /// True when somebody was seen to sign in interactively by anything but legacy
    /// authentication, which the log may file under the interactive sign-ins.
    pub(super) fn signs_in_by_hand(&self) -> bool {
        self.activity.is_some_and(|activity| {
            let successes =
                activity.interactive_successes.saturating_add(activity.non_interactive_successes);
            activity.interactive_successes > 0 && activity.legacy_successes < successes
        })
    }

    /// True when the log holds interactive sign-ins and none by hand of this account.
    pub(super) fn never_signs_in_by_hand(&self) -> bool {
        let told = self
            .facts
            .measurement
            .is_some_and(|measurement| measurement.coverage.interactive == Some(true));
        told && self.activity.is_some() && !self.signs_in_by_hand()
    }

    /// The name the account has in the words of a break-glass account, which nobody declared.
    pub(super) fn emergency_words(&self) -> bool {
        let joined = format!("{}{}", self.name_words(), self.display_words()).replace(' ', "");
        joined.contains("emergency") || joined.contains("breakglass")
    }
}

pub(super) fn is_synchronization(role: &RoleAssignment) -> bool {
    [DIRECTORY_SYNCHRONIZATION_ACCOUNTS, ON_PREMISES_DIRECTORY_SYNC_ACCOUNT]
        .iter()
        .any(|id| role.role.eq_ignore_ascii_case(id))
}
