//! A Microsoft Entra tenant, read into a [`rollout::Snapshot`].

pub mod exports;
