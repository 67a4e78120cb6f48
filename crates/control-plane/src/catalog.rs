//! The catalog's layers and what surrounds them: the process environment and the providers file.

pub mod environment;
pub mod file;
pub mod layers;
