//! The shape of one row of the table of endpoints.
//!
//! From the rows come the router, the OpenAPI document and the tests of who may call what, so
//! that none of the three can know an endpoint that the others do not.

use super::body::json_only;
pub use super::caller::AcceptedTokens;
use super::caller::Requirement;
use super::{authenticate, compression, sample};
use crate::http::app::App;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn;
use axum::routing::{MethodFilter, MethodRouter, on};
use std::convert::Infallible;
use utoipa::openapi::schema::ComponentsBuilder;
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema as _, ToSchema};
use waypost_api_types::{Deleted, Page};

/// What a body may hold at most, where a row says nothing else.
const BODY_BYTES: usize = 256 * 1024;

/// Who may call an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone who reaches the listener.
    Anyone,
    /// Signed-in viewers and administrators.
    Viewer,
    /// Signed-in administrators.
    Admin,
    /// Requests with the sample's key.
    SampleKey,
}

/// A type of the API: what stands for it in the document, and what that needs there.
#[derive(Clone, Copy)]
pub struct Shape {
    /// Its schema, or a reference to it.
    pub schema: fn() -> RefOr<Schema>,
    /// Adds every schema that is referred to.
    pub register: fn(ComponentsBuilder) -> ComponentsBuilder,
}

/// What a success answers with.
#[derive(Clone, Copy)]
pub enum Answer {
    /// Nothing.
    Nothing,
    /// Plain text.
    Text,
    /// A page for a person.
    Html,
    /// Comma-separated values.
    Csv,
    /// Server-sent events.
    Events,
    /// JSON of this shape.
    Json(Shape),
    /// Some other JSON document.
    Document,
}

impl Shape {
    fn of<T: ToSchema>() -> Self {
        Self {
            schema: || Ref::from_schema_name(T::name()).into(),
            register: register::<T>,
        }
    }

    /// A page of a list. All pages have one name, so that their schemas stand where they are
    /// used.
    fn page_of<T: ToSchema>() -> Self {
        Self {
            schema: Page::<T>::schema,
            register: register::<T>,
        }
    }
}

/// Adds the schema of a type, and those it refers to.
pub(super) fn register<T: ToSchema>(components: ComponentsBuilder) -> ComponentsBuilder {
    let mut referred = Vec::new();
    T::schemas(&mut referred);
    components
        .schemas_from_iter(referred)
        .schema(T::name(), T::schema())
}

/// A parameter of a query string.
#[derive(Clone, Copy, Debug)]
pub struct QueryParameter {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub description: &'static str,
}

/// One row.
pub struct ApiRoute {
    /// The method.
    pub method: Method,
    /// The path, with `{parameters}`.
    pub path: &'static str,
    /// The operation's id in the document.
    pub operation: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// Who may call it.
    pub access: Access,
    /// Which tokens it accepts in place of a session.
    pub tokens: AcceptedTokens,
    /// The status of a success.
    pub status: u16,
    /// The body it takes, and whether it must be there.
    pub takes: Option<(Shape, bool)>,
    /// What it answers with.
    pub answers: Answer,
    /// The parameters of its query string.
    pub query: &'static [QueryParameter],
    /// Whether what it shows or changes has a version.
    pub versioned: bool,
    /// Whether what it changes is there no more, so that the answer has no version.
    pub deletes: bool,
    compressed: bool,
    body_bytes: usize,
    handler: MethodRouter<App>,
}

