//! What a policy is about: resources, user actions, authentication contexts (Entra documentation,
//! *Conditional Access: Target resources*).

use super::app::{
    self, AZURE_AD_GRAPH, Apps, DEVICE_REGISTRATION, MICROSOFT_GRAPH, SHAREPOINT, TEAMS,
};
use super::rule::{AppWord, TargetRule};
use super::why::Why;
use crate::facts::{AppGroup, BaselineScopes, SignIn, UserAction};
use crate::outcome::Fact;
use crate::truth::Truth;

/// Scopes that reach no more than a directory's own data (*Improved enforcement for All resources
/// policies with resource exclusions*).
const BASELINE_SCOPES: [&str; 11] = [
    "email",
    "offline_access",
    "openid",
    "profile",
    "user.read",
    "user.read.all",
    "user.readbasic.all",
    "people.read",
    "people.read.all",
    "groupmember.read.all",
    "member.read.hidden",
];
const OIDC_SCOPES: [&str; 4] = ["email", "offline_access", "openid", "profile"];

/// One thing a sign-in asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Audience {
    /// Nobody saw which resource.
    Unseen,
    /// Microsoft Graph, behind which any resource may stand.
    Graph,
    /// One application.
    App(String),
    /// An application that another one, at this place, brings along.
    Brought(String, usize),
}

/// What a sign-in asks for.
#[derive(Debug)]
pub(super) struct Request {
    audiences: Vec<Audience>,
    baseline: Option<Baseline>,
    client: Option<String>,
    client_confidential: Option<bool>,
    asks_oidc_only: bool,
    action: Option<UserAction>,
    contexts: Option<Vec<String>>,
}

/// How the tenant treats a sign-in that asks for baseline scopes only.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Baseline {
    Enforced,
    Legacy,
    Custom(String),
    NotSeen,
}

/// By which way a policy reaches a sign-in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    /// By a user action.
    pub(super) by_action: Truth,
    /// By a resource or an authentication context.
    pub(super) by_resource: Truth,
}

impl Reach {
    pub(super) fn any(self) -> Truth {
        self.by_action.or(self.by_resource)
    }
}

impl Request {
    pub(super) fn of(sign_in: &SignIn, baseline: Option<&BaselineScopes>) -> Self {
        let all_in = |list: &[&str]| {
            let scopes = &sign_in.scopes;
            !scopes.is_empty()
                && scopes.iter().all(|it| list.contains(&it.trim().to_ascii_lowercase().as_str()))
        };
        let asks_nothing = sign_in.resources.as_ref().is_some_and(Vec::is_empty);
        let baseline = (all_in(&BASELINE_SCOPES) && sign_in.audiences.is_empty() && !asks_nothing)
            .then(|| match baseline {
                Some(BaselineScopes::Enforced) => Baseline::Enforced,
                Some(BaselineScopes::Legacy) => Baseline::Legacy,
                Some(BaselineScopes::Custom(app)) => Baseline::Custom(app.to_ascii_lowercase()),
                None => Baseline::NotSeen,
            });
        Self {
            audiences: audiences(sign_in),
            baseline,
            client: sign_in.client_id.as_ref().map(|id| id.to_ascii_lowercase()),
            client_confidential: sign_in.client_confidential,
            asks_oidc_only: all_in(&OIDC_SCOPES),
            action: sign_in.user_action.clone(),
            contexts: sign_in.authentication_contexts.clone(),
        }
    }

    /// Whether Teams or SharePoint is among the resources.
    pub(super) fn blurs_guests(&self) -> Truth {
        self.audiences.iter().fold(Truth::False, |truth, audience| {
            truth.or(match audience {
                Audience::App(app) => (app == TEAMS || app == SHAREPOINT).into(),
                Audience::Brought(..) => Truth::False,
                Audience::Graph | Audience::Unseen => Truth::Unknown,
            })
        })
    }

    /// Whether a resource of this id is asked for.
    pub(super) fn asks_for(&self, id: &str, why: &mut Why) -> Truth {
        self.audiences.iter().fold(Truth::False, |truth, audience| {
            truth.or(match audience {
                Audience::App(app) => (app == id).into(),
                Audience::Brought(..) | Audience::Graph => Truth::False,
                Audience::Unseen => why.unknown(|| Fact::Resources),
            })
        })
    }

