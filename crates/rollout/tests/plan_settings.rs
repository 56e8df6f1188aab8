//! The settings: what is refused, and the default file that says what every key means.

use std::collections::BTreeSet;

use rollout::{Enforcement, Freeze, ROLES, Rollout, SETTINGS, default_toml, settings_markdown};

#[test]
fn the_default_file_is_the_default() {
    let text = default_toml(&[]);
    let read: Rollout = toml::from_str(&text).unwrap();
    assert_eq!(read, Rollout::default());
    assert_eq!(read.check(), Vec::<String>::new());
}

#[test]
fn a_given_value_stands_in_the_file() {
    let text = default_toml(&[
        ("source.exports", "\"exports\"".to_owned()),
        ("calendar.time_zone", "\"Europe/London\"".to_owned()),
        ("break_glass.accounts", "[\"a@ne.example\"]".to_owned()),
    ]);
    let read: Rollout = toml::from_str(&text).unwrap();
    assert_eq!(read.source.exports.as_deref(), Some("exports"));
    assert_eq!(read.calendar.time_zone, "Europe/London");
    assert_eq!(read.break_glass.accounts, ["a@ne.example"]);
}

/// Everybody at once, unless somebody says rings; a word that is neither is refused with its line.
#[test]
fn rings_are_a_choice() {
    let read = |text: &str| toml::from_str::<Rollout>(text);
    let steps = |text: &str| {
        let steps = read(text).unwrap().steps;
        (steps.enforcement, steps.ring_hours)
    };
    assert_eq!(steps(""), (Enforcement::AllAtOnce, 24));
    assert_eq!(steps("[steps]\nenforcement = \"rings\"\n"), (Enforcement::Rings, 24));
    let error = read("[steps]\nenforcement = \"ring\"\n").unwrap_err().to_string();
    assert!(error.contains("line 2") && error.contains("`all-at-once`"), "{error}");
    // A ring that is watched for less than the stop rule needs could never be stopped.
    for (text, problem) in [
        ("ring_hours = 0", Some("steps.ring_hours is 0; give 1 to 744")),
        ("enforcement = \"rings\"\nring_hours = 2", None),
        (
            "enforcement = \"rings\"\nring_hours = 1",
            Some("steps.ring_hours is 1; give 2 (thresholds.stop_hours) to 744"),
        ),
        ("ring_hours = 1", None),
        ("ring_hours = 744", None),
        ("ring_hours = 745", Some("steps.ring_hours is 745; give 1 to 744")),
    ] {
        let problems = read(&format!("[steps]\n{text}\n")).unwrap().check();
        assert_eq!(problems, problem.into_iter().collect::<Vec<_>>(), "{text}");
    }
}

/// An operator appends tables to the default file; no key in it stands in their way.
#[test]
fn tables_can_be_appended() {
    let text = format!(
        "{}\n[owners]\n\"IT lead\" = \"Alex\"\n[[legacy]]\nuser = \"a@ne.example\"\n\
         [[calendar.freezes]]\nfrom = 2026-12-20\nto = 2027-01-02\n\
         [people.on_leave]\n\"b@ne.example\" = 2027-01-11\n",
        default_toml(&[])
    );
    let read: Rollout = toml::from_str(&text).unwrap();
    assert_eq!((read.legacy.len(), read.calendar.freezes.len()), (1, 1));
    assert_eq!((read.owners.len(), read.people.on_leave.len()), (1, 1));
}

/// Every example is TOML that the settings accept, each under its own key.
#[test]
fn every_example_is_accepted() {
    for setting in SETTINGS {
        let Some(example) = setting.example else { continue };
        // What belongs together is set together.
        let mut values = vec![(setting.name(), example.to_owned())];
        let beside = match setting.name().as_str() {
            "mail.via" => Some(("mail.from", "it@ne.example")),
            "mail.smtp_user" => Some(("mail.smtp_password_file", "smtp.password")),
            "mail.smtp_password_file" => Some(("mail.smtp_user", "lockstep")),
            _ => None,
        };
        values.extend(beside.map(|(name, value)| (name.to_owned(), format!("{value:?}"))));
        let values: Vec<(&str, String)> =
            values.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        let text = default_toml(&values);
        let read: Rollout =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", setting.name()));
        assert_ne!(read, Rollout::default(), "{} changes nothing", setting.name());
        assert_eq!(read.check(), Vec::<String>::new(), "{}", setting.name());
    }
}

/// The table names exactly the keys that the type has.
#[test]
fn the_table_is_complete() {
    let value = serde_json::to_value(Rollout::default()).unwrap();
    let mut keys = BTreeSet::new();
    for (section, content) in value.as_object().unwrap() {
        match content.as_object() {
            Some(fields) if !fields.is_empty() => {
                keys.extend(fields.keys().map(|key| format!("{section}.{key}")));
            }
            _ => {
                keys.insert(section.clone());
            }
        }
    }
    let named: BTreeSet<String> = SETTINGS.iter().map(rollout::Setting::name).collect();
    assert_eq!(named, keys);
    assert_eq!(SETTINGS.len(), named.len());
}

#[test]
fn the_reference_names_every_setting_and_role() {
    let page = settings_markdown();
    for setting in SETTINGS {
        assert!(page.contains(&format!("| `{}` |", setting.name())), "{}", setting.name());
    }
    for (role, _) in ROLES {
        assert!(page.contains(role), "{role}");
    }
    assert!(page.contains("| `thresholds.capable_before_pilot` | `0.95` |"));
    assert!(page.contains("| `steps.register_days` | `14` |"));
    assert!(page.contains("| `pilot.group` | none |"));
}

