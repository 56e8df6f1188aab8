//! `cargo xtask mutants`: whether the tests notice small errors in the gates and the guards.
//!
//! `cargo mutants` says which errors there are. It builds the tests anew for each of them, which
//! takes hours here, so this command compiles nearly all into one program, each behind a switch
//! ([`mod@weave`]), and builds anew only for the few that cannot be switched.

mod copy;
mod list;
mod trial;
mod weave;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use clap::Args;

use self::copy::{Built, Copy, Program, Refusal};
use self::list::Mutant;
use self::trial::Answer;
use self::weave::{SWITCH, Woven, patched, weave};
use crate::failure::{Failure, Outcome};
use crate::say;

const PACKAGE: &str = "rollout";
const ROOT_OF_CRATE: &str = "crates/rollout/src/lib.rs";
/// What must have no mutant that survives.
const FILES: [&str; 5] = [
    "crates/rollout/src/engine/gates/*.rs",
    "crates/rollout/src/engine/step.rs",
    "crates/rollout/src/engine/carried.rs",
    "crates/rollout/src/engine/needs.rs",
    "crates/rollout/src/change/guard/*.rs",
];
const TESTS: [&str; 2] = ["engine", "change"];
/// Where the files are whose mutants the second of the tests finds sooner.
const SECOND_FIRST: &str = "crates/rollout/src/change/";
/// Tests that take seconds: run only where all others notice nothing.
const SLOW: [&str; 6] = ["properties::", "waiting::", "due::", "drafts::", "inverse::", "moved::"];

/// Which mutants.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Only those of these files (patterns), instead of the gates and the guards
    #[arg(long = "file")]
    files: Vec<String>,
    /// Try only those whose description contains this
    #[arg(long, default_value = "")]
    only: String,
}

/// What came of a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Caught,
    Endless,
    Unviable,
    Survived,
}

/// Tries every mutant, and ends badly if one survives.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Outcome<()> {
    let all = FILES.map(str::to_owned);
    let files: &[String] = if arguments.files.is_empty() { &all } else { &arguments.files };
    let mut mutants = list::of_files(root, PACKAGE, files)?;
    let texts = Texts::read(root, &mutants)?;
    let copy = Copy::of(root, &texts.0)?;
    let weft = Weft::of(&copy, &texts, &mutants)?;
    // All are woven in, whichever are tried: so nothing is compiled anew for some of them.
    mutants.retain(|it| it.to_string().contains(&arguments.only));
    let mut fates = weft.try_all(&copy, &mutants)?;
    let left: Vec<&Mutant> =
        mutants.iter().filter(|mutant| !fates.contains_key(&mutant.number)).collect();
    for mutant in left {
        fates.insert(mutant.number, alone(&copy, &texts, mutant)?);
        tell(mutant, &fates);
    }
    say!("\n{}", table(&mutants, &fates));
    match fates.values().filter(|fate| **fate == Fate::Survived).count() {
        0 => Ok(()),
        some => Err(Failure::new(format!("{some} mutants survive"))),
    }
}

/// The program with every mutant in it that the compiler takes.
struct Weft {
    programs: Vec<Program>,
    /// Those that the compiler refuses.
    refused: BTreeSet<usize>,
    /// Those that cannot be switched.
    left_out: BTreeSet<usize>,
}

impl Weft {
    /// Leaves out what the compiler refuses, until it compiles. Its tests must pass then.
    fn of(copy: &Copy, texts: &Texts, mutants: &[Mutant]) -> Outcome<Self> {
        let mut refused = BTreeSet::new();
        let (programs, woven) = loop {
            let woven = texts.weave(mutants, &refused)?;
            texts.put(copy, &woven)?;
            match copy.build(PACKAGE, &TESTS)? {
                Built::Programs(programs) => break (programs, woven),
                Built::Refused(refusals) => refused.extend(blamed(&refusals, &woven)?),
            }
            say!("{} of {} do not compile; once more without them", refused.len(), mutants.len());
        };
        if tried(&programs, copy, ROOT_OF_CRATE, None)? != Fate::Survived {
            return Err(Failure::new("the tests fail without any mutant"));
        }
        let left_out = woven.values().flat_map(|woven| woven.left_out.iter().copied()).collect();
        Ok(Self { programs, refused, left_out })
    }

