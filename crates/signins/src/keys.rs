//! What each key of a JSON record, and each column of a table export, means.

use std::sync::LazyLock;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::field::Field;

/// A part of a record that is itself an object or a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    /// `properties` of the diagnostic envelope.
    Properties,
    /// `status`; in a portal download one word.
    Status,
    /// `deviceDetail`.
    Device,
    /// `location`; in an envelope or a table one country code, in a portal download three words.
    Location,
    /// `mfaDetail`.
    Mfa,
    /// `appliedConditionalAccessPolicies`.
    Policies,
    /// `authenticationRequirementPolicies`.
    Providers,
    /// `authenticationDetails`.
    Steps,
    /// `signInEventTypes`.
    EventTypes,
    /// `authenticationContextClassReferences`.
    Contexts,
    /// `conditionalAccessAudiences`.
    Audiences,
}

/// What a key means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    /// A text field.
    Text(Field),
    /// A resource id, or the path of the tenant under the same name.
    Resource(Field),
    /// `createdDateTime`.
    Created,
    /// `time` or `TimeGenerated`.
    Logged,
    /// A part with keys of its own.
    Part(Part),
    /// A key that no sign-in has: the record is of another kind.
    Foreign,
}

/// Longest key that means anything.
const LONGEST: usize = 48;

/// Keys in lower case. Graph, the diagnostic envelope and Log Analytics differ in case and in a
/// few names (Microsoft Graph `signIn`; Azure Monitor `SigninLogs`,
/// `AADNonInteractiveUserSignInLogs`).
const KEYS: &[(&str, Key)] = &[
    ("id", Key::Text(Field::Id)),
    ("correlationid", Key::Text(Field::CorrelationId)),
    ("createddatetime", Key::Created),
    ("time", Key::Logged),
    ("timegenerated", Key::Logged),
    ("userid", Key::Text(Field::UserId)),
    ("userprincipalname", Key::Text(Field::UserPrincipalName)),
    ("userdisplayname", Key::Text(Field::UserDisplayName)),
    ("identity", Key::Text(Field::Identity)),
    ("usertype", Key::Text(Field::UserType)),
    ("alternatesigninname", Key::Text(Field::AlternateSignInName)),
    ("appdisplayname", Key::Text(Field::AppName)),
    ("appid", Key::Text(Field::AppId)),
    ("resourcedisplayname", Key::Text(Field::ResourceName)),
    ("resourceid", Key::Resource(Field::ResourceId)),
    ("resourceidentity", Key::Text(Field::ResourceId)),
    ("clientappused", Key::Text(Field::ClientApp)),
    ("authenticationprotocol", Key::Text(Field::Protocol)),
    ("originaltransfermethod", Key::Text(Field::TransferMethod)),
    ("useragent", Key::Text(Field::UserAgent)),
    ("resulttype", Key::Text(Field::ResultType)),
    ("resultsignature", Key::Text(Field::ResultSignature)),
    ("resultdescription", Key::Text(Field::FailureReason)),
    ("authenticationrequirement", Key::Text(Field::AuthenticationRequirement)),
    ("conditionalaccessstatus", Key::Text(Field::ConditionalAccessStatus)),
    ("ipaddress", Key::Text(Field::IpAddress)),
    ("calleripaddress", Key::Text(Field::CallerIpAddress)),
    ("serviceprincipalid", Key::Text(Field::ServicePrincipalId)),
    ("serviceprincipalname", Key::Text(Field::ServicePrincipalName)),
    ("sessionid", Key::Text(Field::SessionId)),
    ("crosstenantaccesstype", Key::Text(Field::CrossTenantAccessType)),
    ("hometenantid", Key::Text(Field::HomeTenantId)),
    ("resourcetenantid", Key::Text(Field::ResourceTenantId)),
    ("incomingtokentype", Key::Text(Field::IncomingTokenType)),
    ("category", Key::Text(Field::Category)),
    ("type", Key::Text(Field::Table)),
    ("operationname", Key::Text(Field::Operation)),
    ("isinteractive", Key::Text(Field::Interactive)),
    ("properties", Key::Part(Part::Properties)),
    ("status", Key::Part(Part::Status)),
    ("devicedetail", Key::Part(Part::Device)),
    ("location", Key::Part(Part::Location)),
    ("locationdetails", Key::Part(Part::Location)),
    ("mfadetail", Key::Part(Part::Mfa)),
    ("appliedconditionalaccesspolicies", Key::Part(Part::Policies)),
    ("conditionalaccesspolicies", Key::Part(Part::Policies)),
    ("conditionalaccesspoliciesv2", Key::Part(Part::Policies)),
    ("authenticationrequirementpolicies", Key::Part(Part::Providers)),
    ("authenticationdetails", Key::Part(Part::Steps)),
    ("signineventtypes", Key::Part(Part::EventTypes)),
    ("risklevelduringsignin", Key::Text(Field::SignInRisk)),
    ("risklevelaggregated", Key::Text(Field::AggregatedRisk)),
    ("authenticationcontextclassreferences", Key::Part(Part::Contexts)),
    ("conditionalaccessaudiences", Key::Part(Part::Audiences)),
    ("activitydisplayname", Key::Foreign),
    ("activitydatetime", Key::Foreign),
    ("targetresources", Key::Foreign),
    ("riskeventtype", Key::Foreign),
    ("detectiontimingtype", Key::Foreign),
    ("accountenabled", Key::Foreign),
    ("ismfaregistered", Key::Foreign),
    ("methodsregistered", Key::Foreign),
    ("signinactivity", Key::Foreign),
    ("lastsigninactivity", Key::Foreign),
    ("grantcontrols", Key::Foreign),
];

