//! The requests that the form's values would make, mistakes included.

use super::form::SourceForm;
use super::headers::HeadersAction;
use crate::components::{Breaking, SecretChip};
use crate::state::use_workspace;
use leptos::prelude::*;
use waypost_routing::base_url::{BaseUrl, hints, raw_operation_url};
use waypost_routing::header::credential_header;
use waypost_routing::operation::Operation;

/// The operations that are shown, with what they are for.
const SHOWN: [(&str, Operation); 3] = [
    ("Refresh", Operation::Models),
    ("Chat", Operation::Chat),
    ("Messages", Operation::Messages),
];

/// The operations that are sent: without passthrough, inference goes to the managed gateway.
fn sent(passthrough: bool) -> impl Iterator<Item = (&'static str, Operation)> {
    let is_sent = move |operation| passthrough || operation == Operation::Models;
    SHOWN
        .into_iter()
        .filter(move |(_, operation)| is_sent(*operation))
}

/// The URLs and headers of the entered values.
#[component]
pub(super) fn RequestPreview(form: SourceForm) -> impl IntoView {
    let urls = move || {
        let typed = form.base_url.get();
        if typed.trim().is_empty() {
            return view! { <p class="small">"Enter a base URL to see the requests."</p> }
                .into_any();
        }
        sent(form.passes_through())
            .map(|(what, operation)| view! { <Url what=what operation=operation typed=typed.clone() /> })
            .collect_view()
            .into_any()
    };
    view! {
        <section class="sent" aria-labelledby="sent-heading">
            <h3 id="sent-heading">"What will be sent"</h3>
            <div class="request-box">
                {urls}
                {move || (!form.passes_through()).then(|| managed_note(form))}
                <ul class="sent-headers" aria-label="Headers on every request">
                    {move || credential_line(form)}
                    {move || static_lines(form)}
                </ul>
            </div>
        </section>
    }
}

/// Where inference goes instead.
fn managed_note(form: SourceForm) -> AnyView {
    let gateway = use_workspace()
        .settings
        .with(|settings| settings.managed_gateway.clone());
    view! {
        <p class="small">
            "Passthrough is off: requests for " <code>{format!("{}/…", form.slug())}</code>
            " go to the managed gateway" {gateway.map(|name| format!(", {name}"))} ", not here."
        </p>
    }
    .into_any()
}

#[component]
fn Url(what: &'static str, operation: Operation, typed: String) -> impl IntoView {
    let url = shown_url(&typed, operation);
    let meant = meant_url(&typed, operation);
    let (before, odd, after) = difference(&url, meant.as_deref().unwrap_or(&url));
    let odd = (!odd.is_empty()).then(|| {
        view! {
            <u class="odd">
                <span class="visually-hidden">" probably wrong: "</span>
                <Breaking text=odd />
            </u>
        }
    });
    view! {
        <div class="sent-url">
            <span class="sent-what">{what}</span>
            <span>
                <b>{operation.method()}</b>
                " "
                <Breaking text=before />
                {odd}
                <Breaking text=after />
            </span>
        </div>
    }
}

/// A valid base URL is shown as it is sent, another one as plain joining gives it.
fn shown_url(typed: &str, operation: Operation) -> String {
    BaseUrl::parse(typed).map_or_else(
        |_| raw_operation_url(typed, operation),
        |base| base.operation_url(operation),
    )
}

/// The URL that the first suggestion would give.
fn meant_url(typed: &str, operation: Operation) -> Option<String> {
    let hints = hints(typed);
    let base = hints.iter().find_map(|hint| hint.suggestion())?;
    Some(BaseUrl::parse(base).ok()?.operation_url(operation))
}

