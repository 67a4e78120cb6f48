//! The names of the files inside the data directory.

/// The workspace.
pub const FILE_NAME: &str = "waypost.db";

/// The request log.
pub const REQUEST_LOG_FILE: &str = "requests.db";
