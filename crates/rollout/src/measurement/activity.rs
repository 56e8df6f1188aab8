//! What a log shows beyond legacy authentication.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::account::Account;
use crate::measurement::{Outcomes, TextSet};

/// What was done beyond legacy authentication.
///
/// Where distinct names are kept up to a limit, those first in order are kept and their counts are
/// whole; a `…_left_out` beside them counts what fell outside, exactly.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Activity {
    /// What each user did, by user.
    pub people: Vec<PersonActivity>,
    /// User sign-ins per client app, in the log's words, of at most 1,000; records without the
    /// field are in none.
    pub by_client_app: BTreeMap<String, Outcomes>,
    /// User sign-ins under client apps that found no room in `by_client_app`.
    pub client_apps_left_out: u64,
    /// Sign-ins by who asked for MFA (`requirementProvider`): `user`, `multiConditionalAccess`, …,
    /// of at most 1,000.
    pub requirement_providers: BTreeMap<String, u64>,
    /// Sign-ins under providers that found no room in `requirement_providers`.
    pub requirement_providers_left_out: u64,
    /// User sign-ins by result code, 0 and interrupts included, of at most 5,000 codes. Records
    /// without a code are in none, so that the sum falls short of
    /// [`Totals::sign_ins`](crate::Totals::sign_ins) where the log does not tell every code.
    pub by_code: BTreeMap<u32, u64>,
    /// User sign-ins whose result code found no room in `by_code`.
    pub codes_left_out: u64,
    /// Successful user sign-ins by application id and by resource id (lower case), of at most 5,000
    /// ids (those first in order). An id that is absent was not used, provided that
    /// `by_app_left_out` is 0 and every success told its ids.
    pub by_app: BTreeMap<String, AppUse>,
    /// Successes of `by_app`'s kind under ids that found no room in it.
    pub by_app_left_out: u64,
    /// Successful user sign-ins that told no application id.
    pub application_ids_untold: u64,
    /// Successful user sign-ins that told no resource id.
    pub resource_ids_untold: u64,
    /// Results of policies in the log, by policy id: then result word, then count. Of at most 5,000
    /// pairs of policy and result. Report-only policies show as `reportOnly…`.
    pub policy_results: BTreeMap<String, BTreeMap<String, u64>>,
    /// Results of pairs that found no room in `policy_results`.
    pub policy_results_left_out: u64,
    /// Display names of the policies in `policy_results`, by id, where told; of several names the
    /// first in order.
    pub policy_names: BTreeMap<String, String>,
    /// Successful user sign-ins whose log says that a challenge was skipped, by the log's words
    /// (`MFA requirement skipped due to location`); an empty key counts the successes of which the
    /// log tells nothing about their steps. `None`: no success tells of its steps.
    pub skipped_challenges: Option<BTreeMap<String, u64>>,
    /// Successful user sign-ins that show a device, per `deviceDetail.trustType`; an empty key
    /// counts those whose device shows none. Successes that show nothing of a device are in none.
    /// `None`: no success shows a trust type.
    pub trust_types: Option<BTreeMap<String, u64>>,
    /// User sign-ins per `crossTenantAccessType`; those that do not tell it are in none. `None`:
    /// no sign-in tells it.
    pub cross_tenant_types: Option<BTreeMap<String, u64>>,
    /// Sign-ins whose words found no room in `skipped_challenges`, `trust_types` or
    /// `cross_tenant_types`, 64 words each.
    pub words_left_out: u64,
    /// Records per UTC date and hour, workload identities included: hour *h* at position *h*. An
    /// hour with 0 between busy ones is an hour of which the archive may lack the file.
    pub by_hour: BTreeMap<Date, [u64; 24]>,
    /// Failures and interrupts, joined by correlation id.
    pub conversations: Conversations,
}

impl Activity {
    /// True when no count by a word of the log (client app, provider, code, policy, detail) left a
    /// sign-in out. [`by_app`](Self::by_app) has its own count of those.
    #[must_use]
    pub fn holds_every_word(&self) -> bool {
        let left_out = [
            self.client_apps_left_out,
            self.requirement_providers_left_out,
            self.codes_left_out,
            self.policy_results_left_out,
            self.words_left_out,
        ];
        left_out.iter().all(|count| *count == 0)
    }
}

