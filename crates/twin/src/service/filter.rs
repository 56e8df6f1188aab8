//! `$filter`: the forms Graph documents for what lockstep asks, read and tried on an object.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::refusal::Refusal;

/// What a comparison asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    GreaterOrEqual,
    LessOrEqual,
    Greater,
    Less,
    StartsWith,
    EndsWith,
}

/// A filter.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Filter {
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
    /// A property (path with `/`), an operator and what it is compared with.
    Compare(String, Operator, Value),
    In(String, Vec<Value>),
    /// `list/any(x: …)`; within it `x` is the item and `x/name` a property of it.
    Any(String, String, Box<Self>),
}

impl Filter {
    pub(super) fn read(text: &str) -> Result<Self, Refusal> {
        let refused = |what: &str| Refusal::bad_request(format!("Invalid filter clause: {what}"));
        let tokens = tokens(text).ok_or_else(|| refused("a text that does not end"))?;
        let mut reader = Reader { tokens, at: 0, depth: 0 };
        let filter = reader.either().ok_or_else(|| refused("it cannot be read"))?;
        if reader.at < reader.tokens.len() {
            return Err(refused("something follows where it should end"));
        }
        Ok(filter)
    }

    /// Needs `ConsistencyLevel: eventual` and `$count=true` on directory objects.
    pub(super) fn is_advanced(&self) -> bool {
        match self {
            Self::And(one, other) | Self::Or(one, other) => {
                one.is_advanced() || other.is_advanced()
            }
            Self::Not(_) => true,
            Self::Compare(path, operator, _) => {
                path.ends_with("/$count")
                    || matches!(operator, Operator::NotEqual | Operator::EndsWith)
            }
            Self::In(..) => false,
            Self::Any(_, _, inner) => inner.is_advanced(),
        }
    }

    /// Every property named and what is asked of it.
    pub(super) fn properties(&self) -> Vec<(&str, Option<Operator>)> {
        match self {
            Self::And(one, other) | Self::Or(one, other) => {
                let mut all = one.properties();
                all.extend(other.properties());
                all
            }
            Self::Not(inner) => inner.properties(),
            Self::Compare(path, operator, _) => vec![(path, Some(*operator))],
            Self::In(path, _) | Self::Any(path, _, _) => vec![(path, None)],
        }
    }

    /// What must hold in any case: the parts that `and` joins at the top.
    pub(super) fn conjuncts(&self) -> Vec<&Self> {
        match self {
            Self::And(one, other) => {
                let mut all = one.conjuncts();
                all.extend(other.conjuncts());
                all
            }
            other => vec![other],
        }
    }

    /// The one value a property must have.
    pub(super) fn only(&self, property: &str) -> Option<&str> {
        self.conjuncts().into_iter().find_map(|it| match it {
            Self::Compare(path, Operator::Equal, Value::String(value)) if path == property => {
                Some(value.as_str())
            }
            _ => None,
        })
    }

    pub(super) fn matches(&self, object: &Map<String, Value>) -> bool {
        self.holds(&Scope { object, item: None })
    }

    fn holds(&self, scope: &Scope<'_>) -> bool {
        match self {
            Self::And(one, other) => one.holds(scope) && other.holds(scope),
            Self::Or(one, other) => one.holds(scope) || other.holds(scope),
            Self::Not(inner) => !inner.holds(scope),
            Self::Compare(path, operator, value) => compare(scope.value(path), *operator, value),
            Self::In(path, values) => {
                values.iter().any(|it| compare(scope.value(path), Operator::Equal, it))
            }
            Self::Any(path, name, inner) => {
                let list = scope.value(path);
                let items = list.as_ref().and_then(Value::as_array);
                items.into_iter().flatten().any(|item| {
                    inner.holds(&Scope { object: scope.object, item: Some((name, item)) })
                })
            }
        }
    }
}

struct Scope<'a> {
    object: &'a Map<String, Value>,
    item: Option<(&'a str, &'a Value)>,
}

impl Scope<'_> {
    fn value(&self, path: &str) -> Option<Value> {
        let mut names = path.split('/');
        let first = names.next()?;
        let mut at = match self.item {
            Some((name, item)) if name == first => item,
            _ => property(self.object, first)?,
        };
        for name in names {
            if name == "$count" {
                return Some(Value::from(at.as_array()?.len()));
            }
            at = property(at.as_object()?, name)?;
        }
        Some(at.clone())
    }
}

fn property<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object
        .get(name)
        .or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, it)| it))
}

