//! The search for a situation in which somebody is barred.

use std::collections::HashMap;

use super::question::{Administrator, Person};
use super::witness::{CounterExample, Role, Situation};
use crate::evaluate::PolicySet;
use crate::evaluate::applying::Standing;
use crate::evaluate::bits::Bits;
use crate::evaluate::directory::Subject;
use crate::evaluate::identity::{self, Surroundings};
use crate::evaluate::possible::Level;
use crate::evaluate::registration_of;
use crate::evaluate::situations::{
    Axis, Class, client_name, count, describe, every_device, every_place, every_risk,
    modern_clients, platform_name, registers, unaided,
};
use crate::evaluate::target::Request;
use crate::facts::{
    ClientApp, Device, DeviceProperty, DeviceValue, Identity, Platform, Registration, SignIn,
    Tenant,
};
use crate::policy::Policy;
use crate::truth::Truth;

/// Policies and tenant, in which persons are looked for a way in.
pub(super) struct Search<'a> {
    pub(super) set: &'a PolicySet,
    pub(super) policies: &'a [Policy],
    pub(super) tenant: &'a Tenant,
    /// By the place of a policy, whether it is report-only and switches itself on.
    pub(super) switching: &'a [bool],
}

/// Classes of what the person does not choose: what is asked for, where from, under which risk.
pub(super) struct Universe {
    targets: Vec<Class>,
    places: Vec<Class>,
    risks: Vec<Class>,
    devices: Vec<Class>,
}

/// A client and a device that a person has.
struct Way<'c> {
    client: &'c Class,
    device: &'c Class,
    /// Policies that may match them and may demand what the person cannot meet: in a sign-in to a
    /// resource, and while registering security information.
    bars: [Bits; 2],
}

/// What the person does not choose, put together.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Outer {
    possible: Bits,
    registers: bool,
    /// By kind of client, whether a layer bars the person.
    by_layer: [bool; 2],
}

/// One of each class, by its place in its axis.
#[derive(Clone, Copy, Default)]
struct Cell {
    target: usize,
    place: usize,
    risk: usize,
}

/// A person, held against every policy.
struct Held<'a> {
    subject: Subject,
    registration: &'a Registration,
    /// By whether Teams or SharePoint is asked for.
    identity: [Bits; 2],
}

impl<'a> Search<'a> {
    pub(super) fn universe(&self, targets: Vec<Class>) -> Universe {
        let nobody = self.set.directory.subject(Some(""));
        let classed = |axis, values| self.set.classed(axis, values, &nobody);
        Universe {
            targets: classed(Axis::Target, targets),
            places: classed(Axis::Place, every_place(self.policies, self.tenant)),
            risks: classed(Axis::Risk, every_risk(self.policies)),
            devices: every_device(self.policies),
        }
    }

    /// Whether no policy can reach the person.
    pub(super) fn is_excluded_from_all(&self, person: &Person) -> bool {
        let held = self.held(person);
        let [quiet, blurred] = held.identity;
        quiet.or(blurred).is_empty()
    }

