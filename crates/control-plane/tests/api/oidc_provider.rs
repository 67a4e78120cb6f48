//! An identity provider for the tests, on a real socket: discovery, keys, codes, tokens and userinfo.
//! It checks what a provider checks, and lies where a test asks for it.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::net::TcpListener;
use url::Url;
use waypost_control_plane::oidc::{ClientSecret, Groups, Oidc, OidcOptions};
use waypost_egress::Egress;
use waypost_secrets::SecretText;
use waypost_system::clock;

pub(crate) const CLIENT: &str = "waypost";
/// Both parts of the header must be form-encoded.
pub(crate) const SECRET: &str = "s3cret/+ :of client";
/// Where the server under test is reached.
pub(crate) const DASHBOARD: &str = "http://localhost";

/// A key, and the name it has in the list of keys.
struct Key {
    id: String,
    pair: rcgen::KeyPair,
}

impl Key {
    fn new(id: &str) -> Self {
        let pair = rcgen::KeyPair::generate().unwrap();
        let id = id.to_owned();
        Self { id, pair }
    }

    fn jwk(&self) -> Value {
        let point = self.pair.public_key_raw();
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id,
            "x": part(&point[1..33]), "y": part(&point[33..]),
        })
    }
}

/// What the provider does, and what was asked of it.
pub(crate) struct Behaviour {
    /// Changes to the claims of ID tokens. `null` removes one.
    pub(crate) claims: Value,
    /// Changes to the discovery document.
    pub(crate) document: Value,
    /// What the userinfo endpoint says.
    pub(crate) userinfo: Value,
    /// An ID token to return in place of one that it signs.
    pub(crate) id_token: Option<String>,
    /// How often the list of keys was read.
    pub(crate) keys_read: usize,
    key: Key,
    listed: Vec<Value>,
    codes: BTreeMap<String, Code>,
}

struct Code {
    nonce: Option<String>,
    challenge: String,
    redirect_uri: String,
}

/// The provider.
#[derive(Clone)]
pub(crate) struct TestProvider {
    pub(crate) origin: String,
    behaviour: Arc<Mutex<Behaviour>>,
}

impl TestProvider {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let key = Key::new("first");
        let provider = Self {
            origin: format!("http://{}", listener.local_addr().unwrap()),
            behaviour: Arc::new(Mutex::new(Behaviour {
                claims: json!({}),
                document: json!({}),
                userinfo: json!({}),
                id_token: None,
                keys_read: 0,
                listed: vec![key.jwk()],
                key,
                codes: BTreeMap::new(),
            })),
        };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(document))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    pub(crate) fn behaviour(&self) -> MutexGuard<'_, Behaviour> {
        self.behaviour.lock().unwrap()
    }

    /// Sign-in with this provider, spelt like this.
    pub(crate) fn oidc_of(&self, issuer: &str) -> Oidc {
        let options = OidcOptions {
            issuer: issuer.to_owned(),
            client_id: CLIENT.to_owned(),
            client_secret: ClientSecret::Given(SecretText::new(SECRET.to_owned())),
            groups: Groups {
                claim: "groups".to_owned(),
                admin: vec!["ops".to_owned()],
                viewer: vec!["staff".to_owned()],
            },
            scopes: "profile email".to_owned(),
            name: Some("Example Login".to_owned()),
            dashboard: DASHBOARD.to_owned(),
        };
        let egress = Egress::new("127.0.0.1:8700".parse().unwrap());
        Oidc::new(options, &egress).unwrap()
    }

    pub(crate) fn oidc(&self) -> Oidc {
        self.oidc_of(&self.origin)
    }

    /// Replaces the key. Tokens that the old one signed are no longer good.
    pub(crate) fn rotate(&self) {
        let key = Key::new("second");
        let mut behaviour = self.behaviour();
        behaviour.listed = vec![key.jwk()];
        behaviour.key = key;
    }

    /// Signs with a key that it does not list.
    pub(crate) fn sign_with_another(&self) {
        self.behaviour().key = Key::new("first");
    }

    /// What the provider does once a person has agreed: the query of the callback.
    pub(crate) fn approve(&self, authorization: &Url) -> String {
        let asked: BTreeMap<_, _> = authorization.query_pairs().into_owned().collect();
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["scope"], "openid profile email");
        assert_eq!(asked["code_challenge_method"], "S256");
        let mut behaviour = self.behaviour();
        let code = format!("code-{}", behaviour.codes.len());
        behaviour.codes.insert(
            code.clone(),
            Code {
                nonce: asked.get("nonce").cloned(),
                challenge: asked["code_challenge"].clone(),
                redirect_uri: asked["redirect_uri"].clone(),
            },
        );
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("code", &code)
            .append_pair("state", &asked["state"])
            .append_pair("iss", &self.origin)
            .append_pair("session_state", "theirs");
        query.finish()
    }
}

