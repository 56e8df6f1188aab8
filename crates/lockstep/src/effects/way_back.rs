//! The way back of a change set, as a change set of its own.

use entra::graph::Client;
use entra::graph::again::again;
use entra::graph::writes::{Found, Patience, settle};
use rollout::change::{ChangeSet, Edit, draft, edit_with_every_id, stale, text};
use rollout::engine::{Event, Phase, State};
use secrecy::SecretString;
use store::Writer;

use super::chosen::Chosen;
use super::drive::chain;
use super::noted::{CameOfIt, Hand, open_intent};
use super::writing::{Given, write_of};
use super::{Bench, Order, bind, resting, tenant_of, window, with_effects};
use crate::error::CommandError;
use crate::live;
use crate::network::Network;
use crate::operator::{Operator, failed, lease, see, step_noting, step_with};

/// The way back of a set as an order: what nobody knows of it is settled first, then the inverse of
/// what was carried out is bound to the tenant as it is now. `None`: nothing of it was carried out.
///
/// # Errors
/// When the tenant cannot be read, or the way back cannot be made.
pub(crate) fn order<'o>(
    chosen: &Chosen,
    bench: &mut Bench<'_>,
    confirm: Option<&'o str>,
) -> Result<Option<Order<'o>>, CommandError> {
    let tenant = tenant_of(bench.place)?;
    let settings = bench.settings;
    let phase = bench.operator.state.sets.get(&chosen.set.id).map(|it| &it.phase);
    if !matches!(phase, Some(Phase::Running | Phase::Stopped { .. } | Phase::Done { .. })) {
        return Ok(None);
    }
    live::block_on(settings, async {
        let client = tenant.writing_client(settings).await?;
        let graph = tenant.graph_root()?;
        settle_set(&chosen.set, bench, &client, &graph).await?;
        bound(chosen, bench, &client, confirm).await
    })
}

/// Finds out what became of an open intent, and stops a set that runs no more.
async fn settle_set(
    set: &ChangeSet,
    bench: &mut Bench<'_>,
    client: &Client<Network>,
    graph: &str,
) -> Result<(), CommandError> {
    let Operator { store, state, holder } = &mut *bench.operator;
    let by = bench.settings.user.as_str();
    let writer = lease::writer(store, holder, client.now())?;
    let open = open_intent(store, &set.id).map_err(|error| failed("read", error))?;
    if let Some((intent, open)) = open {
        let patience = Patience { window: window(bench.place), ..Patience::default() };
        let found = look(set, open.place, state, client, graph, &patience).await?;
        noted(set, (intent, open.place), found, (&writer, state), (by, client.now()))?;
    }
    if state.sets.get(&set.id).is_some_and(|it| it.phase == Phase::Running) {
        let why = "it is taken back".to_owned();
        step_with(&writer, state, &Event::Stopped { set, why }, by, client.now())?;
    }
    Ok(())
}

async fn look(
    set: &ChangeSet,
    place: usize,
    state: &State,
    client: &Client<Network>,
    graph: &str,
    patience: &Patience,
) -> Result<Found, CommandError> {
    let unknown = |why: String| {
        CommandError::unreachable(format!(
            "nobody knows what became of change {} of `{}`: {why}",
            place.saturating_add(1),
            set.title
        ))
    };
    let ids = state.ids_of(&set.id);
    let edit = set
        .edit_with_ids(place, &|id| ids.get(id).cloned())
        .map_err(|error| unknown(chain(&error)))?;
    if edit.changes_nothing() {
        return Ok(Found::AlreadyThere { id: None });
    }
    // It is only looked for, never sent.
    let password = Some(SecretString::from(String::new()));
    let given = Given { set: &set.id, graph, password };
    let write = write_of(client, &edit, &given).await.map_err(|error| unknown(chain(&error)))?;
    settle(client, &write, patience).await.map_err(|error| unknown(chain(&error)))
}

