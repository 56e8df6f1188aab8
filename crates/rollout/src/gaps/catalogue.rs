//! The catalogue of gaps: what may be missing, how one sees it, and what closes it.
//!
//! Portal paths are those of the Microsoft Entra admin center and the Exchange admin center;
//! requests are those of the Microsoft Graph v1.0 reference unless marked beta.

use jiff::{SignedDuration, Timestamp};

use super::Gap;
use crate::facts::Facts;
use crate::measurement::Measurement;
use crate::snapshot::{Snapshot, User};

/// One thing that may be missing.
pub(super) struct Lack {
    pub(super) id: &'static str,
    /// What is missing, in one sentence; `None` when it is there.
    missing: fn(&Facts<'_>) -> Option<String>,
    so: &'static str,
    close_with: &'static str,
}

impl Lack {
    pub(super) fn gap(&self, facts: &Facts<'_>) -> Option<Gap> {
        let what = (self.missing)(facts)?;
        Some(Gap {
            id: self.id,
            what,
            so: self.so.to_owned(),
            close_with: self.close_with.to_owned(),
        })
    }
}

/// Every gap lockstep looks for: users, registration, groups and roles, mail, policies, tenant,
/// sign-in logs, and the operator's own word.
pub(super) const LACKS: [Lack; 30] = [
    Lack {
        id: "users",
        missing: |facts| absent(facts.snapshot.users.is_none(), "No file lists the users."),
        so: "Nobody can be counted, classified or found missing from a report.",
        close_with: "GET /users?$select=id,userPrincipalName,displayName,mail,accountEnabled,\
            userType,createdDateTime,jobTitle,department,mobilePhone,onPremisesSyncEnabled,\
            signInActivity&$expand=manager, or Entra admin center > Users > All users > Download \
            users",
    },
    Lack {
        id: "account-enabled",
        missing: |facts| {
            users_without(facts, "do not tell whether they are enabled", |user| {
                user.account_enabled.is_none()
            })
        },
        so: "Those accounts are not counted as enabled, so every count of enabled accounts is too \
            low by at most that many.",
        close_with: "GET /users with accountEnabled in $select, or Entra admin center > Users > \
            All users > Download users",
    },
    Lack {
        id: "user-type",
        missing: |facts| {
            users_without(facts, "tell neither member nor guest", |user| {
                facts.is_guest(user).is_none()
            })
        },
        so: "Those accounts count as members, because their names are not those of guests.",
        close_with: "GET /users with userType in $select, or Entra admin center > Users > All \
            users > Download users",
    },
    Lack {
        id: "sign-in-activity",
        missing: |facts| {
            let told = users(facts.snapshot).iter().any(|user| user.activity.is_some());
            let why = "No user carries the dates of last sign-in (signInActivity).";
            absent(!users(facts.snapshot).is_empty() && !told, why)
        },
        so: "An account outside the sign-in logs cannot be told apart from one that never signed \
            in, so it is not called dormant.",
        close_with: "GET /users with signInActivity in $select (AuditLog.Read.All and Entra ID P1)",
    },
    Lack {
        id: "people-data",
        missing: |facts| {
            users_without(facts, "tell neither job title nor manager nor mobile phone", |user| {
                user.job_title.is_none() && user.manager.is_none() && user.mobile_phone.is_none()
            })
        },
        so: "Executives are found only where lockstep.toml names them, and service accounts and \
            shared logins by their names only.",
        close_with: "GET /users with jobTitle and mobilePhone in $select and $expand=manager",
    },
    Lack {
        id: "registration-details",
        missing: |facts| {
            let why = "No file holds the registration report.";
            absent(facts.snapshot.registrations.is_none(), why)
        },
        so: "Nobody can be called ready for MFA.",
        close_with: "GET /reports/authenticationMethods/userRegistrationDetails, or Entra admin \
            center > Authentication methods > User registration details > Download",
    },
    Lack {
        id: "registration-rows",
        missing: registration_rows,
        so: "Those people stay in the denominator and count as not capable.",
        close_with: "a fresh GET /reports/authenticationMethods/userRegistrationDetails, every \
            page; for a single person GET /users/{id}/authentication/methods",
    },
    Lack {
        id: "registration-age",
        missing: registration_age,
        so: "People who registered since then are still listed as missing, and methods removed \
            since then still count.",
        close_with: "a fresh GET /reports/authenticationMethods/userRegistrationDetails; the \
            report itself lags by up to 36 hours",
    },
    Lack {
        id: "directory-audits",
        missing: |facts| {
            let why = "No file holds the directory audit log.";
            absent(facts.snapshot.audits.is_none(), why)
        },
        so: "The registration series has no history, and changes of methods by somebody else \
            cannot be seen.",
        close_with: "GET /auditLogs/directoryAudits, or Entra admin center > Monitoring & health > \
            Audit logs > Download",
    },
    Lack {
        id: "groups",
        missing: |facts| absent(facts.snapshot.groups.is_none(), "No file lists the groups."),
        so: "Whom a policy includes or excludes through a group cannot be said.",
        close_with: "GET /groups?$expand=members",
    },
    Lack {
        id: "group-members",
        missing: |facts| {
            let groups = facts.snapshot.groups.as_deref().unwrap_or_default();
            let without = groups.iter().filter(|group| group.members.is_none()).count();
            (without > 0).then(|| {
                format!("The members of {without} of {} groups are in no file.", groups.len())
            })
        },
        so: "Lists of people that rest on those groups are lower bounds.",
        close_with: "GET /groups?$expand=members, or GET /groups/{id}/members per group",
    },
    Lack {
        id: "roles",
        missing: |facts| {
            absent(facts.snapshot.roles.is_none(), "No file lists the role assignments.")
        },
        so: "Administrators are known only where the registration report marks them, and the \
            synchronisation account only by its name.",
        close_with: "GET /roleManagement/directory/roleAssignments?$expand=principal, or Entra \
            admin center > Roles & admins > Download assignments",
    },
    Lack {
        id: "mailboxes",
        missing: |facts| {
            let purpose = users(facts.snapshot).iter().any(|user| user.mailbox_purpose.is_some());
            let why = "No file tells the type of the mailboxes.";
            absent(facts.snapshot.mailboxes.is_none() && !purpose, why)
        },
        so: "Shared mailboxes, rooms and equipment cannot be told from people.",
        close_with: "Exchange admin center > Recipients > Mailboxes > Export, or \
            Get-EXOMailbox -ResultSize Unlimited with RecipientTypeDetails and \
            ExternalDirectoryObjectId to CSV",
    },
    Lack {
        id: "smtp-auth-settings",
        missing: |facts| {
            let why = "No file tells whether SMTP AUTH is switched off for the organisation.";
            absent(facts.snapshot.exchange.smtp_auth_disabled.is_none(), why)
        },
        so: "Whether a mailbox that inherits the setting may use SMTP AUTH cannot be said.",
        close_with: "Get-TransportConfig | Select-Object SmtpClientAuthenticationDisabled | \
            ConvertTo-Json",
    },
    Lack {
        id: "policies",
        missing: |facts| {
            let why = "No file holds the Conditional Access policies.";
            absent(facts.snapshot.policies.is_none(), why)
        },
        so: "What already blocks or challenges people, and who is excluded, cannot be said.",
        close_with: "GET /identity/conditionalAccess/policies, or Entra admin center > Conditional \
            Access > Policies > Download JSON",
    },
    Lack {
        id: "named-locations",
        missing: |facts| {
            let why = "No file holds the named locations.";
            absent(facts.snapshot.named_locations.is_none(), why)
        },
        so: "Policies with a location condition cannot be judged.",
        close_with: "GET /identity/conditionalAccess/namedLocations",
    },
    Lack {
        id: "security-defaults",
        missing: |facts| {
            let why = "No file tells whether security defaults are on.";
            absent(facts.snapshot.security_defaults.is_none(), why)
        },
        so: "Whether switching to Conditional Access opens a gap cannot be said.",
        close_with: "GET /policies/identitySecurityDefaultsEnforcementPolicy, or Entra admin \
            center > Overview > Properties > Manage security defaults",
    },
    Lack {
        id: "methods-policy",
        missing: |facts| {
            let why = "No file holds the authentication-methods policy.";
            absent(facts.snapshot.methods_policy.is_none(), why)
        },
        so: "Whether a person may register the recommended method cannot be said.",
        close_with: "GET /policies/authenticationMethodsPolicy",
    },
    Lack {
        id: "licences",
        missing: |facts| {
            absent(facts.snapshot.skus.is_none(), "No file lists the subscribed licences.")
        },
        so: "Whether the tenant may use Conditional Access (Entra ID P1) cannot be said.",
        close_with: "GET /subscribedSkus",
    },
    Lack {
        id: "organization",
        missing: |facts| {
            let why = "No file holds the organization object or its domains.";
            absent(facts.snapshot.tenant.domains.is_none(), why)
        },
        so: "The tenant's own names and whether a domain is federated are not known.",
        close_with: "GET /organization and GET /domains",
    },
    Lack {
        id: "sign-in-logs",
        missing: |facts| {
            let read = facts.measurement.is_some_and(|it| it.coverage.records_read > 0);
            absent(!read, "No file holds a readable sign-in record.")
        },
        so: "Legacy authentication, activity and the effect of a policy cannot be measured.",
        close_with: "Entra admin center > Monitoring & health > Sign-in logs > Download > JSON, \
            interactive and non-interactive, or GET /auditLogs/signIns (beta)",
    },
    Lack {
        id: "days-covered",
        missing: |facts| {
            let window = &facts.measurement?.window;
            (window.to.is_some() && window.days_covered < window.days_asked).then(|| {
                format!(
                    "The sign-in logs cover {} of {} days.",
                    window.days_covered, window.days_asked
                )
            })
        },
        so: "Jobs that run on the missing days, at the end of a month above all, are not seen.",
        close_with: "Sign-in logs for the whole period. Entra keeps 7 days without P1 and 30 with \
            it; longer only from a diagnostic setting (Log Analytics, storage account)",
    },
    Lack {
        id: "sign-in-age",
        missing: |facts| {
            let newest = facts.measurement?.window.to?;
            let days = days_since(newest, facts.now);
            (days >= STALE_LOG_DAYS)
                .then(|| format!("The newest sign-in record is {days} days old."))
        },
        so: "What started or stopped since then is not seen.",
        close_with: "A fresh download of the sign-in logs",
    },
    Lack {
        id: "interactive-sign-ins",
        missing: |facts| {
            kind_missing(facts.measurement?, "interactive", |it| it.coverage.interactive)
        },
        so: "People at a keyboard, and programs that sign in interactively, may be missing.",
        close_with: "Entra admin center > Sign-in logs > User sign-ins (interactive) > Download, \
            or the category SignInLogs",
    },
    Lack {
        id: "non-interactive-sign-ins",
        missing: |facts| {
            kind_missing(facts.measurement?, "non-interactive", |it| it.coverage.non_interactive)
        },
        so: "Mail programs, scripts and devices that sign in by themselves may be missing from \
            the legacy audit.",
        close_with: "Entra admin center > Sign-in logs > User sign-ins (non-interactive) > \
            Download, or the category NonInteractiveUserSignInLogs",
    },
    Lack {
        id: "authentication-protocol",
        missing: |facts| {
            field_missing(facts.measurement?, "authentication protocol", |it| {
                it.coverage.authentication_protocol
            })
        },
        so: "Password grants (ROPC) behind a modern client app cannot be seen; Graph v1.0 and the \
            portal's older CSV do not carry the field.",
        close_with: "GET /auditLogs/signIns from Graph beta, or the portal's JSON download",
    },
    Lack {
        id: "authentication-requirement",
        missing: |facts| {
            field_missing(facts.measurement?, "authentication requirement", |it| {
                it.coverage.authentication_requirement
            })
        },
        so: "Successes without MFA cannot be told from those with it; Graph v1.0 does not carry \
            the field.",
        close_with: "GET /auditLogs/signIns from Graph beta, or the portal's JSON download",
    },
    Lack {
        id: "unreadable-sign-ins",
        missing: |facts| {
            let unreadable = facts.measurement?.coverage.records_unreadable;
            (unreadable > 0).then(|| format!("{unreadable} sign-in record(s) could not be read."))
        },
        so: "What those records hold is counted nowhere.",
        close_with: "A fresh download of the files named on the error output",
    },
    Lack {
        id: "sign-ins-left-out",
        missing: |facts| {
            let left_out = facts.measurement?.coverage.left_out;
            (left_out > 0).then(|| {
                format!(
                    "At least {left_out} sign-in(s) are not in every figure: the log names more \
                     users, dates or texts than are kept."
                )
            })
        },
        so: "Figures by user, day and device are lower bounds.",
        close_with: "A log of fewer days, or of one part of the tenant",
    },
    Lack {
        id: "break-glass-names",
        missing: |facts| {
            let why = "lockstep.toml names no break-glass account.";
            absent(facts.rollout.break_glass.accounts.is_empty(), why)
        },
        so: "Break-glass accounts are not recognised: such an account counts as unclassified or \
            dormant, and no policy can be checked for its exclusion.",
        close_with: "lockstep.toml, `[break_glass] accounts = [\"…\", \"…\"]`",
    },
];

/// Days after which the newest sign-in record is called old.
const STALE_LOG_DAYS: i64 = 7;

fn absent(missing: bool, what: &str) -> Option<String> {
    missing.then(|| what.to_owned())
}

fn users(snapshot: &Snapshot) -> &[User] {
    snapshot.users.as_deref().unwrap_or_default()
}

fn users_without(facts: &Facts<'_>, what: &str, lacks: impl Fn(&User) -> bool) -> Option<String> {
    let users = users(facts.snapshot);
    let without = users.iter().filter(|user| lacks(user)).count();
    (without > 0).then(|| format!("{without} of {} users {what}.", users.len()))
}

fn registration_rows(facts: &Facts<'_>) -> Option<String> {
    facts.snapshot.registrations.as_ref()?;
    let mut enabled: u64 = 0;
    let mut without: u64 = 0;
    for user in users(facts.snapshot) {
        if user.account_enabled == Some(true) && facts.is_guest(user) != Some(true) {
            enabled = enabled.saturating_add(1);
            if facts.registration(&user.account).is_none() {
                without = without.saturating_add(1);
            }
        }
    }
    (without > 0).then(|| {
        format!("The registration report holds no row of {without} of {enabled} enabled members.")
    })
}

fn registration_age(facts: &Facts<'_>) -> Option<String> {
    let rows = facts.snapshot.registrations.as_deref()?;
    if rows.is_empty() {
        return None;
    }
    let Some(oldest) = rows.iter().filter_map(|row| row.last_updated).min() else {
        return Some("The registration report does not tell when it was refreshed.".to_owned());
    };
    let hours = facts.now.duration_since(oldest).as_hours();
    let limit = facts.rollout.thresholds.report_stale_hours;
    (hours > i64::from(limit)).then(|| {
        format!(
            "The oldest row of the registration report is {hours} hours old (limit {limit} hours)."
        )
    })
}

fn kind_missing(
    measurement: &Measurement,
    kind: &str,
    told: fn(&Measurement) -> Option<bool>,
) -> Option<String> {
    if measurement.coverage.records_read == 0 {
        return None;
    }
    match told(measurement) {
        Some(true) => None,
        Some(false) => Some(format!("The files hold no {kind} user sign-ins.")),
        None => Some(format!("The files do not tell whether they hold {kind} user sign-ins.")),
    }
}

fn field_missing(
    measurement: &Measurement,
    field: &str,
    told: fn(&Measurement) -> bool,
) -> Option<String> {
    (measurement.coverage.records_read > 0 && !told(measurement))
        .then(|| format!("Not every sign-in record tells its {field}."))
}

fn days_since(earlier: Timestamp, now: Timestamp) -> i64 {
    now.duration_since(earlier).max(SignedDuration::ZERO).as_hours().div_euclid(24)
}
