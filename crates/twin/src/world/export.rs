//! The tenant as an administrator would download it: files of Graph JSON.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::calendar::days;
use super::object::text;
use super::{Kinds, World};
use crate::documents::Collection;

/// How many sign-ins are held at a time.
const PAGE: usize = 1000;

/// Collections that go to a file as they are: folder, file, address behind `$metadata#`.
const FILES: [(&str, &str, &str, Collection); 14] = [
    ("directory", "users.json", "users", Collection::Users),
    (
        "directory",
        "role-definitions.json",
        "roleManagement/directory/roleDefinitions",
        Collection::RoleDefinitions,
    ),
    (
        "directory",
        "role-assignments.json",
        "roleManagement/directory/roleAssignments",
        Collection::RoleAssignments,
    ),
    ("directory", "organization.json", "organization", Collection::Organization),
    ("directory", "domains.json", "domains", Collection::Domains),
    ("directory", "subscribed-skus.json", "subscribedSkus", Collection::SubscribedSkus),
    ("directory", "devices.json", "devices", Collection::Devices),
    (
        "directory",
        "managed-devices.json",
        "deviceManagement/managedDevices",
        Collection::ManagedDevices,
    ),
    (
        "registration",
        "userRegistrationDetails.json",
        "reports/authenticationMethods/userRegistrationDetails",
        Collection::RegistrationDetails,
    ),
    (
        "policies",
        "conditional-access-policies.json",
        "identity/conditionalAccess/policies",
        Collection::Policies,
    ),
    (
        "policies",
        "named-locations.json",
        "identity/conditionalAccess/namedLocations",
        Collection::NamedLocations,
    ),
    (
        "policies",
        "authentication-strengths.json",
        "policies/authenticationStrengthPolicies",
        Collection::AuthenticationStrengths,
    ),
    ("audits", "directoryAudits.json", "auditLogs/directoryAudits", Collection::DirectoryAudits),
    (
        "operations",
        "service-issues.json",
        "admin/serviceAnnouncement/issues",
        Collection::ServiceIssues,
    ),
];

/// Settings of one object each.
const SINGLE: [(&str, &str, Collection); 4] = [
    (
        "security-defaults.json",
        "policies/identitySecurityDefaultsEnforcementPolicy",
        Collection::SecurityDefaults,
    ),
    (
        "authentication-methods-policy.json",
        "policies/authenticationMethodsPolicy",
        Collection::MethodsPolicy,
    ),
    (
        "cross-tenant-access.json",
        "policies/crossTenantAccessPolicy/default",
        Collection::CrossTenantDefault,
    ),
    (
        "device-registration.json",
        "policies/deviceRegistrationPolicy",
        Collection::DeviceRegistrationPolicy,
    ),
];

/// A JSON array written item by item.
struct Items<W: Write> {
    into: W,
    count: usize,
}

impl<W: Write> Items<W> {
    fn put(&mut self, item: &Map<String, Value>) -> io::Result<()> {
        self.into.write_all(if self.count == 0 { b"\n" } else { b",\n" })?;
        self.count += 1;
        serde_json::to_writer(&mut self.into, item).map_err(io::Error::from)
    }
}

fn context(address: &str) -> String {
    format!("https://graph.microsoft.com/beta/$metadata#{address}")
}

