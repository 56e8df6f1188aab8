//! A table by the number of a word or list, with room only where numbers were met.

/// Entries of one page.
const PAGE: usize = 64;

type Page<T> = Box<[Option<T>; PAGE]>;

/// What is known of words or lists, by their place.
#[derive(Debug)]
pub(crate) struct ByPlace<T> {
    pages: Vec<Option<Page<T>>>,
}

impl<T> Default for ByPlace<T> {
    fn default() -> Self {
        Self { pages: Vec::new() }
    }
}

impl<T: Copy> ByPlace<T> {
    /// What is known at a place.
    pub(crate) fn get(&self, place: usize) -> Option<T> {
        *self.pages.get(place / PAGE)?.as_ref()?.get(place % PAGE)?
    }

    /// The entry of a place; `None` never happens, for every page has room.
    pub(crate) fn slot(&mut self, place: usize) -> Option<&mut Option<T>> {
        let page = place / PAGE;
        if page >= self.pages.len() {
            self.pages.resize_with(page + 1, || None);
        }
        let page = self.pages.get_mut(page)?;
        page.get_or_insert_with(|| Box::new([None; PAGE])).get_mut(place % PAGE)
    }

    /// Keeps what is known at a place.
    pub(crate) fn set(&mut self, place: usize, value: T) {
        if let Some(slot) = self.slot(place) {
            *slot = Some(value);
        }
    }

    /// What is known at a place, found out the first time it is asked for.
    pub(crate) fn once(&mut self, place: usize, find_out: impl FnOnce() -> T) -> T {
        if let Some(value) = self.get(place) {
            return value;
        }
        let value = find_out();
        self.set(place, value);
        value
    }

    /// Every place of which something is known.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, T)> {
        self.pages.iter().enumerate().flat_map(|(number, page)| {
            let entries = page.iter().flat_map(|page| page.iter().enumerate());
            entries.filter_map(move |(at, entry)| Some((number * PAGE + at, (*entry)?)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_set_is_not_known_and_what_was_is() {
        let mut table = ByPlace::default();
        assert_eq!((table.get(0), table.get(1_000_000)), (None, None));
        for place in [700, 0, 63, 64, 700] {
            table.set(place, place * 2);
        }
        let all: Vec<_> = table.iter().collect();
        assert_eq!(all, [(0, 0), (63, 126), (64, 128), (700, 1400)]);
        assert_eq!((table.get(64), table.get(65)), (Some(128), None));
        assert_eq!(table.once(64, || 1), 128);
        assert_eq!((table.once(65, || 1), table.once(65, || 2)), (1, 1));
    }
}
