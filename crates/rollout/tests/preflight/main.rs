//! Every check of the pre-flight against one tenant: fine, bad, and not told.

#![expect(unreachable_pub, reason = "the modules of a test share their items")]

mod cases;
mod catalogue;
mod verdicts;
mod world;
