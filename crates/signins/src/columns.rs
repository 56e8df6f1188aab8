//! What the columns of a CSV file mean: the three generations of the portal's downloads, their
//! localised names as far as they are known, and exports of Log Analytics tables.

use bumpalo::Bump;
use records::{CsvRow, Header, WrittenCell};

use crate::field::Field;
use crate::json::Reading;
use crate::keys::{Key, Part, key};
use crate::moment::Moments;
use crate::plain_part::Quotes;
use crate::scan::Wanted;

/// What each column of one header means.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    /// Position and meaning of those that are wanted, in order.
    wanted: Vec<(usize, Key)>,
    /// The fields that are wanted, as bits.
    fields: u64,
    /// There are columns that only sign-ins have.
    of_sign_ins: bool,
    moments: Moments,
    /// There is a column for service principals and none for users: the portal's download of
    /// applications, whatever its file is called.
    only_workloads: bool,
}

/// Columns of the portal's downloads, in lower case (Microsoft Entra admin center, sign-in logs,
/// download as CSV), then the Spanish and French names that are known.
const PORTAL: &[(&str, Key)] = &[
    ("date (utc)", Key::Created),
    ("fecha (utc)", Key::Created),
    ("request id", Key::Text(Field::Id)),
    ("correlation id", Key::Text(Field::CorrelationId)),
    ("id. de correlación", Key::Text(Field::CorrelationId)),
    ("user id", Key::Text(Field::UserId)),
    ("id. de usuario", Key::Text(Field::UserId)),
    ("user", Key::Text(Field::UserDisplayName)),
    ("usuario", Key::Text(Field::UserDisplayName)),
    ("username", Key::Text(Field::UserPrincipalName)),
    ("nombre de usuario", Key::Text(Field::UserPrincipalName)),
    ("nom d'utilisateur", Key::Text(Field::UserPrincipalName)),
    ("user type", Key::Text(Field::UserType)),
    ("tipo de usuario", Key::Text(Field::UserType)),
    ("sign-in identifier", Key::Text(Field::AlternateSignInName)),
    ("application", Key::Text(Field::AppName)),
    ("aplicación", Key::Text(Field::AppName)),
    ("application id", Key::Text(Field::AppId)),
    ("id d'application", Key::Text(Field::AppId)),
    ("resource", Key::Text(Field::ResourceName)),
    ("recurso", Key::Text(Field::ResourceName)),
    ("ressource", Key::Text(Field::ResourceName)),
    ("resource id", Key::Resource(Field::ResourceId)),
    ("resource tenant id", Key::Text(Field::ResourceTenantId)),
    ("home tenant id", Key::Text(Field::HomeTenantId)),
    ("client app", Key::Text(Field::ClientApp)),
    ("aplicación cliente", Key::Text(Field::ClientApp)),
    ("application cliente", Key::Text(Field::ClientApp)),
    ("authentication protocol", Key::Text(Field::Protocol)),
    ("protocolo de autenticación", Key::Text(Field::Protocol)),
    ("protocole d'authentification", Key::Text(Field::Protocol)),
    ("original transfer method", Key::Text(Field::TransferMethod)),
    ("méthode de transfert d'origine", Key::Text(Field::TransferMethod)),
    ("user agent", Key::Text(Field::UserAgent)),
    ("agent utilisateur", Key::Text(Field::UserAgent)),
    ("sign-in error code", Key::Text(Field::ErrorCode)),
    ("code d'erreur de connexion", Key::Text(Field::ErrorCode)),
    ("failure reason", Key::Text(Field::FailureReason)),
    ("motivo del error", Key::Text(Field::FailureReason)),
    ("status", Key::Part(Part::Status)),
    ("estado", Key::Part(Part::Status)),
    ("statut", Key::Part(Part::Status)),
    ("multifactor authentication result", Key::Text(Field::MfaResult)),
    ("multifactor authentication auth method", Key::Text(Field::MfaMethod)),
    ("méthode d'authentification multifacteur", Key::Text(Field::MfaMethod)),
    ("multifactor authentication auth detail", Key::Text(Field::MfaDetail)),
    ("authentication requirement", Key::Text(Field::AuthenticationRequirement)),
    ("requisito de autenticación", Key::Text(Field::AuthenticationRequirement)),
    ("exigence d'authentification", Key::Text(Field::AuthenticationRequirement)),
    ("conditional access", Key::Text(Field::ConditionalAccessStatus)),
    ("device id", Key::Text(Field::DeviceId)),
    ("id de l'appareil", Key::Text(Field::DeviceId)),
    ("browser", Key::Text(Field::Browser)),
    ("explorador", Key::Text(Field::Browser)),
    ("navigateur", Key::Text(Field::Browser)),
    ("operating system", Key::Text(Field::OperatingSystem)),
    ("sistema operativo", Key::Text(Field::OperatingSystem)),
    ("système d'exploitation", Key::Text(Field::OperatingSystem)),
    ("compliant", Key::Text(Field::Compliant)),
    ("conforme", Key::Text(Field::Compliant)),
    ("managed", Key::Text(Field::Managed)),
    ("géré", Key::Text(Field::Managed)),
    ("join type", Key::Text(Field::TrustType)),
    ("location", Key::Part(Part::Location)),
    ("ubicación", Key::Part(Part::Location)),
    ("emplacement", Key::Part(Part::Location)),
    ("ip address", Key::Text(Field::IpAddress)),
    ("dirección ip", Key::Text(Field::IpAddress)),
    ("adresse ip", Key::Text(Field::IpAddress)),
    ("session id", Key::Text(Field::SessionId)),
    ("id de session", Key::Text(Field::SessionId)),
    ("service principal id", Key::Text(Field::ServicePrincipalId)),
    ("service principal name", Key::Text(Field::ServicePrincipalName)),
    ("cross tenant access type", Key::Text(Field::CrossTenantAccessType)),
    ("type d'accès client croisée", Key::Text(Field::CrossTenantAccessType)),
    ("incoming token type", Key::Text(Field::IncomingTokenType)),
    ("activity", Key::Foreign),
    ("detection type", Key::Foreign),
    ("account enabled", Key::Foreign),
    ("multifactor authentication capable", Key::Foreign),
];

