//! What was found out of some texts of a sign-in, by their fingerprint.
//!
//! Who signed in is told by three texts, each with a table entry, a text and a name of its own.
//! Records repeat the same three texts over and over, so what they came to is kept under one
//! fingerprint: one look into memory for a record instead of ten. The latest time is kept beside
//! it, and made good ([`Memo::drain`]) before anyone asks for it.

use jiff::Timestamp;

/// Most that is remembered; then all of it is made good and forgotten. In tests so little that it
/// comes to that.
const MOST: usize = if cfg!(test) { 64 } else { 1 << 18 };

/// One of the things remembered. `None` in `value`: a place not taken. Small ones never lie across
/// two lines of memory.
#[derive(Debug, Clone, Copy)]
#[repr(align(32))]
struct Slot<V> {
    print: u64,
    /// Nanoseconds since 1970.
    latest: i64,
    value: Option<V>,
}

/// Values by fingerprint, each with the latest time it was met.
///
/// Open addressing, at most half full, so that a look-up seldom touches more than one line of
/// memory.
#[derive(Debug)]
pub(crate) struct Memo<V> {
    slots: Vec<Slot<V>>,
    used: usize,
}

impl<V> Default for Memo<V> {
    fn default() -> Self {
        Self { slots: Vec::new(), used: 0 }
    }
}

impl<V: Copy> Memo<V> {
    /// The value of a fingerprint, which is now met at a time, too.
    #[inline]
    pub(crate) fn met(&mut self, print: u64, time: i64) -> Option<V> {
        let place = self.place(print)?;
        let slot = self.slots.get_mut(place)?;
        slot.latest = slot.latest.max(time);
        slot.value
    }

    /// True when there is no room for another value.
    pub(crate) fn is_full(&self) -> bool {
        self.used >= MOST
    }

    /// Remembers the value of a fingerprint that was met at a time.
    pub(crate) fn remember(&mut self, print: u64, time: i64, value: V) {
        if (self.used + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let slot = Slot { print, latest: time, value: Some(value) };
        if let Some(there) = self.place(print).and_then(|place| self.slots.get_mut(place)) {
            self.used += usize::from(there.value.is_none());
            *there = slot;
        }
    }

    /// Forgets everything: every value with the latest time it was met.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = (V, Timestamp)> + use<V> {
        self.used = 0;
        let slots = std::mem::take(&mut self.slots);
        slots.into_iter().filter_map(|slot| Some((slot.value?, moment(slot.latest)?)))
    }

    /// Where a fingerprint is, or would be.
    #[inline]
    fn place(&self, print: u64) -> Option<usize> {
        let last = self.slots.len().checked_sub(1)?;
        let mut place = usize::try_from(print).unwrap_or(0) & last;
        loop {
            let slot = self.slots.get(place)?;
            if slot.print == print || slot.value.is_none() {
                return Some(place);
            }
            place = (place + 1) & last;
        }
    }

    fn grow(&mut self) {
        let empty = Slot { print: 0, latest: 0, value: None };
        let length = (self.slots.len() * 2).max(64);
        let old = std::mem::replace(&mut self.slots, vec![empty; length]);
        for slot in old.into_iter().filter(|slot| slot.value.is_some()) {
            let place = self.place(slot.print);
            if let Some(there) = place.and_then(|place| self.slots.get_mut(place)) {
                *there = slot;
            }
        }
    }
}

/// A time as nanoseconds since 1970; `None` before 1678 and after 2261.
pub(crate) fn nanoseconds(time: Timestamp) -> Option<i64> {
    let seconds = time.as_second().checked_mul(1_000_000_000)?;
    seconds.checked_add(time.subsec_nanosecond().into())
}

fn moment(nanoseconds: i64) -> Option<Timestamp> {
    Timestamp::from_nanosecond(nanoseconds.into()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_comes_back_with_the_latest_time() {
        let mut memo = Memo::default();
        let print = |number: u64| number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        for number in 0..5_000 {
            assert_eq!(memo.met(print(number), 0), None, "{number}");
            memo.remember(print(number), 5, number);
        }
        for number in 0..5_000 {
            let time = i64::try_from(number).unwrap_or(0);
            assert_eq!(memo.met(print(number), time), Some(number));
            assert_eq!(memo.met(print(number), -7), Some(number));
        }
        let mut all: Vec<_> = memo.drain().collect();
        all.sort_unstable();
        let expected: Vec<_> = (0..5_000_u64)
            .map(|n| (n, moment(i64::try_from(n.max(5)).unwrap()).unwrap()))
            .collect();
        assert_eq!(all, expected);
        assert_eq!((memo.met(print(1), 0), memo.used), (None, 0));
    }

    #[test]
    fn the_fingerprint_of_zeros_is_a_fingerprint_and_fullness_is_told() {
        let mut memo = Memo::default();
        assert_eq!(memo.met(0, 1), None);
        memo.remember(0, 1, 'a');
        memo.remember(0, 3, 'b');
        assert_eq!((memo.met(0, 1), memo.used), (Some('b'), 1));
        memo.used = MOST;
        assert!(memo.is_full());
    }

    #[test]
    fn times_are_the_same_there_and_back() {
        for text in
            ["1970-01-01T00:00:00Z", "2026-11-20T23:59:43.4590713Z", "1960-02-29T01:02:03.9Z"]
        {
            let time: Timestamp = text.parse().unwrap();
            assert_eq!(nanoseconds(time).and_then(moment), Some(time), "{text}");
        }
        for time in [Timestamp::MIN, Timestamp::MAX] {
            assert_eq!(nanoseconds(time), None);
        }
    }
}