    /// Whether the client has this id.
    pub(super) fn comes_from(&self, id: &str, why: &mut Why) -> Truth {
        why.of(self.client.as_ref().map(|client| client == id), || Fact::Client)
    }

    /// True when the sign-in also asks for a resource.
    pub(super) fn has_resources(&self) -> bool {
        !self.audiences.is_empty()
    }

    pub(super) fn action(&self) -> Option<&UserAction> {
        self.action.as_ref()
    }
}

/// The audiences the log tells replace the resources. A user action without a resource asks for
/// none.
fn audiences(sign_in: &SignIn) -> Vec<Audience> {
    let lower = |ids: &[String]| ids.iter().map(|id| id.to_ascii_lowercase()).collect::<Vec<_>>();
    if !sign_in.audiences.is_empty() {
        return lower(&sign_in.audiences).into_iter().map(Audience::App).collect();
    }
    let Some(resources) = &sign_in.resources else {
        let is_action = sign_in.user_action.as_ref().is_some_and(|it| *it != UserAction::None);
        return if is_action { Vec::new() } else { vec![Audience::Unseen] };
    };
    let resources = lower(resources);
    let brought: Vec<Audience> = resources
        .iter()
        .enumerate()
        .flat_map(|(position, resource)| {
            app::brings(resource).iter().map(move |it| (position, *it))
        })
        .filter(|(_, brought)| !resources.iter().any(|it| it == brought))
        .map(|(position, brought)| Audience::Brought(brought.to_owned(), position))
        .collect();
    let asked = resources.into_iter().map(|resource| match resource.as_str() {
        MICROSOFT_GRAPH => Audience::Graph,
        _ => Audience::App(resource),
    });
    asked.chain(brought).collect()
}

/// Whether the policy's targets match.
pub(super) fn reach(rule: &TargetRule, request: &Request, apps: &Apps, why: &mut Why) -> Reach {
    let by_action = why.answer(|why| by_action(rule, request, why));
    let by_context = why.answer(|why| by_context(rule, request, why));
    let judge = Judge { rule, request, apps };
    let by_resource = why.answer(|why| judge.by_resource(why));
    Reach { by_action, by_resource: by_context.or(by_resource) }
}

fn by_action(rule: &TargetRule, request: &Request, why: &mut Why) -> Truth {
    rule.actions.iter().fold(Truth::False, |truth, action| {
        truth.or(match (action, &request.action) {
            (_, None) => why.unknown(|| Fact::UserAction),
            (UserAction::Unmodelled(word), _) => why.unknown(|| Fact::Unmodelled(word.clone())),
            (named, Some(seen)) => (*seen != UserAction::None && named == seen).into(),
        })
    })
}

fn by_context(rule: &TargetRule, request: &Request, why: &mut Why) -> Truth {
    rule.contexts.iter().fold(Truth::False, |truth, context| {
        truth.or(match (context, &request.contexts) {
            (_, None) => why.unknown(|| Fact::AuthenticationContexts),
            (Err(word), Some(_)) => why.unknown(|| Fact::Unmodelled(word.clone())),
            (Ok(context), Some(seen)) => {
                seen.iter().any(|it| it.trim().eq_ignore_ascii_case(context)).into()
            }
        })
    })
}

/// One policy's list of applications, held against one request.
struct Judge<'a> {
    rule: &'a TargetRule,
    request: &'a Request,
    apps: &'a Apps,
}

