//! The vocabulary and every decision of an MFA rollout.
//!
//! Pure: data in, data out. No clock (`now` is an argument), no randomness, no file, no network,
//! no log output. The nouns are those of `docs/GLOSSARY.md`:
//!
//! * [`Snapshot`] is the tenant as seen, with what nobody told left `None`;
//! * [`Measurement`] is what one reading of the sign-in logs yields;
//! * [`Rollout`] is what the operator wants (`lockstep.toml`);
//! * [`Facts`] joins the three, and every decision is a function of it.

mod account;
pub mod change;
pub mod engine;
pub mod evidence;
pub mod exceptions;
mod facts;
pub mod gaps;
pub mod impact;
pub mod legacy;
mod measurement;
mod percent;
pub mod plan;
pub mod policy_matrix;
pub mod preflight;
pub mod proof;
pub mod proposal;
pub mod recipients;
pub mod registration;
pub mod registration_facts;
mod rollout;
mod snapshot;
pub mod tenant_facts;

pub use account::Account;
pub use facts::{Facts, is_listed};
pub use measurement::{
    Activity, AppUse, ConversationCounts, Conversations, Coverage, DayCount, LegacyUse,
    LoggedFactors, LoggedResult, Measurement, Outcomes, PersonActivity, Replay, ReplayAccount,
    ReplayClient, ReplayDevice, ReplayPlace, ReplayRow, ReplayTarget, TextSet, Totals, Window,
};
pub use percent::{percent, threshold_percent};
pub use rollout::{
    BREAK_GLASS_MODES, BreakGlassSettings, CalendarSettings, Enforcement, Freeze, LegacyDecision,
    MAIL_ROUTES, MailSettings, PeopleSettings, PilotSettings, ROLES, Rollout, SETTINGS, SIGN_INS,
    SMTP_TLS, Setting, SourceSettings, StepSettings, TenantSettings, Thresholds, default_toml,
    settings_markdown, weekday_name,
};
pub use snapshot::{
    AuditEvent, AuthenticationMethod, AuthenticationStrength, Campaign,
    DIRECTORY_SYNCHRONIZATION_ACCOUNTS, Domain, EarlierRegistration, ExchangeSettings,
    GLOBAL_ADMINISTRATOR, Group, Mailbox, MailboxKind, Member, MemberKind, MethodConfiguration,
    MethodsPolicy, ON_PREMISES_DIRECTORY_SYNC_ACCOUNT, PerUserMfa, Registration, RiskyUser,
    RoleAssignment, ServiceIssue, SignInActivity, Sku, Snapshot, Tenant, User, UserType,
};
