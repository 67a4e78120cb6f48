//! The observed cases of routing, once more through the command line: the binary itself, with
//! files and variables in the place of values, and its JSON in the place of types.

#![allow(clippy::unwrap_used, reason = "a case of another shape fails its test")]

#[path = "../../../routing/tests/vectors/areas.rs"]
mod areas;
mod documents;
#[path = "../commands/support.rs"]
#[allow(dead_code, reason = "not everything of it is needed here")]
mod home;
mod routes;
#[path = "../../../routing/tests/vectors/support.rs"]
#[allow(dead_code, reason = "not everything of it is needed here")]
mod support;

use home::Home;
use serde_json::Value;
use std::collections::BTreeMap;
use support::environment;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::{Outcome, Resolution};

/// A run of `waypost route` that is put together.
struct Run {
    home: Home,
    variables: BTreeMap<String, String>,
    arguments: Vec<String>,
}

impl Run {
    /// With the environment and the providers file of a case.
    fn of(given: &Value) -> Self {
        let home = Home::new();
        if let Some(yaml) = given["local_yaml"].as_str() {
            home.write(".waypost/providers.local.yaml", yaml);
        }
        Self {
            home,
            variables: environment(given),
            arguments: vec!["route".into(), "--json".into()],
        }
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// With the document of the agent that sends the request.
    fn agent(mut self, document: &Value) -> Self {
        // JSON is YAML.
        self.home.write("agent.yaml", &document.to_string());
        let path = self.home.path().join("agent.yaml");
        self.arguments.push("--agent".into());
        self.arguments.push(path.to_str().unwrap().into());
        self
    }

    /// Routes a ref; the exit status must agree with the outcome.
    fn route(&self, model_ref: &str, operation: Operation) -> Resolution {
        let mut arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        arguments.extend(["--operation", operation.name(), "--", model_ref]);
        let variables: Vec<(&str, &str)> = self
            .variables
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let done = self.home.run(&arguments, &variables);
        let resolution: Resolution = serde_json::from_value(done.json()).unwrap();
        let status = match resolution.outcome {
            Outcome::Routed => 0,
            Outcome::Rejected => 1,
        };
        assert_eq!(done.status(), status, "{model_ref}: {}", done.errors());
        resolution
    }
}
