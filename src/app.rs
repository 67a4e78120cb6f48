//! The app: what outlives pages, the router with its one table of routes, and who may see it.

mod focus;
mod lazy_pages;
mod rail;
mod shell;

use crate::api::{Api, in_background};
use crate::components::{EditAccess, EditReason, LiveRegion, ToastList, VIEWER_REASON};
use crate::dom;
use crate::pages::{
    direct_providers::DirectPage, gateways::GatewaysPage, models::ModelsPage,
    not_found::NotFoundPage, sign_in::SignInPage,
};
use crate::paths::Path;
use crate::state::{
    Announcer, Checks, Clock, Connection, Models, RoutingTables, ScenarioTexts, Session, Theme,
    Title, Toasts, UndoOffers, Unsaved, Workspace,
};
use lazy_pages::{
    LazyActivity, LazyAgentForm, LazyAgents, LazyCatalog, LazyPreview, LazySettings,
    LazySourceForm, LazySources,
};
use leptos::ev;
use leptos::prelude::*;
use leptos_router::components::{ParentRoute, Redirect, Route, Router, Routes};
use leptos_router::path;
use leptos_router::{MatchNestedRoutes, NavigateOptions};
use shell::Shell;
use std::time::Duration;

/// Remembers in this browser that it is signed in, so that the next start can draw the page before
/// the control plane has said so. It grants nothing: `index.html` reads it.
const SIGNED_IN: &str = "waypost.signed-in";

/// How often the providers are reloaded while the tab is visible.
const FRESH: Duration = Duration::from_secs(10);

/// Mounts the dashboard.
pub fn mount() {
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
    provide_context(ScenarioTexts::new());
    let models = Models::new(api);
    provide_context(models);

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
            models.reload_failed();
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
            // The first session of this tab has filled the workspace already.
            if began || workspace.providers.get_untracked().is_none() {
                workspace.reload();
            }
            return true;
        }
        if !shows_pages {
            if !starting.get() && !session.is_unreachable() {
                dom::store(SIGNED_IN, None);
            }
            workspace.forget();
            checks.forget();
            models.forget();
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
            <Routes fallback=NotFoundPage children=ToChildren::to_children(page_routes) />
        </Shell>
    }
}

/// The table of routes. [`Path`] writes exactly these addresses.
///
/// Not a component: with erased views a component returns another type.
fn page_routes() -> impl MatchNestedRoutes + Clone {
    // Replaces the history entry, so that Back skips the redirect.
    let gateways = || {
        let options = NavigateOptions {
            replace: true,
            ..NavigateOptions::default()
        };
        view! { <Redirect path=Path::Gateways.to_string() options=options /> }
    };
    view! {
        <Route path=path!("/") view=gateways />
        <Route path=path!("/sign-in") view=gateways />
        <ParentRoute path=path!("/models") view=ModelsPage>
            <Route path=path!("/") view=gateways />
            <Route path=path!("/gateways") view=GatewaysPage />
            <Route path=path!("/direct") view=DirectPage />
            <Route path=path!("/catalog") view=LazyCatalog />
            <Route path=path!("/sources") view=LazySources />
            <Route path=path!("/sources/new") view=LazySourceForm />
            <Route path=path!("/sources/:slug") view=LazySourceForm />
        </ParentRoute>
        <Route path=path!("/agents") view=LazyAgents />
        <Route path=path!("/agents/new") view=LazyAgentForm />
        <Route path=path!("/agents/named/:name") view=LazyAgentForm />
        <Route path=path!("/preview") view=LazyPreview />
        <Route path=path!("/activity") view=LazyActivity />
        <Route path=path!("/settings") view=LazySettings />
    }
    .into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths::{ActivityFilter, CatalogFilter};
    use leptos_router::RouteDefs;
    use waypost_routing::catalog::ProviderKind;

    #[test]
    fn every_path_has_a_route() {
        let routes = RouteDefs::new(page_routes());
        let paths = [
            Path::Models,
            Path::Gateways,
            Path::Configure(ProviderKind::Gateway, "litellm".to_owned()),
            Path::Sources,
            Path::NewSource,
            Path::Source("local/gateway ü".to_owned()),
            Path::Direct,
            Path::Catalog(CatalogFilter {
                owner: "openrouter".to_owned(),
                ..CatalogFilter::default()
            }),
            Path::Agents,
            Path::ImportAgents,
            Path::NewAgent,
            Path::Agent("support/bot ü".to_owned()),
            Path::preview("openrouter/moonshotai/kimi-k2"),
            Path::Activity(ActivityFilter::default()),
            Path::Settings,
            Path::SignIn,
        ];
        for path in paths {
            let address = path.to_string();
            let pathname = address.split('?').next().unwrap_or_default();
            assert!(routes.match_route(pathname).is_some(), "{address}");
        }
    }

    #[test]
    fn other_addresses_have_none() {
        let routes = RouteDefs::new(page_routes());
        for address in [
            "/models/gateways/litellm",
            "/agents/bot",
            "/models/sources/a/b",
        ] {
            assert!(routes.match_route(address).is_none(), "{address}");
        }
        for address in ["/", "/models"] {
            assert!(routes.match_route(address).is_some(), "{address}");
        }
    }
}
