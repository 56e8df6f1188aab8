//! Writes the files of a simulated tenant: `export FOLDER [PEOPLE [DAY [SEED]]]`.

use std::path::PathBuf;

use jiff::Timestamp;
use twin::world::{Scenario, World};

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| "twin-exports".to_owned()));
    let mut next =
        |default: u32| arguments.next().and_then(|it| it.parse().ok()).unwrap_or(default);
    let (people, day, seed) = (next(210), next(0), next(7));
    let now = Timestamp::from_second(1_795_195_800).unwrap_or(Timestamp::MAX);
    let scenario = Scenario { people, seed: u64::from(seed), now, day, history_days: 30 };
    World::new(&scenario).export(&folder, now, 30)
}
