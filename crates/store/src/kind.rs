//! What may be kept: kinds of documents and daily series, each tied to one type.

use std::marker::PhantomData;

/// A kind of documents: its name, the schema of its payload, and the type that is kept.
///
/// Declared once, as a constant, for each type that is kept: `const PLANS: Kind<Plan> =
/// Kind::new("plan", "lockstep.plan/1")`. Who declares one says that the type holds no secret.
#[derive(Debug)]
pub struct Kind<T> {
    name: &'static str,
    schema: &'static str,
    payload: PhantomData<fn() -> T>,
}

impl<T> Kind<T> {
    /// A kind of this name (small letters, digits and `-`), whose payloads have this schema.
    #[must_use]
    pub const fn new(name: &'static str, schema: &'static str) -> Self {
        Self { name, schema, payload: PhantomData }
    }

    /// As it is called.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The schema of its payloads.
    #[must_use]
    pub const fn schema(&self) -> &'static str {
        self.schema
    }
}

/// A daily series: one value a day.
#[derive(Debug)]
pub struct Series<T>(Kind<T>);

impl<T> Series<T> {
    /// A series of this name (small letters, digits and `-`), whose values have this schema.
    #[must_use]
    pub const fn new(name: &'static str, schema: &'static str) -> Self {
        Self(Kind::new(name, schema))
    }

    /// As it is called.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.0.name
    }

    /// The schema of its values.
    #[must_use]
    pub const fn schema(&self) -> &'static str {
        self.0.schema
    }
}
