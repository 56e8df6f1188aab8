//! What is found out later never contradicts a verdict that was given before.
//!
//! Every case with a verdict is evaluated again with facts it left open filled in at random. If the
//! verdict hung on one of them it should have been unknown in the first place.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod chance;

use std::path::Path;

use chance::Chance;
use conditional_access::cases::{Case, read_cases};
use conditional_access::facts::{
    App, AppGroup, AssignmentState, AuthenticationStrength, BaselineScopes, ClientApp, Device,
    DeviceProperty, DeviceValue, Flow, Identity, IdentityProvider, InsiderRisk, Method, Methods,
    PerUserMfa, Platform, Protocol, Registration, RiskLevel, Session, SignIn, Tenant, Trust,
    UserAction, UserType,
};
use conditional_access::{PolicySet, Verdict};

const ROUNDS: u64 = 5;
const EXCHANGE: &str = "00000002-0000-0ff1-ce00-000000000000";
const TEAMS: &str = "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe";
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
const PORTAL: &str = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c";
const OTHER_APP: &str = "00000000-0000-4000-c000-000000000009";
const HOME: &str = "00000000-0000-4000-9a00-000000000001";

/// Fills the fact in if nobody saw it.
fn fill<T: Clone>(chance: &mut Chance, fact: &mut Option<T>, of: &[T]) {
    if fact.is_none() {
        *fact = Some(chance.one(of));
    }
}

const FLAGS: [bool; 2] = [false, true];

fn methods(chance: &mut Chance) -> Methods {
    Method::ALL.into_iter().map(|(method, _)| method).filter(|_| chance.below(6) == 0).collect()
}

fn is_mfa(methods: Methods) -> bool {
    let none = [
        Method::Password,
        Method::Email,
        Method::SecurityQuestion,
        Method::AppPassword,
        Method::QrCodePin,
        Method::X509CertificateSingleFactor,
        Method::FederatedSingleFactor,
    ];
    methods.iter().any(|method| !none.contains(&method))
}

fn fill_tenant(tenant: &mut Tenant, case: &Case, chance: &mut Chance) {
    for user in &mut tenant.users {
        let kinds = UserType::KINDS.map(|(kind, _)| kind);
        let kinds: Vec<_> =
            kinds.into_iter().filter(|kind| *kind != UserType::B2bDirectConnectUser).collect();
        if user.kind == Some(UserType::Guest) {
            user.kind = Some(chance.one(&kinds));
        }
        let all: Vec<_> = kinds.into_iter().chain([UserType::Member]).collect();
        fill(chance, &mut user.kind, &all);
        if user.home_tenant.is_none() && user.identity_provider.is_none() && chance.once_in(2) {
            user.identity_provider = Some(IdentityProvider::Google);
        } else {
            fill(chance, &mut user.home_tenant, &[HOME.to_owned(), OTHER_APP.to_owned()]);
            fill(chance, &mut user.identity_provider, &[IdentityProvider::Entra]);
        }
        fill(chance, &mut user.federated, &FLAGS);
    }
    let users: Vec<String> = tenant.users.iter().map(|user| user.id.clone()).collect();
    for group in &mut tenant.groups {
        let members = users.iter().filter(|_| chance.once_in(2)).cloned().collect();
        fill(chance, &mut group.members, &[members]);
    }
    for role in &mut tenant.roles {
        fill(chance, &mut role.scope, &["/".to_owned(), "/x".to_owned()]);
        fill(chance, &mut role.state, &[AssignmentState::Active, AssignmentState::Eligible]);
    }
    let asked = case.sign_in.resources.iter().flatten().chain(&case.sign_in.client_id);
    for id in asked {
        if !tenant.apps.iter().any(|app| app.id == *id) && id.starts_with("00000000-") {
            let all = [AppGroup::Office365, AppGroup::MicrosoftAdminPortals];
            let groups = all.into_iter().filter(|_| chance.once_in(2)).collect();
            let app = App { id: id.clone(), owned: Some(false), groups: Some(groups) };
            tenant.apps.push(app);
        }
    }
    let settings = [
        BaselineScopes::Enforced,
        BaselineScopes::Legacy,
        BaselineScopes::Custom(OTHER_APP.to_owned()),
    ];
    fill(chance, &mut tenant.baseline_scopes, &settings);
    fill(chance, &mut tenant.mfa_trusted_ips, &[Vec::new(), vec!["203.0.113.0/24".to_owned()]]);
    let fill_trust = |trust: &mut Trust, chance: &mut Chance| {
        fill(chance, &mut trust.mfa, &FLAGS);
        fill(chance, &mut trust.compliant, &FLAGS);
        fill(chance, &mut trust.hybrid, &FLAGS);
    };
    fill_trust(&mut tenant.cross_tenant.default, chance);
    tenant.cross_tenant.tenants.values_mut().for_each(|trust| fill_trust(trust, chance));
    for strength in case.policies.iter().filter_map(|it| it.grant.as_ref()) {
        if let Some(id) = &strength.authentication_strength {
            let combinations = ["fido2", "password,sms", "password,hardwareOath"];
            let one = vec![chance.one(&combinations).to_owned()];
            tenant
                .authentication_strengths
                .push(AuthenticationStrength { id: id.clone(), allowed_combinations: Some(one) });
        }
    }
    fill(chance, &mut tenant.security_defaults, &FLAGS);
    fill(chance, &mut tenant.mandatory_mfa, &FLAGS);
    let states = [None, Some(PerUserMfa::Disabled), Some(PerUserMfa::Enforced)];
    if tenant.per_user_mfa.is_none() {
        let of = |user: &String| (user.clone(), chance.one(&states));
        tenant.per_user_mfa = Some(users.iter().map(of).collect());
    }
    for state in tenant.per_user_mfa.iter_mut().flat_map(|states| states.values_mut()) {
        fill(chance, state, &[PerUserMfa::Disabled, PerUserMfa::Enabled]);
    }
}

