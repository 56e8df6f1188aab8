//! Reading a rule: `-or` of `-and` of comparisons, negations and parentheses.

use super::{Comparison, Expression, Operator, Test, comparable};
use crate::facts::DeviceProperty;

/// A rule has at most this many characters (*Filter for devices*, supported operators).
const LONGEST_RULE: usize = 3072;
/// No rule of that length needs more; the reader must not run out of stack.
const DEEPEST: u32 = 64;

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Open,
    Close,
    ListOpen,
    ListClose,
    Comma,
    Text(String),
    Word(String),
}

pub(super) fn parse(text: &str) -> Option<Expression> {
    if text.chars().count() > LONGEST_RULE {
        return None;
    }
    let mut reader = Reader { tokens: tokens(text)?, next: 0, depth: 0 };
    let expression = reader.alternatives()?;
    (reader.peek().is_none()).then_some(expression)
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut found = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let token = match letter {
            '(' => Token::Open,
            ')' => Token::Close,
            '[' => Token::ListOpen,
            ']' => Token::ListClose,
            ',' => Token::Comma,
            '"' | '\'' => {
                let mut value = String::new();
                loop {
                    let next = letters.next()?;
                    if next == letter {
                        break;
                    }
                    value.push(next);
                }
                Token::Text(value)
            }
            blank if blank.is_whitespace() => continue,
            first if is_of_word(first) => {
                let mut word = String::from(first);
                while let Some(next) = letters.next_if(|it| is_of_word(*it)) {
                    word.push(next);
                }
                Token::Word(word)
            }
            _ => return None,
        };
        found.push(token);
    }
    Some(found)
}

fn is_of_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '-' || letter == '.' || letter == '_'
}

struct Reader {
    tokens: Vec<Token>,
    next: usize,
    depth: u32,
}

impl Reader {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn take(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.next).cloned()?;
        self.next += 1;
        Some(token)
    }

    /// Takes the keyword, with or without its hyphen, if it comes next.
    fn take_keyword(&mut self, keyword: &str) -> bool {
        let comes = matches!(self.peek(), Some(Token::Word(word))
            if word.strip_prefix('-').unwrap_or(word).eq_ignore_ascii_case(keyword));
        if comes {
            self.next += 1;
        }
        comes
    }

    fn alternatives(&mut self) -> Option<Expression> {
        let mut parts = vec![self.conjunction()?];
        while self.take_keyword("or") {
            parts.push(self.conjunction()?);
        }
        if parts.len() == 1 { parts.pop() } else { Some(Expression::Or(parts)) }
    }

    fn conjunction(&mut self) -> Option<Expression> {
        let mut parts = vec![self.part()?];
        while self.take_keyword("and") {
            parts.push(self.part()?);
        }
        if parts.len() == 1 { parts.pop() } else { Some(Expression::And(parts)) }
    }

    fn part(&mut self) -> Option<Expression> {
        self.depth = self.depth.checked_add(1).filter(|depth| *depth <= DEEPEST)?;
        let part = if self.take_keyword("not") {
            Expression::Not(Box::new(self.part()?))
        } else if self.peek() == Some(&Token::Open) {
            self.take();
            let inner = self.alternatives()?;
            (self.take()? == Token::Close).then_some(inner)?
        } else {
            Expression::Compare(self.comparison()?)
        };
        self.depth -= 1;
        Some(part)
    }

    fn comparison(&mut self) -> Option<Comparison> {
        let Token::Word(name) = self.take()? else { return None };
        let (prefix, name) = name.split_once('.')?;
        let property =
            prefix.eq_ignore_ascii_case("device").then(|| DeviceProperty::of_word(name))??;
        let Token::Word(operator) = self.take()? else { return None };
        let operator = Operator::of_word(&operator)?;
        let values = if operator.test == Test::In { self.list()? } else { vec![self.value()?] };
        let values = values.iter().map(|value| comparable(property, value)).collect();
        Some(Comparison { property, operator, values })
    }

    fn value(&mut self) -> Option<String> {
        match self.take()? {
            Token::Text(text) => Some(text),
            Token::Word(word)
                if word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false") =>
            {
                Some(word)
            }
            _ => None,
        }
    }

    fn list(&mut self) -> Option<Vec<String>> {
        if self.take()? != Token::ListOpen {
            return None;
        }
        let mut values = vec![self.value()?];
        loop {
            match self.take()? {
                Token::Comma => values.push(self.value()?),
                Token::ListClose => return Some(values),
                _ => return None,
            }
        }
    }
}
