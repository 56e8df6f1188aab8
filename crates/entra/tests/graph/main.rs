//! What the client makes of everything Graph and the network do to it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]

mod batch;
mod calls;
mod download;
mod faults;
mod network;
mod pages;
mod support;
mod tokens;
mod writes;
