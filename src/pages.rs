//! What a person sees: a module for each page, which owns its private parts.

mod address;
pub mod agents;
pub mod catalog;
mod conflict;
pub mod direct;
mod effects;
pub mod gateways;
mod last_calls;
pub mod lazy;
mod leave;
pub mod models;
pub mod not_found;
pub mod preview;
pub mod providers;
pub mod ref_box;
pub mod report;
pub mod settings;
pub mod sign_in;
pub mod sources;
