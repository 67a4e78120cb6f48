//! The OpenAPI document, made from the table of endpoints.

use super::api_route::{AcceptedTokens, Access, Answer, ApiRoute, Shape, register};
use axum::http::Method;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ComponentsBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, PathsBuilder, Ref, Required,
    ResponseBuilder, SecurityRequirement,
};
use utoipa::{PartialSchema as _, ToSchema as _};
use waypost_api_types::{Current, Problem};

/// The name of the sign-in scheme inside the document.
const SESSION: &str = "session";
/// The names of the token's schemes inside the document.
const TOKENS: [&str; 2] = ["bearerToken", "apiKeyToken"];
/// The name of the sample's key inside the document.
const SAMPLE_KEY: &str = "sampleKey";

/// The document of these endpoints. `cookie` is the session cookie's name.
#[must_use]
pub fn document(endpoints: &[ApiRoute], cookie: &str) -> OpenApi {
    let mut paths = PathsBuilder::new();
    // `Current` is a parameter of the type of problems, whose schema does not include it.
    let components = register::<Current>(ComponentsBuilder::new());
    let mut components = register::<Problem>(components);
    for endpoint in endpoints {
        paths = paths.path(
            endpoint.path,
            PathItem::new(http_method(&endpoint.method), operation(endpoint)),
        );
        if let Some((shape, _)) = endpoint.takes {
            components = (shape.register)(components);
        }
        if let Answer::Json(shape) = endpoint.answers {
            components = (shape.register)(components);
        }
    }
    let scheme = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
        cookie,
        "The cookie that POST /api/v1/session sets. Its name ends in the workspace's id.",
    )));
    let sample_key = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(
        "x-api-key",
        "The sample's key, created when the sample is installed. On the sample gateway it is a bearer token.",
    )));
    let bearer = SecurityScheme::Http(
        HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "An API token: a service token `wps_…` with the role that the operation asks for, or \
                 an agent's `wpa_…` for the routes of that agent.",
            ))
            .build(),
    );
    let api_key = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(
        "x-api-key",
        "The same tokens in another header.",
    )));
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Waypost")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(
                    "Decides where every LLM request goes, and shows it before it is sent. \
                     Request bodies must be application/json; errors are application/problem+json.",
                ))
                .build(),
        )
        .paths(paths)
        .components(Some(
            components
                .security_scheme(SESSION, scheme)
                .security_scheme(TOKENS[0], bearer)
                .security_scheme(TOKENS[1], api_key)
                .security_scheme(SAMPLE_KEY, sample_key)
                .build(),
        ))
        .build()
}

fn http_method(method: &Method) -> HttpMethod {
    match method.as_str() {
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "PATCH" => HttpMethod::Patch,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

fn operation(endpoint: &ApiRoute) -> Operation {
    let text = || ObjectBuilder::new().schema_type(SchemaType::Type(Type::String));
    let mut operation = OperationBuilder::new()
        .operation_id(Some(endpoint.operation))
        .summary(Some(endpoint.summary))
        .response(endpoint.status.to_string(), success(endpoint))
        .response("default", failure());
    for name in path_parameters(endpoint.path) {
        operation = operation.parameter(
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .schema(Some(text())),
        );
    }
    if endpoint.versioned && !matches!(endpoint.method, Method::GET | Method::POST) {
        operation = operation.parameter(
            ParameterBuilder::new()
                .name("If-Match")
                .parameter_in(ParameterIn::Header)
                .description(Some(
                    "The `ETag` of the version that the change is based on. If another version is stored, nothing changes and the 412 response contains it. Omit it to change any version.",
                ))
                .schema(Some(text())),
        );
    }
    for parameter in endpoint.query {
        operation = operation.parameter(
            ParameterBuilder::new()
                .name(parameter.name)
                .parameter_in(ParameterIn::Query)
                .description(Some(parameter.description))
                .schema(Some(text())),
        );
    }
    if let Some((shape, needed)) = endpoint.takes {
        let required = if needed {
            Required::True
        } else {
            Required::False
        };
        operation = operation.request_body(Some(
            RequestBodyBuilder::new()
                .content("application/json", content(shape))
                .required(Some(required))
                .build(),
        ));
    }
    let scheme = match endpoint.access {
        Access::Anyone => None,
        Access::Viewer | Access::Admin => Some(SESSION),
        Access::SampleKey => Some(SAMPLE_KEY),
    };
    let tokens = match endpoint.tokens {
        AcceptedTokens::None => &[][..],
        AcceptedTokens::Service | AcceptedTokens::ServiceAndAgent => &TOKENS[..],
    };
    for scheme in scheme.into_iter().chain(tokens.iter().copied()) {
        operation = operation.security(SecurityRequirement::new(scheme, [""; 0]));
    }
    operation.build()
}

fn success(endpoint: &ApiRoute) -> ResponseBuilder {
    let mut response = ResponseBuilder::new().description("Done.");
    if endpoint.versioned && !endpoint.deletes && matches!(endpoint.answers, Answer::Json(_)) {
        let tag = HeaderBuilder::new()
            .schema(Some(
                ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)),
            ))
            .description(Some("The version, for `If-Match`."));
        response = response.header("ETag", tag.build());
    }
    match endpoint.answers {
        Answer::Nothing => response,
        Answer::Text => response.content(
            "text/plain",
            ContentBuilder::new().schema(Some(String::schema())).build(),
        ),
        Answer::Html => response.content(
            "text/html",
            ContentBuilder::new().schema(Some(String::schema())).build(),
        ),
        Answer::Events => response.content(
            "text/event-stream",
            ContentBuilder::new().schema(Some(String::schema())).build(),
        ),
        Answer::Csv => response.content(
            "text/csv",
            ContentBuilder::new().schema(Some(String::schema())).build(),
        ),
        Answer::Json(shape) => response.content("application/json", content(shape)),
        Answer::Document => response.content("application/json", ContentBuilder::new().build()),
    }
}

fn failure() -> ResponseBuilder {
    let schema = Ref::from_schema_name(<Problem>::name());
    ResponseBuilder::new()
        .description("What went wrong, and where.")
        .content(
            "application/problem+json",
            ContentBuilder::new().schema(Some(schema)).build(),
        )
}

fn content(shape: Shape) -> utoipa::openapi::Content {
    ContentBuilder::new().schema(Some((shape.schema)())).build()
}

fn path_parameters(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}
