//! `cargo xtask mutants`: whether the tests notice small errors in the gates and the guards.
//!
//! `cargo mutants` says which errors there are. It builds the tests anew for each of them, which
//! takes hours here, so this command compiles nearly all into one program, each behind a switch
//! ([`weave`]), and builds anew only for the few that cannot be switched.

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
const SLOW: [&str; 3] = ["properties::", "waiting::", "due::"];

/// Which mutants.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Only those of these files (patterns), instead of the gates and the guards
    #[arg(long = "file")]
    files: Vec<String>,
    /// Only those whose description contains this
    #[arg(long)]
    only: Option<String>,
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
    mutants.retain(|it| arguments.only.as_ref().is_none_or(|only| it.to_string().contains(only)));
    let texts = Texts::read(root, &mutants)?;
    let copy = Copy::of(root)?;
    let mut fates = woven(&copy, &texts, &mutants)?;
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

/// Tries all that can be switched, and says which the compiler refuses.
fn woven(copy: &Copy, texts: &Texts, mutants: &[Mutant]) -> Outcome<BTreeMap<usize, Fate>> {
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
    let mut fates: BTreeMap<usize, Fate> =
        refused.into_iter().map(|number| (number, Fate::Unviable)).collect();
    let left: BTreeSet<usize> =
        woven.values().flat_map(|woven| woven.left_out.iter().copied()).collect();
    for mutant in mutants {
        if fates.contains_key(&mutant.number) || left.contains(&mutant.number) {
            continue;
        }
        fates.insert(mutant.number, tried(&programs, copy, &mutant.file, Some(mutant.number))?);
        tell(mutant, &fates);
    }
    Ok(fates)
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
