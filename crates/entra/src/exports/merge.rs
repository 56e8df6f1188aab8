//! Copies of one object from several files become one, whatever the order of the files.

use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What an object goes by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Identity {
    /// Object id.
    pub(super) id: Option<String>,
    /// Other names it is known by.
    pub(super) names: Vec<String>,
}

impl Identity {
    /// An identity compared without case; empty names are none.
    pub(super) fn new(id: Option<&str>, names: &[Option<&str>]) -> Self {
        let plain = |text: &str| Some(text.trim().to_lowercase()).filter(|text| !text.is_empty());
        Self {
            id: id.and_then(plain),
            names: names.iter().flatten().filter_map(|name| plain(name)).collect(),
        }
    }
}

/// What one copy shows fills what the other lacks. Where both show something else, the greater
/// value stands, so that the order of files does not matter.
pub(super) fn fill<T: Ord>(left: &mut Option<T>, right: Option<T>) {
    let taken = left.take();
    *left = taken.max(right);
}

/// Like [`fill`], but the lesser value stands.
pub(super) fn fill_least<T: Ord>(left: &mut Option<T>, right: Option<T>) {
    *left = match (left.take(), right) {
        (Some(left), Some(right)) => Some(left.min(right)),
        (left, right) => left.or(right),
    };
}

/// Both lists as one, sorted, each element once. `None` is a list nobody told.
pub(super) fn unite<T: Ord>(left: &mut Option<Vec<T>>, right: Option<Vec<T>>) {
    if left.is_none() && right.is_none() {
        return;
    }
    // In order even where one of the two tells nothing, so that it does not matter which.
    let all: BTreeSet<T> = left.take().into_iter().chain(right).flatten().collect();
    *left = Some(all.into_iter().collect());
}

/// Groups copies of one object. Those with an id belong together by id; those without join the
/// object that bears one of their names (of several the one with the least id), else each other
/// by name; what has neither stays alone. Groups come in an order that does not depend on the
/// order of `items`, except among those without any name.
pub(super) fn copies<T>(items: Vec<T>, identity: impl Fn(&T) -> Identity) -> Vec<Vec<T>> {
    let mut by_id: BTreeMap<String, Vec<T>> = BTreeMap::new();
    let mut owner: HashMap<String, String> = HashMap::new();
    let mut nameless = Vec::new();
    let mut named = Vec::new();
    for item in items {
        let Identity { id, names } = identity(&item);
        match id {
            Some(id) => {
                for name in names {
                    let first = owner.entry(name).or_insert_with(|| id.clone());
                    if id < *first {
                        first.clone_from(&id);
                    }
                }
                by_id.entry(id).or_default().push(item);
            }
            None if names.is_empty() => nameless.push(vec![item]),
            None => named.push((names, item)),
        }
    }
    let mut by_name: BTreeMap<String, Vec<T>> = BTreeMap::new();
    let roots = roots(&named);
    for (names, item) in named {
        let id = names.iter().filter_map(|name| owner.get(name)).min();
        if let Some(copies) = id.and_then(|id| by_id.get_mut(id)) {
            copies.push(item);
        } else {
            let root = names.iter().filter_map(|name| roots.get(name)).min().cloned();
            by_name.entry(root.unwrap_or_default()).or_default().push(item);
        }
    }
    by_id.into_values().chain(by_name.into_values()).chain(nameless).collect()
}

/// For every name the least name it is connected with, by being borne by the same item.
fn roots<T>(named: &[(Vec<String>, T)]) -> HashMap<String, String> {
    let mut parent: HashMap<String, String> = HashMap::new();
    for (names, _) in named {
        let Some(first) = names.first() else { continue };
        for name in names {
            let (left, right) = (root(&parent, first), root(&parent, name));
            let (least, other) = if left <= right { (left, right) } else { (right, left) };
            parent.insert(other, least.clone());
            parent.insert(least.clone(), least);
        }
    }
    parent.keys().map(|name| (name.clone(), root(&parent, name))).collect()
}

fn root(parent: &HashMap<String, String>, name: &str) -> String {
    let mut at = name;
    while let Some(next) = parent.get(at) {
        if next == at {
            break;
        }
        at = next;
    }
    at.to_owned()
}

/// Values that several files may state of one setting of the tenant.
#[derive(Debug, Default)]
pub(super) struct Stated<T>(BTreeSet<T>);

impl<T: Ord + Default> Stated<T> {
    /// Adds what one file states.
    pub(super) fn add(&mut self, value: Option<T>) {
        self.0.extend(value);
    }

    /// The value all files agree on. Files that contradict each other say nothing: which of them
    /// is the newer, nobody told.
    pub(super) fn agreed(mut self) -> Option<T> {
        let value = self.0.pop_last();
        if self.0.is_empty() { value } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An id and the names beside it.
    type Item<'a> = (&'a str, &'a [&'a str]);

    fn grouped(items: &[Item<'_>]) -> Vec<Vec<usize>> {
        let items: Vec<(usize, Identity)> = items
            .iter()
            .enumerate()
            .map(|(position, (id, names))| {
                let names: Vec<Option<&str>> = names.iter().map(|name| Some(*name)).collect();
                (position, Identity::new(Some(*id), &names))
            })
            .collect();
        let groups = copies(items, |(_, identity)| identity.clone());
        groups.into_iter().map(|group| group.into_iter().map(|(at, _)| at).collect()).collect()
    }

    #[test]
    fn copies_belong_together() {
        let cases: [(&[Item<'_>], &[&[usize]]); 7] = [
            (&[("", &[]), ("", &[])], &[&[0], &[1]]),
            (&[("B", &["n"]), ("b ", &["m"])], &[&[0, 1]]),
            (&[("a", &["n"]), ("b", &["n"])], &[&[0], &[1]]),
            (&[("", &["N"]), ("b", &["n"]), ("a", &["n"])], &[&[2, 0], &[1]]),
            (&[("", &["x"]), ("", &["y"]), ("", &["y", "x"])], &[&[0, 1, 2]]),
            (&[("", &["x"]), ("", &["y"])], &[&[0], &[1]]),
            (&[("", &["d", "c"]), ("", &["b", "a"]), ("", &["c", "b"])], &[&[0, 1, 2]]),
        ];
        for (items, expected) in cases {
            assert_eq!(grouped(items), expected, "{items:?}");
        }
    }

    #[test]
    fn files_that_contradict_each_other_say_nothing() {
        let cases = [
            (vec![], None),
            (vec![None], None),
            (vec![Some(false), None, Some(false)], Some(false)),
            (vec![Some(false), Some(true)], None),
        ];
        for (values, expected) in cases {
            let mut stated = Stated::default();
            values.iter().for_each(|value| stated.add(*value));
            assert_eq!(stated.agreed(), expected, "{values:?}");
        }
    }
}
