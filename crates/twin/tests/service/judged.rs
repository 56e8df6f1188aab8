//! The checker and the service hold callers to the same budgets.

use twin::checker::{Rule, Rules, check, count_of_writes, permissions_unused, permissions_used};

use crate::tenant::{Asker, P2};

#[test]
fn whom_the_service_never_throttles_the_checker_never_blames() {
    let mut asker = Asker::new();
    let mut target = "/v1.0/users?$top=5&$select=id".to_owned();
    loop {
        let page = asker.get(&target);
        let Some(next) = page.next() else { break };
        target = next.to_owned();
    }
    for _ in 0..12 {
        asker.wait(2);
        assert_eq!(asker.get("/v1.0/auditLogs/directoryAudits").status, 200);
        assert_eq!(asker.get("/v1.0/identity/conditionalAccess/policies").status, 200);
    }
    assert_eq!(check(&asker.service.log, &Rules::default()), []);
    assert_eq!(count_of_writes(&asker.service.log), 0);
}

#[test]
fn whom_the_service_throttles_the_checker_blames() {
    for target in ["/v1.0/auditLogs/directoryAudits", "/v1.0/identity/conditionalAccess/policies"] {
        let mut asker = Asker::new();
        while asker.get(target).status == 200 {}
        let found = check(&asker.service.log, &Rules::default());
        assert!(found.iter().any(|it| it.rule == Rule::OverBudget), "{target}: {found:?}");
        asker.wait(1);
        asker.get(target);
        let found = check(&asker.service.log, &Rules::default());
        let is_early = found.iter().any(|it| it.rule == Rule::TooEarly);
        assert_eq!(is_early, target.contains("auditLogs"), "{target}: {found:?}");
    }
}

#[test]
fn the_log_names_the_permissions_that_were_needed() {
    let granted = ["User.Read.All", "Policy.Read.All", "Organization.Read.All"];
    let mut asker = Asker::with(P2, &granted);
    asker.get("/v1.0/users?$select=id");
    asker.get("/v1.0/organization");
    asker.get("/v1.0/auditLogs/directoryAudits");
    let log = &asker.service.log;
    assert_eq!(permissions_used(log), ["Organization.Read.All", "User.Read.All"].into());
    let granted: Vec<String> = granted.iter().map(|&it| it.to_owned()).collect();
    assert_eq!(permissions_unused(log, &granted), ["Policy.Read.All"].into());
}
