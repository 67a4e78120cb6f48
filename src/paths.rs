//! Every address inside the dashboard, as a value. Nothing else writes one by hand.

use std::fmt::{self, Write as _};
use waypost_routing::operation::Operation;

/// A place of the dashboard. `Display` writes its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Path {
    /// Models, which leads on to the first of its tabs.
    Models,
    /// The tab Gateways.
    Gateways,
    /// The tab Custom sources.
    Sources,
    /// The form of a new custom source.
    NewSource,
    /// The form of one custom source, by its slug.
    Source(String),
    /// The tab Direct providers.
    Direct,
    /// The tab Catalog, with its filter.
    Catalog(CatalogFilter),
    /// Route preview of a ref.
    Preview {
        /// The model ref; empty for none yet.
        model_ref: String,
        /// The operation; chat completions are left out of the address.
        operation: Operation,
    },
    /// Settings.
    Settings,
    /// Sign-in.
    SignIn,
}

/// What the tab Catalog is filtered by. Empty fields are left out of the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CatalogFilter {
    /// A provider's name or a source's slug.
    pub owner: String,
    /// What is searched for.
    pub query: String,
    /// `enabled`, `disabled` or `absent`.
    pub state: String,
}

impl Path {
    /// The tab Catalog with the models of one owner.
    #[must_use]
    pub fn models_of(owner: &str) -> Self {
        Self::Catalog(CatalogFilter {
            owner: owner.to_owned(),
            ..CatalogFilter::default()
        })
    }

    /// Route preview of a ref with the default operation.
    #[must_use]
    pub fn preview(model_ref: &str) -> Self {
        Self::Preview {
            model_ref: model_ref.to_owned(),
            operation: Operation::default(),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Models => out.write_str("/models"),
            Self::Gateways => out.write_str("/models/gateways"),
            Self::Sources => out.write_str("/models/sources"),
            Self::NewSource => out.write_str("/models/sources/new"),
            Self::Source(slug) => write!(out, "/models/sources/{}", Encoded(slug)),
            Self::Direct => out.write_str("/models/direct"),
            Self::Catalog(filter) => {
                out.write_str("/models/catalog")?;
                query(
                    out,
                    &[
                        ("owner", &filter.owner),
                        ("q", &filter.query),
                        ("state", &filter.state),
                    ],
                )
            }
            Self::Preview {
                model_ref,
                operation,
            } => {
                out.write_str("/preview")?;
                let operation = if *operation == Operation::default() {
                    ""
                } else {
                    operation.name()
                };
                query(out, &[("ref", model_ref), ("operation", operation)])
            }
            Self::Settings => out.write_str("/settings"),
            Self::SignIn => out.write_str("/sign-in"),
        }
    }
}

/// Writes the pairs that have a value as a query.
fn query(out: &mut fmt::Formatter<'_>, pairs: &[(&str, &str)]) -> fmt::Result {
    let mut separator = '?';
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        write!(out, "{separator}{name}={}", Encoded(value))?;
        separator = '&';
    }
    Ok(())
}

/// Writes a text percent-encoded, so that it is one segment of a path or one value of a query.
pub struct Encoded<'a>(pub &'a str);

impl fmt::Display for Encoded<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                out.write_char(char::from(byte))?;
            } else {
                write!(out, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_written_as_documented() {
        let filter = CatalogFilter {
            owner: "openrouter".to_owned(),
            query: "kimi k2".to_owned(),
            state: "disabled".to_owned(),
        };
        let table = [
            (Path::Models, "/models"),
            (Path::Gateways, "/models/gateways"),
            (Path::Sources, "/models/sources"),
            (Path::NewSource, "/models/sources/new"),
            (Path::Source("local".to_owned()), "/models/sources/local"),
            (Path::Direct, "/models/direct"),
            (Path::Catalog(CatalogFilter::default()), "/models/catalog"),
            (
                Path::Catalog(filter),
                "/models/catalog?owner=openrouter&q=kimi%20k2&state=disabled",
            ),
            (Path::preview(""), "/preview"),
            (
                Path::Preview {
                    model_ref: "openrouter/a&b".to_owned(),
                    operation: Operation::Messages,
                },
                "/preview?ref=openrouter%2Fa%26b&operation=messages",
            ),
            (Path::Settings, "/settings"),
            (Path::SignIn, "/sign-in"),
        ];
        for (path, address) in table {
            assert_eq!(path.to_string(), address);
        }
    }

    #[test]
    fn a_slug_stays_one_segment() {
        assert_eq!(
            Path::Source("a/b?c#d%é".to_owned()).to_string(),
            "/models/sources/a%2Fb%3Fc%23d%25%C3%A9"
        );
    }
}
