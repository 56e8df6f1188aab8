//! What a sign-in came to.

/// What a sign-in came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Result code 0.
    Success,
    /// Refused. `None`: the log tells no code.
    Failure(Option<u32>),
    /// A step of a longer conversation, such as the prompt for a second factor. No failure.
    Interrupt(Option<u32>),
    /// No field tells.
    Unknown,
}

impl Outcome {
    /// What a result code and a word of the log come to.
    pub(crate) fn of(code: Option<u32>, word: Option<Self>) -> Self {
        match (code, word) {
            (Some(0), _) => Self::Success,
            (Some(code), Some(Self::Interrupt(_))) => Self::Interrupt(Some(code)),
            (Some(code), _) if is_interrupt(code) => Self::Interrupt(Some(code)),
            (Some(code), _) => Self::Failure(Some(code)),
            (None, Some(word)) => word,
            (None, None) => Self::Unknown,
        }
    }

    /// The outcome a word of the log names. `None`: the word names none.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        match word.trim().to_lowercase().as_str() {
            // Downloads of a French and a Spanish portal use the words of their language.
            "success" | "opération réussie" | "correcto" => Some(Self::Success),
            "failure" | "échec" | "error" => Some(Self::Failure(None)),
            "interrupted" | "interrupt" | "interrompu" | "interrumpido" => {
                Some(Self::Interrupt(None))
            }
            _ => None,
        }
    }

    /// The result code, where it is known; 0 for a success.
    #[must_use]
    pub fn code(self) -> Option<u32> {
        match self {
            Self::Success => Some(0),
            Self::Failure(code) | Self::Interrupt(code) => code,
            Self::Unknown => None,
        }
    }
}

/// The result code a text holds.
pub(crate) fn result_code(text: &str) -> Option<u32> {
    let text = text.trim();
    // Programs that read a column with empty cells as numbers write `50126.0`.
    text.strip_suffix(".0").unwrap_or(text).parse().ok()
}

/// True for the codes that are a step of a longer conversation: a prompt for a second factor or
/// for registration, a choice of account, a silent attempt without a session (Microsoft Entra
/// authentication and authorization error codes).
#[must_use]
pub fn is_interrupt(code: u32) -> bool {
    matches!(
        code,
        // A second factor, a registration or an outside challenge is asked for.
        50072 | 50074 | 50076 | 50078 | 50079 | 50097 | 50125 | 50158 | 50203 | 502_031
        // The conversation goes on: keep me signed in, choose an account, confirm the app, consent.
        | 16000 | 16001 | 16003 | 50058 | 50140 | 50168 | 50199 | 65001 | 90025 | 90072 | 399_218
        // Seamless single sign-on did not work out and the user is prompted.
        | 81004..=81012
    )
}

/// True for the codes that answer a challenge for a second factor: refused, no answer, wrong code,
/// undeliverable, too slow (Microsoft Entra authentication and authorization error codes).
#[must_use]
pub fn is_challenge_failure(code: u32) -> bool {
    matches!(code, 500_121 | 50087 | 50088 | 50089)
}
