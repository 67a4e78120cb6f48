//! Requests that are answered on the main runtime, whatever thread serves their connection.

use super::problem::ApiError;
use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tower::ServiceExt as _;

/// A router whose handlers run on the runtime that makes it: what takes its time there holds up no
/// request that is forwarded on the thread of its connection.
pub(super) fn on_this_runtime(router: Router) -> Router {
    let runtime = Handle::current();
    Router::new().fallback(move |request: Request| {
        let (router, runtime) = (router.clone(), runtime.clone());
        async move { answer(router, request, &runtime).await }
    })
}

/// A caller that leaves cancels the handler.
async fn answer(router: Router, request: Request, runtime: &Handle) -> Response {
    let mut answering = JoinSet::new();
    answering.spawn_on(router.oneshot(request), runtime);
    match answering.join_next().await {
        Some(Ok(answer)) => answer.into_response(),
        _ => ApiError::fault().into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::routing::get;
    use std::sync::Arc;
    use std::thread;
    use tokio::runtime::Builder;
    use tokio::sync::Semaphore;

    async fn thread_name() -> String {
        format!("{:?}", thread::current().id())
    }

    /// Adds a permit when it is dropped.
    struct OnDrop(Arc<Semaphore>);

    impl Drop for OnDrop {
        fn drop(&mut self) {
            self.0.add_permits(1);
        }
    }

    #[test]
    fn a_handler_runs_on_the_runtime_of_its_router_and_ends_with_its_caller() {
        let (begun, ended) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let hung = {
            let (begun, ended) = (begun.clone(), ended.clone());
            async move || {
                let _ended = OnDrop(ended);
                begun.add_permits(1);
                std::future::pending::<()>().await
            }
        };
        let router = Router::new()
            .route("/thread", get(thread_name))
            .route("/hung", get(hung));
        let main = Builder::new_multi_thread()
            .worker_threads(1)
            .build()
            .unwrap();
        let router = main.block_on(async { on_this_runtime(router) });
        let request = |path| Request::get(path).body(Body::empty()).unwrap();
        let serving = Builder::new_current_thread().build().unwrap();
        serving.block_on(async {
            let answer = router.clone().oneshot(request("/thread")).await.unwrap();
            let name = axum::body::to_bytes(answer.into_body(), 99).await.unwrap();
            assert_ne!(name, thread_name().await);
            tokio::select! {
                _ = router.oneshot(request("/hung")) => panic!("nothing answers"),
                begun = begun.acquire() => begun.unwrap().forget(),
            }
            ended.acquire().await.unwrap().forget();
        });
    }
}
