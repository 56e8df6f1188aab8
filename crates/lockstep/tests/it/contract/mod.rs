//! The contract of sign-in logs and `audit legacy`, checked from outside: folders of files go in,
//! the binary runs, and document, exit code and stderr are compared with what the contract says.

mod damage;
mod folder;
mod merging;
mod portal;
mod readings;
pub(crate) mod record;
mod samples;
mod shapes;
mod tables;
