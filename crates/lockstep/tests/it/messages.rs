//! Messages through a mail server that fails in every way it can: nobody gets one twice, and what
//! nobody knows is said.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::rc::Rc;

use lockstep::surroundings::{Ran, Surroundings, run_in};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::smtp_server::{Does, Rule, Server};

const PEOPLE: [&str; 3] = ["ann", "ben", "cid"];

/// A workspace whose pilot group has three people.
fn workspace(port: u16, more: &str) -> TempDir {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let exports = folder.path().join("exports");
    std::fs::create_dir(&exports).unwrap();
    let id = |name: &str| format!("00000000-0000-4000-8000-0000000000{}", &hex(name));
    let mut users: Vec<Value> = PEOPLE
        .iter()
        .map(|name| {
            json!({
                "id": id(name), "userPrincipalName": format!("{name}@ne.example"),
                "displayName": name, "mail": format!("{name}@ne.example"),
                "accountEnabled": true, "userType": "Member", "jobTitle": null
            })
        })
        .collect();
    users.push(json!({
        "id": id("dan"), "userPrincipalName": "dan@ne.example", "displayName": "dan",
        "mail": null, "accountEnabled": true, "userType": "Member", "jobTitle": null
    }));
    let members: Vec<Value> = PEOPLE
        .iter()
        .chain(&["dan"])
        .map(|name| json!({"@odata.type": "#microsoft.graph.user", "id": id(name)}))
        .collect();
    let group = json!({"value": [{
        "id": "00000000-0000-4000-8000-000000000001", "displayName": "IT team",
        "securityEnabled": true, "members": members
    }]});
    let write = |name: &str, value: &Value| {
        std::fs::write(exports.join(name), value.to_string()).unwrap();
    };
    write("users.json", &json!({"value": users}));
    write("groups.json", &group);
    let settings = format!(
        "[source]\nexports = \"exports\"\n\n[calendar]\nstart = 2026-11-23\n\n\
         [pilot]\ngroup = \"IT team\"\n\n[mail]\nvia = \"smtp\"\nfrom = \"NE IT <it@ne.example>\"\n\
         smtp_host = \"127.0.0.1\"\nsmtp_port = {port}\n{more}"
    );
    std::fs::write(folder.path().join("lockstep.toml"), settings).unwrap();
    folder
}

fn hex(name: &str) -> String {
    format!("{:02x}", name.bytes().fold(0_u8, u8::wrapping_add))
}

fn lockstep(folder: &TempDir, line: &str, answer: &'static str) -> Ran {
    let mut surroundings = Surroundings::default();
    surroundings.folder = Some(folder.path().to_owned());
    surroundings.answer = Some(Rc::new(move |_| Some(answer.to_owned())));
    let words = format!("lockstep {line} --now 2026-11-23T09:00:00Z");
    run_in(words.split(' ').map(OsString::from), &surroundings)
}

fn send(folder: &TempDir) -> (u8, Value, String) {
    let ran = lockstep(folder, "message send announcement --to pilot --json", "y");
    let document = serde_json::from_str(&ran.stdout).unwrap_or(Value::Null);
    (ran.status.code(), document, ran.stderr)
}

/// How many texts each person got.
fn got(server: &Server) -> BTreeMap<String, usize> {
    let mut got = BTreeMap::new();
    for (to, _) in server.texts() {
        *got.entry(to.trim_end_matches("@ne.example").to_owned()).or_default() += 1;
    }
    got
}

fn names(value: &Value) -> Vec<String> {
    let rows = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let name = |it: &Value| it["display_name"].as_str().unwrap_or_default().to_owned();
    rows.iter().map(name).collect()
}