/// Cuts a text into what it has in common with another at its start and end, and the rest of it
/// between. Cuts only before slashes and at characters, so that whole segments are marked.
fn difference<'a>(text: &'a str, other: &str) -> (&'a str, &'a str, &'a str) {
    let start = text
        .char_indices()
        .zip(other.chars())
        .find(|((_, one), another)| one != another)
        .map_or(text.len().min(other.len()), |((at, _), _)| at);
    let mut start = start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let room = text.len().min(other.len()) - start;
    let common: usize = text
        .chars()
        .rev()
        .zip(other.chars().rev())
        .take_while(|(one, another)| one == another)
        .map(|(one, _)| one.len_utf8())
        .take_while({
            let mut taken = 0;
            move |length| {
                taken += length;
                taken <= room
            }
        })
        .sum();
    let end = text.len() - common;
    (&text[..start], &text[start..end], &text[end..])
}

fn credential_line(form: SourceForm) -> AnyView {
    let header = form.auth_header.get();
    let (name, scheme) = credential_header(Some(&header));
    let typed = form.auth_value.get();
    let stored = form.has_stored_key() && !form.clear_auth.get();
    let chip = if !typed.trim().is_empty() {
        format!("sources/{}/auth-value", form.slug())
    } else if stored && form.moves() {
        "not entered for this host".to_owned()
    } else if stored {
        format!("sources/{}/auth-value", form.slug())
    } else {
        return view! { <li class="small">"No credential: requests are sent without a key."</li> }
            .into_any();
    };
    view! {
        <li>
            <span class="request-name">{name} ":"</span>
            " "
            {scheme}
            <SecretChip name=chip />
        </li>
    }
    .into_any()
}

fn static_lines(form: SourceForm) -> AnyView {
    let line = |name: String, chip: String| {
        view! {
            <li>
                <span class="request-name">{name.to_ascii_lowercase()} ":"</span>
                " "
                <SecretChip name=chip />
            </li>
        }
    };
    match form.headers.action.get() {
        HeadersAction::Remove => ().into_any(),
        HeadersAction::Keep => {
            let moves = form.moves();
            form.headers
                .stored_names()
                .into_iter()
                .map(|name| {
                    let chip = if moves {
                        "not entered for this host".to_owned()
                    } else {
                        format!("headers#{}", name.to_ascii_lowercase())
                    };
                    line(name, chip)
                })
                .collect_view()
                .into_any()
        }
        HeadersAction::Replace => form
            .headers
            .filled()
            .into_iter()
            .map(|row| {
                let name = row.name.get().trim().to_owned();
                let chip = if row.value.with(String::is_empty) {
                    "no value yet".to_owned()
                } else {
                    format!("headers#{}", name.to_ascii_lowercase())
                };
                line(name, chip)
            })
            .collect_view()
            .into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_odd_part_of_a_pasted_endpoint_is_marked() {
        let typed = "https://gateway.example/v1/chat/completions";
        let url = shown_url(typed, Operation::Models);
        let meant = meant_url(typed, Operation::Models).expect("a suggestion");
        let (before, odd, after) = difference(&url, &meant);
        assert_eq!(format!("{before}{odd}{after}"), url);
        assert!(odd.contains("chat/completions"), "{odd}");
    }

    #[test]
    fn without_passthrough_only_the_refresh_is_sent() {
        let names = |passthrough| sent(passthrough).map(|(what, _)| what).collect::<Vec<_>>();
        assert_eq!(names(false), ["Refresh"]);
        assert_eq!(names(true), ["Refresh", "Chat", "Messages"]);
    }

    #[test]
    fn nothing_is_odd_about_a_good_base_url() {
        let typed = "https://gateway.example/v1";
        let url = shown_url(typed, Operation::Messages);
        assert_eq!(url, "https://gateway.example/v1/messages");
        assert_eq!(meant_url(typed, Operation::Messages), None);
        assert_eq!(difference(&url, &url), (url.as_str(), "", ""));
    }

    #[test]
    fn differences_never_overlap_or_split_a_character() {
        assert_eq!(difference("/v1/v1/m", "/v1/m"), ("/v1/", "v1/", "m"));
        assert_eq!(difference("aéb", "aèb"), ("a", "é", "b"));
        assert_eq!(difference("", "abc"), ("", "", ""));
    }
}
