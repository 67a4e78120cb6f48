//! The data directory: whether it can be used, before anything is written, and making and locking it.

use super::file_system::network_file_system;
use crate::cli::Failure;
use std::fs::File;
use std::path::{Path, PathBuf};

/// The file whose lock says that a server uses the directory.
const LOCK: &str = "waypost.lock";

/// Whether the directory can be used. Nothing is written.
///
/// # Errors
/// A directory on a network file system, and one that another server uses.
pub(super) fn check(data_dir: &Path) -> Result<(), Failure> {
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    if let Some(kind) = network_file_system(&mounts, &real_path(data_dir)) {
        return Err(Failure::new(format!(
            "the data directory {} is on a network file system ({kind}), where locks do not protect \
             the database. Choose a directory on a local disk with --data-dir",
            data_dir.display()
        )));
    }
    match File::open(data_dir.join(LOCK)) {
        Ok(file) if file.try_lock().is_err() => Err(in_use(data_dir)),
        _ => Ok(()),
    }
}

/// The path without symbolic links, as far as it exists.
fn real_path(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for existing in path.ancestors() {
        if let Ok(real) = existing.canonicalize() {
            let rest = path.strip_prefix(existing).unwrap_or(Path::new(""));
            return real.join(rest);
        }
    }
    path
}

/// Makes the directory for its owner's eyes only. One that was there before keeps its mode; a
/// loose one is worth a warning.
pub(super) fn make(path: &Path) -> Result<(), Failure> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let cannot = |error: std::io::Error| {
        Failure::new(format!(
            "cannot use the data directory {}: {error}. Choose another with --data-dir",
            path.display()
        ))
    };
    builder.create(path).map_err(cannot)?;
    #[cfg(unix)]
    {
        let metadata = std::fs::metadata(path).map_err(cannot)?;
        let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions());
        if mode & 0o077 != 0 {
            tracing::warn!(
                path = %path.display(),
                "other users can read the data directory; run chmod 700"
            );
        }
    }
    Ok(())
}

/// Two servers on one data directory would not know of each other's changes.
pub(in crate::cli) fn lock(data_dir: &Path) -> Result<File, Failure> {
    let path = data_dir.join(LOCK);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| Failure::new(format!("{} cannot be written: {error}", path.display())))?;
    file.try_lock().map_err(|_| in_use(data_dir))?;
    Ok(file)
}

fn in_use(data_dir: &Path) -> Failure {
    Failure::new(format!(
        "another `waypost serve` already uses {}. Stop it, or choose another directory with --data-dir",
        data_dir.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_directory_is_made_private_and_locked_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/waypost");
        make(&path).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
        }
        let held = lock(&path).unwrap();
        let message = lock(&path).unwrap_err().to_string();
        assert!(message.contains("another `waypost serve`"), "{message}");
        drop(held);
        assert!(lock(&path).is_ok());
    }

    #[test]
    fn a_directory_is_checked_without_writing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/waypost");
        assert!(check(&path).is_ok());
        assert!(!folder.path().join("deep").exists());
        make(&path).unwrap();
        let held = lock(&path).unwrap();
        let message = check(&path).unwrap_err().to_string();
        assert!(message.contains("another `waypost serve`"), "{message}");
        drop(held);
        assert!(check(&path).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_path_is_followed_as_far_as_it_exists() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir(root.join("share")).unwrap();
        std::os::unix::fs::symlink(root.join("share"), root.join("link")).unwrap();
        let found = real_path(&root.join("link/new/waypost"));
        assert_eq!(found, root.join("share/new/waypost"));
    }
}
