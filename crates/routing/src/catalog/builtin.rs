//! The built-in layer.

use super::{Layer, ProviderEntry, ProviderKind};
use std::collections::BTreeMap;

/// The providers that Waypost knows without being told.
#[must_use]
pub fn builtin() -> Vec<ProviderEntry> {
    let entry = |name: &str, kind, base_url: &str, api_key_env: &str| ProviderEntry {
        name: name.to_owned(),
        kind,
        layer: Layer::Builtin,
        base_url: base_url.to_owned(),
        api_key_env: Some(api_key_env.to_owned()),
        default_headers: BTreeMap::new(),
        docs: None,
        notable_models: Vec::new(),
    };
    let gateway = ProviderKind::Gateway;
    let direct = ProviderKind::OpenaiCompatible;
    let mut openrouter = entry(
        "openrouter",
        gateway,
        "https://openrouter.ai/api/v1",
        "OPENROUTER_API_KEY",
    );
    openrouter.docs = Some("https://openrouter.ai/models".to_owned());
    openrouter.default_headers = BTreeMap::from([
        (
            "HTTP-Referer".to_owned(),
            "https://waypost.example".to_owned(),
        ),
        ("X-Title".to_owned(), "Waypost".to_owned()),
    ]);
    let mut litellm = entry(
        "litellm",
        gateway,
        "http://localhost:4000",
        "LITELLM_MASTER_KEY",
    );
    litellm.docs = Some("https://docs.litellm.ai".to_owned());
    litellm.notable_models = [
        "openai/gpt-4o",
        "anthropic/claude-sonnet-4-6",
        "gemini/gemini-2.5-pro",
        "gemini/gemini-2.5-flash",
    ]
    .map(str::to_owned)
    .to_vec();
    let mut nvidia = entry(
        "nvidia",
        direct,
        "https://integrate.api.nvidia.com/v1",
        "NVIDIA_API_KEY",
    );
    nvidia.docs = Some("https://build.nvidia.com/models".to_owned());
    let mut moonshot = entry(
        "moonshot",
        direct,
        "https://api.moonshot.cn/v1",
        "MOONSHOT_API_KEY",
    );
    moonshot.notable_models = ["moonshot-v1-128k", "kimi-k2-instruct"]
        .map(str::to_owned)
        .to_vec();
    vec![
        openrouter,
        litellm,
        nvidia,
        moonshot,
        entry(
            "groq",
            direct,
            "https://api.groq.com/openai/v1",
            "GROQ_API_KEY",
        ),
        entry(
            "together",
            direct,
            "https://api.together.xyz/v1",
            "TOGETHER_API_KEY",
        ),
        entry(
            "fireworks",
            direct,
            "https://api.fireworks.ai/inference/v1",
            "FIREWORKS_API_KEY",
        ),
        entry(
            "deepinfra",
            direct,
            "https://api.deepinfra.com/v1/openai",
            "DEEPINFRA_API_KEY",
        ),
        entry(
            "cerebras",
            direct,
            "https://api.cerebras.ai/v1",
            "CEREBRAS_API_KEY",
        ),
        entry(
            "hyperbolic",
            direct,
            "https://api.hyperbolic.xyz/v1",
            "HYPERBOLIC_API_KEY",
        ),
    ]
}
