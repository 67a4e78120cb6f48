//! How long requests to a provider or source may take: the folded fields, and the limits in words.

use crate::api::types::DefaultTimeLimits;
use crate::components::{Folded, TextField};
use crate::state::use_workspace;
use leptos::prelude::*;
use waypost_routing::time_limits::{TimeLimits, bounds};

/// A limit as the dashboard shows it.
struct Limit {
    /// Its name in the API.
    field: &'static str,
    label: &'static str,
    /// The label in a list.
    short: &'static str,
    help: &'static str,
    default: fn(&DefaultTimeLimits) -> u64,
}

/// The limits, in the order of [`TimeLimits::FIELDS`].
const LIMITS: [Limit; 4] = [
    Limit {
        field: TimeLimits::FIELDS[0],
        label: "Connect",
        short: "connect",
        help: "Includes name lookup and TLS.",
        default: |limits| limits.connect_ms,
    },
    Limit {
        field: TimeLimits::FIELDS[1],
        label: "First byte",
        short: "first byte",
        help: "Until the answer begins.",
        default: |limits| limits.first_byte_ms,
    },
    Limit {
        field: TimeLimits::FIELDS[2],
        label: "Idle",
        short: "idle",
        help: "Between two bytes of an answer.",
        default: |limits| limits.idle_ms,
    },
    Limit {
        field: TimeLimits::FIELDS[3],
        label: "Whole answer",
        short: "whole answer",
        help: "Does not apply to event streams.",
        default: |limits| limits.answer_ms,
    },
];

/// The limits as they are typed.
#[derive(Clone, Copy)]
pub(crate) struct TimeLimitTexts([RwSignal<String>; 4]);

/// A limit that cannot be used.
pub(crate) struct InvalidLimit {
    /// The field of the API: `limits.connect_seconds`.
    pub(crate) field: &'static str,
    /// What to enter instead.
    pub(crate) message: String,
}

impl TimeLimitTexts {
    /// The texts of these limits.
    pub(crate) fn new(limits: TimeLimits) -> Self {
        let set: Vec<_> = limits.set().collect();
        Self(TimeLimits::FIELDS.map(|field| {
            let value = set.iter().find(|(name, _)| *name == field);
            RwSignal::new(value.map_or_else(String::new, |(_, value)| value.to_string()))
        }))
    }

    /// Subscribes to what is typed.
    pub(crate) fn track(self) {
        self.0.iter().for_each(Track::track);
    }

    /// Whether nothing is typed.
    pub(crate) fn is_blank(self) -> bool {
        self.0
            .iter()
            .all(|text| text.with(|text| text.trim().is_empty()))
    }

    /// The limits.
    ///
    /// # Errors
    /// The first one that is invalid.
    pub(crate) fn read(self) -> Result<TimeLimits, InvalidLimit> {
        let mut limits = TimeLimits::default();
        for (limit, text) in LIMITS.iter().zip(self.0) {
            read_into(&mut limits, limit, &text.get()).map_err(|message| InvalidLimit {
                field: api_field(limit.field),
                message,
            })?;
        }
        Ok(limits)
    }
}

/// Sets a limit from its text, or says what to enter.
fn read_into(limits: &mut TimeLimits, limit: &Limit, text: &str) -> Result<(), String> {
    let text = text.trim();
    if text.is_empty() || limits.set_text(limit.field, text).is_ok() {
        return Ok(());
    }
    let bounds = bounds(limit.field);
    Err(format!(
        "{}: enter whole seconds from {} to {}, or leave it empty for the default.",
        limit.label,
        bounds.start(),
        bounds.end()
    ))
}

/// The path of a limit in a body.
fn api_field(name: &str) -> &'static str {
    match name {
        "connect_seconds" => "limits.connect_seconds",
        "first_byte_seconds" => "limits.first_byte_seconds",
        "idle_seconds" => "limits.idle_seconds",
        _ => "limits.answer_seconds",
    }
}

