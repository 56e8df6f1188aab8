//! Whom each policy is for: the users it includes and excludes, and nothing else of a sign-in.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::PolicySet;
use super::directory::{Directory, Subject};
use super::identity::{self, Surroundings};
use super::rule::{Rule, UserSet, UserWord};
use super::why::Why;
use crate::facts::{ClientApp, UserType};
use crate::outcome::Fact;
use crate::truth::Truth;

/// How the assignment of a policy stands to one person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Assignment {
    /// Included, and not excluded.
    Reached,
    /// Included, and excluded by each of these. Also where it was not told whether the person is
    /// included: the policy is certain not to be for them.
    Excluded(BTreeSet<Route>),
    /// Not included, or the policy is for workload identities.
    NotIncluded,
    /// Nobody can say: these were not seen.
    Unknown(BTreeSet<Fact>),
}

/// Which entry of a list of users names a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Route {
    /// All users.
    Everyone,
    /// The person's own id.
    Name,
    /// A group, by its id.
    Group {
        /// Object id, lower case.
        id: String,
        /// True when the person is in a group inside it, and not in it directly.
        nested: bool,
    },
    /// A role, by its template id, lower case.
    Role(String),
    /// All guests, or some kinds of them.
    Guests,
}

/// Whom each policy is for, person by person. People whom no policy can tell apart share a class,
/// which is worked out once.
#[derive(Debug)]
pub struct Assignments<'a> {
    set: &'a PolicySet,
    /// Groups and people that some policy names.
    named: Named,
    known: HashMap<Standing, usize>,
    classes: Vec<Vec<Assignment>>,
}

#[derive(Debug, Default)]
struct Named {
    groups: BTreeSet<String>,
    people: BTreeSet<String>,
}

/// Everything about a person that an assignment can read.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Standing {
    /// Set for those whom some policy names, and empty for nobody in particular.
    id: Option<String>,
    kind: Option<UserType>,
    home_tenant: Option<String>,
    direct: BTreeSet<String>,
    groups: BTreeSet<String>,
    doubts: BTreeSet<String>,
    roles: BTreeMap<String, Truth>,
}

impl PolicySet {
    /// Whom each policy is for.
    #[must_use]
    pub fn assignments(&self) -> Assignments<'_> {
        let mut named = Named::default();
        for rule in &self.rules {
            for set in [&rule.users.include, &rule.users.exclude] {
                named.groups.extend(set.groups.iter().flatten().cloned());
                named.people.extend(set.users.iter().filter_map(|word| match word {
                    UserWord::Id(id) => Some(id.clone()),
                    _ => None,
                }));
            }
        }
        Assignments { set: self, named, known: HashMap::new(), classes: Vec::new() }
    }
}

impl Assignments<'_> {
    /// The class of a person, by object id. `None`: nobody saw who.
    pub fn class_of(&mut self, id: Option<&str>) -> usize {
        let subject = self.set.directory.subject(id);
        let standing = self.standing(&subject);
        if let Some(class) = self.known.get(&standing) {
            return *class;
        }
        let class = self.classes.len();
        let rules = self.set.rules.iter();
        self.classes
            .push(rules.map(|rule| assignment(rule, &self.set.directory, &subject)).collect());
        self.known.insert(standing, class);
        class
    }

    /// What the people of a class are to each policy, in the order of the policies. Empty for a
    /// class that [`Assignments::class_of`] never gave.
    #[must_use]
    pub fn of_class(&self, class: usize) -> &[Assignment] {
        self.classes.get(class).map_or(&[], Vec::as_slice)
    }

    fn standing(&self, subject: &Subject) -> Standing {
        let (groups, _, roles) = subject.standing_among(&self.named.groups);
        let id = subject.id.as_ref();
        Standing {
            id: match id {
                Some(id) => self.named.people.contains(id).then(|| id.clone()),
                None => Some(String::new()),
            },
            kind: subject.user.kind,
            home_tenant: subject.user.home_tenant.clone(),
            direct: groups
                .iter()
                .filter(|group| id.is_some_and(|id| self.set.directory.is_direct(id, group)))
                .cloned()
                .collect(),
            groups,
            doubts: self.set.directory.own_doubts(subject, &self.named.groups),
            roles,
        }
    }
}

impl Assignment {
    /// Whether the policy is for the person. `None`: nobody can say.
    #[must_use]
    pub fn is_reached(&self) -> Option<bool> {
        match self {
            Self::Reached => Some(true),
            Self::Excluded(_) | Self::NotIncluded => Some(false),
            Self::Unknown(_) => None,
        }
    }
}

/// Where what is asked for, or the client, could make a difference, each is tried.
fn assignment(rule: &Rule, directory: &Directory, subject: &Subject) -> Assignment {
    let in_browser =
        Surroundings { client_app: Some(ClientApp::Browser), blurs_guests: Truth::False };
    let plain = within(rule, directory, subject, in_browser);
    let names_guests = rule.users.include.guests.is_some() || rule.users.exclude.guests.is_some();
    if !names_guests && !rule.names_active_sync() {
        return plain;
    }
    let mut facts = BTreeSet::new();
    let mut differs = false;
    for client_app in [ClientApp::Browser, ClientApp::ExchangeActiveSync] {
        for blurs_guests in [Truth::False, Truth::True] {
            let around = Surroundings { client_app: Some(client_app), blurs_guests };
            let other = within(rule, directory, subject, around);
            differs |= other.is_reached() != plain.is_reached();
            if let Assignment::Unknown(missed) = other {
                facts.extend(missed);
            }
        }
    }
    if differs { Assignment::Unknown(facts) } else { plain }
}

fn within(
    rule: &Rule,
    directory: &Directory,
    subject: &Subject,
    around: Surroundings,
) -> Assignment {
    let mut why = Why::wanted();
    let reached = identity::user(rule, directory, subject, around, &mut why);
    if reached.is_true() {
        return Assignment::Reached;
    }
    if reached.is_unknown() {
        return Assignment::Unknown(why.into_facts());
    }
    let excluded = routes(&rule.users.exclude, directory, subject, around);
    let mut unwanted = Why::unwanted();
    let included = identity::included(rule, directory, subject, around, &mut unwanted);
    if excluded.is_empty() || included.is_false() {
        Assignment::NotIncluded
    } else {
        Assignment::Excluded(excluded)
    }
}

/// The entries that are certain to name the person.
fn routes(
    set: &UserSet,
    directory: &Directory,
    subject: &Subject,
    around: Surroundings,
) -> BTreeSet<Route> {
    let why = &mut Why::unwanted();
    let mut routes = BTreeSet::new();
    for word in &set.users {
        if identity::user_word(word, subject, why).is_true() {
            routes.insert(match word {
                UserWord::All => Route::Everyone,
                UserWord::GuestsOrExternalUsers => Route::Guests,
                _ => Route::Name,
            });
        }
    }
    for id in set.groups.iter().flatten() {
        if directory.in_group(subject, id).is_true() {
            let nested = !subject.id.as_ref().is_some_and(|user| directory.is_direct(user, id));
            routes.insert(Route::Group { id: id.clone(), nested });
        }
    }
    for role in set.roles.iter().flatten() {
        if directory.in_role(subject, role).is_true() {
            routes.insert(Route::Role(role.clone()));
        }
    }
    let guests = set.guests.as_ref();
    if guests.is_some_and(|rule| identity::guest(rule, subject, around, why).is_true()) {
        routes.insert(Route::Guests);
    }
    routes
}
