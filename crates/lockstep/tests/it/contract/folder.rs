//! An exports folder, and what `audit legacy` makes of it.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// What the command came to.
pub(crate) struct Audited {
    pub(crate) code: i32,
    pub(crate) document: Value,
    pub(crate) stderr: String,
}

/// Runs `audit legacy --format json` over a folder.
pub(crate) fn audit_folder(folder: &Path, more: &[&str]) -> Audited {
    let output = Command::new(env!("CARGO_BIN_EXE_lockstep"))
        .args(["audit", "legacy", "--format", "json", "--now", "2026-11-20T09:00:00Z"])
        .arg("--exports")
        .arg(folder)
        .args(more)
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap();
    Audited {
        code: output.status.code().unwrap(),
        document: serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder of files: name below the folder, and content.
pub(crate) fn folder<B: AsRef<[u8]>>(files: &[(&str, B)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

/// Audits a folder of files.
pub(crate) fn audit<B: AsRef<[u8]>>(files: &[(&str, B)]) -> Audited {
    audit_folder(folder(files).path(), &[])
}

/// The audit of files that are all readable.
pub(crate) fn sound<B: AsRef<[u8]>>(files: &[(&str, B)]) -> Audited {
    let audited = audit(files);
    assert_eq!(audited.code, 0, "{}", audited.stderr);
    audited
}

impl Audited {
    /// Sign-ins, legacy successes and failures, dependencies, users.
    pub(crate) fn totals(&self) -> [u64; 5] {
        ["sign_ins", "legacy_successes", "legacy_failures", "dependencies", "users"]
            .map(|name| self.document["totals"][name].as_u64().unwrap())
    }

    /// Records read, unreadable, copies.
    pub(crate) fn records(&self) -> [u64; 3] {
        ["records_read", "records_unreadable", "duplicates"]
            .map(|name| self.document["coverage"][name].as_u64().unwrap())
    }

    /// Each dependency on a line: user, client app, protocol, device, successes and failures,
    /// addresses.
    pub(crate) fn lines(&self) -> Vec<String> {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        self.document["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| {
                format!(
                    "{} | {} | {} | {} | {}+{} | {}",
                    text(&it["user_principal_name"]),
                    text(&it["client_app"]),
                    text(&it["protocol"]),
                    text(&it["device"]),
                    it["succeeded"],
                    it["failed"],
                    it["ip_addresses"]
                )
            })
            .collect()
    }

    /// First and last success of the only dependency.
    pub(crate) fn seen(&self) -> [String; 2] {
        let [only] = self.document["dependencies"].as_array().unwrap().as_slice() else {
            panic!("one dependency: {:?}", self.lines())
        };
        ["first_seen", "last_seen"].map(|name| only[name].as_str().unwrap().to_owned())
    }

    pub(crate) fn coverage(&self, name: &str) -> &Value {
        &self.document["coverage"][name]
    }
}

pub(crate) fn gzip(content: impl AsRef<[u8]>) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(content.as_ref()).unwrap();
    packed.finish().unwrap()
}

pub(crate) fn zip(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut packed = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in entries {
        packed.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        packed.write_all(content.as_bytes()).unwrap();
    }
    packed.finish().unwrap().into_inner()
}

/// UTF-16, most significant byte first, behind its mark.
pub(crate) fn utf16(text: &str) -> Vec<u8> {
    let mut bytes = vec![0xfe, 0xff];
    bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
    bytes
}
