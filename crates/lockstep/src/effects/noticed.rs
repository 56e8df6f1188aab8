//! What people notice of a change set, from the figures of the impact and from what was read.
//!
//! "Nobody notices anything" stands only where that is certain: of an object that is new, and of a policy
//! that asks nobody. What no file told is said to be unknown.

use std::collections::BTreeMap;

use conditional_access::{Policy, State};
use rollout::Snapshot;
use rollout::change::names::word;
use rollout::change::{
    Change, ChangeSet, Edit, Named, Presence, Purpose, apply_to, is_provisional,
};
use rollout::engine::{Seen, State as Operated};
use rollout::exceptions::{after_the_end, from_the_beginning};
use rollout::impact::{Impact, UserCounts, UserOutcome, impact};
use rollout::proposal::Proposal;

use super::joining::{Stands, is_new, joins, stands};
use crate::words::{self, count, number};

/// What nobody notices.
const NOBODY: &str = "Nobody notices it.";

/// The set with what people notice of each of its changes. Without what was read, whatever rests on a
/// figure is said to be unknown.
pub(crate) fn with_effects(set: ChangeSet, seen: Option<&Seen<'_>>) -> ChangeSet {
    let told = Told::of_set(&set, seen);
    set.with_effects(|_, change| told.of(change))
}

/// The same for a change set of the plan, or of an exception, which tells of its own subject what they
/// meet.
pub(crate) fn of_plan(
    set: ChangeSet,
    plan: &str,
    operated: &Operated,
    seen: &Seen<'_>,
) -> ChangeSet {
    let set = with_effects(set, Some(seen));
    let (id, ends) = plan.strip_suffix("/end").map_or((plan, false), |id| (id, true));
    let Some(exception) = operated.exceptions.get(id) else { return set };
    let effect = if ends {
        after_the_end(seen, &set, &exception.subject)
    } else {
        from_the_beginning(exception)
    };
    // Once, however many groups the account joins or leaves.
    let first = set.changes.iter().position(|it| matches!(it.edit, Edit::Membership { .. }));
    set.with_effects(|place, change| match change.edit {
        Edit::Membership { .. } => (Some(place) == first).then(|| effect.clone()),
        _ => change.effect.clone(),
    })
}

/// What is the same for every change of a set.
#[derive(Debug, Default)]
struct Told {
    is_way_back: bool,
    is_bridge: bool,
    is_exception: bool,
    /// Of the policies that will be On.
    asked: Option<String>,
    /// Members that join a group.
    joining: usize,
    disabled: Vec<String>,
    per_user: Vec<String>,
    /// Accounts that are made, and that are deleted.
    made: Vec<String>,
    deleted: Vec<String>,
    /// People in scope who have no method; `None`: no report tells.
    without_method: Option<usize>,
    /// Of those whose per-user MFA changes, who has no method.
    per_user_without: Option<usize>,
    /// People in scope.
    in_scope: Option<u64>,
    /// Of members that join or leave groups, by the group: what it means.
    of_groups: BTreeMap<String, String>,
    /// The policies when all is done; `None`: no file tells them.
    policies_after: Option<Vec<Policy>>,
    /// Security defaults are known to be on when all is done.
    has_defaults_after: bool,
    has_gap: bool,
}

/// What a gap means.
const LESS_PROTECTED: &str = "From the first change to the last, people have less protection than \
                              before; both times are written down.";

impl Told {
    fn of_set(set: &ChangeSet, seen: Option<&Seen<'_>>) -> Self {
        let per_user = names(set, |edit| match edit {
            Edit::PerUserMfa { user, .. } => Some(&user.name),
            _ => None,
        });
        let makes = |wanted: Presence| {
            names(set, move |edit| match edit {
                Edit::User { user, after, .. } if *after == wanted => {
                    Some(&user.user_principal_name)
                }
                _ => None,
            })
        };
        let registration = seen.map(|it| &it.plan.registration).filter(|it| it.capable.is_some());
        let without = registration.map(|it| &it.not_capable);
        let has_none = |name: &String| {
            let is = |it: &str| it.eq_ignore_ascii_case(name);
            let mut all = without.into_iter().flatten();
            all.any(|it| it.account.user_principal_name.as_deref().is_some_and(is))
        };
        let snapshot = seen.map(|it| it.facts.snapshot);
        let after = snapshot.map(|it| apply_to(it, set));
        Self {
            is_way_back: matches!(set.purpose, Purpose::Rollback { .. }),
            is_bridge: set.purpose == Purpose::Bridge,
            is_exception: set.purpose == Purpose::Exception,
            asked: asked(set, seen),
            joining: joining(set),
            disabled: names(set, |edit| match edit {
                Edit::AccountEnabled { user, after: false, .. } => Some(&user.name),
                _ => None,
            }),
            per_user_without: without.map(|_| per_user.iter().filter(|it| has_none(it)).count()),
            per_user,
            made: makes(Presence::Present),
            deleted: makes(Presence::Absent),
            without_method: without.map(Vec::len),
            in_scope: seen.and_then(|it| it.plan.registration.denominators.in_scope_people),
            of_groups: of_groups(set, after.as_ref()),
            has_defaults_after: after.as_ref().and_then(|it| it.security_defaults) == Some(true),
            policies_after: after.and_then(|it| it.policies),
            has_gap: set.gap.is_some(),
        }
    }

