//! Who is who: users by object id, by name, and what they are called.

use foldhash::fast::FixedState;
use foldhash::quality::RandomState;
use hashbrown::HashMap;
use jiff::Timestamp;
use rollout::Account;

use crate::field::Field;
use crate::measures::kept::Latest;
use crate::measures::meaning::lower_word;
use crate::measures::memo::{Memo, nanoseconds};
use crate::measures::translation::Translation;
use crate::told::Told;
use crate::words::{Word, Words};

/// Most users kept. A spray of guessed names can make any number.
const MOST: usize = 1 << 20;

/// Number of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct User(u32);

impl User {
    /// Its place in a table with an entry for each user.
    pub(crate) fn place(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// What a user is known by, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum By {
    /// Object id.
    Id,
    /// Whatever names them: display name or identity.
    Label,
    /// User principal name only.
    Name,
}

/// One user.
#[derive(Debug, Clone, Copy)]
struct Named {
    by: By,
    /// What the user is known by, in lower case.
    key: Word,
    /// The name where it is an address: some rows show an object id in its place.
    address: Latest,
    display_name: Latest,
}

/// Names few users have.
#[derive(Debug, Clone, Copy, Default)]
struct OtherNames {
    /// A user principal name that is no address.
    plain: Latest,
    /// The name where it is a guest's in the directory (`#EXT#`): rows show the address at home too.
    directory: Latest,
}

/// What a user principal name looks like.
#[derive(Debug, Clone, Copy)]
enum Shape {
    Address,
    /// A guest's name in the directory, with `#EXT#` in capitals.
    Directory(Word),
    Plain,
}

/// Whose object id stood beside a user principal name.
#[derive(Debug, Clone, Copy)]
enum Owner {
    Nobody,
    One(User),
    Several,
}

/// One user principal name.
#[derive(Debug, Clone, Copy)]
struct Name {
    lower: Word,
    shape: Shape,
    owner: Owner,
    /// The user of records that show the name and no id.
    user: Option<User>,
}

/// Place of a user principal name among all of them.
#[derive(Debug, Clone, Copy)]
struct NamePlace(u32);

impl NamePlace {
    fn place(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// Every user of the log.
#[derive(Debug, Default)]
pub(crate) struct Names {
    users: Vec<Named>,
    others: HashMap<User, OtherNames, FixedState>,
    names: Vec<Name>,
    /// By user principal name, in any spelling: place in `names`.
    by_name: HashMap<Word, NamePlace, FixedState>,
    by_id: HashMap<Word, User, FixedState>,
    by_label: HashMap<Word, User, FixedState>,
    /// What records that tell the same came to.
    known: Memo<Known>,
    seed: RandomState,
}

/// What of a record tells who signed in.
const WHO: [&[Field]; 3] =
    [&[Field::UserId], &[Field::UserPrincipalName], &[Field::UserDisplayName, Field::Identity]];

/// What those texts came to.
#[derive(Debug, Clone, Copy)]
struct Known {
    user: User,
    name: Option<NamePlace>,
    display_name: Option<Word>,
}

/// Users known by name only, whose id other records told: from user to user.
#[derive(Debug, Default)]
pub(crate) struct Folded {
    to: HashMap<User, User, FixedState>,
}

impl Folded {
    /// Under whom a user's figures stand.
    pub(crate) fn user(&self, user: User) -> User {
        self.to.get(&user).copied().unwrap_or(user)
    }

    /// Every user whose figures moved, in order.
    pub(crate) fn moved(&self) -> Vec<(User, User)> {
        let mut moved: Vec<_> = self.to.iter().map(|(from, to)| (*from, *to)).collect();
        moved.sort();
        moved
    }
}

impl Names {
    /// Every user.
    pub(crate) fn all(&self) -> impl Iterator<Item = User> + use<> {
        let last = u32::try_from(self.users.len()).unwrap_or(u32::MAX);
        (0..last).map(User)
    }

    /// The user of a sign-in, whose names are learned. `None` when users enough are kept.
    pub(crate) fn observe(
        &mut self,
        row: &impl Told,
        time: Timestamp,
        words: &mut Words,
    ) -> Option<User> {
        let Some(moment) = nanoseconds(time) else {
            let known = self.find(row, words)?;
            self.learn(known, time, words);
            return Some(known.user);
        };
        let print = row.print_of(WHO, &self.seed);
        if let Some(known) = self.known.met(print, moment) {
            return Some(known.user);
        }
        let known = self.find(row, words)?;
        if self.known.is_full() {
            self.settle(words);
        }
        self.known.remember(print, moment, known);
        Some(known.user)
    }

    /// Learns what was remembered and not learned yet. To be called before names are asked for.
    pub(crate) fn settle(&mut self, words: &Words) {
        for (known, time) in self.known.drain() {
            self.learn(known, time, words);
        }
    }

    /// Who signed in.
    fn find(&mut self, row: &impl Told, words: &mut Words) -> Option<Known> {
        let id = row.word(Field::UserId, words);
        let name = row.word(Field::UserPrincipalName, words);
        let name = name.map(|name| self.name(name, words));
        let display_name =
            row.word(Field::UserDisplayName, words).or_else(|| row.word(Field::Identity, words));
        let user = match (id, name) {
            (Some(id), _) => self.user_by(By::Id, id, words)?,
            (None, Some(name)) => self.user_by_name(name)?,
            (None, None) => {
                let label = display_name.or_else(|| words.word(""))?;
                self.user_by(By::Label, label, words)?
            }
        };
        if let Some(place) = name.filter(|_| id.is_some()) {
            self.learn_owner(place, user);
        }
        Some(Known { user, name, display_name })
    }

    /// Learns what a user is called at a time.
    fn learn(&mut self, known: Known, time: Timestamp, words: &Words) {
        let Known { user, name, display_name } = known;
        if let Some(place) = name {
            self.observe_name(user, place, time, words);
        }
        if let Some(word) = display_name
            && let Some(named) = self.users.get_mut(user.place())
        {
            named.display_name.observe(time, word, words);
        }
    }

    fn observe_name(&mut self, user: User, place: NamePlace, time: Timestamp, words: &Words) {
        let (Some(name), Some(named)) =
            (self.names.get(place.place()), self.users.get_mut(user.place()))
        else {
            return;
        };
        match name.shape {
            Shape::Address => named.address.observe(time, name.lower, words),
            Shape::Directory(written) => {
                named.address.observe(time, name.lower, words);
                self.others.entry(user).or_default().directory.observe(time, written, words);
            }
            Shape::Plain => {
                self.others.entry(user).or_default().plain.observe(time, name.lower, words);
            }
        }
    }

    /// The place of a user principal name.
    fn name(&mut self, word: Word, words: &mut Words) -> NamePlace {
        if let Some(place) = self.by_name.get(&word).copied() {
            return place;
        }
        let lower = words.text(word).to_lowercase();
        let shape = if lower.contains("#ext#") {
            words.word(&lower.replace("#ext#", "#EXT#")).map_or(Shape::Address, Shape::Directory)
        } else if lower.contains('@') {
            Shape::Address
        } else {
            Shape::Plain
        };
        let lower = words.word(&lower).unwrap_or(word);
        let place = self.by_name.get(&lower).copied().unwrap_or_else(|| {
            let place = NamePlace(u32::try_from(self.names.len()).unwrap_or(u32::MAX));
            self.names.push(Name { lower, shape, owner: Owner::Nobody, user: None });
            place
        });
        self.by_name.insert(lower, place);
        self.by_name.insert(word, place);
        place
    }

    fn user_by_name(&mut self, place: NamePlace) -> Option<User> {
        let name = self.names.get(place.place())?;
        if let Some(user) = name.user {
            return Some(user);
        }
        let user = self.new_user(By::Name, name.lower)?;
        self.names.get_mut(place.place())?.user = Some(user);
        Some(user)
    }

    /// The user with an id or a label.
    fn user_by(&mut self, by: By, word: Word, words: &mut Words) -> Option<User> {
        let table = if by == By::Id { &self.by_id } else { &self.by_label };
        if let Some(user) = table.get(&word).copied() {
            return Some(user);
        }
        let lower = lower_word(word, words);
        let user = match table.get(&lower).copied() {
            Some(user) => user,
            None => self.new_user(by, lower)?,
        };
        let table = if by == By::Id { &mut self.by_id } else { &mut self.by_label };
        table.insert(lower, user);
        table.insert(word, user);
        Some(user)
    }

    fn new_user(&mut self, by: By, key: Word) -> Option<User> {
        let place = self.users.len();
        let user = User(u32::try_from(place).ok().filter(|_| place < MOST)?);
        let (address, display_name) = (Latest::default(), Latest::default());
        self.users.push(Named { by, key, address, display_name });
        Some(user)
    }

    /// Learns that a name belongs to the user with an object id.
    fn learn_owner(&mut self, place: NamePlace, user: User) {
        let Some(name) = self.names.get_mut(place.place()) else { return };
        name.owner = match name.owner {
            Owner::Nobody => Owner::One(user),
            Owner::One(known) if known == user => Owner::One(known),
            Owner::One(_) | Owner::Several => Owner::Several,
        };
    }

    /// Adds what another learned; tells `to` who is who.
    /// Both have learned what they remembered.
    pub(crate) fn merge(&mut self, other: Self, to: &mut Translation<'_>, words: &mut Words) {
        let mut places = Vec::with_capacity(other.names.len());
        for name in &other.names {
            let word = to.word(name.lower);
            places.push(word.map(|word| self.name(word, words)));
        }
        let place_of = |name: usize| places.get(name).copied().flatten();
        let mut by_name = HashMap::<User, usize, FixedState>::default();
        for (place, name) in other.names.iter().enumerate() {
            if let Some(user) = name.user {
                by_name.insert(user, place);
            }
        }
        for (number, named) in (0_u32..).map(User).zip(&other.users) {
            let user = match named.by {
                By::Name => {
                    let place = by_name.get(&number).and_then(|name| place_of(*name));
                    place.and_then(|place| self.user_by_name(place))
                }
                by => {
                    let key = to.word(named.key);
                    key.and_then(|key| self.user_by(by, key, words))
                }
            };
            to.lost += u64::from(user.is_none());
            to.users.push(user);
            let Some(user) = user else { continue };
            let others = other.others.get(&number).copied().unwrap_or_default();
            let address = named.address.translated(to);
            let display_name = named.display_name.translated(to);
            let plain = others.plain.translated(to);
            let directory = others.directory.translated(to);
            let named = Named { by: named.by, key: named.key, address, display_name };
            self.add(user, &named, OtherNames { plain, directory }, words);
        }
        for (number, name) in other.names.iter().enumerate() {
            let Some(place) = place_of(number) else { continue };
            match name.owner {
                Owner::Nobody => {}
                Owner::One(owner) => {
                    if let Some(owner) = to.user(owner) {
                        self.learn_owner(place, owner);
                    }
                }
                Owner::Several => {
                    if let Some(name) = self.names.get_mut(place.place()) {
                        name.owner = Owner::Several;
                    }
                }
            }
        }
    }

    fn add(&mut self, user: User, named: &Named, others: OtherNames, words: &Words) {
        if let Some(mine) = self.users.get_mut(user.place()) {
            mine.address.merge(named.address, words);
            mine.display_name.merge(named.display_name, words);
        }
        if others.plain.word().or(others.directory.word()).is_some() {
            let mine = self.others.entry(user).or_default();
            mine.plain.merge(others.plain, words);
            mine.directory.merge(others.directory, words);
        }
    }

    /// Puts users known by name only together with the one user whose id other records told. A
    /// name that belonged to several ids stays apart.
    pub(crate) fn fold(&mut self, words: &Words) -> Folded {
        let mut folded = Folded::default();
        for place in 0..self.names.len() {
            let Some(name) = self.names.get(place) else { continue };
            let (Owner::One(owner), Some(user)) = (name.owner, name.user) else { continue };
            folded.to.insert(user, owner);
            let others = self.others.get(&user).copied().unwrap_or_default();
            if let Some(named) = self.users.get(user.place()).copied() {
                self.add(owner, &named, others, words);
            }
        }
        folded
    }

    /// How a user is named.
    pub(crate) fn account(&self, user: User, words: &Words) -> Account {
        let Some(named) = self.users.get(user.place()) else { return Account::default() };
        let others = self.others.get(&user).copied().unwrap_or_default();
        Account {
            user_principal_name: [others.directory, named.address, others.plain]
                .into_iter()
                .find_map(|name| name.to_text(words)),
            user_id: (named.by == By::Id).then(|| words.text(named.key).to_owned()),
            display_name: named.display_name.to_text(words),
        }
    }

    /// What orders users that are named alike.
    pub(crate) fn order<'w>(&self, user: User, words: &'w Words) -> impl Ord + use<'w> {
        self.users.get(user.place()).map(|named| (named.by, words.text(named.key)))
    }

