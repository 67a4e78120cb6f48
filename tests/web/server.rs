//! A server for tests: it answers the requests of the page from a table, and holds writes back until
//! the test says how they end.

use crate::stage::drawn;
use leptos::wasm_bindgen::JsValue;
use web_sys::js_sys::{self, Reflect};

/// Takes the place of the browser's `fetch` until it is dropped.
pub(crate) struct Server;

/// Reads are answered at once with the JSON of their path, and with 404 where there is none. A write
/// waits in `waiting`. Streams of events are opened by nothing but the test.
const INSTALL: &str = r#"
    const answer = (status, body) =>
        new Response(body || null, { status, headers: { "Content-Type": "application/json" } });
    const before = window.fetch;
    const server = { before, waiting: [], answers: JSON.parse(answers) };
    server.finish = (status, body) => {
        const next = server.waiting.shift();
        if (!next) throw new Error("no write is waiting");
        next.resolve(answer(status, body));
    };
    window.waypostTestServer = server;
    server.intervals = [];
    server.polled = {};
    server.held = {};
    server.setInterval = window.setInterval;
    window.setInterval = (run, ...rest) => {
        server.intervals.push(run);
        return server.setInterval.call(window, run, ...rest);
    };
    server.streams = [];
    server.eventSource = window.EventSource;
    window.EventSource = class extends EventTarget {
        constructor(url) {
            super();
            this.url = url;
            this.readyState = 0;
            server.streams.push(this);
        }
        close() {
            this.readyState = 2;
        }
    };
    server.timers = null;
    server.setTimeout = window.setTimeout;
    window.setTimeout = (run, delay, ...rest) => {
        if (!server.timers || delay < 1000) return server.setTimeout.call(window, run, delay, ...rest);
        server.timers.push({ run, delay });
        return 0;
    };
    server.openStreams = () => server.streams.filter((stream) => stream.readyState !== 2);
    window.fetch = (request) => {
        const path = new URL(request.url).pathname;
        if (request.method === "GET") {
            (server.polled[path] ??= []).push(request.headers.has("x-waypost-background"));
        }
        if (request.method !== "GET") {
            return new Promise((resolve) => {
                const version = request.headers.get("If-Match");
                server.waiting.push({ resolve, line: `${request.method} ${path} ${version}` });
            });
        }
        const read = () => {
            const found = server.answers[path];
            return found === undefined ? answer(404, "{}") : answer(200, JSON.stringify(found));
        };
        if (server.held[path]) {
            return new Promise((resolve) => server.held[path].push(() => resolve(read())));
        }
        return Promise.resolve(read());
    };
"#;

impl Server {
    /// Answers reads from a JSON object of paths and bodies.
    pub(crate) fn start(answers: &str) -> Self {
        js_sys::Function::new_with_args("answers", INSTALL)
            .call1(&JsValue::NULL, &answers.into())
            .expect("the server starts");
        Self
    }

    /// Changes what a read of a path is answered.
    pub(crate) fn change(&self, path: &str, body: &str) {
        run(
            "window.waypostTestServer.answers[first] = JSON.parse(second)",
            &[path.into(), body.into()],
        );
    }

    /// Adds a field to the settings that the workspace comes with.
    pub(crate) fn change_setting(&self, field: &str) {
        run(
            "Object.assign(window.waypostTestServer.answers['/api/v1/workspace'].settings, JSON.parse(first)); \
             Object.assign(window.waypostTestServer.answers['/api/v1/settings'], JSON.parse(first))",
            &[format!("{{ {field} }}").into()],
        );
    }

    /// Opens the dashboard at an address when it is shown next.
    pub(crate) fn open_at(&self, address: &str) {
        run("history.replaceState(null, '', first)", &[address.into()]);
    }

    /// Keeps a value in the tab, or removes it.
    pub(crate) fn keep_in_tab(&self, key: &str, value: Option<&str>) {
        run(
            "if (second === null) sessionStorage.removeItem(first); else sessionStorage.setItem(first, second)",
            &[key.into(), value.map_or(JsValue::NULL, Into::into)],
        );
    }

    /// What is kept in the tab.
    pub(crate) fn kept_in_tab(&self, key: &str) -> Option<String> {
        run("return sessionStorage.getItem(first)", &[key.into()]).as_string()
    }

    /// Goes to another address, as the browser's Forward does. A press on a link would reach the router
    /// of an earlier test.
    pub(crate) fn go_to(&self, address: &str) {
        run(
            "history.pushState(null, '', first); window.dispatchEvent(new PopStateEvent('popstate'))",
            &[address.into()],
        );
    }

    /// Holds the reads of a path back until they are released.
    pub(crate) fn hold(&self, path: &str) {
        run("window.waypostTestServer.held[first] = []", &[path.into()]);
    }

