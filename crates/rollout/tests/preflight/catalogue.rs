//! The catalogue and its page.

use std::collections::{BTreeMap, BTreeSet};

use rollout::preflight::{Severity, Stage, catalogue, implemented, markdown};

#[test]
fn the_sections_are_complete_and_the_ids_unique() {
    let mut sections: BTreeMap<&str, usize> = BTreeMap::new();
    let mut ids = BTreeSet::new();
    for check in catalogue() {
        assert!(ids.insert(check.id), "{} twice", check.id);
        *sections.entry(&check.id[..2]).or_default() += 1;
    }
    let expected = [
        ("BG", 14),
        ("TN", 13),
        ("CA", 18),
        ("RG", 15),
        ("UM", 14),
        ("LA", 10),
        ("NH", 11),
        ("DV", 9),
        ("EX", 6),
        ("HY", 7),
        ("AT", 6),
        ("OP", 7),
    ];
    assert_eq!(sections, BTreeMap::from(expected));
    assert_eq!(catalogue().len(), 130);
    for (prefix, number) in expected {
        for number in 1..=number {
            assert!(ids.contains(format!("{prefix}-{number:02}").as_str()), "{prefix}-{number:02}");
        }
    }
}

#[test]
fn every_entry_says_four_different_things() {
    for check in catalogue() {
        let words = [check.symptom, check.cause, check.fix, check.needs];
        assert!(words.iter().all(|text| text.len() > 10 && text.ends_with('.')), "{}", check.id);
        assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), 4, "{}", check.id);
        assert!(!check.stages.is_empty(), "{}", check.id);
    }
}

#[test]
fn severities_and_stages_are_the_agreed_ones() {
    let stages = |stages: &[Stage]| {
        if stages.len() == 5 { "all".to_owned() } else { stages.iter().map(letter).collect() }
    };
    let letters: Vec<String> = catalogue()
        .iter()
        .map(|check| {
            let severity = match check.severity {
                Severity::Block => 'B',
                Severity::Warn => 'W',
                Severity::Info => 'I',
            };
            format!("{} {severity}{}", check.id, stages(check.stages))
        })
        .collect();
    let agreed = [
        "BG-01 BP · BG-02 BP · BG-03 BLE · BG-04 WP · BG-05 BE · BG-06 BP · BG-07 WP · BG-08 BP · BG-09 WP · BG-10 BP · BG-11 BE · BG-12 BP · BG-13 WP · BG-14 WV",
        "TN-01 BL · TN-02 BL · TN-03 WP · TN-04 BP · TN-05 WP · TN-06 Wall · TN-07 WR · TN-08 BR · TN-09 WP · TN-10 BE · TN-11 WE · TN-12 IP · TN-13 WL",
        "CA-01 BL · CA-02 WL · CA-03 WL · CA-04 BE · CA-05 BE · CA-06 BE · CA-07 WV · CA-08 BE · CA-09 WE · CA-10 BR · CA-11 WE · CA-12 WE · CA-13 WL · CA-14 BV · CA-15 WE · CA-16 WE · CA-17 WV · CA-18 WE",
        "NH-01 BE · NH-02 BE · NH-03 WE · NH-04 BE · NH-05 BE · NH-06 WE · NH-07 WE · NH-08 IV · NH-09 WP · NH-10 WE · NH-11 IE",
        "LA-01 BE · LA-02 WE · LA-03 WE · LA-04 WE · LA-05 BE · LA-06 WP · LA-07 WV · LA-08 BL · LA-09 WV · LA-10 WE",
        "RG-01 BR · RG-02 WR · RG-03 WR · RG-04 BR · RG-05 BR · RG-06 WR · RG-07 BR · RG-08 WR · RG-09 BE · RG-10 WR · RG-11 BR · RG-12 WR · RG-13 WR · RG-14 WR · RG-15 WR",
        "UM-01 WE · UM-02 WE · UM-03 WE · UM-04 WR · UM-05 WR · UM-06 WE · UM-07 IE · UM-08 IE · UM-09 WE · UM-10 WR · UM-11 IE · UM-12 IE · UM-13 BR · UM-14 WE",
        "DV-01 BE · DV-02 BE · DV-03 WE · DV-04 IE · DV-05 WE · DV-06 WR · DV-07 WE · DV-08 IL · DV-09 WE",
        "EX-01 WE · EX-02 WE · EX-03 WE · EX-04 BE · EX-05 IE · EX-06 WV",
        "HY-01 BE · HY-02 WE · HY-03 WE · HY-04 IE · HY-05 WE · HY-06 WE · HY-07 WP",
        "AT-01 BR · AT-02 WE · AT-03 WE · AT-04 Ball · AT-05 WR · AT-06 Iall",
        "OP-01 WE · OP-02 BE · OP-03 BE · OP-04 WV · OP-05 BP · OP-06 Wall · OP-07 WR",
    ];
    assert_eq!(letters.join(" · "), agreed.join(" · "));
}

fn letter(stage: &Stage) -> char {
    match stage {
        Stage::Prepare => 'P',
        Stage::Register => 'R',
        Stage::Pilot => 'L',
        Stage::Enforce => 'E',
        Stage::Validate => 'V',
    }
}

#[test]
fn the_page_lists_every_check_once_and_marks_what_files_decide() {
    let page = markdown();
    let decided = implemented();
    for check in catalogue() {
        let rows: Vec<&str> =
            page.lines().filter(|line| line.starts_with(&format!("| {} |", check.id))).collect();
        assert_eq!(rows.len(), 1, "{}", check.id);
        let yes = decided.contains(&check.id);
        assert!(rows[0].ends_with(if yes { "| yes |" } else { "| no |" }), "{}", rows[0]);
        assert_eq!(rows[0].matches('|').count(), 9, "{}", rows[0]);
    }
    assert!(page.contains(&format!("{} of 130 checks", decided.len())));
}
