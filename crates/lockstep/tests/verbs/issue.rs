//! `lockstep issue`

use insta::assert_snapshot;

use crate::workspace::Workspace;

const CLOSE: [&str; 7] =
    ["issue", "close", "I-001", "--by", "Ann", "--how", "key replaced, tried again"];

#[test]
fn an_issue_that_is_not_there_cannot_be_closed() {
    let workspace = Workspace::empty();
    let text = workspace.run(&CLOSE);
    assert!(text.starts_with("exit 1\n") && text.contains("no issue `I-001`"), "{text}");
    let text = workspace.run(&["issue", "add", "--by", " ", "--text", "x"]);
    assert!(text.starts_with("exit 1\n") && text.contains("`--by`"), "{text}");
}

#[test]
fn an_issue_is_noted_listed_and_closed_once() {
    let workspace = Workspace::empty();
    assert_snapshot!(workspace.run(&["issue", "list"]), @r"
    exit 0
    --- stdout
    No issue was noted.

    Next: lockstep issue add --by WHO --text TEXT
    ");
    let add = [
        "issue",
        "add",
        "--by",
        "Ann Archer",
        "--text",
        "the key is not accepted on the shop floor",
        "--about",
        "joe.kerr@ne.example",
        "--blocking",
    ];
    assert_snapshot!(workspace.run(&add), @r"
    exit 0
    --- stdout
    Noted: I-001
    Ann Archer: the key is not accepted on the shop floor
    It is about joe.kerr@ne.example.
    The step does not end while it is open.

    Next: lockstep issue list
    ");
    workspace.document(0, &["issue", "add", "--by", "Ann", "--text", "two prompts in Outlook"]);
    assert_snapshot!(workspace.run(&["issue", "list"]), @r"
    exit 0
    --- stdout
    Issues: 2 open, 1 of them blocking
    issue  state     noted                  what
    I-001  blocking  23 Nov 2026 08:00 UTC  the key is not accepted on the shop
                                            floor (joe.kerr@ne.example) (Ann
                                            Archer)
    I-002  open      23 Nov 2026 08:00 UTC  two prompts in Outlook (Ann)

    Next: lockstep status
    ");
    assert_snapshot!(workspace.run(&CLOSE), @r"
    exit 0
    --- stdout
    Closed: I-001
    Ann Archer: the key is not accepted on the shop floor
    It is about joe.kerr@ne.example.
    Ann: key replaced, tried again

    Next: lockstep status
    ");
    let again = workspace.run(&CLOSE);
    assert!(again.starts_with("exit 1\n") && again.contains("closed already"), "{again}");
    let document = workspace.document(0, &["issue", "list"]);
    assert_eq!(document["schema"], "lockstep.issues/1");
    assert_eq!((&document["open"], &document["blocking"]), (&1.into(), &0.into()));
    assert_eq!(document["issues"][1]["closed"]["by"], "Ann");
}