    /// A fingerprint that is the same in every pass.
    pub(crate) fn print(&self, user: User, words: &Words) -> u64 {
        self.users.get(user.place()).map_or(0, |named| words.print(named.key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign_in::SignIn;

    /// What everyone is called, by what they are known by.
    fn accounts(names: &Names, words: &Words) -> Vec<Account> {
        let mut accounts: Vec<_> = names.all().map(|user| names.account(user, words)).collect();
        accounts.sort();
        accounts
    }

    #[test]
    fn what_is_remembered_is_learned_as_if_it_had_been_at_once() {
        let spelled: Vec<[String; 3]> = (0..900_u32)
            .map(|number| {
                let user = number % 150;
                let id = if number % 7 == 0 { String::new() } else { format!("ID-{user}") };
                let name = format!("u{user}.{}@ne.example", number / 300);
                [id, name, format!("User {user}, {}", number % 4)]
            })
            .collect();
        let mut words = Words::default();
        let (mut quick, mut slow) = (Names::default(), Names::default());
        for round in 0..3_i64 {
            for (number, [id, name, display_name]) in (0_i64..).zip(&spelled) {
                let second = (number * 7_919 + round * 104_729) % 5_000;
                let mut sign_in = SignIn::default();
                sign_in.text.put(Field::UserId, Some(id.as_str()).filter(|id| !id.is_empty()));
                sign_in.text.set(Field::UserPrincipalName, name);
                sign_in.text.set(Field::UserDisplayName, display_name);
                let time = Timestamp::from_second(second).expect("a time");
                let user = quick.observe(&sign_in, time, &mut words);
                assert_eq!(user, slow.observe(&sign_in, time, &mut words));
                slow.settle(&words);
            }
        }
        quick.settle(&words);
        assert_eq!(accounts(&quick, &words), accounts(&slow, &words));
        assert_eq!(quick.fold(&words).moved(), slow.fold(&words).moved());
        assert_eq!(accounts(&quick, &words), accounts(&slow, &words));
    }
}
