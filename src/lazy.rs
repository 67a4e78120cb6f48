//! Parts of the dashboard that are loaded on first use: everything that the Gateways tab does not
//! need.
//!
//! In a build with the feature `split` each of them is a separate module, which the build
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

/// A part that is loading. A failure is not cached: the next attempt starts over.
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

/// The state of a part.
pub enum Stage<G: 'static> {
    /// Not requested yet.
    Unasked,
    /// Loading.
    Coming,
    /// Loaded.
    There(Draw<G>),
    /// Failed. It can be requested again.
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
    /// A part that is not requested yet, and its loader.
    #[must_use]
    pub fn new(load: fn() -> Coming<G>) -> Self {
        Self {
            stage: RwSignal::new(Stage::Unasked),
            load,
        }
    }

    /// Its state.
    #[must_use]
    pub fn stage(self) -> Stage<G> {
        self.stage.get()
    }

    /// Loads it, unless that was tried already: retrying after a failure is up to the user.
    pub fn ask_once(self) {
        if matches!(self.stage.get_untracked(), Stage::Unasked) {
            self.ask();
        }
    }

    /// Loads it, unless it is loaded or loading.
    pub fn ask(self) {
        self.ask_or(Box::new(|| {}));
    }

    /// Loads it, unless it is loaded or loading. Runs `failed` if that fails.
    pub fn ask_or(self, failed: Box<dyn FnOnce()>) {
        if matches!(self.stage.get_untracked(), Stage::Coming | Stage::There(_)) {
            return;
        }
        self.stage.set(Stage::Coming);
        let coming = (self.load)();
        spawn_detached(async move {
            let come = coming.await;
            // The page's heading replaces the placeholder heading.
            let in_heading = dom::heading_focused();
            let has_failed = come.is_err();
            self.stage.try_set(come.map_or(Stage::Failed, Stage::There));
            if has_failed {
                failed();
            }
            if in_heading {
                dom::focus_heading_if_lost();
            }
        });
    }
}

/// Preloads a part. A failure shows when it is used.
pub fn preload<G: 'static>(load: fn() -> Coming<G>) {
    let coming = load();
    spawn_detached(async move {
        let _ = coming.await;
    });
}
