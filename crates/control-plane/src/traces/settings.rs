//! Where traces go, as OpenTelemetry's variables say.

use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use waypost_routing::base_url::BaseUrl;

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const TRACES_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const HEADERS: &str = "OTEL_EXPORTER_OTLP_HEADERS";
const TRACES_HEADERS: &str = "OTEL_EXPORTER_OTLP_TRACES_HEADERS";
const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
const TRACES_PROTOCOL: &str = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL";
const DISABLED: &str = "OTEL_SDK_DISABLED";
const SERVICE: &str = "OTEL_SERVICE_NAME";

/// Where traces go. It holds the credential of the collector, so that it cannot be printed.
pub struct TraceSettings {
    pub(super) endpoint: BaseUrl,
    pub(super) path: PathAndQuery,
    pub(super) headers: HeaderMap,
    pub(super) service: String,
}

impl TraceSettings {
    /// Reads the variables; `None` if they name no collector.
    ///
    /// # Errors
    /// If one of them cannot be used. The message names it and never repeats its value.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, String> {
        let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        if set(DISABLED).is_some_and(|text| text.trim().eq_ignore_ascii_case("true")) {
            return Ok(None);
        }
        // The first one is a whole address, to the second the path is added.
        let (name, base, suffix) = match (set(TRACES_ENDPOINT), set(ENDPOINT)) {
            (Some(whole), _) => (TRACES_ENDPOINT, whole, ""),
            (None, Some(base)) => (ENDPOINT, base, "/v1/traces"),
            (None, None) => return Ok(None),
        };
        let protocol = [TRACES_PROTOCOL, PROTOCOL]
            .into_iter()
            .find_map(|name| Some((name, set(name)?)));
        if let Some((name, _)) = protocol.filter(|(_, protocol)| protocol.trim() != "http/json") {
            return Err(format!(
                "{name} is not http/json, which is all that Waypost speaks. Use that and the collector's HTTP port (4318)"
            ));
        }
        let endpoint = BaseUrl::parse(base.trim().trim_end_matches('/'))
            .map_err(|_| format!("{name} is not an http(s) URL, such as http://127.0.0.1:4318"))?;
        let path = format!("{}{suffix}", endpoint.path());
        let path = match path.is_empty() {
            true => "/".to_owned(),
            false => path,
        };
        let path = path
            .parse()
            .map_err(|_| format!("{name} has an invalid path"))?;
        Ok(Some(Self {
            endpoint,
            path,
            headers: match set(TRACES_HEADERS) {
                Some(text) => headers(TRACES_HEADERS, &text)?,
                None => headers(HEADERS, &set(HEADERS).unwrap_or_default())?,
            },
            service: set(SERVICE).unwrap_or_else(|| "waypost".to_owned()),
        }))
    }
}

/// Reads `name=value,name=value`, each value percent-encoded.
fn headers(variable: &str, text: &str) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for pair in text.split(',').filter(|pair| !pair.trim().is_empty()) {
        let read = || {
            let (name, value) = pair.split_once('=')?;
            let name = HeaderName::from_bytes(name.trim().as_bytes()).ok()?;
            let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
            let mut value = HeaderValue::from_str(&value).ok()?;
            value.set_sensitive(true);
            Some((name, value))
        };
        let (name, value) = read()
            .ok_or_else(|| format!("{variable} is not a list such as name=value,name=value"))?;
        headers.insert(name, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Option<TraceSettings>, String> {
        TraceSettings::read(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn without_an_endpoint_nothing_is_sent() {
        assert!(read(&[]).unwrap().is_none());
        let off = [(ENDPOINT, "http://a.example"), (DISABLED, "true")];
        assert!(read(&off).unwrap().is_none());
        assert!(
            read(&[(ENDPOINT, " "), (HEADERS, "a=b")])
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn the_variables_are_those_of_opentelemetry() {
        let settings = read(&[
            (ENDPOINT, "http://127.0.0.1:4318/"),
            (HEADERS, "authorization=Bearer%20x, x-scope = y"),
            (SERVICE, "gateway"),
            (PROTOCOL, "http/json"),
        ]);
        let settings = settings.unwrap().unwrap();
        assert_eq!(settings.endpoint.origin_str(), "http://127.0.0.1:4318");
        assert_eq!(settings.path.as_str(), "/v1/traces");
        assert_eq!(settings.headers["authorization"], "Bearer x");
        assert_eq!(settings.headers["x-scope"], "y");
        assert_eq!(settings.service, "gateway");
        let whole = read(&[
            (ENDPOINT, "http://a.example"),
            (TRACES_ENDPOINT, "https://b.example/otlp/traces"),
        ]);
        let whole = whole.unwrap().unwrap();
        assert_eq!(whole.endpoint.origin_str(), "https://b.example");
        assert_eq!(whole.path.as_str(), "/otlp/traces");
        let of_traces = read(&[
            (ENDPOINT, "http://a.example"),
            (HEADERS, "a=1"),
            (TRACES_HEADERS, "b=2"),
            (TRACES_PROTOCOL, "http/json"),
            (PROTOCOL, "grpc"),
        ]);
        let headers = of_traces.unwrap().unwrap().headers;
        assert_eq!(
            (headers.len(), &headers["b"]),
            (1, &HeaderValue::from_static("2"))
        );
    }

    #[test]
    fn an_error_names_the_variable_and_not_its_value() {
        for (name, value) in [
            (ENDPOINT, "collector:4318"),
            (HEADERS, "canary"),
            (HEADERS, "na me=canary"),
            (PROTOCOL, "grpc"),
            (PROTOCOL, "http/protobuf"),
            (TRACES_PROTOCOL, "canary"),
            (TRACES_HEADERS, "canary"),
        ] {
            let mut variables = vec![(name, value)];
            if name != ENDPOINT {
                variables.push((ENDPOINT, "http://127.0.0.1:4318"));
            }
            let error = read(&variables).err().unwrap();
            assert!(error.contains(name), "{error}");
            assert!(!error.contains("canary"), "{error}");
        }
    }
}