#[test]
fn what_is_refused_is_named_with_its_fix() {
    type Change = fn(&mut Rollout);
    let table: [(Change, &str); 22] = [
        (
            |it| {
                it.source.exports = Some("in".into());
                it.source.graph = Some("ne.example".into());
            },
            "source.exports and source.graph are both set",
        ),
        (|it| it.source.sign_in = Some("password".into()), "source.sign_in `password` is not one"),
        (|it| it.calendar.time_zone = "Europe/Londonn".into(), "`Europe/Londonn` is unknown"),
        (|it| it.calendar.time_zone = String::new(), "calendar.time_zone `` is unknown"),
        (|it| it.calendar.working_days = vec!["mon".into(), "money".into()], "`money` is no"),
        (|it| it.calendar.working_days.clear(), "calendar.working_days is empty"),
        (
            |it| {
                it.calendar.freezes.push(Freeze {
                    from: "2026-12-24".parse().unwrap(),
                    to: "2026-12-23".parse().unwrap(),
                    reason: String::new(),
                });
            },
            "ends before it begins",
        ),
        (|it| it.steps.pilot_days = 0, "steps.pilot_days is 0"),
        (|it| it.steps.register_days = 60_000, "steps.register_days is 60000"),
        (|it| it.steps.reminder_day = 0, "steps.reminder_day is 0"),
        (|it| it.thresholds.capable_before_pilot = 95.0, "thresholds.capable_before_pilot is 95"),
        (|it| it.thresholds.stop_failure_share = -0.1, "thresholds.stop_failure_share is -0.1"),
        (|it| it.thresholds.reminder_below = f64::NAN, "thresholds.reminder_below is NaN"),
        (|it| it.thresholds.legacy_days = 0, "thresholds.legacy_days is 0"),
        (|it| it.tenant.cloud = "moon".into(), "tenant.cloud `moon`"),
        (|it| it.break_glass.mode = "keys".into(), "break_glass.mode `keys` is not one of"),
        (|it| it.break_glass.mode = "password-only".into(), "does not work in the public cloud"),
        (
            |it| {
                it.tenant.cloud = "Global".into();
                it.break_glass.mode = "password-only".into();
            },
            "does not work in the public cloud",
        ),
        (|it| it.break_glass.places = vec!["A".into(), " a".into()], "names a place twice"),
        (|it| it.break_glass.places = vec![" ".into()], "names a place twice, or none"),
        (|it| it.break_glass.places.clear(), "break_glass.places names 0 places"),
        (
            |it| {
                it.owners.insert("Chef".into(), "Sam".into());
            },
            "owners.`Chef` is no role",
        ),
    ];
    for (change, expected) in table {
        let mut rollout = Rollout::default();
        change(&mut rollout);
        let problems = rollout.check();
        assert_eq!(problems.len(), 1, "{expected}: {problems:?}");
        assert!(problems[0].contains(expected), "{problems:?}");
    }
}

#[test]
fn a_password_alone_may_do_where_the_portals_do_not_ask_for_more() {
    for cloud in ["usgov", "dod", "china"] {
        let mut rollout = Rollout::default();
        rollout.tenant.cloud = cloud.to_owned();
        assert!(rollout.break_glass.is_phishing_resistant(), "{cloud}: unless asked otherwise");
        rollout.break_glass.mode = "password-only".to_owned();
        assert_eq!(rollout.check(), Vec::<String>::new(), "{cloud}");
        assert!(!rollout.break_glass.is_phishing_resistant());
    }
}

#[test]
fn weekdays_may_be_written_out_and_roles_in_any_case() {
    let rollout: Rollout = toml::from_str(
        "[calendar]\nworking_days = [\"Sunday\", \"MON\", \"tuesday\"]\n\
         [owners]\nit-lead = \"Alex\"\n\"helpdesk_lead\" = \"Sam\"\n",
    )
    .unwrap();
    assert_eq!(rollout.check(), Vec::<String>::new());
    assert!(rollout.calendar.works_on(jiff::civil::Weekday::Sunday));
    assert!(!rollout.calendar.works_on(jiff::civil::Weekday::Saturday));
}

#[test]
fn an_unknown_key_is_refused() {
    for text in ["[thresholds]\ncapable_befor_pilot = 0.9\n", "[freezes]\n", "strat = 1\n"] {
        assert!(toml::from_str::<Rollout>(text).is_err(), "{text}");
    }
}

/// People write dates with and without quotes.
#[test]
fn dates_are_read_in_both_spellings() {
    let read = |quote: &str| -> Rollout {
        let date = |text: &str| format!("{quote}{text}{quote}");
        toml::from_str(&format!(
            "[calendar]\nstart = {}\nholidays = [{}]\n\
             freezes = [{{ from = {}, to = {} }}]\n[break_glass]\nalert_tested = {}\n\
             [people.on_leave]\n\"a@ne.example\" = {}\n[[legacy]]\nuser = \"b@ne.example\"\ndue = {}\n",
            date("2026-11-26"),
            date("2026-12-25"),
            date("2026-12-20"),
            date("2027-01-02"),
            date("2026-11-20"),
            date("2027-01-11"),
            date("2026-12-04")
        ))
        .unwrap()
    };
    assert_eq!(read("\""), read(""));
    assert_eq!(read("").calendar.start, Some("2026-11-26".parse().unwrap()));
    for wrong in ["2026-13-01", "\"tomorrow\"", "12", "true"] {
        assert!(
            toml::from_str::<Rollout>(&format!("[calendar]\nstart = {wrong}\n")).is_err(),
            "{wrong}"
        );
    }
}