/// Keys of the parts, in lower case.
const PART_KEYS: &[(Part, &str, Field)] = &[
    (Part::Status, "errorcode", Field::ErrorCode),
    (Part::Status, "failurereason", Field::FailureReason),
    (Part::Status, "additionaldetails", Field::AdditionalDetails),
    (Part::Device, "deviceid", Field::DeviceId),
    (Part::Device, "displayname", Field::DeviceName),
    (Part::Device, "operatingsystem", Field::OperatingSystem),
    (Part::Device, "browser", Field::Browser),
    (Part::Device, "iscompliant", Field::Compliant),
    (Part::Device, "ismanaged", Field::Managed),
    (Part::Device, "trusttype", Field::TrustType),
    (Part::Location, "countryorregion", Field::Country),
    (Part::Location, "city", Field::City),
    (Part::Mfa, "authmethod", Field::MfaMethod),
    (Part::Mfa, "authdetail", Field::MfaDetail),
];

static BY_KEY: LazyLock<HashMap<&'static [u8], Key, FixedState>> =
    LazyLock::new(|| KEYS.iter().map(|(name, key)| (name.as_bytes(), *key)).collect());

/// Suffixes of the columns of a union of tables whose types differ (`Status_dynamic` beside
/// `Status_string`).
const UNION_SUFFIXES: [&[u8]; 6] =
    [b"_dynamic", b"_string", b"_bool", b"_datetime", b"_long", b"_guid"];

/// What a key means, in any case, with the suffixes of a union of tables and of a download
/// (`TimeGenerated [UTC]`). `None`: nothing lockstep reads.
pub(crate) fn key(name: &str) -> Option<Key> {
    let mut buffer = [0_u8; LONGEST];
    let lower = buffer.get_mut(..name.len())?;
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    let lower: &[u8] = lower;
    if let Some(key) = BY_KEY.get(lower) {
        return Some(*key);
    }
    let stem = lower.strip_suffix(b" [utc]").unwrap_or(lower);
    let stem = UNION_SUFFIXES.iter().find_map(|it| stem.strip_suffix(*it)).unwrap_or(stem);
    BY_KEY.get(stem).copied()
}

/// The field a key of a part fills.
pub(crate) fn part_key(part: Part, name: &str) -> Option<Field> {
    PART_KEYS
        .iter()
        .find(|(of, key, _)| *of == part && key.eq_ignore_ascii_case(name))
        .map(|(_, _, field)| *field)
}
