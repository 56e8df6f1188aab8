//! Files that are there whole or not at all.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use crate::error::CommandError;

/// Writes a file through a temporary one beside it, so that a reader never sees half of it and a
/// killed process leaves the old one.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<(), CommandError> {
    write_through(path, |file| file.write_all(content))
}

/// The same for a secret: nobody else on the machine may read the file, at any time.
pub(crate) fn write_secret(path: &Path, content: &[u8]) -> Result<(), CommandError> {
    with_rights(path, |file| file.write_all(content), |_| Ok(()))
}

/// The same for content too large to hold: it is written as it is made.
pub(crate) fn write_through(
    path: &Path,
    content: impl FnOnce(&mut File) -> std::io::Result<()>,
) -> Result<(), CommandError> {
    with_rights(path, content, readable_by_others)
}

fn with_rights(
    path: &Path,
    content: impl FnOnce(&mut File) -> std::io::Result<()>,
    rights: impl FnOnce(&File) -> std::io::Result<()>,
) -> Result<(), CommandError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    replace(path, folder, content, rights).map_err(|source| {
        CommandError::wrong_input(format!("cannot write `{}`", path.display()))
            .because(source)
            .hint("check that the folder can be written to and the disk is not full")
    })
}

fn replace(
    path: &Path,
    folder: &Path,
    content: impl FnOnce(&mut File) -> std::io::Result<()>,
    rights: impl FnOnce(&File) -> std::io::Result<()>,
) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(".lockstep-").tempfile_in(folder)?;
    content(file.as_file_mut())?;
    file.as_file().sync_all()?;
    rights(file.as_file())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Temporary files are private; a plan is made to be handed on, so it gets the usual rights.
#[cfg(unix)]
fn readable_by_others(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_others(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::{write, write_through};

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/plan.md");
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        let names = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(names, 1);
    }

    #[test]
    fn what_fails_on_the_way_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policies.csv");
        write(&path, b"old").unwrap();
        let failed = write_through(&path, |file| {
            file.write_all(b"half")?;
            Err(std::io::Error::other("disk on fire"))
        });
        assert!(failed.unwrap_err().lines().contains("disk on fire"));
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_is_a_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("taken"), b"").unwrap();
        let error = write(&folder.path().join("taken/plan.md"), b"x").unwrap_err();
        assert!(error.lines().contains("cannot write"), "{}", error.lines());
    }
}