/// Writes down what became of an open intent.
fn noted(
    set: &ChangeSet,
    (intent, place): (u64, usize),
    found: Found,
    (writer, state): (&Writer<'_>, &mut State),
    (by, now): (&str, jiff::Timestamp),
) -> Result<(), CommandError> {
    let hand = Hand { actor: by, set: &set.id };
    let edit = set.changes.get(place).map(|it| &it.edit);
    let made = edit.and_then(Edit::made_id);
    // These carry a mark of the set: nobody else made them.
    let is_marked =
        matches!(edit, Some(Edit::Group { .. } | Edit::Policy { .. })) && made.is_some();
    let done = |id: Option<String>, what: &'static str| {
        let ids: std::collections::BTreeMap<String, String> =
            made.map(str::to_owned).zip(id.clone()).into_iter().collect();
        let outcome = CameOfIt::Done { what, sent: 0, id, ids: ids.clone() };
        (Event::CarriedOut { set, place, intent, already: false, ids }, outcome)
    };
    let (event, outcome) = match found {
        Found::AlreadyThere { id } => done(id, "found as wanted"),
        Found::Differs { id: id @ Some(_), .. } if is_marked => {
            done(id, "found, and changed by somebody since")
        }
        Found::Several { ids } => {
            return Err(CommandError::refused(format!(
                "`{}` is there more than once: `{}`",
                set.changes.get(place).map(|it| text::heading(&it.edit)).unwrap_or_default(),
                ids.join("`, `")
            ))
            .hint("delete all but one of them in the portal, then try again"));
        }
        Found::Missing | Found::Taken { .. } | Found::Differs { .. } => {
            let why = "looked for, and not found".to_owned();
            let event = Event::NotCarriedOut { set, place, unsettled: false, why: why.clone() };
            (event, CameOfIt::NotSeen { why })
        }
    };
    step_noting(writer, state, &event, (by, now), |together| {
        hand.outcome(together, intent, &outcome, now)
    })
    .map(drop)
}

/// The inverse, bound to the tenant as it is now.
async fn bound<'o>(
    chosen: &Chosen,
    bench: &mut Bench<'_>,
    client: &Client<Network>,
    confirm: Option<&'o str>,
) -> Result<Option<Order<'o>>, CommandError> {
    let set = &chosen.set;
    let state = &bench.operator.state;
    let done = state.sets.get(&set.id).map_or(0, |it| it.done.len());
    let ids = state.ids_of(&set.id).clone();
    let draft::Rollback { mut draft, stays } = draft::rollback(set, done);
    if draft.edits.is_empty() {
        return Ok(None);
    }
    for (edit, _) in &mut draft.edits {
        *edit = with_ids(edit, &|id| ids.get(id).cloned())?;
    }
    let from = &set.made_from;
    let now = client.now();
    // What it rests on is known once it was bound once.
    let first = bind(draft.clone(), &bench.reading.snapshot, from, now);
    let mut wanted = resting::wanted(&first, &bench.place.rollout);
    wanted.objects.extend(set.rests_on.iter().map(|it| it.object.clone()));
    let again = again(client, &bench.reading.snapshot, &wanted).await.map_err(|error| {
        CommandError::unreachable("the tenant cannot be read again").because(error)
    })?;
    bench.reading.snapshot = again.snapshot;
    let mut remarks: Vec<String> = stays
        .into_iter()
        .map(|(place, none)| {
            let change = set.changes.get(place).map(|it| text::heading(&it.edit));
            format!("Stays as it is: {}. {}", change.unwrap_or_default(), none.instead)
        })
        .collect();
    let moved = resting::of_changes(set, stale(set, done, &ids, &bench.reading.snapshot));
    let moved = resting::all_words(set, &moved, &bench.reading.snapshot);
    remarks.extend(moved.iter().map(|it| format!("Somebody changed it since. {it}")));
    let set = bind(draft, &bench.reading.snapshot, from, now);
    Ok(Some(Order { verb: "rollback", set: told(set, bench), of_plan: None, confirm, remarks }))
}

/// The set with what people notice of it. The way back does not wait for figures: without them it says
/// that nobody can say.
fn told(set: ChangeSet, bench: &Bench<'_>) -> ChangeSet {
    let Bench { place, settings, operator, reading } = bench;
    let told = see(reading, place, &operator.state, &settings.quietly(), |seen| {
        Ok(with_effects(set.clone(), Some(seen)))
    });
    told.unwrap_or_else(|_| with_effects(set, None))
}

fn with_ids(edit: &Edit, id_of: &dyn Fn(&str) -> Option<String>) -> Result<Edit, CommandError> {
    edit_with_every_id(edit, id_of).map_err(|error| {
        CommandError::refused("the way back cannot be made")
            .because(error)
            .hint("`lockstep journal show` says what was done")
    })
}