fn fill_session(session: &mut Session, is_external: bool, chance: &mut Chance) {
    match session.mfa {
        None => {
            let methods = session.methods.unwrap_or_else(|| methods(chance));
            session.mfa = Some(is_mfa(methods) || chance.below(4) == 0);
            session.methods = Some(methods).filter(|used| is_mfa(*used) == session.mfa.unwrap());
        }
        Some(mfa) if session.methods.is_none() => {
            // A bare claim counts for the built-in MFA strength: whatever gave it belongs to that.
            let other = Methods::of(&[Method::ExternalAuthenticationMethod]);
            let used = methods(chance);
            let used = if mfa { used.without(other) } else { used };
            // Of somebody from outside, in this tenant: one of the few that can serve them.
            let here = Methods::of(&[
                Method::Sms,
                Method::Voice,
                Method::MicrosoftAuthenticatorPush,
                Method::SoftwareOath,
            ]);
            let used = if mfa && is_external { used.intersection(here) } else { used };
            session.methods = Some(used).filter(|used| is_mfa(*used) == mfa);
        }
        Some(_) => {}
    }
    fill(chance, &mut session.home_mfa, &FLAGS);
    fill(chance, &mut session.age_minutes, &[0, 100, 10_000]);
    fill(chance, &mut session.custom, &[Vec::new(), vec!["NE-Duo".to_owned()]]);
    fill(chance, &mut session.password_changed, &FLAGS);
}

fn fill_device(device: &mut Option<Device>, chance: &mut Chance) {
    if device.is_none() && chance.once_in(2) {
        *device = Some(Device::unregistered());
        return;
    }
    let device = device.get_or_insert_default();
    if device.registered.is_none() {
        device.registered = Some(device.is_registered().unwrap_or_else(|| chance.once_in(2)));
    }
    if device.registered == Some(false) {
        return;
    }
    // A device that is neither compliant nor hybrid joined has extension attributes only if it is
    // known to be managed: nobody having seen that says that it has none (*Filter for devices*).
    if device.is_compliant() != Some(false) || device.is_hybrid_joined() != Some(false) {
        fill(chance, &mut device.managed, &FLAGS);
    }
    let text = |text: &str| DeviceValue::Text(text.to_owned());
    let compliant = DeviceValue::Flag(chance.once_in(2));
    device.properties.entry(DeviceProperty::IsCompliant).or_insert(compliant);
    let trust = chance.one(&[text("AzureAD"), text("ServerAD"), text("Workplace")]);
    device.properties.entry(DeviceProperty::TrustType).or_insert(trust);
    for name in
        ["displayName", "model", "deviceOwnership", "operatingSystem", "extensionAttribute1"]
    {
        let value = chance.one(&[DeviceValue::Null, text("NE-1"), text("x"), text("Company")]);
        device.properties.entry(DeviceProperty::of_word(name).unwrap()).or_insert(value);
    }
}

