//! What is kept comes back, and what is not what was kept is refused.

mod damage;
mod round_trip;
mod support;
