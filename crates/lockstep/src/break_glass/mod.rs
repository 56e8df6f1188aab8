//! Break-glass accounts: their passwords, their sheets, their alarm.

pub(crate) mod azure_monitor;
mod desk;
pub(crate) mod keys;
mod memory;
mod password;
pub(crate) mod rules;
pub(crate) mod runbook;
mod sheet;
mod showing;

pub(crate) use desk::{Desk, Handed, Paper, record};
pub(crate) use showing::Showing;
