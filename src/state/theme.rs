//! Light, dark, or the system's theme.

use crate::dom;
use leptos::prelude::*;

/// Where the browser keeps the choice.
const KEY: &str = "waypost.theme";

/// A choice of theme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThemeChoice {
    /// The system's theme, from `prefers-color-scheme`.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl ThemeChoice {
    /// Every choice, in the order in which a chooser lists them.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The name that the browser keeps and the stylesheet knows.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Its label.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::System => "System theme",
            Self::Light => "Light theme",
            Self::Dark => "Dark theme",
        }
    }

    /// The inverse of [`ThemeChoice::name`]; the system's for any other name.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|choice| choice.name() == name)
            .unwrap_or_default()
    }
}

/// The theme of the page.
#[derive(Clone, Copy)]
pub struct Theme {
    choice: RwSignal<ThemeChoice>,
}

impl Theme {
    /// Applies the theme that was last chosen in this browser.
    #[must_use]
    pub fn start() -> Self {
        let choice = dom::stored(KEY)
            .map(|name| ThemeChoice::from_name(&name))
            .unwrap_or_default();
        let theme = Self {
            choice: RwSignal::new(choice),
        };
        theme.show();
        theme
    }

    /// The choice.
    #[must_use]
    pub fn choice(self) -> ThemeChoice {
        self.choice.get()
    }

    /// Applies a theme and remembers it in this browser.
    pub fn choose(self, choice: ThemeChoice) {
        self.choice.set(choice);
        let kept = (choice != ThemeChoice::System).then(|| choice.name());
        dom::store(KEY, kept);
        self.show();
    }

    fn show(self) {
        let choice = self.choice.get_untracked();
        let attribute = (choice != ThemeChoice::System).then(|| choice.name());
        dom::set_root_attribute("data-theme", attribute);
    }
}

/// The theme of the page.
///
/// # Panics
/// Outside of the app, which provides it.
#[must_use]
pub fn use_theme() -> Theme {
    use_context().expect("the app provides the theme")
}
