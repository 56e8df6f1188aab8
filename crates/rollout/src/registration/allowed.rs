//! Whom the authentication-methods policy lets use which method.

use std::collections::{BTreeMap, BTreeSet};

use crate::account::Account;
use crate::facts::Facts;
use crate::snapshot::MethodConfiguration;

/// Ids of method configurations (Microsoft Graph, *authenticationMethodsPolicy*), lower case.
pub(crate) const FIDO2: &str = "fido2";
pub(crate) const TEMPORARY_ACCESS_PASS: &str = "temporaryaccesspass";
pub(crate) const MICROSOFT_AUTHENTICATOR: &str = "microsoftauthenticator";
pub(crate) const SMS: &str = "sms";
pub(crate) const VOICE: &str = "voice";
pub(crate) const SOFTWARE_OATH: &str = "softwareoath";
pub(crate) const HARDWARE_OATH: &str = "hardwareoath";
pub(crate) const X509_CERTIFICATE: &str = "x509certificate";
pub(crate) const QR_CODE_PIN: &str = "qrcodepin";

/// What a person can register by themselves and then pass MFA with.
const REGISTRABLE: [&str; 6] =
    [MICROSOFT_AUTHENTICATOR, FIDO2, SOFTWARE_OATH, SMS, VOICE, HARDWARE_OATH];

/// The methods policy, resolved to users once.
#[derive(Debug)]
pub(crate) struct MethodsAllowed {
    /// By the id of the configuration. `None`: no file holds the policy, or it lists no method.
    methods: Option<BTreeMap<String, Allowed>>,
}

/// Whom the methods policy lets use one method.
#[derive(Debug)]
enum Allowed {
    /// No file tells.
    Unknown,
    Nobody,
    /// Included (everyone, or the keys of members) without the excluded.
    Some {
        everyone: bool,
        included: BTreeSet<usize>,
        excluded: BTreeSet<usize>,
        complete: bool,
    },
}

impl MethodsAllowed {
    pub(crate) fn new(facts: &Facts<'_>) -> Self {
        let policy = facts.snapshot.methods_policy.as_ref();
        let policy = policy.filter(|policy| !policy.methods.is_empty());
        let mut methods = BTreeMap::new();
        for method in policy.iter().flat_map(|policy| &policy.methods) {
            methods.entry(method.id.clone()).or_insert_with(|| allowed(facts, method));
        }
        Self { methods: policy.map(|_| methods) }
    }

    /// Whether the account may use the method. `None`: no file tells.
    pub(crate) fn allows(&self, id: &str, facts: &Facts<'_>, account: &Account) -> Option<bool> {
        self.methods.as_ref()?.get(id)?.for_account(facts, account)
    }

    /// False only when the policy was read, and each method that a person can register by
    /// themselves and that passes MFA is off for this account, or not among those that the policy
    /// lists: Graph lists them all, in v1.0 without hardware tokens.
    pub(crate) fn may_register(&self, facts: &Facts<'_>, account: &Account) -> bool {
        let Some(methods) = &self.methods else { return true };
        let mut listed = REGISTRABLE.iter().filter_map(|id| methods.get(*id));
        listed.any(|method| method.for_account(facts, account) != Some(false))
    }
}

impl Allowed {
    /// `None`: no file tells.
    fn for_account(&self, facts: &Facts<'_>, account: &Account) -> Option<bool> {
        match self {
            Self::Unknown => None,
            Self::Nobody => Some(false),
            Self::Some { everyone, included, excluded, complete } => {
                let position = facts.user_position(account)?;
                if excluded.contains(&position) {
                    return Some(false);
                }
                let inside = *everyone || included.contains(&position);
                if *complete || (inside && excluded.is_empty()) { Some(inside) } else { None }
            }
        }
    }
}

fn allowed(facts: &Facts<'_>, method: &MethodConfiguration) -> Allowed {
    match (method.enabled, &method.include) {
        (Some(false), _) => Allowed::Nobody,
        (Some(true), Some(include)) => targets(facts, method, include),
        _ => Allowed::Unknown,
    }
}

fn targets(facts: &Facts<'_>, method: &MethodConfiguration, include: &[String]) -> Allowed {
    let everyone = include.iter().any(|target| target == "all_users");
    let groups: Vec<&str> =
        include.iter().map(String::as_str).filter(|target| *target != "all_users").collect();
    let (included, included_complete) = members(facts, &groups);
    let exclude: Vec<&str> = method.exclude.iter().flatten().map(String::as_str).collect();
    let (excluded, excluded_complete) = members(facts, &exclude);
    let complete = (everyone || included_complete) && excluded_complete && method.exclude.is_some();
    Allowed::Some { everyone, included, excluded, complete }
}

fn members(facts: &Facts<'_>, groups: &[&str]) -> (BTreeSet<usize>, bool) {
    let mut positions = BTreeSet::new();
    let mut complete = true;
    for id in groups {
        let Some(group) = facts.group(id) else {
            complete = false;
            continue;
        };
        let (accounts, whole) = facts.members_of(group);
        complete &= whole;
        positions.extend(accounts.iter().filter_map(|account| facts.user_position(account)));
    }
    (positions, complete)
}
