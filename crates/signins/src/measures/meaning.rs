//! What the words of a log mean, found out once for each word and each list.

use foldhash::quality::RandomState;

use crate::factors::{Factors, is_satisfied, is_skipped, multiple_required};
use crate::field::Field;
use crate::legacy_client::{
    canonical_client_app, canonical_protocol, has_word, is_legacy_client_app, is_ropc_agent,
};
use crate::measures::by_place::ByPlace;
use crate::measures::memo::Memo;
use crate::outcome::{Outcome, result_code};
use crate::sign_in::{Kind, kind_named, truth};
use crate::told::Told;
use crate::words::{List, Word, Words};

/// A client app.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Client {
    /// Its name in lower case.
    pub key: Word,
    /// The log's own spelling, or as written.
    pub shown: Word,
    /// True for legacy authentication.
    pub legacy: bool,
}

/// An authentication protocol or a transfer method.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Protocol {
    /// The log's own spelling, or as written.
    pub shown: Word,
    /// Resource-owner password credentials.
    pub ropc: bool,
    /// Device code flow.
    pub device_code: bool,
}

/// What a user agent gives away.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Agent {
    /// A service replays a password it was given.
    pub ropc: bool,
    /// A room device.
    pub room: bool,
}

#[derive(Debug, Clone, Copy)]
struct ResultText {
    code: Option<u32>,
    outcome: Option<Outcome>,
}

/// What the words or the list of steps of a sign-in say of its challenge.
#[derive(Debug, Clone, Copy, Default)]
struct StepWords {
    /// Anything at all.
    told: bool,
    /// The first words that say that a challenge was skipped.
    skipped: Option<Word>,
    satisfied: bool,
}

/// What became of the challenge of a successful sign-in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Challenge {
    /// The log tells something of the steps.
    pub told: bool,
    /// The words that say that it was skipped.
    pub skipped: Option<Word>,
    /// What the log says of the factors.
    pub factors: Factors,
}

/// What was found out of words and lists.
#[derive(Debug, Default)]
pub(crate) struct Meanings {
    clients: ByPlace<Client>,
    protocols: ByPlace<Protocol>,
    agents: ByPlace<Agent>,
    room_apps: ByPlace<bool>,
    kinds: ByPlace<Option<Kind>>,
    truths: ByPlace<Option<bool>>,
    results: ByPlace<ResultText>,
    guests: ByPlace<Option<bool>>,
    requirements: ByPlace<Option<bool>>,
    step_words: ByPlace<StepWords>,
    steps: ByPlace<StepWords>,
    lower: ByPlace<Word>,
    /// How records of users that tell the same were made.
    manners: Memo<Manner>,
    seed: RandomState,
}

/// What of a user's record tells how they signed in.
const MANNER: [&[Field]; 8] = [
    &[Field::Category],
    &[Field::Table],
    &[Field::EventTypes],
    &[Field::FileKind],
    &[Field::Interactive],
    &[Field::ClientApp],
    &[Field::Protocol],
    &[Field::UserAgent],
];

/// How someone signed in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    pub kind: Kind,
    /// `None`: not told.
    pub client: Option<Client>,
    /// `None`: not told.
    pub protocol: Option<Protocol>,
    /// `None`: not told.
    pub agent: Option<Agent>,
}

impl Meanings {
    /// The client app a word names.
    pub(crate) fn client(&mut self, word: Word, words: &mut Words) -> Client {
        self.clients.once(word.place(), || {
            let shown = canonical_client_app(words.text(word)).to_owned();
            let legacy = is_legacy_client_app(&shown);
            let key = words.word(&shown.to_lowercase()).unwrap_or(word);
            Client { key, shown: words.word(&shown).unwrap_or(word), legacy }
        })
    }

    /// The protocol a word names.
    pub(crate) fn protocol(&mut self, word: Word, words: &mut Words) -> Protocol {
        self.protocols.once(word.place(), || {
            let text = words.text(word);
            let shown = canonical_protocol(text);
            let ropc = shown == "ropc";
            let device_code = shown == "deviceCode" || has_word(text, "devicecodeflow");
            let shown = shown.to_owned();
            Protocol { shown: words.word(&shown).unwrap_or(word), ropc, device_code }
        })
    }

    /// What a user agent gives away.
    pub(crate) fn agent(&mut self, word: Word, words: &Words) -> Agent {
        self.agents.once(word.place(), || {
            let text = words.text(word);
            let room = has_word(text, "skyperoomsystem") || has_word(text, "teamsrooms");
            Agent { ropc: is_ropc_agent(text), room }
        })
    }

    /// True for the application of a room device.
    pub(crate) fn is_room_app(&mut self, word: Word, words: &Words) -> bool {
        self.room_apps.once(word.place(), || has_word(words.text(word), "teams room"))
    }

    /// Whether a word of `userType` names a guest. `None`: it names neither guest nor member.
    pub(crate) fn guest(&mut self, word: Word, words: &Words) -> Option<bool> {
        self.guests.once(word.place(), || {
            let text = words.text(word);
            let guest = text.eq_ignore_ascii_case("guest");
            (guest || text.eq_ignore_ascii_case("member")).then_some(guest)
        })
    }

    /// The word in lower case, as far as it is ASCII or the whole text.
    pub(crate) fn lower(&mut self, word: Word, words: &mut Words) -> Word {
        self.lower.once(word.place(), || lower_word(word, words))
    }

