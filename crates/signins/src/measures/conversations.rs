//! Failures and interrupts, joined by correlation id.

use std::collections::BTreeMap;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use rollout::{ConversationCounts, Conversations as Counts};

use crate::field::Field;
use crate::measures::judged::Judged;
use crate::measures::names::{Folded, Names, User};
use crate::measures::translation::Translation;
use crate::outcome::Outcome;
use crate::sign_in::Kind;
use crate::told::Told;
use crate::words::{Words, fingerprint};

/// Most conversations kept: what fills a table of half a million places (9 MB) to its brim. Every
/// thread has one.
const MOST: usize = 458_000;

/// A correlation id that tells nothing.
const NO_ID: &str = "00000000-0000-0000-0000-000000000000";

/// What came up in a conversation, as bits: of any user sign-in, and shifted by four, of
/// interactive ones.
const SUCCESS: u8 = 1;
const FAILURE: u8 = 2;
const INTERRUPT: u8 = 4;
const UNKNOWN: u8 = 8;
const INTERACTIVE: u32 = 4;

/// One conversation.
#[derive(Debug, Clone, Copy)]
struct Conversation {
    /// Whose it is; of several users, the one whose fingerprint is smallest.
    user: User,
    came_up: u8,
}

/// The conversations of the log, or an even share of them.
///
/// Kept are those whose fingerprint is below a limit. The limit is halved whenever there are too
/// many, so that what is kept depends on the conversations alone, never on their order.
#[derive(Debug)]
pub(crate) struct Conversations {
    kept: HashMap<u64, Conversation, FixedState>,
    most: usize,
    /// How often the limit was halved.
    halved: u32,
    no_id: u64,
    failures_untold: u64,
    interrupts_untold: u64,
    /// A record told that it is interactive.
    interactive_told: bool,
}

impl Default for Conversations {
    fn default() -> Self {
        Self::new(MOST)
    }
}

impl Conversations {
    fn new(most: usize) -> Self {
        Self {
            kept: HashMap::default(),
            most,
            halved: 0,
            no_id: fingerprint(NO_ID),
            failures_untold: 0,
            interrupts_untold: 0,
            interactive_told: false,
        }
    }

    /// Takes note of a user sign-in.
    pub(crate) fn observe(
        &mut self,
        row: &impl Told,
        judged: &Judged,
        names: &Names,
        words: &Words,
    ) {
        let bit = match judged.outcome {
            Outcome::Success => SUCCESS,
            Outcome::Failure(_) => FAILURE,
            Outcome::Interrupt(_) => INTERRUPT,
            Outcome::Unknown => UNKNOWN,
        };
        let interactive = judged.kind == Kind::InteractiveUser;
        self.interactive_told |= interactive;
        let Some(print) = row.print(Field::CorrelationId).filter(|print| *print != self.no_id)
        else {
            self.failures_untold += u64::from(bit == FAILURE);
            self.interrupts_untold += u64::from(bit == INTERRUPT);
            return;
        };
        let came_up = bit | if interactive { bit << INTERACTIVE } else { 0 };
        self.add(print, Conversation { user: judged.user, came_up }, names, words);
    }

    fn add(&mut self, print: u64, other: Conversation, names: &Names, words: &Words) {
        if !self.is_kept(print) {
            return;
        }
        let conversation = self.kept.entry(print).or_insert(other);
        conversation.came_up |= other.came_up;
        if conversation.user != other.user {
            let order = |user| (names.print(user, words), names.order(user, words));
            if order(other.user) < order(conversation.user) {
                conversation.user = other.user;
            }
        }
        while self.kept.len() > self.most {
            self.halve();
        }
    }

    fn is_kept(&self, print: u64) -> bool {
        print.leading_zeros() >= self.halved
    }

    fn halve(&mut self) {
        self.halved += 1;
        let least = self.halved;
        self.kept.retain(|print, _| print.leading_zeros() >= least);
    }

    /// Adds what another noted.
    pub(crate) fn merge(
        &mut self,
        other: Self,
        to: &Translation<'_>,
        names: &Names,
        words: &Words,
    ) {
        self.failures_untold += other.failures_untold;
        self.interrupts_untold += other.interrupts_untold;
        self.interactive_told |= other.interactive_told;
        while self.halved < other.halved {
            self.halve();
        }
        for (print, conversation) in other.kept {
            if let Some(user) = to.user(conversation.user) {
                self.add(print, Conversation { user, ..conversation }, names, words);
            }
        }
    }

