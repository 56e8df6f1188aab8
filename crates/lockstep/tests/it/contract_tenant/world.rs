//! A folder of exported files, written for one test, and the binary run on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};

/// The clock of these tests.
pub(crate) const NOW: &str = "2026-11-20T09:00:00Z";
/// The day before.
pub(crate) const SEEN: &str = "2026-11-19T08:00:00Z";
/// When the registration report was refreshed.
pub(crate) const REFRESHED: &str = "2026-11-20T02:00:00Z";
/// Template id of Global Administrator.
pub(crate) const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Answer {
    /// The document on stdout.
    pub(crate) fn document(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

/// Runs the binary in a folder.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Answer {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockstep"));
    command.args(arguments).current_dir(folder).env_clear();
    if !arguments.contains(&"--now") {
        command.args(["--now", NOW]);
    }
    let output = command.output().unwrap();
    Answer {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder with `exports` in it.
pub(crate) struct World {
    folder: tempfile::TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("exports")).unwrap();
        Self { folder }
    }

    /// Users and registration rows as Graph sends them.
    pub(crate) fn of(users: &[Value], rows: &[Value]) -> Self {
        Self::new().json("users.json", &page("users", users)).json(
            "registration.json",
            &page("reports/authenticationMethods/userRegistrationDetails", rows),
        )
    }

    pub(crate) fn text(self, name: &str, text: &str) -> Self {
        let path = self.folder.path().join("exports").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn json(self, name: &str, value: &Value) -> Self {
        self.text(name, &value.to_string())
    }

    /// Makes the folder a workspace.
    pub(crate) fn settings(self, text: &str) -> Self {
        let text = format!("[source]\nexports = \"exports\"\n{text}");
        fs::write(self.folder.path().join("lockstep.toml"), text).unwrap();
        self
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Answer {
        let mut arguments = arguments.to_vec();
        if !self.folder.path().join("lockstep.toml").is_file() {
            arguments.extend(["--exports", "exports"]);
        }
        run(self.folder.path(), &arguments)
    }

    /// The document of a verb that must end with this code.
    pub(crate) fn document(&self, code: i32, arguments: &[&str]) -> Value {
        let mut arguments = arguments.to_vec();
        arguments.extend(["--format", "json"]);
        let answer = self.run(&arguments);
        assert_eq!(answer.code, code, "{arguments:?}: {}", answer.stderr);
        answer.document()
    }

    pub(crate) fn registration(&self) -> Value {
        self.document(0, &["audit", "registration"])
    }

    pub(crate) fn exceptions(&self) -> Value {
        self.document(0, &["audit", "exceptions"])
    }
}

/// A page of a Graph list.
pub(crate) fn page(list: &str, items: &[Value]) -> Value {
    json!({
        "@odata.context": format!("https://graph.microsoft.com/v1.0/$metadata#{list}"),
        "value": items,
    })
}

/// An enabled engineer who signed in yesterday, with other properties on top.
pub(crate) fn user(name: &str, others: Value) -> Value {
    with(
        json!({
            "id": format!("id-{name}"),
            "userPrincipalName": format!("{name}@ne.example"),
            "displayName": name,
            "accountEnabled": true,
            "userType": "Member",
            "createdDateTime": "2024-01-01T00:00:00Z",
            "jobTitle": "Engineer",
            "signInActivity": {"lastSuccessfulSignInDateTime": SEEN},
        }),
        others,
    )
}

/// The registration row of a capable person, with other properties on top.
pub(crate) fn row(name: &str, others: Value) -> Value {
    with(
        json!({
            "id": format!("id-{name}"),
            "userPrincipalName": format!("{name}@ne.example"),
            "userDisplayName": name,
            "userType": "member",
            "isMfaRegistered": true,
            "isMfaCapable": true,
            "methodsRegistered": ["microsoftAuthenticatorPush"],
            "defaultMfaMethod": "push",
            "lastUpdatedDateTime": REFRESHED,
        }),
        others,
    )
}

/// An account no property of a human being is told of.
pub(crate) fn nobody(name: &str, others: Value) -> Value {
    with(user(name, json!({"jobTitle": null, "mobilePhone": null, "manager": null})), others)
}

/// Properties on top of others; `"-"` takes one away.
fn with(mut base: Value, others: Value) -> Value {
    let object = base.as_object_mut().unwrap();
    for (name, value) in others.as_object().unwrap() {
        if value == "-" {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
    base
}

/// Keys as PowerShell spells them.
pub(crate) fn pascal(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut pascal = Map::new();
            for (name, value) in map {
                let mut letters = name.chars();
                let first = letters.next().unwrap().to_ascii_uppercase();
                let _ = pascal.insert(format!("{first}{}", letters.as_str()), self::pascal(value));
            }
            Value::Object(pascal)
        }
        Value::Array(items) => Value::Array(items.iter().map(pascal).collect()),
        other => other.clone(),
    }
}

/// The names before the `@` of a list of accounts, with one more field of each.
pub(crate) fn names(list: &Value, field: &str) -> Vec<(String, Value)> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let name = it["user_principal_name"].as_str().unwrap();
            (name.split('@').next().unwrap().to_owned(), it[field].clone())
        })
        .collect()
}

/// What the exceptions say of one account; `Null` when they do not list it.
pub(crate) fn account(document: &Value, name: &str) -> Value {
    let wanted = format!("{name}@ne.example");
    let accounts = document["accounts"].as_array().unwrap();
    accounts.iter().find(|it| it["user_principal_name"] == wanted).cloned().unwrap_or_default()
}
