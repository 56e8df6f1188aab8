//! The record in each shape: as diagnostic settings write it, as Graph answers it, and as a row
//! of a Log Analytics download.

use super::super::shapes::TENANT_ID;
use super::record::{Choice, Slot};
use super::template::{Node, Style, Template};
use super::words::{POLICIES, POLICY_OUTCOMES};

use Node::{Absent, Array, Bare, Object, Raw, Slot as Of};

fn text(text: &str) -> Node {
    Node::Text(text.to_owned())
}

/// One line of `PT1H.json`, keys in the order of Azure Monitor.
pub(super) fn diagnostic() -> Node {
    let path = format!("/tenants/{TENANT_ID}/providers/Microsoft.aadiam");
    Object(vec![
        ("time", Of(Slot::Written)),
        ("resourceId", Node::Text(path)),
        ("operationName", text("Sign-in activity")),
        ("operationVersion", text("1.0")),
        ("category", Of(Slot::Category)),
        ("tenantId", text(TENANT_ID)),
        ("resultType", Of(Slot::Code)),
        ("resultSignature", Of(Slot::Signature)),
        ("resultDescription", Node::Choice(Choice::Result, vec![Absent, Of(Slot::Reason)])),
        ("durationMs", Raw("0")),
        ("callerIpAddress", Of(Slot::Address)),
        ("correlationId", Of(Slot::Correlation)),
        ("identity", Of(Slot::DisplayName)),
        ("Level", Raw("4")),
        ("location", Of(Slot::Country)),
        ("properties", Object(properties(&Shape::Diagnostic))),
    ])
}

/// One record of a Graph page.
pub(super) fn graph() -> Node {
    Object(properties(&Shape::Graph))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Diagnostic,
    Graph,
}

fn properties(shape: &Shape) -> Vec<(&'static str, Node)> {
    let graph = *shape == Shape::Graph;
    let mut entries = vec![
        ("id", Of(Slot::Id)),
        ("createdDateTime", Of(if graph { Slot::CreatedZulu } else { Slot::Created })),
        ("userDisplayName", Of(Slot::DisplayName)),
        ("userPrincipalName", Of(Slot::Principal)),
        ("userId", Of(Slot::UserId)),
        ("appId", Of(Slot::AppId)),
        ("appDisplayName", Of(Slot::App)),
        ("ipAddress", Of(Slot::Address)),
        ("status", status()),
        ("clientAppUsed", Of(Slot::ClientApp)),
        ("userAgent", Of(Slot::Agent)),
        ("deviceDetail", device(*shape)),
        ("location", location()),
        ("mfaDetail", mfa()),
        ("correlationId", Of(Slot::Correlation)),
        ("conditionalAccessStatus", Of(Slot::Verdict)),
        ("appliedConditionalAccessPolicies", policies()),
        ("originalRequestId", Of(Slot::Id)),
        ("isInteractive", Bare(Slot::Interactive)),
        ("tokenIssuerName", text("")),
        ("tokenIssuerType", text("AzureAD")),
        ("authenticationProcessingDetails", processing_details()),
        ("networkLocationDetails", Array(vec![])),
        ("clientCredentialType", text("none")),
        ("processingTimeInMilliseconds", Bare(Slot::Processing)),
        ("riskDetail", text("none")),
        ("riskLevelAggregated", text("none")),
        ("riskLevelDuringSignIn", text("none")),
        ("riskState", text("none")),
        ("riskEventTypes", Array(vec![])),
        ("resourceDisplayName", Of(Slot::Resource)),
        ("resourceId", Of(Slot::ResourceId)),
        ("resourceTenantId", text(TENANT_ID)),
        ("homeTenantId", text(TENANT_ID)),
    ];
    if graph {
        entries.push(("signInEventTypes", Array(vec![Of(Slot::EventType)])));
    } else {
        entries.push(("tenantId", text(TENANT_ID)));
    }
    entries.extend(later_properties(*shape));
    entries
}

fn later_properties(shape: Shape) -> Vec<(&'static str, Node)> {
    let member = if shape == Shape::Graph { "member" } else { "Member" };
    vec![
        ("authenticationDetails", steps()),
        ("authenticationRequirementPolicies", providers()),
        ("sessionLifetimePolicies", Array(vec![])),
        ("authenticationRequirement", Of(Slot::Requirement)),
        ("alternateSignInName", Of(Slot::Principal)),
        ("servicePrincipalId", text("")),
        ("userType", text(member)),
        ("flaggedForReview", Raw("false")),
        ("isTenantRestricted", Raw("false")),
        ("autonomousSystemNumber", Raw("64511")),
        ("crossTenantAccessType", text("none")),
        ("uniqueTokenIdentifier", Of(Slot::Token)),
        ("incomingTokenType", text("none")),
        ("authenticationProtocol", Of(Slot::Protocol)),
        ("appServicePrincipalId", Raw("null")),
        ("originalTransferMethod", text("none")),
        ("isThroughGlobalSecureAccess", Raw("false")),
        ("sessionId", Of(Slot::Session)),
    ]
}

