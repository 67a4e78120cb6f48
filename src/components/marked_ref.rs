//! A ref with its invalid part marked.

use leptos::prelude::*;

/// A ref with the bytes of `span` marked as invalid.
#[component]
pub fn MarkedRef(
    /// The ref as typed.
    #[prop(into)]
    model_ref: String,
    /// The invalid part as a half-open byte range.
    span: Option<[usize; 2]>,
) -> impl IntoView {
    let (before, fault, after) = cut(&model_ref, span);
    // An empty part has no width, so a placeholder shows where it is missing.
    let missing = span.is_some() && fault.is_empty();
    view! {
        <code class="marked-ref">
            {before}
            {span
                .is_some()
                .then(|| {
                    view! {
                        <mark data-missing=missing.then_some("")>
                            <span class="visually-hidden">"invalid: "</span>
                            {if missing { "nothing here".to_owned() } else { fault }}
                        </mark>
                    }
                })}
            {after}
        </code>
    }
}

/// Cuts at the span, widened to whole characters so that it can never split one.
fn cut(text: &str, span: Option<[usize; 2]>) -> (String, String, String) {
    let [start, end] = span.unwrap_or([text.len(), text.len()]);
    let mut start = start.min(text.len());
    let mut end = end.clamp(start, text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    (
        text[..start].into(),
        text[start..end].into(),
        text[end..].into(),
    )
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn the_part_at_fault_is_cut_out() {
        let parts = cut("openrouter/a//b", Some([13, 13]));
        assert_eq!(parts, ("openrouter/a/".into(), String::new(), "/b".into()));
    }

    #[test]
    fn a_span_inside_a_character_is_widened() {
        let parts = cut("é/x", Some([1, 1]));
        assert_eq!(parts.0, "");
        let (before, fault, after) = cut("aéb", Some([2, 3]));
        assert_eq!(format!("{before}{fault}{after}"), "aéb");
        assert_eq!(fault, "é");
    }

    #[test]
    fn a_span_beyond_the_end_is_held_inside() {
        assert_eq!(
            cut("ab", Some([5, 9])),
            ("ab".into(), String::new(), String::new())
        );
    }
}
