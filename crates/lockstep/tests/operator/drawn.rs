//! What is done under a seed.

/// Numbers drawn from a seed.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        // SplitMix64, so that a seed stays the same for ever.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }

    fn pick<'a>(&mut self, items: &[&'a str]) -> &'a str {
        let place = self.below(u64::try_from(items.len()).unwrap());
        items[usize::try_from(place).unwrap()]
    }
}

pub(crate) const FAULTS: [&str; 10] = [
    "throttle",
    "server-error",
    "reset-before",
    "reset-after",
    "answer-lost",
    "truncated",
    "conflict",
    "token-refused",
    "stale-list",
    "not-found-yet",
];

const SOMEBODY: [&str; 6] = [
    "maybe someone edits CA000 {\"state\": \"disabled\"}",
    "maybe someone edits CA001 {\"displayName\": \"CA001 - changed by hand\"}",
    "maybe someone edits CA001 {\"conditions\": {\"users\": {\"excludeGroups\": []}}}",
    "maybe someone turns security defaults on",
    "maybe someone turns security defaults off",
    "maybe someone deletes policy CA002",
];

/// Which command carries out what is due where a seed begins.
pub(crate) fn apply(beginning: &str) -> Vec<String> {
    let mut lines = Vec::new();
    if beginning == "break-glass" {
        lines.extend(["printed"; 4].map(|it| format!("answer {it}")));
        lines.push("lockstep break-glass create --print-to cat --confirm ne.example".to_owned());
    } else {
        lines.push("lockstep apply --confirm ne.example".to_owned());
    }
    lines
}

/// What goes wrong without anybody else's doing.
fn misfortune(chance: &mut Chance) -> Option<String> {
    Some(match chance.below(8) {
        0..=2 => {
            let when = chance.pick(&["before", "at", "after"]);
            format!("kill {when} write {}", 1 + chance.below(3))
        }
        3 => format!("fault {} {}%", chance.pick(&FAULTS), 10 + chance.below(40)),
        4 => format!("fault {} on-every-write", chance.pick(&FAULTS)),
        5 => format!("stop at write {}", 1 + chance.below(2)),
        6 => format!("replica lags {}s", 1 + chance.below(60)),
        _ => return None,
    })
}

/// What goes before a command that writes.
fn mishap(chance: &mut Chance) -> Option<String> {
    match chance.below(4) {
        0 => Some(match chance.below(2) {
            0 => format!("at write {}: lockstep apply --confirm ne.example", 1 + chance.below(3)),
            _ => format!("at write {}: {}", 1 + chance.below(3), chance.pick(&SOMEBODY)),
        }),
        _ => misfortune(chance),
    }
}

/// Whether a line is the doing of somebody else.
pub(crate) fn is_of_somebody_else(line: &str) -> bool {
    line.contains("someone")
}

/// The operator has quiet: whatever did not end well is brought to an end.
fn quiet(beginning: &str) -> Vec<String> {
    let lines = ["fault none", "replica lags 0s", "advance 20m"].map(str::to_owned).into_iter();
    lines.chain(apply(beginning)).map(|it| format!("{UNLESS_WELL}{it}")).collect()
}

/// Before a line that is left out when the last run ended well.
pub(crate) const UNLESS_WELL: &str = "unless well: ";

/// What the last run named as the next command is run, where that changes the tenant.
pub(crate) const AS_TOLD: &str = "as told";

/// Everything under a seed, to the end.
pub(crate) fn lines(chance: &mut Chance, beginning: &str) -> Vec<String> {
    let mut lines = Vec::new();
    if chance.below(5) < 2 {
        there_and_back(chance, beginning, &mut lines);
    } else {
        anything(chance, beginning, &mut lines);
        lines.extend(quiet(beginning));
    }
    // Whatever happened, whoever does what the messages say comes to an end.
    lines.extend([(); 3].map(|()| format!("{UNLESS_WELL}{AS_TOLD}")));
    lines
}

/// What is due is carried out, however long that takes, and taken back.
fn there_and_back(chance: &mut Chance, beginning: &str, lines: &mut Vec<String>) {
    lines.extend(misfortune(chance));
    lines.extend(apply(beginning));
    if chance.below(2) == 0 {
        lines.extend(quiet(beginning));
    }
    lines.extend(misfortune(chance));
    lines.push("lockstep rollback --confirm ne.example".to_owned());
    // A way back that was begun is gone on with.
    lines.extend(quiet("any"));
}

fn anything(chance: &mut Chance, beginning: &str, lines: &mut Vec<String>) {
    for _ in 0..2 + chance.below(3) {
        if chance.below(10) < 7 {
            lines.extend(mishap(chance));
        }
        match chance.below(20) {
            0..=10 => lines.extend(apply(beginning)),
            11 | 12 => lines.push("lockstep rollback --confirm ne.example".to_owned()),
            13 => lines.push("lockstep apply --confirm wrong.example".to_owned()),
            14 => {
                lines.push(format!("answer {}", chance.pick(&["no", "yes", "ne.example", ""])));
                lines.push("lockstep apply".to_owned());
            }
            15 => lines.push(chance.pick(&SOMEBODY).to_owned()),
            16 => lines.push(format!("advance {}", chance.pick(&["20m", "3h", "1d", "2d"]))),
            17 => lines.push("advance 20m".to_owned()),
            18 => lines.push("fault none".to_owned()),
            _ => lines.push("tokens end".to_owned()),
        }
    }
}