fn status() -> Node {
    let done = Object(vec![
        ("errorCode", Bare(Slot::Code)),
        ("additionalDetails", text("MFA requirement satisfied by claim in the token")),
    ]);
    let failed = Object(vec![("errorCode", Bare(Slot::Code)), ("failureReason", Of(Slot::Reason))]);
    Node::Choice(Choice::Result, vec![done, failed])
}

/// Azure leaves out what is not there; Graph writes it empty.
fn device(shape: Shape) -> Node {
    let known = |managed: bool| {
        let mut entries = vec![
            ("deviceId", Of(Slot::DeviceId)),
            ("displayName", Of(Slot::DeviceName)),
            ("operatingSystem", Of(Slot::System)),
            ("browser", Of(Slot::Browser)),
        ];
        if managed || shape == Shape::Graph {
            let truth = if managed { "true" } else { "false" };
            entries.extend([("isCompliant", Raw(truth)), ("isManaged", Raw(truth))]);
        }
        entries.push(("trustType", Of(Slot::Trust)));
        entries
    };
    let unknown = |entries: Vec<(&'static str, Node)>| {
        let given = |key: &str| entries.iter().find(|it| it.0 == key).map(|it| it.1.clone());
        if shape == Shape::Diagnostic {
            return Object(entries);
        }
        let keys = ["deviceId", "displayName", "operatingSystem", "browser", "trustType"];
        Object(keys.map(|key| (key, given(key).unwrap_or_else(|| text("")))).to_vec())
    };
    let system_only = vec![
        ("deviceId", text("")),
        ("operatingSystem", Of(Slot::System)),
        ("browser", Of(Slot::Browser)),
    ];
    Node::Choice(
        Choice::Device,
        vec![
            Object(known(true)),
            Object(known(false)),
            unknown(system_only),
            unknown(vec![("deviceId", text(""))]),
        ],
    )
}

fn location() -> Node {
    Object(vec![
        ("city", Of(Slot::City)),
        ("state", Of(Slot::State)),
        ("countryOrRegion", Of(Slot::Country)),
        (
            "geoCoordinates",
            Object(vec![("latitude", Bare(Slot::Latitude)), ("longitude", Bare(Slot::Longitude))]),
        ),
    ])
}

fn mfa() -> Node {
    let notified = Object(vec![("authMethod", text("Mobile app notification"))]);
    Node::Choice(Choice::Factor, vec![Object(vec![]), Object(vec![]), notified.clone(), notified])
}

fn providers() -> Node {
    let asked = Array(vec![Object(vec![
        ("requirementProvider", text("multiConditionalAccess")),
        ("detail", text("Conditional Access")),
    ])]);
    let choices = vec![Array(vec![]), asked.clone(), asked.clone(), asked];
    Node::Choice(Choice::Factor, choices)
}

fn steps() -> Node {
    let step = |method: &str, detail: &str, succeeded: &'static str, result: &str, asked: &str| {
        Object(vec![
            ("authenticationStepDateTime", Of(Slot::Step)),
            ("authenticationMethod", text(method)),
            ("authenticationMethodDetail", text(detail)),
            ("succeeded", Raw(succeeded)),
            ("authenticationStepResultDetail", text(result)),
            ("authenticationStepRequirement", text(asked)),
            ("StatusSequence", Raw("0")),
            ("RequestSequence", Raw("1")),
        ])
    };
    let password = |result: &str, succeeded| {
        step("Password", "Password Hash Sync", succeeded, result, "Primary authentication")
    };
    let correct = || password("Correct password", "true");
    let claim = "MFA requirement satisfied by claim in the token";
    let push = "Mobile app notification";
    let notified = |succeeded, result| step(push, "", succeeded, result, "");
    Node::Choice(
        Choice::Factor,
        vec![
            Array(vec![Node::Choice(
                Choice::Result,
                vec![correct(), password("Incorrect password", "false")],
            )]),
            Array(vec![step("Previously satisfied", "", "true", claim, "")]),
            Array(vec![correct(), notified("true", "MFA successfully completed")]),
            Array(vec![correct(), notified("false", "MFA denied; user did not respond")]),
        ],
    )
}

