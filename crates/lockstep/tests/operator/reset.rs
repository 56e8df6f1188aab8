//! One person's methods are reset, and the pass is shown to nobody but them.

use twin::documents::Collection;

use crate::break_glass::{Firm, leaks};
use crate::tenant::{Ended, Kill, Planned};

/// Somebody of the firm.
struct Person {
    id: String,
    name: String,
}

impl Firm {
    fn all(&self, collection: &Collection) -> Vec<serde_json::Map<String, serde_json::Value>> {
        let now = self.tenant.now();
        self.tenant.with(|it| {
            let count = it.world.count(collection, now);
            (0..count).filter_map(|place| it.world.item(collection, place, now)).collect()
        })
    }

    /// The kinds of methods of somebody.
    fn kinds(&self, person: &Person) -> Vec<String> {
        let all = self.all(&Collection::AuthenticationMethods(person.id.clone()));
        let kind = |it: &serde_json::Map<String, serde_json::Value>| {
            let kind = it["@odata.type"].as_str().unwrap();
            kind.trim_start_matches("#microsoft.graph.")
                .trim_end_matches("AuthenticationMethod")
                .to_owned()
        };
        all.iter().map(kind).collect()
    }

    /// The first person with so many methods besides a password, who holds a role or none.
    fn person(&self, methods: usize, holds_role: bool) -> Person {
        let roles = self.all(&Collection::RoleAssignments);
        let people = self.all(&Collection::Users).into_iter().map(|user| Person {
            id: user["id"].as_str().unwrap().to_owned(),
            name: user["userPrincipalName"].as_str().unwrap().to_owned(),
        });
        let mut fitting = people.filter(|it| {
            let kinds = self.kinds(it);
            let others = kinds.iter().filter(|kind| *kind != "password").count();
            let has_role = roles.iter().any(|role| role["principalId"] == it.id.as_str());
            others >= methods && has_role == holds_role && !it.name.contains("#EXT#")
        });
        fitting.next().unwrap()
    }

    /// Writes that the tenant applied.
    fn writes(&self) -> Vec<String> {
        self.tenant.with(|it| {
            let applied = it.log.entries.iter().filter(|it| it.applied);
            applied.map(|it| format!("{} {}", it.method, it.target)).collect()
        })
    }
}

