//! Tests of the one binary and of the documents it writes.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod bad_input;
mod calendar;
mod command;
mod contract;
mod contract_impact;
mod contract_tenant;
mod demo;
mod example;
mod example_impact;
mod example_proof;
mod example_tenant;
mod fuzz_targets;
mod kept_sign_ins;
mod markdown;
mod messages;
mod page;
mod policy_audit;
mod policy_documents;
mod policy_test;
mod preflight_example;
mod prove;
mod sample_lockout;
mod sample_plan;
mod smtp_server;
mod transcripts;
mod validate;
mod workbook;
