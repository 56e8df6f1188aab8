//! What a process costs: wall time, processor time, and its own memory at the peak.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Outcome};

/// Kernel ticks per second in `/proc/PID/stat`: fixed at 100 for user space on Linux.
const TICKS_PER_SECOND: u64 = 100;
const BETWEEN_LOOKS: Duration = Duration::from_millis(2);

/// What one run cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cost {
    /// From start to end.
    pub(crate) wall: Duration,
    /// Processor time, user and system, all threads.
    pub(crate) cpu: Duration,
    /// Highest `RssAnon` seen, in kB: resident memory without file-backed pages.
    pub(crate) anonymous_kb: u64,
}

/// Runs a command to its end in a folder and looks at it every few milliseconds. Its output goes
/// to `output`, else nowhere.
pub(crate) fn run_to_end(command: &[String], folder: &Path, output: Option<File>) -> Outcome<Cost> {
    let (program, arguments) =
        command.split_first().ok_or_else(|| Failure::new("no command to measure"))?;
    let started = super::started();
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(output.map_or_else(Stdio::null, Stdio::from))
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| Failure::new(format!("`{program}` cannot be started: {error}")))?;
    let (mut anonymous_kb, mut cpu) = (0, Duration::ZERO);
    let about = format!("/proc/{}", child.id());
    loop {
        // A process that ended is kept, with its times, until it is waited for.
        let (memory, time) = look(&about);
        anonymous_kb = anonymous_kb.max(memory);
        cpu = cpu.max(time);
        if let Some(status) = ended(&about, &mut child)? {
            if !status.success() {
                let why = complaint(program, arguments, folder);
                let what = command.join(" ");
                return Err(Failure::new(format!("`{what}` ended with {status}: {why}")));
            }
            return Ok(Cost { wall: started.elapsed(), cpu, anonymous_kb });
        }
        thread::sleep(BETWEEN_LOOKS);
    }
}

/// What a command that failed says when it is run once more. Measured runs say it to nobody.
fn complaint(program: &str, arguments: &[String], folder: &Path) -> String {
    let again = Command::new(program).args(arguments).current_dir(folder).output();
    let told = again.map(|it| String::from_utf8_lossy(&it.stderr).into_owned()).unwrap_or_default();
    told.trim().lines().last().unwrap_or("it says nothing").to_owned()
}

fn ended(
    folder: &str,
    child: &mut std::process::Child,
) -> Outcome<Option<std::process::ExitStatus>> {
    let stat = fs::read_to_string(format!("{folder}/stat")).unwrap_or_default();
    let state = fields_after_name(&stat).next().unwrap_or("");
    // Waiting frees the entry: read its times first, which the caller did for a zombie.
    if state == "Z" || state.is_empty() {
        return Ok(Some(child.wait()?));
    }
    Ok(None)
}

/// Anonymous resident memory in kB, and processor time so far.
fn look(folder: &str) -> (u64, Duration) {
    let status = fs::read_to_string(format!("{folder}/status")).unwrap_or_default();
    let stat = fs::read_to_string(format!("{folder}/stat")).unwrap_or_default();
    (anonymous_kb(&status), processor_time(&stat))
}

fn anonymous_kb(status: &str) -> u64 {
    status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

/// The fields after the program's name, which stands in parentheses and may hold anything.
fn fields_after_name(stat: &str) -> impl Iterator<Item = &str> {
    stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace()
}

fn processor_time(stat: &str) -> Duration {
    // proc(5): state is field 3, utime 14, stime 15.
    let ticks: u64 =
        fields_after_name(stat).skip(11).take(2).filter_map(|it| it.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND)
}

/// Processor and kernel, as the machine names them.
pub(crate) fn machine() -> String {
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .and_then(|rest| rest.split_once(':'))
        .map_or("unknown processor", |(_, name)| name.trim());
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let gigabytes = memory
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|number| number.parse::<u64>().ok())
        .map_or(0, |kilobytes| kilobytes / 1_000_000);
    format!("{model}, {cores} cores, {gigabytes} GB, {}", std::env::consts::OS)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use std::fs::File;
    use std::path::Path;

    use super::{Cost, anonymous_kb, processor_time, run_to_end};

    fn run(words: &[&str], output: Option<File>) -> crate::failure::Outcome<Cost> {
        let command: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        run_to_end(&command, Path::new("."), output)
    }

    #[test]
    fn a_process_is_measured_and_its_failure_is_one() {
        let silent = run(&["false"], None).unwrap_err().to_string();
        assert!(silent.ends_with(": it says nothing"), "{silent}");
        let told = run(&["cat", "no-such-file-anywhere"], None).unwrap_err().to_string();
        assert!(told.contains("no-such-file-anywhere: No such file"), "{told}");
        assert!(run(&["no-such-program-anywhere"], None).is_err());
        assert!(run(&[], None).is_err());
        assert!(run(&["sleep", "0"], None).unwrap().wall > Duration::ZERO);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("told");
        run(&["echo", "42"], Some(File::create(&path).unwrap())).unwrap();
        assert_eq!(std::fs::read_to_string(path).unwrap(), "42\n");
    }

    #[test]
    fn proc_is_read_by_its_manual() {
        let status = "Name:\tx\nVmHWM:\t  9000 kB\nRssAnon:\t    5120 kB\nRssFile:\t 10 kB\n";
        assert_eq!(anonymous_kb(status), 5120);
        let stat = "42 (odd ) name) R 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0";
        assert_eq!(processor_time(stat), Duration::from_secs(3));
        assert_eq!((anonymous_kb(""), processor_time("")), (0, Duration::ZERO));
    }
}
