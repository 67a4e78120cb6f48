//! Names before a key: those of headers and variables, as configurations and commands have them.

use crate::catalog::check_variable_name;

/// What may stand before the name.
const COMMANDS: [&str; 9] = [
    "export ",
    "setx ",
    "set ",
    "$env:",
    "--header ",
    "-H ",
    "--env ",
    "-e ",
    "ENV ",
];

/// Names of headers and fields that carry a key, in lower case.
const NAMES: [&str; 22] = [
    "access_token",
    "api-key",
    "api_key",
    "apikey",
    "auth_token",
    "auth_value",
    "authorization",
    "bearer_token",
    "cf-aig-authorization",
    "helicone-auth",
    "key",
    "master_key",
    "ocp-apim-subscription-key",
    "proxy-authorization",
    "secret",
    "token",
    "x-api-key",
    "x-auth-token",
    "x-goog-api-key",
    "x-litellm-api-key",
    "x-portkey-api-key",
    "xi-api-key",
];

/// What follows the name of a header or variable and its `:` or `=`.
pub(super) fn after_name(text: &str) -> Option<&str> {
    let command = COMMANDS
        .iter()
        .find_map(|command| text.strip_prefix(command));
    let text = command.unwrap_or(text).trim_start();
    if command.is_some() && text.starts_with(['"', '\'']) {
        // `-H "x-api-key: …"`: what is in the quotes is looked at next.
        return Some(text);
    }
    let end = text.find([':', '='])?;
    let (name, rest) = text.split_at(end);
    let name = name.trim().trim_matches(['"', '\'']);
    let rest = rest[1..].trim();
    // The padding of base64 ends in the same character.
    if rest.trim_matches('=').is_empty() {
        return None;
    }
    let is_listed = NAMES.iter().any(|known| known.eq_ignore_ascii_case(name));
    // `FAL_KEY` is a name; `abc` before a colon may be the first half of a key.
    let is_variable = check_variable_name(name)
        && (command.is_some() || name.contains('_'))
        && !name.bytes().any(|byte| byte.is_ascii_lowercase());
    (is_listed || is_variable).then_some(rest)
}
