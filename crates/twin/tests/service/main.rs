//! What the simulated tenant answers, called in process and through a socket.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, reason = "tests")]

mod faults;
mod judged;
mod reads;
mod server;
mod tenant;
mod writes;
