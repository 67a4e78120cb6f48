//! The pages, a module each, which owns its private parts.

pub mod activity;
pub mod agents;
pub mod catalog;
pub mod direct_providers;
pub mod gateways;
pub mod models;
pub mod not_found;
pub mod preview;
pub mod requests;
pub mod settings;
pub mod sign_in;
pub mod sources;
