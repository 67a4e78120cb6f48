//! The rows of a deletion that can be undone.

/// Rows that were deleted, in a form that only the database that made it reads. No table of these
/// holds a secret.
#[derive(Clone, Default)]
pub struct DeletedRows(pub(crate) Vec<(String, String)>);