fn reset<'a>(person: &'a Person, more: &[&'a str]) -> Vec<&'a str> {
    let said =
        ["reset", &person.name, "--by", "Sam Hale, helpdesk", "--identity", "Called back at home."];
    [&said[..], more].concat()
}

/// The pass on the page that was shown.
fn pass(page: &str) -> String {
    page.lines().find_map(|line| line.strip_prefix("    ")).unwrap().trim().to_owned()
}

#[test]
fn the_pass_comes_first_and_is_nowhere_but_on_the_page() {
    let firm = Firm::new();
    let person = firm.person(2, false);
    firm.answer(&["y", "told"]);
    firm.tenant.listen();
    let printed = firm.done(&reset(&person, &["--verbose"]));
    let pages = firm.tenant.sheets();
    assert_eq!(pages.len(), 1);
    assert!(pages[0].contains(&person.name) && pages[0].contains("one sign-in"), "{}", pages[0]);
    assert_eq!(firm.kinds(&person), ["password", "temporaryAccessPass"]);
    let writes = firm.writes();
    assert!(writes[0].ends_with("temporaryAccessPassMethods"), "{writes:?}");
    assert!(writes.last().unwrap().ends_with("revokeSignInSessions"), "{writes:?}");
    let secret = pass(&pages[0]);
    assert!(secret.len() >= 8 && !printed.contains(&secret), "{printed}");
    assert_eq!(leaks(&firm, &secret), Vec::<String>::new());
    // Who made sure of it, and how, is in what was confirmed and kept.
    let said = printed.split_whitespace().collect::<Vec<_>>().join(" ");
    let checked = "Sam Hale, helpdesk made sure who asks: Called back at home.";
    assert!(said.contains(checked), "{printed}");
    assert!(!said.contains("Nobody worked out"), "{printed}");
    let journal = firm.done(&["journal", "show"]);
    assert!(journal.contains("Reset the methods of"), "{journal}");
    firm.done(&["journal", "verify"]);
}

#[test]
fn a_pass_alone_deletes_nothing() {
    let firm = Firm::new();
    let person = firm.person(1, false);
    let before = firm.kinds(&person);
    firm.answer(&["y", "told"]);
    firm.done(&reset(&person, &["--pass-only", "--minutes", "480"]));
    let mut after = firm.kinds(&person);
    assert_eq!(after.pop().as_deref(), Some("temporaryAccessPass"));
    assert_eq!(after, before);
    assert_eq!(firm.writes().len(), 1);
    assert!(firm.tenant.sheets()[0].contains("one sign-in"));
    // And is taken back like everything else.
    firm.done(&["rollback", "--confirm", &firm.domain()]);
    assert_eq!(firm.kinds(&person), before);
}

/// The tenant's policy lets passes be used once only: the person keeps what they have.
#[test]
fn a_pass_that_the_tenant_refuses_costs_nobody_a_method() {
    let firm = Firm::new();
    let person = firm.person(2, false);
    let before = firm.kinds(&person);
    firm.answer(&["y"]);
    let told = firm.ends(1, &reset(&person, &["--many-sign-ins"]));
    assert!(told.contains("nothing was changed") && told.contains("once only"), "{told}");
    assert_eq!(firm.kinds(&person), before);
    assert_eq!(firm.writes(), Vec::<String>::new());
}

#[test]
fn nothing_is_changed_where_it_must_not_be() {
    let firm = Firm::new();
    let person = firm.person(1, false);
    let administrator = firm.person(1, true);
    let nobody = Person { id: String::new(), name: "nobody@ne.example".to_owned() };
    for (arguments, code, why) in [
        (reset(&person, &["--format", "json"]), 6, "never as JSON"),
        (reset(&person, &["--no-input"]), 6, "nobody is there"),
        (reset(&nobody, &[]), 1, "no file tells of an account"),
        (reset(&person, &["--minutes", "5"]), 1, "10..=43200"),
        (vec!["reset", &person.name, "--by", "Sam", "--identity", " "], 1, "--identity"),
        (vec!["reset", &person.name, "--by", " ", "--identity", "Seen."], 1, "--by"),
    ] {
        let told = firm.ends(code, &arguments);
        assert!(told.contains(why), "{arguments:?}: {told}");
    }
    // Not confirmed; a yes is not enough for whoever holds a role.
    firm.answer(&["n"]);
    firm.ends(6, &reset(&person, &[]));
    firm.answer(&["y"]);
    let told = firm.ends(6, &reset(&administrator, &[]));
    assert!(told.contains(&firm.domain()), "{told}");
    assert_eq!(firm.writes(), Vec::<String>::new());
    assert_eq!(firm.tenant.sheets(), Vec::<String>::new());
}

#[test]
fn break_glass_accounts_are_not_reset() {
    let firm = Firm::new();
    let account = firm.created()[0].clone();
    let name = firm.full("svc-emergency-alpha@");
    assert!(account.contains(&name));
    let before = firm.writes();
    let told = firm.ends(6, &["reset", &name, "--by", "Sam", "--identity", "Seen.", "--pass-only"]);
    assert!(told.contains("its keys are its way in"), "{told}");
    assert_eq!(firm.writes(), before);
}

/// The run is ended after the pass was issued: the pass is lost, the reset is gone on with.
#[test]
fn a_run_that_was_killed_is_gone_on_with_and_its_pass_is_lost() {
    let firm = Firm::new();
    let person = firm.person(2, false);
    firm.answer(&["y"]);
    firm.tenant.plan(2, Planned::Kill(Kill::At));
    let Ended::Killed(_) = firm.end(&reset(&person, &[])) else { panic!("it was not killed") };
    assert_eq!(firm.tenant.sheets(), Vec::<String>::new());
    // Not by a verb that could not show the pass.
    let told = firm.ends(6, &["apply"]);
    assert!(told.contains("`lockstep reset "), "{told}");
    // What was confirmed is not asked again.
    let told = firm.ends(5, &reset(&person, &[]));
    assert!(told.contains("Nobody has the pass") && told.contains("--pass-only"), "{told}");
    assert_eq!(firm.kinds(&person), ["password", "temporaryAccessPass"]);
    // Another one takes its place.
    firm.later(120);
    firm.done(&["snapshot", "--quiet"]);
    firm.answer(&["y", "told"]);
    firm.done(&reset(&person, &["--pass-only"]));
    assert_eq!(firm.tenant.sheets().len(), 1);
    assert_eq!(firm.kinds(&person), ["password", "temporaryAccessPass"]);
}

#[test]
fn a_pass_that_nobody_was_told_is_said() {
    let firm = Firm::new();
    let person = firm.person(1, false);
    firm.answer(&["y", "no", "no", "no"]);
    let told = firm.ends(5, &reset(&person, &["--pass-only"]));
    assert!(told.contains("nobody said that the person has it"), "{told}");
}
