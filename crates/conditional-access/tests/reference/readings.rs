//! Where the rules and the engine part.
//!
//! Each constant is true where the reference follows the letter of the rule, false where it follows
//! the engine for now, so that the comparison goes on behind the point. A case for each lies in
//! `tests/reference/cases/parted/`; whoever settles one changes the constant and moves the case.

/// R101, R131, R132: the layers' demand for MFA holds while registering, too.
pub(crate) const LAYERS_WHILE_REGISTERING: bool = false;
