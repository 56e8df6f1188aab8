//! `lockstep reset`

use clap::Args;
use entra::graph::writes::ObjectId;
use entra::graph::{Held, held_methods};
use rollout::change::draft::{CannotDraft, reset_methods};
use rollout::change::{Change, ChangeSet, Edit, Presence, Purpose};
use rollout::{Account, Snapshot, User};

use crate::arguments::Format;
use crate::break_glass::Showing;
use crate::cli::{read, said};
use crate::effects::{self, Bench, Order};
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::live;
use crate::operator::{Operator, see};
use crate::page::Page;
use crate::passes::{Given, PassDesk};
use crate::reading::Reading;
use crate::settings::Settings;
use crate::terminal::Outcome;
use crate::workspace::Place;

/// Issue a Temporary Access Pass to one person, delete their methods and sign them out
///
/// For a phone that is lost, or a method that somebody else may hold: the portal's *Require re-register*
/// deletes no method. A change set of its own: shown, confirmed, carried out, read back. The pass comes
/// first, so that a tenant that refuses it has deleted nothing; it is shown once, and kept nowhere.
///
/// Whoever asks for a reset may be somebody else. Make sure first (call back on the number that HR has,
/// ask the manager, see the person), and say with `--identity` how: it stands in the change set. The pass
/// of an administrator asks for the primary domain of the tenant.
#[derive(Debug, Args)]
pub(crate) struct Reset {
    /// Whose methods: user principal name or object id
    #[arg(value_name = "USER")]
    user: String,
    /// Who made sure that it is this person who asks
    #[arg(long, value_name = "WHO")]
    by: String,
    /// How they made sure
    #[arg(long, value_name = "TEXT")]
    identity: String,
    /// Delete nothing and sign nobody out: for a person who has no method yet
    #[arg(long)]
    pass_only: bool,
    /// How long the pass is good, 10 minutes to 30 days, and what the tenant's policy allows of it
    #[arg(
        long,
        value_name = "MINUTES",
        default_value_t = 60,
        value_parser = clap::value_parser!(u32).range(10..=43_200)
    )]
    minutes: u32,
    /// The pass is good for any number of sign-ins until it ends, not for one
    #[arg(long)]
    many_sign_ins: bool,
    /// Command that prints what it reads; without it, the pass is shown on the terminal
    #[arg(long, value_name = "COMMAND")]
    print_to: Option<String>,
    /// The primary domain of the tenant, in place of an answer
    #[arg(long, value_name = "DOMAIN")]
    confirm: Option<String>,
}

impl Reset {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        if settings.format == Format::Json {
            return Err(CommandError::refused("a pass is shown to people, never as JSON")
                .hint("run it without `--format json`"));
        }
        let checked = format!(
            "{} made sure who asks: {}",
            said::name(&self.by)?,
            said::text("--identity", &self.identity)?
        );
        let showing = Showing::of(settings, self.print_to.as_deref(), false)?;
        let place = Place::of_workspace(settings)?;
        let mut operator = Operator::open(&place, settings)?;
        let mut reading = read(&place, settings)?;
        let account = account_named(&reading.snapshot, &self.user)?;
        let (set, remarks) = match under_way(&operator, &account)? {
            Some(set) => (set, Vec::new()),
            None => self.draft(&account, &checked, &mut reading, &operator, &place, settings)?,
        };
        let order =
            Order { verb: "reset", set, of_plan: None, confirm: self.confirm.as_deref(), remarks };
        let mut bench =
            Bench { place: &place, settings, operator: &mut operator, reading: &mut reading };
        let mut desk = PassDesk::open(settings, showing);
        let outcome = effects::carry_out(&order, &mut bench, &mut desk);
        let given = match desk.hand_over(&order.set, settings.now) {
            // The pass is the first change of the set.
            Given::Nothing if issued_before(&operator, &order.set) => {
                Given::NotTold("it was issued by a run that was ended.".to_owned())
            }
            given => given,
        };
        self.told(outcome, given, settings, &place)
    }

    /// The set, bound to what the person holds now.
    fn draft(
        &self,
        account: &Account,
        checked: &str,
        reading: &mut Reading,
        operator: &Operator,
        place: &Place,
        settings: &Settings,
    ) -> Result<(ChangeSet, Vec<String>), CommandError> {
        let held = held_by(account, place, settings)?;
        let user = user_in(&mut reading.snapshot, account);
        if let Some(user) = user {
            user.methods = Some(held.methods.clone());
        }
        let deleted = if self.pass_only { &[][..] } else { &held.deletable };
        let set = see(reading, place, &operator.state, settings, |seen| {
            let reset = rollout::change::draft::Reset {
                account,
                deleted,
                minutes: self.minutes,
                once: !self.many_sign_ins,
                checked,
            };
            let draft = reset_methods(seen.facts, &reset).map_err(cannot)?;
            let set = effects::bind(draft, seen.facts.snapshot, seen.snapshot, settings.now);
            Ok(effects::with_effects(set, Some(seen)))
        })?;
        Ok((set, remarks(&held, self.pass_only)))
    }

    fn told(
        &self,
        outcome: Result<Outcome, CommandError>,
        given: Given,
        settings: &Settings,
        place: &Place,
    ) -> Result<Outcome, CommandError> {
        let again = format!("reset {} --pass-only --by WHO --identity TEXT", self.user.trim());
        let lost = |why: &str| {
            format!(
                "Nobody has the pass: {why} It is kept nowhere and cannot be shown again; another takes \
                 its place: `{}`.",
                place.command(&again)
            )
        };
        let (line, next) = match given {
            Given::Nothing => return outcome,
            Given::Told => ("The pass was shown once, and somebody has it.".to_owned(), "next"),
            Given::NotTold(why) => (lost(&why), again.as_str()),
        };
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) => return Err(error.hint(line)),
        };
        let mut page = Page::new(settings.width, settings.color);
        let text = outcome.text();
        page.printed(text.rsplit_once("\nNext: ").map_or(text, |(before, _)| before));
        page.heading("Temporary Access Pass");
        page.line(&line);
        page.next(&place.command(next));
        let status = match (outcome.status, next) {
            (ExitStatus::Done, "next") => ExitStatus::Done,
            (ExitStatus::Done, _) => ExitStatus::PartlyApplied,
            (other, _) => other,
        };
        let document = serde_json::json!({"schema": "lockstep.reset/1"});
        Outcome::new(settings, status, &document, || page)
    }
}

