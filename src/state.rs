//! State that outlives a page: named context types, each provided once by the app and read by its
//! `use_…`.

mod announcer;
mod cached;
mod checks;
mod clock;
mod connection;
mod models;
mod routing_table;
mod scenario;
mod session;
mod theme;
mod title;
mod toasts;
mod traffic;
mod undo;
mod unsaved;
mod workspace;
mod writes;

pub use announcer::{Announcer, use_announcer};
pub use cached::{Cached, LoadStatus};
pub use checks::{Check, CheckKind, CheckPhase, Checks, Owner, use_checks};
pub use clock::{Clock, use_clock};
pub use connection::{Connection, use_connection};
pub use models::{Models, is_unloaded, use_models};
pub use routing_table::{RoutingTables, SharedTable, SharedUsedBy, use_routing_table, use_used_by};
pub use scenario::{ScenarioTexts, use_scenario};
pub use session::{Session, SessionState, SignedOut, use_session};
pub use theme::{Theme, ThemeChoice, use_theme};
pub use title::{Title, use_title};
pub use toasts::{Toasts, use_toasts};
pub use traffic::{TrafficCounts, use_traffic};
pub use undo::{Undo, UndoOffer, UndoOffers, Undoable, use_undo};
pub use unsaved::{Unsaved, use_unsaved};
pub use workspace::{Workspace, use_workspace};
pub use writes::{Writes, use_writes};
