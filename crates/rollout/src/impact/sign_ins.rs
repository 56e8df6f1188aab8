//! The sign-ins of a log, as the evaluation of policies reads them.
//!
//! What the log does not tell stays unknown. In particular:
//!
//! * The resource is what policies target; where the log tells the audiences that Conditional
//!   Access looked at, they take its place. A sign-in to Azure AD Graph may only say who somebody
//!   is: the application itself is then what was signed in to, and counts as a resource if a policy
//!   names it (Entra documentation, *Conditional Access: Target resources*).
//! * A client app that the log names in a word that Graph does not list is legacy where lockstep
//!   counts it so (every word but those of browsers and modern clients), and unknown without a word.
//! * Neither device code flow nor authentication transfer is known only where the log tells some
//!   protocol or transfer method.
//! * The risk of the sign-in is `riskLevelDuringSignIn`. `riskLevelAggregated` is not the user's
//!   risk; of that Identity Protection's list of users at risk tells, as it stands today.
//! * An empty device id says that the device is not registered, unless the log tells a trust type
//!   or compliance of it.
//! * A session carries MFA where the log says that MFA was done or its claim was in the token; how
//!   long ago and with which methods is not known. Else, and where the log does not tell, the
//!   sign-in counts as fresh with one factor: the worse case for the person.

use std::collections::{BTreeMap, BTreeSet};

use conditional_access::Policy;
use conditional_access::facts::{
    ClientApp, Device, DeviceProperty, DeviceValue, Flow, Identity, Methods, Platform, Protocol,
    RiskLevel, Session, SignIn,
};

use super::accounts::Accounts;
use crate::measurement::{
    LoggedFactors, Replay, ReplayClient, ReplayDevice, ReplayPlace, ReplayRow, ReplayTarget,
};

/// Windows Azure Active Directory, also called Azure AD Graph: the resource of a sign-in that asks
/// for nothing else.
const AZURE_AD_GRAPH: &str = "00000002-0000-0000-c000-000000000000";

/// The sign-ins of a log and who they are of.
#[derive(Debug, Clone, Copy)]
pub(super) struct SignIns<'a> {
    pub(super) replay: &'a Replay,
    pub(super) accounts: &'a Accounts,
    /// Ids that policies name as targets, lower case.
    pub(super) named: &'a BTreeSet<String>,
}

/// What a session proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Proof {
    /// One factor, just now.
    Fresh,
    /// MFA, nobody saw when and how.
    Mfa,
    /// One factor, long ago: the worst that any session comes to.
    Stale,
    /// Nobody saw.
    NotSeen,
}

impl Proof {
    /// What the log tells, for the person's sake in doubt the worse.
    pub(super) fn of(factors: LoggedFactors) -> Self {
        match factors {
            LoggedFactors::Multiple => Self::Mfa,
            LoggedFactors::Single | LoggedFactors::Unknown => Self::Fresh,
        }
    }

    pub(super) fn session(self) -> Session {
        let fresh = Session::fresh();
        match self {
            Self::Fresh => fresh,
            Self::Mfa => Session { mfa: Some(true), methods: None, age_minutes: None, ..fresh },
            Self::Stale => Session { age_minutes: Some(u64::MAX), ..fresh },
            Self::NotSeen => Session::not_seen(),
        }
    }
}

/// Ids that policies name as targets.
pub(super) fn named_targets(policies: &[Policy]) -> BTreeSet<String> {
    let included = policies.iter().flat_map(|policy| &policy.conditions.applications.include);
    included.map(|id| id.trim().to_ascii_lowercase()).collect()
}

impl<'a> SignIns<'a> {
    /// One sign-in, whole.
    pub(super) fn sign_in(&self, row: &ReplayRow, proof: Proof) -> SignIn {
        let id = self.subject(row).and_then(|it| it.id.clone());
        let mut sign_in = SignIn::of_user("");
        sign_in.identity = Identity::User(id);
        if let Some(target) = at(&self.replay.targets, row.target) {
            self.put_target(&mut sign_in, target);
        }
        if let Some(client) = at(&self.replay.clients, row.client) {
            put_client(&mut sign_in, client);
        }
        if let Some(place) = at(&self.replay.places, row.place) {
            put_place(&mut sign_in, place);
        }
        sign_in.risk.user = self.subject(row).and_then(|it| it.risk);
        sign_in.device = at(&self.replay.devices, row.device).and_then(device);
        sign_in.session = proof.session();
        sign_in
    }

