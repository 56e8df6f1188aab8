//! What a Conditional Access policy set says, as data.
//!
//! This crate is pure: no clock, no randomness, no file, no network, no log output. It knows the
//! policy model of Microsoft Graph (`conditionalAccessPolicy`, v1.0 and beta) and reads it
//! tolerantly: any key case, unknown properties kept and named in [`Policy::unmodelled`], never
//! guessed.

#[cfg(feature = "cases")]
pub mod cases;
mod device_filter;
mod evaluate;
pub mod facts;
mod named_location;
mod outcome;
mod policy;
mod read;
mod truth;
mod what_if;
mod write;

pub use device_filter::DeviceRule;
pub use evaluate::lockout::{
    Administrator, Bar, BreakGlassResult, CounterExample, LockoutProof, LockoutQuestion, Mend,
    Person, Role, Shortfall, Situation, prove,
};
pub use evaluate::situations::{
    Axis, CannotCompare, Certainty, Change, ChangeQuestion, Class, Comparison, Effect, NewOpening,
    Opening, OpeningReport, Population, Situations, When, World, compare, find_openings,
};
pub use evaluate::{
    Assignment, Assignments, CompiledClient, CompiledDemands, CompiledSet, CompiledTarget,
    CompiledUser, CompiledWords, Decision, Matching, PersonTraits, PolicySet, Route, evaluate,
};
pub use named_location::{CountryLookup, NamedLocation, NamedLocationKind};
pub use outcome::{
    Cause, Control, Experience, Fact, Outcome, PolicyResult, RowStatus, Verdict, Word,
};
pub use policy::{
    Applications, ClientAppType, ClientApplications, Conditions, ExternalTenants, Filter,
    GrantControls, Locations, MOST_POLICIES_OF_A_TENANT, Operator, Platforms, Policy,
    SessionControls, SignInFrequency, Source, State, Users,
};
pub use read::{NotAPolicy, read_named_location, read_policy};
pub use truth::Truth;
pub use what_if::{
    LeftOut, NotAnAnswer, WhatIfAnswer, WhatIfComparison, WhatIfDisagreement, WhatIfQuestion,
    WhatIfReason, read_what_if,
};
pub use write::write_policy;
