//! Whether a successful sign-in carried multifactor authentication.

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
        let words = words.to_ascii_lowercase();
        satisfied |= words.contains("mfa requirement satisfied")
            || words.contains("mfa completed")
            || words.contains("mfa successfully completed");
    }
    if satisfied || text.mfa_method.is_some() {
        return Factors::Multiple;
    }
    match requirement(sign_in) {
        Some(true) => Factors::Multiple,
        Some(false) => Factors::Single,
        None => Factors::Unknown,
    }
}

/// What the log says of the steps of a sign-in, in words.
pub(crate) fn words_of_steps<'r>(sign_in: &'r SignIn<'_>) -> impl Iterator<Item = &'r str> {
    let text = &sign_in.text;
    let own = [&text.additional_details, &text.mfa_result].into_iter().flatten();
    let steps = sign_in.steps.iter().filter_map(|step| step.result_detail.as_ref());
    own.chain(steps).map(|text| *text)
}

/// The words that say that a challenge was skipped, such as `MFA requirement skipped due to
/// location`.
pub(crate) fn skipped_challenge<'r>(sign_in: &'r SignIn<'_>) -> Option<&'r str> {
    words_of_steps(sign_in).find(|words| has_word(words, "mfa") && has_word(words, "skipped"))
}

/// Whether more than one factor was required, by `authenticationRequirement`. The portal writes
/// the same words with a hyphen and spaces.
fn requirement(sign_in: &SignIn<'_>) -> Option<bool> {
    let text = sign_in.text.authentication_requirement?;
    let letters: String =
        text.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect();
    match letters.as_str() {
        "multifactorauthentication" => Some(true),
        "singlefactorauthentication" => Some(false),
        _ => None,
    }
}
