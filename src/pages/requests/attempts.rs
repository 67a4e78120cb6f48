//! The attempts of a request as a timeline, to scale, with the same times in a table.

use super::words::place_of;
use crate::api::types::RequestAttempt;
use crate::components::{Badge, Tone};
use crate::format::{code_label, elapsed};
use leptos::prelude::*;

/// A stretch of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    /// What happened: the value of `data-stretch`.
    pub(super) what: &'static str,
    /// Where it begins, in thousandths of the whole request.
    pub(super) from: u64,
    /// How long it is, in thousandths of the whole request.
    pub(super) length: u64,
}

/// The stretches of an attempt within a request that took `total` microseconds. Each that took any
/// time can be seen.
pub(super) fn stretches(attempt: &RequestAttempt, total: u64) -> Vec<Stretch> {
    let total = total.max(attempt.begun_us + attempt.total_us).max(1);
    let scaled = |time: u64| time.saturating_mul(1_000) / total;
    if !attempt.sent {
        return Vec::new();
    }
    let connected = attempt.connect_us.unwrap_or_default().min(attempt.total_us);
    let answered = attempt
        .first_byte_us
        .map_or(attempt.total_us, |time| time.min(attempt.total_us))
        .max(connected);
    let waiting = match attempt.first_byte_us {
        Some(_) => "wait",
        None => "failed",
    };
    let parts = [
        ("connect", 0, connected),
        (waiting, connected, answered),
        ("answer", answered, attempt.total_us),
    ];
    parts
        .into_iter()
        .filter(|(_, from, to)| to > from)
        .map(|(what, from, to)| {
            let start = scaled(attempt.begun_us + from).min(996);
            let end = scaled(attempt.begun_us + to);
            Stretch {
                what,
                from: start,
                length: end.saturating_sub(start).max(4).min(1_000 - start),
            }
        })
        .collect()
}

/// Thousandths as a length for the stylesheet.
fn percent(thousandths: u64) -> String {
    format!("{}.{}%", thousandths / 10, thousandths % 10)
}

/// How an attempt ended, in short.
fn result(attempt: &RequestAttempt) -> (Tone, String) {
    if !attempt.sent {
        let why = attempt.code.as_deref().unwrap_or_default();
        let text = match why {
            "" => "not sent".to_owned(),
            why => format!("not sent: {}", code_label(why)),
        };
        return (Tone::None, text);
    }
    let tone = match attempt.status {
        Some(..400) if attempt.code.is_none() => Tone::Ok,
        Some(429) => Tone::Warn,
        _ => Tone::Bad,
    };
    let text = match (attempt.status, &attempt.code) {
        (Some(status), None) => status.to_string(),
        (Some(status), Some(code)) => format!("{status} {}", code_label(code)),
        (None, Some(code)) => code_label(code),
        (None, None) => "No answer".to_owned(),
    };
    (tone, text)
}

/// The attempts.
#[component]
pub(super) fn Attempts(
    /// In order.
    attempts: Vec<RequestAttempt>,
    /// How long the request took, in microseconds.
    total: u64,
) -> impl IntoView {
    if !attempts.iter().any(|attempt| attempt.sent) {
        return view! { <p class="small faint">"Nothing was sent to an upstream."</p> }.into_any();
    }
    let rows = attempts
        .iter()
        .enumerate()
        .map(|(at, attempt)| row(at, attempt, total))
        .collect_view();
    view! {
        <table class="attempts">
            <thead>
                <tr>
                    <th scope="col">"Attempt"</th>
                    <th scope="col">"Connect"</th>
                    <th scope="col">"First byte"</th>
                    <th scope="col">"Total"</th>
                    <th scope="col">"Result"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        <ul class="attempt-legend" aria-hidden="true">
            <li data-stretch="connect">"Connect"</li>
            <li data-stretch="wait">"Until the first byte"</li>
            <li data-stretch="answer">"Answer"</li>
        </ul>
    }
    .into_any()
}

