//! What a rule says of a device.

use super::{Comparison, DeviceRule, Expression, Operator, Test, comparable_value};
use crate::facts::{Device, DeviceProperty, DeviceValue};
use crate::outcome::Fact;
use crate::truth::Truth;

/// What a filter sees of a device.
#[derive(Debug, Clone, Copy)]
pub(crate) enum DeviceState<'a> {
    /// Nobody saw the device.
    NotSeen,
    /// The device is not registered: every property is null.
    Unregistered,
    /// A registered device.
    Registered(&'a Device),
}

/// Where a missed fact is noted.
pub(crate) trait Known {
    /// Notes that this fact was missed.
    fn missed(&mut self, fact: Fact);
}

impl DeviceRule {
    /// What the rule says of the device.
    pub(crate) fn judge(&self, device: DeviceState<'_>, known: &mut impl Known) -> Truth {
        self.0.judge(device, known)
    }
}

impl Expression {
    fn judge(&self, device: DeviceState<'_>, known: &mut impl Known) -> Truth {
        match self {
            Self::And(parts) => {
                parts.iter().fold(Truth::True, |truth, part| truth.and(part.judge(device, known)))
            }
            Self::Or(parts) => {
                parts.iter().fold(Truth::False, |truth, part| truth.or(part.judge(device, known)))
            }
            Self::Not(part) => {
                if matches!(device, DeviceState::Unregistered) && part.has_positive() {
                    known.missed(Fact::Behaviour("-not in a device filter, device unregistered"));
                    return Truth::Unknown;
                }
                part.judge(device, known).negated()
            }
            Self::Compare(comparison) => comparison.judge(device, known),
        }
    }

    fn has_positive(&self) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::has_positive),
            Self::Not(part) => part.has_positive(),
            Self::Compare(comparison) => !comparison.operator.negative,
        }
    }
}

impl Comparison {
    fn judge(&self, device: DeviceState<'_>, known: &mut impl Known) -> Truth {
        let Operator { negative, .. } = self.operator;
        let device = match device {
            DeviceState::NotSeen => {
                known.missed(Fact::Device);
                return Truth::Unknown;
            }
            // A property without a value: a positive operator fails, a negative one holds.
            DeviceState::Unregistered => return Truth::from(negative),
            DeviceState::Registered(device) => device,
        };
        if matches!(self.property, DeviceProperty::ExtensionAttribute(_))
            && lacks_extensions(device)
        {
            if negative {
                known.missed(Fact::Behaviour("extension attributes of an unmanaged device"));
                return Truth::Unknown;
            }
            return Truth::False;
        }
        let Some(value) = device.properties.get(&self.property) else {
            known.missed(Fact::DeviceProperty(self.property));
            return Truth::Unknown;
        };
        let Some(holds) = self.holds(value) else {
            known.missed(Fact::DeviceProperty(self.property));
            return Truth::Unknown;
        };
        Truth::from(holds != negative)
    }

    /// Whether the positive operator of the pair holds. `None`: nobody documents it.
    fn holds(&self, value: &DeviceValue) -> Option<bool> {
        let Some(seen) = comparable_value(self.property, value) else { return Some(false) };
        if self.property.is_list() {
            // Only whole elements are documented for lists.
            return (self.operator.test == Test::Contains)
                .then(|| self.values.iter().any(|wanted| seen.contains(wanted)));
        }
        let [seen] = seen.as_slice() else { return None };
        Some(self.values.iter().any(|wanted| match self.operator.test {
            Test::Equals | Test::In => seen == wanted,
            Test::StartsWith => seen.starts_with(wanted.as_str()),
            Test::EndsWith => seen.ends_with(wanted.as_str()),
            Test::Contains => seen.contains(wanted.as_str()),
        }))
    }
}

/// Extension attributes exist only on devices that Intune manages, or that are compliant or hybrid
/// joined (*Filter for devices*, policy behaviour).
fn lacks_extensions(device: &Device) -> bool {
    device.is_compliant() == Some(false)
        && device.is_hybrid_joined() == Some(false)
        && device.managed != Some(true)
}
