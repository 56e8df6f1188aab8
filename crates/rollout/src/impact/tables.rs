//! What a log repeats — people, applications, clients, places, devices — held against every policy
//! once, so that a sign-in is decided by looking up.

use std::collections::{BTreeSet, HashMap};

use conditional_access::facts::{ClientApp, Device, Flow, Methods, Protocol, Registration, SignIn};
use conditional_access::{
    Cause, CompiledClient, CompiledDemands, CompiledSet, CompiledTarget, CompiledUser,
    CompiledWords, Control, Decision, Fact, Matching, PersonTraits,
};

use super::sign_ins::{Proof, SignIns, at, device, in_browser, put_client, put_place};
use crate::measurement::{ReplayClient, ReplayRow};

/// The tables of one set of policies.
#[derive(Debug)]
pub(super) struct Tables<'a> {
    compiled: &'a CompiledSet<'a>,
    sign_ins: SignIns<'a>,
    users: Vec<(CompiledUser, PersonTraits)>,
    targets: Vec<Option<CompiledTarget>>,
    clients: Vec<Client>,
    places: Vec<Matching>,
    devices: Vec<DeviceFacts>,
    on_device: HashMap<(PersonTraits, u32), Matching>,
    demands: HashMap<Demanded, CompiledDemands>,
    words: HashMap<Demanded, CompiledWords>,
}

#[derive(Debug)]
struct Client {
    as_logged: CompiledClient,
    in_browser: CompiledClient,
    facts: ClientFacts,
}

/// What controls read of a client.
type ClientFacts = (Option<ClientApp>, Option<Protocol>, Option<Flow>);

#[derive(Debug)]
struct DeviceFacts {
    device: Option<Device>,
    state: DeviceState,
}

/// What controls read of a device: registered, compliant, hybrid joined.
type DeviceState = Option<[Option<bool>; 3]>;

/// Everything that what is demanded of a person depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Demanded {
    person: PersonTraits,
    usable: Option<Methods>,
    can_register: bool,
    client: ClientFacts,
    device: DeviceState,
    proof: Proof,
}

/// How a sign-in is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Question {
    /// What its session proves.
    pub(super) proof: Proof,
    /// As if it came from a browser.
    pub(super) in_browser: bool,
    /// As if the person had every method.
    pub(super) equipped: bool,
}

/// What stands where in the tables, of one sign-in.
#[derive(Debug, Clone, Copy)]
struct Found<'t> {
    user: &'t CompiledUser,
    target: &'t CompiledTarget,
    client: &'t CompiledClient,
    place: Matching,
    device: Matching,
}

impl<'a> Tables<'a> {
    pub(super) fn of(compiled: &'a CompiledSet<'a>, sign_ins: SignIns<'a>) -> Self {
        let replay = sign_ins.replay;
        let users = (0..replay.accounts.len())
            .map(|account| {
                let user = compiled.user(sign_ins.account_id(account));
                let traits = compiled.traits(&user);
                (user, traits)
            })
            .collect();
        let targets = replay.targets.iter().map(|target| {
            let mut sign_in = SignIn::of_user("");
            sign_ins.put_target(&mut sign_in, target);
            compiled.target(&sign_in)
        });
        let places = replay.places.iter().map(|place| {
            let mut sign_in = SignIn::of_user("");
            put_place(&mut sign_in, place);
            compiled.place(sign_in.ip, sign_in.country.as_deref())
        });
        let devices = replay.devices.iter().map(|logged| {
            let device = device(logged);
            let state = device
                .as_ref()
                .map(|it| [it.is_registered(), it.is_compliant(), it.is_hybrid_joined()]);
            DeviceFacts { device, state }
        });
        Self {
            compiled,
            sign_ins,
            users,
            targets: targets.collect(),
            clients: replay.clients.iter().map(|client| Client::of(compiled, client)).collect(),
            places: places.collect(),
            devices: devices.collect(),
            on_device: HashMap::new(),
            demands: HashMap::new(),
            words: HashMap::new(),
        }
    }

    /// Which policies apply. `None`: the tables hold no answer.
    pub(super) fn applying(&mut self, row: &ReplayRow) -> Option<Matching> {
        let device = self.device(row)?;
        let found = self.found(row, device, false)?;
        Some(self.compiled.applying(
            found.user,
            found.target,
            found.client,
            found.place,
            found.device,
        ))
    }