/// The times of an attempt, and below them the same to scale.
fn row(at: usize, attempt: &RequestAttempt, total: u64) -> AnyView {
    let place = place_of(attempt).unwrap_or_else(|| "not sent".to_owned());
    let origin = attempt
        .origin
        .clone()
        .filter(|_| attempt.provider.is_some());
    let time = |time: Option<u64>, none: &'static str| match time {
        Some(time) => elapsed(time).into_any(),
        None => view! { <span class="faint">{none}</span> }.into_any(),
    };
    let (tone, text) = result(attempt);
    let bars = stretches(attempt, total)
        .into_iter()
        .map(|stretch| {
            view! {
                <i
                    data-stretch=stretch.what
                    style:inset-inline-start=percent(stretch.from)
                    style:inline-size=percent(stretch.length)
                ></i>
            }
        })
        .collect_view();
    view! {
        <tr>
            <th scope="row">
                <span class="faint">{at + 1} " · "</span>
                {place}
                {origin.map(|origin| view! { <span class="attempt-origin">{origin}</span> })}
            </th>
            <td>{time(attempt.connect_us, if attempt.sent { "reused" } else { "–" })}</td>
            <td>{time(attempt.first_byte_us, "–")}</td>
            <td>{elapsed(attempt.total_us)}</td>
            <td>
                <Badge tone=tone text=text />
            </td>
        </tr>
        <tr class="attempt-scale" aria-hidden="true">
            <td colspan="5">
                <span class="attempt-track">{bars}</span>
            </td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::requests::words::sample;

    #[test]
    fn stretches_are_to_scale() {
        let attempt = RequestAttempt {
            begun_us: 1_000_000,
            connect_us: Some(200_000),
            first_byte_us: Some(1_000_000),
            total_us: 3_000_000,
            ..sample::attempt("a")
        };
        let stretch = |what, from, length| Stretch { what, from, length };
        assert_eq!(
            stretches(&attempt, 4_000_000),
            [
                stretch("connect", 250, 50),
                stretch("wait", 300, 200),
                stretch("answer", 500, 500),
            ]
        );
    }

    #[test]
    fn what_took_no_time_is_left_out_and_what_took_little_can_be_seen() {
        let attempt = RequestAttempt {
            begun_us: 0,
            connect_us: None,
            first_byte_us: Some(10),
            total_us: 10_000_000,
            ..sample::attempt("a")
        };
        let all = stretches(&attempt, 10_000_000);
        assert_eq!(all.len(), 2);
        assert_eq!((all[0].what, all[0].length), ("wait", 4));
    }

    #[test]
    fn an_attempt_without_an_answer_is_one_failed_stretch() {
        let attempt = RequestAttempt {
            connect_us: None,
            first_byte_us: None,
            status: None,
            code: Some("connect_failed".to_owned()),
            ..sample::attempt("a")
        };
        let all = stretches(&attempt, 2_000_000);
        assert_eq!(all.len(), 1);
        assert_eq!(
            (all[0].what, all[0].from, all[0].length),
            ("failed", 0, 1_000)
        );
        assert_eq!(result(&attempt), (Tone::Bad, "connect failed".to_owned()));
    }

    #[test]
    fn what_was_not_sent_has_no_stretch() {
        let attempt = RequestAttempt {
            sent: false,
            code: Some("missing_api_key".to_owned()),
            ..sample::attempt("a")
        };
        assert_eq!(stretches(&attempt, 2_000_000), []);
        let expected = (Tone::None, "not sent: missing API key".to_owned());
        assert_eq!(result(&attempt), expected);
    }

    #[test]
    fn nothing_leaves_the_track() {
        for (begun, first, total, of) in [
            (u64::MAX / 2_000, Some(1), 1, 1),
            (0, Some(9), 5, 3),
            (0, None, 0, 0),
            (999, Some(0), 1, 1_000),
        ] {
            let attempt = RequestAttempt {
                begun_us: begun,
                first_byte_us: first,
                total_us: total,
                ..sample::attempt("a")
            };
            for stretch in stretches(&attempt, of) {
                assert!(stretch.from + stretch.length <= 1_000, "{stretch:?}");
            }
        }
    }
}
