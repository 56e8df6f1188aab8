//! A counter-example in the words of a document: what policies know by ids stands by its name.

use conditional_access::{Bar, Cause, Control, CounterExample, Fact, Mend, Role};

use super::Refutation;
use crate::account::Account;
use crate::facts::Facts;
use crate::impact::{control_words, find_out, words_of};

/// Writes a counter-example down.
pub(super) fn of(facts: &Facts<'_>, account: Account, example: &CounterExample) -> Refutation {
    let (situation, bars) = (&example.situation, &example.bars);
    let words = |text: &String| named(facts, text);
    let is_certain = bars.iter().any(|bar| bar.unknown.is_empty());
    let cannot = if is_certain { "It cannot" } else { "Nobody can show that it can" };
    let when = named(facts, &situation.to_string());
    let comma = if when.starts_with("whatever") { "," } else { "" };
    let mut why = vec![format!("{cannot} sign in{comma} {when}.")];
    why.extend(bars.iter().map(|bar| named(facts, &sentence(facts, bar))));
    let mends = bars.iter().flat_map(|bar| bar.mends.iter().map(move |mend| (bar, mend)));
    Refutation {
        account,
        role: match example.role {
            Role::BreakGlass => "break-glass",
            Role::Administrator => "administrator",
        },
        app: situation.app.as_ref().map(words),
        client_app: situation.client.clone(),
        platform: situation.platform.clone(),
        location: situation.place.clone(),
        device: situation.device.clone(),
        risk: situation.risk.clone(),
        blocked_by: bars.iter().map(|bar| bar.cause.to_string()).collect(),
        blocked_by_names: bars.iter().map(name).collect(),
        missing: distinct(bars.iter().flat_map(|bar| &bar.controls).map(Control::to_string)),
        unknown: distinct(bars.iter().flat_map(|bar| &bar.unknown).map(ToString::to_string)),
        why: distinct(why.into_iter()),
        mend: distinct(mends.map(|(bar, mend)| mending(facts, example.role, bar, mend))),
    }
}

/// The name of what bars.
fn name(bar: &Bar) -> String {
    match (&bar.cause, &bar.name) {
        (Cause::SecurityDefaults, _) => "Security defaults".to_owned(),
        (Cause::PerUserMfa, _) => "Per-user MFA".to_owned(),
        (Cause::MandatoryMfa, _) => "Mandatory MFA for administration".to_owned(),
        (Cause::Policy(_), Some(name)) => name.clone(),
        (Cause::Policy(id), None) => id.clone(),
    }
}

/// What one policy or layer does to the account.
fn sentence(facts: &Facts<'_>, bar: &Bar) -> String {
    let by = match &bar.cause {
        Cause::Policy(_) => format!("`{}`", name(bar)),
        _ => name(bar),
    };
    let controls: Vec<String> = bar.controls.iter().map(control_words).collect();
    let controls = controls.join(" and ");
    let does = if !bar.unknown.is_empty() {
        let unseen: Vec<String> = bar.unknown.iter().map(|fact| words_of(fact, facts)).collect();
        format!("may bar it: nobody told {}", unseen.join(", nor "))
    } else if bar.controls.contains(&Control::Block) {
        "blocks it".to_owned()
    } else if bar.must_register {
        format!("demands {controls}, for which it would have to register first")
    } else if bar.controls.is_empty() {
        "may bar it".to_owned()
    } else {
        format!("demands {controls}, which it cannot meet")
    };
    let today = if bar.switches_itself_on {
        "; it is Report-only today and switches itself on"
    } else {
        ""
    };
    format!("{by} {does}{today}.")
}

/// What would mend it. An unknown member of a group is found out by its id, which requests take.
fn mending(facts: &Facts<'_>, role: Role, bar: &Bar, mend: &Mend) -> String {
    let policy = name(bar);
    match mend {
        Mend::JoinExcludedGroup(group) => format!(
            "Make the account a member of the group `{}`, which `{policy}` excludes.",
            named(facts, group)
        ),
        Mend::Exclude => format!("Exclude the account from `{policy}`."),
        Mend::SwitchOff => format!("Switch `{policy}` off before it switches itself on."),
        Mend::MakeDeviceCompliant => {
            "Have Intune find one of the account's devices compliant.".to_owned()
        }
        Mend::JoinDevice => "Have one of the account's devices hybrid joined.".to_owned(),
        Mend::RegisterForStrength => {
            "Register a method that the authentication strength accepts.".to_owned()
        }
        Mend::RegisterMethod => "Register a method for MFA that the account may use.".to_owned(),
        Mend::DemandInsteadOfBlock => {
            format!("Exclude the account from `{policy}`, or have it demand what can be met.")
        }
        // Of these accounts no report counts.
        Mend::FindOut(Fact::Registration) if role == Role::BreakGlass => {
            "Give the account a passkey, and read it back: GET /users/{id}/authentication/methods."
                .to_owned()
        }
        Mend::FindOut(fact) => find_out(fact),
    }
}

/// Each once, in the order they come.
fn distinct(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::new();
    for one in all {
        if !distinct.contains(&one) {
            distinct.push(one);
        }
    }
    distinct
}

/// The text, with the name of everything that has one in the place of its id.
fn named(facts: &Facts<'_>, text: &str) -> String {
    let is_part = |letter: char| letter.is_ascii_hexdigit() || letter == '-';
    let mut words = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|letter| !is_part(letter)).unwrap_or(from.len());
        let (id, after) = from.split_at(end);
        words.push_str(before);
        match name_of(facts, id) {
            Some(name) => words.push_str(&name),
            None => words.push_str(id),
        }
        rest = after;
    }
    words.push_str(rest);
    words
}

/// The name of a group, policy, strength, location or application.
fn name_of(facts: &Facts<'_>, id: &str) -> Option<String> {
    /// Letters of a GUID.
    const LENGTH: usize = 36;
    if id.len() != LENGTH {
        return None;
    }
    let snapshot = facts.snapshot;
    let is_it =
        |other: &Option<String>| other.as_ref().is_some_and(|other| other.eq_ignore_ascii_case(id));
    let group = || facts.group(id)?.display_name.clone();
    let strength = || {
        let mut all = snapshot.authentication_strengths.iter().flatten();
        all.find(|it| is_it(&it.id))?.display_name.clone()
    };
    let location = || {
        let mut all = snapshot.named_locations.iter().flatten();
        all.find(|it| is_it(&it.id)).map(|it| it.display_name.clone())
    };
    let role = || {
        let mut all = snapshot.roles.iter().flatten();
        all.find(|it| it.role.eq_ignore_ascii_case(id) && it.role_name.is_some())?.role_name.clone()
    };
    let app = || facts.measured_activity()?.by_app.get(&id.to_lowercase())?.name.clone();
    group().or_else(strength).or_else(location).or_else(role).or_else(app)
}
