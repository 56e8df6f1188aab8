//! What somebody does because they were asked to: a tester of the pilot, a custodian of a key.

use jiff::Timestamp;
use serde_json::json;

use super::apps::{Client, HOME, OUTLOOK_MOBILE, PORTAL};
use super::calendar::Day;
use super::moments::{Moment, Place, Slot};
use super::object::{object, time};
use super::person::{Kind, Person};
use super::show::about;
use super::{Change, Initiator, World};
use crate::documents::Collection;

/// A device somebody is asked to sign in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Device {
    /// The firm's computer they have, enrolled if theirs is.
    Desktop,
    /// Their phone.
    Phone,
    /// A computer of their own that is registered with the tenant and not managed by it.
    Personal,
    /// A computer the tenant knows nothing of.
    Unenrolled,
}

/// A sign-in somebody was asked to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Errand {
    /// Seconds since 1970.
    pub(crate) second: i64,
    pub(crate) with: Device,
}

impl World {
    /// Somebody signs in at a time, from a fresh session: whoever may be asked for MFA is asked, and
    /// passes if they can. Tells whether there is such an account.
    pub fn ask_to_sign_in(&mut self, name: &str, with: Device, at: Timestamp) -> bool {
        self.live_until(at);
        let Some(account) = self.account_named(name, at) else { return false };
        let Some(person) = self.people.get_mut(account) else { return false };
        person.errands.push(Errand { second: at.as_second(), with });
        person.never_seen = false;
        self.agenda = None;
        self.cache.forget();
        true
    }

    /// Somebody registers a method at a time: a person what suits them, an account made through
    /// Graph a security key. Tells whether there is such an account.
    pub fn ask_to_register(&mut self, name: &str, at: Timestamp) -> bool {
        self.live_until(at);
        let Some(account) = self.account_named(name, at) else { return false };
        let Some(person) = self.people.get(account) else { return false };
        if person.kind != Kind::Made {
            self.register(account, at);
            return true;
        }
        let id = about(person).for_purpose("key").about(u64::try_from(at.as_second()).unwrap_or(0));
        let key = object(security_key(&id.guid().to_string(), at));
        let within = Collection::AuthenticationMethods(person.id.to_string());
        let by = Initiator { name: name.to_owned(), is_app: false };
        self.change(Change::Create(within, key), &by, at);
        true
    }

    /// Sign-ins on a day that somebody was asked to make.
    pub(crate) fn errands_of(&self, person: &Person, day: Day) -> Vec<Moment> {
        let on_day = person.errands.iter().map(|it| (it.second - day.begins, it.with));
        on_day
            .filter(|(second, _)| (0..86_400).contains(second))
            .map(|(second, with)| {
                let (slot, app, client) = match with {
                    Device::Desktop => (Slot::Computer, HOME, Client::Browser),
                    Device::Phone => (Slot::Phone, OUTLOOK_MOBILE, Client::Modern),
                    Device::Personal => (Slot::Own, HOME, Client::Browser),
                    // Who administers nothing but an emergency goes where one administers.
                    Device::Unenrolled if person.kind == Kind::Made => {
                        (Slot::Other, PORTAL, Client::Browser)
                    }
                    Device::Unenrolled => (Slot::Other, HOME, Client::Browser),
                };
                let second = u32::try_from(second).unwrap_or(0);
                Moment {
                    second,
                    slot,
                    app,
                    client,
                    interactive: true,
                    place: Place::Office,
                    asked_to: true,
                    key: about(person).for_purpose("drill").about(u64::from(second)).key(),
                }
            })
            .collect()
    }
}

/// A security key as Graph shows it.
pub(crate) fn security_key(id: &str, at: Timestamp) -> serde_json::Value {
    json!({
        "@odata.type": "#microsoft.graph.fido2AuthenticationMethod",
        "id": id,
        "createdDateTime": time(at),
        "displayName": "Safe",
        "aaGuid": "2fc0579f-8113-47ea-b116-bb5a8db9202a",
        "model": "Security key with NFC",
        "attestationCertificates": [],
        "attestationLevel": "attested",
        "passkeyType": "deviceBound",
    })
}