    /// Of one change. `None`: what it means for people is said with the others.
    fn of(&self, change: &Change) -> Option<String> {
        if change.edit.changes_nothing() {
            return None;
        }
        Some(match &change.edit {
            Edit::Policy { before, after } => {
                return self.of_policy(before.policy(), after.as_ref().map(|it| &*it.0));
            }
            Edit::SecurityDefaults { after: true, .. } => self.of_defaults_on(),
            Edit::SecurityDefaults { .. } if self.has_gap => LESS_PROTECTED.to_owned(),
            Edit::SecurityDefaults { .. } => "Security defaults ask nobody any more.".to_owned(),
            Edit::Campaign { after, .. } => self.of_campaign(after),
            Edit::Membership { group, member, after, .. } => {
                self.of_membership(&group.id, &member.name, *after)
            }
            Edit::PerUserMfa { after, .. } => self.of_per_user(*after),
            _ => return Some(self.of_account(&change.edit)),
        })
    }

    /// Of accounts, groups, roles, and what one person has.
    fn of_account(&self, edit: &Edit) -> String {
        match edit {
            Edit::User { after: Presence::Present, .. } => format!(
                "Nobody is asked anything: {} new, and nobody signs in with {} but in an emergency: {}.",
                is_are(&self.made),
                if self.made.len() == 1 { "it" } else { "them" },
                words::few(&self.made)
            ),
            Edit::User { .. } => format!(
                "Nobody can sign in as {} any more, in an emergency neither.",
                words::few(&self.deleted)
            ),
            Edit::Group { group, after: Presence::Present, .. } if is_provisional(&group.id) => {
                let named = Named::new(&group.id, &group.display_name);
                match stands(&named, self.policies_after.as_deref()) {
                    Stands::New => is_new(&group.display_name),
                    _ => format!(
                        "The group {} is new; the policies of this change set name it.",
                        word(&group.display_name)
                    ),
                }
            }
            Edit::Group { group, after: Presence::Present, .. } => {
                format!("The group {} is there again.", word(&group.display_name))
            }
            Edit::Group { group, .. } => format!(
                "Policies that name the group {} reach, or leave out, nobody by it any more.",
                word(&group.display_name)
            ),
            Edit::Role { role_name, principal, after, .. } => format!(
                "{} {} whatever a {} can, for the whole tenant; whoever watches over administrators \
                 sees that. Nobody else is asked anything.",
                word(&principal.name),
                if after.is_there() { "can do" } else { "can no longer do" },
                word(role_name)
            ),
            Edit::AccountEnabled { after: false, .. } => format!(
                "{} can no longer sign in: {}.",
                accounts(&self.disabled),
                words::few(&self.disabled)
            ),
            Edit::AccountEnabled { user, .. } => {
                format!("{} can sign in again.", word(&user.name))
            }
            Edit::DeleteMethod { user, method, .. } => {
                format!("{} can no longer pass MFA with {}.", word(&user.name), method.kind)
            }
            Edit::RevokeSessions { user } => {
                format!("{} has to sign in again everywhere.", word(&user.name))
            }
            Edit::NewPassword { user } => format!(
                "The old password of {} is good for nothing, and the sheets with it; nobody else \
                 notices it.",
                word(&user.name)
            ),
            Edit::TemporaryAccessPass { user, after: Presence::Present, minutes, once, .. } => {
                format!(
                    "For {}, whoever holds the pass can sign in as {}, {}; nobody else notices it.",
                    count(u64::from(*minutes), "minute", "minutes"),
                    word(&user.name),
                    if *once { "once" } else { "as often as they like" }
                )
            }
            Edit::TemporaryAccessPass { user, .. } => {
                format!("{} can no longer sign in with the pass.", word(&user.name))
            }
            _ => NOBODY.to_owned(),
        }
    }

