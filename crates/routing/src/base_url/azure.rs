//! Addresses of Azure OpenAI, which people paste in many forms.

use super::BaseUrl;

/// The endings of the hosts of Azure's resources, in its public and its sovereign clouds.
const HOSTS: [&str; 8] = [
    ".openai.azure.com",
    ".openai.azure.us",
    ".openai.azure.cn",
    ".cognitiveservices.azure.com",
    ".cognitiveservices.azure.us",
    ".cognitiveservices.azure.cn",
    ".services.ai.azure.com",
    ".services.ai.azure.us",
];

/// The path of the API that Azure serves in OpenAI's form.
const PATH: &str = "/openai/v1";

/// The header that Azure takes its keys in.
pub(super) const AUTH_HEADER: &str = "api-key";

/// Whether a base URL is one of Azure OpenAI: by its host, or by the path of a deployment, which a
/// gateway in front of Azure keeps.
pub(super) fn is_azure(url: &BaseUrl) -> bool {
    HOSTS.iter().any(|ending| url.host().ends_with(ending)) || deployment(url).is_some()
}

/// Where a path with a deployment has its `/openai`.
fn deployment(url: &BaseUrl) -> Option<usize> {
    url.path().find("/openai/deployments/")
}

/// The base URL of the API that a form of an Azure address means; `None` for other addresses and
/// for that base URL itself.
pub(super) fn base_of(url: &BaseUrl) -> Option<String> {
    if !is_azure(url) {
        return None;
    }
    let before = deployment(url).map_or("", |at| &url.path()[..at]);
    let base = [url.origin_str(), before, PATH].concat();
    (base != url.as_str()).then_some(base)
}