/// The folded group of the four fields.
#[component]
pub(crate) fn TimeLimitFields(
    texts: TimeLimitTexts,
    /// What the API refused: the field and the message.
    #[prop(into)]
    refused: Signal<Option<(String, String)>>,
) -> impl IntoView {
    let settings = use_workspace().settings;
    let is_set = untrack(|| !texts.is_blank());
    // A refused field is never folded away.
    let opened = Signal::derive(move || is_set || refused.get().is_some());
    let fields = LIMITS
        .iter()
        .zip(texts.0)
        .map(|(limit, text)| {
            let error = Signal::derive(move || {
                let typed = read_into(&mut TimeLimits::default(), limit, &text.get()).err();
                let refused = refused.get();
                let refused = refused.filter(|(field, _)| field == api_field(limit.field));
                typed.or(refused.map(|(_, message)| message))
            });
            let placeholder = move || {
                let default = settings.with(|settings| settings.time_limits)??;
                Some(format!("{} (default)", seconds((limit.default)(&default))))
            };
            view! {
                <TextField
                    label=limit.label
                    note="seconds"
                    value=text
                    numeric=true
                    placeholder=Signal::derive(placeholder)
                    help=limit.help
                    error=error
                />
            }
        })
        .collect_view();
    view! {
        <Folded title="Time limits" opened=opened>
            <div class="field-pair">{fields}</div>
        </Folded>
    }
}

/// Milliseconds as seconds: `5`, `0.5`.
fn seconds(milliseconds: u64) -> String {
    let (whole, rest) = (milliseconds / 1_000, milliseconds % 1_000);
    let text = format!("{whole}.{rest:03}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The limits that are set: `connect 3 s, idle 30 s`; empty where there is none.
pub(crate) fn limit_words(limits: &TimeLimits) -> String {
    let words: Vec<String> = limits
        .set()
        .filter_map(|(field, value)| {
            let limit = LIMITS.iter().find(|limit| limit.field == field)?;
            Some(format!("{} {value} s", limit.short))
        })
        .collect();
    words.join(", ")
}

/// The limits of entries that set none: `connect 5 s, first byte 600 s, …`.
pub(crate) fn default_words(limits: &DefaultTimeLimits) -> String {
    let words = LIMITS.each_ref().map(|limit| {
        let default = seconds((limit.default)(limits));
        format!("{} {default} s", limit.short)
    });
    words.join(", ")
}

/// The limits of a row, where any is set.
#[component]
pub(crate) fn LimitLine(limits: TimeLimits) -> impl IntoView {
    (!limits.is_empty()).then(|| {
        view! { <p class="small faint">{format!("time limits: {}", limit_words(&limits))}</p> }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_read_or_its_error_names_it() {
        let read = |index: usize, text: &str| {
            let mut limits = TimeLimits::default();
            read_into(&mut limits, &LIMITS[index], text).map(|()| limit_words(&limits))
        };
        assert_eq!(read(0, " 3 ").as_deref(), Ok("connect 3 s"));
        assert_eq!(read(3, "86400").as_deref(), Ok("whole answer 86400 s"));
        assert_eq!(read(2, "  ").as_deref(), Ok(""));
        for (index, text, words) in [
            (0, "61", "Connect: enter whole seconds from 1 to 60"),
            (1, "0", "First byte: enter whole seconds from 1 to 3600"),
            (2, "1.5", "Idle: "),
            (
                3,
                "15m",
                "Whole answer: enter whole seconds from 1 to 86400",
            ),
        ] {
            let error = read(index, text).unwrap_err();
            assert!(error.starts_with(words), "{error}");
        }
    }

    #[test]
    fn a_default_is_shown_in_the_seconds_it_has() {
        assert_eq!(seconds(5_000), "5");
        assert_eq!(seconds(500), "0.5");
        assert_eq!(seconds(1_050), "1.05");
        assert_eq!(seconds(600_000), "600");
    }

    #[test]
    fn each_limit_has_its_path_in_a_body() {
        for field in TimeLimits::FIELDS {
            assert_eq!(api_field(field), format!("limits.{field}"));
        }
    }
}