    fn of_defaults_on(&self) -> String {
        let comes = "Security defaults make everybody register, ask administrators at every sign-in and \
                     everybody else when a sign-in looks risky, and block legacy authentication; they \
                     leave out nobody, the break-glass accounts neither.";
        let on = self.policies_after.as_deref().map(on);
        match &on {
            None => format!(
                "{comes} Whether they can be turned on nobody can say: no file tells which policies are \
                 On, and beside one they cannot."
            ),
            Some(on) if !on.is_empty() => format!(
                "Security defaults cannot come back while a policy is On, and {} would still be On: {}. \
                 Whatever else is taken back leaves people without that protection.",
                policies(on),
                words::few(on)
            ),
            Some(_) if self.has_gap => format!("{comes} {LESS_PROTECTED}"),
            Some(_) => comes.to_owned(),
        }
    }

    fn of_policy(&self, before: Option<&Policy>, after: Option<&Policy>) -> Option<String> {
        let is_on = |policy: Option<&Policy>| policy.is_some_and(|it| it.state == State::Enabled);
        let reports = State::EnabledForReportingButNotEnforced;
        let asks_everybody = |policy: Option<&Policy>| is_on(policy) && is_for_everybody(policy);
        let name = before.or(after).map_or("", |it| it.display_name.as_str());
        if asks_everybody(before) && !asks_everybody(after) {
            let stops =
                format!("`{}` no longer asks everybody. {}", word(name), self.exposed(after));
            let asked = self.asked.as_ref().filter(|_| is_on(after));
            return Some(asked.map_or_else(|| stops.clone(), |it| format!("{stops} {it}")));
        }
        if self.is_exception && is_on(after) {
            return Some(format!(
                "`{}` leaves out the group of the exception; whoever is not in it notices nothing.",
                word(name)
            ));
        }
        if is_on(after) {
            return self.asked.clone();
        }
        Some(if is_on(before) {
            format!("`{}` asks and blocks nobody any more.", word(name))
        } else if after.is_some_and(|it| it.state == reports) {
            "Nobody notices it: in Report-only a policy only measures.".to_owned()
        } else {
            NOBODY.to_owned()
        })
    }

    /// Who is without a policy that was for all users, when all is done. What people have registered
    /// stays.
    fn exposed(&self, after: Option<&Policy>) -> String {
        let same = |it: &&Policy| it.id.is_some() && after.is_some_and(|after| it.id == after.id);
        let end = self.policies_after.iter().flatten().find(same).or(after);
        let goes_on = end.is_some_and(|it| it.state == State::Enabled);
        let who = match self.in_scope {
            Some(some) if goes_on => format!(
                "It goes on asking whom it names; whoever of the {} in scope is not among them \
                 signs in",
                count(some, "person", "people")
            ),
            None if goes_on => {
                "It goes on asking whom it names; nobody can say how many others there are: they sign \
                 in"
                .to_owned()
            }
            Some(1) => "The one person in scope signs in".to_owned(),
            Some(some) => format!("All {} people in scope sign in", number(some)),
            None => "Nobody can say how many people that are: all of them sign in".to_owned(),
        };
        let where_ = if self.has_defaults_after {
            "wherever security defaults do not ask for more"
        } else {
            "wherever nothing else asks for more"
        };
        format!(
            "{who} by password alone {where_}; the methods that people registered stay registered."
        )
    }

    fn of_campaign(&self, after: &rollout::Campaign) -> String {
        match after.state.as_deref() {
            Some("enabled") => {}
            Some("disabled") => {
                let stay = if self.is_way_back { " What they set up so far stays." } else { "" };
                return format!("Nobody is asked to set up the app any more.{stay}");
            }
            Some("default") => {
                return "Whom it asks to set up the app Microsoft decides from then on (Microsoft \
                        managed)."
                    .to_owned();
            }
            _ => return "Whether anybody is asked to set up the app nobody can say.".to_owned(),
        }
        let left = match self.without_method {
            None => {
                " How many people have no method at all, whom it does not reach, no file tells."
                    .to_owned()
            }
            Some(0) => String::new(),
            Some(1) => " It does not reach the person who has no method at all.".to_owned(),
            Some(some) => {
                format!(" It does not reach the {some} people who have no method at all.")
            }
        };
        let puts_off = match after.enforced_after_snoozes {
            Some(true) => "three times",
            Some(false) => "as often as they like",
            None => "for a while (how often was not told)",
        };
        format!(
            "Whoever passes MFA without Microsoft Authenticator is asked at sign-in to set it up, \
             and can put it off {puts_off}.{left}"
        )
    }

