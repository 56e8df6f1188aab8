//! A tenant read from exported files.
//!
//! Records come in any order of files and each is recognised by what it holds: Graph JSON, the
//! JSON of PowerShell, rows of Log Analytics, envelopes of diagnostic settings, CSV of the portal.
//! Copies of one object are made one at the end, so the snapshot does not depend on that order.

mod audits;
mod context;
mod groups;
mod mailboxes;
mod merge;
mod methods;
mod object;
mod policies;
mod recognise;
mod registration;
mod roles;
mod table;
mod tenant;
mod users;

use std::collections::BTreeMap;

use conditional_access::{NamedLocation, Policy};
use jiff::Timestamp;
use records::time::DateOrder;
use records::{Offer, Record};
use rollout::{
    AuditEvent, AuthenticationStrength, Domain, Group, Mailbox, MethodConfiguration, MethodsPolicy,
    Registration, RiskyUser, RoleAssignment, ServiceIssue, Sku, Snapshot, Tenant, User,
};
use serde_json::{Map, Value};

use context::Context;
use merge::Stated;
use object::{Broken, Object, Read};
use recognise::{Kind, Noted, listed, recognise};

use crate::graph::Manifest;

/// Lists that dumps of a whole tenant nest under these names.
const NESTED_LISTS: [&str; 6] =
    ["value", "conditionalAccessPolicies", "policies", "namedLocations", "users", "groups"];

/// Properties Log Analytics and CSV write as JSON in a text.
const JSON_IN_TEXT: [&str; 4] =
    ["initiatedBy", "targetResources", "properties", "additionalDetails"];

/// Collects a snapshot from records, in any order of files.
#[derive(Debug, Default)]
pub struct Collector {
    counts: BTreeMap<&'static str, u64>,
    columns: table::Columns,
    users: Option<Vec<User>>,
    user_details: Vec<methods::UserMethods>,
    groups: Option<Vec<Group>>,
    roles: Option<Vec<RoleAssignment>>,
    role_definitions: Vec<roles::Definition>,
    registrations: Option<Vec<Registration>>,
    mailboxes: Option<Vec<Mailbox>>,
    audits: Option<Vec<AuditEvent>>,
    policies: Option<Vec<Policy>>,
    named_locations: Option<Vec<(Option<Timestamp>, NamedLocation)>>,
    security_defaults: Stated<bool>,
    methods_policies: Vec<(Option<Timestamp>, MethodsPolicy)>,
    method_configurations: Vec<MethodConfiguration>,
    skus: Option<Vec<Sku>>,
    strengths: Option<Vec<AuthenticationStrength>>,
    risky_users: Option<Vec<RiskyUser>>,
    service_issues: Option<Vec<ServiceIssue>>,
    tenants: Vec<Tenant>,
    domains: Option<Vec<Domain>>,
    device_join_needs_mfa: Stated<bool>,
    inbound_mfa_trusted: Stated<bool>,
    exchange: mailboxes::Settings,
    downloads: Vec<Manifest>,
}

impl Collector {
    /// An empty collector.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Offers one record. `file` is the source's name, used for hints only (never to decide what
    /// a record is).
    pub fn offer(&mut self, record: &Record<'_>, file: &str) -> Offer {
        let _ = file;
        match record {
            Record::EmptyList { context } => {
                let kind = context.and_then(Context::parse).and_then(|context| listed(&context));
                match kind {
                    Some(kind) => self.told_empty(&kind),
                    None => Offer::NotMine,
                }
            }
            Record::Json(json) => match parse(json.bytes) {
                Ok(map) => self.offer_object(map, json.context, DateOrder::default()),
                Err(Broken(reason)) => Offer::Unreadable(reason),
            },
            Record::Csv(row) => {
                let map = self.columns.object(row);
                self.offer_object(map, None, row.date_order)
            }
        }
    }