    /// Whose sign-in it is.
    pub(super) fn subject(&self, row: &ReplayRow) -> Option<&'a super::accounts::Subject> {
        self.accounts.all.get(*at(&self.accounts.of_log, row.account)?)
    }

    /// Puts in what was asked for.
    pub(super) fn put_target(&self, sign_in: &mut SignIn, target: &ReplayTarget) {
        sign_in.client_id = told(target.app_id.as_deref());
        sign_in.resources = told(target.resource_id.as_deref()).map(|resource| {
            let mut resources = vec![resource];
            resources.extend(self.signed_in_to(target));
            resources
        });
        let audiences = target.audiences.iter().flatten();
        sign_in.audiences = audiences.filter_map(|it| told(Some(it))).collect();
        sign_in.authentication_contexts = target.authentication_contexts.clone();
    }

    /// The application as a resource, where the sign-in may be to nothing but itself.
    fn signed_in_to(&self, target: &ReplayTarget) -> Option<String> {
        let resource = target.resource_id.as_deref()?.trim();
        let app = told(target.app_id.as_deref())?;
        let is_named = self.named.contains(&app.to_ascii_lowercase());
        (is_named && resource.eq_ignore_ascii_case(AZURE_AD_GRAPH)).then_some(app)
    }

    /// The id by which the evaluation finds an account of the log.
    pub(super) fn account_id(&self, account: usize) -> Option<&'a str> {
        let place = self.accounts.of_log.get(account)?;
        self.accounts.all.get(*place)?.id.as_deref()
    }
}

/// An entry of a table by its place in a row.
pub(super) fn at<T>(table: &[T], place: u32) -> Option<&T> {
    table.get(usize::try_from(place).ok()?)
}

/// A text that tells something.
pub(super) fn told(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Puts in client app, flow, platform and risk.
pub(super) fn put_client(sign_in: &mut SignIn, client: &ReplayClient) {
    sign_in.client_app = client_app(client);
    sign_in.protocol = Some(if client.ropc { Protocol::Ropc } else { Protocol::Interactive });
    sign_in.flow = flow(client);
    sign_in.platform = client.operating_system.as_deref().and_then(Platform::of_log);
    sign_in.risk.sign_in = client.sign_in_risk.as_deref().and_then(RiskLevel::of_word);
}

fn client_app(client: &ReplayClient) -> Option<ClientApp> {
    let word = told(client.client_app.as_deref())?;
    let unlisted = client.legacy && !word.eq_ignore_ascii_case("unknown");
    ClientApp::of_log(&word).or_else(|| unlisted.then_some(ClientApp::Other))
}

fn flow(client: &ReplayClient) -> Option<Flow> {
    let words = [client.protocol.as_deref(), client.transfer_method.as_deref()].map(told);
    let is = |wanted: &[&str]| {
        words.iter().flatten().any(|word| wanted.iter().any(|it| word.eq_ignore_ascii_case(it)))
    };
    if is(&["deviceCode", "deviceCodeFlow"]) {
        Some(Flow::DeviceCodeFlow)
    } else if is(&["authenticationTransfer"]) {
        Some(Flow::AuthenticationTransfer)
    } else {
        let tells = words.iter().flatten().any(|it| !it.eq_ignore_ascii_case("unknownFutureValue"));
        tells.then_some(Flow::None)
    }
}

/// Puts in address and country. An empty country was told: the address lies in none.
pub(super) fn put_place(sign_in: &mut SignIn, place: &ReplayPlace) {
    sign_in.ip = place.ip_address.as_deref().and_then(|it| it.trim().parse().ok());
    sign_in.country = place.country.as_deref().map(|it| it.trim().to_owned());
}

/// The device, if the log tells anything of one.
pub(super) fn device(logged: &ReplayDevice) -> Option<Device> {
    let mut properties = BTreeMap::new();
    let mut put = |property, value: Option<DeviceValue>| {
        if let Some(value) = value {
            properties.insert(property, value);
        }
    };
    let text = |it: &str| match told(Some(it)) {
        Some(text) => DeviceValue::Text(text),
        None => DeviceValue::Null,
    };
    let id = logged.id.as_deref();
    let trust = logged.trust_type.as_deref();
    put(DeviceProperty::DeviceId, id.map(text));
    put(DeviceProperty::DisplayName, logged.name.as_deref().map(text));
    put(DeviceProperty::TrustType, trust.map(text));
    put(DeviceProperty::IsCompliant, logged.compliant.map(DeviceValue::Flag));
    if properties.is_empty() && logged.managed.is_none() {
        return None;
    }
    let is_known =
        logged.compliant == Some(true) || trust.is_some_and(|it| told(Some(it)).is_some());
    let registered = match id.map(|id| told(Some(id)).is_some()) {
        Some(false) if is_known => None,
        by_id => by_id,
    };
    Some(Device { registered, managed: logged.managed, properties })
}

/// The same sign-in from a browser, in which the person can be asked.
pub(super) fn in_browser(sign_in: &mut SignIn) {
    sign_in.client_app = Some(ClientApp::Browser);
    sign_in.protocol = Some(Protocol::Interactive);
    sign_in.flow = Some(Flow::None);
}

/// Whether nobody can be asked anything: a legacy client, or a password replayed by a program.
pub(super) fn cannot_be_asked(client: &ReplayClient) -> bool {
    client.ropc || client_app(client).is_some_and(ClientApp::is_legacy)
}

/// Every method there is, of somebody who could use them all.
pub(super) fn equipped() -> Methods {
    conditional_access::facts::Method::ALL.into_iter().map(|(method, _)| method).collect()
}
