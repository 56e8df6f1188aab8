//! A change as a write to the tenant.

use conditional_access::write_policy;
use entra::graph::writes::{
    AddMember, AssignRole, Campaign, CampaignState, CampaignTarget, DeleteGroup, DeleteMethod,
    DeletePolicy, DeleteUser, Marker, MethodKind, NewGroup, NewPass, NewPassword, NewPolicy,
    NewUser, NotAMarker, NotAnId, NotWritable, ObjectId, PatchPolicy, PatchUser, PerUserMfa,
    PerUserMfaState, PolicyBody, RemoveMember, RemovePass, RemoveRole, RestorePolicy,
    RevokeSessions, SecurityDefaults, Write,
};
use entra::graph::{Call, Client, GraphError, Transport, Version, Workload};
use rollout::change::{Before, Edit, PolicyDocument, Presence, is_provisional};
use rollout::{Campaign as WantedCampaign, PerUserMfa as WantedPerUserMfa};
use secrecy::SecretString;
use serde_json::Value;

/// Why a change is no write.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CannotWrite {
    /// An id that is none.
    #[error("the change names an object by something that is no id")]
    Id(#[from] NotAnId),
    /// A marker that is none.
    #[error("no marker can be made for the new object")]
    Marker(#[from] NotAMarker),
    /// A policy with something in it that lockstep does not write.
    #[error("the policy cannot be written as it is")]
    Policy(#[from] NotWritable),
    /// A kind of method that Graph deletes by no path.
    #[error("a method of the kind `{kind}` cannot be deleted through Graph")]
    Method {
        /// The kind.
        kind: String,
    },
    /// A state of the campaign that Graph does not know.
    #[error("`{state}` is no state of the registration campaign")]
    CampaignState {
        /// The state.
        state: String,
    },
    /// Something a write must say that the change does not.
    #[error("the change does not say {what}")]
    NotSaid {
        /// What.
        what: &'static str,
    },
    /// What the write is made of could not be read.
    #[error("what the change adds to could not be read")]
    Read(#[source] Box<GraphError>),
    /// What the write is made of was read and is not what it should be.
    #[error("what the change adds to could not be understood: {what}")]
    Shape {
        /// What is wrong.
        what: &'static str,
    },
}

/// What the write of a change is made of, besides the change.
pub(crate) struct Given<'g> {
    /// Id of the change set: markers of new objects hold it, so that a later run finds them again.
    pub(crate) set: &'g str,
    /// Root of Graph.
    pub(crate) graph: &'g str,
    /// The first password of an account that is made.
    pub(crate) password: Option<SecretString>,
}

/// The account that a change makes or gives another password, which needs a password.
pub(crate) fn makes_account(edit: &Edit) -> Option<&str> {
    match edit {
        Edit::NewPassword { user } => Some(&user.name),
        Edit::User { user, after: Presence::Present, .. } => Some(&user.user_principal_name),
        _ => None,
    }
}

/// The write of a change, whose provisional ids were replaced by those that Graph gave; only the
/// object that it makes has one. Lists that a change adds to are read first.
///
/// # Errors
/// See [`CannotWrite`].
pub(crate) async fn write_of<T: Transport>(
    client: &Client<T>,
    edit: &Edit,
    given: &Given<'_>,
) -> Result<Write, CannotWrite> {
    match edit {
        Edit::Campaign { after, exclude_groups, .. } => {
            campaign(client, after, exclude_groups).await
        }
        other => plain(other, given),
    }
}

/// Whether a change can be written at all, as far as it shows before anything is read or sent.
///
/// # Errors
/// See [`CannotWrite`].
pub(crate) fn check(edit: &Edit, set: &str) -> Result<(), CannotWrite> {
    let password = makes_account(edit).map(|_| SecretString::from(String::new()));
    let given = Given { set, graph: "", password };
    match edit {
        Edit::Campaign { after, .. } => campaign_state(after).map(drop),
        // What an earlier change makes has no id yet.
        Edit::Role { .. } | Edit::Membership { .. } => Ok(()),
        other => plain(other, &given).map(drop),
    }
}

fn plain(edit: &Edit, given: &Given<'_>) -> Result<Write, CannotWrite> {
    let id = |it: &str| ObjectId::new(it).map_err(CannotWrite::from);
    Ok(match edit {
        Edit::User { .. } | Edit::Group { .. } => object(edit, given)?,
        Edit::Role { role, principal, after, .. } => {
            let scope = "/".to_owned();
            let role = AssignRole { principal: id(&principal.id)?, role: id(role)?, scope };
            match after {
                Presence::Present => Write::AssignRole(role),
                Presence::Absent => Write::RemoveRole(RemoveRole(role)),
            }
        }
        Edit::Membership { group, member, after, .. } => {
            let (group, member) = (id(&group.id)?, id(&member.id)?);
            match after {
                Presence::Present => {
                    Write::AddMember(AddMember { group, member, graph: given.graph.to_owned() })
                }
                Presence::Absent => Write::RemoveMember(RemoveMember { group, member }),
            }
        }
        Edit::Policy { before, after } => policy(before, after.as_ref(), given.set)?,
        Edit::SecurityDefaults { after, .. } => {
            Write::SecurityDefaults(SecurityDefaults { enabled: *after })
        }
        Edit::PerUserMfa { user, after, .. } => Write::PerUserMfa(PerUserMfa {
            user: id(&user.id)?,
            state: match after {
                WantedPerUserMfa::Disabled => PerUserMfaState::Disabled,
                WantedPerUserMfa::Enabled => PerUserMfaState::Enabled,
                WantedPerUserMfa::Enforced => PerUserMfaState::Enforced,
            },
        }),
        Edit::DeleteMethod { user, id: method_id, method } => {
            let name = format!("#microsoft.graph.{}AuthenticationMethod", method.kind);
            let kind = MethodKind::of_odata_type(&name)
                .ok_or_else(|| CannotWrite::Method { kind: method.kind.clone() })?;
            Write::DeleteMethod(DeleteMethod { user: id(&user.id)?, kind, id: id(method_id)? })
        }
        Edit::TemporaryAccessPass { user, after: Presence::Absent, .. } => {
            Write::RemovePass(RemovePass { user: id(&user.id)? })
        }
        Edit::TemporaryAccessPass { user, before, minutes, once, .. } => {
            Write::CreatePass(NewPass {
                user: id(&user.id)?,
                start: None,
                minutes: Some(*minutes),
                once: *once,
                replace: *before == Some(Presence::Present),
            })
        }
        Edit::NewPassword { user } => Write::NewPassword(NewPassword {
            user: id(&user.id)?,
            password: given.password.clone().ok_or(CannotWrite::NotSaid { what: "a password" })?,
            change_password: false,
        }),
        Edit::RevokeSessions { user } => {
            Write::RevokeSessions(RevokeSessions { user: id(&user.id)? })
        }
        Edit::AccountEnabled { user, after, .. } => {
            Write::PatchUser(PatchUser::enabled(id(&user.id)?, *after))
        }
        Edit::Campaign { .. } => {
            return Err(CannotWrite::NotSaid { what: "whom the campaign reaches" });
        }
    })
}

/// An account or a group that is made or deleted.
fn object(edit: &Edit, given: &Given<'_>) -> Result<Write, CannotWrite> {
    let id = |it: &str| ObjectId::new(it).map_err(CannotWrite::from);
    Ok(match edit {
        Edit::User { user, after: Presence::Present, .. } => Write::CreateUser(NewUser {
            user_principal_name: user.user_principal_name.clone(),
            display_name: user.display_name.clone(),
            mail_nickname: nickname(&user.user_principal_name),
            password: given.password.clone().ok_or(CannotWrite::NotSaid { what: "a password" })?,
            change_password: false,
            password_never_expires: true,
            enabled: true,
        }),
        Edit::User { user, .. } => Write::DeleteUser(DeleteUser { id: id(&user.id)? }),
        Edit::Group { group, after: Presence::Present, .. } => Write::CreateGroup(NewGroup {
            display_name: group.display_name.clone(),
            description: "Made by lockstep.".to_owned(),
            marker: marker(&group.id, given.set)?,
            role_assignable: group.assignable_to_role,
        }),
        Edit::Group { group, .. } => Write::DeleteGroup(DeleteGroup { id: id(&group.id)? }),
        _ => return Err(CannotWrite::NotSaid { what: "which object it makes" }),
    })
}

fn policy(
    before: &Before,
    after: Option<&PolicyDocument>,
    set: &str,
) -> Result<Write, CannotWrite> {
    let no_id = CannotWrite::NotSaid { what: "the id of the policy" };
    let Some(after) = after else {
        let id = before.policy().and_then(|it| it.id.as_deref()).ok_or(no_id)?;
        return Ok(Write::DeletePolicy(DeletePolicy { id: ObjectId::new(id)? }));
    };
    let id = after.0.id.as_deref().ok_or(no_id)?;
    let body = PolicyBody::of_read(&without_id(&write_policy(&after.0)))?;
    if is_provisional(id) {
        return Ok(Write::CreatePolicy(NewPolicy { body, marker: marker(id, set)? }));
    }
    let id = ObjectId::new(id)?;
    Ok(match before {
        Before::Absent => Write::RestorePolicy(RestorePolicy { id }),
        Before::NotSeen => Write::PatchPolicy(PatchPolicy { id, changes: body }),
        Before::Was(before) => {
            let changes = body.change_from(&without_id(&write_policy(&before.0)))?;
            Write::PatchPolicy(PatchPolicy { id, changes })
        }
    })
}

/// A policy that was drafted has its provisional id among its properties.
fn without_id(policy: &Value) -> Value {
    let mut policy = policy.clone();
    if let Some(all) = policy.as_object_mut() {
        all.retain(|key, _| !key.eq_ignore_ascii_case("id"));
    }
    policy
}

async fn campaign<T: Transport>(
    client: &Client<T>,
    after: &WantedCampaign,
    exclude_groups: &[String],
) -> Result<Write, CannotWrite> {
    let call = Call::get(Version::Beta, "/policies/authenticationMethodsPolicy", Workload::Other);
    let now = json(client, &call).await?;
    let path = "/registrationEnforcement/authenticationMethodsRegistrationCampaign";
    let now = now.pointer(path).ok_or(CannotWrite::Shape { what: "it holds no campaign" })?;
    let include = targets(now, "includeTargets")?;
    let mut exclude = targets(now, "excludeTargets")?;
    // Who was left out before and is to be reached again is taken off the list; where nobody told the
    // list of before, it only grows.
    if let Some(wanted) = &after.excluded {
        exclude.retain(|it| wanted.iter().any(|id| it.id.is(id)));
    }
    for group in after.excluded.iter().flatten().chain(exclude_groups) {
        if !exclude.iter().any(|it| it.id.is(group)) {
            exclude.push(CampaignTarget { id: ObjectId::new(group)?, is_user: false });
        }
    }
    let include = if include.is_empty() {
        vec![CampaignTarget { id: ObjectId::new("all_users")?, is_user: false }]
    } else {
        include
    };
    let days = after.snooze_days.and_then(|it| u8::try_from(it).ok());
    Ok(Write::Campaign(Campaign {
        state: campaign_state(after)?,
        snooze_days: days.ok_or(CannotWrite::NotSaid { what: "how long people may snooze" })?,
        enforce_after_snoozes: after.enforced_after_snoozes,
        include,
        exclude,
        method: after
            .targeted_method
            .clone()
            .unwrap_or_else(|| "microsoftAuthenticator".to_owned()),
    }))
}

fn campaign_state(campaign: &WantedCampaign) -> Result<CampaignState, CannotWrite> {
    let state = campaign
        .state
        .as_deref()
        .ok_or(CannotWrite::NotSaid { what: "the state of the campaign" })?;
    CampaignState::of_word(state)
        .ok_or_else(|| CannotWrite::CampaignState { state: state.to_owned() })
}

fn targets(campaign: &Value, name: &str) -> Result<Vec<CampaignTarget>, CannotWrite> {
    let list = campaign.get(name).and_then(Value::as_array);
    let all = list.into_iter().flatten().map(|it| {
        let text = |key: &str| it.get(key).and_then(Value::as_str);
        let id = text("id").ok_or(CannotWrite::Shape { what: "a target without an id" })?;
        let is_user = text("targetType").is_some_and(|it| it.eq_ignore_ascii_case("user"));
        Ok(CampaignTarget { id: ObjectId::new(id)?, is_user })
    });
    all.collect()
}

async fn json<T: Transport>(client: &Client<T>, call: &Call) -> Result<Value, CannotWrite> {
    let answer = client.call(call).await.map_err(|it| CannotWrite::Read(Box::new(it)))?;
    answer.json().map_err(|_| CannotWrite::Shape { what: "the answer is no JSON" })
}

/// What a new object is found by again: the word of its provisional id, and the set it belongs to.
fn marker(provisional: &str, set: &str) -> Result<Marker, NotAMarker> {
    let plain = |letter: &char| letter.is_ascii_alphanumeric() || *letter == '-';
    let word = provisional.trim_start_matches(rollout::change::PROVISIONAL);
    let word: String =
        word.chars().filter(plain).map(|it| it.to_ascii_lowercase()).take(27).collect();
    let set: String = set.chars().filter(plain).take(12).collect();
    Marker::new(&format!("{word}-{}", set.to_ascii_lowercase()))
}

/// `mailNickname`: the part before the at sign, with what Exchange takes.
fn nickname(name: &str) -> String {
    let local = name.split('@').next().unwrap_or_default();
    let plain = |letter: &char| letter.is_ascii_alphanumeric() || "-_.".contains(*letter);
    local.chars().filter(plain).take(64).collect()
}
