//! Text for people: fits 80 columns, and nothing of a stranger's reaches the terminal raw.

use serde_json::json;

use super::world::{World, row, user};

#[test]
fn control_characters_of_names_never_reach_the_terminal() {
    let bad = "A\u{1b}[31mnn\u{202e}\u{7}\r\nB\u{9b}2J";
    let users = [
        user("ann", json!({"displayName": bad, "jobTitle": "Finance\u{1b}]0;x\u{7} Director"})),
        user("b\u{1b}[2Job", json!({"displayName": bad})),
    ];
    let world = World::of(&users, &[row("ann", json!({"isMfaCapable": false}))])
        .text("odd\u{1b}[2J.bin", "\u{0}\u{1}");
    let verbs: [&[&str]; 6] = [
        &["audit", "registration"],
        &["audit", "exceptions"],
        &["audit", "preflight"],
        &["snapshot"],
        &["plan"],
        &["status"],
    ];
    for verb in verbs {
        let answer = world.run(verb);
        for text in [&answer.stdout, &answer.stderr] {
            let dangerous =
                text.chars().find(|it| (it.is_control() && *it != '\n') || *it == '\u{202e}');
            assert_eq!(dangerous, None, "{verb:?}: {text}");
        }
    }
}
