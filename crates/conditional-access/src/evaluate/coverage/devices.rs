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
    let mut named: BTreeMap<DeviceProperty, BTreeSet<String>> = BTreeMap::new();
    let filters = policies.iter().filter_map(|it| it.conditions.device_filter.as_ref());
    for rule in filters.filter_map(|filter| DeviceRule::of(&filter.rule)) {
        for (property, text) in rule.compared_with() {
            named.entry(property).or_default().insert(text);
        }
    }
    let mut all = vec![class(Some(Device::unregistered()), 0)];
    let mut registered: Vec<Device> = Vec::new();
    for compliant in [true, false] {
        for trust in ["AzureAD", "ServerAD", "Workplace"] {
            for managed in [true, false] {
                registered.push(Device {
                    registered: Some(true),
                    managed: Some(managed),
                    properties: [
                        (DeviceProperty::IsCompliant, DeviceValue::Flag(compliant)),
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
        if registered.len().saturating_mul(values.len()) > MOST {
            all.push(class(None, 9));
            return all;
        }
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

/// Every value that the texts can tell apart: none, each, something else, and each put together
/// from a beginning, a middle and an end.
fn values(property: DeviceProperty, texts: &BTreeSet<String>) -> Vec<DeviceValue> {
    let mut all = vec![DeviceValue::Null];
    if property.is_list() {
        let texts: Vec<&String> = texts.iter().collect();
        let subsets = 1_usize.checked_shl(u32::try_from(texts.len()).unwrap_or(u32::MAX));
        for subset in 0..subsets.unwrap_or(usize::MAX).min(MOST) {
            let list = texts.iter().enumerate();
            let list = list.filter(|(place, _)| subset & (1 << place) != 0);
            all.push(DeviceValue::List(list.map(|(_, it)| (*it).clone()).collect()));
        }
        return all;
    }
    let mut built: BTreeSet<String> = texts.clone();
    built.insert(String::new());
    for _ in 0..2 {
        if built.len().saturating_mul(texts.len()) > MOST {
            break;
        }
        let longer: Vec<String> = built
            .iter()
            .flat_map(|start| texts.iter().map(move |end| format!("{start}~{end}")))
            .collect();
        built.extend(longer);
    }
    // A text that none of them touches.
    built.insert("~".to_owned());
    all.extend(built.into_iter().map(DeviceValue::Text));
    all
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
