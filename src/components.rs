//! What pages are made of. Nothing here knows the API, the state or the addresses of the dashboard:
//! everything comes in by properties and goes out by callbacks.

mod badge;
mod button;
mod confirm;
mod copy;
mod dialog;
mod field;
mod live_region;
mod notice;
mod secret_field;
mod select;
mod switch;
mod table;
mod tabs;
mod time;
mod toast;

pub use badge::{Badge, Tag, Tone};
pub use button::{Button, ButtonKind};
pub use confirm::Confirm;
pub use copy::CopyButton;
pub use dialog::Dialog;
pub use field::{FieldFrame, FieldHint, FieldIds, TextField};
pub use live_region::LiveRegion;
pub use notice::{Empty, Loading, Notice, Stale};
pub use secret_field::SecretField;
pub use select::{Choice, Select};
pub use switch::Switch;
pub use table::{Cell, Column, Row, Table};
pub use tabs::{Tab, Tabs};
pub use time::RelativeTime;
pub use toast::{Toast, ToastList};
