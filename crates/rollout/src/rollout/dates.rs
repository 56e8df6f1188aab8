//! Dates in settings, written as TOML dates (`2026-11-26`) or as text (`"2026-11-26"`).
//!
//! The `toml` crate hands a date to serde as a map with one private key, which a plain date does
//! not read; people write dates without quotes all the same.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

/// A date in either spelling.
struct Written(Date);

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Written;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a date such as 2026-11-26")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Written, E> {
                text.trim().parse().map(Written).map_err(|_| {
                    E::custom(format!("`{text}` is no date; write it like 2026-11-26"))
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Written, A::Error> {
                match map.next_entry::<String, String>()? {
                    Some((_, text)) => self.visit_str(&text),
                    None => Err(de::Error::custom("expected a date such as 2026-11-26")),
                }
            }
        }
        deserializer.deserialize_any(Either)
    }
}

pub(super) fn one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    Written::deserialize(deserializer).map(|date| date.0)
}

pub(super) fn optional<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Date>, D::Error> {
    Ok(Option::<Written>::deserialize(deserializer)?.map(|date| date.0))
}

pub(super) fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Date>, D::Error> {
    Ok(Vec::<Written>::deserialize(deserializer)?.into_iter().map(|date| date.0).collect())
}

pub(super) fn by_name<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Date>, D::Error> {
    let map = BTreeMap::<String, Written>::deserialize(deserializer)?;
    Ok(map.into_iter().map(|(name, date)| (name, date.0)).collect())
}
