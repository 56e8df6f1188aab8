//! What one policy is to one account.

use std::collections::BTreeSet;

use conditional_access::{Assignment, Fact, Route};

use crate::facts::Facts;
use crate::preflight::{group_name, role_name};

/// What one policy is to one account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cell {
    /// Included, and not excluded.
    Reached,
    /// Left out, by each of these, in words: `by name`, `group Glass (nested)`, `role …`.
    Excluded(Vec<String>),
    /// Not included.
    NotIncluded,
    /// Nobody can say, since these were not told, in words.
    Unknown(Vec<String>),
}

impl Cell {
    /// What an assignment says, in words.
    pub(super) fn of(facts: &Facts<'_>, assignment: &Assignment) -> Self {
        match assignment {
            Assignment::Reached => Self::Reached,
            Assignment::Excluded(routes) => {
                Self::Excluded(routes.iter().map(|it| route(facts, it)).collect())
            }
            Assignment::NotIncluded => Self::NotIncluded,
            Assignment::Unknown(missed) => Self::Unknown(words(facts, missed)),
        }
    }

    /// The same for an account whose object id no file tells: policies name people by it. What is
    /// excluded by another name stays excluded.
    pub(super) fn without_id(facts: &Facts<'_>, assignment: &Assignment) -> Self {
        match assignment {
            Assignment::Reached | Assignment::NotIncluded => {
                Self::Unknown(vec!["the account's object id".to_owned()])
            }
            other => Self::of(facts, other),
        }
    }
}

fn route(facts: &Facts<'_>, route: &Route) -> String {
    match route {
        Route::Everyone => "all users".to_owned(),
        Route::Name => "by name".to_owned(),
        Route::Group { id, nested } => {
            let nested = if *nested { " (nested)" } else { "" };
            format!("group {}{nested}", group_name(facts, id))
        }
        Route::Role(id) => format!("role {}", role_name(facts, id)),
        Route::Guests => "guests".to_owned(),
    }
}

fn words(facts: &Facts<'_>, missed: &BTreeSet<Fact>) -> Vec<String> {
    let word = |fact: &Fact| match fact {
        Fact::GroupMembers(id) => format!("members of group {}", group_name(facts, id)),
        Fact::RoleAssignment(id) => format!("holders of role {}", role_name(facts, id)),
        Fact::Identity => "the account's object id".to_owned(),
        Fact::UserType => "member, or which kind of guest".to_owned(),
        Fact::HomeTenant => "the home tenant".to_owned(),
        Fact::Unmodelled(what) => format!("{what}, which lockstep does not know"),
        Fact::Behaviour(what) => format!("what Microsoft does here is not documented: {what}"),
        other => other.to_string(),
    };
    missed.iter().map(word).collect()
}
