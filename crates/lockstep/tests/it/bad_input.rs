//! What the real binary does with input nobody wants: a clear message, the right exit code, every
//! other record used, and memory the kernel is told to bound.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Memory a command may have of its own, in kB: what `RLIMIT_DATA` counts is at least what is
/// resident without file-backed pages.
const MEMORY_KB: u64 = 200_000;

/// What a command came to.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Ran {
    fn document(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Readable and unreadable sign-in records.
    fn records(&self) -> (u64, u64) {
        let document = self.document();
        let coverage = &document["coverage"];
        let count = |name: &str| coverage[name].as_u64().unwrap();
        (count("records_read"), count("records_unreadable"))
    }
}

/// The binary behind a shell that first sets limits of the system.
fn command(folder: &Path, limits: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("{limits}\nexec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_lockstep")])
        .args(arguments)
        .args(["--now", "2026-11-20T09:00:00Z"])
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::null());
    command
}

fn run_limited(folder: &Path, limits: &str, arguments: &[&str]) -> Ran {
    let output = command(folder, limits, arguments).output().unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// `audit legacy` of the folder `in`, in bounded memory.
fn audit(folder: &Path) -> Ran {
    let limits = format!("ulimit -d {MEMORY_KB}");
    run_limited(folder, &limits, &["audit", "legacy", "--exports", "in", "--format", "json"])
}

/// A sign-in record; the number makes it one of its own.
fn sign_in(number: usize) -> String {
    format!(
        "{{\"id\":\"66666666-0000-4000-8000-{number:012}\",\
         \"createdDateTime\":\"2026-11-19T08:00:00Z\",\
         \"userPrincipalName\":\"person@ne.example\",\
         \"userId\":\"77777777-0000-4000-8000-000000000001\",\"appDisplayName\":\"Office\",\
         \"clientAppUsed\":\"IMAP4\",\"isInteractive\":true,\"status\":{{\"errorCode\":0}}}}\n"
    )
}

/// A folder with `in/good.json` of one sign-in, and the files given.
fn beside_a_good_one(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    fs::write(folder.path().join("in/good.json"), sign_in(0)).unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join("in").join(name), bytes).unwrap();
    }
    folder
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_place_that_is_no_exports_folder_is_told_with_the_way_on() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for name in ["empty", "pictures"] {
        fs::create_dir(root.join(name)).unwrap();
    }
    fs::write(root.join("pictures/a.png"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").unwrap();
    fs::write(root.join("pictures/b.jpg"), b"\xff\xd8\xff\xe0\0\x10JFIF").unwrap();
    std::os::unix::fs::symlink("nowhere", root.join("dangling")).unwrap();
    let cases = [
        ("empty", "the folder holds no file"),
        ("missing", "No such file or directory"),
        ("dangling", "No such file or directory"),
        ("pictures", "none of the 2 files holds a record"),
        ("pictures/a.png", "none of the 1 file holds a record"),
    ];
    for (name, because) in cases {
        for verb in [&["audit", "legacy"][..], &["audit", "preflight"], &["plan"], &["snapshot"]] {
            let ran = run_limited(root, "", &[verb, &["--exports", name]].concat());
            assert_eq!(ran.code, Some(1), "{verb:?} {name}: {ran:?}");
            assert_eq!(ran.stdout, "", "{verb:?} {name}");
            assert!(
                ran.stderr.starts_with("error: ") && ran.stderr.contains("\nhint: "),
                "{ran:?}"
            );
            assert!(ran.stderr.contains(&format!("`{name}`")), "{ran:?}");
            assert_eq!(ran.stderr.matches(because).count(), 1, "{verb:?} {name}: {ran:?}");
        }
    }
}

#[test]
fn one_file_is_read_like_a_folder_of_one() {
    let folder = beside_a_good_one(&[]);
    let arguments = ["audit", "legacy", "--format", "json", "--exports", "in/good.json"];
    let ran = run_limited(folder.path(), "", &arguments);
    assert_eq!((ran.code, ran.records()), (Some(0), (1, 0)));
}

#[test]
fn damage_costs_its_record_and_is_told_with_file_line_and_fix() {
    let lines: String = (1..2001).map(sign_in).collect();
    let packed = gz(lines.as_bytes());
    let (first, last) = (sign_in(1), sign_in(2));
    let broken: [&[u8]; 3] =
        [first.as_bytes(), b"{\"id\":\"\xff\xfe\",\"a\":1}\n", last.as_bytes()];
    let table = [
        b"Date (UTC),Request ID,User,Username,Application,Client app,Status\n".as_slice(),
        b"2026-11-19T08:00:00Z,1,A,a@ne.example,Office,IMAP4,Success\n",
        b"2026-11-19T08:00:00Z,2,\xff\xfe,b@ne.example,Office,IMAP4,Success\n",
        b"2026-11-19T08:00:00Z,3,C,c@ne.example,Office,IMAP4,Success\n",
    ];
    let cases: [(&str, Vec<u8>, u64, &str); 6] = [
        ("a.json", broken.concat(), 3, "a.json:2: the record holds bytes that are no UTF-8"),
        ("a.csv", table.concat(), 3, "a.csv:3: the record holds bytes that are no UTF-8"),
        ("a.json", sign_in(1).as_bytes()[..90].into(), 1, "a.json:1: the record is not closed"),
        ("a.zip", b"PK\x03\x04 and no more".into(), 1, "a.zip: the zip is damaged"),
        ("a.json", vec![0; 1 << 20], 1, "a.json:1: the file is nothing but zeros"),
        ("a.csv.gz", gz(&[0; 1 << 20]), 1, "a.csv.gz:1: the file is nothing but zeros"),
    ];
    for (name, bytes, read, message) in cases {
        let folder = beside_a_good_one(&[(name, &bytes)]);
        let ran = audit(folder.path());
        assert_eq!((ran.code, ran.records()), (Some(8), (read, 1)), "{name}: {ran:?}");
        let told: Vec<&str> = ran.stderr.lines().filter(|line| line.contains(message)).collect();
        assert_eq!(told.len(), 1, "{name}: {}", ran.stderr);
        assert!(told[0].contains("download it again"), "{name}: {told:?}");
    }
    let folder = beside_a_good_one(&[("cut.json.gz", &packed[..packed.len() / 2])]);
    let ran = audit(folder.path());
    let (read, unreadable) = ran.records();
    assert_eq!((ran.code, unreadable), (Some(8), 1), "{ran:?}");
    assert!(read > 500, "{read} records of what is left");
    let line = format!("cut.json.gz:{read}: the file ends in the middle of its compressed data");
    assert!(ran.stderr.contains(&line), "{ran:?}");
}

#[test]
fn a_line_of_two_gigabytes_is_passed_over_in_bounded_memory() {
    // Many small gzip members, as log shippers write them, inflate to one stream. The letters are
    // mixed, so that the file is no bomb by its ratio.
    const MEMBERS: usize = 128;
    let mut state = 1_u32;
    let mut member: Vec<u8> = vec![b'x'; 16 << 20];
    for byte in member.iter_mut().take(96 << 10) {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *byte = b'a' + u8::try_from((state >> 24) % 26).unwrap();
    }
    let member = gz(&member);
    let folder = beside_a_good_one(&[]);
    let path = folder.path().join("in/long.json.gz");
    let mut file = File::create(&path).unwrap();
    file.write_all(&gz(format!("{}{{\"id\":\"", sign_in(1)).as_bytes())).unwrap();
    for _ in 0..MEMBERS {
        file.write_all(&member).unwrap();
    }
    file.write_all(&gz(format!("\"}}\n{}", sign_in(2)).as_bytes())).unwrap();
    drop(file);
    let length = (MEMBERS << 24) + 9;
    let ran = audit(folder.path());
    assert_eq!((ran.code, ran.records()), (Some(8), (3, 1)), "{ran:?}");
    let told = format!("long.json.gz:2: a record of {length} bytes");
    assert!(ran.stderr.contains(&told), "{told}: {}", ran.stderr);
}

#[test]
fn a_bomb_is_defused_in_bounded_memory() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(sign_in(1).as_bytes()).unwrap();
    let filling = format!("{{\"filling\":\"{}\"}}\n", "x".repeat(1 << 20));
    for _ in 0..300 {
        encoder.write_all(filling.as_bytes()).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.start_file("in.json", SimpleFileOptions::default()).unwrap();
    writer.write_all(sign_in(2).as_bytes()).unwrap();
    for _ in 0..300 {
        writer.write_all(filling.as_bytes()).unwrap();
    }
    let zip = writer.finish().unwrap().into_inner();
    let folder = beside_a_good_one(&[("bomb.json.gz", &bomb), ("bomb.zip", &zip)]);
    let ran = audit(folder.path());
    assert_eq!((ran.code, ran.records()), (Some(8), (3, 2)), "{ran:?}");
    assert_eq!(ran.stderr.matches("as a zip bomb does").count(), 2, "{}", ran.stderr);
}

#[test]
fn ten_thousand_columns_are_read_in_bounded_memory() {
    let mut header: Vec<String> = (0..10_000).map(|at| format!("column {at}")).collect();
    let mut cells: Vec<String> = (0..10_000).map(|at| format!("cell {at}")).collect();
    let known = [
        (5, "Date (UTC)", "2026-11-19T08:00:00Z"),
        (5000, "Username", "person@ne.example"),
        (9000, "Request ID", "one"),
        (9997, "Client app", "IMAP4"),
        (9998, "Application", "Office"),
        (9999, "Status", "Success"),
    ];
    for (at, name, cell) in known {
        (header[at], cells[at]) = (name.to_owned(), cell.to_owned());
    }
    let wide = format!("{}\n{}\n", header.join(","), cells.join(","));
    let folder = beside_a_good_one(&[("wide.csv", wide.as_bytes())]);
    let ran = audit(folder.path());
    assert_eq!((ran.code, ran.records()), (Some(0), (2, 0)), "{ran:?}");
}

#[test]
fn the_limit_of_memory_does_bite() {
    let folder = beside_a_good_one(&[]);
    let arguments = ["audit", "legacy", "--exports", "in"];
    assert_eq!(run_limited(folder.path(), "ulimit -d 200000", &arguments).code, Some(0));
    assert_ne!(run_limited(folder.path(), "ulimit -d 100", &arguments).code, Some(0));
}

#[test]
fn links_that_lead_nowhere_or_back_are_told_or_passed_over() {
    use std::os::unix::fs::symlink;
    let folder = beside_a_good_one(&[]);
    let exports = folder.path().join("in");
    fs::create_dir(exports.join("sub")).unwrap();
    symlink("..", exports.join("sub/back")).unwrap();
    symlink("nowhere.json", exports.join("gone.json")).unwrap();
    symlink("itself.json", exports.join("itself.json")).unwrap();
    symlink("/dev/zero", exports.join("endless.json")).unwrap();
    let ran = audit(folder.path());
    assert_eq!((ran.code, ran.records()), (Some(8), (1, 3)), "{ran:?}");
    for name in ["gone.json", "itself.json", "endless.json"] {
        assert_eq!(ran.stderr.matches(name).count(), 1, "{name}: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains("back"), "{}", ran.stderr);
}

#[test]
fn a_file_without_permission_costs_itself_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = beside_a_good_one(&[("locked.json", sign_in(1).as_bytes())]);
    let locked = folder.path().join("in/locked.json");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    if File::open(&locked).is_ok() {
        println!("skipped: this user may read every file");
        return;
    }
    let ran = audit(folder.path());
    assert_eq!((ran.code, ran.records()), (Some(8), (1, 1)), "{ran:?}");
    assert!(ran.stderr.contains("locked.json: cannot be opened: Permission denied"), "{ran:?}");
}

/// Waits until a process is in the middle of a file: the place it has read to is past the few
/// bytes that listing the folder looks at.
fn wait_until_reading(child: &mut Child, file: &Path) {
    let id = child.id();
    let file = file.canonicalize().unwrap();
    while child.try_wait().unwrap().is_none() {
        let Ok(open) = fs::read_dir(format!("/proc/{id}/fd")) else { continue };
        for entry in open.flatten() {
            if fs::read_link(entry.path()).is_ok_and(|target| target == file) {
                let number = entry.file_name();
                let info = format!("/proc/{id}/fdinfo/{}", number.to_string_lossy());
                let text = fs::read_to_string(info).unwrap_or_default();
                let position = text.lines().find_map(|line| line.strip_prefix("pos:"));
                let position = position.and_then(|it| it.trim().parse().ok()).unwrap_or(0_u64);
                if position > 4096 {
                    return;
                }
            }
        }
        std::thread::yield_now();
    }
    panic!("the command ended before it read `{}`", file.display());
}

#[cfg(target_os = "linux")]
#[test]
fn files_that_vanish_shrink_or_become_folders_while_others_are_read_are_told() {
    let folder = beside_a_good_one(&[]);
    let exports = folder.path().join("in");
    // The first by name, one for each thread, and long enough that the others are gone before
    // their turn.
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let long = "{\"nobody\":\"knows\",\"what\":\"this is\"}\n".repeat(256 << 10);
    for number in 0..threads {
        fs::write(exports.join(format!("a{number:03}.json")), &long).unwrap();
    }
    let last = exports.join(format!("a{:03}.json", threads - 1));
    for name in ["b.json", "c.json", "d.json"] {
        fs::write(exports.join(name), sign_in(1)).unwrap();
    }
    let arguments = ["audit", "legacy", "--exports", "in", "--format", "json"];
    let mut command = command(folder.path(), "", &arguments);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until_reading(&mut child, &last);
    fs::remove_file(exports.join("b.json")).unwrap();
    fs::write(exports.join("c.json"), &sign_in(1).as_bytes()[..60]).unwrap();
    fs::remove_file(exports.join("d.json")).unwrap();
    fs::create_dir(exports.join("d.json")).unwrap();
    let output = child.wait_with_output().unwrap();
    let ran = Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    };
    assert_eq!((ran.code, ran.records()), (Some(8), (1, 3)), "{ran:?}");
    for told in [
        "b.json: cannot open `b.json`: No such file or directory",
        "c.json:1: the record is not closed",
        "d.json: cannot open `d.json`: Is a directory",
    ] {
        assert!(ran.stderr.contains(told), "{told}: {}", ran.stderr);
    }
}

#[test]
fn names_of_files_and_people_cannot_write_to_the_terminal() {
    let name = "evil\n\u{1b}[2J\u{1b}]0;title\u{7}\u{202e}.json";
    let person = sign_in(1).replace("person@", "\\u001b[31mred\\u202e\\nperson@");
    let folder = beside_a_good_one(&[(name, b"{\"a\":"), ("red.json", person.as_bytes())]);
    fs::write(folder.path().join("in/picture\u{1b}[1m\n.png"), b"\x89PNG\r\n").unwrap();
    for verb in [&["audit", "legacy"][..], &["audit", "exceptions"], &["snapshot"], &["plan"]] {
        let ran = run_limited(folder.path(), "", &[verb, &["--exports", "in"]].concat());
        assert_eq!(ran.code, Some(8), "{verb:?}: {ran:?}");
        for text in [&ran.stdout, &ran.stderr] {
            let bad = |it: char| (it.is_control() && it != '\n') || it == '\u{202e}';
            assert!(!text.contains(bad), "{verb:?}: {text:?}");
        }
        let unreadable = ran.stderr.lines().filter(|it| it.starts_with("unreadable: evil "));
        assert_eq!(unreadable.count(), 1, "on one line: {}", ran.stderr);
    }
}

#[test]
fn a_place_that_cannot_be_written_is_told_and_the_old_plan_stays() {
    let folder = beside_a_good_one(&[]);
    let plan = ["plan", "--exports", "in", "--start", "2026-12-07", "--out"];
    fs::write(folder.path().join("taken"), b"").unwrap();
    let ran = run_limited(folder.path(), "", &[&plan[..], &["taken/plan"]].concat());
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
    assert!(ran.stderr.contains("error: cannot write `taken/plan/plan.html`"), "{ran:?}");
    // A disk that is full in the middle of a file: the system refuses more than 4 kB of it.
    assert_eq!(run_limited(folder.path(), "", &[&plan[..], &["out"]].concat()).code, Some(0));
    let before = documents(&folder.path().join("out"));
    let full = "trap '' XFSZ\nulimit -f 8";
    let later = ["plan", "--exports", "in", "--start", "2026-12-14", "--out", "out"];
    let ran = run_limited(folder.path(), full, &later);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("error: cannot write `out/plan.html`"), "{ran:?}");
    assert!(ran.stderr.contains("the disk is not full"), "{ran:?}");
    assert_eq!(documents(&folder.path().join("out")), before);
    let names = fs::read_dir(folder.path().join("out")).unwrap().flatten();
    let hidden = names.filter(|it| it.file_name().to_string_lossy().starts_with('.')).count();
    assert_eq!(hidden, 0, "nothing half-written is left");
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_printed_is_no_success() {
    let folder = beside_a_good_one(&[]);
    for format in ["text", "json"] {
        let arguments = ["audit", "legacy", "--exports", "in", "--format", format];
        let output = command(folder.path(), "", &arguments)
            .stdout(File::options().write(true).open("/dev/full").unwrap())
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains("cannot write to the standard output"), "{stderr}");
    }
}