    /// The counts, and by user's place the failed and the abandoned ones.
    pub(crate) fn finish(self, folded: &Folded) -> (Counts, BTreeMap<usize, (u64, u64)>) {
        let mut all = ConversationCounts::default();
        let mut interactive = ConversationCounts::default();
        let mut people: BTreeMap<usize, (u64, u64)> = BTreeMap::new();
        for conversation in self.kept.values() {
            let came_of = count(&mut all, conversation.came_up & 15);
            count(&mut interactive, conversation.came_up >> INTERACTIVE);
            let user = folded.user(conversation.user);
            match came_of {
                Some(Came::Failed) => people.entry(user.place()).or_default().0 += 1,
                Some(Came::Abandoned) => people.entry(user.place()).or_default().1 += 1,
                Some(Came::Recovered | Came::Unclear) | None => {}
            }
        }
        let counts = Counts {
            one_in: 1_u64.checked_shl(self.halved).unwrap_or(u64::MAX),
            all,
            interactive: self.interactive_told.then_some(interactive),
            failures_untold: self.failures_untold,
            interrupts_untold: self.interrupts_untold,
        };
        (counts, people)
    }
}

/// What became of a conversation.
#[derive(Debug, Clone, Copy)]
enum Came {
    Recovered,
    Failed,
    Abandoned,
    Unclear,
}

/// Counts what came up. `None`: neither a failure nor an interrupt.
fn count(counts: &mut ConversationCounts, came_up: u8) -> Option<Came> {
    let has = |bit: u8| came_up & bit != 0;
    if !has(FAILURE | INTERRUPT) {
        return None;
    }
    let (came_of, count) = if has(SUCCESS) {
        (Came::Recovered, &mut counts.recovered)
    } else if has(UNKNOWN) {
        (Came::Unclear, &mut counts.unclear)
    } else if has(FAILURE) {
        (Came::Failed, &mut counts.failed)
    } else {
        (Came::Abandoned, &mut counts.abandoned)
    };
    *count += 1;
    Some(came_of)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::sign_in::SignIn;

    fn names(words: &mut Words) -> (Names, [User; 2]) {
        let mut names = Names::default();
        let users = ["u1", "u2"].map(|id| {
            let mut sign_in = SignIn::default();
            sign_in.text.set(Field::UserId, id);
            names.observe(&sign_in, Timestamp::UNIX_EPOCH, words).expect("room")
        });
        (names, users)
    }

    #[test]
    fn an_even_share_is_kept_whatever_the_order_and_whoever_merges() {
        let mut words = Words::default();
        let (names, [user, _]) = names(&mut words);
        let prints: Vec<u64> = (0..3_000).map(|number| fingerprint(&format!("{number}"))).collect();
        let noted = |prints: &mut dyn Iterator<Item = &u64>| {
            let mut conversations = Conversations::new(500);
            for print in prints {
                let conversation = Conversation { user, came_up: FAILURE };
                conversations.add(*print, conversation, &names, &words);
                assert!(conversations.kept.len() <= 500, "bounded");
            }
            conversations
        };
        let whole = noted(&mut prints.iter()).finish(&Folded::default());
        assert!(whole.0.one_in >= 8, "{:?}", whole.0);
        let shown = whole.0.all.failed * whole.0.one_in;
        assert!(shown.abs_diff(3_000) < 600, "an even share: {shown}");
        assert_eq!(noted(&mut prints.iter().rev()).finish(&Folded::default()), whole);
        let from = Words::default();
        let mut to = Translation::new(&from, &mut Words::default());
        to.users = names.all().map(Some).collect();
        for at in [0, 10, 1_500, 3_000] {
            let (first, second) = prints.split_at(at);
            let mut merged = noted(&mut second.iter());
            merged.merge(noted(&mut first.iter()), &to, &names, &words);
            assert_eq!(merged.finish(&Folded::default()), whole, "{at}");
        }
    }

    #[test]
    fn a_conversation_of_two_users_is_the_same_users_in_any_order() {
        let mut words = Words::default();
        let (names, [one, two]) = names(&mut words);
        let of = |users: [User; 2]| {
            let mut conversations = Conversations::new(5);
            for user in users {
                let conversation = Conversation { user, came_up: INTERRUPT };
                conversations.add(7, conversation, &names, &words);
            }
            conversations.finish(&Folded::default())
        };
        assert_eq!(of([one, two]), of([two, one]));
        assert_eq!(of([one, two]).0.all.abandoned, 1);
    }
}