    /// How someone signed in.
    pub(crate) fn manner(&mut self, row: &impl Told, words: &mut Words) -> Manner {
        if !row.tells(Field::UserId) && !row.tells(Field::UserPrincipalName) {
            return self.manner_of(row, words);
        }
        let print = row.print_of(MANNER, &self.seed);
        if let Some(manner) = self.manners.met(print, 0) {
            return manner;
        }
        let manner = self.manner_of(row, words);
        if self.manners.is_full() {
            self.manners = Memo::default();
        }
        self.manners.remember(print, 0, manner);
        manner
    }

    fn manner_of(&mut self, row: &impl Told, words: &mut Words) -> Manner {
        let client = row.word(Field::ClientApp, words).map(|word| self.client(word, words));
        let protocol = row.word(Field::Protocol, words).map(|word| self.protocol(word, words));
        let agent = row.word(Field::UserAgent, words).map(|word| self.agent(word, words));
        Manner { kind: self.kind(row, words), client, protocol, agent }
    }

    /// Who signed in, and how; see [`SignIn::kind`](crate::SignIn::kind).
    pub(crate) fn kind(&mut self, row: &impl Told, words: &mut Words) -> Kind {
        for field in [Field::Category, Field::Table, Field::EventTypes] {
            let kind = row.word(field, words).and_then(|word| self.kind_of(word, words));
            if let Some(kind) = kind {
                return kind;
            }
        }
        let by_file = row.word(Field::FileKind, words).and_then(|word| self.kind_of(word, words));
        if let Some(kind) = by_file.filter(|kind| kind.is_workload()) {
            return kind;
        }
        let tells = |field| row.tells(field);
        if !tells(Field::UserId)
            && !tells(Field::UserPrincipalName)
            && (tells(Field::ServicePrincipalId) || tells(Field::ServicePrincipalName))
        {
            return Kind::ServicePrincipal;
        }
        let interactive = row.word(Field::Interactive, words);
        match interactive.and_then(|word| self.truth(word, words)) {
            Some(true) => Kind::InteractiveUser,
            Some(false) => Kind::NonInteractiveUser,
            None => by_file.unwrap_or(Kind::Unknown),
        }
    }

    fn kind_of(&mut self, word: Word, words: &Words) -> Option<Kind> {
        self.kinds.once(word.place(), || kind_named(words.text(word)))
    }

    /// The yes or no that a word says. `None`: neither.
    pub(crate) fn truth(&mut self, word: Word, words: &Words) -> Option<bool> {
        self.truths.once(word.place(), || truth(words.text(word)))
    }

    /// What a sign-in came to; see [`SignIn::outcome`](crate::SignIn::outcome).
    pub(crate) fn outcome(&mut self, row: &impl Told, words: &mut Words) -> Outcome {
        let mut result = |field, words: &mut Words| {
            let word = row.word(field, words)?;
            let judge = || {
                let text = words.text(word);
                ResultText { code: result_code(text), outcome: Outcome::from_word(text) }
            };
            Some(self.results.once(word.place(), judge))
        };
        let error_code = result(Field::ErrorCode, words).and_then(|result| result.code);
        if error_code == Some(0) {
            return Outcome::Success;
        }
        let result_type = result(Field::ResultType, words);
        let code = error_code.or(result_type.and_then(|result| result.code));
        let outcome = result(Field::ResultWord, words)
            .and_then(|result| result.outcome)
            .or_else(|| result_type?.outcome)
            .or_else(|| result(Field::ResultSignature, words)?.outcome);
        Outcome::of(code, outcome)
    }

    /// What became of the challenge of a successful sign-in; see [`factors`](crate::factors()).
    pub(crate) fn challenge(&mut self, row: &impl Told, words: &mut Words) -> Challenge {
        let mut seen = StepWords::default();
        for field in [Field::AdditionalDetails, Field::MfaResult] {
            if let Some(word) = row.word(field, words) {
                seen = seen.and(self.step_words(word, words));
            }
        }
        if let Some(list) = row.steps(words) {
            seen = seen.and(self.steps(list, words));
        }
        let factors = if seen.skipped.is_some() {
            Factors::Single
        } else if seen.satisfied || row.tells(Field::MfaMethod) {
            Factors::Multiple
        } else {
            let required = row.word(Field::AuthenticationRequirement, words);
            let required = required.and_then(|word| {
                let judge = || multiple_required(words.text(word));
                self.requirements.once(word.place(), judge)
            });
            Factors::by_requirement(required)
        };
        Challenge { told: seen.told, skipped: seen.skipped, factors }
    }

    fn step_words(&mut self, word: Word, words: &Words) -> StepWords {
        self.step_words.once(word.place(), || {
            let text = words.text(word);
            let skipped = is_skipped(text).then_some(word);
            StepWords { told: true, skipped, satisfied: is_satisfied(text) }
        })
    }

    fn steps(&mut self, list: List, words: &Words) -> StepWords {
        if let Some(known) = self.steps.get(list.place()) {
            return known;
        }
        let mut seen = StepWords::default();
        for word in words.list(list).flatten() {
            seen = seen.and(self.step_words(word, words));
        }
        self.steps.set(list.place(), seen);
        seen
    }
}

impl StepWords {
    fn and(self, later: Self) -> Self {
        Self {
            told: self.told || later.told,
            skipped: self.skipped.or(later.skipped),
            satisfied: self.satisfied || later.satisfied,
        }
    }
}

/// The word of a text in lower case.
pub(crate) fn lower_word(word: Word, words: &mut Words) -> Word {
    let text = words.text(word);
    let lower = if text.is_ascii() { text.to_ascii_lowercase() } else { text.to_lowercase() };
    words.word(&lower).unwrap_or(word)
}