fn changed(mut value: Value, changes: &Value) -> Value {
    let all: &mut Map<String, Value> = value.as_object_mut().unwrap();
    for (name, change) in changes.as_object().unwrap() {
        match change {
            Value::Null => all.remove(name),
            change => all.insert(name.clone(), change.clone()),
        };
    }
    value
}

async fn document(State(provider): State<TestProvider>) -> Json<Value> {
    let origin = &provider.origin;
    let document = json!({
        "issuer": origin,
        "authorization_endpoint": format!("{origin}/authorize"),
        "token_endpoint": format!("{origin}/token"),
        "jwks_uri": format!("{origin}/keys"),
        "userinfo_endpoint": format!("{origin}/userinfo"),
        "authorization_response_iss_parameter_supported": true,
    });
    Json(changed(document, &provider.behaviour().document))
}

async fn keys(State(provider): State<TestProvider>) -> Json<Value> {
    let mut behaviour = provider.behaviour();
    behaviour.keys_read += 1;
    Json(json!({ "keys": behaviour.listed }))
}

fn refused(error: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response()
}

async fn token(State(provider): State<TestProvider>, headers: HeaderMap, body: Bytes) -> Response {
    let form: BTreeMap<_, _> = url::form_urlencoded::parse(&body).into_owned().collect();
    let mut behaviour = provider.behaviour();
    let encoded = "s3cret%2F%2B+%3Aof+client";
    let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{encoded}")));
    let by_header = headers
        .get(header::AUTHORIZATION)
        .is_some_and(|value| *value == basic);
    let by_body = form
        .get("client_secret")
        .is_some_and(|secret| secret == SECRET)
        && form.get("client_id").is_some_and(|id| id == CLIENT);
    let wants_body = behaviour
        .document
        .get("token_endpoint_auth_methods_supported")
        .is_some();
    if by_header == wants_body || by_body != wants_body {
        return refused("invalid_client");
    }
    // A code is good once.
    let Some(code) = behaviour.codes.remove(&form["code"]) else {
        return refused("invalid_grant");
    };
    let proof = URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
    if proof != code.challenge || form["redirect_uri"] != code.redirect_uri {
        return refused("invalid_grant");
    }
    let now = clock::now();
    let claims = json!({
        "iss": provider.origin, "aud": CLIENT, "sub": "u-17", "name": "Ada Lovelace",
        "groups": ["ops"], "nonce": code.nonce, "iat": now, "exp": now + 300,
    });
    let claims = changed(claims, &behaviour.claims);
    let id_token = behaviour.id_token.clone().unwrap_or_else(|| {
        let header = Header {
            kid: Some(behaviour.key.id.clone()),
            ..Header::new(Algorithm::ES256)
        };
        let key = EncodingKey::from_ec_der(&behaviour.key.pair.serialize_der());
        jsonwebtoken::encode(&header, &claims, &key).unwrap()
    });
    Json(json!({ "token_type": "Bearer", "access_token": "access", "id_token": id_token }))
        .into_response()
}

async fn userinfo(State(provider): State<TestProvider>, headers: HeaderMap) -> Response {
    match headers.get(header::AUTHORIZATION) {
        Some(value) if *value == "Bearer access" => {
            Json(provider.behaviour().userinfo.clone()).into_response()
        }
        _ => StatusCode::UNAUTHORIZED.into_response(),
    }
}