fn processing_details() -> Node {
    let detail = |key: &str, value: Node| Object(vec![("key", text(key)), ("value", value)]);
    Array(vec![
        detail("Legacy TLS (TLS 1.0, 1.1, 3DES)", text("False")),
        detail("Is CAE Token", text("False")),
    ])
}

fn policies() -> Node {
    let alternatives = POLICY_OUTCOMES.iter().map(|outcomes| {
        let policies = POLICIES.iter().zip(outcomes).zip(1_u64..);
        Array(policies.map(|((name, result), number)| policy(name, result, number)).collect())
    });
    Node::Choice(Choice::Policies, alternatives.collect())
}

fn policy(name: &str, result: &str, number: u64) -> Node {
    Object(vec![
        ("id", Node::Text(format!("c0a1b2c3-0000-4000-8000-{number:012}"))),
        ("displayName", text(name)),
        ("enforcedGrantControls", Array(vec![text("Mfa")])),
        ("enforcedSessionControls", Array(vec![])),
        ("result", text(result)),
        ("conditionsSatisfied", Raw("3")),
        ("conditionsNotSatisfied", Raw("16")),
    ])
}

/// The columns of a Log Analytics download of `SigninLogs`.
pub(super) fn columns() -> Vec<(&'static str, Node)> {
    let path = format!("/tenants/{TENANT_ID}/providers/Microsoft.aadiam");
    vec![
        ("TenantId", text("7d2f9f5e-3d4b-4d52-8c1e-1b6f6a6c9a10")),
        ("SourceSystem", text("Azure AD")),
        ("TimeGenerated [UTC]", Of(Slot::Written)),
        ("ResourceId", Node::Text(path)),
        ("OperationName", text("Sign-in activity")),
        ("OperationVersion", Raw("1.0")),
        ("Category", Of(Slot::Category)),
        ("ResultType", Bare(Slot::Code)),
        ("ResultSignature", Of(Slot::Signature)),
        ("ResultDescription", Of(Slot::Reason)),
        ("DurationMs", Raw("0")),
        ("CorrelationId", Of(Slot::Correlation)),
        ("ResourceGroup", text("Microsoft.aadiam")),
        ("Identity", Of(Slot::DisplayName)),
        ("Level", Raw("4")),
        ("Location", Of(Slot::Country)),
        ("AppDisplayName", Of(Slot::App)),
        ("AppId", Of(Slot::AppId)),
        ("AuthenticationDetails", steps()),
        ("AuthenticationProcessingDetails", processing_details()),
        ("AuthenticationRequirement", Of(Slot::Requirement)),
        ("AuthenticationRequirementPolicies", providers()),
        ("ClientAppUsed", Of(Slot::ClientApp)),
        ("ConditionalAccessPolicies", policies()),
        ("ConditionalAccessStatus", Of(Slot::Verdict)),
        ("CreatedDateTime [UTC]", Of(Slot::CreatedZulu)),
        ("DeviceDetail", device(Shape::Diagnostic)),
        ("IsInteractive", Bare(Slot::Interactive)),
        ("Id", Of(Slot::Id)),
        ("IPAddress", Of(Slot::Address)),
        ("LocationDetails", location()),
        ("MfaDetail", mfa()),
        ("OriginalRequestId", Of(Slot::Id)),
        ("ProcessingTimeInMilliseconds", Bare(Slot::Processing)),
        ("ResourceDisplayName", Of(Slot::Resource)),
        ("ResourceIdentity", Of(Slot::ResourceId)),
        ("Status", status()),
        ("TokenIssuerType", text("AzureAD")),
        ("UserAgent", Of(Slot::Agent)),
        ("UserDisplayName", Of(Slot::DisplayName)),
        ("UserId", Of(Slot::UserId)),
        ("UserPrincipalName", Of(Slot::Principal)),
        ("AADTenantId", text(TENANT_ID)),
        ("UserType", text("Member")),
        ("AuthenticationProtocol", Of(Slot::Protocol)),
        ("UniqueTokenIdentifier", Of(Slot::Token)),
        ("Type", text("SigninLogs")),
    ]
}

/// A row of the download, without its end of line.
pub(super) fn row() -> Template {
    let mut template = Template::default();
    for (position, (_, node)) in columns().iter().enumerate() {
        template.fixed(if position > 0 { "," } else { "" });
        template.cell(node);
    }
    template
}

/// How Azure Monitor writes.
pub(super) const AZURE: Style = Style { sorted: false, spaced: false, ascii: true, in_cell: false };
