//! Whether a record is a sign-in, by its content.

use crate::field::Field;
use crate::json::Reading;
use crate::sign_in::SignIn;

/// What a record is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Recognised {
    /// A sign-in that can be read.
    SignIn,
    /// A sign-in that cannot be read, because.
    Unreadable(String),
    /// Something else.
    Other,
}

/// Categories of the diagnostic logs and tables of Log Analytics that hold sign-ins, lower case
/// (Azure Monitor resource logs for Microsoft Entra ID).
const SIGN_IN_LOGS: [&str; 10] = [
    "signinlogs",
    "noninteractiveusersigninlogs",
    "serviceprincipalsigninlogs",
    "managedidentitysigninlogs",
    "microsoftserviceprincipalsigninlogs",
    "adfssigninlogs",
    "aadnoninteractiveusersigninlogs",
    "aadserviceprincipalsigninlogs",
    "aadmanagedidentitysigninlogs",
    "aadmicrosoftserviceprincipalsigninlogs",
];

/// What the record is that was read so far.
pub(crate) fn recognise(reading: &Reading<'_>) -> Recognised {
    let sign_in = &reading.sign_in;
    let Some(claim) = claim(sign_in) else {
        return if looks_like_sign_in(reading) { readable(reading) } else { Recognised::Other };
    };
    match claim {
        Claim::Other => Recognised::Other,
        Claim::SignIn(log) if !shows_anything(reading) => Recognised::Unreadable(format!(
            "marked as a sign-in (`{log}`), but it has no user, application or result: \
             export the whole table, without choosing columns"
        )),
        Claim::SignIn(_) => readable(reading),
    }
}

/// True when a damaged record would have been a sign-in.
pub(crate) fn would_be_sign_in(reading: &Reading<'_>, bytes: &[u8]) -> bool {
    if recognise(reading) != Recognised::Other {
        return true;
    }
    let marks = ["\"clientappused\"", "signinlogs\"", "\"sign-in activity\""];
    !reading.foreign
        && marks.iter().any(|mark| {
            bytes.windows(mark.len()).any(|part| part.eq_ignore_ascii_case(mark.as_bytes()))
        })
}

/// What the record says of itself.
enum Claim<'r> {
    SignIn(&'r str),
    Other,
}

fn claim<'r>(sign_in: &'r SignIn<'_>) -> Option<Claim<'r>> {
    let text = &sign_in.text;
    let names = [text.told(Field::Category), text.told(Field::Table), text.told(Field::Operation)];
    let mut names = names.into_iter().flatten().peekable();
    names.peek()?;
    Some(names.find(|name| is_sign_in_log(name)).map_or(Claim::Other, Claim::SignIn))
}

fn is_sign_in_log(name: &str) -> bool {
    // A table that someone filled with records of their own ends so.
    let name = match name.split_at_checked(name.len().saturating_sub(3)) {
        Some((stem, ending)) if ending.eq_ignore_ascii_case("_cl") => stem,
        _ => name,
    };
    name.eq_ignore_ascii_case("sign-in activity")
        || SIGN_IN_LOGS.iter().any(|log| name.eq_ignore_ascii_case(log))
}

/// A record that names no log: who, into what, and a time or what only sign-ins have. Users have a
/// time and a name, registration details a name, applications an id and a time; none has all.
fn looks_like_sign_in(reading: &Reading<'_>) -> bool {
    let text = &reading.sign_in.text;
    let who = text.tells(Field::UserPrincipalName)
        || text.tells(Field::UserId)
        || text.tells(Field::ServicePrincipalId)
        || text.tells(Field::ServicePrincipalName);
    let what = text.tells(Field::AppName)
        || text.tells(Field::AppId)
        || text.tells(Field::ClientApp)
        || reading.has_result;
    if reading.certain {
        return !reading.foreign && (who || what);
    }
    let only_sign_ins = text.tells(Field::ClientApp)
        || text.tells(Field::ConditionalAccessStatus)
        || text.tells(Field::ErrorCode);
    !reading.foreign && who && what && (only_sign_ins || reading.sign_in.time().is_some())
}

fn shows_anything(reading: &Reading<'_>) -> bool {
    let text = &reading.sign_in.text;
    let shown = [
        Field::UserPrincipalName,
        Field::UserId,
        Field::ServicePrincipalId,
        Field::ServicePrincipalName,
        Field::AppId,
        Field::AppName,
        Field::ErrorCode,
        Field::ClientApp,
    ];
    shown.into_iter().any(|field| text.tells(field))
}

fn readable(reading: &Reading<'_>) -> Recognised {
    if reading.sign_in.time().is_some() {
        Recognised::SignIn
    } else {
        Recognised::Unreadable(
            "no time that can be read: export with `createdDateTime` or `TimeGenerated`".to_owned(),
        )
    }
}
