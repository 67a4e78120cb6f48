//! Every code and reason of this crate, with its meaning.
//!
//! Codes are stable, because scripts and the dashboard compare them; messages may change.
//! `docs/codes.md` shows this table, and a test keeps the two equal.

/// The kind of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CodeKind {
    /// A ref, a document, an entry or a value is rejected.
    Error,
    /// Something is accepted that an administrator should know about.
    Warning,
    /// Why a rule took a request or not, in the trace of a resolution.
    Reason,
}

/// One code with its meaning.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    /// The code itself.
    pub code: &'static str,
    /// Its kind.
    pub kind: CodeKind,
    /// Its meaning in one sentence.
    pub meaning: &'static str,
}

/// Declares the constants and the table from one list, so that neither can miss a code.
macro_rules! codes {
    ($($kind:ident $name:ident = $code:literal: $meaning:literal;)*) => {
        $(#[doc = $meaning] pub const $name: &str = $code;)*

        /// Every code, grouped by kind.
        pub const ALL: &[Code] = &[
            $(Code { code: $name, kind: CodeKind::$kind, meaning: $meaning },)*
        ];
    };
}

codes! {
    // Model refs.
    Error EMPTY = "empty": "The ref has no text.";
    Error EMPTY_SEGMENT = "empty_segment": "A part of the ref between two slashes, or at an end, is empty.";
    Error INVALID_SEGMENT = "invalid_segment": "A part of the ref begins or ends with white space or contains a control character.";
    Error TOO_LONG = "too_long": "The ref is longer than 512 bytes.";

    // Base URLs.
    Error MISSING_BASE_URL = "missing_base_url": "No base URL is given.";
    Error INVALID_BASE_URL = "invalid_base_url": "The base URL is not an http(s) URL that every parser reads alike.";
    Error CREDENTIALS_IN_URL = "credentials_in_url": "The base URL contains a user name or password.";
    Error BASE_URL_IS_ENDPOINT = "base_url_is_endpoint": "The base URL ends in a path that an operation adds itself.";

    Error BASE_URL_IS_PAGE = "base_url_is_page": "The base URL is the address of a web page, such as a provider's documentation.";

    // Names and headers.
    Error INVALID_NAME = "invalid_name": "A provider name has characters or a length that refs cannot use.";
    Error INVALID_HEADER = "invalid_header": "A header has a forbidden name, or a name or value with characters that HTTP does not allow.";
    Error INVALID_HEADERS = "invalid_headers": "The headers are not a mapping of strings, are too many, or have a duplicate name.";
    Error INVALID_SECRET_VALUE = "invalid_secret_value": "A key or auth value is empty, too long, or has characters that a header cannot carry.";
    Error SUSPICIOUS_SECRET_VALUE = "suspicious_secret_value": "A key or auth value could be sent but looks like something else, such as a mask or a placeholder; `accept_suspicious` saves it anyway.";

    // The providers file. Those of the whole file come first.
    Error YAML_SYNTAX = "yaml_syntax": "The text is not a single YAML 1.2 document, or is too large or nested too deeply.";
    Error NOT_UTF8 = "not_utf8": "The file is not UTF-8 text.";
    Error UNREADABLE = "unreadable": "The file cannot be read, or is too large.";
    Error NOT_A_MAPPING = "not_a_mapping": "The document is not a mapping of keys to values.";
    Error INVALID_VERSION = "invalid_version": "The `version` of the providers file is not a whole number.";
    Error INVALID_PROVIDERS = "invalid_providers": "The `providers` field of the providers file is not a mapping of names to entries.";
    Error INVALID_TYPE = "invalid_type": "The `type` of an entry is neither `gateway` nor `openai_compatible`.";
    Error MISSING_API_KEY_ENV = "missing_api_key_env": "An entry does not name the environment variable of its key.";
    Error INVALID_API_KEY_ENV = "invalid_api_key_env": "The `api_key_env` is not the name of an environment variable.";
    Error INVALID_LIMITS = "invalid_limits": "The `limits` of an entry are not whole numbers of seconds within their bounds.";
    Error INVALID_DOCS = "invalid_docs": "The `docs` field of an entry is not an http(s) URL.";
    Error INVALID_NOTABLE_MODELS = "invalid_notable_models": "The `notable_models` field of an entry is not a list of model names.";
    Error INVALID_SOURCE = "invalid_source": "The `source` field of an entry is not a layer of the catalog.";
    Error DUPLICATE_ENTRY = "duplicate_entry": "Two providers have the same name.";
    Error NAME_TAKEN = "name_taken": "A custom source has the entry's name.";
    Warning INLINE_SECRET_IGNORED = "inline_secret_ignored": "The file contains a key. It is neither used nor shown.";
    Warning UNKNOWN_FIELD = "unknown_field": "An unknown field. It is ignored.";
    Warning UNEXPANDED_VARIABLE = "unexpanded_variable": "The value contains `${…}` or `{{ … }}`, which Waypost does not expand.";

    // Agent documents.
    Error MISSING_NAME = "missing_name": "An agent has no name.";
    Error INVALID_FIELD = "invalid_field": "A field of an agent document is missing or has a value of the wrong kind.";
    Error DUPLICATE_FIELD = "duplicate_field": "A key of an agent document occurs twice in the same mapping.";
    Error INLINE_SECRET = "inline_secret": "The agent document contains a key, where only the name of its environment variable belongs.";
    Error INVALID_FALLBACK_POLICY = "invalid_fallback_policy": "The `fallback_policy` is not one of `fastest`, `cheapest` and `first`.";
    Error INVALID_ALIAS = "invalid_alias": "A subagent's alias cannot be part of its scoped model string.";
    Warning UNKNOWN_GATEWAY = "unknown_gateway": "An agent overrides a gateway that is not in the catalog.";
    Warning NOT_A_GATEWAY = "not_a_gateway": "An agent overrides a direct provider; only gateways can be overridden.";

    // Refused routes.
    Error NO_MODEL = "no_model": "No model is given and the organisation has no default model.";
    Error MISSING_API_KEY = "missing_api_key": "No credential place has a key of the provider for this origin.";
    Error ENV_NOT_ALLOWED = "env_not_allowed": "The key's environment variable may not be sent to this origin: neither the built-in catalog nor the providers file gives it that use, and no `--env-keys` grants it.";
    Error ENV_UNUSABLE = "env_unusable": "The key's environment variable has a value that is not a key, such as a mask or a placeholder.";
    Error MODEL_NOT_ALLOWED = "model_not_allowed": "The agent's `allow` list has no entry for the ref.";
    Error MODEL_DISABLED = "model_disabled": "An administrator disabled the model.";
    Error MODEL_IS_PATTERN = "model_is_pattern": "The ref names a pattern, such as `openai/*`, in place of one model. A warning when an agent is saved.";
    Error CREDENTIAL_ORIGIN_MISMATCH = "credential_origin_mismatch": "The secrets of a source were entered for another origin than the request would go to.";
    Error UNKNOWN_SOURCE = "unknown_source": "A passthrough model names a custom source that does not exist.";
    Error PASSTHROUGH_NEEDS_BASE_URL = "passthrough_needs_base_url": "Neither the agent nor its source says where a passthrough request goes.";
    Error UNKNOWN_MANAGED_GATEWAY = "unknown_managed_gateway": "The managed gateway's name is not in the catalog.";
    Error MANAGED_NOT_A_GATEWAY = "managed_not_a_gateway": "The managed gateway's name belongs to a direct provider.";
    Error DOWN = "down": "A scenario takes the provider or source down. Occurs only in scenarios.";

    // Warnings of a route.
    Warning DID_YOU_MEAN = "did_you_mean": "The name differs from a known one only by case or a typo; the suggestion is the corrected ref.";
    Warning OPENROUTER_ROUTER_ID = "openrouter_router_id": "OpenRouter's own routers have ids that begin with `openrouter/`; the suggestion is the corrected ref.";
    Warning MODEL_ABSENT = "model_absent": "The last successful refresh no longer listed the model.";
    Warning MANAGED_MUST_KNOW_MODEL = "managed_must_know_model": "The source has no passthrough, so the managed gateway must know the model.";
    Warning SECRETS_UNAVAILABLE = "secrets_unavailable": "The secrets backend is not responding, so it is unknown whether there is a credential.";
    Warning KEY_TO_OVERRIDDEN_ORIGIN = "key_to_overridden_origin": "A key from the environment goes to an origin that an agent, the environment or a file set in place of the provider's own.";
    Warning AGENT_KEY_SHADOWS_ENV = "agent_key_shadows_env": "The agent has its own stored key for the gateway, so the variable that its document names is not used.";
    Warning HEADER_SHADOWED = "header_shadowed": "A static header is not sent because the credential's header has the same name.";

    Warning PRIVATE_ORIGIN_NOT_GRANTED = "private_origin_not_granted": "An agent's own base URL is a private address that no administrator allowed, so a forwarded request is answered with `address_not_allowed`.";
    Warning NO_SOURCE = "no_source": "A passthrough model has a base URL and no source, so no credential is sent.";
    Warning UNKNOWN_SUBAGENT = "unknown_subagent": "The scope of the model string names no subagent of the agent and is removed.";

    // What the rules say in the trace.
    Reason NO_PASSTHROUGH_MODEL = "no_passthrough_model": "There is no agent, or it has no passthrough model.";
    Reason NOT_A_PASSTHROUGH_MODEL = "not_a_passthrough_model": "The model string is not exactly that of a passthrough model of the agent.";
    Reason PASSTHROUGH_AGENT = "passthrough_agent": "The model string is exactly that of the agent's own passthrough model.";
    Reason PASSTHROUGH_SUBAGENT = "passthrough_subagent": "The model string is exactly the scoped string of a subagent's passthrough model.";
    Reason NO_MODEL_GIVEN = "no_model_given": "There is no model string.";
    Reason MALFORMED_REF = "malformed_ref": "The ref is malformed; the error says where.";
    Reason NAME_BLOCKED = "name_blocked": "An invalid entry in the providers file blocks the name.";
    Reason SINGLE_SEGMENT = "single_segment": "The ref has no `/`, so it names no provider or source.";
    Reason NAMES_GATEWAY = "names_gateway": "The ref names a gateway, followed by an upstream.";
    Reason NAMES_GATEWAY_LEGACY = "names_gateway_legacy": "The ref names a gateway; the rest names no upstream and is sent unchanged.";
    Reason NAMES_DIRECT_PROVIDER = "names_direct_provider": "The ref names a direct provider.";
    Reason NAMES_PASSTHROUGH_SOURCE = "names_passthrough_source": "The ref names a custom source with passthrough.";
    Reason NAMES_MANAGED_SOURCE = "names_managed_source": "The ref names a custom source without passthrough.";
    Reason UNKNOWN_NAME = "unknown_name": "The ref names nothing that this rule matches.";
    Reason NOTHING_ELSE_HELD = "nothing_else_held": "No other rule matched, so the managed gateway does.";
    Reason NO_MANAGED_GATEWAY = "no_managed_gateway": "No other rule matched, and the managed gateway cannot take it.";
    Reason NOT_REACHED = "not_reached": "An earlier rule decided.";
}