    fn held<'p>(&self, person: &'p Person) -> Held<'p> {
        let subject = self.set.directory.subject(Some(&person.user_id));
        let identity = [Truth::False, Truth::True].map(|blurs_guests| {
            let around = Surroundings { client_app: Some(ClientApp::Browser), blurs_guests };
            let matching = self.set.each(|rule, why| {
                let has_effect = Truth::from(rule.controls.is_set);
                let directory = &self.set.directory;
                has_effect.and(identity::user(rule, directory, &subject, around, why))
            });
            matching.possible
        });
        Held { subject, registration: &person.registration, identity }
    }

    /// A break-glass account: the least unusual cell in which it may be barred. A cell is barred
    /// when one policy bars it, so that each policy is looked at for itself.
    pub(super) fn always_gets_in(
        &self,
        person: &Person,
        all: &Universe,
    ) -> (Option<CounterExample>, u64) {
        let held = self.held(person);
        let devices = self.set.classed(Axis::Device, all.devices.clone(), &held.subject);
        let clients = self.set.classed(Axis::Client, modern_clients(), &held.subject);
        let ways = self.ways(
            &held,
            clients.iter().flat_map(|client| devices.iter().map(move |device| (client, device))),
        );
        let cells = [&all.targets, &all.places, &all.risks]
            .into_iter()
            .fold(count(&ways), |cells, axis| cells.saturating_mul(count(axis)));
        let outers = self.targets(&held, all);
        let least = |classes: &[Class], policy: Bits| {
            let matching = classes.iter().enumerate();
            matching
                .filter(|(_, class)| class.signature.matching.possible.meets(policy))
                .min_by_key(|(_, class)| class.unusual)
                .map(|(place, class)| (place, class.unusual))
        };
        let mut best: Option<(u32, Cell, usize)> = None;
        let mut offer = |unusual: u32, cell: Cell, way: usize| {
            if best.as_ref().is_none_or(|(least, ..)| unusual < *least) {
                best = Some((unusual, cell, way));
            }
        };
        for (target, outer) in outers.iter().enumerate() {
            let of_target = all.targets.get(target).map_or(0, |it| it.unusual);
            for (place, way) in ways.iter().enumerate() {
                let unusual = of_target + way.unusual();
                if way.is_barred_by_layer(outer) {
                    offer(unusual, Cell { target, ..Cell::default() }, place);
                }
                for policy in outer.possible.and(way.bars_of(outer)).places() {
                    let policy = Bits::one(policy);
                    let where_from = least(&all.places, policy);
                    let Some((risky, where_from)) = least(&all.risks, policy).zip(where_from)
                    else {
                        continue;
                    };
                    let cell = Cell { target, place: where_from.0, risk: risky.0 };
                    offer(unusual + where_from.1 + risky.1, cell, place);
                }
            }
        }
        let found = best.and_then(|(_, cell, way)| {
            let way = ways.get(way)?;
            let barred = |outer: &Outer, way: &Way<'_>| way.is_barred(outer);
            let situation = self.situation(&outers, all, cell, &ways, way, &barred);
            Some(self.example(person, Role::BreakGlass, all, cell, way, situation))
        });
        (found, cells)
    }

    /// An administrator: the least unusual cell of what they do not choose in which none of their
    /// ways leads in.
    pub(super) fn can_get_in(
        &self,
        administrator: &Administrator,
        all: &Universe,
    ) -> (Option<CounterExample>, u64) {
        let person = &administrator.person;
        let held = self.held(person);
        let own: Vec<(Class, Class)> = own_ways(administrator)
            .into_iter()
            .map(|(client, device)| {
                let client = self.held_class(Axis::Client, client, &held.subject);
                (client, self.held_class(Axis::Device, device, &held.subject))
            })
            .collect();
        let ways = self.ways(&held, own.iter().map(|(client, device)| (client, device)));
        let cells = [&all.targets, &all.places, &all.risks]
            .into_iter()
            .fold(count(&ways), |cells, axis| cells.saturating_mul(count(axis)));
        let mask = ways.iter().fold(Bits::NONE, |mask, way| {
            let [sign_in, registering] = way.bars;
            mask.or(sign_in).or(registering)
        });
        let outers = self.targets(&held, all);
        let mut known: HashMap<Outer, (u32, Cell)> = HashMap::new();
        let around = merged(&all.places, &all.risks, mask);
        for (target, outer) in outers.iter().enumerate() {
            let of_target = all.targets.get(target).map_or(0, |it| it.unusual);
            for (possible, (unusual, place, risk)) in &around {
                let outer = Outer { possible: outer.possible.and(*possible).and(mask), ..*outer };
                let unusual = unusual + of_target;
                let entry = known.entry(outer).or_insert((u32::MAX, Cell::default()));
                let cell = Cell { target, place: *place, risk: *risk };
                if unusual < entry.0 || (unusual == entry.0 && cell.key() < entry.1.key()) {
                    *entry = (unusual, cell);
                }
            }
        }
        let closed = |outer: &Outer| ways.iter().all(|way| way.is_barred(outer));
        let worst = known
            .iter()
            .filter(|(outer, _)| closed(outer))
            .min_by_key(|(_, (unusual, cell))| (*unusual, cell.key()));
        let found = worst.and_then(|(outer, (_, cell))| {
            // Of all ways the one that the fewest policies close says most.
            let nearest = ways.iter().min_by_key(|way| {
                (outer.possible.and(way.bars_of(outer)).places().count(), way.unusual())
            })?;
            let barred = |outer: &Outer, _: &Way<'_>| closed(outer);
            let mut situation = self.situation(&outers, all, *cell, &ways, nearest, &barred);
            situation.device = Some("any device they have or can get".to_owned());
            Some(self.example(person, Role::Administrator, all, *cell, nearest, situation))
        });
        (found, cells)
    }

    fn ways<'c>(
        &self,
        held: &Held<'_>,
        all: impl Iterator<Item = (&'c Class, &'c Class)>,
    ) -> Vec<Way<'c>> {
        let mut demanded: HashMap<_, [Bits; 2]> = HashMap::new();
        all.map(|(client, device)| {
            let key = (&client.signature.traits, &device.signature.traits);
            let demanded = *demanded.entry(key).or_insert_with(|| {
                let mut sign_in = unaided(held.subject.id.as_deref().unwrap_or_default());
                Axis::Client.put(&client.facts, &mut sign_in);
                Axis::Device.put(&device.facts, &mut sign_in);
                let registering = registration_of(&sign_in);
                [sign_in, registering].map(|sign_in| {
                    let scene = self.set.scene_of(&sign_in, held.registration, &held.subject);
                    let [_, register, _] = self.set.levels(&scene).highest;
                    register
                })
            });
            let around = client.signature.matching.and(device.signature.matching).possible;
            Way { client, device, bars: demanded.map(|bars| bars.and(around)) }
        })
        .collect()
    }

    fn held_class(&self, axis: Axis, class: Class, subject: &Subject) -> Class {
        let signature = self.set.signature(axis, &class.facts, subject);
        Class { signature, ..class }
    }

    /// Every target with the person.
    fn targets(&self, held: &Held<'_>, all: &Universe) -> Vec<Outer> {
        let [quiet, blurred] = held.identity;
        let user = held.subject.id.clone().unwrap_or_default();
        all.targets
            .iter()
            .map(|target| {
                let mut sign_in = target.facts.clone();
                sign_in.identity = Identity::User(Some(user.clone()));
                let by_layer =
                    [ClientApp::Browser, ClientApp::MobileAppsAndDesktopClients].map(|client| {
                        let sign_in = SignIn { client_app: Some(client), ..sign_in.clone() };
                        self.is_barred_by_layer(held, &sign_in)
                    });
                let request = Request::of(&sign_in, self.set.baseline_scopes.as_ref());
                let identity = if request.blurs_guests().is_false() { quiet } else { blurred };
                Outer {
                    possible: target.signature.matching.possible.and(identity),
                    registers: registers(&target.facts),
                    by_layer,
                }
            })
            .collect()
    }

    fn is_barred_by_layer(&self, held: &Held<'_>, sign_in: &SignIn) -> bool {
        let scene = self.set.scene_of(sign_in, held.registration, &held.subject);
        let mut standing = Standing::of(&[], &scene);
        self.set.add_layers(&scene, &mut standing);
        standing
            .layers
            .iter()
            .any(|layer| layer.possible.is_some_and(|possible| possible.highest() > Level::Require))
    }

    /// The situation in words: what every value of an axis has in common is left out.
    fn situation(
        &self,
        outers: &[Outer],
        all: &Universe,
        cell: Cell,
        ways: &[Way<'_>],
        way: &Way<'_>,
        barred: &dyn Fn(&Outer, &Way<'_>) -> bool,
    ) -> Situation {
        let outer_at = |cell: Cell| -> Option<Outer> {
            let place = all.places.get(cell.place)?.signature.matching.possible;
            let risk = all.risks.get(cell.risk)?.signature.matching.possible;
            let outer = outers.get(cell.target)?;
            Some(Outer { possible: outer.possible.and(place).and(risk), ..*outer })
        };
        let is_barred = |cell: Cell| outer_at(cell).is_some_and(|outer| barred(&outer, way));
        let any =
            |length: usize, at: &dyn Fn(usize) -> Cell| (0..length).all(|it| is_barred(at(it)));
        let name = |classes: &[Class], place: usize| {
            classes.get(place).map(|class| class.name().to_owned())
        };
        let any_app = any(all.targets.len(), &|target| Cell { target, ..cell });
        let any_place = any(all.places.len(), &|place| Cell { place, ..cell });
        let any_risk = any(all.risks.len(), &|risk| Cell { risk, ..cell });
        let here = outer_at(cell);
        let all_ways = |same: &dyn Fn(&Way<'_>) -> bool| {
            here.is_some_and(|outer| ways.iter().filter(|it| same(it)).all(|it| barred(&outer, it)))
        };
        let any_client = all_ways(&|it| it.device.name() == way.device.name());
        let any_device = all_ways(&|it| it.client.name() == way.client.name());
        let facts = &way.client.facts;
        // Classes of one client app hold every platform; those of one platform may hold others.
        let any_platform = any_client
            || all_ways(&|it| {
                it.device.name() == way.device.name()
                    && it.client.facts.client_app == facts.client_app
            });
        Situation {
            app: name(&all.targets, cell.target).filter(|_| !any_app),
            client: facts.client_app.filter(|_| !any_client).map(|it| client_name(it).to_owned()),
            platform: (!any_platform).then(|| platform_name(facts.platform).to_owned()),
            place: name(&all.places, cell.place).filter(|_| !any_place),
            device: (!any_device).then(|| way.device.name().to_owned()),
            risk: name(&all.risks, cell.risk).filter(|_| !any_risk),
        }
    }

    fn example(
        &self,
        person: &Person,
        role: Role,
        all: &Universe,
        cell: Cell,
        way: &Way<'_>,
        situation: Situation,
    ) -> CounterExample {
        let mut sign_in = unaided(&person.user_id);
        let chosen = [
            (Axis::Target, all.targets.get(cell.target)),
            (Axis::Place, all.places.get(cell.place)),
            (Axis::Risk, all.risks.get(cell.risk)),
            (Axis::Client, Some(way.client)),
            (Axis::Device, Some(way.device)),
        ];
        for (axis, class) in chosen {
            if let Some(class) = class {
                axis.put(&class.facts, &mut sign_in);
            }
        }
        let bars = self.bars(person, role, &sign_in);
        CounterExample { person: person.clone(), role, situation, sign_in, bars }
    }
}

impl Way<'_> {
    fn unusual(&self) -> u32 {
        self.client.unusual + self.device.unusual
    }

    fn bars_of(&self, outer: &Outer) -> Bits {
        let [sign_in, registering] = self.bars;
        if outer.registers { registering } else { sign_in }
    }

    fn is_barred_by_layer(&self, outer: &Outer) -> bool {
        let [browser, app] = outer.by_layer;
        if self.client.facts.client_app == Some(ClientApp::Browser) { browser } else { app }
    }

    fn is_barred(&self, outer: &Outer) -> bool {
        outer.possible.meets(self.bars_of(outer)) || self.is_barred_by_layer(outer)
    }
}

