//! Times of sign-ins. Nearly all of a log are of few days, and written alike.

use jiff::Timestamp;
use records::time::{DateOrder, parse};

/// Reads times and remembers the day of the last one.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Moments {
    order: DateOrder,
    /// The last date written in front of a `T`, and the second on which it begins.
    day: Option<([u8; 10], i64)>,
}

impl Moments {
    /// Dates of locales are written in this order.
    pub(crate) fn new(order: DateOrder) -> Self {
        Self { order, day: None }
    }

    /// The order in which dates of locales are written.
    pub(crate) fn order(&self) -> DateOrder {
        self.order
    }

    /// What [`parse`] says.
    pub(crate) fn read(&mut self, text: &str) -> Option<Timestamp> {
        if let Some((date, start)) = self.day
            && let Some(rest) = text.as_bytes().strip_prefix(&date)
            && let Some((second, nanosecond)) = time_of_day(rest)
        {
            return Timestamp::new(start + second, nanosecond).ok();
        }
        let time = parse(text, self.order)?;
        self.remember(text);
        Some(time)
    }

    fn remember(&mut self, text: &str) {
        let Some(date) = text.as_bytes().first_chunk::<10>() else { return };
        let plain = matches!(date, [b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'-', ..]);
        let midnight = text.get(..10).map(|date| format!("{date}T00:00:00Z"));
        let start = midnight.filter(|_| plain).and_then(|it| parse(&it, self.order));
        if let Some(start) = start {
            self.day = Some((*date, start.as_second()));
        }
    }
}

/// The second and nanosecond of `T09:05:30Z`, `T09:05:30.1234567Z`, or the same with `+00:00`.
/// `None`: it is written in another way.
fn time_of_day(rest: &[u8]) -> Option<(i64, i32)> {
    let (clock, rest) = rest.split_first_chunk::<9>()?;
    let [b'T', h, hour, b':', m, minute, b':', s, second] = *clock else { return None };
    let two = |tens: u8, ones: u8, below: i64| {
        let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
        let number = i64::from(tens) * 10 + i64::from(ones);
        (tens < 10 && ones < 10 && number < below).then_some(number)
    };
    let second = two(h, hour, 24)? * 3600 + two(m, minute, 60)? * 60 + two(s, second, 60)?;
    let (mut nanosecond, mut rest) = (0, rest);
    if let Some((b'.', behind)) = rest.split_first() {
        let digits = behind.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if !(1..=9).contains(&digits) {
            return None;
        }
        let (fraction, zone) = behind.split_at_checked(digits)?;
        for place in 0..9 {
            let digit = fraction.get(place).map_or(0, |byte| i32::from(byte - b'0'));
            nanosecond = nanosecond * 10 + digit;
        }
        rest = zone;
    }
    matches!(rest, b"Z" | b"+00:00").then_some((second, nanosecond))
}

#[cfg(test)]
mod tests {
    use records::time::{DateOrder, parse};

    use super::Moments;

    #[test]
    fn the_quick_way_says_what_the_slow_way_says() {
        let times = [
            "T00:00:00Z",
            "T23:59:59Z",
            "T09:05:30.1Z",
            "T09:05:30.1234567Z",
            "T09:05:30.123456789Z",
            "T09:05:30.1234567890Z",
            "T09:05:30.0000000+00:00",
            "T09:05:30+00:00",
            "T09:05:30-00:00",
            "T09:05:30+01:00",
            "T24:00:00Z",
            "T09:60:00Z",
            "T09:05:60Z",
            "T09:05Z",
            "T9:05:30Z",
            "T09:05:30",
            "T09:05:30.Z",
            "T09:05:30z",
            "t09:05:30Z",
            " 09:05:30Z",
            "T09:05:30Z ",
            "",
            "T09:05:3:Z",
            "T09:05:30.12é",
            "T09:05:30,5Z",
        ];
        let dates =
            ["2026-10-22", "2024-02-29", "2023-02-29", "0000-01-01", "9999-12-31", "10/22/2026"];
        for date in dates {
            for warm in [true, false] {
                for time in times {
                    let mut moments = Moments::new(DateOrder::MonthFirst);
                    if warm {
                        moments.read(&format!("{date}T12:00:00Z"));
                    }
                    let text = format!("{date}{time}");
                    let slow = parse(&text, DateOrder::MonthFirst);
                    assert_eq!(moments.read(&text), slow, "{text}");
                    assert_eq!(moments.read(&text), slow, "{text}, again");
                }
            }
        }
    }
}
