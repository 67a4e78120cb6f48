//! The sources that an agent document brings along for use without a server.

use super::reader::{Fields, Reader, join};
use crate::catalog::check_file_name;
use crate::codes;
use crate::document::read_passed;
use crate::header;
use crate::problem::Severity;
use crate::source::{SourceEntry, SourceHeader};
use crate::time_limits::TimeLimits;
use crate::yaml::{Mapping, Node, Value};

/// A custom source of the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalSource {
    /// What routing knows of it. Its headers have values, because they are written here.
    pub entry: SourceEntry,
    /// Whether it has an auth value.
    pub has_key: bool,
}

const FIELDS: Fields = Fields {
    known: &[
        "name",
        "base_url",
        "auth_header",
        "headers",
        "pass_headers",
        "passthrough",
        "has_key",
    ],
    unknown: Severity::Warning,
    secret: Some((
        codes::INLINE_SECRET_IGNORED,
        "This value is ignored. Don't put secrets in agent files. Remove it, and write `has_key: true` instead.",
    )),
};

/// Reads the sources. A list of something is the agent's own affair.
pub(super) fn read(reader: &mut Reader, value: Option<&Node>) -> Vec<LocalSource> {
    let mut sources = Vec::new();
    let Some(value) = value.filter(|value| !value.is_null()) else {
        return sources;
    };
    if matches!(value.value(), Value::Sequence(_)) {
        reader.warn(
            "sources",
            codes::UNKNOWN_FIELD,
            "Ignored: a list of sources has no slugs. Write a mapping of slugs to sources.",
            value.position(),
        );
        return sources;
    }
    let wanted = "a mapping of slugs to sources";
    let Some(block) = reader.mapping("sources", wanted, value) else {
        return sources;
    };
    reader.check_repeated_names("sources", block);
    for (key, value) in block.iter() {
        let path = join("sources", &key.label());
        let Some(slug) = reader.text(&path, codes::INVALID_NAME, key) else {
            continue;
        };
        if let Err(error) = check_file_name(slug) {
            reader.error(&path, error.code(), error.message(), key.position());
        }
        let wanted = "a mapping with `base_url`";
        if let Some(fields) = reader.mapping(&path, wanted, value) {
            sources.push(read_one(reader, &path, slug, fields));
        }
    }
    sources
}

fn read_one(reader: &mut Reader, path: &str, slug: &str, fields: &Mapping) -> LocalSource {
    reader.check_fields(path, fields, &FIELDS);
    let at = |name: &str| join(path, name);
    let field = |name: &str| fields.get(name).filter(|value| !value.is_null());
    let name = field("name")
        .and_then(|value| reader.filled(&at("name"), codes::INVALID_FIELD, value))
        .unwrap_or(slug)
        .to_owned();
    let base_url = field("base_url")
        .and_then(|value| reader.base_url(&at("base_url"), value))
        .unwrap_or_default();
    let auth_header =
        field("auth_header").and_then(|value| auth_header(reader, &at("auth_header"), value));
    let headers = field("headers")
        .map(|value| reader.headers(&at("headers"), value))
        .unwrap_or_default();
    let pass_headers = field("pass_headers").map(|value| {
        read_passed(value, auth_header.as_deref()).unwrap_or_else(|fault| {
            let path = at("pass_headers");
            reader.error(&path, fault.code, fault.message, fault.position);
            Vec::new()
        })
    });
    let mut flag = |name: &str| {
        let value = field(name)?;
        reader.bool(&at(name), value)
    };
    LocalSource {
        has_key: flag("has_key").unwrap_or(false),
        entry: SourceEntry {
            slug: slug.to_owned(),
            name,
            base_url,
            auth_header,
            headers: headers
                .into_iter()
                .map(|(name, value)| SourceHeader {
                    name,
                    value: Some(value),
                })
                .collect(),
            // How long a request may take is the server's to say.
            limits: TimeLimits::default(),
            pass_headers: pass_headers.unwrap_or_default(),
            passthrough: flag("passthrough").unwrap_or(false),
        },
    }
}

/// The auth header's name; a blank one stands for the usual `Authorization`.
fn auth_header(reader: &mut Reader, path: &str, value: &Node) -> Option<String> {
    let name = reader.text(path, codes::INVALID_HEADER, value)?.trim();
    if name.is_empty() {
        return None;
    }
    if let Err(error) = header::check_name(name) {
        reader.error(path, error.code(), error.message(), value.position());
        return None;
    }
    Some(name.to_owned())
}
