//! A resolution in the form that another tool reads: a `curl` command, an entry for a LiteLLM
//! proxy, an agent document. Each secret is written as the name of a variable.

mod agent_document;
mod curl;
mod format;
mod header_value;
mod litellm;
#[cfg(test)]
pub(crate) mod sample;
mod yaml_text;

pub use agent_document::agent_document;
pub use curl::{Curl, Variable, body_stub, curl, shell_quoted};
pub use format::{ExportFormat, export};
pub use header_value::{Piece, pieces};
pub use litellm::{ModelListEntry, model_list_entry};

pub(crate) use yaml_text::yaml_text;
