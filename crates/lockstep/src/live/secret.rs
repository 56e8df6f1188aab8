//! Secrets come from a file or from standard input, never from an argument.

use std::io::Read as _;
use std::path::Path;

use secrecy::SecretString;

use crate::error::CommandError;
use crate::terminal;

/// Longest secret: a certificate with a chain and a key is a few kilobytes.
const LONGEST: u64 = 256 * 1024;

/// Reads a secret from a file relative to a folder; `-` is standard input. Says on stderr when
/// others can read the file.
pub(crate) fn read(file: &str, folder: &Path) -> Result<SecretString, CommandError> {
    let mut text = String::new();
    let path = folder.join(file);
    let read = if file == "-" {
        std::io::stdin().lock().take(LONGEST).read_to_string(&mut text)
    } else {
        std::fs::File::open(&path).and_then(|opened| {
            if is_open_to_others(&opened)? {
                terminal::remark(&format!(
                    "warning: others can read `{}`: take the right away (chmod 600)",
                    path.display()
                ));
            }
            opened.take(LONGEST).read_to_string(&mut text)
        })
    };
    read.map_err(|error| {
        CommandError::wrong_input(format!("cannot read the secret from `{file}`"))
            .because(error)
            .hint("give a file that holds nothing but the secret, or - for standard input")
    })?;
    let trimmed = text.trim_end_matches(['\r', '\n']);
    if trimmed.trim().is_empty() {
        return Err(CommandError::wrong_input(format!("`{file}` holds no secret")));
    }
    Ok(SecretString::from(trimmed))
}

#[cfg(unix)]
fn is_open_to_others(file: &std::fs::File) -> std::io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(file.metadata()?.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &std::fs::File) -> std::io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn only_the_end_of_the_last_line_goes_and_an_empty_secret_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let of = |content: &str| {
            std::fs::write(folder.path().join("secret"), content).unwrap();
            read("secret", folder.path()).map(|secret| secret.expose_secret().to_owned())
        };
        assert_eq!(of("a b~\r\n").unwrap(), "a b~");
        assert_eq!(of("one\ntwo").unwrap(), "one\ntwo");
        assert!(of(" \n").unwrap_err().lines().contains("`secret` holds no secret"));
        let missing = read("none", folder.path()).unwrap_err().lines();
        assert!(missing.contains("cannot read the secret from `none`"), "{missing}");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_noticed() {
        use std::os::unix::fs::PermissionsExt as _;
        let file = tempfile::tempfile().unwrap();
        for (mode, open) in [(0o600, false), (0o400, false), (0o640, true), (0o604, true)] {
            file.set_permissions(std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(is_open_to_others(&file).unwrap(), open, "{mode:o}");
        }
    }
}