    /// Answers the reads of a path that were held back, and waits until the page shows what came of
    /// them. There must be one.
    pub(crate) async fn release(&self, path: &str) {
        run(
            "const held = window.waypostTestServer.held[first]; \
             if (!held.length) throw new Error('no read is held back'); \
             delete window.waypostTestServer.held[first]; \
             for (const answer of held) answer()",
            &[path.into()],
        );
        drawn().await;
        drawn().await;
    }

    /// Lets the open stream of events connect. There must be one.
    pub(crate) async fn connect_stream(&self) {
        run(
            "const [stream] = window.waypostTestServer.openStreams(); \
             stream.readyState = 1; stream.dispatchEvent(new Event('open'))",
            &[],
        );
        drawn().await;
    }

    /// Breaks the connection of the open stream; the browser would connect again. There must be one.
    pub(crate) async fn interrupt_stream(&self) {
        run(
            "const [stream] = window.waypostTestServer.openStreams(); \
             stream.readyState = 0; stream.dispatchEvent(new Event('error'))",
            &[],
        );
        drawn().await;
    }

    /// Ends the open stream for good, as an answer that is no stream does. There must be one.
    pub(crate) async fn end_stream(&self) {
        run(
            "const [stream] = window.waypostTestServer.openStreams(); \
             stream.readyState = 2; stream.dispatchEvent(new Event('error'))",
            &[],
        );
        drawn().await;
    }

    /// Keeps timers of a second or more until the test runs them.
    pub(crate) fn hold_timers(&self) {
        run("window.waypostTestServer.timers = []", &[]);
    }

    /// Runs the timers of so many milliseconds that were kept, of which there must be one, and waits
    /// until the page shows what came of them.
    pub(crate) async fn run_timers(&self, milliseconds: u32) {
        run(
            "const { timers } = window.waypostTestServer; \
             const due = timers.filter((timer) => timer.delay === first); \
             if (!due.length) throw new Error(`no timer of ${first} ms`); \
             window.waypostTestServer.timers = timers.filter((timer) => timer.delay !== first); \
             for (const timer of due) timer.run()",
            &[milliseconds.into()],
        );
        drawn().await;
        drawn().await;
    }

    /// Hides the tab or shows it again.
    pub(crate) async fn show_tab(&self, shown: bool) {
        run(
            "Object.defineProperty(document, 'visibilityState', { value: first, configurable: true }); \
             document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))",
            &[if shown { "visible" } else { "hidden" }.into()],
        );
        drawn().await;
    }

    /// Sends an event on the open stream. There must be one.
    pub(crate) fn send_event(&self, name: &str, data: &str) {
        run(
            "const [stream] = window.waypostTestServer.openStreams(); \
             stream.dispatchEvent(new MessageEvent(first, { data: second }))",
            &[name.into(), data.into()],
        );
    }

    /// The addresses of the open streams.
    pub(crate) fn open_streams(&self) -> Vec<String> {
        let list = run(
            "return window.waypostTestServer.openStreams().map((stream) => stream.url)",
            &[],
        );
        let list = js_sys::Array::from(&list);
        list.iter().filter_map(|url| url.as_string()).collect()
    }

    /// Runs what the page does from time to time, and waits until it is done.
    pub(crate) async fn pass_time(&self) {
        run(
            "for (const tick of window.waypostTestServer.intervals) tick()",
            &[],
        );
        drawn().await;
        drawn().await;
    }

    /// For each read of a path since the last question, whether it was marked as a background poll.
    pub(crate) fn polls(&self, path: &str) -> Vec<bool> {
        let list = run(
            "const all = window.waypostTestServer.polled[first] ?? []; \
             window.waypostTestServer.polled[first] = []; return all",
            &[path.into()],
        );
        let list = js_sys::Array::from(&list);
        list.iter().map(|poll| poll == JsValue::TRUE).collect()
    }

    /// The oldest write that waits: its method, path and `If-Match`.
    pub(crate) fn waiting(&self) -> Option<String> {
        run("return window.waypostTestServer.waiting[0]?.line", &[]).as_string()
    }

    /// Ends the oldest write that waits, and waits until the page shows what came of it.
    pub(crate) async fn finish(&self, status: u16, body: &str) {
        run(
            "window.waypostTestServer.finish(first, second)",
            &[status.into(), body.into()],
        );
        drawn().await;
        drawn().await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        run(
            "window.fetch = window.waypostTestServer.before; \
             window.setInterval = window.waypostTestServer.setInterval; \
             window.setTimeout = window.waypostTestServer.setTimeout; \
             delete document.visibilityState; sessionStorage.clear(); \
             window.EventSource = window.waypostTestServer.eventSource; \
             delete window.waypostTestServer; \
             history.replaceState(null, '', '/')",
            &[],
        );
    }
}

/// Runs a line of JavaScript.
fn run(line: &str, arguments: &[JsValue]) -> JsValue {
    let function = js_sys::Function::new_with_args("first, second", line);
    let apply = Reflect::apply(
        &function,
        &JsValue::NULL,
        &arguments.iter().cloned().collect::<js_sys::Array>(),
    );
    apply.expect("the line runs")
}
