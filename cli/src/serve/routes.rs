//! Which address is answered by what.

use std::any::Any;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{any, get};
use tower_http::catch_panic::CatchPanicLayer;

use super::failure::Failure;
use super::metrics::Metrics;
use super::models::{handle, json_text, list};
use super::openapi;
use super::server::Server;

/// The page, which needs nothing else from anywhere.
const PAGE: &str = include_str!("page.html");

/// Addresses that need no token: they tell nothing about the models.
const OPEN: [&str; 2] = ["/", "/healthz"];

/// All addresses.
pub(crate) fn routes(server: Arc<Server>) -> Router {
    Router::new()
        .route("/", get(|| async { Html(PAGE) }))
        .route("/healthz", get(health))
        .route("/metrics", get(metrics))
        .route("/openapi.json", get(describe))
        .route("/v1/models", get(list))
        .route("/v1/models/{*path}", any(handle))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        // The receiver has the bound.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(server.clone(), around))
        .layer(CatchPanicLayer::custom(panicked))
        .with_state(server)
}

/// What holds for every request.
async fn around(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response {
    let is_open = OPEN.contains(&request.uri().path());
    let mut response = match server.admit(request.headers()) {
        Err(failure) if !is_open => failure.into_response(),
        _ => next.run(request).await,
    };
    if server.is_ending() {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

async fn health(State(server): State<Arc<Server>>) -> Response {
    if server.is_ending() {
        return Failure::new(StatusCode::SERVICE_UNAVAILABLE, "the server is about to end").into_response();
    }
    "ok\n".into_response()
}

async fn metrics(State(server): State<Arc<Server>>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], Metrics::text(&server)).into_response()
}

async fn describe(State(server): State<Arc<Server>>) -> Response {
    json_text(openapi::describe(&server).to_string())
}

async fn unknown(request: Request) -> Failure {
    Failure::not_found(format!("Not found: {} {}", request.method(), request.uri().path()))
}

async fn wrong_method(request: Request) -> Failure {
    let message = format!("Malformed request: {} {}", request.method(), request.uri().path());
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, message)
}

/// The answer where the program panicked; the panic's message is on stderr.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    Failure::internal("the server failed to answer; its log says more").into_response()
}