/// Each way to fail, what the first run says of it, and who gets it in the second, when the server
/// says yes again.
#[test]
fn whatever_the_server_does_nobody_gets_it_twice() {
    use Does::{HangsUp, Says};
    let plain = "smtp_tls = \"none\"\n";
    let refused = "550 5.1.1 no such user";
    // Rules, exit, sent, refused, doubtful, left, sent by the second run.
    type Row<'r> =
        (&'r str, Vec<Rule>, u8, &'r [&'r str], &'r [&'r str], &'r [&'r str], u64, &'r [&'r str]);
    let rows: Vec<Row<'_>> = vec![
        ("all is well", vec![], 0, &["ann", "ben", "cid"], &[], &[], 0, &[]),
        (
            "one is refused",
            vec![("RCPT TO:<ben", 1, Says(refused))],
            5,
            &["ann", "cid"],
            &["ben"],
            &[],
            0,
            &["ben"],
        ),
        (
            "one is put off",
            vec![("RCPT TO:<ben", 1, Says("450 4.2.1 later"))],
            5,
            &["ann", "cid"],
            &["ben"],
            &[],
            0,
            &["ben"],
        ),
        (
            "a text is refused",
            vec![("TEXT", 1, Says("554 5.6.0 no"))],
            5,
            &["ben", "cid"],
            &["ann"],
            &[],
            0,
            &["ann"],
        ),
        (
            "the connection is lost once before a text",
            vec![("MAIL", 1, HangsUp)],
            0,
            &["ann", "ben", "cid"],
            &[],
            &[],
            0,
            &[],
        ),
        (
            "it is closing, once",
            vec![("RCPT", 1, Says("421 4.3.2 going down"))],
            0,
            &["ann", "ben", "cid"],
            &[],
            &[],
            0,
            &[],
        ),
        (
            "the connection is lost again and again before the text",
            vec![("DATA", 2, HangsUp)],
            7,
            &[],
            &[],
            &[],
            3,
            &["ann", "ben", "cid"],
        ),
        (
            "nobody's mail is taken",
            vec![("MAIL", 1, Says("550 5.7.1 not from you"))],
            7,
            &[],
            &[],
            &[],
            3,
            &["ann", "ben", "cid"],
        ),
        (
            "the answer to a text is lost",
            vec![("TEXT", 1, HangsUp)],
            5,
            &["ben", "cid"],
            &[],
            &["ann"],
            0,
            &[],
        ),
        (
            "the answer is no answer",
            vec![("TEXT", 1, Says("hello?"))],
            5,
            &["ben", "cid"],
            &[],
            &["ann"],
            0,
            &[],
        ),
    ];
    for (what, rules, exit, sent, refused, doubtful, left, then) in rows {
        let server = Server::start(&rules);
        let folder = workspace(server.port, plain);
        let (status, document, said) = send(&folder);
        assert_eq!(status, exit, "{what}: {document} {said}");
        assert_eq!(names(&document["sent"]), sent, "{what}");
        assert_eq!(names(&document["refused"]), refused, "{what}");
        assert_eq!(names(&document["doubtful"]), doubtful, "{what}");
        assert_eq!(document["left"], left, "{what}");
        let (_, second, _) = send(&folder);
        assert_eq!(names(&second["sent"]), then, "{what}, the second run");
        let (_, third, _) = send(&folder);
        assert_eq!(names(&third["sent"]), [""; 0], "{what}, the third run");
        assert!(got(&server).values().all(|count| *count == 1), "{what}: {:?}", got(&server));
    }
}

#[test]
fn who_is_doubtful_or_has_no_address_is_said_and_never_sent_to() {
    let server = Server::start(&[("TEXT", 1, Does::HangsUp)]);
    let folder = workspace(server.port, "smtp_tls = \"none\"\n");
    send(&folder);
    let ran = lockstep(&folder, "message preview announcement --to pilot", "");
    assert_eq!(ran.status.code(), 0, "{}", ran.stderr);
    for line in [
        "0 to send, 2 have it, 1 doubtful, 1 without an address",
        "nobody knows whether it arrived; never sent again",
        "no file tells an address",
        "From NE IT <it@ne.example>, by smtp.",
    ] {
        assert!(ran.stdout.contains(line), "{line}\n{}", ran.stdout);
    }
}

#[test]
fn nothing_leaves_without_a_yes() {
    let server = Server::start(&[]);
    let folder = workspace(server.port, "smtp_tls = \"none\"\n");
    for answer in ["", "n", "ne.example"] {
        let ran = lockstep(&folder, "message send announcement --to pilot", answer);
        assert_eq!(ran.status.code(), 6, "{}", ran.stderr);
    }
    let ran = lockstep(&folder, "message send announcement --to pilot --no-input", "y");
    assert_eq!(ran.status.code(), 6);
    assert!(ran.stderr.contains("Send `announcement` to 3 people"), "{}", ran.stderr);
    let ran =
        lockstep(&folder, "message send announcement --to pilot --no-input --confirm no", "y");
    assert_eq!(ran.status.code(), 6);
    assert!(server.texts().is_empty());
    let ran =
        lockstep(&folder, "message send announcement --to pilot --no-input --confirm yes", "");
    assert_eq!(ran.status.code(), 0, "{}", ran.stderr);
    assert_eq!(server.texts().len(), 3);
}

#[test]
fn a_mail_carries_what_it_must() {
    let server = Server::start(&[]);
    let folder = workspace(server.port, "smtp_tls = \"none\"\n");
    send(&folder);
    let (to, text) = server.texts().remove(0);
    assert_eq!(to, "ann@ne.example");
    for header in [
        "From: \"NE IT\" <it@ne.example>",
        "To: ann@ne.example",
        "Date: Mon, 23 Nov 2026 09:00:00 +0000",
        "Message-ID: <",
        "Content-Type: text/plain; charset=utf-8",
    ] {
        assert!(text.contains(header), "{header}\n{text}");
    }
    assert!(!text.contains("ben@ne.example"), "nobody sees the others");
}

#[test]
fn a_server_that_cannot_be_used_gets_nothing() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let tls = Server::start(&[]);
    let greeting = Server::start(&[("GREETING", 9, Does::Says("554 5.3.2 closed"))]);
    let sign_in = "smtp_tls = \"none\"\nsmtp_user = \"it\"\nsmtp_password_file = \"secret.txt\"\n";
    let rows = [
        ("nobody listens", closed, "smtp_tls = \"none\"\n", 7, "cannot be used"),
        ("no TLS is offered", tls.port, "", 7, "STARTTLS"),
        ("it says no at once", greeting.port, "smtp_tls = \"none\"\n", 7, "closed"),
        ("nobody can sign in", tls.port, sign_in, 7, "authentication mechanism"),
    ];
    for (what, port, more, exit, said) in rows {
        let folder = workspace(port, more);
        std::fs::write(folder.path().join("secret.txt"), "hush-hush\n").unwrap();
        let (status, _, stderr) = send(&folder);
        assert_eq!(status, exit, "{what}: {stderr}");
        assert!(stderr.contains(said), "{what}: {stderr}");
        assert!(!stderr.contains("hush"), "{what}: {stderr}");
        let ran = lockstep(&folder, "message preview announcement --to pilot", "");
        assert!(ran.stdout.contains("3 to send, 1 without"), "{what}: {}", ran.stdout);
    }
    assert!(tls.texts().is_empty() && greeting.texts().is_empty());
}

#[test]
fn what_cannot_be_sent_says_why() {
    let rows = [
        ("message send nothing", "", "messages are manager-summary"),
        ("message send helpdesk-guide", "", "hand it over"),
        ("message send reminder --to all", "", "people who have not registered"),
        ("message send announcement --to all", "", "no file tells who is in scope"),
        ("message send reminder", "", "no file tells who"),
    ];
    let server = Server::start(&[]);
    for (line, more, said) in rows {
        let folder = workspace(server.port, &format!("smtp_tls = \"none\"\n{more}"));
        let ran = lockstep(&folder, line, "y");
        assert_eq!(ran.status.code(), 1, "{line}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(said), "{line}: {}", ran.stderr);
    }
    let settings = [
        ("smtp_tls = \"nothing\"\n", "mail.smtp_tls `nothing` is not one of"),
        ("smtp_user = \"it\"\n", "belong together"),
    ];
    for (more, said) in settings {
        let folder = workspace(server.port, more);
        let (status, _, stderr) = send(&folder);
        assert_eq!(status, 1);
        assert!(stderr.contains(said), "{more}: {stderr}");
    }
    assert!(server.texts().is_empty());
}
