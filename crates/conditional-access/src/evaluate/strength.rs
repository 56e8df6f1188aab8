//! Authentication strengths (Entra documentation, *Conditional Access authentication strength*).

use crate::facts::{Method, Methods, Tenant};
use crate::policy::GrantControls;

/// What the `mfa` control accepts, and the built-in MFA strength but for external methods
/// (*Authentication strengths*, multifactor authentication strength).
pub(super) const MFA_METHODS: Methods = Methods::MFA;
pub(super) const TEMPORARY_ACCESS_PASS: Methods =
    Methods::of(&[Method::TemporaryAccessPassOneTime, Method::TemporaryAccessPassMultiUse]);
pub(super) const WINDOWS_HELLO: Methods = Methods::of(&[Method::WindowsHelloForBusiness]);
/// What serves people from outside in this tenant, and what the interrupt can register.
pub(super) const REGISTRABLE: Methods = Methods::of(&[
    Method::MicrosoftAuthenticatorPush,
    Method::SoftwareOath,
    Method::Sms,
    Method::Voice,
]);
const FIDO2: Methods = Methods::of(&[Method::Fido2]);
const PASSWORDLESS: [Method; 4] = [
    Method::WindowsHelloForBusiness,
    Method::Fido2,
    Method::X509CertificateMultiFactor,
    Method::DeviceBasedPush,
];
const PHISHING_RESISTANT: [Method; 3] =
    [Method::WindowsHelloForBusiness, Method::Fido2, Method::X509CertificateMultiFactor];

/// The strength a policy demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Strength {
    /// Id, as written.
    pub(super) id: String,
    /// What satisfies it. `None`: nobody saw the combinations.
    pub(super) combinations: Option<Vec<Combination>>,
    /// Those of the combinations that serve people from outside in this tenant (*Authentication
    /// strength for external users*).
    pub(super) for_externals: Vec<Combination>,
    /// It is the built-in multifactor authentication strength.
    pub(super) is_builtin_mfa: bool,
    /// Combinations are narrowed further in a way nobody models, such as to some models of key.
    pub(super) is_narrowed: bool,
}

/// Methods that together satisfy a strength.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Combination {
    /// What must have been used.
    pub(super) used: Methods,
    /// What must be registered: all of it but the password and the federated first factor.
    pub(super) registered: Methods,
    /// The first factor is a federated provider's.
    pub(super) is_federated: bool,
}

/// What of a strength can be registered when the sign-in is interrupted for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Registrable {
    /// A method the interrupt offers.
    InTheInterrupt,
    /// A passkey only: that needs MFA first.
    Passkey,
    /// Nothing.
    Nothing,
}

impl Strength {
    /// The strength of a policy. The id of a built-in one decides, else the combinations the policy
    /// expands, else those the tenant tells.
    pub(super) fn of(grant: &GrantControls, is_narrowed: bool, tenant: &Tenant) -> Option<Self> {
        let id = grant.authentication_strength.clone()?;
        let builtin = builtin(&id);
        let expanded = grant.allowed_combinations.as_deref().filter(|list| !list.is_empty());
        let told = || {
            let same = tenant.authentication_strengths.iter();
            same.filter(|it| it.id.eq_ignore_ascii_case(&id))
                .find_map(|it| it.allowed_combinations.as_deref())
                .filter(|list| !list.is_empty())
        };
        let combinations = builtin.clone().or_else(|| {
            let listed = expanded.or_else(told)?;
            Some(listed.iter().map(|text| Combination::of_text(text)).collect())
        });
        let for_externals = combinations.iter().flatten().copied();
        let for_externals = for_externals.filter(|it| it.serves_externals()).collect();
        let is_builtin_mfa = builtin.is_some_and(|it| it.len() > PASSWORDLESS.len());
        Some(Self { id, combinations, for_externals, is_builtin_mfa, is_narrowed })
    }
}

fn builtin(id: &str) -> Option<Vec<Combination>> {
    let one = |method: Method| Combination::of_methods(&[method]);
    match id.to_ascii_lowercase().as_str() {
        "00000000-0000-0000-0000-000000000002" => Some(
            MFA_METHODS
                .iter()
                .filter(|method| *method != Method::ExternalAuthenticationMethod)
                .map(one)
                .collect(),
        ),
        "00000000-0000-0000-0000-000000000003" => Some(PASSWORDLESS.into_iter().map(one).collect()),
        "00000000-0000-0000-0000-000000000004" => {
            Some(PHISHING_RESISTANT.into_iter().map(one).collect())
        }
        _ => None,
    }
}

impl Combination {
    /// Reads one of `allowedCombinations`: methods with commas between them.
    fn of_text(text: &str) -> Self {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        Self::of_set(Methods::of_words(words))
    }

    fn of_methods(methods: &[Method]) -> Self {
        Self::of_set(Methods::of(methods))
    }

    fn of_set(used: Methods) -> Self {
        let federated = Methods::of(&[Method::FederatedSingleFactor]);
        let first_factors = Methods::of(&[Method::Password]).union(federated);
        Self { used, registered: used.without(first_factors), is_federated: used.meets(federated) }
    }

    /// True when all of it that this model knows serves people from outside in this tenant.
    fn serves_externals(self) -> bool {
        REGISTRABLE.covers(self.registered.without(Methods::UNMODELLED))
    }

    /// What of it can be registered in the interrupt. That offers methods beside a password only:
    /// beside a federated first factor nothing is promised.
    pub(super) fn registrable(self) -> Registrable {
        if self.is_federated {
            return Registrable::Nothing;
        }
        let is_single = self.registered.iter().count() == 1 && !self.registered.has_unmodelled();
        if is_single && self.registered.meets(REGISTRABLE) {
            Registrable::InTheInterrupt
        } else if is_single && self.registered == FIDO2 {
            Registrable::Passkey
        } else {
            Registrable::Nothing
        }
    }
}
