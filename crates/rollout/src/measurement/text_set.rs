//! A few texts of one of very many people.

use std::fmt;
use std::sync::Arc;

/// Texts in order, each once.
///
/// Of a hundred thousand people nearly all have the same few applications and countries: whoever makes
/// the sets hands the same text to all of them, and a text takes sixteen bytes in each.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct TextSet(Box<[Arc<str>]>);

impl TextSet {
    /// The texts, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.0.iter().map(|text| &**text)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True without any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Into<Arc<str>>> FromIterator<T> for TextSet {
    fn from_iter<I: IntoIterator<Item = T>>(texts: I) -> Self {
        let mut texts: Vec<Arc<str>> = texts.into_iter().map(Into::into).collect();
        texts.sort_unstable();
        texts.dedup();
        Self(texts.into())
    }
}

impl<T: Into<Arc<str>>, const N: usize> From<[T; N]> for TextSet {
    fn from(texts: [T; N]) -> Self {
        texts.into_iter().collect()
    }
}

impl fmt::Debug for TextSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::TextSet;

    #[test]
    fn every_text_is_there_once_and_in_order() {
        let set = TextSet::from(["Teams", "Outlook", "Teams", ""]);
        assert_eq!(set.iter().collect::<Vec<_>>(), ["", "Outlook", "Teams"]);
        assert_eq!((set.len(), set.is_empty()), (3, false));
        assert_eq!(set, ["Outlook", "Teams", ""].into_iter().collect());
        assert!(TextSet::default().is_empty());
        assert_eq!(format!("{set:?}"), r#"{"", "Outlook", "Teams"}"#);
    }
}
