//! Whether a successful sign-in carried multifactor authentication.

use crate::field::Field;
use crate::legacy_client::has_word;
use crate::sign_in::SignIn;

/// What the log says of the factors of a successful sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Factors {
    /// Multifactor authentication was done, or its claim was in the token.
    Multiple,
    /// One factor: none was asked for, or the second was skipped (trusted address, registered or
    /// remembered device, app password).
    Single,
    /// The log does not tell.
    Unknown,
}

/// Judges the factors of a *successful* sign-in. Words come before `authenticationRequirement`:
/// a row can require multifactor authentication and say that it was skipped, and a row that
/// requires one factor can carry the claim of an earlier second one (Microsoft Entra sign-in log
/// activity details). The word "skipped" wins, so that a sign-in without a second factor is never
/// taken for one with it.
#[must_use]
pub fn factors(sign_in: &SignIn<'_>) -> Factors {
    let text = &sign_in.text;
    if skipped_challenge(sign_in).is_some() {
        return Factors::Single;
    }
    let mut satisfied = false;
    for words in words_of_steps(sign_in) {
        satisfied |= is_satisfied(words);
    }
    if satisfied || text.tells(Field::MfaMethod) {
        return Factors::Multiple;
    }
    Factors::by_requirement(text.told(Field::AuthenticationRequirement).and_then(multiple_required))
}

impl Factors {
    /// By whether more than one factor was required.
    pub(crate) fn by_requirement(multiple: Option<bool>) -> Self {
        match multiple {
            Some(true) => Self::Multiple,
            Some(false) => Self::Single,
            None => Self::Unknown,
        }
    }
}

/// True for words that say that a second factor was given, or its claim was in the token.
pub(crate) fn is_satisfied(words: &str) -> bool {
    ["mfa requirement satisfied", "mfa completed", "mfa successfully completed"]
        .iter()
        .any(|wanted| has_word(words, wanted))
}

/// True for words that say that a challenge was skipped.
pub(crate) fn is_skipped(words: &str) -> bool {
    has_word(words, "mfa") && has_word(words, "skipped")
}

/// What the log says of the steps of a sign-in, in words.
fn words_of_steps<'r>(sign_in: &'r SignIn<'_>) -> impl Iterator<Item = &'r str> {
    let text = &sign_in.text;
    let own =
        [text.told(Field::AdditionalDetails), text.told(Field::MfaResult)].into_iter().flatten();
    let steps = sign_in.steps.iter().filter_map(|step| step.result_detail);
    own.chain(steps)
}

/// The words that say that a challenge was skipped, such as `MFA requirement skipped due to
/// location`.
fn skipped_challenge<'r>(sign_in: &'r SignIn<'_>) -> Option<&'r str> {
    words_of_steps(sign_in).find(|words| is_skipped(words))
}

/// Whether more than one factor was required, by `authenticationRequirement`. The portal writes
/// the same words with a hyphen and spaces.
pub(crate) fn multiple_required(text: &str) -> Option<bool> {
    let letters: String =
        text.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect();
    match letters.as_str() {
        "multifactorauthentication" => Some(true),
        "singlefactorauthentication" => Some(false),
        _ => None,
    }
}
