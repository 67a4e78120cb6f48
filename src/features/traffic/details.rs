//! The traffic of the last hour and day, in a dialog.

use super::TrafficOf;
use super::words::{failed_share, milliseconds};
use crate::api::types::{TrafficBy, TrafficItem, TrafficWindow};
use crate::api::{ApiError, use_api};
use crate::components::{Button, Dialog, Loading, Notice, RetryButton, Tone};
use crate::format::thousands;
use crate::paths::Path;
use crate::task::Scope;
use leptos::prelude::*;

/// Both windows; `None` for one without requests.
type Windows = [Option<TrafficItem>; 2];

/// The dialog.
#[component]
pub(super) fn TrafficDialog(open: RwSignal<bool>, of: TrafficOf) -> impl IntoView {
    let name = of.name;
    let title = Signal::derive(move || format!("Traffic of {}", name.get()));
    let subtitle = match of.by {
        TrafficBy::Agent => "Requests of this agent, its subagents included.",
        _ => "Attempts that were sent there. A request that used its fallback counts at both.",
    };
    view! {
        <Dialog open=open title=title subtitle=subtitle wide=true>
            <Content open=open of=of.clone() />
        </Dialog>
    }
}

#[component]
fn Content(open: RwSignal<bool>, of: TrafficOf) -> impl IntoView {
    let api = use_api();
    let scope = Scope::current();
    let loaded = RwSignal::new(None::<Result<Windows, ApiError>>);
    let (by, key) = (of.by, of.key);
    let read = Callback::new(move |()| {
        let key = key.get_untracked();
        let hour = api.traffic(TrafficWindow::Hour, by);
        let day = api.traffic(TrafficWindow::Day, by);
        scope.spawn(async move {
            let windows = async {
                let [hour, day] = [hour.await?, day.await?].map(|traffic| {
                    let mut items = traffic.items.into_iter();
                    items.find(|item| item.key == key)
                });
                Ok([hour, day])
            };
            loaded.try_set(Some(windows.await));
        });
    });
    read.run(());
    let requests = [TrafficWindow::Hour, TrafficWindow::Day]
        .map(|window| Path::Requests(of.filter(window)).to_string());
    view! {
        <div class="dialog-body">
            {move || match loaded.get() {
                None => view! { <Loading label="Loading the traffic" rows=2 /> }.into_any(),
                Some(Err(error)) => {
                    view! {
                        <Notice tone=Tone::Bad text=error.message()>
                            <RetryButton press=read />
                        </Notice>
                    }
                        .into_any()
                }
                Some(Ok(windows)) => table(windows, requests.clone(), open),
            }}
        </div>
        <footer class="dialog-foot">
            <span class="grow"></span>
            <Button press=move || open.set(false)>"Close"</Button>
        </footer>
    }
}

/// A column for each window, so that it fits a narrow screen. The dialog may be inside the row of a list,
/// whose styles for the elements of a table would apply to it: so it has none. `requests` are the addresses of the
/// requests that are counted.
fn table([hour, day]: Windows, requests: [String; 2], open: RwSignal<bool>) -> AnyView {
    type Read = fn(&TrafficItem) -> Option<String>;
    let lines: [(&str, Read); 8] = [
        ("Requests", |item| Some(thousands(item.requests))),
        ("Failed", |item| {
            let share = failed_share(item).map(|share| format!(" ({share})"));
            Some(thousands(item.failed) + &share.unwrap_or_default())
        }),
        ("First byte, median", |item| {
            item.first_byte_p50.map(milliseconds)
        }),
        ("First byte, 95%", |item| {
            item.first_byte_p95.map(milliseconds)
        }),
        ("Total, median", |item| item.total_p50.map(milliseconds)),
        ("Total, 95%", |item| item.total_p95.map(milliseconds)),
        ("Tokens in", |item| Some(thousands(item.tokens_in))),
        ("Tokens out", |item| Some(thousands(item.tokens_out))),
    ];
    let value = move |item: &Option<TrafficItem>, read: Read| match item {
        Some(item) => read(item).unwrap_or_else(|| "–".to_owned()),
        // Without a request there is nothing to measure.
        None => "–".to_owned(),
    };
    let rows = lines
        .map(|(title, read)| {
            view! {
                <div role="row">
                    <span role="rowheader">{title}</span>
                    <span role="cell">{value(&hour, read)}</span>
                    <span role="cell">{value(&day, read)}</span>
                </div>
            }
        })
        .collect_view();
    let [of_hour, of_day] = requests;
    let link = move |item: &Option<TrafficItem>, address: String, window: &'static str| {
        item.as_ref().map(|_| {
            view! {
                <a href=address on:click=move |_| open.set(false)>
                    // Longer text would take the names of the rows their place on a narrow screen.
                    "Show"
                    <span class="visually-hidden">{format!(" requests of the {window}")}</span>
                </a>
            }
        })
    };
    let links = day.is_some().then(|| {
        view! {
            <div role="row">
                <span role="cell"></span>
                <span role="cell">{link(&hour, of_hour, "last hour")}</span>
                <span role="cell">{link(&day, of_day, "last 24 hours")}</span>
            </div>
        }
    });
    let quiet = day.is_none().then(|| {
        view! { <p class="small">"No requests in the last 24 hours."</p> }
    });
    view! {
        {quiet}
        <div class="traffic-table" role="table" aria-label="Traffic">
            <div role="row">
                <span role="cell"></span>
                <span role="columnheader">"Last hour"</span>
                <span role="columnheader">"Last 24 hours"</span>
            </div>
            {rows}
            {links}
        </div>
    }
    .into_any()
}
