//! The process environment, as far as Waypost asks it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use waypost_routing::catalog::{Layer, ProviderEntry, base_url_variables};
use waypost_routing::env_grant::EnvGrant;
use waypost_routing::key_text::{self, Carrier};
use waypost_routing::snapshot::EnvironmentState;
use waypost_secrets::SecretText;

/// Variables, and what the operator allows beyond the use that the configuration makes of them.
#[derive(Clone)]
pub struct Environment {
    variables: Variables,
    grants: Vec<EnvGrant>,
}

/// Where variables are read from: the process, or a fixed table in a test.

#[derive(Clone)]
enum Variables {
    Process,
    Fixed(Arc<BTreeMap<String, String>>),
}

impl Environment {
    /// The environment of this process.
    #[must_use]
    pub fn process() -> Self {
        Self {
            variables: Variables::Process,
            grants: Vec::new(),
        }
    }

    /// These variables and no others.
    pub fn fixed<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let variables = variables
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self {
            variables: Variables::Fixed(Arc::new(variables)),
            grants: Vec::new(),
        }
    }

    /// The same variables with these grants.
    #[must_use]
    pub fn with_grants(self, grants: Vec<EnvGrant>) -> Self {
        Self { grants, ..self }
    }

    /// Whether a grant is about a variable, so that it may be named although only an entry of the
    /// workspace or an agent uses it.
    #[must_use]
    pub fn is_granted(&self, name: &str) -> bool {
        self.grants.iter().any(|grant| grant.covers(name))
    }

    /// The value of a variable that is set to more than white space. What is no Unicode becomes
    /// replacement characters, which neither a URL nor a key may hold, so that it is refused
    /// where it is used instead of counting as unset.
    fn value(&self, name: &str) -> Option<String> {
        let value = match &self.variables {
            Variables::Process => std::env::var_os(name)?.to_string_lossy().into_owned(),
            Variables::Fixed(variables) => variables.get(name)?.clone(),
        };
        (!value.trim().is_empty()).then_some(value)
    }

    /// A key from a variable, without what surrounds it; `None` where the variable is unset.
    ///
    /// # Errors
    /// The reason why the value is not a key. A suspicious value, which an administrator could accept
    /// in the dashboard, is refused too.
    pub fn key(&self, name: &str) -> Option<Result<SecretText, String>> {
        let value = SecretText::new(self.value(name)?);
        let read = match key_text::read(value.expose(), Carrier::Bearer) {
            Err(error) => Err(error.message()),
            Ok(key) => {
                let text = SecretText::new(key.value.into_owned());
                match key.suspicion {
                    Some(suspicion) => Err(suspicion.message().to_owned()),
                    None => Ok(text),
                }
            }
        };
        Some(read)
    }

    /// Notes of each variable whether its value is a key.
    pub fn note_keys(&self, state: &mut EnvironmentState, names: impl IntoIterator<Item = String>) {
        for name in names {
            match self.key(&name) {
                None => {}
                Some(Ok(_)) => {
                    state.set.insert(name);
                }
                Some(Err(reason)) => {
                    state.unusable.insert(name, reason);
                }
            }
        }
    }

    /// What routing asks of the environment about these entries. Of a key it learns only that it
    /// is set, and only of variables that the built-in catalog, the providers file or a grant names:
    /// an entry of the workspace is no way to ask whether any other variable is set.
    #[must_use]
    pub fn state(&self, entries: &[ProviderEntry]) -> EnvironmentState {
        let mut candidates: BTreeSet<String> = entries
            .iter()
            .filter_map(|entry| {
                let name = entry.api_key_env.as_ref()?;
                let may_be_named = entry.layer != Layer::Workspace || self.is_granted(name);
                may_be_named.then(|| name.clone())
            })
            .collect();
        let granted = self.grants.iter().filter_map(EnvGrant::variable);
        candidates.extend(granted.map(str::to_owned));
        let base_urls = entries
            .iter()
            .flat_map(|entry| base_url_variables(&entry.name))
            .filter_map(|name| {
                let value = without_user_information(self.value(&name)?);
                Some((name, value))
            })
            .collect();
        let mut state = EnvironmentState {
            base_urls,
            grants: self.grants.clone(),
            ..EnvironmentState::default()
        };
        self.note_keys(&mut state, candidates);
        state
    }
}

