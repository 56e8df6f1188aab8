//! Whether a policy applies: who, what, with what, from where (sections B to J of the rules).

use conditional_access::facts::{
    AssignmentState, ClientApp, Device, Flow, Identity, InsiderRisk, Platform, Registration,
    RiskLevel, SignIn, Tenant, Trust, User, UserAction, UserType,
};
use conditional_access::{
    ClientAppType, CountryLookup, ExternalTenants, Fact, Filter, NamedLocationKind, Policy,
};

use super::address::in_range;
use super::device_filter::{judge, together, unreadable};
use super::targets::{GRAPH, SHAREPOINT, TEAMS};
use super::three::{No, Tri, Yes, any, joined, known, maybe, seen};

/// One sign-in, and all that is known around it.
pub(crate) struct Scene<'a> {
    pub(crate) policies: &'a [Policy],
    pub(crate) tenant: &'a Tenant,
    pub(crate) registration: &'a Registration,
    pub(crate) sign_in: &'a SignIn,
    pub(crate) user: User,
}

pub(crate) fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

pub(crate) fn lists(list: &[String], word: &str) -> bool {
    list.iter().any(|it| same(it, word))
}

/// R10: where an id is expected, anything else is a word nobody knows.
pub(crate) fn is_id(word: &str) -> bool {
    let parts: Vec<usize> = word.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && word.chars().all(|it| it == '-' || it.is_ascii_hexdigit())
}

pub(crate) fn strange(word: &str) -> Tri {
    maybe(Fact::Unmodelled(word.to_owned()))
}

/// Properties below this path that nobody knows.
pub(crate) fn unknown_below(policy: &Policy, path: &str, handled: &[&str]) -> Tri {
    let below = policy.unmodelled.iter().filter(|it| it.starts_with(path));
    any(below.filter(|it| !handled.iter().any(|known| it.contains(known))).map(|it| strange(it)))
}

/// A list whose words match, do not match, or are not known (R10).
pub(crate) fn one_of<T: PartialEq>(
    words: &[String],
    value: &T,
    read: fn(&str) -> Option<T>,
) -> Tri {
    any(words.iter().map(|word| read(word).map_or_else(|| strange(word), |it| known(it == *value))))
}

pub(crate) fn is_external(kind: UserType) -> bool {
    !matches!(kind, UserType::Member | UserType::InternalGuest)
}

