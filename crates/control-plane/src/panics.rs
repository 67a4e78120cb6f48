//! Panics: bugs in Waypost. A panic message may quote any value, a secret included, so only its
//! place in the code is logged.

use std::panic::PanicHookInfo;
use tokio::task::JoinError;

/// Installs a panic hook that logs the place of a panic and nothing else.
pub fn log_places() {
    std::panic::set_hook(Box::new(|info| {
        tracing::error!(place = place(info), "panic");
    }));
}

fn place(info: &PanicHookInfo<'_>) -> String {
    let location = info.location().map(ToString::to_string);
    location.unwrap_or_else(|| "unknown".to_owned())
}

/// Why a task failed. The error's own message would quote the panic.
#[must_use]
pub fn bad_end(error: &JoinError) -> &'static str {
    if error.is_panic() {
        "its task panicked"
    } else {
        "its task was cancelled"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[tokio::test]
    async fn a_task_that_panicked_is_not_quoted() {
        let error = tokio::spawn(async { panic!("sk-canary-0123456789") }).await;
        let error: JoinError = error.map(|(): ()| ()).unwrap_err();
        assert_eq!(bad_end(&error), "its task panicked");
        let cancelled = tokio::spawn(std::future::pending::<()>());
        cancelled.abort();
        assert_eq!(
            bad_end(&cancelled.await.unwrap_err()),
            "its task was cancelled"
        );
    }

    #[test]
    fn a_panic_is_logged_by_its_place() {
        let (sender, places) = mpsc::channel();
        let usual = std::panic::take_hook();
        let own = std::thread::current().id();
        std::panic::set_hook(Box::new(move |info| {
            // Other tests panic beside this one.
            if std::thread::current().id() == own {
                sender.send(place(info)).unwrap();
            }
        }));
        let caught = std::panic::catch_unwind(|| panic!("sk-canary-0123456789"));
        std::panic::set_hook(usual);
        assert!(caught.is_err());
        let place = places.recv().unwrap();
        assert!(place.starts_with(file!()), "{place}");
        assert!(!place.contains("canary"), "{place}");
    }
}
