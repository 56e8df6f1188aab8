//! Everything a snapshot reads of a tenant, as data: the request, the permission, the licence, and
//! what is not known without it.

mod reads;

pub use reads::READS;
pub(in crate::graph) use reads::USER;

use super::call::{Call, Version, Workload};

/// How much of the plan rests on a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// Without it a part of the plan cannot be decided.
    Needed,
    /// Some findings are less sharp without it.
    Optional,
}

/// What a read is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Pages of a list.
    List,
    /// One object.
    Object,
    /// Pages of a log, from a time on, added to what earlier downloads brought.
    Log,
    /// One request for each of these, twenty at a time.
    Each(Subjects),
    /// No request of its own: something a list does not carry without it.
    Part,
}

/// Whom a request is sent for, one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subjects {
    /// Every group.
    Groups,
    /// Every user.
    Users,
    /// Users whom the registration report does not show as capable of MFA, and administrators.
    NotProvenReady,
    /// Enabled members with a mail address.
    WithMail,
}

/// Another way to ask for a list that Graph refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Without {
    /// Which reads of the catalogue are given up.
    pub parts: &'static [&'static str],
    /// What the request carries instead.
    pub query: &'static [(&'static str, &'static str)],
}

/// One read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// Stable name, and the folder its pages lie in.
    pub id: &'static str,
    /// What it is called in a table.
    pub title: &'static str,
    /// Version of the API.
    pub version: Version,
    /// Path; `{id}` stands for the subject.
    pub path: &'static str,
    /// Query options.
    pub query: &'static [(&'static str, &'static str)],
    /// What it is throttled with.
    pub workload: Workload,
    /// Resource units of one request.
    pub cost: u32,
    /// What it is made of.
    pub shape: Shape,
    /// The application permission to grant.
    pub permission: &'static str,
    /// The licence it needs, in Microsoft's words.
    pub licence: Option<&'static str>,
    /// How much rests on it.
    pub weight: Weight,
    /// Only read as part of the tenant when this other read came whole.
    pub only_with: Option<&'static str>,
    /// Other ways to ask, in order.
    pub fallbacks: &'static [Without],
    /// The gap it leaves.
    pub gap: &'static str,
    /// What cannot be said without it.
    pub so: &'static str,
}

impl Read {
    /// The request. For one that is sent for each of several, of the subject `id`.
    #[must_use]
    pub fn call(&self, id: Option<&str>) -> Call {
        self.call_with(self.query, id)
    }

    /// The same with other query options.
    #[must_use]
    pub fn call_with(&self, query: &[(&'static str, &'static str)], id: Option<&str>) -> Call {
        let path = match id {
            Some(id) => self.path.replace("{id}", &segment(id)),
            None => self.path.to_owned(),
        };
        let call = Call::get(self.version, path, self.workload).costing(self.cost);
        query.iter().fold(call, |call, (name, value)| call.with(name, *value))
    }

    /// How a message names it: `GET /v1.0/users`.
    #[must_use]
    pub fn request(&self) -> String {
        self.call(None).name()
    }
}

/// The read of a name.
#[must_use]
pub fn read(id: &str) -> Option<&'static Read> {
    READS.iter().find(|read| read.id == id)
}

/// An id as a part of a path.
pub(in crate::graph) fn segment(id: &str) -> String {
    url::form_urlencoded::byte_serialize(id.as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::graph::permissions;

    #[test]
    fn every_read_names_a_permission_that_is_asked_for_and_a_gap() {
        let ids: BTreeSet<&str> = READS.iter().map(|read| read.id).collect();
        assert_eq!(ids.len(), READS.len());
        for read in &READS {
            let permission = permissions::named(read.permission).expect(read.id);
            if read.weight == Weight::Needed {
                assert_eq!(permission.purpose, permissions::Purpose::Read, "{}", read.id);
            }
            assert!(read.so.ends_with('.') && !read.gap.is_empty(), "{}", read.id);
            assert!(read.only_with.is_none_or(|other| ids.contains(other)), "{}", read.id);
            assert!(
                read.fallbacks.iter().flat_map(|it| it.parts).all(|it| ids.contains(it)),
                "{}",
                read.id
            );
            assert_eq!(
                matches!(read.shape, Shape::Each(_)),
                read.path.contains("{id}"),
                "{}",
                read.id
            );
        }
    }

    #[test]
    fn every_permission_for_reading_opens_a_read() {
        let used: BTreeSet<&str> = READS.iter().map(|read| read.permission).collect();
        let asked =
            permissions::least(&[permissions::Purpose::Read, permissions::Purpose::ReadMore]);
        for permission in asked {
            assert!(used.contains(permission.name), "{}", permission.name);
        }
    }

    #[test]
    fn a_subject_stands_in_the_path_as_one_segment() {
        let methods = read("authentication-methods").unwrap();
        let call = methods.call(Some("a/../b c"));
        assert_eq!(call.path, "/users/a%2F..%2Fb%20c/authentication/methods");
        assert_eq!(read("users").unwrap().request(), "GET /v1.0/users");
        assert_eq!(read("nothing"), None);
    }
}
