//! JSON framing.

/// The same object without trailing commas, or `None` when it has none.
#[must_use]
pub fn without_trailing_commas(bytes: &[u8]) -> Option<Vec<u8>> {
    let _ = bytes;
    None
}
