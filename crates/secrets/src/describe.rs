//! Where secrets are kept and what that protects against, in plain words for Settings.

use super::file::{ENTRIES_NAME, KEY_NAME};
use crate::kind::SecretsBackendKind;
use std::path::Path;

pub(crate) fn describe(backend: SecretsBackendKind, data_dir: &Path) -> String {
    match backend {
        SecretsBackendKind::Keychain => "Secrets are in the keychain of the user who runs Waypost, marked with this workspace's id. \
             They are encrypted on the disk and open while that user is signed in. This protects against someone who copies \
             the disk or the data directory. It does not protect against other programs that the same user runs, nor against \
             an administrator of the machine."
            .to_owned(),
        SecretsBackendKind::File => format!(
            "Secrets are in {}, encrypted with the key in {KEY_NAME} beside it. Only the user who runs \
             Waypost may read either file. This protects against a backup or a copy that takes one of the two files without \
             the other, and against other users of the machine. It does not protect against someone who can read the whole \
             data directory: anyone with both files has the secrets.",
            data_dir.join(ENTRIES_NAME).display()
        ),
        SecretsBackendKind::Vault => "Secrets are in Vault, and this machine has none of them on its disk. Keys that other tools write there \
             under the same names are used as well. Protection depends on the policies, the audit log and the seal of that \
             server. It does not protect against someone who can read this login's credential: whatever Waypost can read there, \
             they can read."
            .to_owned(),
        SecretsBackendKind::Aws => "Secrets are in AWS Secrets Manager, and this machine has none of them on its disk. Keys that other tools \
             write there under the same names are used as well. Protection depends on the policies, the KMS key and the \
             trail of that account. It does not protect against someone who can use the same credentials or role: whatever Waypost \
             can read there, they can read. A removed key can be restored there for seven days."
            .to_owned(),
    }
}
