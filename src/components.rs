//! What pages are made of. Nothing here knows the API, the state or the addresses of the dashboard:
//! everything comes in by properties and goes out by callbacks.

mod badge;
mod button;
mod confirm;
mod copy;
mod credential_ladder;
mod dialog;
mod field;
mod live_region;
mod marked_ref;
mod notice;
mod request_view;
mod route_line;
mod secret_field;
mod select;
mod switch;
mod table;
mod tabs;
mod time;
mod toast;
mod trace;
mod warnings;
mod windowed_list;

pub use badge::{Badge, Tag, Tone};
pub use button::{Button, ButtonKind};
pub use confirm::Confirm;
pub use copy::CopyButton;
pub use credential_ladder::{CredentialLadder, credential_words};
pub use dialog::Dialog;
pub use field::{FieldFrame, FieldHint, FieldIds, TextField};
pub use live_region::LiveRegion;
pub use marked_ref::MarkedRef;
pub use notice::{Empty, Loading, Notice, Stale};
pub use request_view::{HeaderText, RequestLine, RequestView, SecretChip};
pub use route_line::{KindBadge, RouteLine, Sentence};
pub use secret_field::SecretField;
pub use select::{Choice, Select};
pub use switch::Switch;
pub use table::{Cell, Column, Row, Table};
pub use tabs::{Tab, Tabs};
pub use time::RelativeTime;
pub use toast::{Toast, ToastList};
pub use trace::Trace;
pub use warnings::Warnings;
pub use windowed_list::{Keys, WindowedList, WindowedRow};