/// The URL with its user information masked. It is refused with the mask as it would be without,
/// and a password in it reaches no browser.
fn without_user_information(url: String) -> String {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..]
        .find(['/', '?', '#', '\\'])
        .map_or(url.len(), |length| start + length);
    match url[start..end].rfind('@') {
        None => url,
        Some(at) => format!("{}***{}", &url[..start], &url[start + at..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use waypost_routing::builtin_catalog::builtin;

    #[test]
    fn a_blank_variable_counts_as_unset_and_values_of_keys_stay_behind() {
        let environment = Environment::fixed([
            ("GROQ_API_KEY", "gsk-canary"),
            ("NVIDIA_API_KEY", " \t "),
            ("TEAM_TOKEN", "t"),
            ("HOME", "/root"),
            ("LITELLM_BASE_URL", "http://user:hunter2@gw.example:4000"),
            ("UNRELATED_BASE_URL", "https://elsewhere.example"),
        ]);
        let state = environment.state(&builtin());
        assert_eq!(
            state.set.iter().map(String::as_str).collect::<Vec<_>>(),
            ["GROQ_API_KEY"]
        );
        assert_eq!(
            state.base_urls.into_iter().collect::<Vec<_>>(),
            [(
                "LITELLM_BASE_URL".to_owned(),
                "http://***@gw.example:4000".to_owned()
            )]
        );
    }

    /// Names of variables that nothing configured names stay behind, whatever the workspace says.
    #[test]
    fn only_what_the_operator_names_is_known() {
        let mut entries = builtin();
        let mut own = entries[0].clone();
        own.layer = Layer::Workspace;
        for (name, variable) in [
            ("a", "DATABASE_URL"),
            ("b", "TEAM_KEY"),
            ("c", "TEAM_OTHER"),
        ] {
            own.name = name.into();
            own.api_key_env = Some(variable.into());
            entries.push(own.clone());
        }
        let environment = Environment::fixed([
            ("DATABASE_URL", "postgres://canary"),
            ("AWS_SECRET_ACCESS_KEY", "canary"),
            ("TEAM_KEY", "k"),
            ("TEAM_UNUSED", "k"),
            ("SPARE_KEY", "k"),
            ("GROQ_API_KEY", "k"),
        ]);
        let set = |grants: &[&str]| {
            let grants = grants.iter().map(|grant| grant.parse().unwrap());
            let environment = environment.clone().with_grants(grants.collect());
            let set = environment.state(&entries).set;
            set.into_iter().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(set(&[]), "GROQ_API_KEY");
        let granted = set(&["TEAM_*@https://gw.example", "SPARE_KEY"]);
        assert_eq!(granted, "GROQ_API_KEY SPARE_KEY TEAM_KEY");
    }

    #[test]
    fn a_key_is_trimmed_outside_and_refused_with_a_line_break_inside() {
        let environment =
            Environment::fixed([("A_KEY", "  sk-a \n"), ("B_KEY", "sk-a\nX-Injected: 1")]);
        let key = environment.key("A_KEY").unwrap().ok().unwrap();
        assert_eq!(key.expose(), "sk-a");
        let refused = environment.key("B_KEY").unwrap().err().unwrap();
        assert_eq!(refused, "The key has a line break. Paste one line.");
        assert!(environment.key("C_KEY").is_none());
    }

    #[test]
    fn a_variable_is_checked_like_a_key_that_is_typed() {
        let environment = Environment::fixed([
            ("GROQ_API_KEY", "\"gsk-canary\""),
            ("NVIDIA_API_KEY", "nvapi-***"),
            ("LITELLM_MASTER_KEY", "${LITELLM_KEY}"),
            ("TOGETHER_API_KEY", "sk-\u{2026}canary"),
        ]);
        let key = environment.key("GROQ_API_KEY").unwrap().ok().unwrap();
        assert_eq!(key.expose(), "gsk-canary");
        let facts = environment.state(&builtin());
        assert_eq!(Vec::from_iter(facts.set), ["GROQ_API_KEY"]);
        let unusable: Vec<&String> = facts.unusable.keys().collect();
        assert_eq!(
            unusable,
            ["LITELLM_MASTER_KEY", "NVIDIA_API_KEY", "TOGETHER_API_KEY"]
        );
        let reasons = facts.unusable.values().cloned().collect::<String>();
        assert!(!reasons.contains("canary"), "{reasons}");
        assert!(facts.unusable["NVIDIA_API_KEY"].contains("masked"));
    }
}
