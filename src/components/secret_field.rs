//! A write-only field for a secret.

use super::{FieldFrame, FieldHint, FieldIds, Prose};
use crate::dom;
use leptos::prelude::*;
use waypost_routing::key_text::{self, Carrier, Removed, Suspicion};

/// What was found in a key that is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Finding {
    /// No header can carry it.
    Unusable(String),
    /// It may be no key.
    Suspicious(Suspicion),
    /// Something around it is left out.
    Removed(Vec<Removed>),
}

impl Finding {
    /// What is found in a text that is not blank.
    fn of(typed: &str, carrier: Carrier) -> Option<Self> {
        if typed.trim().is_empty() {
            return None;
        }
        match key_text::read(typed, carrier) {
            Err(error) => Some(Self::Unusable(error.message_for(carrier))),
            Ok(key) => match key.suspicion {
                Some(suspicion) => Some(Self::Suspicious(suspicion)),
                None => (!key.removed.is_empty()).then_some(Self::Removed(key.removed)),
            },
        }
    }
}

/// `Saved without quotes and invisible characters.`
fn removed_message(removed: &[Removed]) -> String {
    let labels: Vec<&str> = removed.iter().map(|part| part.label()).collect();
    let list = match labels.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    };
    format!("Saved without {list}.")
}

/// A write-only field. The value lives in the signal for as long as the form does.
#[component]
pub fn SecretField(
    /// The label.
    #[prop(into)]
    label: Signal<String>,
    /// What is typed.
    value: RwSignal<String>,
    /// A short note beside the label: `Current key ••••41d7, set 12 days ago`.
    #[prop(optional, into)]
    note: MaybeProp<String>,
    /// The help text.
    #[prop(optional, into)]
    help: MaybeProp<String>,
    /// The error.
    #[prop(optional, into)]
    error: MaybeProp<String>,
    /// A hint about the input.
    #[prop(optional, into)]
    hint: MaybeProp<FieldHint>,
    /// What an empty field shows: `Leave empty to keep`.
    #[prop(optional, into)]
    placeholder: MaybeProp<String>,
    /// How the secret travels, if it is a key: what surrounds it is then recognised while it is
    /// typed.
    #[prop(optional, into)]
    carrier: MaybeProp<Carrier>,
    /// Whether a key that looks like something else is used anyway. A new input takes that back.
    #[prop(optional)]
    accept: Option<RwSignal<bool>>,
    /// Has the focus when its dialog opens.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let ids = FieldIds::new();
    let shown = RwSignal::new(false);
    let finding = Memo::new(move |_| {
        let carrier = carrier.get()?;
        value.with(|typed| Finding::of(typed, carrier))
    });
    let error = Signal::derive(move || {
        error.get().or_else(|| match finding.get() {
            Some(Finding::Unusable(message)) => Some(message),
            _ => None,
        })
    });
    let remark = Memo::new(move |_| match finding.get() {
        Some(Finding::Suspicious(_)) if accept.is_some_and(|accept| accept.get()) => {
            Some(("Used as you entered it.".to_owned(), false))
        }
        Some(Finding::Suspicious(suspicion)) => {
            let message = carrier.get().map_or_else(
                || suspicion.message(),
                |carrier| suspicion.message_for(carrier),
            );
            Some((message.to_owned(), accept.is_some()))
        }
        Some(Finding::Removed(removed)) => Some((removed_message(&removed), false)),
        _ => None,
    });
    let remark_id = format!("{}-remark", ids.control);
    let field = format!("#{}", ids.control);
    let described = {
        let (ids, remark_id) = (ids.clone(), remark_id.clone());
        move || {
            let frame = ids.described_by(
                help.get().is_some(),
                error.get().is_some(),
                hint.get().is_some(),
            );
            let remark = remark.with(Option::is_some).then(|| remark_id.clone());
            let all: Vec<String> = remark.into_iter().chain(frame).collect();
            (!all.is_empty()).then(|| all.join(" "))
        }
    };
    let take_back = move || {
        if let Some(accept) = accept {
            accept.set(false);
        }
    };
    let control = ids.control.clone();
    view! {
        <FieldFrame
            ids=ids
            label=label
            note=note
            help=help
            error=error
            hint=hint
            fix=Callback::new(move |text| value.set(text))
        >
            <div class="secret">
                <input
                    class="input"
                    data-code="true"
                    id=control
                    type=move || if shown.get() { "text" } else { "password" }
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    autofocus=autofocus
                    // Tells common password managers to ignore the field.
                    data-1p-ignore="true"
                    data-lpignore="true"
                    placeholder=move || placeholder.get()
                    aria-invalid=move || error.get().map(|_| "true")
                    aria-describedby=described
                    prop:value=value
                    on:input:target=move |event| {
                        take_back();
                        value.set(event.target().value());
                    }
                />
                <button
                    class="button"
                    type="button"
                    data-kind="quiet"
                    data-size="small"
                    aria-pressed=move || if shown.get() { "true" } else { "false" }
                    aria-label=move || format!("Show {}", label.get())
                    on:click=move |_| shown.update(|shown| *shown = !*shown)
                >
                    {move || if shown.get() { "Hide" } else { "Show" }}
                </button>
            </div>
            {move || {
                let (id, field) = (remark_id.clone(), field.clone());
                remark
                    .get()
                    .map(|(message, asks)| {
                        view! {
                            <p class="field-hint" id=id>
                                <Prose text=message />
                                {asks
                                    .then(|| {
                                        view! {
                                            " "
                                            <button
                                                class="button"
                                                type="button"
                                                data-kind="plain"
                                                data-size="small"
                                                on:click=move |_| {
                                                    if let Some(accept) = accept {
                                                        accept.set(true);
                                                    }
                                                    // The button disappears with its reason.
                                                    dom::focus(&field);
                                                }
                                            >
                                                "Use it anyway"
                                            </button>
                                        }
                                    })}
                            </p>
                        }
                    })
            }}
        </FieldFrame>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_remarked_on_as_it_will_be_saved() {
        let found = |typed: &str| Finding::of(typed, Carrier::Bearer);
        for quiet in ["", "  ", "sk-key", " sk-key "] {
            assert_eq!(found(quiet), None, "{quiet}");
        }
        assert_eq!(found("sk-***"), Some(Finding::Suspicious(Suspicion::Mask)));
        assert!(matches!(found("sk-…"), Some(Finding::Unusable(_))));
        let Some(Finding::Removed(removed)) = found("\u{feff}\"Bearer sk-key\"") else {
            panic!("something is removed");
        };
        assert_eq!(
            removed_message(&removed),
            "Saved without invisible characters, quotes and `Bearer`, which Waypost adds."
        );
        assert_eq!(
            removed_message(&[Removed::Name]),
            "Saved without the name before the key."
        );
    }
}