impl Scene<'_> {
    /// R6, R8, R14, R15, R138, R140: everything must match.
    pub(crate) fn applies(&self, policy: &Policy) -> Tri {
        if self.sign_in.identity == Identity::Agent {
            return maybe(Fact::Behaviour("agent"));
        }
        let partial = policy.unmodelled.iter().any(|it| it == "partialEnablementStrategy");
        let whole = if partial { strange("partialEnablementStrategy") } else { Yes };
        let target = self.target(policy);
        whole
            & self.identity(policy)
            & self.devices_and_clients(policy, &target)
            & target
            & self.platform(policy)
            & self.location(policy)
            & self.risks(policy)
            & self.flow(policy)
            & self.unknown_conditions(policy)
    }

    pub(crate) fn identity(&self, policy: &Policy) -> Tri {
        let workload = policy.conditions.client_applications.as_ref();
        let assigned =
            workload.filter(|it| !it.include.is_empty() || it.filter.is_some() || it.agents);
        match (&self.sign_in.identity, assigned) {
            (Identity::User(_), None) => self.users(policy),
            (Identity::ServicePrincipal { id, owned, managed_identity }, Some(assigned)) => {
                // R33 to R35
                // Whether the keyword names a managed identity does not matter: it is never matched.
                let managed = seen(*managed_identity, Fact::ServicePrincipalOwner, |it| it);
                let ours = seen(*owned, Fact::ServicePrincipalOwner, |it| it);
                let named = |words: &[String]| {
                    any(words.iter().map(|word| match word.as_str() {
                        all if same(all, "ServicePrincipalsInMyTenant") => ours.clone(),
                        word if is_id(word) => {
                            seen(id.as_ref(), Fact::Identity, |id| same(id, word))
                        }
                        word => strange(word),
                    }))
                };
                let filter = |mode| self.filter(assigned.filter.as_ref(), mode);
                let included = named(&assigned.include) | filter(true);
                ours.clone() & !managed & included & !(named(&assigned.exclude) | filter(false))
            }
            _ => No,
        }
    }

    /// R35, R47: a filter that nobody can judge, if it has this mode.
    pub(crate) fn filter(&self, filter: Option<&Filter>, include: bool) -> Tri {
        let can = filter.is_some_and(|it| it.include.is_none_or(|mode| mode == include));
        if can { maybe(Fact::Behaviour("a filter by custom security attributes")) } else { No }
    }

    /// R16 to R31, R62, R139
    fn users(&self, policy: &Policy) -> Tri {
        let users = &policy.conditions.users;
        let side = |ids: &[String], groups: &[String], roles: &[String]| {
            any(ids.iter().map(|it| self.user_word(it)))
                | any(groups.iter().map(|it| self.in_group(it)))
                | any(roles.iter().map(|it| self.in_role(it)))
        };
        let unknown = |path| unknown_below(policy, path, &[".externalTenants"]);
        let included = side(&users.include_users, &users.include_groups, &users.include_roles)
            | self.guest(&users.include_guest_types, &users.include_guest_tenants)
            | unknown("conditions.users.include");
        let excluded = side(&users.exclude_users, &users.exclude_groups, &users.exclude_roles)
            | self.guest(&users.exclude_guest_types, &users.exclude_guest_tenants)
            | unknown("conditions.users.exclude");
        // R62
        let types = &policy.conditions.client_app_types;
        let names_sync = types.contains(&ClientAppType::ExchangeActiveSync)
            || types.contains(&ClientAppType::EasSupported);
        let by_kind = !users.include_roles.is_empty()
            || !users.include_guest_types.is_empty()
            || lists(&users.include_users, "GuestsOrExternalUsers");
        let is_sync = seen(self.sign_in.client_app, Fact::ClientApp, |it| {
            it == ClientApp::ExchangeActiveSync
        });
        let reached = known(names_sync && by_kind) & is_sync & maybe(Fact::Behaviour("ActiveSync"));
        (included | reached) & !excluded
    }

    fn user_word(&self, word: &str) -> Tri {
        match word.to_lowercase().as_str() {
            "all" => Yes,
            "none" => No,
            "guestsorexternalusers" => {
                self.guest(&UserType::KINDS.map(|(_, name)| name.to_owned()), &ExternalTenants::All)
            }
            id if is_id(id) => self.is_user(id),
            other => strange(other),
        }
    }

    fn is_user(&self, id: &str) -> Tri {
        match &self.sign_in.identity {
            Identity::User(own) => seen(own.as_ref(), Fact::Identity, |own| same(own, id)),
            _ => No,
        }
    }

    /// R20 to R22
    fn in_group(&self, group: &str) -> Tri {
        if !is_id(group) {
            return strange(group);
        }
        // R151: a change on its way may have arrived or not.
        let changed = &self.tenant.changed_memberships;
        let read = |arrived| self.in_group_if(group, arrived);
        if changed.is_empty() {
            return read(false);
        }
        joined([read(false), read(true)], Fact::GroupMembers(group.to_owned()))
    }

    fn in_group_if(&self, group: &str, arrived: bool) -> Tri {
        let changed = &self.tenant.changed_memberships;
        let (mut reached, mut at, mut member) = (vec![group.to_lowercase()], 0, No);
        while let Some(id) = reached.get(at).cloned() {
            at += 1;
            match self.tenant.groups.iter().find(|it| same(&it.id, &id)).map(|it| &it.members) {
                Some(Some(members)) => {
                    member = member | self.is_user("");
                    let changed = changed.iter().filter(|it| same(&it.group, &id));
                    let changed: Vec<_> = changed.map(|it| it.member.to_lowercase()).collect();
                    let mut members: Vec<_> = members.iter().map(|it| it.to_lowercase()).collect();
                    members.retain(|it| !changed.contains(it));
                    members.extend(changed.into_iter().filter(|_| arrived));
                    for id in members {
                        if !reached.contains(&id) {
                            reached.push(id);
                        }
                    }
                }
                Some(None) => member = member | maybe(Fact::GroupMembers(id)),
                None => {
                    let is_user = self.tenant.users.iter().any(|it| same(&it.id, &id));
                    let unseen = known(self.tenant.gaps.groups && !is_user);
                    member = member | known(at > 1) & self.is_user(&id);
                    member = member | unseen & maybe(Fact::GroupMembers(id));
                }
            }
        }
        member
    }

    /// R23 to R26
    pub(crate) fn in_role(&self, role: &str) -> Tri {
        if !is_id(role) {
            return strange(role);
        }
        let holds = self.tenant.roles.iter().filter(|it| same(&it.role, role) && !it.custom);
        let active = any(holds.map(|it| {
            let unsure = || Fact::RoleAssignment(role.to_owned());
            let in_force = seen(it.scope.as_ref(), unsure(), |scope| scope.as_str() == "/")
                & seen(it.state, unsure(), |state| state == AssignmentState::Active);
            in_force & (self.is_user(&it.principal) | self.in_group(&it.principal))
        }));
        active | known(self.tenant.gaps.roles) & maybe(Fact::Roles)
    }

    /// The kinds of user this may be (R120). Who has an object in the directory did not come by
    /// direct connect (R32).
    pub(crate) fn kinds(&self) -> Vec<UserType> {
        let mut kinds = vec![UserType::InternalGuest, UserType::B2bCollaborationGuest];
        match self.user.kind {
            Some(UserType::Guest) => {}
            Some(kind) => kinds = vec![kind],
            None => kinds.push(UserType::Member),
        }
        if self.user.id.is_empty() {
            kinds.push(UserType::B2bDirectConnectUser);
        }
        kinds
    }

    /// R18, R27 to R29
    fn guest(&self, types: &[String], tenants: &ExternalTenants) -> Tri {
        let collaboration = [UserType::B2bCollaborationGuest, UserType::B2bCollaborationMember];
        let named: Vec<_> = types.iter().filter_map(|it| UserType::of_word(it)).collect();
        let direct = named.contains(&UserType::B2bDirectConnectUser);
        let both = collaboration.iter().any(|it| named.contains(it));
        if types.is_empty() {
            return No;
        }
        let blurred = match self.requested() {
            None => maybe(Fact::Resources),
            Some(apps) if lists(apps, GRAPH) && self.sign_in.audiences.is_empty() => {
                maybe(Fact::MicrosoftGraph)
            }
            Some(apps) => {
                known(lists(apps, TEAMS) || lists(apps, SHAREPOINT))
                    & maybe(Fact::Behaviour("Teams"))
            }
        };
        let Some(kind) = self.user.kind else { return maybe(Fact::UserType) };
        let blur = collaboration.contains(&kind) && direct && !both
            || kind == UserType::B2bDirectConnectUser && both && !direct;
        let all_six = UserType::KINDS.iter().all(|(kind, _)| named.contains(kind));
        let of_kind = match kind {
            UserType::Member => No,
            UserType::Guest if all_six => Yes,
            UserType::Guest => maybe(Fact::UserType),
            kind => one_of(types, &kind, UserType::of_word) | known(blur) & blurred,
        };
        let from = match tenants {
            ExternalTenants::All => Yes,
            ExternalTenants::Unreadable => strange("externalTenants"),
            ExternalTenants::Enumerated(_) if kind == UserType::InternalGuest => {
                maybe(Fact::Behaviour("internal guests and tenants"))
            }
            ExternalTenants::Enumerated(tenants) => {
                seen(self.user.home_tenant.as_ref(), Fact::HomeTenant, |it| lists(tenants, it))
            }
        };
        of_kind & from
    }

    /// R53, R58 to R61, R79, R87
    fn devices_and_clients(&self, policy: &Policy, target: &Tri) -> Tri {
        let conditions = &policy.conditions;
        let (types, filter) = (&conditions.client_app_types, conditions.device_filter.as_ref());
        let any_client = types.is_empty() || types.contains(&ClientAppType::All);
        if self.registers_device(policy) && *target != No {
            let unsure = filter.is_some() || !any_client;
            return if unsure { maybe(Fact::Behaviour("registering a device")) } else { Yes };
        }
        let client =
            |wanted: ClientApp| seen(self.sign_in.client_app, Fact::ClientApp, |it| it == wanted);
        let supported = [Platform::Android, Platform::Ios, Platform::Windows];
        let client = any(types.iter().map(|kind| match kind {
            ClientAppType::All => Yes,
            ClientAppType::Browser => client(ClientApp::Browser),
            ClientAppType::MobileAppsAndDesktopClients => {
                client(ClientApp::MobileAppsAndDesktopClients)
            }
            ClientAppType::ExchangeActiveSync => client(ClientApp::ExchangeActiveSync),
            ClientAppType::Other => client(ClientApp::Other),
            // Which platform matters only for who is known to use ActiveSync.
            ClientAppType::EasSupported => match client(ClientApp::ExchangeActiveSync) {
                Yes => seen(self.sign_in.platform, Fact::Platform, |it| supported.contains(&it)),
                other => other,
            },
            ClientAppType::Unmodelled(word) => strange(word),
        }));
        (known(types.is_empty()) | client) & filter.map_or(Yes, |filter| self.device_filter(filter))
    }

    /// R53: the policy is for registering devices, and this sign-in may be that.
    pub(crate) fn registers_device(&self, policy: &Policy) -> bool {
        let may_be = matches!(self.sign_in.user_action, None | Some(UserAction::RegisterDevice));
        may_be && self.action(policy) != No
    }

    /// R79, R81, R83, R145
    fn device_filter(&self, filter: &Filter) -> Tri {
        let read = |device: Option<&Device>| judge(&filter.rule, device).unwrap_or_else(unreadable);
        let own = match &self.sign_in.device {
            None if judge(&filter.rule, None).is_none() => unreadable(),
            None => maybe(Fact::Device),
            Some(device) => match device.is_registered() {
                Some(false) => read(None),
                Some(true) => read(Some(device)),
                None => together(read(None), read(Some(device))),
            },
        };
        let trusted = self.trusts(|it| it.compliant) | self.trusts(|it| it.hybrid);
        let rule = joined(
            self.kinds().into_iter().map(|kind| match &trusted {
                No if is_external(kind) => read(None),
                Tri::Maybe(_) if is_external(kind) => {
                    joined([own.clone(), read(None)], Fact::CrossTenantTrust)
                }
                _ => own.clone(),
            }),
            Fact::UserType,
        );
        match filter.include {
            Some(true) => rule,
            Some(false) => !rule,
            None => unreadable(),
        }
    }

    /// Section L: whether a claim of the person's home tenant is trusted.
    pub(crate) fn trusts(&self, claim: fn(&Trust) -> Option<bool>) -> Tri {
        let (settings, home) = (&self.tenant.cross_tenant, self.user.home_tenant.as_ref());
        let of = |trust| seen(claim(trust), Fact::CrossTenantTrust, |it| it);
        let own = settings.tenants.iter().filter(|(id, _)| home.is_none_or(|home| same(home, id)));
        let own: Vec<Tri> = own.map(|(_, trust)| of(trust)).collect();
        let fallback = (home.is_none() || own.is_empty()).then(|| of(&settings.default));
        joined(own.into_iter().chain(fallback), Fact::HomeTenant)
    }

    /// R8: an include list, and an exclude list that wins.
    fn sides(include: &[String], exclude: &[String], matches: impl Fn(&str) -> Tri) -> Tri {
        let side = |words: &[String]| any(words.iter().map(|word| matches(word)));
        match (include.is_empty(), exclude.is_empty()) {
            (true, true) => Yes,
            (true, false) => !side(exclude) & maybe(Fact::Behaviour("nothing included")),
            (false, _) => side(include) & !side(exclude),
        }
    }

    /// R68 to R70
    fn platform(&self, policy: &Policy) -> Tri {
        let Some(platforms) = &policy.conditions.platforms else { return Yes };
        Self::sides(&platforms.include, &platforms.exclude, |word| match Platform::of_word(word) {
            _ if same(word, "all") => Yes,
            Some(platform) => seen(self.sign_in.platform, Fact::Platform, |it| it == platform),
            None => strange(word),
        })
    }

    fn location(&self, policy: &Policy) -> Tri {
        let Some(locations) = &policy.conditions.locations else { return Yes };
        Self::sides(&locations.include, &locations.exclude, |word| self.place(word))
    }

    /// R71 to R78
    fn place(&self, word: &str) -> Tri {
        let unsure = || maybe(Fact::Location(word.to_lowercase()));
        let trusted_ips = self.tenant.mfa_trusted_ips.as_ref();
        let trusted_ips =
            trusted_ips.map_or_else(|| maybe(Fact::MfaTrustedIps), |it| self.in_ranges(it, word));
        match word.to_lowercase().as_str() {
            "all" => return Yes,
            "alltrusted" => {
                let ranges = self.tenant.named_locations.iter().filter_map(|it| match &it.kind {
                    NamedLocationKind::Ip { trusted: Some(true), ranges } => {
                        Some(ranges.as_slice())
                    }
                    _ => None,
                });
                return any(ranges.map(|it| self.in_ranges(it, word))) | trusted_ips;
            }
            "00000000-0000-0000-0000-000000000000" => return trusted_ips,
            _ => {}
        }
        let mut places = self.tenant.named_locations.iter();
        let found = places.find(|it| it.id.as_ref().is_some_and(|id| same(id, word)));
        match found.map(|it| &it.kind) {
            Some(NamedLocationKind::Ip { ranges, .. }) if ranges.is_empty() => {
                seen(self.sign_in.ip, Fact::Ip, |_| false)
            }
            Some(NamedLocationKind::Ip { ranges, .. }) => self.in_ranges(ranges, word),
            Some(NamedLocationKind::Country { countries, include_unknown, lookup }) => {
                let (code, fact) = match lookup {
                    CountryLookup::ClientIpAddress => (&self.sign_in.country, Fact::Country),
                    CountryLookup::AuthenticatorAppGps => {
                        (&self.sign_in.gps_country, Fact::GpsCountry)
                    }
                    CountryLookup::Unmodelled(_) => return unsure(),
                };
                seen(code.as_ref(), fact, |it| match it.as_str() {
                    "" => *include_unknown == Some(true),
                    code => lists(countries, code),
                })
            }
            Some(NamedLocationKind::Unmodelled(_)) | None => unsure(),
        }
    }

    fn in_ranges(&self, ranges: &[String], location: &str) -> Tri {
        any(ranges.iter().map(|range| match self.sign_in.ip {
            None => maybe(Fact::Ip),
            Some(ip) => in_range(ip, range)
                .map_or_else(|| maybe(Fact::Location(location.to_lowercase())), known),
        }))
    }

    /// R88 to R92
    fn risks(&self, policy: &Policy) -> Tri {
        fn level<T: PartialEq>(
            words: &[String],
            risk: Option<T>,
            fact: Fact,
            read: fn(&str) -> Option<T>,
        ) -> Tri {
            let asked = risk.map_or_else(|| maybe(fact), |it| one_of(words, &it, read));
            known(words.is_empty()) | asked
        }
        let (asked, risk) = (&policy.conditions, &self.sign_in.risk);
        let read: fn(&str) -> Option<RiskLevel> = RiskLevel::of_word;
        let workload = (&asked.service_principal_risk_levels, risk.service_principal);
        level(&asked.sign_in_risk_levels, risk.sign_in, Fact::SignInRisk, read)
            & level(&asked.user_risk_levels, risk.user, Fact::UserRisk, read)
            & level(workload.0, workload.1, Fact::ServicePrincipalRisk, read)
            & level(
                &asked.insider_risk_levels,
                risk.insider,
                Fact::InsiderRisk,
                InsiderRisk::of_word,
            )
    }

    /// R65
    fn flow(&self, policy: &Policy) -> Tri {
        let words = &policy.conditions.authentication_flows;
        let asked = match self.sign_in.flow {
            None => maybe(Fact::Flow),
            Some(flow) => one_of(words, &flow, |word| match word.to_lowercase().as_str() {
                "devicecodeflow" => Some(Flow::DeviceCodeFlow),
                "authenticationtransfer" => Some(Flow::AuthenticationTransfer),
                _ => None,
            }),
        };
        known(words.is_empty()) | asked
    }

    /// R137: conditions nobody knows. What is read elsewhere is left out.
    fn unknown_conditions(&self, policy: &Policy) -> Tri {
        let elsewhere = [
            "conditions.users.",
            "conditions.applications",
            "conditions.clientApplications",
            "conditions.clientAppTypes.",
            "RiskLevels.",
            "transferMethods.",
        ];
        let none = policy.unmodelled.iter().any(|it| it.ends_with(".transferMethods.none"));
        !(unknown_below(policy, "conditions", &elsewhere)
            | known(none) & strange("transferMethods.none"))
    }
}
