//! The device of a sign-in, as filters for devices and device controls see it.

use std::collections::BTreeMap;

use serde::Serialize;

/// One property that a filter for devices may name (Entra documentation, *Filter for devices*).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum DeviceProperty {
    /// `deviceId`
    DeviceId,
    /// `displayName`
    DisplayName,
    /// `deviceOwnership`: `Personal` or `Company`
    DeviceOwnership,
    /// `enrollmentProfileName`
    EnrollmentProfileName,
    /// `isCompliant`
    IsCompliant,
    /// `manufacturer`
    Manufacturer,
    /// `mdmAppId`
    MdmAppId,
    /// `model`
    Model,
    /// `operatingSystem`
    OperatingSystem,
    /// `operatingSystemVersion`
    OperatingSystemVersion,
    /// `physicalIds`, a list
    PhysicalIds,
    /// `profileType`
    ProfileType,
    /// `systemLabels`, a list
    SystemLabels,
    /// `trustType`: `AzureAD`, `ServerAD` or `Workplace`
    TrustType,
    /// `extensionAttribute1` to `extensionAttribute15`, by their number
    ExtensionAttribute(u8),
}

impl DeviceProperty {
    const NAMED: [(Self, &'static str); 14] = [
        (Self::DeviceId, "deviceId"),
        (Self::DisplayName, "displayName"),
        (Self::DeviceOwnership, "deviceOwnership"),
        (Self::EnrollmentProfileName, "enrollmentProfileName"),
        (Self::IsCompliant, "isCompliant"),
        (Self::Manufacturer, "manufacturer"),
        (Self::MdmAppId, "mdmAppId"),
        (Self::Model, "model"),
        (Self::OperatingSystem, "operatingSystem"),
        (Self::OperatingSystemVersion, "operatingSystemVersion"),
        (Self::PhysicalIds, "physicalIds"),
        (Self::ProfileType, "profileType"),
        (Self::SystemLabels, "systemLabels"),
        (Self::TrustType, "trustType"),
    ];

    /// The property of this name, in any case.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        const PREFIX: &str = "extensionAttribute";
        let named = Self::NAMED.iter().find(|(_, name)| name.eq_ignore_ascii_case(word));
        if let Some((property, _)) = named {
            return Some(*property);
        }
        let (prefix, number) = word.split_at_checked(PREFIX.len())?;
        let plain = !number.starts_with('0') && number.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.parse::<u8>().ok().filter(|it| plain && (1..=15).contains(it))?;
        prefix.eq_ignore_ascii_case(PREFIX).then_some(Self::ExtensionAttribute(number))
    }

    /// The name as the documentation spells it.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::ExtensionAttribute(number) => format!("extensionAttribute{number}"),
            named => Self::NAMED
                .iter()
                .find(|(property, _)| *property == named)
                .map_or_else(String::new, |(_, name)| (*name).to_owned()),
        }
    }

    /// True for the two properties that hold several values.
    #[must_use]
    pub fn is_list(self) -> bool {
        matches!(self, Self::PhysicalIds | Self::SystemLabels)
    }
}

/// The value of one property of a device that was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum DeviceValue {
    /// The property was seen, and has no value.
    Null,
    /// Yes or no.
    Flag(bool),
    /// A text.
    Text(String),
    /// Several texts.
    List(Vec<String>),
}

/// The device of a sign-in. A property that stands nowhere in it was not seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Device {
    /// Whether the device is registered with Microsoft Entra ID.
    pub registered: Option<bool>,
    /// Whether Intune manages it.
    pub managed: Option<bool>,
    /// Everything a filter may read.
    pub properties: BTreeMap<DeviceProperty, DeviceValue>,
}

impl Device {
    /// A device that is not registered.
    #[must_use]
    pub fn unregistered() -> Self {
        Self { registered: Some(false), ..Self::default() }
    }

    /// Whether the device is registered: as seen, or because a device id, a trust type or a
    /// compliance value was seen, which only registered devices have (Entra documentation,
    /// *Grant controls*).
    #[must_use]
    pub fn is_registered(&self) -> Option<bool> {
        self.registered.or_else(|| {
            let implying =
                [DeviceProperty::DeviceId, DeviceProperty::TrustType, DeviceProperty::IsCompliant];
            let seen = |property| {
                self.properties.get(property).is_some_and(|it| match it {
                    DeviceValue::Null => false,
                    DeviceValue::Flag(_) => true,
                    DeviceValue::Text(text) => !text.trim().is_empty(),
                    DeviceValue::List(items) => !items.is_empty(),
                })
            };
            implying.iter().any(seen).then_some(true)
        })
    }

