//! Server-sent events.

use web_sys::wasm_bindgen::JsCast;
use web_sys::wasm_bindgen::closure::Closure;

/// What is heard of a stream of server-sent events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamEvent {
    /// It is connected, for the first time or again.
    Open,
    /// An event: its type and its data.
    Message(&'static str, String),
    /// The connection broke; the browser connects again after a pause.
    Interrupted,
    /// The browser has given up: the answer was no stream of events.
    Closed,
}

type Listener = Closure<dyn FnMut(web_sys::Event)>;

/// A stream of server-sent events. Dropping it closes it.
pub struct EventStream {
    source: web_sys::EventSource,
    listeners: Vec<(&'static str, Listener)>,
}

impl EventStream {
    fn listen(&mut self, name: &'static str, listener: impl FnMut(web_sys::Event) + 'static) {
        let listener = Listener::new(listener);
        let function = listener.as_ref().unchecked_ref();
        if self
            .source
            .add_event_listener_with_callback(name, function)
            .is_ok()
        {
            self.listeners.push((name, listener));
        }
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.source.close();
        for (name, listener) in &self.listeners {
            // Only a listener that was added is in the list.
            let _ = self
                .source
                .remove_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
        }
    }
}

/// Opens a stream, of which events of these types are heard; `None` where the browser cannot.
#[must_use]
pub fn open_stream(
    address: &str,
    types: &[&'static str],
    heard: impl Fn(StreamEvent) + Clone + 'static,
) -> Option<EventStream> {
    let source = web_sys::EventSource::new(address).ok()?;
    let mut stream = EventStream {
        source: source.clone(),
        listeners: Vec::new(),
    };
    for &name in types {
        let heard = heard.clone();
        stream.listen(name, move |event| {
            let message: Option<&web_sys::MessageEvent> = event.dyn_ref();
            if let Some(data) = message.and_then(|message| message.data().as_string()) {
                heard(StreamEvent::Message(name, data));
            }
        });
    }
    let opened = heard.clone();
    stream.listen("open", move |_| opened(StreamEvent::Open));
    stream.listen("error", move |_| {
        heard(match source.ready_state() {
            web_sys::EventSource::CLOSED => StreamEvent::Closed,
            _ => StreamEvent::Interrupted,
        });
    });
    Some(stream)
}
