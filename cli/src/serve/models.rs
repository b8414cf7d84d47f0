//! TensorFlow Serving's REST protocol, and what belongs to a model besides.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::answer;
use super::body::{Body, Format};
use super::failure::Failure;
use super::image;
use super::server::{Server, beside};
use super::signature::SIGNATURES;
use super::target::{Action, Target};
use super::version::Version;

/// The status that TensorFlow Serving gives for errors of addresses.
const MALFORMED: StatusCode = StatusCode::BAD_REQUEST;

/// Answers everything under `/v1/models/`.
pub(crate) async fn handle(
    State(server): State<Arc<Server>>,
    Path(path): Path<String>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    let started = Instant::now();
    let Some(target) = Target::parse(&path) else { return malformed(&request).into_response() };
    let response = answer(&server, target, query.as_deref(), request).await;
    let response = response.unwrap_or_else(IntoResponse::into_response);
    let name = server.model(target.name).map_or("", |model| model.name.as_str());
    server.metrics.count(name, target.action_name(), response.status().as_u16(), started.elapsed());
    response
}

/// The names of the models, which TensorFlow Serving does not tell.
pub(crate) async fn list(State(server): State<Arc<Server>>) -> Response {
    let models: Vec<Value> = server
        .models
        .iter()
        .map(|model| {
            let version = model.current();
            json!({"name": model.name, "version": version.number.to_string(), "images": version.form.is_some()})
        })
        .collect();
    json_text(json!({"models": models}).to_string())
}

fn malformed(request: &Request) -> Failure {
    Failure::new(MALFORMED, format!("Malformed request: {} {}", request.method(), request.uri().path()))
}

async fn answer(
    server: &Server,
    target: Target<'_>,
    query: Option<&str>,
    request: Request,
) -> Result<Response, Failure> {
    let is_right = match target.action {
        Action::Verb(_) => request.method() == Method::POST,
        _ => request.method() == Method::GET,
    };
    if !is_right {
        return Err(malformed(&request));
    }
    let missing = || Failure::not_found(format!("Servable not found for request: {}", target.servable()));
    let model = server.model(target.name).ok_or_else(missing)?;
    let version = model.current();
    if target.version.is_some_and(|number| number != version.number) {
        return Err(missing());
    }
    match target.action {
        Action::Status => Ok(json_text(status(&version).to_string())),
        Action::Metadata => Ok(json_text(metadata(&model.name, &version).to_string())),
        Action::Summary => {
            Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], version.summary.clone())
                .into_response())
        }
        Action::Verb("predict") => predict(server, &version, request).await,
        Action::Verb("image") => image::classify(server, model, &version, query, request).await,
        Action::Verb(verb @ ("classify" | "regress")) => Err(Failure::invalid(format!(
            "Expected the signature method_name to be tensorflow/serving/{verb}. Was: tensorflow/serving/predict; \
             use :predict, or :image for the best classes of an image"
        ))),
        Action::Verb(_) => Err(malformed(&request)),
    }
}

/// JSON as an answer.
pub(crate) fn json_text(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

fn status(version: &Version) -> Value {
    json!({"model_version_status": [{
        "version": version.number.to_string(),
        "state": "AVAILABLE",
        "status": {"error_code": "OK", "error_message": ""},
    }]})
}

fn metadata(name: &str, version: &Version) -> Value {
    json!({
        "model_spec": {"name": name, "signature_name": "", "version": version.number.to_string()},
        "metadata": {"signature_def": version.signature.metadata()},
    })
}

async fn predict(server: &Server, version: &Version, request: Request) -> Result<Response, Failure> {
    let coming = version.engine.coming();
    let (parts, body) = request.into_parts();
    let content = server.receiver.read(&parts.headers, body).await?;
    let (format, inputs) = beside(content.bytes.len(), || {
        let body = Body::parse(&content.bytes)?;
        if let Some(name) =
            body.signature_name.filter(|name| !name.is_empty() && !SIGNATURES.contains(&name.as_str()))
        {
            return Err(Failure::invalid(format!(
                "Serving signature name: {name:?} not found in signature def; there is {:?}",
                SIGNATURES[0]
            )));
        }
        Ok((body.format, version.signature.tensors(body.data, version.form.as_ref())?))
    })?;
    let samples = inputs.first().and_then(|input| input.shape().first().copied());
    let outputs = server.compute(version, inputs, coming).await?;
    let names = version.signature.outputs.iter().map(|port| port.name.as_str());
    let outputs: Vec<_> = names.zip(outputs).collect();
    let whole = outputs.iter().find(|(_, output)| output.shape().first().copied() != samples);
    if let (Format::Rows, Some((name, _))) = (format, whole) {
        return Err(Failure::invalid(format!(
            "output {name} has no row for each instance: ask with 'inputs'"
        )));
    }
    let numbers: usize = outputs.iter().map(|(_, output)| output.len()).sum();
    let text =
        beside(numbers, || answer::write(&outputs, format)).map_err(|e| Failure::internal(e.to_string()))?;
    Ok(json_text(text))
}
