//! The time formats seen in exported files.
//!
//! Year first: RFC 3339 as Microsoft Graph and diagnostic settings write it, with up to nine
//! digits of a second, with an offset or without (then UTC), `T` or a space between date and time.
//! Day or month first: as a browser or a workbook writes it in its locale, in Log Analytics and
//! portal downloads.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Order of day and month in dates written by a locale, such as `5/19/2021`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateOrder {
    /// `5/19/2021`: the portal's default. Also taken where nothing in the file decides.
    #[default]
    MonthFirst,
    /// `19/5/2021`: decided by a value over 12 somewhere in the file.
    DayFirst,
}

/// The first second of the year 0, since 1970: no written form holds an earlier one.
const YEAR_ZERO: i64 = -62_167_219_200;

/// Reads a time in any of the formats seen in exported files. Times without a zone are UTC, as
/// their columns say (`[UTC]`, `Date (UTC)`). `None` when the text is none of them.
///
/// A leap second (`:60`) is read as the second before it. Dates with dots (`19.05.2021`) have the
/// day first whatever `order` says, because no locale writes them otherwise.
#[must_use]
pub fn parse(text: &str, order: DateOrder) -> Option<Timestamp> {
    // Windows PowerShell 5.1 writes milliseconds since 1970 (`ConvertTo-Json`).
    let counted = text.trim().strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/"));
    if let Some(milliseconds) = counted {
        let time = Timestamp::from_millisecond(milliseconds.parse().ok()?).ok()?;
        return (time.as_second() >= YEAR_ZERO).then_some(time);
    }
    let mut rest = Rest { bytes: text.trim().as_bytes() };
    let date = match rest.bytes {
        [b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'-' | b'/', ..] => {
            rest.year_first()?
        }
        _ => rest.locale_date()?.in_order(order)?,
    };
    rest.time_of(date)
}

/// What one date of a file says of the order of its dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// It can only be read in this order.
    Only(DateOrder),
    /// It can be read either way.
    Either,
}

impl Evidence {
    pub(crate) fn order(self) -> Option<DateOrder> {
        match self {
            Self::Only(order) => Some(order),
            Self::Either => None,
        }
    }
}

/// What a text says of the order; `None` when it is no date in which the order matters.
pub(crate) fn evidence(text: &str) -> Option<Evidence> {
    let mut rest = Rest { bytes: text.trim().as_bytes() };
    let date = rest.locale_date()?;
    if date.separator == b'.' {
        return None;
    }
    let month_first = parse(text, DateOrder::MonthFirst).is_some();
    let day_first = parse(text, DateOrder::DayFirst).is_some();
    match (month_first, day_first) {
        (true, true) => Some(Evidence::Either),
        (true, false) => Some(Evidence::Only(DateOrder::MonthFirst)),
        (false, true) => Some(Evidence::Only(DateOrder::DayFirst)),
        (false, false) => None,
    }
}

/// Year, month, day; not yet checked.
type Date = (i16, i8, i8);

/// A date whose year is last.
struct LocaleDate {
    first: i8,
    second: i8,
    year: i16,
    separator: u8,
}

impl LocaleDate {
    fn in_order(&self, order: DateOrder) -> Option<Date> {
        let day_first = order == DateOrder::DayFirst || self.separator == b'.';
        let (month, day) =
            if day_first { (self.second, self.first) } else { (self.first, self.second) };
        Some((self.year, month, day))
    }
}

/// What is left to read.
struct Rest<'t> {
    bytes: &'t [u8],
}

