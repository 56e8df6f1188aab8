//! A Microsoft Entra tenant, read from exported files or through Microsoft Graph.

pub mod exports;
pub mod graph;
