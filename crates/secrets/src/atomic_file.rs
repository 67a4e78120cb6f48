//! Files that only their owner may read, written so that a crash leaves the old or the new one.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// More than any workspace holds; a bound on what a planted file can make the process read.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Reads a file; `None` where there is none. Refuses one that others may read, because its
/// content can then no longer be taken for a secret.
pub(crate) fn read_private(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, String> {
    let fault = |error: std::io::Error| format!("{} cannot be read: {error}", path.display());
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fault(error)),
    };
    let metadata = file.metadata().map_err(fault)?;
    if !metadata.is_file() {
        return Err(format!("{} is not a file", path.display()));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(format!(
                "{} may be read or changed by other users (mode {mode:03o}). Run: chmod 600 {}",
                path.display(),
                path.display()
            ));
        }
    }
    if metadata.len() > LARGEST {
        return Err(format!("{} is too large", path.display()));
    }
    let length = usize::try_from(metadata.len()).unwrap_or(0);
    // Allocate everything first: growing would leave copies that are not wiped.
    let mut bytes = Zeroizing::new(Vec::with_capacity(length + 1));
    file.take(LARGEST).read_to_end(&mut bytes).map_err(fault)?;
    Ok(Some(bytes))
}

/// Writes a file that only its owner may read: a new file beside it, flushed to the disk, put in
/// its place in one step, and the directory flushed too.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    write_and_rename(path, &beside, bytes).map_err(|error| {
        // What is there stays; only the half-written file beside it goes.
        let _ = fs::remove_file(&beside);
        format!("{} cannot be written: {error}", path.display())
    })
}

fn write_and_rename(path: &Path, beside: &Path, bytes: &[u8]) -> std::io::Result<()> {
    match fs::remove_file(beside) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(beside, path)?;
    #[cfg(unix)]
    if let Some(directory) = path.parent() {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}
