//! The base URLs of well-known APIs, to recognise addresses that are nearly theirs.

use super::{BaseUrl, azure};

/// A well-known API.
pub(super) struct Known {
    /// Its base URL without `https://`.
    pub(super) base: &'static str,
    /// The hosts of its documentation and console.
    sites: &'static [&'static str],
}

const fn api(base: &'static str, sites: &'static [&'static str]) -> Known {
    Known { base, sites }
}

pub(super) const KNOWN: [Known; 19] = [
    api(
        "api.openai.com/v1",
        &["platform.openai.com", "developers.openai.com"],
    ),
    api(
        "api.anthropic.com/v1",
        &[
            "console.anthropic.com",
            "docs.anthropic.com",
            "docs.claude.com",
            "platform.claude.com",
        ],
    ),
    api(
        "generativelanguage.googleapis.com/v1beta/openai",
        &["ai.google.dev", "aistudio.google.com"],
    ),
    api("openrouter.ai/api/v1", &[]),
    api("api.groq.com/openai/v1", &["console.groq.com"]),
    api(
        "api.mistral.ai/v1",
        &["console.mistral.ai", "docs.mistral.ai"],
    ),
    api(
        "api.deepseek.com",
        &["api-docs.deepseek.com", "platform.deepseek.com"],
    ),
    api("api.x.ai/v1", &["console.x.ai", "docs.x.ai"]),
    api(
        "api.together.xyz/v1",
        &["docs.together.ai", "api.together.ai"],
    ),
    api(
        "api.fireworks.ai/inference/v1",
        &["app.fireworks.ai", "docs.fireworks.ai"],
    ),
    api("api.deepinfra.com/v1/openai", &["deepinfra.com"]),
    api(
        "api.cerebras.ai/v1",
        &["cloud.cerebras.ai", "inference-docs.cerebras.ai"],
    ),
    api(
        "api.hyperbolic.xyz/v1",
        &["app.hyperbolic.xyz", "docs.hyperbolic.xyz"],
    ),
    api("api.moonshot.cn/v1", &["platform.moonshot.cn"]),
    api("integrate.api.nvidia.com/v1", &["build.nvidia.com"]),
    api(
        "api.cohere.ai/compatibility/v1",
        &["dashboard.cohere.com", "docs.cohere.com"],
    ),
    api("api.perplexity.ai", &["docs.perplexity.ai"]),
    api(
        "api.portkey.ai/v1",
        &["app.portkey.ai", "docs.portkey.ai", "portkey.ai"],
    ),
    api("router.huggingface.co/v1", &["huggingface.co"]),
];

/// Servers that people run themselves, by their usual port: Ollama and LM Studio.
const LOCAL_PORTS: [u16; 2] = [11434, 1234];

/// The API that a site documents.
pub(super) fn by_site(host: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.sites.contains(&host))
}

/// The base URL of a well-known API that a valid one with another path on the same host is
/// probably meant to be.
pub(super) fn correction(url: &BaseUrl) -> Option<String> {
    if let Some(base) = azure::base_of(url) {
        return Some(base);
    }
    let path = url.path();
    let is_short = matches!(path, "" | "/v1" | "/api" | "/openai");
    let host = url.host();
    let with = |wanted: &str| {
        let unfinished = path.is_empty() || wanted.starts_with(&[path, "/"].concat());
        ((is_short || unfinished) && path != wanted).then(|| [url.origin_str(), wanted].concat())
    };
    if host.starts_with("bedrock-runtime.") && host.ends_with(".amazonaws.com") {
        return with("/openai/v1");
    }
    if host == "gateway.ai.cloudflare.com" {
        // /v1/{account}/{gateway}/compat
        let parts = path.split('/').count();
        return (parts == 4).then(|| [url.as_str(), "/compat"].concat());
    }
    if LOCAL_PORTS.contains(&url.port()) {
        return with("/v1").filter(|_| path != "/openai");
    }
    let known = KNOWN.iter().find_map(|known| {
        let (name, rest) = known
            .base
            .split_at(known.base.find('/').unwrap_or(known.base.len()));
        (name == host).then_some(rest)
    })?;
    // Where the base URL has no path, any path may be right.
    (!known.is_empty()).then(|| with(known)).flatten()
}

/// The header that a well-known API takes its key in, where that is not `Authorization`.
pub(super) fn auth_header(url: &BaseUrl) -> Option<&'static str> {
    match url.host() {
        _ if azure::is_azure(url) => Some(azure::AUTH_HEADER),
        "api.anthropic.com" => Some("x-api-key"),
        "api.portkey.ai" => Some("x-portkey-api-key"),
        _ => None,
    }
}