    /// What comes of those that can be switched or do not compile.
    fn try_all(&self, copy: &Copy, mutants: &[Mutant]) -> Outcome<BTreeMap<usize, Fate>> {
        let mut fates = BTreeMap::new();
        for mutant in mutants.iter().filter(|it| !self.left_out.contains(&it.number)) {
            let fate = if self.refused.contains(&mutant.number) {
                Fate::Unviable
            } else {
                tried(&self.programs, copy, &mutant.file, Some(mutant.number))?
            };
            fates.insert(mutant.number, fate);
            tell(mutant, &fates);
        }
        Ok(fates)
    }
}

/// Tries one by a build of its own.
fn alone(copy: &Copy, texts: &Texts, mutant: &Mutant) -> Outcome<Fate> {
    texts.put(copy, &BTreeMap::new())?;
    let text = texts.of(&mutant.file)?;
    copy.put(&mutant.file, patched(text, mutant).as_bytes())?;
    match copy.build(PACKAGE, &TESTS)? {
        Built::Refused(_) => Ok(Fate::Unviable),
        Built::Programs(programs) => tried(&programs, copy, &mutant.file, None),
    }
}

/// Runs the quick tests, and the slow ones where nothing was noticed.
fn tried(programs: &[Program], copy: &Copy, file: &str, switch: Option<usize>) -> Outcome<Fate> {
    let mut ordered: Vec<&Program> = programs.iter().collect();
    if file.starts_with(SECOND_FIRST) {
        ordered.reverse();
    }
    let folder = copy.folder_of(PACKAGE);
    let mut answer = trial::run(&ordered, &folder, switch, &SLOW)?;
    if answer == Answer::Survived {
        answer = trial::run(&ordered, &folder, switch, &[])?;
    }
    Ok(match answer {
        Answer::Caught => Fate::Caught,
        Answer::Endless => Fate::Endless,
        Answer::Survived => Fate::Survived,
    })
}

/// The mutants that errors of the compiler point at.
fn blamed(refusals: &[Refusal], woven: &BTreeMap<String, Woven>) -> Outcome<BTreeSet<usize>> {
    let mut blamed = BTreeSet::new();
    for refusal in refusals.iter().filter(|refusal| !refusal.places.is_empty()) {
        let number = refusal.places.iter().find_map(|(file, line)| woven.get(file)?.at(*line));
        let missing =
            || Failure::new(format!("no mutant, and it does not compile: {}", refusal.words));
        blamed.insert(number.ok_or_else(missing)?);
    }
    if blamed.is_empty() {
        return Err(Failure::new("it does not compile, and no error names a place"));
    }
    Ok(blamed)
}

/// One line for each that was not caught by a test.
fn tell(mutant: &Mutant, fates: &BTreeMap<usize, Fate>) {
    match fates.get(&mutant.number) {
        Some(Fate::Survived) => say!("survived: {mutant}"),
        Some(Fate::Endless) => say!("runs for ever: {mutant}"),
        Some(Fate::Caught | Fate::Unviable) | None => {}
    }
}

/// The figures by file, as Markdown.
fn table(mutants: &[Mutant], fates: &BTreeMap<usize, Fate>) -> String {
    let mut files: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    let mut total = [0; 4];
    for mutant in mutants {
        let counts = files.entry(&mutant.file).or_default();
        for counts in [counts, &mut total] {
            let fate = fates.get(&mutant.number).copied().unwrap_or(Fate::Survived);
            let [caught, endless, unviable, survived] = counts;
            let count = match fate {
                Fate::Caught => caught,
                Fate::Endless => endless,
                Fate::Unviable => unviable,
                Fate::Survived => survived,
            };
            *count = count.saturating_add(1);
        }
    }
    let mut lines = vec![
        "| file | mutants | caught | runs for ever | does not compile | survived |".to_owned(),
        "|---|---|---|---|---|---|".to_owned(),
    ];
    let rows = files.iter().map(|(file, counts)| (format!("`{file}`"), counts));
    for (file, counts) in rows.chain([("all".to_owned(), &total)]) {
        let [caught, endless, unviable, survived] = counts;
        let all: usize = counts.iter().sum();
        lines.push(format!("| {file} | {all} | {caught} | {endless} | {unviable} | {survived} |"));
    }
    lines.join("\n")
}

/// The files with mutants and the root of the crate, as they are.
struct Texts(BTreeMap<String, String>);

