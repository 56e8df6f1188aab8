//! Daily series: one value a day.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::documents::plain;
use crate::{Document, NewDocument, Series, Store, StoreError, Together, Version};

/// The value of a day to be written.
#[derive(Debug, Clone, Copy)]
pub struct NewDay<'a, T> {
    /// The day it is counted for, in the time zone of the rollout.
    pub date: Date,
    /// The figures.
    pub value: &'a T,
    /// Digest or id of what they were counted from.
    pub source: &'a str,
    /// Now.
    pub at: Timestamp,
    /// Who writes it.
    pub by: &'a str,
}

/// The value of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day<T> {
    /// The day.
    pub date: Date,
    /// The figures that were written last for this day.
    pub value: T,
    /// When, by whom, from what; how many times the day was written.
    pub version: Version,
}

impl Store {
    /// The days from the first to the last, both included, in order. A day that nobody counted is not
    /// there, and is no 0. A day that is damaged or does not fit is an error in its place.
    ///
    /// # Errors
    ///
    /// If the database cannot be asked.
    pub fn days<T: DeserializeOwned>(
        &self,
        series: &Series<T>,
        first: Date,
        last: Date,
    ) -> Result<Vec<Result<Day<T>, StoreError>>, StoreError> {
        let keys = (key_of(first)?, key_of(last)?);
        let rows = self.newest_of(&kind_of(series)?, Some((&keys.0, &keys.1)))?;
        Ok(rows.into_iter().map(|row| self.day(row?)).collect())
    }

    /// Every time the value of a day was written, oldest first.
    ///
    /// # Errors
    ///
    /// If the database cannot be asked, or a row is damaged.
    pub fn day_history<T>(
        &self,
        series: &Series<T>,
        date: Date,
    ) -> Result<Vec<Version>, StoreError> {
        self.versions(&kind_of(series)?, &key_of(date)?)
    }

    fn day<T>(&self, document: Document<T>) -> Result<Day<T>, StoreError> {
        let Document { version, payload: value } = document;
        match version.key.parse() {
            Ok(date) => Ok(Day { date, value, version }),
            Err(_) => Err(StoreError::Damaged {
                path: self.path().to_owned(),
                what: format!("`{}/{}` is not a day", version.kind, version.key),
                source: None,
            }),
        }
    }
}

impl Together<'_> {
    /// Writes the value of a day; what was written for it before stays, and is superseded.
    ///
    /// # Errors
    ///
    /// As [`Together::put`].
    pub fn put_day<T: Serialize>(
        &self,
        series: &Series<T>,
        day: &NewDay<'_, T>,
    ) -> Result<Version, StoreError> {
        let document = NewDocument {
            key: &key_of(day.date)?,
            payload: day.value,
            at: day.at,
            by: day.by,
            source: Some(day.source),
        };
        self.put_as(kind_of(series)?, series.schema(), &document)
    }
}

/// With a sign that no name of a kind has.
fn kind_of<T>(series: &Series<T>) -> Result<String, StoreError> {
    Ok(format!("daily/{}", plain(series.name())?))
}

/// Days sort as texts, from the year 0 on.
fn key_of(date: Date) -> Result<String, StoreError> {
    if date.year() < 0 {
        return Err(StoreError::Input { what: "day", why: "it lies before the year 0" });
    }
    Ok(date.to_string())
}
