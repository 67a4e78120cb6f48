//! A route as an entry of the `model_list` of a LiteLLM proxy.

use super::curl::Names;
use super::header_value::carries_credential;
use super::yaml_text::yaml_text;
use super::{Piece, Variable, pieces};
use crate::provenance::Provenance;
use crate::resolution::{Resolution, Route, RouteHeader};
use crate::resolve::split_scope;

/// A `model_list` entry and the variables that the proxy's environment must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelListEntry {
    /// The YAML, from `model_list:` on.
    pub yaml: String,
    /// The variables, each once, in the order of their use.
    pub variables: Vec<Variable>,
}

/// Writes the entry that makes a LiteLLM proxy send to the same endpoint what this request sends;
/// `None` where no base URL is known. LiteLLM takes a variable only as the whole value, so text
/// around a secret has to be part of the variable; a comment says so.
#[must_use]
pub fn model_list_entry(resolution: &Resolution) -> Option<ModelListEntry> {
    let route = resolution.route.as_ref()?;
    let base_url = route.base_url.as_ref()?;
    let sent = &resolution.model_ref;
    let called = split_scope(sent).map_or(sent.as_str(), |(model, _)| model);
    let mut names = Names::new(route);
    let mut yaml = String::from("model_list:\n");
    let mut line = |depth: usize, text: &[&str]| {
        yaml.push_str(&"  ".repeat(depth));
        text.iter().for_each(|part| yaml.push_str(part));
        yaml.push('\n');
    };
    line(1, &["- model_name: ", &yaml_text(called)]);
    line(2, &["litellm_params:"]);
    let model = ["openai/", &route.wire_model].concat();
    line(3, &["model: ", &yaml_text(&model)]);
    line(3, &["api_base: ", &yaml_text(&base_url.value)]);
    let bearer = route.headers.iter().find_map(bearer);
    match &bearer {
        Some(secret) => line(3, &["api_key: os.environ/", &names.of(secret)]),
        None => no_key(route, &mut names)
            .iter()
            .for_each(|text| line(3, &[text])),
    }
    let others: Vec<&RouteHeader> = route
        .headers
        .iter()
        .filter(|header| header.name != "content-type")
        .filter(|header| header.name != "authorization" || bearer.is_none())
        .collect();
    if !others.is_empty() {
        line(3, &["extra_headers:"]);
    }
    for header in others {
        let pieces = pieces(&header.value, &header.from);
        let secret = pieces.iter().find_map(|piece| match piece {
            Piece::Secret(secret) => Some(secret),
            Piece::Text(_) => None,
        });
        let name = yaml_text(&header.name);
        match secret {
            None => line(4, &[&name, ": ", &yaml_text(&header.value)]),
            Some(secret) => {
                let variable = names.of(secret);
                if pieces.len() > 1 {
                    let whole = around(&pieces);
                    line(4, &["# ", &variable, " holds the whole value: ", &whole]);
                }
                line(4, &[&name, ": os.environ/", &variable]);
            }
        }
    }
    Some(ModelListEntry {
        yaml,
        variables: names.used,
    })
}

/// The lines in place of `api_key` where the request carries no bearer token. A made-up value would
/// be sent, and so would `OPENAI_API_KEY`, which LiteLLM reads without one.
fn no_key(route: &Route, names: &mut Names) -> Vec<String> {
    let unset = "LiteLLM sends OPENAI_API_KEY while `api_key` is not set.".to_owned();
    match &route.credential {
        Some(_) if carries_credential(route) => {
            vec![format!("# The key is in a header below. {unset}")]
        }
        Some(credential) => {
            let places = credential.candidates.iter();
            let variable = places.clone().find_map(|place| place.from.env_variable());
            let places: Vec<String> = places.map(|place| place.from.to_string()).collect();
            let missing = format!(
                "# Waypost has no key for this route ({}).",
                places.join(", ")
            );
            match variable {
                Some(variable) => {
                    let variable = names.of(&Provenance::Env(variable.to_owned()));
                    vec![missing, format!("api_key: os.environ/{variable}")]
                }
                None => vec![[&missing, " Set `api_key`. ", &unset].concat()],
            }
        }
        None => vec![format!("# This endpoint takes no key. {unset}")],
    }
}

