//! What a sign-in tells, as numbers of texts: from a record just read, or from one kept.

use std::hash::{BuildHasher, Hasher};

use foldhash::quality::RandomState;
use jiff::Timestamp;

use crate::field::Field;
use crate::sign_in::SignIn;
use crate::words::{List, ListKind, Word, Words, fingerprint};

/// A sign-in that tells its texts as words.
///
/// A measure asks for what it needs and no more: a text of a record just read is given a number
/// when it is asked for.
pub(crate) trait Told {
    /// The time of the sign-in: `createdDateTime`, else the time the record was written.
    fn time(&self) -> Option<Timestamp>;

    /// Whether a field is told.
    fn tells(&self, field: Field) -> bool;

    /// The number of the text of a field.
    fn word(&self, field: Field, words: &mut Words) -> Option<Word>;

    /// The text of a field itself.
    fn text(&self, field: Field) -> Option<&str>;

    /// The number of the text of a field, if it has one already.
    fn known_word(&self, field: Field, words: &Words) -> Option<Word>;

    /// Fingerprint of the text of a field, for fields with a value of their own in every record.
    fn print(&self, field: Field) -> Option<u64>;

    /// Fingerprint of several texts together: of each group of fields the first that is told. It
    /// holds for one seed.
    fn print_of<const N: usize>(&self, groups: [&[Field]; N], seed: &RandomState) -> u64;

    /// Policies of Conditional Access, three words each: id, name, result. `None`: not told.
    fn policies(&self, words: &mut Words) -> Option<List>;

    /// Who asked for multifactor authentication, one word each. `None`: not told.
    fn requirement_providers(&self, words: &mut Words) -> Option<List>;

    /// Steps of the authentication, one word each: what became of it (`result_detail`). `None`:
    /// not told.
    fn steps(&self, words: &mut Words) -> Option<List>;

    /// The sign-in itself, where it was just read.
    fn sign_in(&self) -> Option<&SignIn<'_>> {
        None
    }
}

impl Told for SignIn<'_> {
    fn time(&self) -> Option<Timestamp> {
        SignIn::time(self)
    }

    fn tells(&self, field: Field) -> bool {
        self.text.tells(field)
    }

    fn word(&self, field: Field, words: &mut Words) -> Option<Word> {
        words.word_of(field, self.text.told(field)?)
    }

    fn text(&self, field: Field) -> Option<&str> {
        self.text.told(field)
    }

    fn known_word(&self, field: Field, words: &Words) -> Option<Word> {
        words.find(self.text.told(field)?)
    }

    fn print(&self, field: Field) -> Option<u64> {
        Some(fingerprint(self.text.told(field)?))
    }

    #[inline]
    fn print_of<const N: usize>(&self, groups: [&[Field]; N], seed: &RandomState) -> u64 {
        let mut hasher = seed.build_hasher();
        for group in groups {
            match group.iter().find_map(|field| self.text.told(*field)) {
                Some(text) => {
                    hasher.write(text.as_bytes());
                    hasher.write_usize(text.len());
                }
                None => hasher.write_usize(usize::MAX),
            }
        }
        hasher.finish()
    }

    fn policies(&self, words: &mut Words) -> Option<List> {
        let policies = self.policies.iter();
        let texts = policies.flat_map(|policy| [policy.id, policy.name, policy.result]);
        words.list_like(ListKind::Policies, texts)
    }

    fn requirement_providers(&self, words: &mut Words) -> Option<List> {
        let providers = self.requirement_providers.iter();
        words.list_like(ListKind::Providers, providers.map(|text| Some(*text)))
    }

    fn steps(&self, words: &mut Words) -> Option<List> {
        words.list_like(ListKind::Steps, self.steps.iter().map(|step| step.result_detail))
    }

    fn sign_in(&self) -> Option<&SignIn<'_>> {
        Some(self)
    }
}
