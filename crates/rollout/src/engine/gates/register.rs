//! G4: enough people are registered for the pilot.

use super::answer::snapshot;
use super::{Asked, strict};
use crate::engine::GateId::G4;

/// What it asks for.
pub(super) const ASKS: &[Asked] =
    &[strict(G4, "G4.snapshot", "The tenant was read within the last day", snapshot)];
