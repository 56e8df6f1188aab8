//! A password that is random, strong, and can be typed from paper.

use std::error::Error;

use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::error::CommandError;

/// Characters of a password. From 50 characters, 30 are more than 160 bits.
pub(super) const LENGTH: usize = 30;
/// Characters that stand together on paper.
pub(super) const GROUP: usize = 5;

/// One class per line, as Microsoft Entra ID counts them (*Password policies and account restrictions*).
/// What looks like something else in a serif, a plain or a hand-written type is left out on both sides:
/// 0 O o, 1 I i l, 2 Z z, 5 S s, 8 B, 6 b, 9 g q.
const CLASSES: [&str; 4] = ["ACDEFGHJKLMNPQRTUVWXY", "acdefhjkmnprtuvwxy", "34679", "+=%*?&"];

/// A source of randomness: fills what it is given.
pub(super) type Fill<'a> = dyn FnMut(&mut [u8]) -> Result<(), Box<dyn Error + Send + Sync>> + 'a;

/// After so many passwords without all classes the source is not random: one in ten lacks one.
const MOST_TRIES: usize = 200;

/// The randomness of the operating system.
pub(super) fn of_system(bytes: &mut [u8]) -> Result<(), Box<dyn Error + Send + Sync>> {
    getrandom::fill(bytes).map_err(Into::into)
}

/// Draws a password: each character with the same chance, and all four classes in it.
///
/// # Errors
/// When there is no randomness to be had.
pub(super) fn draw(fill: &mut Fill<'_>) -> Result<SecretString, CommandError> {
    let alphabet: Vec<char> = CLASSES.iter().flat_map(|class| class.chars()).collect();
    for _ in 0..MOST_TRIES {
        let text = one(&alphabet, fill)?;
        if CLASSES.iter().all(|class| text.chars().any(|it| class.contains(it))) {
            return Ok(SecretString::from(text.as_str()));
        }
    }
    Err(CommandError::refused("the randomness of this system repeats itself; no password was made"))
}

fn one(alphabet: &[char], fill: &mut Fill<'_>) -> Result<Zeroizing<String>, CommandError> {
    // So long that it never grows: what is grown leaves a copy behind.
    let mut text = Zeroizing::new(String::with_capacity(LENGTH));
    let count = u8::try_from(alphabet.len()).unwrap_or(u8::MAX).max(1);
    // Bytes above the last whole round would favour the first characters.
    let last = (u8::MAX / count).saturating_mul(count);
    let mut drawn = Zeroizing::new([0_u8; 4 * LENGTH]);
    for _ in 0..MOST_TRIES {
        fill(drawn.as_mut_slice()).map_err(|error| {
            CommandError::refused("the system gives no randomness; no password was made")
                .because(error)
        })?;
        for byte in drawn.iter().filter(|byte| **byte < last) {
            if text.len() == LENGTH {
                return Ok(text);
            }
            text.extend(alphabet.get(usize::from(byte % count)));
        }
    }
    Err(CommandError::refused("the randomness of this system repeats itself; no password was made"))
}

