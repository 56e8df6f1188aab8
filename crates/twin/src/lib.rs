//! A simulated Microsoft Entra tenant.
//!
//! A [`World`] holds people, devices, apps, policies and everything that happens between them: who
//! signs in when, from where and with what, who registers, who sprays passwords. It is a function
//! of a seed and of what was changed in it, under a clock the caller turns. A [`Service`] answers
//! HTTP requests about it in the shape of Microsoft Graph, with paging, throttles, permissions,
//! licences, delays and planned faults. [`server`] puts the service on the loopback interface.
//!
//! The crate shares no type with the readers of Graph: they meet as bytes, and both are held
//! against one description of the API. What a simulated sign-in meets is decided by the crate
//! `conditional-access`, which lockstep's forecasts rest on too; so an agreement between forecast
//! and simulated log shows that data is carried faithfully, not that the rules are right.

pub mod checker;
pub mod documents;
pub mod fault;
pub mod request_log;
pub mod server;
pub mod service;
pub mod world;

pub use fault::{Fault, FaultPlan};
pub use request_log::{Entry, RequestLog};
pub use service::{Registration, Reply, Service};
pub use world::{Scenario, World};
