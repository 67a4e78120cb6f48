//! Small line drawings for kinds, places and well-known providers. Decorative: the word beside each
//! says the same. They are this project's own marks, not the providers' logos.

use leptos::prelude::*;

/// What a drawing shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    /// The page Overview.
    Overview,
    /// The page Requests.
    Requests,
    /// Route preview.
    Preview,
    /// Activity.
    Activity,
    /// Settings.
    Settings,
    /// A gateway: one way in, several ways on.
    Gateway,
    /// A direct provider.
    Direct,
    /// A custom source.
    Source,
    /// A model, and the page Models.
    Model,
    /// An agent, and the page Agents.
    Agent,
    /// A key or token.
    Key,
    /// A session.
    Session,
    /// Waypost.
    Waypost,
    /// A provider with a mark that readers may know.
    Provider(Known),
}

/// A provider or kind of server that is recognised by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Anthropic.
    Anthropic,
    /// Azure.
    Azure,
    /// Cerebras.
    Cerebras,
    /// Cloudflare.
    Cloudflare,
    /// `DeepInfra`.
    Deepinfra,
    /// `DeepSeek`.
    Deepseek,
    /// Fireworks.
    Fireworks,
    /// Google.
    Google,
    /// Groq.
    Groq,
    /// Hyperbolic.
    Hyperbolic,
    /// `LiteLLM`.
    Litellm,
    /// Mistral.
    Mistral,
    /// Moonshot.
    Moonshot,
    /// Nvidia.
    Nvidia,
    /// Ollama.
    Ollama,
    /// `OpenAI`.
    Openai,
    /// `OpenRouter`.
    Openrouter,
    /// Portkey.
    Portkey,
    /// Together.
    Together,
    /// vLLM.
    Vllm,
}

/// The words in names and hosts that say which provider it is.
const KNOWN: &[(&str, Known)] = &[
    ("anthropic", Known::Anthropic),
    ("azure", Known::Azure),
    ("cerebras", Known::Cerebras),
    ("cloudflare", Known::Cloudflare),
    ("deepinfra", Known::Deepinfra),
    ("deepseek", Known::Deepseek),
    ("fireworks", Known::Fireworks),
    ("gemini", Known::Google),
    ("google", Known::Google),
    ("groq", Known::Groq),
    ("hyperbolic", Known::Hyperbolic),
    ("litellm", Known::Litellm),
    ("mistral", Known::Mistral),
    ("moonshot", Known::Moonshot),
    ("nvidia", Known::Nvidia),
    ("ollama", Known::Ollama),
    ("openai", Known::Openai),
    ("openrouter", Known::Openrouter),
    ("portkey", Known::Portkey),
    ("together", Known::Together),
    ("vllm", Known::Vllm),
];

impl Glyph {
    /// The mark of a provider or source by its name; `otherwise` for an unknown one. A word of the
    /// name is enough: `team-litellm` is a `LiteLLM`.
    #[must_use]
    pub fn of_name(name: &str, otherwise: Self) -> Self {
        let name = name.to_ascii_lowercase();
        name.split(|letter: char| !letter.is_ascii_alphanumeric())
            .find_map(|word| KNOWN.iter().find(|(known, _)| *known == word))
            .map_or(otherwise, |(_, known)| Self::Provider(*known))
    }

    /// The strokes, on a square of 16.
    const fn strokes(self) -> &'static str {
        match self {
            Self::Overview => {
                "M2.5 2.5h4.5v5.5h-4.5zM9.5 2.5h4v3h-4zM9.5 8h4v5.5h-4zM2.5 10.5h4.5v3h-4.5z"
            }
            Self::Requests => "M5 13V3M2.5 5.5 5 3l2.5 2.5M11 3v10M8.5 10.5 11 13l2.5-2.5",
            Self::Preview => {
                "M5 3.5h5a2.25 2.25 0 0 1 0 4.5H6a2.25 2.25 0 0 0 0 4.5h5M3.5 2a1.5 1.5 0 1 0 .01 0M12.5 11a1.5 1.5 0 1 0 .01 0"
            }
            Self::Activity => "M1.5 8.5h3l2-5.5 3 10 2-4.5h3",
            Self::Settings => {
                "M2 4.5h7M13 4.5h1M2 11.5h1M7 11.5h7M11 2.5a2 2 0 1 0 .01 0M5 9.5a2 2 0 1 0 .01 0"
            }
            Self::Gateway => {
                "M1.5 8H6c3 0 2.5-4 5-4M6 8c3 0 2.5 4 5 4M12.5 2.5a1.5 1.5 0 1 0 .01 0M12.5 10.5a1.5 1.5 0 1 0 .01 0"
            }
            Self::Direct => "M2 8h11M9.5 4.5 13 8l-3.5 3.5",
            Self::Source => "M2.5 2.5h11V7h-11zM2.5 9h11v4.5h-11zM5 4.75h.01M5 11.25h.01",
            Self::Model => "M8 1.8 13.5 5v6L8 14.2 2.5 11V5zM2.5 5 8 8.2 13.5 5M8 8.2v6",
            Self::Agent => {
                "M3 6h10v7.5H3zM8 6V3.5M6 9.5v.8M10 9.5v.8M8 1.5a1 1 0 1 0 .01 0M1 9v2M15 9v2"
            }
            Self::Key => "M5 7.5a3 3 0 1 0 .01 0M7.3 8.5 13.5 2.3M11 4.8l2 2",
            Self::Session => "M8 2.3a2.7 2.7 0 1 0 .01 0M2.8 13.7a5.2 5.2 0 0 1 10.4 0",
            Self::Waypost => "M8 1.5v13M3 2.5h7.5L13 4.5l-2.5 2H3zM13 8.5H6l-2.5 2 2.5 2h7z",
            Self::Provider(known) => known.strokes(),
        }
    }
}

