//! What the words of a name say. A name is weak evidence and is always shown as such.

/// Lower-case words of a text, separated and enclosed by single blanks, split where letters meet
/// anything else: `MFP-02@ne` reads ` mfp 02 ne `.
pub(crate) fn words(text: &str) -> String {
    let mut words = String::with_capacity(text.len().saturating_add(2));
    let mut previous = ' ';
    for character in text.chars() {
        let alphabetic = character.is_alphabetic();
        let breaks = !character.is_alphanumeric() || alphabetic != previous.is_alphabetic();
        if breaks && !words.ends_with(' ') {
            words.push(' ');
        }
        if character.is_alphanumeric() {
            if words.is_empty() {
                words.push(' ');
            }
            words.extend(character.to_lowercase());
        }
        previous = character;
    }
    if !words.is_empty() && !words.ends_with(' ') {
        words.push(' ');
    }
    words
}

/// The first phrase the words hold. A phrase is whole words; one that ends in `*` may go on.
pub(crate) fn first_phrase(words: &str, phrases: &[&'static str]) -> Option<&'static str> {
    phrases.iter().copied().find(|phrase| match phrase.strip_suffix('*') {
        Some(start) => holds(words, start, true),
        None => holds(words, phrase, false),
    })
}

/// True when the phrase stands at the start of a word and, unless it may go on, ends one.
fn holds(words: &str, phrase: &str, may_go_on: bool) -> bool {
    words.match_indices(' ').any(|(blank, _)| {
        let word = words.split_at_checked(blank.saturating_add(1)).map(|(_, word)| word);
        let behind = word.and_then(|word| word.strip_prefix(phrase));
        behind.is_some_and(|behind| may_go_on || behind.starts_with(' '))
    })
}

/// The part of a user principal name before the `@`.
pub(crate) fn local_part(user_principal_name: &str) -> &str {
    user_principal_name.split('@').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_names() {
        let cases = [
            ("", ""),
            ("@@", " "),
            ("svc-backup", " svc backup "),
            ("MFP02", " mfp 02 "),
            ("scan2mail", " scan 2 mail "),
            ("Chief  Financial_Officer", " chief financial officer "),
            (" Größe ", " größe "),
        ];
        for (text, expected) in cases {
            assert_eq!(words(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_phrase_is_whole_words() {
        let cases: [(&str, &[&'static str], Option<&str>); 10] = [
            ("oscan", &["scan"], None),
            ("scanlon.pat", &["scan"], None),
            ("scan.floor2", &["scan"], Some("scan")),
            ("no-reply", &["no reply"], Some("no reply")),
            ("svcbackup", &["svc*"], Some("svc*")),
            ("back svc", &["svc*"], Some("svc*")),
            ("backsvc", &["svc*"], None),
            ("reply no thanks reply", &["no reply", "thanks reply"], Some("thanks reply")),
            ("Größe groß", &["groß", "größe"], Some("groß")),
            ("", &["svc*"], None),
        ];
        for (text, phrases, expected) in cases {
            assert_eq!(first_phrase(&words(text), phrases), expected, "{text:?}");
        }
    }

    #[test]
    fn the_part_before_the_at_sign() {
        assert_eq!(local_part("scan@ne.example"), "scan");
        assert_eq!(local_part("scan"), "scan");
        assert_eq!(local_part(""), "");
    }
}
