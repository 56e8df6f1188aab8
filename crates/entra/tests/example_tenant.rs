//! The committed example folder: every file that is no sign-in log is read, and whole.

use std::path::Path;

use entra::exports::Collector;
use records::Limits;

#[test]
fn every_file_of_the_example_is_read() {
    let Some(folder) = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|it| it.join("examples/ne/exports"))
        .find(|it| it.is_dir())
    else {
        eprintln!("skipped: the workspace has no example folder");
        return;
    };
    let limits = Limits::default();
    let (sources, problems) = records::walk(&folder, &limits).unwrap();
    assert!(problems.is_empty(), "{problems:?}");
    let mut collector = Collector::new();
    let mut read = 0;
    for source in sources.iter().filter(|it| !it.name.starts_with("sign-ins/")) {
        let reading = records::read(source, &limits, &mut |_| {}, &mut |record| {
            collector.offer(record, &source.name)
        })
        .unwrap();
        assert_eq!(reading.unreadable, 0, "{}: {:?}", source.name, reading.problems);
        if Path::new(&source.name).extension().is_some_and(|it| it == "txt") {
            continue;
        }
        assert_eq!(reading.not_wanted, 0, "{}", source.name);
        assert!(reading.taken > 0, "{}", source.name);
        read += 1;
    }
    assert!(read > 10, "{read} files");
    let counts = collector.counts().clone();
    let snapshot = collector.finish();
    let users = snapshot.users.unwrap();
    assert!(users.iter().all(|user| user.account.user_id.is_some() && user.created.is_some()));
    assert!(
        counts["users"] > u64::try_from(users.len()).unwrap(),
        "two files tell of the same users"
    );
    assert!(snapshot.groups.unwrap().iter().any(|group| group.members.is_some()));
    assert!(snapshot.roles.unwrap().iter().any(|role| role.active));
    assert!(!snapshot.registrations.unwrap().is_empty());
    assert!(!snapshot.mailboxes.unwrap().is_empty());
    assert!(!snapshot.audits.unwrap().is_empty());
    assert!(snapshot.policies.is_some() && snapshot.named_locations.is_some());
    assert_eq!(snapshot.security_defaults, Some(true));
    assert!(snapshot.methods_policy.is_some() && snapshot.skus.is_some());
    assert!(snapshot.tenant.primary_domain().is_some());
}
