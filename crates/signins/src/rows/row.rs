//! One sign-in as a row of evidence.

use jiff::Timestamp;
use rollout::Account;
use rollout::evidence::{AppliedPolicy, AuthenticationStep, SignInRow};

use crate::field::Field;
use crate::outcome::Outcome;
use crate::sign_in::{Kind, SignIn, truth};

/// The sign-in as a row.
pub(super) fn of(sign_in: &SignIn<'_>, at: Timestamp, outcome: Outcome) -> SignInRow {
    let text = |field| told(sign_in, field);
    SignInRow {
        id: text(Field::Id),
        correlation_id: text(Field::CorrelationId),
        at: Some(at),
        account: account(sign_in),
        user_type: text(Field::UserType).map(|it| it.to_lowercase()),
        interactive: match sign_in.kind() {
            Kind::InteractiveUser => Some(true),
            Kind::NonInteractiveUser => Some(false),
            _ => None,
        },
        app: text(Field::AppName),
        app_id: text(Field::AppId),
        resource: text(Field::ResourceName),
        client_app: sign_in
            .text
            .told(Field::ClientApp)
            .map(|it| crate::legacy_client::canonical_client_app(it).to_owned()),
        protocol: text(Field::Protocol),
        legacy: crate::is_legacy(sign_in),
        device_id: device_id(sign_in),
        device: text(Field::DeviceName),
        operating_system: text(Field::OperatingSystem),
        browser: text(Field::Browser),
        trust_type: text(Field::TrustType),
        is_compliant: sign_in.text.told(Field::Compliant).and_then(truth),
        is_managed: sign_in.text.told(Field::Managed).and_then(truth),
        ip_address: sign_in.ip_address().map(str::to_owned),
        country: text(Field::Country),
        error_code: outcome.code(),
        result_word: word(outcome),
        interrupt: matches!(outcome, Outcome::Interrupt(_)),
        failure_reason: text(Field::FailureReason),
        requirement: text(Field::AuthenticationRequirement),
        requirement_providers: sign_in
            .requirement_providers
            .iter()
            .map(|it| (*it).to_owned())
            .collect(),
        conditional_access: text(Field::ConditionalAccessStatus),
        policies: sign_in.policies.iter().map(policy).collect(),
        steps: sign_in.steps.iter().map(step).collect(),
        additional_details: text(Field::AdditionalDetails).or_else(|| text(Field::MfaResult)),
        mfa_method: text(Field::MfaMethod),
        incoming_token: text(Field::IncomingTokenType),
        cross_tenant: text(Field::CrossTenantAccessType),
        risk: text(Field::SignInRisk),
    }
}

/// Who signed in, as the log names them.
pub(super) fn account(sign_in: &SignIn<'_>) -> Account {
    Account {
        user_principal_name: told(sign_in, Field::UserPrincipalName),
        user_id: told(sign_in, Field::UserId),
        display_name: told(sign_in, Field::UserDisplayName)
            .or_else(|| told(sign_in, Field::Identity)),
    }
}

/// The text of a field, where it holds anything.
pub(super) fn told(sign_in: &SignIn<'_>, field: Field) -> Option<String> {
    let text = sign_in.text.told(field)?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The id of the device; empty where the log tells that there is none.
fn device_id(sign_in: &SignIn<'_>) -> Option<String> {
    let none = sign_in.text.tells(Field::NoDeviceId);
    told(sign_in, Field::DeviceId).or_else(|| none.then(String::new))
}

/// The result in a word, where no code tells it.
fn word(outcome: Outcome) -> Option<String> {
    let word = match outcome {
        Outcome::Failure(None) => "failure",
        Outcome::Interrupt(None) => "interrupted",
        _ => return None,
    };
    Some(word.to_owned())
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned)
}

fn policy(policy: &crate::sign_in::AppliedPolicy<&str>) -> AppliedPolicy {
    AppliedPolicy { id: owned(policy.id), name: owned(policy.name), result: owned(policy.result) }
}

fn step(step: &crate::sign_in::Step<&str>) -> AuthenticationStep {
    AuthenticationStep {
        method: owned(step.method),
        method_detail: owned(step.method_detail),
        result_detail: owned(step.result_detail),
        succeeded: step.succeeded.and_then(truth),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::of;
    use crate::field::Field;
    use crate::measures::Scope;
    use crate::scan::Wanted;
    use crate::sign_in::SignIn;

    #[test]
    fn a_row_shows_nothing_that_is_not_read_and_kept_for_it() {
        let read = Wanted::of_scope(Scope::Rows);
        let mut shown = 0;
        for field in Field::ALL {
            let mut sign_in = SignIn::default();
            sign_in.text.set(*field, "50126");
            let row = |sign_in: &SignIn<'_>| of(sign_in, Timestamp::UNIX_EPOCH, sign_in.outcome());
            let whole = row(&sign_in);
            shown += u32::from(whole != row(&SignIn::default()));
            read.strip(&mut sign_in);
            assert_eq!(row(&sign_in), whole, "{field:?}");
        }
        assert!(shown > 25, "{shown} fields show");
    }
}