impl World {
    /// Writes the tenant as of a time, with so many days of sign-ins before it, as files an
    /// administrator could have downloaded.
    ///
    /// # Errors
    /// When a file or folder cannot be written.
    pub fn export(&self, folder: &Path, as_of: Timestamp, days_back: u32) -> io::Result<()> {
        for (group, file, address, within) in FILES {
            self.write_list(&folder.join(group), file, address, |items| {
                for place in 0..self.count(&within, as_of) {
                    if let Some(item) = self.item(&within, place, as_of) {
                        items.put(&item)?;
                    }
                }
                Ok(())
            })?;
        }
        self.write_list(&folder.join("directory"), "groups.json", "groups", |items| {
            for (_, group) in self.documents.list(&Collection::Groups, as_of) {
                items.put(&self.with_members(group, as_of))?;
            }
            Ok(())
        })?;
        for (file, address, within) in SINGLE {
            if let Some(setting) = self.item(&within, 0, as_of) {
                let mut shown = Map::new();
                shown.insert("@odata.context".to_owned(), json!(context(address) + "/$entity"));
                shown.extend(setting);
                let file = File::create(make(&folder.join("policies"))?.join(file))?;
                serde_json::to_writer(BufWriter::new(file), &shown)?;
            }
        }
        self.write_one_by_one(folder, as_of)?;
        let begins = days(as_of, -i64::from(days_back));
        self.write_sign_ins(folder, "InteractiveSignIns.json", Kinds::Interactive, begins, as_of)?;
        self.write_sign_ins(
            folder,
            "NonInteractiveSignIns.json",
            Kinds::NonInteractive,
            begins,
            as_of,
        )?;
        self.write_sign_ins(
            folder,
            "ApplicationSignIns.json",
            Kinds::ServicePrincipals,
            begins,
            as_of,
        )
    }

    /// What Graph tells of one user at a time, as a script saves it that asks for everybody: what
    /// each mailbox is for, and the state of per-user MFA; a line each.
    fn write_one_by_one(&self, folder: &Path, as_of: Timestamp) -> io::Result<()> {
        let folder = make(&folder.join("directory"))?.to_owned();
        let lines = |name: &str| File::create(folder.join(name)).map(BufWriter::new);
        let mut purposes = lines("mailbox-purposes.json")?;
        let mut states = lines("per-user-mfa.json")?;
        for place in 0..self.count(&Collection::Users, as_of) {
            let Some(user) = self.item(&Collection::Users, place, as_of) else { continue };
            let Some(id) = text(&user, "id") else { continue };
            if let Some(purpose) = self.mailbox_purpose(id, as_of) {
                writeln!(purposes, "{}", json!({"userId": id, "userPurpose": purpose}))?;
            }
            let state = self.requirements(id, as_of);
            if let Some(state) = state.as_ref().and_then(|it| text(it, "perUserMfaState")) {
                writeln!(states, "{}", json!({"userId": id, "perUserMfaState": state}))?;
            }
        }
        purposes.flush()?;
        states.flush()
    }

    fn with_members(&self, group: &Map<String, Value>, as_of: Timestamp) -> Map<String, Value> {
        let mut shown = group.clone();
        let within = Collection::GroupMembers(text(group, "id").unwrap_or_default().to_owned());
        let members: Vec<Value> = (0..self.count(&within, as_of))
            .filter_map(|place| self.item(&within, place, as_of))
            .map(Value::Object)
            .collect();
        shown.insert("members".to_owned(), members.into());
        shown
    }

    fn write_list(
        &self,
        folder: &Path,
        file: &str,
        address: &str,
        fill: impl FnOnce(&mut Items<BufWriter<File>>) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut into = BufWriter::new(File::create(make(folder)?.join(file))?);
        let head = serde_json::to_string(&context(address))?;
        write!(into, "{{\"@odata.context\":{head},\"value\":[")?;
        let mut items = Items { into, count: 0 };
        fill(&mut items)?;
        items.into.write_all(b"\n]}\n")?;
        items.into.flush()
    }

    /// Sign-ins as the portal's JSON download has them: one array, no envelope.
    fn write_sign_ins(
        &self,
        folder: &Path,
        file: &str,
        kinds: Kinds,
        begins: Timestamp,
        as_of: Timestamp,
    ) -> io::Result<()> {
        let file = File::create(make(&folder.join("sign-ins"))?.join(file))?;
        let mut items = Items { into: BufWriter::new(file), count: 0 };
        items.into.write_all(b"[")?;
        let mut from = None;
        loop {
            let (rows, next) = self.sign_ins(kinds, begins..as_of, as_of, from, PAGE);
            for row in &rows {
                items.put(row)?;
            }
            match next {
                Some(next) => from = Some(next),
                None => break,
            }
        }
        items.into.write_all(b"\n]\n")?;
        items.into.flush()
    }
}

fn make(folder: &Path) -> io::Result<&Path> {
    fs::create_dir_all(folder)?;
    Ok(folder)
}
