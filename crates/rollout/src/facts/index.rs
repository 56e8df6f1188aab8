//! Finding a row by the names of an account.

use std::collections::BTreeMap;

/// Position of a row by object id, user principal name or another address, all lower case.
#[derive(Debug, Default)]
pub(crate) struct Index {
    by_id: BTreeMap<String, usize>,
    by_name: BTreeMap<String, usize>,
    by_alias: BTreeMap<String, usize>,
}

impl Index {
    /// Adds a row under its object id and its user principal name. The first row of a name wins.
    pub(crate) fn add(&mut self, position: usize, id: Option<&str>, name: Option<&str>) {
        insert(&mut self.by_id, position, id);
        insert(&mut self.by_name, position, name);
    }

    /// Adds another address of the row. It never hides a row whose own name it is.
    pub(crate) fn add_alias(&mut self, position: usize, alias: Option<&str>) {
        insert(&mut self.by_alias, position, alias);
    }

    /// The row of an account: by id, else by its own name, else by another address.
    pub(crate) fn find(&self, id: Option<&str>, name: Option<&str>) -> Option<usize> {
        let name = name.map(str::to_lowercase);
        id.and_then(|id| self.by_id.get(&id.to_lowercase()))
            .or_else(|| self.by_name.get(name.as_ref()?))
            .or_else(|| self.by_alias.get(name.as_ref()?))
            .copied()
    }
}

fn insert(map: &mut BTreeMap<String, usize>, position: usize, key: Option<&str>) {
    if let Some(key) = key.filter(|key| !key.is_empty()) {
        map.entry(key.to_lowercase()).or_insert(position);
    }
}

/// The address a guest signs in with at home, read back from the directory's form:
/// `ana_partner.example#EXT#@ne.example` is `ana@partner.example`. Sign-in logs name guests so.
pub(crate) fn home_address(user_principal_name: &str) -> Option<String> {
    let lower = user_principal_name.to_lowercase();
    let (mangled, _) = lower.split_once("#ext#")?;
    let (local, domain) = mangled.rsplit_once('_')?;
    Some(format!("{local}@{domain}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_never_hides_the_owner_of_the_name() {
        let mut index = Index::default();
        index.add(0, Some("A"), Some("first@ne.example"));
        index.add_alias(0, Some("second@ne.example"));
        index.add(1, Some("B"), Some("Second@NE.example"));
        assert_eq!(index.find(None, Some("second@ne.example")), Some(1));
        assert_eq!(index.find(Some("b"), None), Some(1));
        assert_eq!(index.find(Some("unknown"), Some("first@ne.example")), Some(0));
        assert_eq!(index.find(None, Some("")), None);
        assert_eq!(index.find(None, None), None);
    }

    #[test]
    fn home_addresses_of_guests() {
        let cases = [
            ("ana_partner.example#EXT#@ne.example", Some("ana@partner.example")),
            ("ana_b_partner.example#ext#@ne.example", Some("ana_b@partner.example")),
            ("ana@ne.example", None),
            ("ana#EXT#@ne.example", None),
        ];
        for (name, home) in cases {
            assert_eq!(home_address(name).as_deref(), home, "{name}");
        }
    }
}
