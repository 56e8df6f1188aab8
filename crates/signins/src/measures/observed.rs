//! One sign-in with everything the measures ask of it, worked out once.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use crate::legacy_client::{is_legacy, is_ropc};
use crate::outcome::Outcome;
use crate::sign_in::{Kind, SignIn};
use crate::words::fingerprint;

/// One sign-in, judged.
#[derive(Debug)]
pub(crate) struct Observed<'r, 'a> {
    pub sign_in: &'r SignIn<'a>,
    pub time: Timestamp,
    /// UTC date.
    pub date: Date,
    /// Bit of the UTC hour.
    pub hour: u32,
    pub outcome: Outcome,
    pub kind: Kind,
    pub legacy: bool,
    pub ropc: bool,
    /// Key of the user; see [`user_key`].
    pub user: &'r str,
    /// Fingerprint of that key.
    pub user_print: u64,
}

impl<'r, 'a> Observed<'r, 'a> {
    /// Judges a sign-in.
    pub(crate) fn new(sign_in: &'r SignIn<'a>, time: Timestamp, user: &'r str) -> Self {
        let utc = Offset::UTC.to_datetime(time);
        let hour = u32::try_from(utc.hour()).unwrap_or(0);
        Self {
            sign_in,
            time,
            date: utc.date(),
            hour: 1_u32.checked_shl(hour).unwrap_or(0),
            outcome: sign_in.outcome(),
            kind: sign_in.kind(),
            legacy: is_legacy(sign_in),
            ropc: is_ropc(sign_in),
            user,
            user_print: fingerprint(user),
        }
    }

    /// True for result code 0.
    pub(crate) fn succeeded(&self) -> bool {
        self.outcome == Outcome::Success
    }
}

/// Key of users known by object id.
pub(crate) const BY_ID: char = 'i';
/// Key of users known by user principal name only.
pub(crate) const BY_NAME: char = 'n';
/// Key of users known by neither.
const BY_LABEL: char = 'l';

/// Writes the key of a user: object id, else user principal name, else whatever names them.
pub(crate) fn user_key(sign_in: &SignIn<'_>, key: &mut String) {
    key.clear();
    let text = &sign_in.text;
    let (by, name) = match (&text.user_id, &text.user_principal_name) {
        (Some(id), _) => (BY_ID, id.as_ref()),
        (None, Some(name)) => (BY_NAME, name.as_ref()),
        (None, None) => {
            let label = text.user_display_name.as_ref().or(text.identity.as_ref());
            (BY_LABEL, label.map_or("", AsRef::as_ref))
        }
    };
    key.push(by);
    push_lower(key, name);
}

/// Appends a text in lower case.
pub(crate) fn push_lower(key: &mut String, text: &str) {
    if text.is_ascii() {
        key.extend(text.chars().map(|c| c.to_ascii_lowercase()));
    } else {
        key.push_str(&text.to_lowercase());
    }
}
