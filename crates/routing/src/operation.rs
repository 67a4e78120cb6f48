//! The operations a request can ask of a provider, and the path each one adds to a base URL.

use serde::{Deserialize, Serialize};

/// What a request asks for. On the wire it is the name the command line takes (`chat`, …).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// OpenAI chat completions: `POST {base}/chat/completions`.
    #[default]
    Chat,
    /// Anthropic Messages: `POST {base without one trailing /v<digits>}/v1/messages`.
    Messages,
    /// Anthropic token counting: `POST …/v1/messages/count_tokens`, joined as `Messages` is.
    CountTokens,
    /// The model list: `GET {base}/models`.
    Models,
    /// OpenAI responses: `POST {base}/responses`.
    Responses,
    /// OpenAI embeddings: `POST {base}/embeddings`.
    Embeddings,
    /// OpenAI's older text completions: `POST {base}/completions`.
    Completions,
    /// OpenAI moderations: `POST {base}/moderations`.
    Moderations,
    /// Reranking, as Cohere, Jina and vLLM have it: `POST {base}/rerank`.
    Rerank,
    /// OpenAI image generation: `POST {base}/images/generations`.
    Images,
    /// OpenAI speech, which answers with audio: `POST {base}/audio/speech`.
    Speech,
}

impl Operation {
    /// Every operation, in the order in which a chooser lists them.
    pub const ALL: [Self; 11] = [
        Self::Chat,
        Self::Messages,
        Self::CountTokens,
        Self::Models,
        Self::Responses,
        Self::Embeddings,
        Self::Completions,
        Self::Moderations,
        Self::Rerank,
        Self::Images,
        Self::Speech,
    ];

    /// The name used by the API, the command line and page addresses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Messages => "messages",
            Self::CountTokens => "count_tokens",
            Self::Models => "models",
            Self::Responses => "responses",
            Self::Embeddings => "embeddings",
            Self::Completions => "completions",
            Self::Moderations => "moderations",
            Self::Rerank => "rerank",
            Self::Images => "images",
            Self::Speech => "speech",
        }
    }

    /// The inverse of [`Operation::name`]; `None` for a name no operation has.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|operation| operation.name() == name)
    }

    /// What a person reads in a chooser.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Chat => "Chat completions",
            Self::Messages => "Anthropic Messages",
            Self::CountTokens => "Anthropic token count",
            Self::Models => "Model list",
            Self::Responses => "Responses",
            Self::Embeddings => "Embeddings",
            Self::Completions => "Text completions",
            Self::Moderations => "Moderations",
            Self::Rerank => "Rerank",
            Self::Images => "Image generation",
            Self::Speech => "Speech",
        }
    }

    /// The HTTP method the operation is sent with.
    #[must_use]
    pub fn method(self) -> &'static str {
        match self {
            Self::Models => "GET",
            _ => "POST",
        }
    }

    /// The path the operation adds, beginning with `/`.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Chat => "/chat/completions",
            Self::Messages => "/v1/messages",
            Self::CountTokens => "/v1/messages/count_tokens",
            Self::Models => "/models",
            Self::Responses => "/responses",
            Self::Embeddings => "/embeddings",
            Self::Completions => "/completions",
            Self::Moderations => "/moderations",
            Self::Rerank => "/rerank",
            Self::Images => "/images/generations",
            Self::Speech => "/audio/speech",
        }
    }

    /// Whether the operation is Anthropic's, so that a trailing version of the base is cut first.
    #[must_use]
    pub fn is_anthropic(self) -> bool {
        matches!(self, Self::Messages | Self::CountTokens)
    }
}
