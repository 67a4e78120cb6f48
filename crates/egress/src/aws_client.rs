//! HTTP for the SDK of AWS, which chooses its addresses itself: by region, by operator options, and for
//! credentials also by the metadata service of the machine.

use crate::client::{Answer, Egress};
use crate::failure::{CallFailure, FailureKind};
use crate::request_body::RequestBody;
use crate::service_client::{ServiceClient, ServiceSettings};
use crate::upstream_pool::OutgoingRequest;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::uri::PathAndQuery;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::timeout;
use waypost_routing::base_url::BaseUrl;

const SETTINGS: ServiceSettings = ServiceSettings {
    address: "the AWS endpoint",
    authorities: "SSL_CERT_FILE",
};

impl Egress {
    /// HTTP for calls of services. The metadata addresses are as closed to it as to everything else.
    #[must_use]
    pub fn aws_services(&self) -> SharedHttpClient {
        SharedHttpClient::new(AwsClient::new(self, false))
    }

    /// HTTP for the chain of credentials, which alone may call the metadata addresses of AWS. Nothing
    /// else in Waypost gets this client.
    #[must_use]
    pub fn aws_credentials(&self) -> SharedHttpClient {
        SharedHttpClient::new(AwsClient::new(self, true))
    }
}

#[derive(Clone)]
struct AwsClient(Arc<Inner>);

struct Inner {
    egress: Egress,
    reaches_metadata: bool,
    /// By origin.
    clients: Mutex<HashMap<String, ServiceClient>>,
}

/// The client with the times that a call may take.
#[derive(Clone)]
struct Timed {
    client: AwsClient,
    limit: Option<Duration>,
}

impl AwsClient {
    fn new(egress: &Egress, reaches_metadata: bool) -> Self {
        Self(Arc::new(Inner {
            egress: egress.clone(),
            reaches_metadata,
            clients: Mutex::default(),
        }))
    }

    fn client(&self, origin: &str) -> Result<ServiceClient, CallFailure> {
        let mut clients = self
            .0
            .clients
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(origin) {
            return Ok(client.clone());
        }
        let base = BaseUrl::parse(origin).map_err(|_| bad_request("its address is no URL"))?;
        let client = self
            .0
            .egress
            .service_of_aws(&base, SETTINGS, self.0.reaches_metadata)?;
        clients.insert(origin.to_owned(), client.clone());
        Ok(client)
    }

    async fn exchange(&self, request: HttpRequest) -> Result<Answer, CallFailure> {
        let request = request
            .try_into_http1x()
            .map_err(|_| bad_request("it is not HTTP"))?;
        let (head, body) = request.into_parts();
        let (Some(scheme), Some(authority)) = (head.uri.scheme_str(), head.uri.authority()) else {
            return Err(bad_request("its address is no URL"));
        };
        let client = self.client(&format!("{scheme}://{authority}"))?;
        let body = body.bytes().ok_or_else(|| bad_request("it is a stream"))?;
        let body = Bytes::copy_from_slice(body);
        let path_and_query = head.uri.path_and_query().cloned();
        client
            .send(OutgoingRequest {
                method: head.method,
                path_and_query: path_and_query.unwrap_or(PathAndQuery::from_static("/")),
                headers: head.headers,
                body: RequestBody::new([body, Bytes::new(), Bytes::new()]),
            })
            .await
    }
}

fn bad_request(what: &str) -> CallFailure {
    CallFailure::new(
        FailureKind::BadResponse,
        format!("The request to AWS cannot be sent: {what}."),
    )
}

impl HttpConnector for Timed {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self { client, limit } = self.clone();
        HttpConnectorFuture::new(async move {
            let exchange = client.exchange(request);
            let answer = match limit {
                None => exchange.await,
                Some(limit) => timeout(limit, exchange).await.unwrap_or_else(|_| {
                    let seconds = limit.as_secs_f32();
                    Err(CallFailure::new(
                        FailureKind::Timeout,
                        format!("AWS did not answer within {seconds} seconds."),
                    ))
                }),
            };
            answer.map_err(connector_error).and_then(response)
        })
    }
}

fn connector_error(failure: CallFailure) -> ConnectorError {
    match failure.kind {
        FailureKind::Timeout => ConnectorError::timeout(failure.into()),
        FailureKind::ConnectFailed | FailureKind::BadResponse => ConnectorError::io(failure.into()),
        _ => ConnectorError::user(failure.into()),
    }
}

fn response(answer: Answer) -> Result<HttpResponse, ConnectorError> {
    let status = StatusCode::try_from(answer.status)
        .map_err(|error| ConnectorError::other(error.into(), None))?;
    let mut response = HttpResponse::new(status, SdkBody::from(answer.body));
    for (name, value) in &answer.headers {
        if let Ok(value) = value.to_str() {
            response
                .headers_mut()
                .append(name.as_str().to_owned(), value.to_owned());
        }
    }
    Ok(response)
}

impl HttpClient for AwsClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let limits = [settings.connect_timeout(), settings.read_timeout()];
        // A read without a limit is bound by the client's.
        let limit = settings
            .read_timeout()
            .map(|_| limits.into_iter().flatten().sum());
        SharedHttpConnector::new(Timed {
            client: self.clone(),
            limit,
        })
    }
}

impl fmt::Debug for AwsClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AwsClient")
    }
}

impl fmt::Debug for Timed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Timed")
    }
}
