//! The app: what outlives pages, which of them is shown, and who may see it.

mod focus;
mod lazy_pages;
mod page;
mod rail;
mod shell;

use crate::api::{Api, in_background};
use crate::base_path;
use crate::components::{EditAccess, EditReason, LiveRegion, ToastList, VIEWER_REASON};
use crate::dom;
use crate::pages::{
    direct_providers::DirectPage, gateways::GatewaysPage, models::ModelsPage,
    not_found::NotFoundPage, sign_in::SignInPage,
};
use crate::paths::Path;
use crate::state::{
    Announcer, Checks, Clock, Connection, Models, RoutingTables, ScenarioTexts, Session, Theme,
    Title, Toasts, TrafficCounts, UndoOffers, Unsaved, Workspace, use_undo,
};
use lazy_pages::LazyPage;
use leptos::ev;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::Router;
use leptos_router::hooks::{use_location, use_navigate};
use leptos_router::location::{BrowserUrl, LocationProvider};
use page::Page;
use shell::Shell;
use std::time::Duration;

/// Remembers in this browser that it is signed in, so that the next start can draw the page before
/// the control plane has said so. It grants nothing: `index.html` reads it.
const SIGNED_IN: &str = "waypost.signed-in";

/// How often the providers are reloaded while the tab is visible.
const FRESH: Duration = Duration::from_secs(10);

/// Mounts the dashboard.
pub fn mount() {
    base_path::read();
    leptos::mount::mount_to_body(App);
}

/// The dashboard.
#[component]
pub fn App() -> impl IntoView {
    let session = Session::new();
    let announcer = Announcer::new();
    let toasts = Toasts::new(announcer);
    let connection = Connection::new();
    let api = Api::new(
        Callback::new(move |()| session.end()),
        Callback::new(move |answered| connection.note(answered)),
    );
    let workspace = Workspace::new(api);
    let checks = Checks::new(api, workspace, announcer);
    provide_context(session);
    provide_context(connection);
    provide_context(checks);
    provide_context(announcer);
    provide_context(toasts);
    provide_context(api);
    provide_context(workspace);
    provide_context(RoutingTables::new());
    provide_context(Clock::start());
    provide_context(Theme::start());
    provide_context(Title::new());
    provide_context(Unsaved::new());
    provide_context(UndoOffers::new());
    let undo = use_undo();
    provide_context(ScenarioTexts::new());
    let models = Models::new(api);
    provide_context(models);
    let traffic = TrafficCounts::new(api);
    provide_context(traffic);

    let may_edit = session.may_edit();
    provide_context(EditAccess::new(
        Signal::derive(move || !may_edit.get()),
        move || toasts.failed(VIEWER_REASON),
    ));

    session.start(api, workspace);
    connection.watch(api, move || {
        if session.is_unreachable() {
            session.start(api, workspace);
        } else if session.signed_in().get_untracked() {
            workspace.reload();
            models.retry();
        }
    });
    keep_fresh(api, workspace, session);
    let signed_in = session.signed_in();
    let shows_pages = session.shows_pages();
    let starting = session.starting();
    Effect::new(move |began: Option<bool>| {
        let began = began.unwrap_or_default();
        let shows_pages = shows_pages.get();
        if !starting.get() {
            dom::remove_start_page();
        }
        if signed_in.get() {
            dom::store(SIGNED_IN, Some("1"));
            if !began {
                untrack(|| undo.offer_kept());
            }
            // The first session of this tab has filled the workspace already.
            if began || workspace.providers.get_untracked().is_none() {
                workspace.reload();
            }
            return true;
        }
        if !shows_pages {
            if !starting.get() && !session.is_unreachable() {
                dom::store(SIGNED_IN, None);
                undo.forget_kept();
            }
            workspace.forget();
            checks.forget();
            models.forget();
            traffic.forget();
        }
        began
    });

    // A file dropped beside its target would make the browser leave the page.
    let over = window_event_listener(ev::dragover, move |event| dom::refuse_files(&event));
    let dropped = window_event_listener(ev::drop, move |event| dom::refuse_files(&event));
    let pressed = window_event_listener(ev::keydown, move |event| {
        let alone = !event.shift_key() && !event.alt_key();
        let wanted = (event.ctrl_key() || event.meta_key()) && alone && event.key() == "z";
        // In a text field Control+Z undoes typing, and a dialog blocks the page behind it.
        if wanted && !dom::typing() && !dom::modal_open() && toasts.undo_last() {
            event.prevent_default();
        }
    });
    on_cleanup(move || {
        for listener in [over, dropped, pressed] {
            listener.remove();
        }
    });

    view! {
        <Router>
            {move || {
                if shows_pages.get() {
                    view! { <SignedIn /> }.into_any()
                } else if starting.get() {
                    // The document still shows the static shell.
                    ().into_any()
                } else {
                    view! { <SignInPage /> }.into_any()
                }
            }}
        </Router>
        <ToastList
            list=toasts.list()
            dismiss=move |id| toasts.dismiss(id)
            undo=move |id| toasts.undo(id)
        />
        <EditReason />
        <LiveRegion text=announcer.spoken() />
    }
}