impl Known {
    const fn strokes(self) -> &'static str {
        match self {
            Self::Anthropic => "M2.5 13.5 8 2.5l5.5 11M4.8 9.5h6.4",
            Self::Azure => "M8 2 2.5 13.5H6L8 9l2 4.5h3.5z",
            Self::Cerebras => "M13 4.5a6 6 0 1 0 0 7M10.8 6a3.5 3.5 0 1 0 0 4M8 8h.01",
            Self::Cloudflare => "M4.5 12.5a2.7 2.7 0 0 1 0-5.4 3.6 3.6 0 0 1 7-.6 3 3 0 0 1 0 6z",
            Self::Deepinfra => "M2.5 3.5h11M4 6.5h8M5.5 9.5h5M7 12.5h2",
            Self::Deepseek => {
                "M1.5 6.5c2.2-3 4.3-3 6.5 0s4.3 3 6.5 0M1.5 11c2.2-3 4.3-3 6.5 0s4.3 3 6.5 0"
            }
            Self::Fireworks => {
                "M8 1.5V5M8 11v3.5M1.5 8H5M11 8h3.5M3.4 3.4l2.5 2.5M10.1 10.1l2.5 2.5M12.6 3.4l-2.5 2.5M5.9 10.1l-2.5 2.5"
            }
            Self::Google => "M13.5 8H8.5M13.5 8a5.5 5.5 0 1 1-1.7-4",
            Self::Groq => "M9.5 1.5 3.5 9H8l-1.5 5.5 6-7.5H8z",
            Self::Hyperbolic => "M2 2.5c5 2 5 9 0 11M14 2.5c-5 2-5 9 0 11M2 8h12",
            Self::Litellm => "M1.5 3.5H5L9.5 8h5M1.5 8h8M1.5 12.5H5L9.5 8",
            Self::Mistral => "M2.5 13.5v-11L8 8l5.5-5.5v11",
            Self::Moonshot => "M12.5 10.5A5.5 5.5 0 1 1 7 2.5a4.5 4.5 0 0 0 5.5 8z",
            Self::Nvidia => "M1.5 8c3.5-5.5 9.5-5.5 13 0-3.5 5.5-9.5 5.5-13 0zM8 6a2 2 0 1 0 .01 0",
            Self::Ollama => "M4.5 14V7a3.5 3.5 0 0 1 7 0v7M5 4.5v-3M11 4.5v-3M6.8 8h.01M9.2 8h.01",
            Self::Openai => "M8 1.5 13.6 4.8v6.4L8 14.5l-5.6-3.3V4.8zM8 5.5a2.5 2.5 0 1 0 .01 0",
            Self::Openrouter => "M1.5 8h3l3.5-4h5M4.5 8 8 12h5M11 2l2.5 2L11 6M11 10l2.5 2-2.5 2",
            Self::Portkey => "M3.5 14.5V7a4.5 4.5 0 0 1 9 0v7.5zM8 7.5a1.2 1.2 0 1 0 .01 0M8 10v2",
            Self::Together => "M5.8 4a4 4 0 1 0 .01 0M10.2 4a4 4 0 1 0 .01 0",
            Self::Vllm => "M1.5 3 5.5 13.5 9.5 3M14.5 3l-4 10.5L8 8",
        }
    }
}

/// A drawing in the colour of the text around it.
#[component]
pub fn Icon(
    /// What it shows.
    glyph: Glyph,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
            <path d=glyph.strokes() />
        </svg>
    }
}

/// A drawing in a small frame, as rows have before a name.
#[component]
pub fn FramedIcon(
    /// What it shows.
    glyph: Glyph,
) -> impl IntoView {
    view! {
        <span class="icon-frame" aria-hidden="true">
            <Icon glyph=glyph />
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_recognised_by_a_word_of_its_name() {
        for (name, known) in [
            ("openrouter", Known::Openrouter),
            ("team-litellm", Known::Litellm),
            ("https://api.groq.com/openai/v1", Known::Groq),
            ("Azure_EU", Known::Azure),
        ] {
            assert_eq!(
                Glyph::of_name(name, Glyph::Source),
                Glyph::Provider(known),
                "{name}"
            );
        }
        for name in ["", "grok", "openrouters", "мистраль"] {
            assert_eq!(Glyph::of_name(name, Glyph::Source), Glyph::Source, "{name}");
        }
    }

    #[test]
    fn every_drawing_is_small() {
        let known = KNOWN.iter().map(|(_, known)| Glyph::Provider(*known));
        for glyph in known.chain([Glyph::Overview, Glyph::Agent, Glyph::Preview]) {
            assert!(glyph.strokes().len() < 300, "{glyph:?}");
        }
    }
}
