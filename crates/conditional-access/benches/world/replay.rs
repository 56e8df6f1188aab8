//! The sign-ins as a replay meets them: each person, app, client and device was met before.

use std::collections::HashMap;

use conditional_access::{
    CompiledClient, CompiledDemands, CompiledSet, CompiledTarget, CompiledUser, Matching, Verdict,
};

use super::{APPS, CLIENTS, DEVICES, Drawn, PEOPLE, World, device, id, registration, sign_in};

/// Everything the sign-ins hold, held against the policies once.
pub(crate) struct Replay<'a> {
    compiled: &'a CompiledSet<'a>,
    users: Vec<CompiledUser>,
    targets: Vec<CompiledTarget>,
    clients: Vec<CompiledClient>,
    /// For members, and for guests, whose devices do not count.
    devices: Vec<Vec<Matching>>,
    /// Most people share what is demanded of them: each demand is kept once.
    demands: Vec<CompiledDemands>,
    demanded: Vec<u16>,
}

impl<'a> Replay<'a> {
    pub(crate) fn of(compiled: &'a CompiledSet<'a>, world: &World) -> Self {
        let any = world.drawn[0];
        let users: Vec<CompiledUser> =
            (0..PEOPLE).map(|user| compiled.user(Some(&id(0xa000, user)))).collect();
        let mut demands: Vec<CompiledDemands> = Vec::new();
        let mut known: HashMap<CompiledDemands, u16> = HashMap::new();
        let mut demanded = Vec::new();
        for (user, held) in users.iter().enumerate() {
            for device in 0..DEVICES {
                for client in 0..CLIENTS {
                    let sign_in = sign_in(Drawn { user, device, client, ..any });
                    let all = compiled.demands(held, &sign_in, &registration(user));
                    demanded.push(*known.entry(all).or_insert_with(|| {
                        demands.push(all);
                        u16::try_from(demands.len() - 1).unwrap()
                    }));
                }
            }
        }
        let target = |app| compiled.target(&sign_in(Drawn { app, ..any })).unwrap();
        let devices = |user: usize| -> Vec<Matching> {
            let held = |it| compiled.device(&users[user], device(it).as_ref());
            (0..DEVICES).map(held).collect()
        };
        Self {
            targets: (0..APPS).map(target).collect(),
            clients: (0..CLIENTS)
                .map(|client| compiled.client(&sign_in(Drawn { client, ..any })))
                .collect(),
            devices: vec![devices(0), devices(3)],
            compiled,
            demands,
            demanded,
            users,
        }
    }

    pub(crate) fn decide(&self, it: &Drawn) -> Verdict {
        let place = self.compiled.place(Some(it.ip), Some(it.country));
        let both = it.device * CLIENTS + it.client;
        let shared = self.demanded[it.user * DEVICES * CLIENTS + both];
        self.compiled
            .decide(
                &self.users[it.user],
                &self.targets[it.app],
                &self.clients[it.client],
                place,
                self.devices[usize::from(super::is_guest(it.user))][it.device],
                &self.demands[usize::from(shared)],
            )
            .verdict
    }
}