/// A password as it stands on paper: groups, and under each capital letter a mark.
pub(super) fn on_paper(password: &str) -> Zeroizing<[String; 2]> {
    let mut rows = Zeroizing::new([String::with_capacity(64), String::with_capacity(64)]);
    let [letters, marks] = &mut *rows;
    for (place, letter) in password.chars().enumerate() {
        if place > 0 && place % GROUP == 0 {
            letters.push_str("  ");
            marks.push_str("  ");
        }
        letters.push(letter);
        marks.push(if letter.is_uppercase() { '^' } else { ' ' });
    }
    rows
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use secrecy::ExposeSecret as _;

    use super::*;

    fn from_seed(seed: u64) -> impl FnMut(&mut [u8]) -> Result<(), Box<dyn Error + Send + Sync>> {
        let mut chance = fastrand::Rng::with_seed(seed);
        move |bytes: &mut [u8]| {
            chance.fill(bytes);
            Ok(())
        }
    }

    fn drawn(seed: u64) -> String {
        draw(&mut from_seed(seed)).unwrap().expose_secret().to_owned()
    }

    #[test]
    fn every_password_is_long_enough_and_of_every_class_and_of_no_look_alike() {
        for seed in 0..2_000 {
            let password = drawn(seed);
            assert_eq!(password.chars().count(), LENGTH);
            let has = |of: fn(&char) -> bool| password.chars().any(|it| of(&it));
            assert!(has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase), "{password}");
            assert!(has(char::is_ascii_digit) && has(char::is_ascii_punctuation), "{password}");
            assert!(!password.contains(|it| "0Oo1Iil|2Zz5Ss8Bbgq`'\" ".contains(it)), "{password}");
        }
    }

    /// No two characters of different classes that look alike are both in use.
    #[test]
    fn no_two_characters_look_alike() {
        let all: String = CLASSES.concat();
        for alike in ["0OoQD", "1Iil|!", "2Zz", "5Ss", "8B", "6b", "9gq", "rn", "vv"] {
            // Q and D are told from each other; r and n from m by the groups.
            let both = alike.chars().filter(|it| all.contains(*it)).count();
            let limit = if matches!(alike, "0OoQD" | "rn" | "vv") { 2 } else { 1 };
            assert!(both <= limit, "{alike}");
        }
        let mut letters: Vec<char> = all.chars().collect();
        letters.sort_unstable();
        letters.dedup();
        assert_eq!(letters.len(), all.len(), "each once");
    }

    #[test]
    fn there_are_at_least_128_bits_in_it() {
        let count = CLASSES.concat().len();
        let length = i32::try_from(LENGTH).unwrap();
        let bits = f64::from(length) * f64::from(u32::try_from(count).unwrap()).log2();
        // Passwords that lack a class are drawn again: at most the sum of what lacks each.
        let lacking: f64 = CLASSES
            .iter()
            .map(|class| {
                let without = f64::from(u32::try_from(count - class.len()).unwrap());
                (without / f64::from(u32::try_from(count).unwrap())).powi(length)
            })
            .sum();
        assert!(lacking < 0.1, "{lacking}");
        assert!(bits + (1.0 - lacking).log2() > 128.0, "{bits}");
    }

    /// Each character has the same chance: within five standard deviations.
    #[test]
    fn no_character_is_favoured() {
        let mut seen: BTreeMap<char, u32> = BTreeMap::new();
        let alphabet: Vec<char> = CLASSES.concat().chars().collect();
        let mut fill = from_seed(7);
        let rounds = 5_000;
        for _ in 0..rounds {
            for letter in one(&alphabet, &mut fill).unwrap().chars() {
                *seen.entry(letter).or_default() += 1;
            }
        }
        assert_eq!(seen.len(), alphabet.len());
        let total = f64::from(rounds) * 30.0;
        let chance = 1.0 / f64::from(u32::try_from(alphabet.len()).unwrap());
        let deviation = (total * chance * (1.0 - chance)).sqrt();
        for (letter, count) in seen {
            let off = (f64::from(count) - total * chance).abs();
            assert!(off < 5.0 * deviation, "{letter}: {count}");
        }
    }

    #[test]
    fn two_draws_differ_and_the_system_gives_randomness() {
        assert_ne!(drawn(1), drawn(2));
        let of = || draw(&mut of_system).unwrap().expose_secret().to_owned();
        assert_ne!(of(), of());
    }

    #[test]
    fn a_source_that_repeats_itself_or_fails_gives_no_password() {
        for byte in [0_u8, 7, 255] {
            let error = draw(&mut |bytes: &mut [u8]| {
                bytes.fill(byte);
                Ok(())
            });
            assert!(error.unwrap_err().lines().contains("repeats itself"), "{byte}");
        }
        let error = draw(&mut |_: &mut [u8]| Err("no device".into())).unwrap_err().lines();
        assert!(error.contains("gives no randomness") && error.contains("no device"), "{error}");
    }

    #[test]
    fn on_paper_capitals_are_marked_in_groups_of_five() {
        let rows = on_paper("Ab3+cDEfgh4");
        assert_eq!(*rows, ["Ab3+c  DEfgh  4".to_owned(), "^      ^^      ".to_owned()]);
    }
}