impl Judge<'_> {
    fn by_resource(&self, why: &mut Why) -> Truth {
        let asks = match &self.request.baseline {
            None => self.asked(Truth::True, why),
            Some(Baseline::Enforced) => self.asked_as(AZURE_AD_GRAPH, why),
            Some(Baseline::Legacy) => self.asked_before_enforcement(why),
            Some(Baseline::Custom(app)) => self.asked_as_custom(app, why),
            Some(Baseline::NotSeen) => self.asked_under_unseen_setting(why),
        };
        asks.and(self.is_own_client(why).negated())
    }

    /// The resources as asked for. `all` says whether `All` reaches them.
    fn asked(&self, all: Truth, why: &mut Why) -> Truth {
        self.request
            .audiences
            .iter()
            .fold(Truth::False, |truth, audience| truth.or(self.in_scope(audience, all, why)))
    }

    fn asked_as(&self, app: &str, why: &mut Why) -> Truth {
        self.in_scope(&Audience::App(app.to_owned()), Truth::True, why)
    }

    /// The tenant opted out: `All` with an exclusion does not reach such a sign-in.
    fn asked_before_enforcement(&self, why: &mut Why) -> Truth {
        let all = match (self.rule.has_listed_exclusion(), self.rule.may_exclude()) {
            (true, _) => Truth::False,
            (false, true) => Truth::Unknown,
            (false, false) => Truth::True,
        };
        self.asked(all, why)
    }

    fn asked_as_custom(&self, app: &str, why: &mut Why) -> Truth {
        let names_graph = |words: &[AppWord]| {
            words.iter().any(|word| matches!(word, AppWord::Id(id) if id == AZURE_AD_GRAPH))
        };
        let audience = Audience::App(app.to_owned());
        let excluded = why.answer(|why| {
            let named = self.excluded(&audience, why);
            if names_graph(&self.rule.exclude) {
                named.or(why.unknown(|| Fact::BaselineScopes))
            } else {
                named
            }
        });
        let included = why.answer(|why| {
            let named = self.included(&audience, Truth::True, why);
            if names_graph(&self.rule.include) {
                named.or(why.unknown(|| Fact::BaselineScopes))
            } else {
                named
            }
        });
        included.and(excluded.negated())
    }

    fn asked_under_unseen_setting(&self, why: &mut Why) -> Truth {
        let enforced = self.asked_as(AZURE_AD_GRAPH, why);
        let before = self.asked_before_enforcement(why);
        let names_graph = self
            .rule
            .include
            .iter()
            .any(|word| matches!(word, AppWord::Id(id) if id == AZURE_AD_GRAPH));
        let all_with_exclusions = self.rule.includes_all() && self.rule.may_exclude();
        if enforced != before || names_graph || all_with_exclusions {
            return why.unknown(|| Fact::BaselineScopes);
        }
        enforced
    }

    /// A confidential client that the policy excludes by its own id, and that asks only who the
    /// person is, stays outside the policy.
    fn is_own_client(&self, why: &mut Why) -> Truth {
        let ids = self.rule.exclude.iter().filter_map(|word| match word {
            AppWord::Id(id) => Some(id),
            _ => None,
        });
        if !self.request.asks_oidc_only || self.request.client_confidential == Some(false) {
            return Truth::False;
        }
        let excluded =
            ids.fold(Truth::False, |truth, id| truth.or(self.request.comes_from(id, why)));
        let confidential = why.of(self.request.client_confidential, || Fact::ClientConfidential);
        excluded.and(confidential)
    }

    fn in_scope(&self, audience: &Audience, all: Truth, why: &mut Why) -> Truth {
        if matches!(audience, Audience::Unseen | Audience::Graph) {
            return self.umbrella(audience, all, why);
        }
        let excluded = why.answer(|why| self.excluded(audience, why));
        let included = why.answer(|why| self.included(audience, all, why));
        let in_scope = included.and(excluded.negated());
        let Audience::Brought(_, by) = audience else { return in_scope };
        // What the policy says of the resource that was asked for itself: if that is excluded,
        // whether the policy still applies through what it brings along is not documented.
        let asked = self.request.audiences.get(*by);
        let source = why.answer(|why| asked.map_or(Truth::False, |it| self.excluded(it, why)));
        if source.is_false() {
            return in_scope;
        }
        let behaviour = Fact::Behaviour("applying through a service dependency of an excluded app");
        in_scope.and(why.unknown(|| behaviour))
    }

    /// Microsoft Graph, or a resource nobody saw: only `All` without exclusions is certain.
    fn umbrella(&self, audience: &Audience, all: Truth, why: &mut Why) -> Truth {
        let rule = self.rule;
        if rule.includes_all() && !rule.may_exclude() && all.is_true() {
            return match (audience, &self.request.action) {
                // Without a resource it could have been a user action.
                (Audience::Unseen, None) => why.unknown(|| Fact::UserAction),
                _ => Truth::True,
            };
        }
        let narrower = rule.include.iter().any(|word| match word {
            AppWord::All => !all.is_false(),
            AppWord::None => false,
            AppWord::Group(_) | AppWord::Id(_) | AppWord::Unmodelled(_) => true,
        });
        if !narrower && !rule.filter_may(true) && rule.unmodelled_include.is_empty() {
            return Truth::False;
        }
        why.unknown(|| match audience {
            Audience::Graph => Fact::MicrosoftGraph,
            Audience::Unseen | Audience::App(_) | Audience::Brought(..) => Fact::Resources,
        })
    }

    fn included(&self, audience: &Audience, all: Truth, why: &mut Why) -> Truth {
        let rule = self.rule;
        let mut truth = Truth::False;
        for word in &rule.include {
            truth = truth.or(match word {
                AppWord::All => all.and(self.reached_by_all(audience, why)),
                other => self.matches(other, audience, why),
            });
        }
        if rule.filter_may(true) {
            truth =
                truth.or(why.unknown(|| Fact::Behaviour("custom security attributes of an app")));
        }
        for path in &rule.unmodelled_include {
            truth = truth.or(why.unknown(|| Fact::Unmodelled(path.clone())));
        }
        truth
    }

    fn excluded(&self, audience: &Audience, why: &mut Why) -> Truth {
        let rule = self.rule;
        let mut truth = Truth::False;
        for word in &rule.exclude {
            truth = truth.or(self.matches(word, audience, why));
        }
        if rule.filter_may(false) {
            truth =
                truth.or(why.unknown(|| Fact::Behaviour("custom security attributes of an app")));
        }
        for path in &rule.unmodelled_exclude {
            truth = truth.or(why.unknown(|| Fact::Unmodelled(path.clone())));
        }
        truth
    }

    /// `All` reaches every audience; of the Device Registration Service that is documented for
    /// policies about authentication flows only.
    fn reached_by_all(&self, audience: &Audience, why: &mut Why) -> Truth {
        let is_registration = matches!(audience, Audience::App(id) if id == DEVICE_REGISTRATION);
        if is_registration && !self.rule.has_flows {
            return why.unknown(|| Fact::Behaviour("Device Registration Service through All"));
        }
        Truth::True
    }

    fn matches(&self, word: &AppWord, audience: &Audience, why: &mut Why) -> Truth {
        let (Audience::App(id) | Audience::Brought(id, _)) = audience else {
            return why.unknown(|| Fact::MicrosoftGraph);
        };
        match word {
            AppWord::All => Truth::True,
            AppWord::None => Truth::False,
            AppWord::Id(named) => app::covers(named, id).into(),
            AppWord::Group(AppGroup::Office365) => self.apps.in_group(AppGroup::Office365, id, why),
            AppWord::Group(portals @ AppGroup::MicrosoftAdminPortals) => {
                // The portals' own tokens: the client counts as well as the audience.
                let audience = why.answer(|why| self.apps.in_group(*portals, id, why));
                let client = why.answer(|why| match &self.request.client {
                    Some(client) => self.apps.in_group(*portals, client, why),
                    None => why.unknown(|| Fact::Client),
                });
                audience.or(client)
            }
            AppWord::Unmodelled(word) => why.unknown(|| Fact::Unmodelled(word.clone())),
        }
    }
}

impl TargetRule {
    fn includes_all(&self) -> bool {
        self.include.contains(&AppWord::All)
    }

    fn has_listed_exclusion(&self) -> bool {
        self.exclude.iter().any(|word| *word != AppWord::None)
    }

    fn may_exclude(&self) -> bool {
        self.has_listed_exclusion() || self.filter_may(false) || !self.unmodelled_exclude.is_empty()
    }

    /// True when there is a filter for applications that includes, or excludes, or of which nobody
    /// can tell.
    fn filter_may(&self, include: bool) -> bool {
        self.filter.is_some_and(|mode| mode.is_none_or(|mode| mode == include))
    }
}
