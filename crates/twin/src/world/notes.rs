//! What the operator of the tenant knows and no tenant tells.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::World;
use super::person::Kind;
use super::scenario::BREAK_GLASS_GROUP;
use crate::documents::Collection;

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
        }
    }

    /// User principal names of the members of a group of this name.
    fn members_named(&self, group: &str, as_of: Timestamp) -> Vec<String> {
        let text = |object: &serde_json::Map<String, serde_json::Value>, key: &str| {
            object.get(key).and_then(serde_json::Value::as_str).map(str::to_owned)
        };
        let groups = self.documents.list(&Collection::Groups, as_of);
        let ids = groups
            .filter(|(_, it)| text(it, "displayName").as_deref() == Some(group))
            .map(|(id, _)| id.to_owned());
        ids.flat_map(|id| {
            let within = Collection::GroupMembers(id);
            let members = self.documents.list(&within, as_of);
            members.map(|(id, _)| id.to_owned()).collect::<Vec<_>>()
        })
        .filter_map(|id| text(&self.find(&Collection::Users, &id, as_of)?, "userPrincipalName"))
        .collect()
    }
}
