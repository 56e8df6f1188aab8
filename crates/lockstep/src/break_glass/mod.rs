//! Break-glass accounts: their passwords, their sheets, their alarm.

mod desk;
mod memory;
mod password;
mod sheet;
mod showing;

pub(crate) use desk::{Desk, Handed, Paper, record};
pub(crate) use showing::Showing;