/// The one account of that name or id.
fn account_named(snapshot: &Snapshot, name: &str) -> Result<Account, CommandError> {
    let name = name.trim();
    let is = |it: &Option<String>| it.as_deref().is_some_and(|it| it.eq_ignore_ascii_case(name));
    let users = snapshot.users.iter().flatten();
    let mut found = users
        .filter(|user| is(&user.account.user_principal_name) || is(&user.account.user_id))
        .map(|user| user.account.clone());
    match (found.next(), found.next()) {
        (Some(account), None) => Ok(account),
        (Some(_), Some(_)) => Err(CommandError::wrong_input(format!(
            "several accounts are named `{}`",
            crate::plain_text::one_line(name)
        ))
        .hint("give the object id")),
        (None, _) => Err(CommandError::wrong_input(format!(
            "no file tells of an account `{}`",
            crate::plain_text::one_line(name)
        ))
        .hint("give the user principal name or the object id; for somebody new, `lockstep snapshot` first")),
    }
}

fn user_in<'s>(snapshot: &'s mut Snapshot, account: &Account) -> Option<&'s mut User> {
    snapshot.users.iter_mut().flatten().find(|user| user.account == *account)
}

/// What the person holds now, with the ids.
fn held_by(account: &Account, place: &Place, settings: &Settings) -> Result<Held, CommandError> {
    let unreadable = |why: String| {
        CommandError::wrong_input(format!(
            "the methods of `{}` cannot be read: {why}",
            account.label()
        ))
    };
    let id = account.user_id.as_deref().unwrap_or_default();
    let user = ObjectId::new(id).map_err(|error| unreadable(error.to_string()))?;
    let tenant = effects::tenant_of(place)?;
    live::block_on(settings, async {
        let client = tenant.reading_client(settings).await?;
        held_methods(&client, &user).await.map_err(|error| tenant.lost(error))
    })
}

/// A reset of this person that was begun: a run that was killed goes on with it.
fn under_way(operator: &Operator, account: &Account) -> Result<Option<ChangeSet>, CommandError> {
    let is_theirs = |it: &Change| match &it.edit {
        Edit::TemporaryAccessPass { user, after: Presence::Present, .. } => {
            account.user_id.as_ref().is_some_and(|id| id.eq_ignore_ascii_case(&user.id))
        }
        _ => false,
    };
    operator.begun(|set| set.purpose == Purpose::Reset && set.changes.iter().any(is_theirs))
}

/// The pass of a set was issued.
fn issued_before(operator: &Operator, set: &ChangeSet) -> bool {
    operator.state.sets.get(&set.id).is_some_and(|it| !it.done.is_empty())
}

/// What the diff does not say.
fn remarks(held: &Held, pass_only: bool) -> Vec<String> {
    let mut remarks = Vec::new();
    if !pass_only && held.deletable.is_empty() {
        remarks.push("The person has no method that could be deleted.".to_owned());
    }
    if !pass_only && !held.left.is_empty() {
        let kinds: Vec<&str> =
            held.left.iter().map(|it| it.trim_start_matches("#microsoft.graph.")).collect();
        remarks.push(format!(
            "These stay, because nobody can delete them this way: {}. Remove the device they belong to.",
            kinds.join(", ")
        ));
    }
    remarks
}

fn cannot(error: CannotDraft) -> CommandError {
    let hint = match &error {
        CannotDraft::BreakGlass { .. } => {
            "a new password on new paper: `lockstep break-glass sheet ACCOUNT`; keys are registered in \
             the portal"
        }
        CannotDraft::PassForGuest { .. } => {
            "a guest registers and resets at their own organisation"
        }
        CannotDraft::NoPassFor { told: true, .. } => {
            "entra.microsoft.com › Authentication methods › Policies › Temporary Access Pass: enable it \
             for this person; then `lockstep snapshot`"
        }
        _ => "take a snapshot first: `lockstep snapshot`",
    };
    CommandError::refused("the methods are not reset").because(error).hint(hint)
}
