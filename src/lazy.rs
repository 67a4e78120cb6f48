//! Parts of the dashboard that are loaded when they are first asked for: everything that the first
//! visitor of the Gateways tab does not need.
//!
//! In a build with the feature `split` each of them lies in a module of its own, which the build
//! cuts out of the dashboard. Without it they are in the one module and there at once, so that
//! `trunk serve` and the component tests need no more than cargo and wasm-bindgen.

use crate::dom;
use crate::task::spawn_detached;
use leptos::prelude::*;
pub use leptos::wasm_split::SplitLoaderError;
#[cfg(feature = "split")]
pub(crate) use leptos::wasm_split::wasm_split as split;
use std::future::Future;
use std::pin::Pin;

/// Draws a part of what it is given, once its module is there.
pub type Draw<G> = fn(G) -> AnyView;

/// A part on its way. A failure is not kept: the next try begins anew.
pub type Coming<G> = Pin<Box<dyn Future<Output = Result<Draw<G>, SplitLoaderError>>>>;

/// Puts what draws a part into a module, and names the function that loads it. What is loaded is a
/// function, and not the view, because the view has to be made under the owner of the component
/// that shows it. Parts that name the same module come together.
macro_rules! part {
    ($name:ident, $module:ident, $given:ty, $draw:expr) => {
        fn $name() -> $crate::lazy::Coming<$given> {
            #[cfg(feature = "split")]
            #[$crate::lazy::split($module, wasm_split_path = leptos::wasm_split, fallible)]
            fn $name() -> Result<$crate::lazy::Draw<$given>, $crate::lazy::SplitLoaderError> {
                Ok($draw)
            }
            #[cfg(not(feature = "split"))]
            async fn $name() -> Result<$crate::lazy::Draw<$given>, $crate::lazy::SplitLoaderError> {
                Ok($draw)
            }
            Box::pin($name())
        }
    };
}
pub(crate) use part;

/// Where a part is.
pub enum Stage<G: 'static> {
    /// Nobody has asked for it.
    Unasked,
    /// It is on its way.
    Coming,
    /// It can be drawn.
    There(Draw<G>),
    /// It could not be loaded. It may be asked for again.
    Failed,
}

impl<G> Clone for Stage<G> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<G> Copy for Stage<G> {}

/// A part that may still have to be loaded.
pub struct Part<G: 'static> {
    stage: RwSignal<Stage<G>>,
    load: fn() -> Coming<G>,
}

impl<G> Clone for Part<G> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<G> Copy for Part<G> {}

impl<G> Part<G> {
    /// A part that nobody has asked for yet, and what loads it.
    #[must_use]
    pub fn new(load: fn() -> Coming<G>) -> Self {
        Self {
            stage: RwSignal::new(Stage::Unasked),
            load,
        }
    }

    /// Where it is.
    #[must_use]
    pub fn stage(self) -> Stage<G> {
        self.stage.get()
    }

    /// Loads it, unless that was tried already: where it failed, it is for a person to try again.
    pub fn ask_once(self) {
        if matches!(self.stage.get_untracked(), Stage::Unasked) {
            self.ask();
        }
    }

    /// Loads it, unless it is there or on its way.
    pub fn ask(self) {
        if matches!(self.stage.get_untracked(), Stage::Coming | Stage::There(_)) {
            return;
        }
        self.stage.set(Stage::Coming);
        let coming = (self.load)();
        spawn_detached(async move {
            let come = coming.await;
            // The heading of a page takes the place of the one that is shown until then.
            let in_heading = dom::heading_focused();
            self.stage.try_set(come.map_or(Stage::Failed, Stage::There));
            if in_heading {
                dom::focus_heading_if_lost();
            }
        });
    }
}

/// Loads a part ahead of its use. A failure is shown to those who do use it.
pub fn preload<G: 'static>(load: fn() -> Coming<G>) {
    let coming = load();
    spawn_detached(async move {
        let _ = coming.await;
    });
}