#[test]
fn a_reader_that_has_gone_is_no_failure() {
    let folder = beside_a_good_one(&[]);
    let long: String =
        (0..3000).map(|it| sign_in(it).replace("person", &format!("p{it}"))).collect();
    fs::write(folder.path().join("in/long.json"), long).unwrap();
    for format in ["text", "json"] {
        let arguments = ["audit", "legacy", "--exports", "in", "--format", format];
        let mut command = command(folder.path(), "", &arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut [0; 10]).unwrap();
        drop(stdout);
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), stderr.as_str()), (Some(0), ""), "{format}");
    }
}

/// Every finished document of a folder, by name.
fn documents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            let below = documents(&entry.path()).into_iter();
            found.extend(below.map(|(file, bytes)| (format!("{name}/{file}"), bytes)));
        } else {
            found.push((name, fs::read(entry.path()).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn a_killed_plan_leaves_old_or_new_files_and_never_half_a_file() {
    let folder = beside_a_good_one(&[]);
    let root = folder.path();
    let plan = |start: &'static str, out: &'static str| {
        [
            "plan",
            "--exports",
            "in",
            "--formats",
            "html,md,xlsx,json",
            "--start",
            start,
            "--out",
            out,
        ]
    };
    for (start, out) in [("2026-12-07", "old"), ("2026-12-14", "new"), ("2026-12-07", "out")] {
        assert_eq!(run_limited(root, "", &plan(start, out)).code, Some(0));
    }
    let (old, new) = (documents(&root.join("old")), documents(&root.join("new")));
    assert!(old.len() > 5 && old.len() == new.len(), "{} {}", old.len(), new.len());
    // Killed when so many documents are replaced; at first before any.
    for replaced in 0..old.len() {
        for (name, bytes) in &old {
            fs::write(root.join("out").join(name), bytes).unwrap();
        }
        let mut command = command(root, "", &plan("2026-12-14", "out"));
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let out = root.join("out");
        let changed = || documents(&out).iter().zip(&old).filter(|(now, old)| now != old).count();
        while changed() < replaced && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let now = documents(&out);
        assert_eq!(now.len(), old.len());
        for (now, (old, new)) in now.iter().zip(old.iter().zip(&new)) {
            assert!(now == old || now == new, "`{}` is neither old nor new", now.0);
        }
    }
    // Whatever a killed run left behind, the next one is complete.
    assert_eq!(run_limited(root, "", &plan("2026-12-14", "out")).code, Some(0));
    assert_eq!(documents(&root.join("out")), new);
}
