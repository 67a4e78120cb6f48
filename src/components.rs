//! The building blocks of pages. They know neither the API nor the state nor the paths of the
//! dashboard: data comes in as properties and goes out through callbacks.

mod badge;
mod button;
mod confirm;
mod conflict;
mod copy;
mod credential_ladder;
mod dialog;
mod document_editor;
mod edit_access;
mod field;
mod impact_list;
mod live_region;
mod logo;
mod marked_ref;
mod notice;
mod prose;
mod request_view;
mod route_line;
mod secret_field;
mod segmented;
mod select;
mod show;
mod suggest_field;
mod switch;
mod table;
mod tabs;
mod time;
mod toast;
mod trace;
mod warnings;
mod windowed_list;

pub use crate::format::Tone;
pub use badge::{Badge, Tag};
pub use button::{Button, ButtonKind};
pub use confirm::Confirm;
pub use conflict::{ConflictDialog, ConflictField, DeletionConflictDialog};
pub use copy::CopyButton;
pub use credential_ladder::{CredentialLadder, credential_words};
pub use dialog::{Dialog, DialogKind};
pub use document_editor::{DocumentEditor, DocumentProblem};
pub use edit_access::{
    EditAccess, EditFields, EditLink, EditReason, VIEWER_REASON, use_edit_access,
};
pub use field::{FieldFrame, FieldHint, FieldIds, TextField};
pub use impact_list::ImpactList;
pub use live_region::LiveRegion;
pub use logo::Mark;
pub use marked_ref::MarkedRef;
pub use notice::{Empty, Loading, Notice, Stale};
pub use prose::{Address, Breaking, Prose};
pub use request_view::{HeaderText, RequestLine, RequestView, SecretChip};
pub use route_line::{KindBadge, RouteLine, Sentence};
pub use secret_field::SecretField;
pub use segmented::Segmented;
pub use select::{Choice, Select};
pub use show::Show;
pub use suggest_field::SuggestField;
pub use switch::Switch;
pub use table::{Cell, Column, Row, Table};
pub use tabs::{Tab, Tabs};
pub use time::RelativeTime;
pub use toast::{Toast, ToastList};
pub use trace::Trace;
pub use warnings::Warnings;
pub use windowed_list::{Keys, WindowedList, WindowedRow};
