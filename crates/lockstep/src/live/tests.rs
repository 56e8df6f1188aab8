//! What is refused before anything is sent.

use super::*;

fn tenant(source: SourceSettings) -> Rollout {
    Rollout { source, ..Rollout::default() }
}

fn settings(folder: &Path) -> Settings {
    Settings {
        format: crate::arguments::Format::Text,
        color: false,
        quiet: false,
        verbose: false,
        no_cache: false,
        progress: false,
        width: 80,
        folder: folder.to_owned(),
        file: None,
        now: "2026-11-21T12:00:00Z".parse().unwrap(),
        app_service: None,
        no_input: true,
        user: "tester".to_owned(),
        surroundings: crate::surroundings::Surroundings::default(),
    }
}

#[test]
fn what_is_missing_to_sign_in_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = |it: &str| Some(it.to_owned());
    let source = SourceSettings { graph: text("ne.example"), ..SourceSettings::default() };
    let cases = [
        (source.clone(), "no way to sign in given"),
        (
            SourceSettings { sign_in: text("client-secret-file"), ..source.clone() },
            "no application (client) id given",
        ),
        (
            SourceSettings { sign_in: text("certificate"), client_id: text("a"), ..source.clone() },
            "no file to sign in with given",
        ),
        (
            SourceSettings {
                sign_in: text("certificate"),
                client_id: text("a"),
                sign_in_file: text("none.pem"),
                ..source.clone()
            },
            "cannot read the secret from `none.pem`",
        ),
        (
            SourceSettings {
                sign_in: text("managed-identity"),
                graph_endpoint: text("http://graph.example"),
                ..source
            },
            "cannot use the address `http://graph.example`",
        ),
    ];
    for (source, expected) in cases {
        let rollout = tenant(source);
        let tenant = Tenant::of(&rollout, folder.path()).unwrap();
        let error = tenant.probe(&settings(folder.path())).unwrap_err();
        assert!(error.lines().contains(expected), "{}", error.lines());
        assert_eq!(error.status, crate::exit::ExitStatus::WrongInput);
    }
    let none = tenant(SourceSettings::default());
    assert!(Tenant::of(&none, folder.path()).unwrap_err().lines().contains("no tenant"));
}

#[test]
fn a_tenant_that_gives_no_token_ends_with_7() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret"), "s").unwrap();
    let rollout = tenant(SourceSettings {
        graph: Some("ne.example".to_owned()),
        client_id: Some("a".to_owned()),
        sign_in: Some("client-secret-file".to_owned()),
        sign_in_file: Some("secret".to_owned()),
        ..SourceSettings::default()
    });
    let tenant = Tenant::of(&rollout, folder.path()).unwrap();
    let refused = GraphError::NoToken { reason: "x".to_owned(), codes: vec![7_000_215] };
    let error = tenant.lost(refused);
    assert_eq!(error.status, crate::exit::ExitStatus::TenantUnreachable);
    assert!(error.lines().contains("hint: give the client secret's value"));
}

#[test]
fn before_the_first_snapshot_the_next_command_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("lockstep.toml"), "[source]\ngraph = \"ne.example\"\n")
        .unwrap();
    let place = Place::of(folder.path(), None, None).unwrap();
    assert!(place.live);
    let error = prepare(&place, &settings(folder.path())).unwrap_err().lines();
    assert!(error.contains("hint: take a snapshot first: `lockstep snapshot`"), "{error}");
    let place = Place::of(folder.path(), None, Some(Path::new("x"))).unwrap();
    assert!(!place.live, "a folder that was given wins");
}