impl Columns {
    /// What a header means; `None` when it is no header of sign-ins. Of the columns those are read
    /// that are wanted.
    pub(crate) fn of(header: &Header, wanted: &Wanted) -> Option<Self> {
        let meanings: Vec<Option<Key>> = header.names().iter().map(|name| meaning(name)).collect();
        let has = |keys: &[Key]| keys.iter().any(|key| meanings.contains(&Some(*key)));
        let who = has(&[
            Key::Text(Field::UserPrincipalName),
            Key::Text(Field::UserId),
            Key::Text(Field::ServicePrincipalId),
        ]);
        // A projection may keep nothing of the user but the name shown.
        let by_label = has(&[Key::Text(Field::UserDisplayName), Key::Text(Field::Identity)])
            && has(&[Key::Text(Field::ClientApp), Key::Text(Field::ConditionalAccessStatus)]);
        let what = has(&[
            Key::Text(Field::AppName),
            Key::Text(Field::AppId),
            Key::Text(Field::ClientApp),
            Key::Text(Field::ResultType),
            Key::Text(Field::ErrorCode),
        ]);
        // A hunting query keeps the name of the table it ran on; its rows say so one by one.
        let named = has(&[Key::Text(Field::Table), Key::Text(Field::Category)]);
        let sign_in = (who && what) || by_label || named;
        let of_sign_ins = sign_in && !has(&[Key::Foreign]);
        let of_users = has(&[
            Key::Text(Field::UserPrincipalName),
            Key::Text(Field::UserId),
            Key::Text(Field::UserDisplayName),
            Key::Text(Field::Identity),
        ]);
        let workloads = [Field::ServicePrincipalId, Field::ServicePrincipalName].map(Key::Text);
        let only_workloads = !of_users && has(&workloads);
        if !of_sign_ins {
            return None;
        }
        let only_of_sign_ins = has(&[
            Key::Text(Field::ClientApp),
            Key::Text(Field::ErrorCode),
            Key::Text(Field::ResultType),
            Key::Text(Field::ConditionalAccessStatus),
        ]);
        let known = meanings.iter().enumerate().filter_map(|(at, key)| key.map(|key| (at, key)));
        Some(Self {
            wanted: known.filter(|(_, key)| wanted.takes(*key)).collect(),
            fields: wanted.fields(),
            of_sign_ins: only_of_sign_ins,
            moments: Moments::default(),
            only_workloads,
        })
    }

    /// Reads a row.
    pub(crate) fn read<'a>(&mut self, row: &CsvRow<'a>, arena: &'a Bump) -> Reading<'a> {
        if self.moments.order() != row.date_order {
            self.moments = Moments::new(row.date_order);
        }
        let mut reading = Reading::of_wanted(self.fields, self.moments, arena);
        // A row without a time is then a damaged sign-in and not something else.
        reading.certain = self.of_sign_ins;
        if self.only_workloads {
            reading.set(Field::FileKind, "servicePrincipal");
        }
        for (position, key) in &self.wanted {
            let text = match row.written(*position) {
                None => continue,
                Some(WrittenCell::Text(text)) => text,
                Some(written) => {
                    if let (Key::Part(part), WrittenCell::Doubled(quoted)) = (*key, written)
                        && reading.take_plain_part(part, quoted, Quotes::Doubled)
                    {
                        continue;
                    }
                    let Some(text) = row.cell(*position) else { continue };
                    text
                }
            };
            // Every row of the interactive table names the service itself as its resource.
            let is_service =
                *key == Key::Text(Field::ResourceName) && text.trim() == "Microsoft.aadiam";
            if !text.is_empty() && !is_service {
                reading.take(*key, text);
            }
        }
        self.moments = reading.moments();
        reading
    }
}

/// What a column means, whatever its case, spaces and apostrophes.
fn meaning(name: &str) -> Option<Key> {
    let words: Vec<String> = name.split_whitespace().map(str::to_lowercase).collect();
    let name = words.join(" ").replace('\u{2019}', "'");
    let stem = name.strip_suffix(" [utc]").unwrap_or(&name);
    let portal = PORTAL.iter().find(|(column, _)| *column == stem).map(|(_, key)| *key);
    portal.or_else(|| key(stem))
}
