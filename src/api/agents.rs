//! Agents.

use super::transport::{Call, CallOrigin};
use super::{Answer, Api, SecretBody};
use crate::paths::Encoded;
use waypost_api_types::{AgentCheck, AgentInput, AgentKeyRemoved, AgentView, Deleted, Page};

/// How many agents one request asks for.
const PAGE: u32 = 500;

fn at(name: &str) -> String {
    format!("/agents/{}", Encoded(name))
}

fn key_at(name: &str, gateway: &str) -> String {
    format!("{}/keys/{}", at(name), Encoded(gateway))
}

impl Api {
    /// Every agent, by name, however many pages that takes.
    pub fn agents(self) -> Answer<Vec<AgentView>> {
        let origin = CallOrigin::current();
        Box::pin(async move {
            let mut agents = Vec::new();
            let mut cursor: Option<String> = None;
            loop {
                let mut path = format!("/agents?limit={PAGE}");
                if let Some(cursor) = &cursor {
                    path.push_str(&format!("&cursor={}", Encoded(cursor)));
                }
                let call = origin.mark(|| Call::get(path));
                let page: Page<AgentView> = call.read(self).await?;
                agents.extend(page.items);
                cursor = page.next_cursor;
                if cursor.is_none() {
                    return Ok(agents);
                }
            }
        })
    }

    /// One agent.
    ///
    /// # Errors
    /// `not_found`.
    pub fn agent(self, name: &str) -> Answer<AgentView> {
        Call::get(at(name)).read(self)
    }

    /// Adds an agent.
    ///
    /// # Errors
    /// `invalid_agent` with every problem of the document, `name_taken`.
    pub fn add_agent(self, yaml: String) -> Answer<AgentView> {
        Call::post("/agents").json(&AgentInput::of(yaml)).read(self)
    }

    /// Checks a document as saving it would. Nothing is saved.
    pub fn check_agent(self, yaml: String) -> Answer<AgentCheck> {
        Call::post("/agent-checks")
            .json(&AgentInput::of(yaml))
            .read(self)
    }

    /// Adds an agent, or saves it over the one of this name and version.
    ///
    /// # Errors
    /// As for adding and for replacing an agent.
    pub fn save_agent(self, before: Option<(&str, u64)>, input: &AgentInput) -> Answer<AgentView> {
        match before {
            None => Call::post("/agents").json(input).read(self),
            Some((name, version)) => Call::put(at(name)).if_match(version).json(input).read(self),
        }
    }

    /// Replaces an agent's document.
    ///
    /// # Errors
    /// As for adding an agent; `version_conflict` if the agent has another version, `not_found` if
    /// it was deleted.
    pub fn replace_agent(self, name: &str, version: u64, yaml: String) -> Answer<AgentView> {
        Call::put(at(name))
            .if_match(version)
            .json(&AgentInput::of(yaml))
            .read(self)
    }

    /// Deletes an agent.
    ///
    /// # Errors
    /// `version_conflict` if the agent has another version.
    pub fn delete_agent(self, name: &str, version: u64) -> Answer<Deleted> {
        Call::delete(at(name)).if_match(version).read(self)
    }

    /// Stores an agent's own key for a gateway: for the origin that the administrator was shown.
    ///
    /// # Errors
    /// `version_conflict` if the agent has another version; `changed_meanwhile` if requests to the
    /// gateway go to another origin by now; what is wrong with the key.
    pub fn set_agent_key(
        self,
        name: &str,
        (gateway, origin): (&str, &str),
        version: u64,
        value: String,
        accept_suspicious: bool,
    ) -> Answer<AgentView> {
        let body = SecretBody::new()
            .text("value", value)
            .text("origin", origin.to_owned())
            .flag("accept_suspicious", accept_suspicious);
        Call::put(key_at(name, gateway))
            .if_match(version)
            .secret(body)
            .read(self)
    }

    /// Removes an agent's own key for a gateway.
    ///
    /// # Errors
    /// `version_conflict` if the agent has another version; `not_found` if there is no key.
    pub fn remove_agent_key(
        self,
        name: &str,
        gateway: &str,
        version: u64,
    ) -> Answer<AgentKeyRemoved> {
        Call::delete(key_at(name, gateway))
            .if_match(version)
            .read(self)
    }
}