/// Compares as the directory does: texts without case, times as times; null equals null only.
pub(super) fn compare(left: Option<Value>, operator: Operator, right: &Value) -> bool {
    let left = left.unwrap_or(Value::Null);
    let equal = || match (&left, right) {
        (Value::String(one), Value::String(other)) => {
            one.eq_ignore_ascii_case(other)
                || matches!((time(one), time(other)), (Some(a), Some(b)) if a == b)
        }
        (one, other) => one == other,
    };
    let order = || match (&left, right) {
        (Value::Number(one), Value::Number(other)) => one.as_f64()?.partial_cmp(&other.as_f64()?),
        (Value::String(one), Value::String(other)) => match (time(one), time(other)) {
            (Some(one), Some(other)) => Some(one.cmp(&other)),
            _ => Some(one.to_ascii_lowercase().cmp(&other.to_ascii_lowercase())),
        },
        _ => None,
    };
    let texts =
        || Some((left.as_str()?.to_ascii_lowercase(), right.as_str()?.to_ascii_lowercase()));
    match operator {
        Operator::Equal => equal(),
        Operator::NotEqual => !equal(),
        Operator::GreaterOrEqual => order().is_some_and(std::cmp::Ordering::is_ge),
        Operator::LessOrEqual => order().is_some_and(std::cmp::Ordering::is_le),
        Operator::Greater => order().is_some_and(std::cmp::Ordering::is_gt),
        Operator::Less => order().is_some_and(std::cmp::Ordering::is_lt),
        Operator::StartsWith => texts().is_some_and(|(one, other)| one.starts_with(&other)),
        Operator::EndsWith => texts().is_some_and(|(one, other)| one.ends_with(&other)),
    }
}

/// The instant a text stands for.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    if text.len() < 10 || !text.starts_with(|it: char| it.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().or_else(|| format!("{text}T00:00:00Z").parse().ok())
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Open,
    Close,
    Comma,
    Colon,
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut all = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            it if it.is_whitespace() => {}
            '(' => all.push(Token::Open),
            ')' => all.push(Token::Close),
            ',' => all.push(Token::Comma),
            ':' => all.push(Token::Colon),
            '\'' => {
                let mut value = String::new();
                loop {
                    match rest.next()? {
                        '\'' if rest.peek() == Some(&'\'') => {
                            rest.next();
                            value.push('\'');
                        }
                        '\'' => break,
                        other => value.push(other),
                    }
                }
                all.push(Token::Text(value));
            }
            other => {
                let mut word = String::from(other);
                // A colon ends a name (`any(t:t eq …`) but belongs to a time.
                let is_time = other.is_ascii_digit();
                while let Some(next) = rest.next_if(|it| {
                    !it.is_whitespace() && !"(),'".contains(*it) && (is_time || *it != ':')
                }) {
                    word.push(next);
                }
                all.push(Token::Word(word));
            }
        }
    }
    Some(all)
}

/// Deeper filters are refused, as Graph refuses them.
const DEEPEST: usize = 50;

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Reader {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn word(&mut self, word: &str) -> bool {
        let is_it = matches!(self.peek(), Some(Token::Word(it)) if it.eq_ignore_ascii_case(word));
        self.at += usize::from(is_it);
        is_it
    }

    fn is(&mut self, token: &Token) -> bool {
        let is_it = self.peek() == Some(token);
        self.at += usize::from(is_it);
        is_it
    }

    fn either(&mut self) -> Option<Filter> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut left = self.both()?;
        while self.word("or") {
            left = Filter::Or(Box::new(left), Box::new(self.both()?));
        }
        self.depth -= 1;
        Some(left)
    }

    fn both(&mut self) -> Option<Filter> {
        let mut left = self.one()?;
        while self.word("and") {
            left = Filter::And(Box::new(left), Box::new(self.one()?));
        }
        Some(left)
    }

    fn one(&mut self) -> Option<Filter> {
        if self.word("not") {
            self.depth += 1;
            if self.depth > DEEPEST {
                return None;
            }
            let inner = self.one()?;
            self.depth -= 1;
            return Some(Filter::Not(Box::new(inner)));
        }
        if self.is(&Token::Open) {
            let inner = self.either()?;
            return self.is(&Token::Close).then_some(inner);
        }
        let Token::Word(word) = self.next()? else { return None };
        if self.is(&Token::Open) {
            return self.called(&word);
        }
        if self.word("in") {
            return self.list(word);
        }
        let operator = match self.next()? {
            Token::Word(it) => match it.to_ascii_lowercase().as_str() {
                "eq" => Operator::Equal,
                "ne" => Operator::NotEqual,
                "ge" => Operator::GreaterOrEqual,
                "le" => Operator::LessOrEqual,
                "gt" => Operator::Greater,
                "lt" => Operator::Less,
                _ => return None,
            },
            _ => return None,
        };
        Some(Filter::Compare(word, operator, self.literal()?))
    }

    /// A function, after its bracket.
    fn called(&mut self, name: &str) -> Option<Filter> {
        if let Some(path) = name.strip_suffix("/any") {
            let Token::Word(item) = self.next()? else { return None };
            let inner = self.is(&Token::Colon).then(|| self.either())??;
            return self
                .is(&Token::Close)
                .then(|| Filter::Any(path.to_owned(), item, Box::new(inner)));
        }
        let operator = match name.to_ascii_lowercase().as_str() {
            "startswith" => Operator::StartsWith,
            "endswith" => Operator::EndsWith,
            _ => return None,
        };
        let Token::Word(path) = self.next()? else { return None };
        let value = self.is(&Token::Comma).then(|| self.literal())??;
        self.is(&Token::Close).then_some(Filter::Compare(path, operator, value))
    }

    fn list(&mut self, path: String) -> Option<Filter> {
        if !self.is(&Token::Open) {
            return None;
        }
        let mut values = vec![self.literal()?];
        while self.is(&Token::Comma) {
            values.push(self.literal()?);
        }
        self.is(&Token::Close).then_some(Filter::In(path, values))
    }

    fn literal(&mut self) -> Option<Value> {
        Some(match self.next()? {
            Token::Text(text) => Value::String(text),
            Token::Word(word) => match word.as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                "null" => Value::Null,
                _ => match word.parse::<i64>() {
                    Ok(number) => Value::from(number),
                    Err(_) if time(&word).is_some() || is_guid(&word) => Value::String(word),
                    Err(_) => return None,
                },
            },
            _ => return None,
        })
    }
}

