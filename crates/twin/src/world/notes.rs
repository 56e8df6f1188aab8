//! What the operator of the tenant knows and no tenant tells.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::World;
use super::person::Kind;
use super::scenario::BREAK_GLASS_GROUP;
use crate::documents::Collection;

/// Somebody who answers for something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Responsible {
    /// Display name.
    pub name: String,
    /// User principal name.
    pub user_principal_name: String,
    /// Job title.
    pub title: String,
}

/// What an operator would write down before a rollout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes {
    /// The firm.
    pub tenant_name: String,
    /// The domain people sign in with.
    pub domain: String,
    /// IANA time zone of its offices.
    pub time_zone: &'static str,
    /// User principal names of the break-glass accounts that exist.
    pub break_glass: Vec<String>,
    /// Display name of the group that goes first.
    pub pilot_group: &'static str,
    /// Display name of the group of people without a work smartphone.
    pub no_smartphone_group: &'static str,
    /// User principal names of logins several people share.
    pub shared_logins: Vec<String>,
    /// People on leave, with the day they are back.
    pub on_leave: Vec<(String, Date)>,
    /// Who runs IT, then who runs the firm, in the order of the directory.
    pub responsible: Vec<Responsible>,
}

impl World {
    /// What its operator would have written down at a time.
    #[must_use]
    pub fn notes(&self, as_of: Timestamp) -> Notes {
        let domain = self.settings.domain.as_str();
        let names = |kind: Kind| -> Vec<String> {
            let of_kind = self.people.iter().filter(|it| it.kind == kind && it.created <= as_of);
            of_kind.map(|person| person.user_principal_name(domain)).collect()
        };
        let on_leave = self.people.iter().filter_map(|person| {
            let back = person.quiet_until.filter(|back| *back > as_of)?;
            let day = back.to_zoned(TimeZone::UTC).date();
            Some((person.user_principal_name(domain), day))
        });
        Notes {
            tenant_name: self.settings.display_name.clone(),
            domain: domain.to_owned(),
            time_zone: "Europe/London",
            break_glass: self.members_named(BREAK_GLASS_GROUP, as_of),
            pilot_group: "IT team",
            no_smartphone_group: "No smartphone",
            shared_logins: names(Kind::SharedLogin),
            on_leave: on_leave.collect(),
            responsible: [Kind::ItTeam, Kind::Executive]
                .into_iter()
                .flat_map(|kind| self.responsible(kind, as_of))
                .collect(),
        }
    }

    fn responsible(&self, kind: Kind, as_of: Timestamp) -> Vec<Responsible> {
        let of_kind = self.people.iter().enumerate().filter(|(_, it)| it.kind == kind);
        of_kind
            .filter_map(|(account, _)| {
                let user = self.user(account, as_of)?;
                let told = |key: &str| Some(super::object::text(&user, key)?.to_owned());
                Some(Responsible {
                    name: told("displayName")?,
                    user_principal_name: told("userPrincipalName")?,
                    title: told("jobTitle")?,
                })
            })
            .collect()
    }

    /// User principal names of the members of a group of this name.
    #[must_use]
    pub fn members_named(&self, group: &str, as_of: Timestamp) -> Vec<String> {
        let text = |object: &serde_json::Map<String, serde_json::Value>, key: &str| {
            object.get(key).and_then(serde_json::Value::as_str).map(str::to_owned)
        };
        let groups = self.documents.list(&Collection::Groups, as_of);
        let ids = groups
            .filter(|(_, it)| text(it, "displayName").as_deref() == Some(group))
            .map(|(id, _)| id.to_owned());
        ids.flat_map(|id| {
            let within = Collection::GroupMembers(id);
            let members = (0..self.count(&within, as_of))
                .filter_map(|place| text(&self.item(&within, place, as_of)?, "id"));
            members.collect::<Vec<_>>()
        })
        .filter_map(|id| text(&self.find(&Collection::Users, &id, as_of)?, "userPrincipalName"))
        .collect()
    }
}
