//! Which devices the policies' filters and controls can tell apart.

use std::collections::{BTreeMap, BTreeSet};

use super::axis::Class;
use crate::device_filter::DeviceRule;
use crate::facts::{Device, DeviceProperty, DeviceValue, SignIn};
use crate::policy::Policy;

/// More devices than this are not listed: then one of which nothing was seen stands for all, and
/// what hangs on it is unknown.
const MOST: usize = 4096;

/// A device that is not registered, and one for every combination of what filters compare with.
pub(in crate::evaluate) fn devices(policies: &[Policy]) -> Vec<Class> {
    let mut named: BTreeMap<DeviceProperty, Texts> = BTreeMap::new();
    let filters = policies.iter().filter_map(|it| it.conditions.device_filter.as_ref());
    for rule in filters.filter_map(|filter| DeviceRule::of(&filter.rule)) {
        for (property, text, whole) in rule.compared_with() {
            let texts = named.entry(property).or_default();
            if whole { &mut texts.whole } else { &mut texts.parts }.insert(text);
        }
    }
    let mut all = vec![class(Some(Device::unregistered()), 0)];
    let mut registered: Vec<Device> = Vec::new();
    let compliances = [DeviceValue::Flag(true), DeviceValue::Flag(false), DeviceValue::Null];
    for compliant in compliances {
        for trust in ["AzureAD", "ServerAD", "Workplace"] {
            for managed in [true, false] {
                registered.push(Device {
                    registered: Some(true),
                    managed: Some(managed),
                    properties: [
                        (DeviceProperty::IsCompliant, compliant.clone()),
                        (DeviceProperty::TrustType, DeviceValue::Text(trust.to_owned())),
                    ]
                    .into(),
                });
            }
        }
    }
    let fixed = [DeviceProperty::IsCompliant, DeviceProperty::TrustType];
    for (property, texts) in named.into_iter().filter(|(it, _)| !fixed.contains(it)) {
        let values = values(property, &texts);
        let fits = |it: &Vec<DeviceValue>| registered.len().saturating_mul(it.len()) <= MOST;
        let Some(values) = values.filter(fits) else {
            all.push(class(None, 9));
            return all;
        };
        registered = registered
            .iter()
            .flat_map(|device| {
                values.iter().map(|value| {
                    let mut device = device.clone();
                    device.properties.insert(property, value.clone());
                    device
                })
            })
            .collect();
    }
    all.extend(registered.into_iter().map(|device| class(Some(device), 1)));
    all
}

/// What filters compare a property with: its whole value, or a beginning, a part or an end.
#[derive(Debug, Default)]
struct Texts {
    whole: BTreeSet<String>,
    parts: BTreeSet<String>,
}

/// More parts than this are not put together.
const MOST_PARTS: usize = 6;

/// Every value that the texts can tell apart: none, each whole one, and whatever begins with one
/// part or none, holds some of them and ends in one or none. `None`: there are too many.
fn values(property: DeviceProperty, texts: &Texts) -> Option<Vec<DeviceValue>> {
    let mut all = vec![DeviceValue::Null];
    if texts.parts.len() > MOST_PARTS {
        return None;
    }
    let parts: Vec<&str> = texts.parts.iter().map(String::as_str).collect();
    let subsets = (0..1_usize << parts.len()).map(|subset| -> Vec<&str> {
        let chosen = parts.iter().enumerate().filter(|(place, _)| subset & (1 << place) != 0);
        chosen.map(|(_, part)| *part).collect()
    });
    if property.is_list() {
        let owned = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect();
        all.extend(subsets.map(|subset| DeviceValue::List(owned(subset))));
        return Some(all);
    }
    let ends = || parts.iter().copied().chain([""]);
    let mut built: BTreeSet<String> = texts.whole.clone();
    for subset in subsets {
        for start in ends() {
            for end in ends() {
                built.insert(format!("{start}~{}~{end}", subset.join("~")));
            }
        }
    }
    built.extend(texts.parts.iter().cloned());
    all.extend(built.into_iter().map(DeviceValue::Text));
    Some(all)
}

fn class(device: Option<Device>, unusual: u32) -> Class {
    let name = device.as_ref().map_or_else(|| "a device nobody saw".to_owned(), describe);
    let mut facts = SignIn::of_user("");
    facts.device = device;
    Class::of(facts, name, unusual)
}

/// A device in words.
pub(in crate::evaluate) fn describe(device: &Device) -> String {
    if device.is_registered() == Some(false) {
        return "a device that is not registered".to_owned();
    }
    let compliant = match device.is_compliant() {
        Some(true) => "compliant",
        Some(false) => "not compliant",
        None => "of unknown compliance",
    };
    let joined = match device.is_hybrid_joined() {
        Some(true) => "hybrid joined",
        Some(false) => "not hybrid joined",
        None => "of unknown join",
    };
    let named = match device.properties.get(&DeviceProperty::DisplayName) {
        Some(DeviceValue::Text(name)) if !name.trim().is_empty() => format!("the device `{name}`"),
        _ => "a registered device".to_owned(),
    };
    format!("{named}, {compliant}, {joined}")
}