/// The secret of an `authorization` that is `Bearer` and nothing else, which is how LiteLLM sends
/// its `api_key`.
fn bearer(header: &RouteHeader) -> Option<Provenance> {
    if header.name != "authorization" {
        return None;
    }
    match pieces(&header.value, &header.from).as_slice() {
        [Piece::Text(scheme), Piece::Secret(secret)] if scheme == "Bearer " => Some(secret.clone()),
        _ => None,
    }
}

/// A value with an ellipsis where its secret stands.
fn around(pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.as_str(),
            Piece::Secret(_) => "…",
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::read_agent;
    use crate::export::sample::{self, AGENT};
    use crate::operation::Operation;
    use crate::resolve::{Request, resolve};

    #[test]
    fn a_passthrough_route_becomes_an_entry_without_a_secret() {
        let agent = read_agent(AGENT).agent.expect("a valid document");
        let request = Request::of_agent(&agent, Some("analyst"), Operation::Messages);
        let entry = model_list_entry(&resolve(&sample::table(), &request)).expect("a base URL");
        assert_eq!(
            entry.yaml,
            "model_list:\n  - model_name: customer/child\n    litellm_params:\n      \
             model: openai/child\n      api_base: https://customer.example/v1\n      \
             api_key: os.environ/CUSTOMER_AUTH_VALUE\n      extra_headers:\n        \
             x-tenant: os.environ/CUSTOMER_X_TENANT\n"
        );
        assert_eq!(entry.variables.len(), 2);
    }

    #[test]
    fn another_scheme_and_no_key_are_said_in_comments() {
        let table = sample::table();
        let resolved = resolve(&table, &Request::new("customer/gpt", Operation::Chat));
        let mut other = resolved.clone();
        let headers = &mut other.route.as_mut().expect("a route").headers;
        let auth = headers
            .iter_mut()
            .find(|header| header.name == "authorization");
        auth.expect("a credential").value =
            "Token {{secret:sources/customer/auth-value}}".to_owned();
        let entry = model_list_entry(&other).expect("a base URL").yaml;
        assert!(!entry.contains("api_key:"), "{entry}");
        assert!(entry.contains("# The key is in a header below."), "{entry}");
        assert!(
            entry.contains(
                "# CUSTOMER_AUTH_VALUE holds the whole value: Token …\n        \
                 authorization: os.environ/CUSTOMER_AUTH_VALUE\n"
            ),
            "{entry}"
        );
    }

    #[test]
    fn a_missing_key_is_named_and_not_made_up() {
        let table = sample::table();
        let of = |model_ref| {
            let resolution = resolve(&table, &Request::new(model_ref, Operation::Chat));
            model_list_entry(&resolution).expect("a base URL")
        };
        let entry = of("groq/llama");
        assert!(
            entry.yaml.contains(
                "# Waypost has no key for this route (secret:groq/api-key, env:GROQ_API_KEY).\n      \
                 api_key: os.environ/GROQ_API_KEY\n"
            ),
            "{}",
            entry.yaml
        );
        assert_eq!(entry.variables[0].name, "GROQ_API_KEY");
    }

    #[test]
    fn an_endpoint_without_a_key_gets_none() {
        let mut resolution = resolve(
            &sample::table(),
            &Request::new("customer/gpt", Operation::Chat),
        );
        let route = resolution.route.as_mut().expect("a route");
        route.credential = None;
        route
            .headers
            .retain(|header| header.name != "authorization");
        let entry = model_list_entry(&resolution).expect("a base URL").yaml;
        assert!(!entry.contains("api_key:"), "{entry}");
        assert!(entry.contains("# This endpoint takes no key."), "{entry}");
    }

    #[test]
    fn without_a_base_url_there_is_no_entry() {
        let nothing = resolve(&sample::table(), &Request::new("a//b", Operation::Chat));
        assert_eq!(model_list_entry(&nothing), None);
    }
}