    /// How many records of each kind were taken, by the kind's name.
    #[must_use]
    pub fn counts(&self) -> &BTreeMap<&'static str, u64> {
        &self.counts
    }

    /// The manifests of downloads through Graph that lay among the files.
    #[must_use]
    pub fn downloads(&self) -> &[Manifest] {
        &self.downloads
    }

    /// The snapshot of everything taken.
    #[must_use]
    pub fn finish(self) -> Snapshot {
        let (registrations, earlier_registrations) = match self.registrations {
            Some(rows) => {
                let (newest, earlier) = registration::finish(rows);
                (Some(newest), earlier)
            }
            None => (None, Vec::new()),
        };
        let details = self.user_details;
        Snapshot {
            tenant: tenant::finish(self.tenants, self.domains),
            users: self.users.map(|users| users::finish(users, details)),
            groups: self.groups.map(groups::finish),
            roles: self.roles.map(|roles| roles::finish(roles, self.role_definitions)),
            registrations,
            mailboxes: self.mailboxes.map(mailboxes::finish),
            audits: self.audits.map(audits::finish),
            policies: self.policies.map(policies::finish),
            named_locations: self.named_locations.map(policies::finish_locations),
            security_defaults: self.security_defaults.agreed(),
            methods_policy: methods::finish(self.methods_policies, self.method_configurations),
            skus: self.skus.map(tenant::finish_skus),
            authentication_strengths: self.strengths.map(one_each),
            risky_users: self.risky_users.map(tenant::finish_risky_users),
            service_issues: self.service_issues.map(one_each),
            earlier_registrations,
            device_join_needs_mfa: self.device_join_needs_mfa.agreed(),
            inbound_mfa_trusted: self.inbound_mfa_trusted.agreed(),
            exchange: self.exchange.finish(),
            refused: self.downloads.iter().flat_map(Manifest::gaps).collect(),
        }
    }

    fn offer_object(
        &mut self,
        mut map: Map<String, Value>,
        page: Option<&str>,
        order: DateOrder,
    ) -> Offer {
        open_texts(&mut map);
        let own = map.get("@odata.context").and_then(Value::as_str).map(str::to_owned);
        let context = own.as_deref().or(page).and_then(Context::parse);
        let value = Value::Object(map);
        let Value::Object(map) = &value else { return Offer::NotMine };
        let object = Object::new(map, order);
        let Some(kind) = recognise(&object, context.as_ref()) else {
            return self.offer_nested(map, own.as_deref().or(page), order);
        };
        match self.take(&kind, &object, &value) {
            Ok(true) => {
                self.count(&kind);
                Offer::Taken
            }
            Ok(false) => Offer::NotMine,
            Err(Broken(reason)) => Offer::Unreadable(format!("{}: {reason}", singular(&kind))),
        }
    }

    /// Objects in a list within this one, as in `{"ConditionalAccessPolicies": […]}`.
    fn offer_nested(
        &mut self,
        map: &Map<String, Value>,
        page: Option<&str>,
        order: DateOrder,
    ) -> Offer {
        let mut answer = Offer::NotMine;
        for (name, value) in map {
            let Value::Array(items) = value else { continue };
            if !NESTED_LISTS.iter().any(|it| it.eq_ignore_ascii_case(name)) {
                continue;
            }
            for item in items {
                let Value::Object(item) = item else { continue };
                match (self.offer_object(item.clone(), page, order), &answer) {
                    (Offer::Unreadable(reason), _) => answer = Offer::Unreadable(reason),
                    (Offer::Taken, Offer::NotMine) => answer = Offer::Taken,
                    _ => {}
                }
            }
        }
        answer
    }

    /// Reads an object of a known kind and keeps it. False when it turns out to say nothing.
    fn take(&mut self, kind: &Kind, object: &Object<'_>, value: &Value) -> Read<bool> {
        match kind {
            Kind::User => push(&mut self.users, users::read(object)?),
            Kind::Group => push(&mut self.groups, groups::read(object)?),
            Kind::GroupMembers => push(&mut self.groups, groups::read_members_of(object)?),
            Kind::GroupMember(id) => push(&mut self.groups, groups::read_member_of(object, id)?),
            Kind::RoleAssignment { eligible } => {
                push(&mut self.roles, roles::read(object, *eligible)?);
            }
            Kind::DirectoryRole => {
                if let Some(holders) = roles::read_directory_role(object)? {
                    self.roles.get_or_insert_default().extend(holders);
                }
            }
            Kind::RoleDefinition => self.role_definitions.push(roles::read_definition(object)?),
            Kind::Registration => push(&mut self.registrations, registration::read(object)?),
            Kind::Mailbox => push(&mut self.mailboxes, mailboxes::read(object)?),
            Kind::TransportConfig | Kind::OrganizationConfig => self.exchange.take(object)?,
            Kind::Audit => {
                let event = audits::read(object)?;
                self.audits.get_or_insert_default().extend(event);
            }
            Kind::Policy => push(&mut self.policies, policies::read(value)?),
            Kind::NamedLocation => {
                push(&mut self.named_locations, policies::read_location(value, object)?);
            }
            Kind::UserMethods
            | Kind::PerUserMfa(_)
            | Kind::UserMethod(_)
            | Kind::MailboxPurpose => self.user_details.push(read_detail(kind, object)?),
            Kind::Download => self.downloads.push(read_download(value)?),
            Kind::Noted(_) => {}
            _ => return self.take_tenant(kind, object),
        }
        Ok(true)
    }

    /// The kinds of which a tenant has one or a few.
    fn take_tenant(&mut self, kind: &Kind, object: &Object<'_>) -> Read<bool> {
        match kind {
            Kind::SecurityDefaults => self.security_defaults.add(object.flag("isEnabled")?),
            Kind::MethodsPolicy => self.methods_policies.push(methods::read_policy(object)?),
            Kind::MethodConfiguration => {
                self.method_configurations.push(methods::read_configuration(object)?);
            }
            Kind::Sku => push(&mut self.skus, tenant::read_sku(object)?),
            Kind::Organization => self.tenants.push(tenant::read_organization(object)?),
            Kind::Domain => {
                let domain = tenant::read_domain(object)?;
                self.domains.get_or_insert_default().extend(domain);
            }
            Kind::DeviceRegistrationPolicy => {
                let setting = object.lower("multiFactorAuthConfiguration")?;
                self.device_join_needs_mfa.add(match setting.as_deref() {
                    Some("required" | "1") => Some(true),
                    Some("notrequired" | "0") => Some(false),
                    Some(_) | None => None,
                });
            }
            Kind::CrossTenantDefault => {
                let trust = object.object("inboundTrust")?;
                let accepted = match trust {
                    Some(trust) => trust.flag("isMfaAccepted")?,
                    None => None,
                };
                self.inbound_mfa_trusted.add(accepted);
            }
            Kind::AuthenticationStrength => {
                push(&mut self.strengths, methods::read_strength(object)?);
            }
            Kind::RiskyUser => push(&mut self.risky_users, tenant::read_risky_user(object)?),
            Kind::ServiceIssue => push(&mut self.service_issues, tenant::read_issue(object)?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// A list without elements says that there is none.
    fn told_empty(&mut self, kind: &Kind) -> Offer {
        match kind {
            Kind::User => told(&mut self.users),
            Kind::Group => told(&mut self.groups),
            Kind::GroupMember(id) => {
                let group = Group {
                    id: Some(id.to_lowercase()),
                    members: Some(Vec::new()),
                    ..Group::default()
                };
                push(&mut self.groups, group);
            }
            // No eligible assignments say nothing of the active ones.
            Kind::RoleAssignment { eligible: false } | Kind::DirectoryRole => {
                told(&mut self.roles);
            }
            Kind::Registration => told(&mut self.registrations),
            Kind::Audit => told(&mut self.audits),
            Kind::Policy => told(&mut self.policies),
            Kind::NamedLocation => told(&mut self.named_locations),
            Kind::Sku => told(&mut self.skus),
            Kind::Domain => told(&mut self.domains),
            Kind::AuthenticationStrength => told(&mut self.strengths),
            Kind::RiskyUser => told(&mut self.risky_users),
            Kind::ServiceIssue => told(&mut self.service_issues),
            Kind::UserMethod(owner) => self.user_details.push(methods::UserMethods {
                account: methods::named(owner),
                methods: Some(Vec::new()),
                ..methods::UserMethods::default()
            }),
            _ => {}
        }
        Offer::Taken
    }

    fn count(&mut self, kind: &Kind) {
        let counted = self.counts.entry(plural(kind)).or_default();
        *counted = counted.saturating_add(1);
    }
}

fn read_detail(kind: &Kind, object: &Object<'_>) -> Read<methods::UserMethods> {
    match kind {
        Kind::UserMethod(owner) => Ok(methods::UserMethods {
            account: methods::named(owner),
            methods: Some(vec![methods::read_method(object)?]),
            ..methods::UserMethods::default()
        }),
        Kind::MailboxPurpose => Ok(methods::UserMethods {
            account: methods::owner(object)?,
            mailbox_purpose: object.lower("userPurpose")?,
            ..methods::UserMethods::default()
        }),
        Kind::PerUserMfa(owner) => methods::read_user_methods(object, owner.as_deref()),
        _ => methods::read_user_methods(object, None),
    }
}

fn read_download(value: &Value) -> Read<Manifest> {
    serde_json::from_value(value.clone())
        .map_err(|error| Broken(format!("it is of another version of lockstep: {error}")))
}

fn told<T>(list: &mut Option<Vec<T>>) {
    list.get_or_insert_default();
}

fn push<T>(list: &mut Option<Vec<T>>, item: T) {
    list.get_or_insert_default().push(item);
}

fn one_each<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort();
    items.dedup();
    items
}

/// The object a record's bytes hold. Examples in documentation carry trailing commas.
fn parse(bytes: &[u8]) -> Read<Map<String, Value>> {
    let first = match serde_json::from_slice(bytes) {
        Ok(map) => return Ok(map),
        Err(error) => error,
    };
    records::without_trailing_commas(bytes)
        .and_then(|repaired| serde_json::from_slice(&repaired).ok())
        .ok_or_else(|| Broken(format!("it is not valid JSON: {first}")))
}

fn open_texts(map: &mut Map<String, Value>) {
    for (name, value) in map.iter_mut() {
        let Value::String(text) = value else { continue };
        let opens = text.trim_start().starts_with(['{', '[']);
        if opens
            && JSON_IN_TEXT.iter().any(|it| it.eq_ignore_ascii_case(name))
            && let Ok(opened) = serde_json::from_str(text)
        {
            *value = opened;
        }
    }
}

/// What one record of a kind is called in a message.
fn singular(kind: &Kind) -> &'static str {
    names(kind).0
}