    /// The verdict and who decides. `None`: the tables hold no answer.
    pub(super) fn decide(&mut self, row: &ReplayRow, question: Question) -> Option<Decision> {
        let device = self.device(row)?;
        let key = self.demanded(row, question)?;
        if !self.demands.contains_key(&key) {
            let (user, _) = at(&self.users, row.account)?;
            let (sign_in, registration) = self.asked(row, question)?;
            let demands = self.compiled.demands(user, &sign_in, &registration);
            self.demands.insert(key, demands);
        }
        let demands = self.demands.get(&key)?;
        let Found { user, target, client, place, device } =
            self.found(row, device, question.in_browser)?;
        Some(self.compiled.decide(user, target, client, place, device, demands))
    }

    /// What is outstanding, and what nobody told. `None`: the tables hold no answer.
    pub(super) fn reasons(
        &mut self,
        row: &ReplayRow,
        question: Question,
    ) -> Option<(BTreeSet<Control>, BTreeSet<Fact>)> {
        let decision = self.decide(row, question)?;
        let (sign_in, registration) = self.asked(row, question)?;
        Some(self.compiled.reasons(&decision, &sign_in, &registration))
    }

    /// Who decides, in words.
    pub(super) fn causes(&self, decision: &Decision) -> BTreeSet<Cause> {
        self.compiled.causes(decision)
    }

    /// What a sign-in log would say of every policy. `None`: the tables hold no answer.
    pub(super) fn words(&mut self, row: &ReplayRow, question: Question) -> Option<&CompiledWords> {
        let key = self.demanded(row, question)?;
        if !self.words.contains_key(&key) {
            let (user, _) = at(&self.users, row.account)?;
            let (sign_in, registration) = self.asked(row, question)?;
            let words = self.compiled.words(user, &sign_in, &registration);
            self.words.insert(key, words);
        }
        self.words.get(&key)
    }

    /// The place of a sign-in, as far as policies tell places apart.
    pub(super) fn place(&self, row: &ReplayRow) -> Option<Matching> {
        at(&self.places, row.place).copied()
    }

    fn asked(&self, row: &ReplayRow, question: Question) -> Option<(SignIn, Registration)> {
        ask(self.sign_ins, row, question)
    }

    fn found(&self, row: &ReplayRow, device: Matching, in_browser: bool) -> Option<Found<'_>> {
        let client = at(&self.clients, row.client)?;
        Some(Found {
            user: &at(&self.users, row.account)?.0,
            target: at(&self.targets, row.target)?.as_ref()?,
            client: if in_browser { &client.in_browser } else { &client.as_logged },
            place: self.place(row)?,
            device,
        })
    }

    fn device(&mut self, row: &ReplayRow) -> Option<Matching> {
        let (user, traits) = at(&self.users, row.account)?;
        let facts = at(&self.devices, row.device)?;
        let compiled = self.compiled;
        let matching = self.on_device.entry((*traits, row.device));
        Some(*matching.or_insert_with(|| compiled.device(user, facts.device.as_ref())))
    }

    fn demanded(&self, row: &ReplayRow, question: Question) -> Option<Demanded> {
        let (_, person) = at(&self.users, row.account)?;
        let registration = self.sign_ins.subject(row)?.registered();
        let client = at(&self.clients, row.client)?.facts;
        let client = match question.in_browser {
            true => (Some(ClientApp::Browser), Some(Protocol::Interactive), Some(Flow::None)),
            false => client,
        };
        Some(Demanded {
            person: *person,
            usable: if question.equipped {
                Some(super::sign_ins::equipped())
            } else {
                registration.usable
            },
            can_register: question.equipped || registration.can_register,
            client,
            device: at(&self.devices, row.device)?.state,
            proof: question.proof,
        })
    }
}

/// The sign-in and the registration that a question is about.
pub(super) fn ask(
    sign_ins: SignIns<'_>,
    row: &ReplayRow,
    question: Question,
) -> Option<(SignIn, Registration)> {
    let mut sign_in = sign_ins.sign_in(row, question.proof);
    if question.in_browser {
        in_browser(&mut sign_in);
    }
    let registration = match question.equipped {
        true => Registration::of(super::sign_ins::equipped()),
        false => sign_ins.subject(row)?.registered().clone(),
    };
    Some((sign_in, registration))
}

impl Question {
    /// What the sign-in meets as it was.
    pub(super) fn as_logged(proof: Proof) -> Self {
        Self { proof, in_browser: false, equipped: false }
    }
}

impl Client {
    fn of(compiled: &CompiledSet<'_>, logged: &ReplayClient) -> Self {
        let mut sign_in = SignIn::of_user("");
        put_client(&mut sign_in, logged);
        let facts = (sign_in.client_app, sign_in.protocol, sign_in.flow);
        let as_logged = compiled.client(&sign_in);
        in_browser(&mut sign_in);
        Self { as_logged, in_browser: compiled.client(&sign_in), facts }
    }
}