    fn of_membership(&self, group: &str, member: &str, after: Presence) -> String {
        if self.is_exception {
            let member = word(member);
            return match after {
                Presence::Present => format!(
                    "{member} is not asked for MFA by the policies that leave out the group of dated \
                     exceptions."
                ),
                Presence::Absent => format!(
                    "{member} is asked for MFA like everybody else, from the next sign-in on."
                ),
            };
        }
        if self.is_bridge && after == Presence::Present {
            return format!(
                "Nobody notices it before the cut-over, which covers these {} first.",
                count(u64::try_from(self.joining).unwrap_or(u64::MAX), "person", "people")
            );
        }
        self.of_groups.get(&group.to_lowercase()).cloned().unwrap_or_else(|| NOBODY.to_owned())
    }

    fn of_per_user(&self, after: rollout::PerUserMfa) -> String {
        let who = accounts(&self.per_user);
        if after == rollout::PerUserMfa::Disabled {
            let are = if self.per_user.len() == 1 { "is" } else { "are" };
            return format!("{who} {are} asked for MFA by the policies alone from then on.");
        }
        let without = match self.per_user_without {
            Some(0) => String::new(),
            Some(some) => {
                format!(" Of them, {} no method and must register first.", have(some))
            }
            None => " Who of them has no method no file tells.".to_owned(),
        };
        format!("{who} must pass MFA at every sign-in again, whatever the policies say.{without}")
    }
}

/// A policy that asks all users at every resource for something.
fn is_for_everybody(policy: Option<&Policy>) -> bool {
    policy.is_some_and(|it| {
        it.includes_all_users() && it.includes_all_resources() && !it.grants("block")
    })
}

fn have(some: usize) -> String {
    if some == 1 { "1 has".to_owned() } else { format!("{some} have") }
}

fn is_are(names: &[String]) -> String {
    let are = if names.len() == 1 { "is" } else { "are" };
    format!("{} {are}", accounts(names))
}

fn policies(names: &[String]) -> String {
    count(words::length(names), "policy", "policies")
}

/// Names of the policies that are On.
fn on(policies: &[Policy]) -> Vec<String> {
    let on = policies.iter().filter(|it| it.state == State::Enabled);
    on.map(|it| word(&it.display_name)).collect()
}

/// What it means that somebody joins or leaves a group, by the group.
fn of_groups(set: &ChangeSet, after: Option<&Snapshot>) -> BTreeMap<String, String> {
    let mut told = BTreeMap::new();
    for change in &set.changes {
        let Edit::Membership { group, after: is_there, .. } = &change.edit else { continue };
        if change.edit.changes_nothing() {
            continue;
        }
        let who = names(set, |edit| match edit {
            Edit::Membership { group: other, member, after, .. }
                if other.id == group.id && after == is_there =>
            {
                Some(&member.name)
            }
            _ => None,
        });
        let policies = after.map(|it| it.policies.as_deref());
        let stands = stands(group, policies.flatten());
        let sentence = joins(&who, is_there.is_there(), group, &stands);
        // Of one group some may join and others leave: both are said.
        told.entry(group.id.to_lowercase())
            .and_modify(|it: &mut String| {
                if !it.contains(&sentence) {
                    it.push(' ');
                    it.push_str(&sentence);
                }
            })
            .or_insert(sentence);
    }
    told
}

fn accounts(names: &[String]) -> String {
    count(words::length(names), "account", "accounts")
}

fn names<'s>(set: &'s ChangeSet, name: impl Fn(&'s Edit) -> Option<&'s String>) -> Vec<String> {
    let real = set.changes.iter().filter(|it| !it.edit.changes_nothing());
    real.filter_map(|it| name(&it.edit)).map(|it| word(it)).collect()
}

