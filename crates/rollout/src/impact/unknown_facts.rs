//! Facts that nobody told and that decide, in plain words, with what would tell them.

use conditional_access::Fact;

use crate::facts::Facts;

/// The fact, to be read after *nobody told*. Objects are named where some file names them.
pub(crate) fn words_of(fact: &Fact, facts: &Facts<'_>) -> String {
    match fact {
        Fact::GroupMembers(id) => {
            let name = facts.group(id).and_then(|group| group.display_name.as_deref());
            format!("who is in the group `{}`", name.unwrap_or(id))
        }
        Fact::RoleAssignment(id) => format!("whether an assignment of the role `{id}` is in force"),
        Fact::AppGroup(group, id) => {
            format!("whether the application `{id}` belongs to {}", group.word())
        }
        Fact::Location(id) => {
            let mut known = facts.snapshot.named_locations.iter().flatten();
            let named =
                known.find(|it| it.id.as_deref().is_some_and(|it| it.eq_ignore_ascii_case(id)));
            let name = named.map_or(id.as_str(), |it| it.display_name.as_str());
            format!("what the location `{name}` stands for")
        }
        Fact::AuthenticationStrength(id) => {
            format!("what the authentication strength `{id}` accepts")
        }
        Fact::DeviceProperty(property) => format!("the device's {}", property.word()),
        Fact::Unmodelled(path) => format!("what `{path}` in the policy means"),
        Fact::Behaviour(what) => format!("what Microsoft does about {what}"),
        plain => plain_words(plain).to_owned(),
    }
}

fn plain_words(fact: &Fact) -> &'static str {
    match fact {
        Fact::Identity => "which account it is",
        Fact::UserType => "whether the account is a member or a guest",
        Fact::HomeTenant => "which organisation the account comes from",
        Fact::IdentityProvider => "where the person proves who they are",
        Fact::Federated => "whether the account's domain is federated",
        Fact::Roles => "who holds which role",
        Fact::Resources => "which resource was asked for",
        Fact::MicrosoftGraph => "which resource stands behind Microsoft Graph",
        Fact::Client => "which application asked",
        Fact::ClientConfidential => "whether the application keeps a secret",
        Fact::BaselineScopes => "how the tenant treats sign-ins for basic scopes",
        Fact::AuthenticationContexts => "which authentication contexts were asked for",
        Fact::ClientApp => "which kind of client app it was",
        Fact::Protocol => "which authentication protocol was used",
        Fact::Flow => "whether it was device code flow or authentication transfer",
        Fact::Platform => "on which operating system it was",
        Fact::Ip => "the address it came from",
        Fact::MfaTrustedIps => "which addresses the old MFA service settings trust",
        Fact::Country => "the country it came from",
        Fact::GpsCountry => "the country of the position of Authenticator",
        Fact::Device => "which device it was",
        Fact::DeviceManaged => "whether Intune manages the device",
        Fact::SignInRisk => "the risk of the sign-in",
        Fact::UserRisk => "the risk of the user",
        Fact::InsiderRisk => "the insider risk",
        Fact::Registration => "which methods the account can use",
        Fact::Session => "what the session proves",
        Fact::SessionMethods => "by which methods MFA was done",
        Fact::SessionAge => "how long ago the person last proved who they are",
        Fact::SessionCustom => "which custom controls were passed",
        Fact::PasswordChanged => "whether the password was changed",
        Fact::TermsAccepted => "which terms of use were accepted",
        Fact::AppProtection => "whether the app is under an app protection policy",
        Fact::TokenBound => "whether the token is bound to the device",
        Fact::CrossTenantTrust => {
            "whether the MFA and devices of the other organisation are trusted"
        }
        Fact::SecurityDefaults => "whether security defaults are on",
        Fact::PerUserMfa => "the account's per-user MFA",
        Fact::MandatoryMfa => "whether Microsoft's mandatory MFA is in force",
        Fact::PolicyState => "whether the policy is on",
        Fact::UserAction
        | Fact::ServicePrincipalOwner
        | Fact::ServicePrincipalRisk
        | Fact::GroupMembers(_)
        | Fact::RoleAssignment(_)
        | Fact::AppGroup(..)
        | Fact::Location(_)
        | Fact::AuthenticationStrength(_)
        | Fact::DeviceProperty(_)
        | Fact::Unmodelled(_)
        | Fact::Behaviour(_) => "what kind of sign-in it was",
    }
}

/// What would tell the fact, in one sentence.
pub(crate) fn find_out(fact: &Fact) -> String {
    match fact {
        Fact::GroupMembers(id) => {
            format!("Add an export of the group with its members: GET /groups/{id}/members.")
        }
        Fact::Location(_) => "Add an export of the named locations: GET \
             /identity/conditionalAccess/namedLocations."
            .to_owned(),
        Fact::AuthenticationStrength(_) => "Add an export of the authentication strengths: GET \
             /policies/authenticationStrengthPolicies."
            .to_owned(),
        Fact::Unmodelled(_) | Fact::Behaviour(_) | Fact::AppGroup(..) => {
            "Try it with one account, or in the What If tool of Conditional Access.".to_owned()
        }
        plain => plain_find_out(plain).to_owned(),
    }
}

fn plain_find_out(fact: &Fact) -> &'static str {
    match fact {
        Fact::Registration => {
            "Take a fresh registration report, or read the account's methods with GET \
             /users/{id}/authentication/methods."
        }
        Fact::UserType | Fact::HomeTenant | Fact::IdentityProvider | Fact::Identity => {
            "Add an export of the users with userType, externalUserState and identities in $select."
        }
        Fact::Federated => "Add an export of the domains: GET /domains.",
        Fact::Roles | Fact::RoleAssignment(_) => {
            "Add an export of the role assignments: GET \
             /roleManagement/directory/roleAssignments?$expand=principal."
        }
        Fact::SecurityDefaults => {
            "Add an export of the setting: GET /policies/identitySecurityDefaultsEnforcementPolicy."
        }
        Fact::PerUserMfa => {
            "Read the account's per-user MFA: GET /users/{id}/authentication/requirements (beta)."
        }
        Fact::CrossTenantTrust => {
            "Add an export of the inbound trust settings: GET \
             /policies/crossTenantAccessPolicy/default."
        }
        Fact::MfaTrustedIps => {
            "Look at the trusted IPs of the MFA service settings in the portal; no export holds \
             them."
        }
        Fact::PolicyState => "Look at the state of the policy in the portal.",
        Fact::UserRisk => "Add an export of the users at risk: GET /identityProtection/riskyUsers.",
        Fact::SignInRisk | Fact::InsiderRisk => {
            "Risks are told only with Entra ID P2: look at the account under Identity Protection."
        }
        Fact::Resources
        | Fact::MicrosoftGraph
        | Fact::Client
        | Fact::AuthenticationContexts
        | Fact::Protocol
        | Fact::Flow
        | Fact::ClientApp
        | Fact::Platform
        | Fact::Ip
        | Fact::Country
        | Fact::Device
        | Fact::DeviceProperty(_)
        | Fact::DeviceManaged => {
            "Take the sign-in log from Graph beta (GET /auditLogs/signIns), which tells more than \
             v1.0 and the portal's CSV, or look at the sign-in in the portal."
        }
        _ => "Try it with one account, or in the What If tool of Conditional Access.",
    }
}
