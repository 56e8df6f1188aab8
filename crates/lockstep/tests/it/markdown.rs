//! The Markdown document.

use lockstep::documents::markdown;

use crate::sample_plan::{firm, hostile};

#[test]
fn hostile_names_break_no_table_and_start_no_markup() {
    let text = markdown(&hostile());
    assert!(!text.contains("<script") && !text.contains("<img"));
    assert!(
        !text.contains("](https://evil.example)") || text.contains("\\](https://evil.example)")
    );
    for forbidden in ['\u{1b}', '\u{202e}', '\r'] {
        assert!(!text.contains(forbidden), "{forbidden:?}");
    }
    let mut columns = None;
    for line in text.lines() {
        if !line.starts_with('|') {
            columns = None;
            continue;
        }
        let cells = line.replace("\\|", "").matches('|').count();
        assert_eq!(*columns.get_or_insert(cells), cells, "{line}");
    }
}

#[test]
fn every_task_is_a_box_to_tick_and_every_section_is_there() {
    let plan = firm();
    let text = markdown(&plan);
    assert_eq!(text.matches("- [ ] **").count(), plan.tasks.len());
    for heading in [
        "## The five steps",
        "## Gates",
        "## Who would be locked out",
        "## Lockout proof",
        "## Whom “All users” means",
        "## Day by day",
        "## Legacy authentication",
        "## Exceptions register",
        "## Findings",
        "## Messages",
        "## Not seen",
    ] {
        assert!(text.contains(heading), "{heading}");
    }
}