fn joining(set: &ChangeSet) -> usize {
    let joins = |edit: &&Change| match &edit.edit {
        Edit::Membership { after, .. } => *after == Presence::Present,
        _ => false,
    };
    set.changes.iter().filter(joins).filter(|it| !it.edit.changes_nothing()).count()
}

/// What the sign-ins of the log would have met under the policies that the set turns On, all of them
/// together, as they are after its last change.
fn asked(set: &ChangeSet, seen: Option<&Seen<'_>>) -> Option<String> {
    let mut last: BTreeMap<&str, (&Policy, bool)> = BTreeMap::new();
    for change in &set.changes {
        let Edit::Policy { after: Some(after), .. } = &change.edit else { continue };
        let policy = &*after.0;
        let key = policy.id.as_deref().unwrap_or(&policy.display_name);
        let changes = !change.edit.changes_nothing();
        last.entry(key)
            .and_modify(|it| *it = (policy, it.1 || changes))
            .or_insert((policy, changes));
    }
    let on = last.into_values().filter(|(it, changes)| *changes && it.state == State::Enabled);
    let on: Vec<Policy> = on.map(|(it, _)| it.clone()).collect();
    if on.is_empty() {
        return None;
    }
    let Some(seen) = seen else {
        return Some(
            "How many people notice it cannot be said: the facts cannot be read.".to_owned(),
        );
    };
    let proposal = Proposal::of_policies(seen.facts, on);
    Some(match impact(seen.facts, seen.classification, &proposal) {
        Some(impact) => sentence(&impact.users, impact.sign_ins.total, &Hurt::of(&impact)),
        None => not_tried(seen.facts.measurement.is_some()).to_owned(),
    })
}

const fn not_tried(has_log: bool) -> &'static str {
    if has_log {
        "How many people notice it cannot be said: nobody tried it on the sign-ins of the log."
    } else {
        "How many people notice it cannot be said: there is no sign-in log."
    }
}

/// Names of those who stop.
#[derive(Debug, Default)]
struct Hurt {
    locked_out: Vec<String>,
    blocked_legacy: Vec<String>,
}

impl Hurt {
    fn of(impact: &Impact) -> Self {
        let mut hurt = Self::default();
        for person in &impact.people {
            let names = match person.outcome {
                UserOutcome::Blocked | UserOutcome::Cannot => &mut hurt.locked_out,
                UserOutcome::BlockedLegacy => &mut hurt.blocked_legacy,
                _ => continue,
            };
            names.push(word(person.account.label()));
        }
        hurt
    }
}

/// Who is hurt first, and by name, then who has something to do, then the rest.
fn sentence(users: &UserCounts, sign_ins: u64, hurt: &Hurt) -> String {
    let total = count(users.total, "account", "accounts");
    let mut first = Vec::new();
    let of_all = |some: u64, is_first: bool| {
        if is_first { format!("{} of {total}", number(some)) } else { number(some) }
    };
    match users.locked_out() {
        0 if users.blocked_legacy == 0 => {
            first.push(format!("Of {total}, none is known to be locked out"));
        }
        0 => {}
        some => {
            let names = named(&hurt.locked_out);
            first.push(format!("{} would be locked out{names}", of_all(some, true)));
        }
    }
    if users.blocked_legacy > 0 {
        let one = users.blocked_legacy == 1;
        first.push(format!(
            "{} {} legacy sign-ins, and {} unless moved before{}",
            of_all(users.blocked_legacy, first.is_empty()),
            if one { "loses" } else { "lose" },
            if one { "stops" } else { "stop" },
            named(&hurt.blocked_legacy)
        ));
        if users.locked_out() == 0 {
            first.push("nobody else is known to be locked out".to_owned());
        }
    }
    if users.unknown > 0 {
        first.push(format!("of {} nobody can say", number(users.unknown)));
    }
    let rest = [
        (users.must_register, "must register first"),
        (users.ready, "are ready"),
        (users.not_touched, "are not touched"),
    ];
    let rest: Vec<String> = rest
        .iter()
        .filter(|(some, _)| *some > 0)
        .map(|(some, what)| format!("{} {what}", number(*some)))
        .collect();
    let rest = if rest.is_empty() { String::new() } else { format!(" {}.", rest.join(", ")) };
    format!(
        "{}.{rest} That is what {} of the log would have met.",
        first.join("; "),
        count(sign_ins, "successful sign-in", "successful sign-ins")
    )
}