impl ApiRoute {
    /// A row without a body or an answer, open to viewers if it is a `GET` and to administrators
    /// otherwise.
    pub fn new<H, T>(
        method: Method,
        path: &'static str,
        operation: &'static str,
        summary: &'static str,
        handler: H,
    ) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let access = match method {
            Method::GET => Access::Viewer,
            _ => Access::Admin,
        };
        let filter = MethodFilter::try_from(method.clone()).expect("the method is one of HTTP's");
        Self {
            compressed: method == Method::GET,
            method,
            path,
            operation,
            summary,
            access,
            tokens: AcceptedTokens::Service,
            status: 204,
            takes: None,
            answers: Answer::Nothing,
            query: &[],
            versioned: false,
            deletes: false,
            body_bytes: BODY_BYTES,
            handler: on(filter, handler),
        }
    }

    /// Open to anyone.
    #[must_use]
    pub fn for_anyone(mut self) -> Self {
        self.access = Access::Anyone;
        self.tokens = AcceptedTokens::None;
        self
    }

    /// Open to viewers, although it is not a `GET`.
    #[must_use]
    pub fn for_viewers(mut self) -> Self {
        self.access = Access::Viewer;
        self
    }

    /// For a person who is signed in, and for no token.
    #[must_use]
    pub fn for_people(mut self) -> Self {
        self.tokens = AcceptedTokens::None;
        self
    }

    /// For agents' tokens as well.
    #[must_use]
    pub fn for_agents(mut self) -> Self {
        self.tokens = AcceptedTokens::ServiceAndAgent;
        self
    }

    /// Shows or changes one thing that has a version.
    #[must_use]
    pub fn versioned(mut self) -> Self {
        self.versioned = true;
        self
    }

    /// Deletes one thing that has a version, and answers with what takes that back.
    #[must_use]
    pub fn deletes(mut self) -> Self {
        self.deletes = true;
        self.versioned().answers::<Deleted>(200)
    }

    /// Open to requests with the sample's key.
    #[must_use]
    pub fn for_sample_key(mut self) -> Self {
        self.access = Access::SampleKey;
        self.tokens = AcceptedTokens::None;
        self
    }

    /// Takes this body.
    #[must_use]
    pub fn takes<T: ToSchema>(mut self) -> Self {
        self.takes = Some((Shape::of::<T>(), true));
        self
    }

    /// Takes this body, which may be left out.
    #[must_use]
    pub fn may_take<T: ToSchema>(mut self) -> Self {
        self.takes = Some((Shape::of::<T>(), false));
        self
    }

    /// Takes a body of up to so many bytes.
    #[must_use]
    pub fn up_to(mut self, bytes: usize) -> Self {
        self.body_bytes = bytes;
        self
    }

    /// Answers with this status and body.
    #[must_use]
    pub fn answers<T: ToSchema>(mut self, status: u16) -> Self {
        self.status = status;
        self.answers = Answer::Json(Shape::of::<T>());
        self
    }

    /// Answers 200 with a page of these.
    #[must_use]
    pub fn answers_page<T: ToSchema>(mut self) -> Self {
        self.status = 200;
        self.answers = Answer::Json(Shape::page_of::<T>());
        self
    }

    /// Answers 200 with plain text.
    #[must_use]
    pub fn answers_text(mut self) -> Self {
        self.status = 200;
        self.answers = Answer::Text;
        self
    }

    /// Answers 200 with a page for a person.
    #[must_use]
    pub fn answers_html(mut self) -> Self {
        self.status = 200;
        self.answers = Answer::Html;
        self
    }

    /// Sends the browser elsewhere.
    #[must_use]
    pub fn redirects(mut self) -> Self {
        self.status = 303;
        self
    }

    /// Answers 200 with comma-separated values.
    #[must_use]
    pub fn answers_csv(mut self) -> Self {
        self.status = 200;
        self.answers = Answer::Csv;
        self
    }

    /// Answers 200 with server-sent events.
    #[must_use]
    pub fn answers_events(mut self) -> Self {
        self.status = 200;
        self.answers = Answer::Events;
        self
    }

    /// Answers 200 with a JSON document of an external standard.
    #[must_use]
    pub fn answers_document(mut self) -> Self {
        self.status = 200;
        self.answers = Answer::Document;
        self
    }

    /// Reads these parameters of the query string.
    #[must_use]
    pub fn reads(mut self, query: &'static [QueryParameter]) -> Self {
        self.query = query;
        self
    }

    /// The path and what answers there, with the checks that the row asks for around it. Who is
    /// not signed in is refused before a body is read.
    pub fn route(self, app: &App) -> (&'static str, MethodRouter<App>) {
        let limited = self
            .handler
            .layer(DefaultBodyLimit::max(self.body_bytes))
            .layer(from_fn(json_only));
        let compressed = self.compressed && self.access != Access::SampleKey;
        let limited = match compressed {
            true => limited
                .layer::<_, Infallible>(from_fn(compression::mark_uncompressed))
                .layer::<_, Infallible>(compression::layer())
                .layer(from_fn(compression::weaken_tags)),
            false => limited,
        };
        let guarded = match self.access {
            Access::Anyone => limited,
            Access::Viewer | Access::Admin => {
                let requirement = Requirement {
                    admin: self.access == Access::Admin,
                    tokens: self.tokens,
                };
                limited.layer(axum::middleware::from_fn_with_state(
                    (app.clone(), requirement),
                    authenticate::require,
                ))
            }
            Access::SampleKey => limited.layer(axum::middleware::from_fn_with_state(
                app.clone(),
                sample::require_key,
            )),
        };
        (self.path, guarded)
    }
}