/// What the records of a kind are called in a count.
fn plural(kind: &Kind) -> &'static str {
    names(kind).1
}

fn names(kind: &Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::User => ("user", "users"),
        Kind::Group => ("group", "groups"),
        Kind::GroupMembers | Kind::GroupMember(_) => ("group members", "group members"),
        Kind::RoleAssignment { .. } => ("role assignment", "role assignments"),
        Kind::DirectoryRole => ("directory role", "directory roles"),
        Kind::RoleDefinition => ("role definition", "role definitions"),
        Kind::Registration => ("registration details", "registration details"),
        Kind::Mailbox => ("mailbox", "mailboxes"),
        Kind::TransportConfig => ("transport configuration", "Exchange settings"),
        Kind::OrganizationConfig => ("organization configuration", "Exchange settings"),
        Kind::Audit => ("directory audit event", "directory audit events"),
        Kind::Policy => ("Conditional Access policy", "Conditional Access policies"),
        Kind::NamedLocation => ("named location", "named locations"),
        Kind::SecurityDefaults => ("security defaults", "security defaults"),
        Kind::MethodsPolicy => ("authentication methods policy", "authentication methods policy"),
        Kind::MethodConfiguration => {
            ("authentication method configuration", "authentication method configurations")
        }
        Kind::Sku => ("subscribed licence", "subscribed licences"),
        Kind::Organization => ("organization", "organization"),
        Kind::Domain => ("domain", "domains"),
        Kind::DeviceRegistrationPolicy => {
            ("device registration policy", "device registration policy")
        }
        Kind::CrossTenantDefault => ("cross-tenant access policy", "cross-tenant access policy"),
        Kind::AuthenticationStrength => ("authentication strength", "authentication strengths"),
        Kind::RiskyUser => ("risky user", "risky users"),
        Kind::ServiceIssue => ("service health issue", "service health issues"),
        Kind::UserMethods | Kind::UserMethod(_) => {
            ("authentication methods of a user", "authentication methods of users")
        }
        Kind::PerUserMfa(_) => ("per-user MFA state", "per-user MFA states"),
        Kind::MailboxPurpose => ("purpose of a mailbox", "purposes of mailboxes"),
        Kind::Download => ("download through Graph", "downloads through Graph"),
        Kind::Noted(noted) => match noted {
            Noted::AdministrativeUnit => ("administrative unit", "administrative units"),
            Noted::Alert => ("alert", "alerts"),
            Noted::Device => ("device", "devices"),
            Noted::ManagedDevice => ("managed device", "managed devices"),
            Noted::Room => ("room", "rooms"),
        },
    }
}
