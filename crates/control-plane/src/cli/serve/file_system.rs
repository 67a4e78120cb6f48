//! Which file systems are on the network. SQLite's locks and its shared memory do not work there.

use std::path::Path;

/// The types of file systems on the network, as the kernel names them.
const NETWORK: [&str; 15] = [
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "davfs",
    "glusterfs",
    "gpfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "orangefs",
    "smb2",
    "smb3",
    "smbfs",
];

/// The same behind FUSE: `fuse.sshfs`.
const NETWORK_FUSE: [&str; 12] = [
    "blobfuse2",
    "ceph-fuse",
    "davfs",
    "davfs2",
    "gcsfuse",
    "glusterfs",
    "goofys",
    "juicefs",
    "mount-s3",
    "rclone",
    "s3fs",
    "sshfs",
];

/// The type of the file system that a path is on, where that is one on the network. `mountinfo` is
/// `/proc/self/mountinfo`; the path is absolute and has no symbolic links.
pub(super) fn network_file_system<'m>(mountinfo: &'m str, path: &Path) -> Option<&'m str> {
    let mut found: Option<(usize, &str)> = None;
    for line in mountinfo.lines() {
        let Some((mount, source)) = line.split_once(" - ") else {
            continue;
        };
        let (Some(point), Some(kind)) = (mount.split(' ').nth(4), source.split(' ').next()) else {
            continue;
        };
        let point = unescaped(point);
        let depth = Path::new(&point).components().count();
        // Of two mounts at one place, the later one is seen.
        let is_nearer = found.is_none_or(|(known, _)| depth >= known);
        if is_nearer && path.starts_with(&point) {
            found = Some((depth, kind));
        }
    }
    let (_, kind) = found?;
    let is_network = match kind.strip_prefix("fuse.") {
        Some(program) => NETWORK_FUSE.contains(&program),
        None => NETWORK.contains(&kind),
    };
    is_network.then_some(kind)
}

/// The kernel writes a space, a tab, a line break and a backslash as three octal digits.
fn unescaped(text: &str) -> String {
    text.replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 27 0:40 / /home rw - nfs4 nas:/home rw,vers=4.2
41 40 254:1 / /home/local rw - xfs /dev/vdb rw
42 27 0:42 / /mnt/team\\040share rw - cifs //nas/team rw
43 27 0:43 / /mnt/cloud rw - fuse.rclone remote: rw
44 27 0:44 / /mnt/disk rw - fuse.ntfs-3g /dev/sdc rw
45 27 0:45 / /mnt/over rw - nfs nas:/over rw
46 27 254:3 / /mnt/over rw - ext4 /dev/vdc rw
";

    #[test]
    fn the_nearest_mount_decides() {
        for (path, kind) in [
            ("/var/lib/waypost", None),
            ("/home/ada/.waypost", Some("nfs4")),
            ("/home", Some("nfs4")),
            ("/home/local/waypost", None),
            ("/homes/ada", None),
            ("/mnt/team share/waypost", Some("cifs")),
            ("/mnt/cloud/waypost", Some("fuse.rclone")),
            ("/mnt/disk/waypost", None),
            ("/mnt/over/waypost", None),
        ] {
            assert_eq!(network_file_system(MOUNTS, Path::new(path)), kind, "{path}");
        }
        for nothing in ["", "x", "1 2 3 - nfs", " - "] {
            assert_eq!(network_file_system(nothing, Path::new("/home")), None);
        }
    }
}
