//! Which fields a scope looks at.

use std::sync::LazyLock;

use crate::field::Field;
use crate::measures::Scope;

/// The fields the measures of a scope look at, beside time and lists; what recognising a record and
/// telling copies apart needs comes on top.
pub(crate) fn fields(scope: Scope) -> &'static [Field] {
    match scope {
        Scope::Legacy => LEGACY,
        Scope::Everything => EVERYTHING,
        Scope::Replay => &REPLAY,
        Scope::Rows => &ROWS,
    }
}

static REPLAY: LazyLock<Vec<Field>> = LazyLock::new(|| [EVERYTHING, ONLY_REPLAY].concat());
static ROWS: LazyLock<Vec<Field>> = LazyLock::new(|| [EVERYTHING, ONLY_REPLAY, ONLY_ROWS].concat());

/// What only rows of evidence show.
const ONLY_ROWS: &[Field] =
    &[Field::ConditionalAccessStatus, Field::FailureReason, Field::IncomingTokenType];

/// What only policies that are tried on sign-ins need.
const ONLY_REPLAY: &[Field] = &[
    Field::Compliant,
    Field::Managed,
    Field::HomeTenantId,
    Field::SignInRisk,
    Field::AggregatedRisk,
    Field::AuthenticationContexts,
    Field::Audiences,
    Field::NoDeviceId,
];

const LEGACY: &[Field] = &[
    Field::UserId,
    Field::UserPrincipalName,
    Field::UserDisplayName,
    Field::Identity,
    Field::AppName,
    Field::AppId,
    Field::ClientApp,
    Field::Protocol,
    Field::UserAgent,
    Field::ErrorCode,
    Field::ResultType,
    Field::ResultWord,
    Field::ResultSignature,
    Field::AuthenticationRequirement,
    Field::DeviceId,
    Field::DeviceName,
    Field::OperatingSystem,
    Field::Browser,
    Field::TrustType,
    Field::IpAddress,
    Field::CallerIpAddress,
    Field::ServicePrincipalId,
    Field::ServicePrincipalName,
    Field::Category,
    Field::Table,
    Field::EventTypes,
    Field::Interactive,
    Field::FileKind,
];

const EVERYTHING: &[Field] = &[
    Field::CorrelationId,
    Field::UserId,
    Field::UserPrincipalName,
    Field::UserDisplayName,
    Field::Identity,
    Field::UserType,
    Field::AppName,
    Field::AppId,
    Field::ResourceName,
    Field::ResourceId,
    Field::ClientApp,
    Field::Protocol,
    Field::TransferMethod,
    Field::UserAgent,
    Field::ErrorCode,
    Field::ResultType,
    Field::ResultWord,
    Field::ResultSignature,
    Field::AdditionalDetails,
    Field::AuthenticationRequirement,
    Field::MfaResult,
    Field::MfaMethod,
    Field::DeviceId,
    Field::DeviceName,
    Field::OperatingSystem,
    Field::Browser,
    Field::TrustType,
    Field::Country,
    Field::IpAddress,
    Field::CallerIpAddress,
    Field::ServicePrincipalId,
    Field::ServicePrincipalName,
    Field::CrossTenantAccessType,
    Field::Category,
    Field::Table,
    Field::EventTypes,
    Field::Interactive,
    Field::FileKind,
];