/// Failures and interrupts of user sign-ins, joined by correlation id to conversations.
///
/// One sign-in is often several records: a prompt for a second factor is an interrupt, and what
/// came of it is told by another record with the same correlation id (Microsoft Entra sign-in log
/// schema).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Conversations {
    /// One conversation in so many is counted here and with people, evenly over all correlation
    /// ids; 1 counts all. Larger where a log holds more conversations than are kept.
    pub one_in: u64,
    /// Conversations of all user sign-ins.
    pub all: ConversationCounts,
    /// The same of interactive user sign-ins alone. `None`: no record tells that it is one.
    pub interactive: Option<ConversationCounts>,
    /// Failures that tell no correlation id: what came of them cannot be said.
    pub failures_untold: u64,
    /// Interrupts that tell no correlation id.
    pub interrupts_untold: u64,
}

/// What became of conversations with at least one interrupt or failure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ConversationCounts {
    /// With a success too: the user got in.
    pub recovered: u64,
    /// With a failure and no success.
    pub failed: u64,
    /// Interrupts only: somebody was asked and did not go on.
    pub abandoned: u64,
    /// No success, but a record that does not tell its result.
    pub unclear: u64,
}

/// What one user did in the window.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PersonActivity {
    /// As the log names them.
    pub account: Account,
    /// Guest, by the log's `userType`. `None`: not told.
    pub guest: Option<bool>,
    /// Sign-ins, whatever the result.
    pub sign_ins: u64,
    /// Successful interactive sign-ins. Records that do not tell their kind count in neither.
    pub interactive_successes: u64,
    /// Successful non-interactive sign-ins.
    pub non_interactive_successes: u64,
    /// Successes that needed or carried multifactor authentication by the log.
    pub multifactor_successes: u64,
    /// Successes with one factor by the log: none more was required, or the second was skipped.
    /// Successes of which the log does not tell are in neither.
    pub single_factor_successes: u64,
    /// Successes by legacy authentication.
    pub legacy_successes: u64,
    /// Failures of the first factor or of a real challenge; interrupts are not in here.
    pub failures: u64,
    /// Failures that answer a multifactor challenge (500121 and its kind).
    pub challenge_failures: u64,
    /// Last success of any kind.
    pub last_success: Option<Timestamp>,
    /// Last successful interactive sign-in.
    pub last_interactive: Option<Timestamp>,
    /// Distinct addresses of the successes (an upper count of 64 is kept).
    pub ip_addresses: u64,
    /// True when there were more addresses than are counted.
    pub more_ip_addresses: bool,
    /// Distinct devices of the successes (an upper count of 64 is kept).
    pub devices: u64,
    /// True when there were more devices than are counted.
    pub more_devices: bool,
    /// Hours of the day (UTC) with a success: bit *h* for hour *h*.
    pub hours: u32,
    /// UTC dates with a success.
    pub active_days: u32,
    /// Countries of the successes, at most eight, sorted.
    pub countries: TextSet,
    /// Successes from countries that are not among those kept.
    pub countries_left_out: u64,
    /// Applications of the successes, at most sixteen, sorted.
    pub apps: TextSet,
    /// Successes in applications that are not among those kept.
    pub apps_left_out: u64,
    /// Operating systems of the successes, at most eight, sorted.
    pub platforms: TextSet,
    /// Successes on operating systems that are not among those kept.
    pub platforms_left_out: u64,
    /// Conversations with a failure and no success, of the [`Conversations`] that are counted.
    pub failed_conversations: u64,
    /// Conversations of interrupts only, of the [`Conversations`] that are counted.
    pub abandoned_conversations: u64,
    /// Signed in with Teams Rooms or another room device's client.
    pub room_device: bool,
    /// Succeeded with resource-owner password credentials. Failures are anybody's guesses.
    pub ropc: bool,
    /// Succeeded with device code flow, or with a result the log does not tell.
    pub device_code: bool,
}

/// Use of one application or resource.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AppUse {
    /// Display name in the log.
    pub name: Option<String>,
    /// Successful user sign-ins.
    pub successes: u64,
    /// Distinct users of those (kept exactly).
    pub users: u64,
}