    /// Whether Intune, or another management, finds the device compliant.
    #[must_use]
    pub fn is_compliant(&self) -> Option<bool> {
        match self.properties.get(&DeviceProperty::IsCompliant)? {
            DeviceValue::Flag(flag) => Some(*flag),
            DeviceValue::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            DeviceValue::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            DeviceValue::Text(_) | DeviceValue::List(_) | DeviceValue::Null => None,
        }
    }

    /// Whether the device is Microsoft Entra hybrid joined, by its trust type.
    #[must_use]
    pub fn is_hybrid_joined(&self) -> Option<bool> {
        match self.properties.get(&DeviceProperty::TrustType)? {
            DeviceValue::Text(text) if !text.trim().is_empty() => {
                Some(trust_type(text).eq_ignore_ascii_case("ServerAD"))
            }
            DeviceValue::Null
            | DeviceValue::Text(_)
            | DeviceValue::Flag(_)
            | DeviceValue::List(_) => None,
        }
    }
}

/// The directory's word for a trust type that sign-in logs tell in the portal's words, old and new.
pub(crate) fn trust_type(text: &str) -> &str {
    const WORDS: [(&str, &str); 6] = [
        ("Azure AD joined", "AzureAD"),
        ("Microsoft Entra joined", "AzureAD"),
        ("Hybrid Azure AD joined", "ServerAD"),
        ("Microsoft Entra hybrid joined", "ServerAD"),
        ("Azure AD registered", "Workplace"),
        ("Microsoft Entra registered", "Workplace"),
    ];
    let text = text.trim();
    WORDS.iter().find(|(log, _)| log.eq_ignore_ascii_case(text)).map_or(text, |(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::{Device, DeviceProperty, DeviceValue};

    #[test]
    fn names_of_properties() {
        for (property, name) in DeviceProperty::NAMED {
            assert_eq!(DeviceProperty::of_word(&name.to_uppercase()), Some(property));
            assert_eq!(property.word(), name);
        }
        let cases = [
            ("extensionAttribute1", Some(1)),
            ("EXTENSIONATTRIBUTE15", Some(15)),
            ("extensionAttribute0", None),
            ("extensionAttribute16", None),
            ("extensionAttribute01", None),
            ("extensionAttribute+1", None),
            ("extensionAttribute", None),
            ("extensionÄttribute1", None),
            ("tenantId", None),
            ("", None),
        ];
        for (word, number) in cases {
            assert_eq!(
                DeviceProperty::of_word(word),
                number.map(DeviceProperty::ExtensionAttribute),
                "{word}"
            );
        }
    }

    #[test]
    fn what_implies_a_registered_device() {
        let with = |property, value| Device {
            properties: [(property, value)].into(),
            ..Device::default()
        };
        assert_eq!(Device::default().is_registered(), None);
        assert_eq!(Device::unregistered().is_registered(), Some(false));
        let cases = [
            (DeviceProperty::IsCompliant, DeviceValue::Flag(false), Some(true)),
            (DeviceProperty::IsCompliant, DeviceValue::Null, None),
            (DeviceProperty::TrustType, DeviceValue::Text("Workplace".into()), Some(true)),
            (DeviceProperty::DeviceId, DeviceValue::Text(" ".into()), None),
            (DeviceProperty::Model, DeviceValue::Text("X".into()), None),
        ];
        for (property, value, expected) in cases {
            assert_eq!(with(property, value.clone()).is_registered(), expected, "{value:?}");
        }
    }

    #[test]
    fn hybrid_joined_in_every_word() {
        for (word, expected) in [
            ("ServerAD", Some(true)),
            ("hybrid azure ad joined", Some(true)),
            ("Microsoft Entra hybrid joined", Some(true)),
            ("Azure AD joined", Some(false)),
            ("Workplace", Some(false)),
            ("", None),
        ] {
            let device = Device {
                properties: [(DeviceProperty::TrustType, DeviceValue::Text(word.into()))].into(),
                ..Device::default()
            };
            assert_eq!(device.is_hybrid_joined(), expected, "{word}");
        }
    }
}