/// Names after a colon, the first of them where they are many.
fn named(names: &[String]) -> String {
    /// Names that are shown.
    const SHOWN: usize = 6;
    if names.is_empty() {
        return String::new();
    }
    let shown: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    let more = match names.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(": {}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use rollout::Snapshot;
    use rollout::change::{Draft, Made};
    use rollout::preflight::Stage;

    use super::*;

    #[test]
    fn who_is_hurt_stands_first_and_unknown_is_never_left_out() {
        let users = |blocked, cannot, blocked_legacy, unknown, must_register| UserCounts {
            total: 240,
            blocked,
            cannot,
            blocked_legacy,
            unknown,
            must_register,
            ..UserCounts::default()
        };
        let names = |some: u64| (1..=some).map(|it| format!("u{it}")).collect::<Vec<_>>();
        let log = "That is what 5,000 successful sign-ins of the log would have met.";
        let cases = [
            (
                users(1, 2, 0, 16, 26),
                "3 of 240 accounts would be locked out: u1, u2, u3; of 16 nobody can say. 26 must \
                 register first.",
            ),
            (
                users(0, 0, 0, 1, 0),
                "Of 240 accounts, none is known to be locked out; of 1 nobody can say.",
            ),
            (
                users(0, 0, 1, 0, 0),
                "1 of 240 accounts loses legacy sign-ins, and stops unless moved before: u1; nobody \
                 else is known to be locked out.",
            ),
            (
                users(0, 1, 8, 0, 0),
                "1 of 240 accounts would be locked out: u1; 8 lose legacy sign-ins, and stop unless \
                 moved before: u1, u2, u3, u4, u5, u6 and 2 more.",
            ),
        ];
        for (counts, said) in cases {
            let hurt = Hurt {
                locked_out: names(counts.locked_out()),
                blocked_legacy: names(counts.blocked_legacy),
            };
            assert_eq!(sentence(&counts, 5_000, &hurt), format!("{said} {log}"));
        }
    }

    #[test]
    fn a_log_that_was_not_replayed_is_not_a_log_that_is_missing() {
        assert!(!not_tried(true).contains("no sign-in log"));
        assert!(not_tried(false).ends_with("there is no sign-in log."));
    }

    fn disabling(names: &[&str]) -> ChangeSet {
        let edit = |name: &&str| Edit::AccountEnabled {
            user: Named::new(*name, *name),
            before: Some(true),
            after: false,
        };
        let draft = Draft {
            purpose: Purpose::Dormant,
            title: "Disable dormant accounts".to_owned(),
            step: Stage::Prepare,
            edits: names.iter().map(|it| (edit(it), "Unused.".to_owned())).collect(),
            gap: None,
            rests_on: std::collections::BTreeSet::new(),
        };
        let at = "2026-11-23T09:00:00Z".parse().unwrap();
        let made = Made { at, from: "a".to_owned(), expires: at };
        ChangeSet::make(draft, &Snapshot::default(), made)
    }

    #[test]
    fn of_many_alike_changes_one_sentence_is_said() {
        let set = disabling(&["ann", "bea", "cem", "dot", "eve"]);
        let disabled = names(&set, |edit| match edit {
            Edit::AccountEnabled { user, .. } => Some(&user.name),
            _ => None,
        });
        let told = Told { disabled, ..Told::default() };
        let said: Vec<Option<String>> = set.changes.iter().map(|it| told.of(it)).collect();
        let one = Some("5 accounts can no longer sign in: ann, bea, cem and 2 more.".to_owned());
        assert!(said.iter().all(|it| *it == one), "{said:?}");
    }

    #[test]
    fn a_policy_in_report_only_is_noticed_by_nobody_and_one_that_stops_is_named() {
        let told = Told {
            asked: Some("3 of 240 accounts would be locked out.".to_owned()),
            without_method: Some(4),
            has_gap: true,
            ..Told::default()
        };
        let policy = |state: &str| {
            let json = serde_json::json!({
                "id": "1f7c9e54-0000-4000-8000-000000000001", "displayName": "CA001",
                "state": state, "conditions": {},
                "grantControls": { "operator": "OR", "builtInControls": ["mfa"] },
            });
            conditional_access::read_policy(&json).unwrap()
        };
        let (on, reports) = (policy("enabled"), policy("enabledForReportingButNotEnforced"));
        assert_eq!(told.of_policy(None, Some(&on)), told.asked);
        let quiet = told.of_policy(None, Some(&reports)).unwrap();
        assert!(quiet.starts_with("Nobody notices it"), "{quiet}");
        let stops = told.of_policy(Some(&on), Some(&reports)).unwrap();
        assert_eq!(stops, "`CA001` asks and blocks nobody any more.");
        let campaign = |state: &str| {
            told.of_campaign(&rollout::Campaign {
                state: Some(state.to_owned()),
                enforced_after_snoozes: Some(true),
                ..rollout::Campaign::default()
            })
        };
        let on = campaign("enabled");
        assert!(on.ends_with("the 4 people who have no method at all."), "{on}");
        assert!(on.contains("three times"), "{on}");
        // Microsoft asks people by itself: nobody may be told that nobody is asked.
        assert!(campaign("default").contains("Microsoft decides"));
        assert!(campaign("disabled").starts_with("Nobody is asked"));
        assert!(campaign("of a new kind").contains("nobody can say"));
    }

    #[test]
    fn the_way_back_says_who_is_exposed_and_what_does_not_come_back() {
        let told = |policies_after: Option<Vec<Policy>>, in_scope| Told {
            is_way_back: true,
            policies_after,
            in_scope,
            ..Told::default()
        };
        let json = serde_json::json!({
            "id": "1", "displayName": "CA001", "state": "enabled",
            "conditions": {"users": {"includeUsers": ["All"]},
                "applications": {"includeApplications": ["All"]}},
            "grantControls": { "operator": "OR", "builtInControls": ["mfa"] },
        });
        let on = conditional_access::read_policy(&json).unwrap();
        // Back to the pilot, which is On: all but its members are exposed.
        let mut pilot = on.clone();
        pilot.conditions.users.include_users.clear();
        let said = told(None, Some(210)).of_policy(Some(&on), Some(&pilot)).unwrap();
        let others =
            "It goes on asking whom it names; whoever of the 210 people in scope is not among";
        assert!(said.contains(others), "{said}");
        // A later change of the same set takes it back altogether, and security defaults come back.
        let ends = Policy { state: State::Disabled, ..pilot.clone() };
        let all = Told { has_defaults_after: true, ..told(Some(vec![ends]), Some(210)) };
        let said = all.of_policy(Some(&on), Some(&pilot)).unwrap();
        let everybody =
            "All 210 people in scope sign in by password alone wherever security defaults";
        assert!(said.contains(everybody), "{said}");
        // One that blocks legacy authentication for all users never asked them for MFA.
        let mut blocks = on.clone();
        blocks.grant.as_mut().unwrap().built_in = vec!["block".to_owned()];
        let said = told(None, Some(210)).of_policy(Some(&blocks), None).unwrap();
        assert_eq!(said, "`CA001` asks and blocks nobody any more.");
        let said = told(None, Some(210)).of_policy(Some(&on), None).unwrap();
        assert!(said.contains("All 210 people in scope sign in by password alone"), "{said}");
        assert!(said.ends_with("registered stay registered."), "{said}");
        let said = told(None, None).of_policy(Some(&on), None).unwrap();
        assert!(said.contains("Nobody can say how many"), "{said}");
        let cases = [
            (None, "Whether they can be turned on nobody can say"),
            (Some(vec![on]), "cannot come back while a policy is On, and 1 policy"),
            (Some(Vec::new()), "make everybody register, ask administrators at every sign-in"),
        ];
        for (policies, says) in cases {
            let said = told(policies, None).of_defaults_on();
            assert!(said.contains(says), "{said}");
        }
        let gap = Told { has_gap: true, ..told(Some(Vec::new()), None) };
        assert!(gap.of_defaults_on().ends_with(LESS_PROTECTED));
    }

    #[test]
    fn what_no_file_tells_is_said_to_be_unknown() {
        let told = Told { per_user: vec!["ann".to_owned()], ..Told::default() };
        let said = told.of_per_user(rollout::PerUserMfa::Enforced);
        assert!(said.ends_with("Who of them has no method no file tells."), "{said}");
        let said = told.of_per_user(rollout::PerUserMfa::Disabled);
        assert_eq!(said, "1 account is asked for MFA by the policies alone from then on.");
        let told = Told { per_user_without: Some(1), ..told };
        let said = told.of_per_user(rollout::PerUserMfa::Enforced);
        assert!(said.ends_with("Of them, 1 has no method and must register first."), "{said}");
    }
}