impl Texts {
    fn read(root: &Path, mutants: &[Mutant]) -> Outcome<Self> {
        let files: BTreeSet<&str> =
            mutants.iter().map(|it| it.file.as_str()).chain([ROOT_OF_CRATE]).collect();
        let read = |file: &str| {
            let path = root.join(file);
            let text = fs::read_to_string(&path);
            let text = text.map_err(|error| Failure::at("cannot read", &path, &error))?;
            Ok((file.to_owned(), text))
        };
        files.into_iter().map(read).collect::<Outcome<_>>().map(Self)
    }

    fn of(&self, file: &str) -> Outcome<&str> {
        let text = self.0.get(file).map(String::as_str);
        text.ok_or_else(|| Failure::new(format!("`{file}` was not read")))
    }

    /// Every file with its mutants in it, but for those the compiler refused.
    fn weave(
        &self,
        mutants: &[Mutant],
        refused: &BTreeSet<usize>,
    ) -> Outcome<BTreeMap<String, Woven>> {
        let weave = |(file, text): (&String, &String)| {
            let of_file = mutants.iter().filter(|it| it.file == *file);
            let of_file: Vec<&Mutant> =
                of_file.filter(|it| !refused.contains(&it.number)).collect();
            let woven = weave(text, &of_file);
            let mut woven = woven.map_err(|error| Failure::new(format!("`{file}`: {error}")))?;
            if file == ROOT_OF_CRATE {
                woven.text.push_str(SWITCH);
            }
            Ok((file.clone(), woven))
        };
        self.0.iter().map(weave).collect()
    }

    /// Writes the files into the copy: woven where they are, else as they are.
    fn put(&self, copy: &Copy, woven: &BTreeMap<String, Woven>) -> Outcome<()> {
        for (file, text) in &self.0 {
            let text = woven.get(file).map_or(text, |woven| &woven.text);
            copy.put(file, text.as_bytes())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutant(number: usize, file: &str) -> Mutant {
        let place = serde_json::json!({ "line": 1, "column": 1 });
        let read = serde_json::json!({
            "file": file, "name": "x", "span": { "start": place, "end": place }, "replacement": "",
        });
        Mutant { number, ..serde_json::from_value(read).unwrap() }
    }

    fn woven(number: usize, lines: std::ops::RangeInclusive<usize>) -> BTreeMap<String, Woven> {
        let woven = Woven { lines: vec![(lines, number)], ..Woven::default() };
        BTreeMap::from([("a.rs".to_owned(), woven)])
    }

    fn refusal(places: &[(&str, usize)]) -> Refusal {
        let places = places.iter().map(|(file, line)| ((*file).to_owned(), *line)).collect();
        Refusal { places, words: "error: no".to_owned() }
    }

    #[test]
    fn an_error_of_the_program_itself_is_no_error_of_a_mutant() {
        let woven = woven(7, 3..=5);
        for elsewhere in [("a.rs", 6), ("b.rs", 4)] {
            let told = blamed(&[refusal(&[elsewhere])], &woven).unwrap_err().to_string();
            assert_eq!(told, "no mutant, and it does not compile: error: no");
        }
        assert!(blamed(&[], &woven).is_err());
        // "aborting due to an error" points at nothing.
        assert!(blamed(&[refusal(&[])], &woven).is_err());
    }

    #[test]
    fn the_first_place_within_a_mutant_is_blamed() {
        let refusals = [refusal(&[("a.rs", 9), ("a.rs", 4)]), refusal(&[])];
        assert_eq!(blamed(&refusals, &woven(7, 3..=5)).unwrap(), BTreeSet::from([7]));
    }

    #[test]
    fn what_was_not_tried_is_counted_as_surviving() {
        let mutants: Vec<Mutant> = ["a.rs", "a.rs", "b.rs", "b.rs", "b.rs"]
            .into_iter()
            .zip(1..)
            .map(|(file, number)| mutant(number, file))
            .collect();
        let fates = BTreeMap::from([
            (1, Fate::Caught),
            (2, Fate::Unviable),
            (3, Fate::Endless),
            (4, Fate::Survived),
        ]);
        assert_eq!(
            table(&mutants, &fates),
            "| file | mutants | caught | runs for ever | does not compile | survived |\n\
             |---|---|---|---|---|---|\n\
             | `a.rs` | 2 | 1 | 0 | 1 | 0 |\n\
             | `b.rs` | 3 | 0 | 1 | 0 | 2 |\n\
             | all | 5 | 1 | 1 | 1 | 2 |"
        );
    }
}
