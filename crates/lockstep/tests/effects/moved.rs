//! Whatever moves between plan and apply is noticed, and nothing else is.
