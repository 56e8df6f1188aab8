//! Filters for devices (R79 to R86): a plain recursive reader that judges as it reads.

use conditional_access::Fact;
use conditional_access::facts::{Device, DeviceProperty, DeviceValue};

use super::three::{Maybe, No, Tri, known, maybe};

/// How the device is read: `None` is a device that is not registered.
type Reading<'a> = Option<&'a Device>;

/// What the rule says of the device. `None`: the rule cannot be read (R85).
pub(crate) fn judge(rule: &str, device: Reading<'_>) -> Option<Tri> {
    if rule.chars().count() > 3072 {
        return None;
    }
    let mut tokens = tokens(rule)?;
    tokens.reverse();
    let mut rule = Rule { tokens, device, positive: 0 };
    let value = rule.either()?;
    rule.tokens.is_empty().then_some(value)
}

/// A rule as far as it is not read yet, the next token last.
struct Rule<'a> {
    tokens: Vec<Token>,
    device: Reading<'a>,
    /// How many positive operators were read.
    positive: usize,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Sign(char),
}

fn tokens(rule: &str) -> Option<Vec<Token>> {
    let mut found = Vec::new();
    let mut letters = rule.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            ' ' | '\t' | '\r' | '\n' => {}
            '(' | ')' | '[' | ']' | ',' => found.push(Token::Sign(letter)),
            '"' | '\'' => {
                let mut text = String::new();
                loop {
                    match letters.next()? {
                        end if end == letter => break,
                        other => text.push(other),
                    }
                }
                found.push(Token::Text(text));
            }
            _ => {
                let mut word = String::from(letter);
                while let Some(next) =
                    letters.next_if(|it| it.is_ascii_alphanumeric() || ".-_".contains(*it))
                {
                    word.push(next);
                }
                found.push(Token::Word(word.to_ascii_lowercase()));
            }
        }
    }
    Some(found)
}

impl Rule<'_> {
    /// The next token is this keyword, with or without a hyphen.
    fn keyword(&mut self, wanted: &str) -> bool {
        let word =
            |it: &Token| matches!(it, Token::Word(word) if word.trim_start_matches('-') == wanted);
        self.tokens.pop_if(|it| word(it)).is_some()
    }

    fn sign(&mut self, wanted: char) -> bool {
        self.tokens.pop_if(|it| *it == Token::Sign(wanted)).is_some()
    }

    fn either(&mut self) -> Option<Tri> {
        let mut value = self.both()?;
        while self.keyword("or") {
            value = value | self.both()?;
        }
        Some(value)
    }

    fn both(&mut self) -> Option<Tri> {
        let mut value = self.single()?;
        while self.keyword("and") {
            value = value & self.single()?;
        }
        Some(value)
    }

    fn single(&mut self) -> Option<Tri> {
        if self.keyword("not") {
            let before = self.positive;
            let value = self.single()?;
            // R81
            let unsure = self.device.is_none() && self.positive > before;
            let fact = Fact::Behaviour("-not over an unregistered device");
            return Some(if unsure { maybe(fact) } else { !value });
        }
        if self.sign('(') {
            let value = self.either()?;
            return self.sign(')').then_some(value);
        }
        let Some(Token::Word(word)) = self.tokens.pop() else { return None };
        let property = DeviceProperty::of_word(word.strip_prefix("device.")?)?;
        let Some(Token::Word(operator)) = self.tokens.pop() else { return None };
        let (negative, operator) = match operator.trim_start_matches('-') {
            "ne" => (true, "eq"),
            "notin" => (true, "in"),
            other => other.strip_prefix("not").map_or((false, other), |it| (true, it)),
        };
        if !["eq", "startswith", "endswith", "contains", "in"].contains(&operator) {
            return None;
        }
        let values = self.operand(operator == "in")?;
        self.positive += usize::from(!negative);
        Some(match self.device {
            None => known(negative),
            Some(device) => compare(property, operator, negative, &values, device),
        })
    }

    /// A text, True or False; or a list of them.
    fn operand(&mut self, several: bool) -> Option<Vec<String>> {
        if several && !self.sign('[') {
            return None;
        }
        let mut values = Vec::new();
        loop {
            values.push(match self.tokens.pop()? {
                Token::Text(text) => text,
                Token::Word(word) if word == "true" || word == "false" => word,
                _ => return None,
            });
            if !several {
                return Some(values);
            }
            if !self.sign(',') {
                return self.sign(']').then_some(values);
            }
        }
    }
}

fn compare(
    property: DeviceProperty,
    operator: &str,
    negative: bool,
    values: &[String],
    device: &Device,
) -> Tri {
    let unmanaged = device.is_compliant() == Some(false)
        && device.is_hybrid_joined() == Some(false)
        && device.managed != Some(true);
    if unmanaged && matches!(property, DeviceProperty::ExtensionAttribute(_)) {
        // R82
        let unsure = maybe(Fact::Behaviour("extension attributes of an unmanaged device"));
        return if negative { unsure } else { No };
    }
    let words = |text: &str| {
        let text = text.to_lowercase();
        // R86
        let is_trust = property == DeviceProperty::TrustType;
        if is_trust { trust_type(text.trim()).to_owned() } else { text }
    };
    let values: Vec<String> = values.iter().map(|value| words(value)).collect();
    let holds = |text: &str| {
        values.iter().any(|value| match operator {
            "startswith" => text.starts_with(value),
            "endswith" => text.ends_with(value),
            "contains" => text.contains(value),
            _ => text == value,
        })
    };
    match device.properties.get(&property) {
        None => maybe(Fact::DeviceProperty(property)),
        Some(DeviceValue::Null) => known(negative),
        Some(DeviceValue::Flag(flag)) => {
            known(holds(if *flag { "true" } else { "false" }) != negative)
        }
        Some(DeviceValue::Text(text)) => known(holds(&words(text)) != negative),
        Some(DeviceValue::List(items)) => {
            known(items.iter().any(|item| values.contains(&words(item))) != negative)
        }
    }
}

fn trust_type(word: &str) -> &str {
    match word {
        "azure ad joined" | "microsoft entra joined" => "azuread",
        "hybrid azure ad joined" | "microsoft entra hybrid joined" => "serverad",
        "azure ad registered" | "microsoft entra registered" => "workplace",
        other => other,
    }
}

/// What two readings of one device say together.
pub(crate) fn together(one: Tri, other: Tri) -> Tri {
    super::three::joined([one, other], Fact::Device)
}

/// A rule that says nothing for certain.
pub(crate) fn unreadable() -> Tri {
    maybe(Fact::Behaviour("a device filter that cannot be read"))
}

#[cfg(test)]
mod tests {
    use super::{Maybe, judge};

    #[test]
    fn what_cannot_be_read() {
        for rule in ["", "device.model", "device.model -like \"a\"", "device.tenant -eq \"a\""] {
            assert_eq!(judge(rule, None), None, "{rule}");
        }
        assert!(matches!(judge("-not (device.model -eq 'a')", None), Some(Maybe(_))));
    }
}
