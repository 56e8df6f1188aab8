//! One sign-in, whatever shape it was read from.

use bumpalo::Bump;
use jiff::Timestamp;

use crate::field::{Field, Texts};
use crate::outcome::{Outcome, result_code};

/// A policy of Conditional Access and what it came to for one sign-in.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppliedPolicy<T> {
    /// Policy id; `SecurityDefaults` for security defaults.
    pub id: Option<T>,
    /// Display name.
    pub name: Option<T>,
    /// `success`, `failure`, `notApplied`, `reportOnlyInterrupted`, ….
    pub result: Option<T>,
}

/// One step of an authentication (`authenticationDetails`).
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step<T> {
    /// Method, such as `Password`.
    pub method: Option<T>,
    /// Detail of the method.
    pub method_detail: Option<T>,
    /// What became of the step, as free text.
    pub result_detail: Option<T>,
    /// Who asked for the step. Often empty; it does not tell the factors apart.
    pub requirement: Option<T>,
    /// Whether the step succeeded. False occurs in successful sign-ins.
    pub succeeded: Option<T>,
}

/// One sign-in over any kind of text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Row<T> {
    /// `createdDateTime`: when the user signed in.
    pub created: Option<Timestamp>,
    /// `time` or `TimeGenerated`: when the record was written, minutes to an hour later.
    pub logged: Option<Timestamp>,
    /// Text fields.
    pub text: Texts<T>,
    /// Policies of Conditional Access. Empty: not told (the log leaves them out for callers
    /// without permission to read policies).
    pub policies: Vec<AppliedPolicy<T>>,
    /// Who asked for multifactor authentication (`requirementProvider`). Empty: not told.
    pub requirement_providers: Vec<T>,
    /// Steps of the authentication. Empty: not told.
    pub steps: Vec<Step<T>>,
}

/// One sign-in, borrowing from the record it was read from, or from an arena what had to be
/// rewritten.
pub type SignIn<'a> = Row<&'a str>;

/// Who signed in, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A user, interactively.
    InteractiveUser,
    /// A client on behalf of a user.
    NonInteractiveUser,
    /// A service principal.
    ServicePrincipal,
    /// A managed identity.
    ManagedIdentity,
    /// A user, by what the record shows; how is not told.
    Unknown,
}

impl Kind {
    /// True for service principals and managed identities.
    #[must_use]
    pub fn is_workload(self) -> bool {
        matches!(self, Self::ServicePrincipal | Self::ManagedIdentity)
    }
}

impl<T> Default for Row<T> {
    fn default() -> Self {
        Self {
            created: None,
            logged: None,
            text: Texts::default(),
            policies: Vec::new(),
            requirement_providers: Vec::new(),
            steps: Vec::new(),
        }
    }
}

impl<T> Row<T> {
    /// The time of the sign-in: `createdDateTime`, else the time the record was written.
    #[must_use]
    pub fn time(&self) -> Option<Timestamp> {
        self.created.or(self.logged)
    }

    /// The same sign-in in another kind of text, from borrowed text.
    pub(crate) fn convert_ref<'t, U>(&'t self, convert: &mut impl FnMut(&'t T) -> U) -> Row<U> {
        let text = self.text.convert_ref(convert);
        let mut policies = Vec::with_capacity(self.policies.len());
        for policy in &self.policies {
            policies.push(AppliedPolicy {
                id: policy.id.as_ref().map(&mut *convert),
                name: policy.name.as_ref().map(&mut *convert),
                result: policy.result.as_ref().map(&mut *convert),
            });
        }
        let mut steps = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            steps.push(Step {
                method: step.method.as_ref().map(&mut *convert),
                method_detail: step.method_detail.as_ref().map(&mut *convert),
                result_detail: step.result_detail.as_ref().map(&mut *convert),
                requirement: step.requirement.as_ref().map(&mut *convert),
                succeeded: step.succeeded.as_ref().map(&mut *convert),
            });
        }
        Row {
            created: self.created,
            logged: self.logged,
            text,
            policies,
            requirement_providers: self.requirement_providers.iter().map(convert).collect(),
            steps,
        }
    }
}