impl Rest<'_> {
    /// `2024-07-23`, `2024/07/23` or, in a browser's locale, `2024/7/23`.
    fn year_first(&mut self) -> Option<Date> {
        let year = self.number(4, 4)?;
        let separator = self.any_of(b"-/")?;
        let month = self.number(1, 2)?;
        self.sign(separator)?;
        let day = self.number(1, 2)?;
        Some((i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?))
    }

    /// `5/19/2021`, `19.05.2021`, `19-5-2021`.
    fn locale_date(&mut self) -> Option<LocaleDate> {
        let first = i8::try_from(self.number(1, 2)?).ok()?;
        let separator = self.any_of(b"/.-")?;
        let second = i8::try_from(self.number(1, 2)?).ok()?;
        self.sign(separator)?;
        let year = i16::try_from(self.number(4, 4)?).ok()?;
        Some(LocaleDate { first, second, year, separator })
    }

    /// The time behind a date, if any, up to the end of the text.
    fn time_of(&mut self, (year, month, day): Date) -> Option<Timestamp> {
        if self.bytes.is_empty() {
            let midnight = DateTime::new(year, month, day, 0, 0, 0, 0).ok()?;
            return Offset::UTC.to_timestamp(midnight).ok();
        }
        if self.any_of(b"Tt").is_none() {
            self.any_of(b",");
            self.blanks()?;
        }
        let hour = self.number(1, 2)?;
        self.sign(b':')?;
        let minute = self.number(2, 2)?;
        let mut second = 0;
        let mut nanosecond = 0;
        if self.sign(b':').is_some() {
            second = self.number(2, 2)?;
            if self.any_of(b".,").is_some() {
                nanosecond = self.fraction()?;
            }
        }
        let second = if second == 60 { 59 } else { second };
        let hour = self.half_of_day(hour)?;
        let offset = self.offset()?;
        if !self.bytes.is_empty() {
            return None;
        }
        let hour = i8::try_from(hour).ok()?;
        let minute = i8::try_from(minute).ok()?;
        let second = i8::try_from(second).ok()?;
        let time = DateTime::new(year, month, day, hour, minute, second, nanosecond).ok()?;
        offset.to_timestamp(time).ok()
    }

    /// The hour of the day, by the `AM` or `PM` that may follow. Browsers put a narrow space
    /// (U+202F) before it.
    fn half_of_day(&mut self, hour: i32) -> Option<i32> {
        let bytes = self.bytes;
        self.blanks();
        let half = match self.bytes {
            // Canada and Latin America write dots.
            [half, b'.', b' ', b'M' | b'm', b'.', rest @ ..]
            | [half, b'.', 0xc2, 0xa0, b'M' | b'm', b'.', rest @ ..]
            | [half, b'.', b'M' | b'm', b'.', rest @ ..]
            | [half, b'M' | b'm', rest @ ..] => {
                let half = half.to_ascii_uppercase();
                self.bytes = rest;
                half
            }
            _ => {
                self.bytes = bytes;
                return Some(hour);
            }
        };
        match (half, hour) {
            (b'A', 12) => Some(0),
            (b'P', 12) => Some(12),
            (b'A', 1..=11) => Some(hour),
            (b'P', 1..=11) => Some(hour + 12),
            _ => None,
        }
    }

    /// `Z`, `UTC`, `+01:00`, `-0500`, `+01`, or nothing, which is UTC.
    fn offset(&mut self) -> Option<Offset> {
        self.blanks();
        if self.bytes.is_empty() {
            return Some(Offset::UTC);
        }
        if let [b'U' | b'u', b'T' | b't', b'C' | b'c', rest @ ..] | [b'Z' | b'z', rest @ ..] =
            self.bytes
        {
            self.bytes = rest;
            return Some(Offset::UTC);
        }
        let west = self.any_of(b"+-")? == b'-';
        let hours = self.number(2, 2)?;
        let minutes = if self.sign(b':').is_some() || !self.bytes.is_empty() {
            self.number(2, 2)?
        } else {
            0
        };
        if hours > 23 || minutes > 59 {
            return None;
        }
        let seconds = hours * 3600 + minutes * 60;
        Offset::from_seconds(if west { -seconds } else { seconds }).ok()
    }

    /// One to nine digits of a second, in nanoseconds.
    fn fraction(&mut self) -> Option<i32> {
        let before = self.bytes.len();
        let mut value = self.number(1, 9)?;
        for _ in before - self.bytes.len()..9 {
            value *= 10;
        }
        Some(value)
    }

    /// A number of so many digits.
    fn number(&mut self, least: usize, most: usize) -> Option<i32> {
        let digits = self.bytes.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        if digits < least {
            return None;
        }
        let (number, rest) = self.bytes.split_at_checked(digits)?;
        self.bytes = rest;
        Some(number.iter().fold(0, |value, digit| value * 10 + i32::from(digit - b'0')))
    }

    fn sign(&mut self, sign: u8) -> Option<()> {
        self.any_of(&[sign]).map(|_| ())
    }

    fn any_of(&mut self, signs: &[u8]) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        signs.contains(first).then(|| {
            self.bytes = rest;
            *first
        })
    }

    /// One or more spaces of the kinds that locales use.
    fn blanks(&mut self) -> Option<()> {
        let before = self.bytes.len();
        loop {
            self.bytes = match self.bytes {
                [b' ', rest @ ..] | [0xc2, 0xa0, rest @ ..] | [0xe2, 0x80, 0xaf, rest @ ..] => rest,
                _ => break,
            };
        }
        (self.bytes.len() < before).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str, order: DateOrder) -> Option<String> {
        parse(text, order).map(|time| time.to_string())
    }

    #[test]
    fn what_is_no_time_is_none() {
        let table = [
            "",
            " ",
            "-",
            "0",
            "2024",
            "2024-07",
            "2024-07-32",
            "2024-02-30T00:00:00Z",
            "2023-02-29",
            "2024-13-01T00:00:00Z",
            "2024-07-23T24:00:00Z",
            "2024-07-23T15:60:00Z",
            "2024-07-23T15:37:61Z",
            "2024-07-23T15",
            "2024-07-23T15:37:27.Z",
            "2024-07-23T15:37:27.1234567890Z",
            "2024-07-23T15:37:27ZZ",
            "2024-07-23T15:37:27+24:00",
            "2024-07-23T15:37:27+01:60",
            "2024-07-23T15:37:27+1",
            "2024-07-23T15:37:27 CET",
            "2024-07/23",
            "/Date(soon)/",
            "/Date(-2222772777777772)/",
            "5/19/21",
            "5/19",
            "5/19.2021",
            "5/19/20211",
            "0/19/2021",
            "5/0/2021",
            "13/13/2021",
            "5/19/2021 13:00:00 PM",
            "5/19/2021 0:00:00 AM",
            "5/19/2021 1:00:00 XM",
            "5/19/2021T",
            "5/19/2021,",
            "5/19/2021 1",
            "tomorrow",
            "1700000000",
            "\u{661}\u{662}/1/2024",
        ];
        for text in table {
            for order in [DateOrder::MonthFirst, DateOrder::DayFirst] {
                assert_eq!(read(text, order), None, "{text}");
            }
        }
    }

    #[test]
    fn year_first() {
        let table = [
            ("2024-07-23T15:37:27Z", "2024-07-23T15:37:27Z"),
            ("2024-07-23T15:37:27.8527147Z", "2024-07-23T15:37:27.8527147Z"),
            ("2022-01-24T05:10:08.6816663+00:00", "2022-01-24T05:10:08.6816663Z"),
            ("2022-01-24T05:10:08.346468+00:00", "2022-01-24T05:10:08.346468Z"),
            ("2019-10-18T04:45:48.0729893-05:00", "2019-10-18T09:45:48.0729893Z"),
            ("2025-02-17T08:35:27+00:00", "2025-02-17T08:35:27Z"),
            ("2007-01-09T09:41:00", "2007-01-09T09:41:00Z"),
            ("2007-01-09t09:41:00.123456789z", "2007-01-09T09:41:00.123456789Z"),
            ("2023-07-21 05:03:52.160562400", "2023-07-21T05:03:52.1605624Z"),
            ("2023-07-21 05:03:52 UTC", "2023-07-21T05:03:52Z"),
            ("2023-07-21 05:03:52 +0530", "2023-07-20T23:33:52Z"),
            ("2023-07-21T05:03+02", "2023-07-21T03:03:00Z"),
            ("2021/05/19", "2021-05-19T00:00:00Z"),
            ("2021/05/19 1:02:03 PM", "2021-05-19T13:02:03Z"),
            (" 2021-05-19 ", "2021-05-19T00:00:00Z"),
            ("/Date(1772438400123)/", "2026-03-02T08:00:00.123Z"),
            ("2021/5/9 14:17:31.159", "2021-05-09T14:17:31.159Z"),
            ("2021-05-19, 2:17:31.159 p.m.", "2021-05-19T14:17:31.159Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
            ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
        ];
        for (text, expected) in table {
            for order in [DateOrder::MonthFirst, DateOrder::DayFirst] {
                assert_eq!(read(text, order).as_deref(), Some(expected), "{text}");
            }
        }
    }

    #[test]
    fn year_last() {
        let table = [
            ("11/14/2025 1:48:53 AM", Some("2025-11-14T01:48:53Z"), None),
            (
                "1/9/2007 10:41:00 AM +01:00",
                Some("2007-01-09T09:41:00Z"),
                Some("2007-09-01T09:41:00Z"),
            ),
            ("5/19/2021, 2:17:31.159 AM", Some("2021-05-19T02:17:31.159Z"), None),
            ("6/15/2026, 12:40:24.178 PM", Some("2026-06-15T12:40:24.178Z"), None),
            ("6/15/2026, 12:40:24\u{202f}AM", Some("2026-06-15T00:40:24Z"), None),
            ("6/15/2026, 12:40:24\u{a0}pm", Some("2026-06-15T12:40:24Z"), None),
            ("15/6/2026, 2:40:24 a. m.", None, Some("2026-06-15T02:40:24Z")),
            ("15/6/2026, 2:40:24\u{a0}p.\u{a0}m.", None, Some("2026-06-15T14:40:24Z")),
            ("15/6/2026, 12:40:24pm", None, Some("2026-06-15T12:40:24Z")),
            ("9/5/2023 16:41", Some("2023-09-05T16:41:00Z"), Some("2023-05-09T16:41:00Z")),
            ("8/19/2021 1:25:31 PM", Some("2021-08-19T13:25:31Z"), None),
            ("19/05/2021, 14:17:31", None, Some("2021-05-19T14:17:31Z")),
            ("19-05-2021 14:17:31,5", None, Some("2021-05-19T14:17:31.5Z")),
            ("5/19/2021", Some("2021-05-19T00:00:00Z"), None),
            ("19.05.2021 14:17:31", Some("2021-05-19T14:17:31Z"), Some("2021-05-19T14:17:31Z")),
            ("1.2.2021, 14:17", Some("2021-02-01T14:17:00Z"), Some("2021-02-01T14:17:00Z")),
        ];
        for (text, month_first, day_first) in table {
            assert_eq!(read(text, DateOrder::MonthFirst).as_deref(), month_first, "{text}");
            assert_eq!(read(text, DateOrder::DayFirst).as_deref(), day_first, "{text}");
        }
    }

    #[test]
    fn one_date_may_decide_the_order() {
        let table = [
            ("5/19/2021, 2:17:31.159 AM", Some(Evidence::Only(DateOrder::MonthFirst))),
            ("19/5/2021", Some(Evidence::Only(DateOrder::DayFirst))),
            ("9/5/2023 16:41", Some(Evidence::Either)),
            ("19.5.2021", None),
            ("2021-05-19", None),
            ("19/19/2021", None),
            ("9/5/2023 and more", None),
            ("192.168.1.1", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(evidence(text), expected, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 256,
            failure_persistence: None,
            rng_seed: proptest::test_runner::RngSeed::Fixed(3),
            ..ProptestConfig::default()
        })]

        #[test]
        fn what_is_written_is_read(second in 0_i64..4_102_444_800, nanosecond in 0_i32..1_000_000_000) {
            let time = Timestamp::new(second, nanosecond).unwrap();
            for order in [DateOrder::MonthFirst, DateOrder::DayFirst] {
                prop_assert_eq!(parse(&time.to_string(), order), Some(time));
                for format in ["%Y-%m-%d %H:%M:%S%.f", "%d.%m.%Y %H:%M:%S%.f"] {
                    prop_assert_eq!(parse(&time.strftime(format).to_string(), order), Some(time));
                }
                let format = match order {
                    DateOrder::MonthFirst => "%-m/%-d/%Y, %-I:%M:%S%.f %p",
                    DateOrder::DayFirst => "%d/%m/%Y %-I:%M:%S%.f %p",
                };
                prop_assert_eq!(parse(&time.strftime(format).to_string(), order), Some(time));
            }
        }

        #[test]
        fn nothing_panics(text in any::<String>(), digits in "[0-9/:. TZ+,AMPM-]{0,30}") {
            for order in [DateOrder::MonthFirst, DateOrder::DayFirst] {
                let _ = (parse(&text, order), parse(&digits, order));
                let _ = (evidence(&text), evidence(&digits));
            }
        }
    }
}
