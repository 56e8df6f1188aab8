//! `lockstep impact`

mod page;
#[cfg(test)]
mod tests;