impl<'a> SignIn<'a> {
    /// The same sign-in, borrowing from the arena only.
    pub(crate) fn copied_to<'b>(&self, arena: &'b Bump) -> SignIn<'b> {
        self.convert_ref(&mut |text: &&str| &*arena.alloc_str(text))
    }

    /// Takes from `outer` what this one lacks: the envelope around the record's own properties.
    pub(crate) fn fill_from(&mut self, outer: &mut Self) {
        self.created = self.created.or(outer.created);
        self.logged = self.logged.or(outer.logged);
        self.text.fill_from(&outer.text);
        fill_list(&mut self.policies, &mut outer.policies);
        fill_list(&mut self.requirement_providers, &mut outer.requirement_providers);
        fill_list(&mut self.steps, &mut outer.steps);
    }

    /// Merges another copy of the same record. What one copy shows fills what the other lacks.
    /// Where both show something else, the rule is the same whichever comes first:
    ///
    /// * the later `createdDateTime` (downloads cut fractions and seconds off), the earlier time
    ///   of writing (nearer to the sign-in);
    /// * result code 0 before any other, so that a success is never hidden;
    /// * anything before `unknown`, `none` and `hidden`; then the longer text; then the later one
    ///   in the order of its bytes;
    /// * of lists, everything either shows.
    pub fn merge(&mut self, other: Self) {
        self.created = self.created.max(other.created);
        self.logged = match (self.logged, other.logged) {
            (Some(mine), Some(other)) => Some(mine.min(other)),
            (mine, other) => mine.or(other),
        };
        for (field, text) in other.text.all() {
            if self.text.told(field).is_none_or(|mine| prefers(field, text, mine)) {
                self.text.set(field, text);
            }
        }
        unite(&mut self.policies, other.policies);
        unite(&mut self.requirement_providers, other.requirement_providers);
        unite(&mut self.steps, other.steps);
    }

    /// The address: the record's own, else the envelope's.
    #[must_use]
    pub fn ip_address(&self) -> Option<&str> {
        self.text.told(Field::IpAddress).or(self.text.told(Field::CallerIpAddress))
    }

    /// What the sign-in came to. `status.errorCode` is preferred to `resultType`, because
    /// `resultType` can be a mere word; a word is used where there is no code.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let text = &self.text;
        let words = [
            text.told(Field::ResultWord),
            text.told(Field::ResultType),
            text.told(Field::ResultSignature),
        ];
        let word = words.into_iter().flatten().find_map(Outcome::from_word);
        let codes = [text.told(Field::ErrorCode), text.told(Field::ResultType)];
        let code = codes.into_iter().flatten().find_map(result_code);
        Outcome::of(code, word)
    }

    /// Who signed in, and how: by the category, table or event types of the log, else by
    /// `isInteractive`, else by the name of a portal download, else by what the record shows.
    #[must_use]
    pub fn kind(&self) -> Kind {
        let text = &self.text;
        let named =
            [text.told(Field::Category), text.told(Field::Table), text.told(Field::EventTypes)];
        if let Some(kind) = named.into_iter().flatten().find_map(kind_named) {
            return kind;
        }
        let by_file = text.told(Field::FileKind).and_then(kind_named);
        if let Some(kind) = by_file.filter(|kind| kind.is_workload()) {
            return kind;
        }
        if !text.tells(Field::UserId)
            && !text.tells(Field::UserPrincipalName)
            && (text.tells(Field::ServicePrincipalId) || text.tells(Field::ServicePrincipalName))
        {
            return Kind::ServicePrincipal;
        }
        match text.told(Field::Interactive).and_then(truth) {
            Some(true) => Kind::InteractiveUser,
            Some(false) => Kind::NonInteractiveUser,
            None => by_file.unwrap_or(Kind::Unknown),
        }
    }
}

/// A yes or no in any of the words seen. `None`: neither.
pub(crate) fn truth(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Some(true),
        "false" | "no" | "0" => Some(false),
        _ => None,
    }
}

/// The kind of sign-in a category, a table or event types name.
pub(crate) fn kind_named(name: &str) -> Option<Kind> {
    let names = name.to_ascii_lowercase();
    let has = |wanted: &[&str]| names.split(',').any(|name| wanted.contains(&name.trim()));
    if has(&["noninteractiveusersigninlogs", "aadnoninteractiveusersigninlogs"])
        || has(&["noninteractiveuser"])
    {
        Some(Kind::NonInteractiveUser)
    } else if has(&["signinlogs", "interactiveuser"]) {
        Some(Kind::InteractiveUser)
    } else if has(&["managedidentitysigninlogs", "aadmanagedidentitysigninlogs", "managedidentity"])
    {
        Some(Kind::ManagedIdentity)
    } else if has(&["serviceprincipalsigninlogs", "aadserviceprincipalsigninlogs"])
        || has(&["microsoftserviceprincipalsigninlogs", "serviceprincipal"])
        || has(&["aadmicrosoftserviceprincipalsigninlogs"])
    {
        Some(Kind::ServicePrincipal)
    } else {
        None
    }
}

fn prefers(field: Field, other: &str, mine: &str) -> bool {
    let rank = |text: &str| {
        let zero = field == Field::ErrorCode && text.trim() == "0";
        let empty =
            ["unknown", "none", "hidden"].iter().any(|word| text.eq_ignore_ascii_case(word));
        (zero, !empty, text.len())
    };
    (rank(other), other) > (rank(mine), mine)
}

fn fill_list<T>(mine: &mut Vec<T>, other: &mut Vec<T>) {
    if mine.is_empty() {
        std::mem::swap(mine, other);
    }
}

fn unite<T: Ord>(mine: &mut Vec<T>, other: Vec<T>) {
    mine.extend(other);
    mine.sort();
    mine.dedup();
}
