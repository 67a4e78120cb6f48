//! What a state means for the reader.

/// What a state means for the reader. Each has a colour and a shape, and the word beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Good: a dot.
    Ok,
    /// Nothing there, which is fine: a ring.
    None,
    /// Wants attention: a diamond.
    Warn,
    /// Failed: a square.
    Bad,
}

impl Tone {
    /// The value of `data-tone`, by which the stylesheet knows it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::None => "none",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}
