//! Passwords on a real terminal: shown once, on a screen of their own, and nowhere afterwards.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use twin::{Scenario, World};

use crate::killed::{Served, lockstep, to_its_end};
use crate::stage::{folder, settings, start, write_workspace};

/// The screen that leaves nothing to scroll back to.
const OPENS: &str = "\u{1b}[?1049h";
/// The screen and what was scrolled off it is cleared, and the one before comes back.
const CLOSES: &str = "\u{1b}[2J\u{1b}[3J\u{1b}[H\u{1b}[?1049l";
/// What is asked while a password is on the screen.
const ASKS: &str = "then type `printed`:";

/// A command on a terminal of its own.
struct Terminal {
    child: Child,
    keys: ChildStdin,
    shows: Receiver<String>,
    shown: String,
}

impl Terminal {
    /// `None`: this machine has no program that makes terminals.
    fn run(folder: &Path, served: &Served) -> Option<Self> {
        // A shell that stays would die of the Ctrl-C itself, whatever the command answers.
        let words = format!(
            "exec '{}' break-glass create --confirm ne.example --now {}",
            env!("CARGO_BIN_EXE_lockstep"),
            start()
        );
        let child = Command::new("script")
            .args(["-qefc", &words, "/dev/null"])
            .current_dir(folder)
            .env("TERM", "xterm")
            .env("SHELL", "/bin/sh")
            .env("USER", "operator")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut child) = child else {
            println!("skipped: this machine has no `script`");
            return None;
        };
        assert!(!served.root.is_empty());
        let (keys, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (told, shows) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0_u8; 4096];
            while let Ok(read @ 1..) = output.read(&mut buffer) {
                let text = String::from_utf8_lossy(&buffer[..read]).into_owned();
                if told.send(text).is_err() {
                    break;
                }
            }
        });
        Some(Self { child, keys, shows, shown: String::new() })
    }

    /// Waits until something was shown so often.
    fn until(&mut self, what: &str, times: usize) {
        while self.shown.matches(what).count() < times {
            match self.shows.recv_timeout(Duration::from_secs(120)) {
                Ok(text) => self.shown.push_str(&text),
                Err(error) => panic!("`{what}` is not shown: {error}: {}", self.shown),
            }
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Everything that was on the terminal, and how the command ended.
    fn end(mut self) -> (String, i32) {
        while let Ok(text) = self.shows.recv_timeout(Duration::from_secs(120)) {
            self.shown.push_str(&text);
        }
        let status = self.child.wait().unwrap().code().unwrap_or(-1);
        (self.shown, status)
    }
}

/// A firm without break-glass accounts, and a workspace that has read it.
fn firm() -> (Served, tempfile::TempDir) {
    let scenario = Scenario { people: 12, seed: 3, now: start(), day: 0, history_days: 1 };
    let world = World::new(&scenario);
    let notes = world.notes(start());
    let served = Served::over(world);
    let folder = folder();
    write_workspace(folder.path(), &settings(&notes, &served.root, 3));
    let (status, said) = to_its_end(lockstep(folder.path(), &served, &["snapshot"]));
    assert!(matches!(status, 0 | 8), "{status}: {said}");
    (served, folder)
}

/// The password on each screen: its groups stand alone on a line, four blanks from the left.
fn passwords(shown: &str) -> Vec<String> {
    let screens = shown.split(OPENS).skip(1).map(|it| it.split(CLOSES).next().unwrap());
    let on_it = screens.filter_map(|screen| {
        let line = screen.lines().map(str::trim_end).find(|line| {
            let rest = line.strip_prefix("    ").unwrap_or_default();
            !rest.starts_with(' ') && rest.chars().filter(|it| !it.is_whitespace()).count() >= 25
        })?;
        Some(line.trim().to_owned())
    });
    on_it.collect()
}

/// What was on the terminal, without the screens of their own.
fn stays(shown: &str) -> String {
    let parts = shown.split(OPENS).enumerate();
    let outside = parts.map(|(at, part)| match (at, part.split_once(CLOSES)) {
        (0, _) => part,
        (_, Some((_, after))) => after,
        (_, None) => panic!("a screen was left open: {shown}"),
    });
    outside.collect()
}

/// No file holds the password, with or without the blanks between its groups.
fn nowhere_in(folder: &Path, password: &str) {
    let without: String = password.chars().filter(|it| !it.is_whitespace()).collect();
    let mut folders = vec![folder.to_owned()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let bytes = fs::read(&path).unwrap();
            for secret in [password, &without] {
                let found = bytes.windows(secret.len()).any(|it| it == secret.as_bytes());
                assert!(!found, "{}", path.display());
            }
        }
    }
    assert!(files > 10, "{files}");
}

#[test]
fn whoever_ends_lockstep_while_a_password_is_shown_leaves_none_of_it() {
    let (served, folder) = firm();
    let Some(mut terminal) = Terminal::run(folder.path(), &served) else { return };
    terminal.until(ASKS, 1);
    terminal.press("\u{3}");
    let (shown, status) = terminal.end();
    let passwords = passwords(&shown);
    assert_eq!(passwords.len(), 1, "nothing is shown after it: {shown}");
    let stays = stays(&shown);
    assert!(!stays.contains(&passwords[0]), "{stays}");
    // However wide the terminal is.
    let said = stays.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(said.matches("Nobody said that its password stands on paper").count(), 1, "{said}");
    assert!(said.contains("lockstep was ended before its password was shown"), "{said}");
    assert_eq!(status, 5, "{stays}");
    nowhere_in(folder.path(), &passwords[0]);
}

#[test]
fn each_sheet_has_a_screen_of_its_own_and_none_of_it_stays() {
    let (served, folder) = firm();
    let Some(mut terminal) = Terminal::run(folder.path(), &served) else { return };
    // A wrong word is asked again, on the same screen.
    terminal.until(ASKS, 1);
    terminal.press("yes\n");
    for times in 2..=5 {
        terminal.until(ASKS, times);
        terminal.press("printed\n");
    }
    let (shown, status) = terminal.end();
    let passwords = passwords(&shown);
    assert_eq!(passwords.len(), 4, "{shown}");
    assert_eq!((&passwords[0], &passwords[2]), (&passwords[1], &passwords[3]));
    assert_ne!(passwords[0], passwords[2]);
    let stays = stays(&shown);
    assert_eq!(status, 0, "{stays}");
    for password in &passwords {
        assert!(!stays.contains(password.as_str()), "{stays}");
        nowhere_in(folder.path(), password);
    }
}
