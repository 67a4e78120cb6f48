//! Reading query strings: every name is known, and an error names the one that is not.

use super::api_route::QueryParameter;
use super::problem::ApiError;
use axum::http::{StatusCode, Uri};
use std::collections::BTreeMap;

/// The parameters of a query, each taken once.
pub struct Query(BTreeMap<String, String>);

impl Query {
    /// Reads a query whose names are among `known`.
    ///
    /// # Errors
    /// A name that is unknown or given twice.
    pub fn read(uri: &Uri, known: &[QueryParameter]) -> Result<Self, ApiError> {
        let mut values = BTreeMap::new();
        let pairs = url::form_urlencoded::parse(uri.query().unwrap_or("").as_bytes());
        for (name, value) in pairs {
            if !known.iter().any(|parameter| parameter.name == name) {
                let name: String = name.chars().take(100).collect();
                return Err(invalid(&name, format!("Unknown parameter `{name}`.")));
            }
            if values
                .insert(name.to_string(), value.into_owned())
                .is_some()
            {
                return Err(invalid(&name, format!("Duplicate parameter `{name}`.")));
            }
        }
        Ok(Self(values))
    }

    /// The text of a parameter; empty counts as absent.
    #[must_use]
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.0.remove(name).filter(|value| !value.is_empty())
    }

    /// A time in Unix seconds.
    ///
    /// # Errors
    /// Anything else.
    pub fn time(&mut self, name: &str) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|_| {
            let detail = format!("The parameter `{name}` must be a time in Unix seconds.");
            invalid(name, detail)
        })
    }

    /// A whole number between 1 and `most`.
    ///
    /// # Errors
    /// Anything else.
    pub fn count(&mut self, name: &str, most: u32) -> Result<Option<u32>, ApiError> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        match text.parse() {
            Ok(number) if (1..=most).contains(&number) => Ok(Some(number)),
            _ => Err(invalid(
                name,
                format!("The parameter `{name}` must be a whole number from 1 to {most}."),
            )),
        }
    }
}

/// A parameter that cannot have its value.
#[must_use]
pub fn invalid(name: &str, detail: String) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "invalid_parameter", detail).at(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &'static str) -> QueryParameter {
        QueryParameter {
            name,
            description: "",
        }
    }

    #[test]
    fn known_names_are_read_and_empty_ones_count_as_absent() {
        let uri: Uri = "/x?q=a%20b&limit=5&owner=".parse().unwrap();
        let mut query = Query::read(&uri, &["q", "limit", "owner"].map(named)).unwrap();
        assert_eq!(query.text("q").as_deref(), Some("a b"));
        assert_eq!(query.text("owner"), None);
        assert_eq!(query.count("limit", 10).unwrap(), Some(5));
    }

    #[test]
    fn what_is_unknown_doubled_or_out_of_range_is_refused() {
        for text in ["/x?nope=1", "/x?q=1&q=2"] {
            assert!(
                Query::read(&text.parse().unwrap(), &[named("q")]).is_err(),
                "{text}"
            );
        }
        for text in ["/x?limit=0", "/x?limit=11", "/x?limit=many", "/x?limit=-1"] {
            let mut query = Query::read(&text.parse().unwrap(), &[named("limit")]).unwrap();
            assert!(query.count("limit", 10).is_err(), "{text}");
        }
    }

    #[test]
    fn the_description_of_a_limit_names_it() {
        use crate::http::{agents, audit, models, requests, tokens};
        use crate::workspace::paging;
        for (parameters, limits) in [
            (agents::PARAMETERS, paging::AGENTS),
            (audit::PARAMETERS, paging::AUDIT),
            (models::PARAMETERS, paging::MODELS),
            (requests::PARAMETERS, paging::REQUESTS),
            (tokens::PARAMETERS, paging::TOKENS),
        ] {
            let limit = parameters.iter().find(|known| known.name == "limit");
            let description = limit.expect("a page has a limit").description;
            assert!(
                description.contains(&format!("up to {}.", limits.max)),
                "{description}"
            );
        }
    }
}
