//! The kinds of device a pilot tries.

use serde::{Deserialize, Serialize};

use super::SignInRow;

/// A kind of device that a pilot tries. One sign-in may show several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceClass {
    /// A computer that the organisation manages.
    Desktop,
    /// A phone or tablet.
    Phone,
    /// A computer that the organisation does not manage.
    Personal,
    /// Whatever it is: not enrolled in device management.
    Unenrolled,
}

impl DeviceClass {
    /// Every class, in the order of the tests.
    pub const ALL: [Self; 4] = [Self::Desktop, Self::Phone, Self::Personal, Self::Unenrolled];

    /// The class in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Desktop => "managed desktop",
            Self::Phone => "phone",
            Self::Personal => "personal computer",
            Self::Unenrolled => "unenrolled device",
        }
    }
}

/// The classes a sign-in shows. Empty: the log does not tell.
#[must_use]
pub fn classes_of(row: &SignInRow) -> Vec<DeviceClass> {
    let system = row.operating_system.as_deref().unwrap_or_default().to_lowercase();
    let system = system.replace(' ', "");
    let is = |names: &[&str]| names.iter().any(|name| system.contains(name));
    let phone = is(&["ios", "ipados", "android", "windowsphone"]);
    let computer = !phone && is(&["windows", "macos", "linux", "chromeos"]);
    let joined = row.trust_type.as_deref().is_some_and(|it| it.to_lowercase().contains("joined"));
    let managed = match (row.is_managed, row.is_compliant, row.device_id.as_deref()) {
        (Some(true), _, _) | (_, Some(true), _) => Some(true),
        (Some(false), _, _) | (None, _, Some("")) => Some(false),
        (None, _, _) => None,
    };
    let mut classes = Vec::new();
    if computer && (managed == Some(true) || joined) {
        classes.push(DeviceClass::Desktop);
    }
    if phone {
        classes.push(DeviceClass::Phone);
    }
    if computer && managed == Some(false) && !joined {
        classes.push(DeviceClass::Personal);
    }
    if (computer || phone) && managed == Some(false) {
        classes.push(DeviceClass::Unenrolled);
    }
    classes
}
