//! The kinds of facts that make a situation, and their classes.

use crate::evaluate::compiled::Matching;
use crate::evaluate::target::Request;
use crate::evaluate::why::Why;
use crate::facts::{ClientApp, Flow, Protocol, SignIn};
use crate::truth::Truth;

/// One kind of facts of a situation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Axis {
    /// What is asked for: resources, the client that asks, a user action.
    Target,
    /// Address and country.
    Place,
    /// Sign-in, user and insider risk.
    Risk,
    /// Client app, protocol, flow and platform.
    Client,
    /// The device.
    Device,
}

/// Values of one axis that every policy and every control treat alike.
#[derive(Debug, Clone)]
pub struct Class {
    /// What the members are called, the representative first.
    pub(crate) names: Vec<String>,
    /// A sign-in with the representative's facts; whatever belongs to other axes means nothing.
    pub(crate) facts: SignIn,
    pub(crate) signature: Signature,
    /// How unusual the representative is; 0 is an everyday sign-in.
    pub(crate) unusual: u32,
}

/// How policies and controls see a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Signature {
    pub(crate) matching: Matching,
    pub(crate) traits: Traits,
}

/// What controls and layers read of a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Traits {
    None,
    Target { registers: bool, contexts: Vec<String>, administration: Vec<Truth> },
    Client { app: Option<ClientApp>, protocol: Option<Protocol>, flow: Option<Flow> },
    Device { registered: Option<bool>, compliant: Option<bool>, hybrid: Option<bool> },
}

impl Axis {
    /// Every axis.
    pub const ALL: [Self; 5] = [Self::Target, Self::Place, Self::Risk, Self::Client, Self::Device];

    /// Puts the facts of this axis into another sign-in.
    pub(crate) fn put(self, from: &SignIn, into: &mut SignIn) {
        let from = from.clone();
        match self {
            Self::Target => {
                into.resources = from.resources;
                into.audiences = from.audiences;
                into.client_id = from.client_id;
                into.client_confidential = from.client_confidential;
                into.scopes = from.scopes;
                into.user_action = from.user_action;
                into.authentication_contexts = from.authentication_contexts;
            }
            Self::Place => {
                into.ip = from.ip;
                into.country = from.country;
                into.gps_country = from.gps_country;
            }
            Self::Risk => into.risk = from.risk,
            Self::Client => {
                into.client_app = from.client_app;
                into.protocol = from.protocol;
                into.flow = from.flow;
                into.platform = from.platform;
            }
            Self::Device => into.device = from.device,
        }
    }

    pub(super) fn traits(self, facts: &SignIn, request: &Request) -> Traits {
        match self {
            Self::Target => Traits::Target {
                registers: super::targets::registers(facts),
                contexts: facts.authentication_contexts.clone().unwrap_or_default(),
                administration: super::targets::administrative(request, &mut Why::unwanted()),
            },
            Self::Client => {
                Traits::Client { app: facts.client_app, protocol: facts.protocol, flow: facts.flow }
            }
            Self::Device => {
                let device = facts.device.as_ref();
                Traits::Device {
                    registered: device.and_then(|it| it.is_registered()),
                    compliant: device.and_then(|it| it.is_compliant()),
                    hybrid: device.and_then(|it| it.is_hybrid_joined()),
                }
            }
            Self::Place | Self::Risk => Traits::None,
        }
    }
}

impl Class {
    pub(crate) fn of(facts: SignIn, name: String, unusual: u32) -> Self {
        let signature = Signature { matching: Matching::NONE, traits: Traits::None };
        Self { names: vec![name], facts, signature, unusual }
    }

    /// What the members are called, the representative first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    pub(crate) fn name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }

    /// True when the other is treated as this one is.
    pub(super) fn holds(&self, other: &Self) -> bool {
        self.signature == other.signature
    }

    /// Takes in a value that is treated alike.
    pub(super) fn take_in(&mut self, mut other: Self) {
        if other.unusual < self.unusual {
            std::mem::swap(self, &mut other);
        }
        self.names.append(&mut other.names);
    }
}
