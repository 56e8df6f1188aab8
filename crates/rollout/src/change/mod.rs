//! Change sets: what lockstep does to a tenant, as data.
//!
//! * [`Edit`] is one change with what was seen before and what will be there after; [`Change`] adds
//!   why, how dangerous it is and what people notice.
//! * [`ChangeSet`] is several of them in order, with a digest, and with every object they rest on as
//!   it was seen when the set was made. `draft` makes them from the facts.
//! * [`apply_to`] is the world after; [`stale()`] says what moved since; [`Edit::inverse`] is the way
//!   back, or why there is none.
//! * [`guard`] asks what must hold in the world after. What it cannot tell it refuses.
//! * [`text`] is the same for people to read before they confirm, with the [`names`] of what it is about.
//!
//! An object that does not exist yet has a provisional id ([`provisional_id`]), which stands wherever
//! its id would. [`ChangeSet::edit_with_ids`] puts the ids in their place that Graph gave
//! meanwhile.

mod apply;
mod canonical;
mod danger;
pub mod draft;
mod edit;
pub mod guard;
mod identifiers;
mod inverse;
pub mod names;
mod observe;
mod reach;
mod set;
mod stale;
pub mod text;

pub use apply::{apply_to, worlds};
pub use canonical::digest;
pub use danger::{Danger, danger};
pub use edit::{Before, Edit, Named, NewGroup, NewUser, PolicyDocument, Presence};
pub use identifiers::{PROVISIONAL, is_provisional, provisional_id};
pub use inverse::{NoInverse, WhyNoInverse};
pub use observe::{Object, Observation, Observer};
pub use set::{
    CannotCarryOut, Change, ChangeSet, Draft, GapReceipt, Made, Observed, Purpose, WrongDigest,
    edit_with_every_id,
};
pub use stale::{Moved, stale};