/// Reloads what may have changed elsewhere: the providers file, another tab, another person.
fn keep_fresh(api: Api, workspace: Workspace, session: Session) {
    let signed_in = session.signed_in();
    dom::every(FRESH, move || {
        if signed_in.get_untracked() && dom::visible() {
            in_background(|| workspace.providers.reload());
        }
    });
    let on_return = window_event_listener(ev::focus, move |_| {
        if signed_in.get_untracked() {
            workspace.reload();
        } else if session.is_signed_out() {
            session.resume(api);
        }
    });
    let on_link = window_event_listener(ev::hashchange, move |_| session.follow_link());
    on_cleanup(move || {
        on_return.remove();
        on_link.remove();
    });
    // The settings and the snapshot contain providers as well.
    Effect::new(move |known: Option<bool>| {
        let read = workspace.providers.get().is_some();
        if known == Some(true) && read {
            in_background(|| {
                workspace.settings.reload();
                workspace.reload_snapshot();
            });
        }
        read
    });
}

/// The dashboard of a signed-in person.
#[component]
fn SignedIn() -> impl IntoView {
    view! {
        <Shell>
            <CurrentPage />
        </Shell>
    }
}

/// The page of the address.
#[component]
fn CurrentPage() -> impl IntoView {
    let pathname = use_location().pathname;
    let here = Memo::new(move |_| {
        pathname.with(|pathname| {
            let page = Page::at(pathname);
            // Another agent or source is another page.
            let subject = matches!(page, Page::Agent | Page::Source).then(|| pathname.clone());
            (page, subject)
        })
    });
    let page = move || here.with(|(page, _)| *page);
    let navigate = use_navigate();
    Effect::new(move || {
        if page() == Page::Start {
            let options = NavigateOptions {
                // Back skips the redirect.
                replace: true,
                ..NavigateOptions::default()
            };
            navigate(&Path::Gateways.to_string(), options);
        }
    });
    // The router changes the address bar once the page of a link is drawn.
    let browser = use_context::<BrowserUrl>();
    Effect::new(move || {
        pathname.track();
        if let Some(browser) = &browser {
            browser.ready_to_complete();
        }
    });
    // Of the address itself: an effect that reads a memo, and then what that memo is made of, misses a
    // change that leaves the memo as it was.
    let in_models = Memo::new(move |_| pathname.with(|pathname| Page::at(pathname).is_in_models()));
    let tab = move || match page() {
        Page::Gateways => view! { <GatewaysPage /> }.into_any(),
        Page::Direct => view! { <DirectPage /> }.into_any(),
        page if page.is_in_models() => LazyPage::of(page).map(LazyPage::draw).into_any(),
        // The frame is about to go.
        _ => ().into_any(),
    };
    move || {
        if in_models.get() {
            return view! { <ModelsPage tab=tab /> }.into_any();
        }
        match page() {
            Page::Unknown => view! { <NotFoundPage /> }.into_any(),
            page => LazyPage::of(page).map(LazyPage::draw).into_any(),
        }
    }
}