fn is_guid(text: &str) -> bool {
    uuid::Uuid::try_parse(text).is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object() -> Map<String, Value> {
        let object = json!({
            "id": "1", "userPrincipalName": "ana.o'neil@ne.example", "accountEnabled": true,
            "createdDateTime": "2026-09-01T08:14:03Z", "department": null,
            "signInEventTypes": ["interactiveUser"], "status": {"errorCode": 50126},
            "targetResources": [{"id": "t", "displayName": "Wages"}],
            "assignedLicenses": [],
        });
        object.as_object().cloned().unwrap()
    }

    #[test]
    fn filters_are_tried() {
        let cases = [
            ("accountEnabled eq true", true),
            ("accountEnabled ne true", false),
            ("userPrincipalName eq 'ANA.O''NEIL@ne.example'", true),
            ("startsWith(userPrincipalName,'ana.')", true),
            ("startswith(userPrincipalName, 'ben')", false),
            ("endsWith(userPrincipalName,'@ne.example')", true),
            (
                "createdDateTime ge 2026-09-01T08:14:03Z and createdDateTime le 2026-09-01T08:14:03Z",
                true,
            ),
            ("createdDateTime gt 2026-09-01T08:14:03Z", false),
            ("createdDateTime lt 2026-09-01T09:14:03.5Z", true),
            ("createdDateTime ge 2026-09-02", false),
            ("department eq null", true),
            ("nothing eq null", true),
            ("nothing ge 5", false),
            ("status/errorCode eq 50126", true),
            ("status/errorCode eq 0 or id in ('2','1')", true),
            ("id in ('2')", false),
            ("not (id eq '1')", false),
            ("(id eq '2' or id eq '1') and accountEnabled eq true", true),
            ("signInEventTypes/any(t: t eq 'interactiveUser')", true),
            ("signInEventTypes/any(t:t eq 'nonInteractiveUser' or t eq 'interactiveUser')", true),
            ("signInEventTypes/any(t: t ne 'interactiveUser')", false),
            ("targetResources/any(t: t/displayName eq 'wages')", true),
            ("assignedLicenses/$count ne 0", false),
            ("assignedLicenses/$count eq 0", true),
        ];
        for (text, expected) in cases {
            let filter = Filter::read(text).unwrap_or_else(|it| panic!("{text}: {it:?}"));
            assert_eq!(filter.matches(&object()), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        let deep = format!("{}id eq '1'{}", "(".repeat(60), ")".repeat(60));
        let negated = format!("{}id eq '1'", "not ".repeat(60));
        let cases = [
            "",
            "id",
            "id eq",
            "id eq 'a",
            "id like 'a'",
            "id eq a",
            "(id eq 'a'",
            "id eq 'a')",
            "id eq 'a' id eq 'b'",
            "any(t: t eq 'a')",
            "x/any(t eq 'a')",
            "startsWith(id)",
            "id in ()",
            "id in 'a'",
            "contains(id,'a')",
            "eq eq eq",
            &deep,
            &negated,
        ];
        for text in cases {
            assert!(Filter::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn advanced_ones_are_known() {
        let cases = [
            ("id eq '1' and userType eq 'Guest'", false),
            ("userType ne 'Guest'", true),
            ("not startsWith(id,'a')", true),
            ("endsWith(mail,'a')", true),
            ("assignedLicenses/$count eq 0", true),
            ("id in ('a')", false),
        ];
        for (text, expected) in cases {
            assert_eq!(Filter::read(text).unwrap().is_advanced(), expected, "{text}");
        }
    }
}
