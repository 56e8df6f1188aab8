//! One bar of parts that add up to a whole.

use super::{coordinate, written};
use crate::words;

const WIDTH: f64 = 1000.0;
/// What is not nothing shows.
const LEAST: f64 = 6.0;

/// The bar.
#[derive(Debug)]
pub(in crate::documents) struct Stack {
    /// Its parts from left to right, those of nobody left out.
    pub(in crate::documents) parts: Vec<Part>,
}

/// One part.
#[derive(Debug)]
pub(in crate::documents) struct Part {
    /// What it counts.
    pub(in crate::documents) label: &'static str,
    /// The figure in words.
    pub(in crate::documents) figure: String,
    /// Class of its colour.
    pub(in crate::documents) class: &'static str,
    /// Left end.
    pub(in crate::documents) x: String,
    /// Length.
    pub(in crate::documents) width: String,
}

impl Stack {
    /// A bar of labelled counts; `None` where there is nothing to draw.
    pub(in crate::documents) fn new(parts: &[(&'static str, u64, &'static str)]) -> Option<Self> {
        let shown: Vec<_> = parts.iter().filter(|part| part.1 > 0).collect();
        let total = shown.iter().map(|part| coordinate(part.1)).sum::<f64>();
        if shown.is_empty() {
            return None;
        }
        let lengths: Vec<f64> =
            shown.iter().map(|part| (WIDTH * coordinate(part.1) / total).max(LEAST)).collect();
        // Parts that were made visible take their place from all.
        let scale = WIDTH / lengths.iter().sum::<f64>();
        let mut left = 0.0;
        let parts = shown.iter().zip(lengths).map(|((label, count, class), length)| {
            let x = left;
            left += length * scale;
            Part {
                label,
                figure: words::number(*count),
                class,
                x: written(x),
                width: written(length * scale),
            }
        });
        Some(Self { parts: parts.collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::Stack;

    #[test]
    fn the_smallest_part_shows_and_all_fill_the_bar() {
        let stack = Stack::new(&[("a", 1, "x"), ("b", 0, "y"), ("c", 99_999, "z")]).unwrap();
        assert_eq!(stack.parts.len(), 2, "nobody is not drawn");
        let number = |text: &str| text.parse::<f64>().unwrap();
        let first = &stack.parts[0];
        assert!(number(&first.width) > 5.0, "{first:?}");
        let last = &stack.parts[1];
        assert!((number(&last.x) + number(&last.width) - 1000.0).abs() < 0.2, "{last:?}");
        assert_eq!(last.figure, "99,999");
    }

    #[test]
    fn nobody_is_no_bar() {
        assert!(Stack::new(&[("a", 0, "x")]).is_none());
        assert!(Stack::new(&[]).is_none());
    }
}