impl Cell {
    fn key(self) -> (usize, usize, usize) {
        (self.target, self.place, self.risk)
    }
}

/// Places and risks together, as far as some policy that could bar tells them apart.
fn merged(places: &[Class], risks: &[Class], mask: Bits) -> HashMap<Bits, (u32, usize, usize)> {
    let mut all: HashMap<Bits, (u32, usize, usize)> = HashMap::new();
    for (place, where_from) in places.iter().enumerate() {
        let of_place = where_from.signature.matching.possible.and(mask);
        for (risk, risky) in risks.iter().enumerate() {
            let possible = of_place.and(risky.signature.matching.possible);
            let found = (where_from.unusual + risky.unusual, place, risk);
            let entry = all.entry(possible).or_insert(found);
            *entry = (*entry).min(found);
        }
    }
    all
}

/// The clients and devices an administrator can choose from: their own devices, each with the
/// platform it runs, and a device that is not registered, which anybody can get, with every
/// platform that one buys.
fn own_ways(administrator: &Administrator) -> Vec<(Class, Class)> {
    const BOUGHT: [Platform; 5] =
        [Platform::Windows, Platform::MacOs, Platform::Ios, Platform::Android, Platform::Linux];
    let clients = modern_clients();
    let mut all = Vec::new();
    let of = |device: &Device, unusual: u32| {
        let mut facts = SignIn::of_user("");
        facts.device = Some(device.clone());
        Class::of(facts, describe(device), unusual)
    };
    for device in &administrator.devices {
        let runs = match device.properties.get(&DeviceProperty::OperatingSystem) {
            Some(DeviceValue::Text(name)) => Platform::of_log(name),
            _ => None,
        };
        let fits = |class: &&Class| {
            let platform = class.facts.platform;
            platform == runs.or(Some(Platform::Windows))
        };
        for mut client in clients.iter().filter(fits).cloned() {
            if runs.is_none() {
                client.facts.platform = None;
                client.names = vec![format!("a client on {}", platform_name(None))];
            }
            all.push((client, of(device, 0)));
        }
    }
    let bought = |class: &&Class| class.facts.platform.is_some_and(|it| BOUGHT.contains(&it));
    let unregistered = of(&Device::unregistered(), 1);
    all.extend(clients.iter().filter(bought).map(|it| (it.clone(), unregistered.clone())));
    all
}
