//! Mailboxes and settings of Exchange Online.

use rollout::{ExchangeSettings, Mailbox, MailboxKind};
use serde_json::Value;

use super::merge::{Identity, Stated, copies, fill};
use super::object::{Object, Read, wrong};

/// Reads one mailbox: `Get-Mailbox`, `Get-EXOMailbox`, `Get-CASMailbox`, or a row of the Exchange
/// admin center.
pub(super) fn read(object: &Object<'_>) -> Read<Mailbox> {
    let kind = object.lower("recipientTypeDetails")?;
    let display_name = match object.text("displayName")? {
        Some(name) => Some(name),
        None => object.text("name")?,
    };
    let mailbox = Mailbox {
        display_name,
        address: object.lower("primarySmtpAddress")?,
        user_principal_name: object.text("userPrincipalName")?,
        user_id: object.lower("externalDirectoryObjectId")?,
        kind: kind.as_deref().map_or(MailboxKind::Unknown, kind_of),
        smtp_auth_disabled: read_smtp_auth(object)?,
    };
    if mailbox.display_name.is_none()
        && mailbox.address.is_none()
        && mailbox.user_principal_name.is_none()
        && mailbox.user_id.is_none()
    {
        return Err(wrong("PrimarySmtpAddress", "there, nor any other name"));
    }
    Ok(mailbox)
}

/// `RecipientTypeDetails` (Exchange Online PowerShell) or the admin center's word.
fn kind_of(kind: &str) -> MailboxKind {
    let letters: String = kind.chars().filter(|letter| letter.is_alphanumeric()).collect();
    match letters.strip_suffix("mailbox").unwrap_or(&letters) {
        "user" => MailboxKind::User,
        "shared" | "remoteshared" => MailboxKind::Shared,
        "room" | "remoteroom" => MailboxKind::Room,
        "equipment" | "remoteequipment" => MailboxKind::Equipment,
        "" => MailboxKind::Unknown,
        _ => MailboxKind::Other,
    }
}

/// Three states: true, false, and empty, which inherits the tenant's setting
/// (`Set-CASMailbox`, Exchange Online PowerShell).
fn read_smtp_auth(object: &Object<'_>) -> Read<Option<Option<bool>>> {
    let name = "smtpClientAuthenticationDisabled";
    match object.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("$null") => Ok(Some(None)),
        Some(_) => object.flag(name).map(Some),
    }
}

/// Settings of the organisation, as every file states them.
#[derive(Debug, Default)]
pub(super) struct Settings {
    smtp_auth_disabled: Stated<bool>,
    modern_auth_enabled: Stated<bool>,
    reject_direct_send: Stated<bool>,
}

impl Settings {
    /// Takes `Get-TransportConfig` and `Get-OrganizationConfig`.
    pub(super) fn take(&mut self, object: &Object<'_>) -> Read<()> {
        let smtp = object.flag("smtpClientAuthenticationDisabled")?;
        let modern = object.flag("oAuth2ClientProfileEnabled")?;
        let direct = object.flag("rejectDirectSend")?;
        self.smtp_auth_disabled.add(smtp);
        self.modern_auth_enabled.add(modern);
        self.reject_direct_send.add(direct);
        Ok(())
    }

    /// What the files agree on.
    pub(super) fn finish(self) -> ExchangeSettings {
        ExchangeSettings {
            smtp_auth_disabled: self.smtp_auth_disabled.agreed(),
            modern_auth_enabled: self.modern_auth_enabled.agreed(),
            reject_direct_send: self.reject_direct_send.agreed(),
        }
    }
}

/// The mailboxes, copies made one.
pub(super) fn finish(mailboxes: Vec<Mailbox>) -> Vec<Mailbox> {
    let all = copies(mailboxes, |mailbox| {
        let names = [mailbox.address.as_deref(), mailbox.user_principal_name.as_deref()];
        // A display name is no address; it stands alone only where nothing else names the mailbox.
        let named = names.iter().any(Option::is_some);
        let display = mailbox.display_name.as_deref().filter(|_| !named);
        let display = display.map(|name| format!("name {name}"));
        let [address, user] = names;
        Identity::new(mailbox.user_id.as_deref(), &[address, user, display.as_deref()])
    });
    let mut finished: Vec<Mailbox> =
        all.into_iter().filter_map(|copies| copies.into_iter().reduce(merge)).collect();
    finished.sort_by(|left, right| {
        (&left.address, &left.user_principal_name, left).cmp(&(
            &right.address,
            &right.user_principal_name,
            right,
        ))
    });
    finished
}

fn merge(mut left: Mailbox, right: Mailbox) -> Mailbox {
    fill(&mut left.display_name, right.display_name);
    fill(&mut left.address, right.address);
    fill(&mut left.user_principal_name, right.user_principal_name);
    fill(&mut left.user_id, right.user_id);
    left.kind = match (left.kind, right.kind) {
        (MailboxKind::Unknown, kind) | (kind, MailboxKind::Unknown) => kind,
        // Every special mailbox is a `UserMailbox` to the coarser property.
        (left, right) => left.max(right),
    };
    left.smtp_auth_disabled = match (left.smtp_auth_disabled, right.smtp_auth_disabled) {
        (Some(left), Some(right)) => Some(most_open(left, right)),
        (left, right) => left.or(right),
    };
    left
}

/// Of two contradicting states the one that may still let a password in: not disabled, else
/// inherited from the tenant.
fn most_open(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (None, _) | (_, None) => None,
        (Some(true), Some(true)) => Some(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_statements_of_smtp_auth_the_open_one_stands_in_any_order() {
        let mailbox = |state: Option<Option<bool>>| Mailbox {
            address: Some("ann@ne.example".to_owned()),
            smtp_auth_disabled: state,
            ..Mailbox::default()
        };
        let (disabled, inherits, open) = (Some(Some(true)), Some(None), Some(Some(false)));
        let cases = [
            (None, disabled, disabled),
            (None, inherits, inherits),
            (disabled, disabled, disabled),
            (disabled, inherits, inherits),
            (disabled, open, open),
            (inherits, open, open),
        ];
        for (left, right, expected) in cases {
            for (first, second) in [(left, right), (right, left)] {
                let merged = finish(vec![mailbox(first), mailbox(second)]);
                let states: Vec<_> = merged.iter().map(|it| it.smtp_auth_disabled).collect();
                assert_eq!(states, [expected], "{first:?} {second:?}");
            }
        }
    }
}
