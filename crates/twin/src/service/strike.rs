//! Which fault strikes which request.

use std::collections::BTreeMap;

use crate::fault::{Fault, FaultPlan};

/// What of a plan was used up.
#[derive(Debug, Clone, Default)]
pub(super) struct Struck {
    fired: BTreeMap<usize, u32>,
}

/// What a fault may strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aim {
    /// A request of its own.
    Request,
    /// A batch as a whole.
    Batch,
    /// The item of a batch at this place.
    Item(u64),
}

impl Struck {
    /// The fault of a request: planned for its number, planned for its words, or drawn.
    pub(super) fn draw(
        &mut self,
        plan: &FaultPlan,
        aim: Aim,
        number: u64,
        method: &str,
        target: &str,
    ) -> Option<Fault> {
        let is_item = matches!(aim, Aim::Item(_));
        if !is_item && let Some((_, fault)) = plan.at.iter().find(|(at, _)| *at == number) {
            return Some(fault.clone());
        }
        let line = format!("{method} {target}");
        for (place, (words, times, fault)) in plan.on.iter().enumerate() {
            let fired = self.fired.entry(place).or_default();
            let is_meant = words.split_whitespace().all(|it| line.contains(it));
            if is_meant && *fired < *times && (!is_item || fault.is_of_one_item()) {
                *fired += 1;
                return Some(fault.clone());
            }
        }
        let item = match aim {
            Aim::Item(place) => place + 1,
            Aim::Request | Aim::Batch => 0,
        };
        let mut chance = fastrand::Rng::with_seed(
            plan.seed
                ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
                ^ item.wrapping_mul(0xd1b5_4a32_d192_ed03),
        );
        let strikes = chance.u32(0..1000) < plan.chance_per_mille;
        let drawn = (strikes && !plan.kinds.is_empty())
            .then(|| plan.kinds.get(chance.usize(0..plan.kinds.len())))??;
        let fits = match aim {
            Aim::Request => true,
            Aim::Batch => !drawn.is_of_one_item(),
            Aim::Item(_) => drawn.is_of_one_item(),
        };
        fits.then(|| drawn.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::RetryAfter;

    #[test]
    fn a_plan_strikes_as_it_says() {
        let plan = FaultPlan {
            at: vec![(2, Fault::ResetAfter)],
            on: vec![("GET /v1.0/users".to_owned(), 2, Fault::TokenRefused)],
            ..FaultPlan::default()
        };
        let mut struck = Struck::default();
        let mut draw =
            |aim, number, method| struck.draw(&plan, aim, number, method, "/v1.0/users?$top=1");
        assert_eq!(draw(Aim::Request, 1, "POST"), None);
        assert_eq!(draw(Aim::Request, 2, "GET"), Some(Fault::ResetAfter));
        assert_eq!(draw(Aim::Item(0), 2, "GET"), Some(Fault::TokenRefused));
        assert_eq!(draw(Aim::Request, 3, "GET"), Some(Fault::TokenRefused));
        assert_eq!(draw(Aim::Request, 4, "GET"), None);
    }

    #[test]
    fn chance_is_a_function_of_seed_and_number() {
        let kinds = vec![Fault::Throttled(RetryAfter::Missing), Fault::AnswerLost];
        let plan = FaultPlan { seed: 7, chance_per_mille: 300, kinds, ..FaultPlan::default() };
        let run = |plan: &FaultPlan| -> Vec<Option<Fault>> {
            let mut struck = Struck::default();
            (1..=1000).map(|it| struck.draw(plan, Aim::Request, it, "GET", "/v1.0/users")).collect()
        };
        let once = run(&plan);
        assert_eq!(once, run(&plan));
        let hits = once.iter().flatten().count();
        assert!((250..350).contains(&hits), "{hits}");
        assert_ne!(once, run(&FaultPlan { seed: 8, ..plan.clone() }));
        let mut struck = Struck::default();
        for number in 1..=1000 {
            let batch = struck.draw(&plan, Aim::Batch, number, "POST", "/v1.0/$batch");
            assert_ne!(batch, Some(Fault::Throttled(RetryAfter::Missing)));
            let item = struck.draw(&plan, Aim::Item(number), number, "GET", "/v1.0/users");
            assert_ne!(item, Some(Fault::AnswerLost));
        }
    }
}
