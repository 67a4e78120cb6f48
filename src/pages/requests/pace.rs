//! How often the list catches up. Pure: no timer, no browser.

/// Lets one catch-up run at a time, with a rest after each. What is asked for meanwhile is done once,
/// after the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Pace {
    /// The next catch-up may begin at once.
    #[default]
    Idle,
    /// One runs, or has just ended.
    Taken {
        /// Whether another was asked for.
        again: bool,
    },
}

impl Pace {
    /// Asks for a catch-up. Returns whether it may begin now.
    pub(super) fn ask(&mut self) -> bool {
        let begins = *self == Self::Idle;
        *self = Self::Taken { again: !begins };
        begins
    }

    /// Ends the rest. Returns whether another catch-up was asked for meanwhile.
    pub(super) fn wake(&mut self) -> bool {
        std::mem::take(self) == Self::Taken { again: true }
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;

    #[test]
    fn a_storm_is_one_catch_up_now_and_one_after_the_rest() {
        let mut pace = Pace::default();
        let begun = (0..100).filter(|_| pace.ask()).count();
        assert_eq!(begun, 1);
        assert!(pace.wake(), "another was asked for");
        assert!(pace.ask());
        assert!(!pace.wake(), "nothing was asked for since");
        assert!(pace.ask());
    }
}