fn fill_sign_in(sign_in: &mut SignIn, tenant: &Tenant, chance: &mut Chance) {
    if let Identity::User(id @ None) = &mut sign_in.identity {
        let known: Vec<String> = tenant.users.iter().map(|user| user.id.clone()).collect();
        fill(chance, id, &known);
    }
    let apps = [EXCHANGE, TEAMS, PORTAL, OTHER_APP, GRAPH].map(str::to_owned);
    if sign_in.resources.is_none() && sign_in.user_action.as_ref() == Some(&UserAction::None) {
        sign_in.resources = Some(vec![chance.one(&apps)]);
    }
    let is_graph = sign_in.resources.iter().flatten().any(|it| it == GRAPH);
    if is_graph && sign_in.audiences.is_empty() && sign_in.scopes.is_empty() {
        sign_in.audiences = vec![chance.one(&apps)];
    }
    fill(chance, &mut sign_in.client_id, &apps);
    fill(chance, &mut sign_in.client_confidential, &FLAGS);
    let actions =
        [UserAction::None, UserAction::RegisterSecurityInformation, UserAction::RegisterDevice];
    if sign_in.resources.is_some() {
        fill(chance, &mut sign_in.user_action, &actions);
    }
    fill(chance, &mut sign_in.authentication_contexts, &[Vec::new(), vec!["c1".to_owned()]]);
    let clients = [
        ClientApp::Browser,
        ClientApp::MobileAppsAndDesktopClients,
        ClientApp::ExchangeActiveSync,
        ClientApp::Other,
    ];
    fill(chance, &mut sign_in.client_app, &clients);
    fill(chance, &mut sign_in.protocol, &[Protocol::Interactive, Protocol::Ropc]);
    let flows = [Flow::None, Flow::DeviceCodeFlow, Flow::AuthenticationTransfer];
    fill(chance, &mut sign_in.flow, &flows);
    let platforms = [Platform::Windows, Platform::Ios, Platform::Linux, Platform::Other];
    fill(chance, &mut sign_in.platform, &platforms);
    let addresses = ["203.0.113.8", "198.51.100.1", "2001:db8:7::1"].map(|it| it.parse().unwrap());
    fill(chance, &mut sign_in.ip, &addresses);
    let countries = ["GB", "FR", ""].map(str::to_owned);
    fill(chance, &mut sign_in.country, &countries);
    fill(chance, &mut sign_in.gps_country, &countries);
    fill_device(&mut sign_in.device, chance);
    let levels = [RiskLevel::None, RiskLevel::Low, RiskLevel::High];
    fill(chance, &mut sign_in.risk.sign_in, &levels);
    fill(chance, &mut sign_in.risk.user, &levels);
    fill(chance, &mut sign_in.risk.insider, &[InsiderRisk::None, InsiderRisk::Elevated]);
    fill(chance, &mut sign_in.risk.service_principal, &levels);
    let is_external = tenant.users.iter().any(|user| user.kind != Some(UserType::Member));
    fill_session(&mut sign_in.session, is_external, chance);
    let terms = "00000000-0000-4000-d000-000000000001".to_owned();
    fill(chance, &mut sign_in.terms_accepted, &[Vec::new(), vec![terms]]);
    fill(chance, &mut sign_in.app_protection, &FLAGS);
    fill(chance, &mut sign_in.token_bound, &FLAGS);
}

#[test]
fn facts_that_are_found_out_later() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let cases: Vec<Case> = files
        .iter()
        .flat_map(|file| read_cases(&std::fs::read_to_string(file).unwrap()).cases)
        .collect();
    let mut chance = Chance(7);
    let mut compared = 0_u32;
    let mut told = Vec::new();
    for case in &cases {
        // The sign-ins of other cases meet policies they were not written for.
        let others = cases.iter().skip(chance.below(17)).step_by(17);
        for asked in std::iter::once(case).chain(others) {
            let set = PolicySet::of(&case.policies, &case.tenant);
            let before = set.evaluate(&asked.sign_in, &asked.registration);
            if before.verdict == Verdict::Unknown {
                continue;
            }
            for _ in 0..ROUNDS {
                let mut tenant = case.tenant.clone();
                fill_tenant(&mut tenant, asked, &mut chance);
                let mut sign_in = asked.sign_in.clone();
                fill_sign_in(&mut sign_in, &tenant, &mut chance);
                let mut registration: Registration = asked.registration.clone();
                let usable = methods(&mut chance);
                fill(&mut chance, &mut registration.usable, &[usable]);
                let set = PolicySet::of(&case.policies, &tenant);
                let after = set.evaluate(&sign_in, &registration);
                compared += 1;
                if after.verdict != before.verdict {
                    told.push(format!(
                        "policies of `{}`, sign-in of `{}`: {} became {} ({:?})\n",
                        case.id, asked.id, before.verdict, after.verdict, after.unknown
                    ));
                    break;
                }
            }
        }
    }
    assert!(told.is_empty(), "{}\n{}", told.len(), told.concat());
    assert!(compared > 10_000, "{compared}");
}
