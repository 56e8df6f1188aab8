//! The lists the service knows: where their objects stand and how they are paged.

use crate::documents::Collection;

/// A list of objects, or one object that stands alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Users,
    Groups,
    RoleDefinitions,
    RoleAssignments,
    RoleAssignmentInstances,
    RoleEligibilities,
    AdministrativeUnits,
    Organization,
    Domains,
    SubscribedSkus,
    Policies,
    DeletedPolicies,
    NamedLocations,
    Strengths,
    SecurityDefaults,
    MethodsPolicy,
    CrossTenantDefault,
    DeviceRegistration,
    Methods,
    Requirements,
    Registrations,
    Audits,
    Alerts,
    Issues,
    ManagedDevices,
    Devices,
    Rooms,
    RiskyUsers,
    /// Members of a group, and other mixed lists of directory objects.
    Members,
}

/// How many objects stand on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paging {
    /// Without `$top`.
    pub(super) usual: usize,
    /// The largest `$top`.
    pub(super) most: usize,
    /// `$skip` is known.
    pub(super) skips: bool,
}

impl Place {
    /// Where the objects stand. `id` is what the address names before the list.
    pub(super) fn collection(self, id: &str) -> Collection {
        match self {
            Self::Users => Collection::Users,
            Self::Groups => Collection::Groups,
            Self::RoleDefinitions => Collection::RoleDefinitions,
            Self::RoleAssignments | Self::RoleAssignmentInstances => Collection::RoleAssignments,
            Self::RoleEligibilities => Collection::RoleEligibilities,
            Self::AdministrativeUnits => Collection::AdministrativeUnits,
            Self::Organization => Collection::Organization,
            Self::Domains => Collection::Domains,
            Self::SubscribedSkus => Collection::SubscribedSkus,
            Self::Policies => Collection::Policies,
            Self::DeletedPolicies => Collection::DeletedPolicies,
            Self::NamedLocations => Collection::NamedLocations,
            Self::Strengths => Collection::AuthenticationStrengths,
            Self::SecurityDefaults => Collection::SecurityDefaults,
            Self::MethodsPolicy => Collection::MethodsPolicy,
            Self::CrossTenantDefault => Collection::CrossTenantDefault,
            Self::DeviceRegistration => Collection::DeviceRegistrationPolicy,
            Self::Methods => Collection::AuthenticationMethods(id.to_owned()),
            Self::Requirements => Collection::Requirements(id.to_owned()),
            Self::Registrations => Collection::RegistrationDetails,
            Self::Audits => Collection::DirectoryAudits,
            Self::Alerts => Collection::Alerts,
            Self::Issues => Collection::ServiceIssues,
            Self::ManagedDevices => Collection::ManagedDevices,
            Self::Devices => Collection::Devices,
            Self::Rooms => Collection::Rooms,
            Self::RiskyUsers => Collection::RiskyUsers,
            Self::Members => Collection::GroupMembers(id.to_owned()),
        }
    }

    /// Page sizes of the documentation; 1,000 where it names none.
    pub(super) const fn paging(self) -> Paging {
        let (usual, most) = match self {
            Self::Users | Self::Groups | Self::Devices | Self::Members => (100, 999),
            Self::Rooms => (100, 100),
            Self::RiskyUsers => (100, 500),
            Self::Issues => (100, 1000),
            _ => (1000, 1000),
        };
        let skips = matches!(
            self,
            Self::Policies | Self::NamedLocations | Self::Alerts | Self::Rooms | Self::Issues
        );
        Paging { usual, most, skips }
    }

    /// A list of directory objects: some filters need `ConsistencyLevel: eventual` here.
    pub(super) const fn is_directory(self) -> bool {
        matches!(
            self,
            Self::Users | Self::Groups | Self::Devices | Self::AdministrativeUnits | Self::Members
        )
    }

    /// `$count` is answered without `ConsistencyLevel`.
    pub(super) const fn counts_plainly(self) -> bool {
        matches!(
            self,
            Self::Policies | Self::NamedLocations | Self::Alerts | Self::Issues | Self::Rooms
        )
    }

    /// The last object written comes first.
    pub(super) const fn newest_first(self) -> bool {
        matches!(self, Self::Audits | Self::Alerts)
    }

    /// `@odata.type` of the objects, without `#microsoft.graph.`.
    pub(super) const fn type_name(self) -> &'static str {
        match self {
            Self::Users => "user",
            Self::Groups => "group",
            Self::Devices => "device",
            Self::AdministrativeUnits => "administrativeUnit",
            Self::Members => "directoryObject",
            _ => "entity",
        }
    }
}
