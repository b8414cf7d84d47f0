//! `:image`: the best classes of an uploaded image.

use std::time::Instant;

use anyhow::Result;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderName, header, request::Parts};
use axum::response::{IntoResponse, Response};
use keras_rs::Tensor;

use super::failure::Failure;
use super::models::json_text;
use super::receive::Content;
use super::served::Served;
use super::server::{Server, beside};
use super::version::Version;
use crate::report::Report;

/// Answers as `predict --json` prints; `top=K` in the query counts the classes.
pub(crate) async fn classify(
    server: &Server,
    model: &Served,
    version: &Version,
    query: Option<&str>,
    request: Request,
) -> Result<Response, Failure> {
    let top = top(query)?;
    let form = version.form.as_ref().ok_or_else(|| {
        Failure::invalid(format!("model {} takes no images: use :predict with numbers", model.name))
    })?;
    let coming = version.engine.coming();
    let (parts, body) = request.into_parts();
    let content = server.receiver.read(&parts.headers, body).await?;
    let (samples, images): (Vec<String>, Vec<_>) = images(parts, content).await?.into_iter().unzip();
    let size = images.iter().map(|image| image.len()).sum();
    let batch = beside(size, || form.batch_of_files(&images));
    let batch = batch.map_err(|error| Failure::invalid(format!("{error:#}")))?;
    let started = Instant::now();
    let outputs = server.compute(version, vec![batch], coming).await?;
    let milliseconds = started.elapsed().as_secs_f64() * 1e3;
    let names = version.signature.outputs.iter().map(|port| port.name.clone());
    let outputs: Vec<(String, Tensor)> = names.zip(outputs).collect();
    let report = Report { outputs: &outputs, samples: &samples, labels: model.labels.as_ref(), top };
    let text = report.json().map_err(|error| Failure::invalid(format!("{error:#}")))?;
    let time = (HeaderName::from_static("server-timing"), format!("compute;dur={milliseconds:.1}"));
    Ok(([time], json_text(text)).into_response())
}

/// The number of classes that the query asks for.
fn top(query: Option<&str>) -> Result<Option<usize>, Failure> {
    let Some(value) = query.and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("top=")))
    else {
        return Ok(None);
    };
    match value.parse() {
        Ok(0) | Err(_) => {
            Err(Failure::invalid(format!("top: expected a whole number, at least 1, got {value:?}")))
        }
        Ok(top) => Ok(Some(top)),
    }
}

/// The uploaded images with their names: the files of a form, or the whole content.
async fn images(parts: Parts, content: Content) -> Result<Vec<(String, axum::body::Bytes)>, Failure> {
    let kind =
        parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("multipart/form-data") {
        return Ok(vec![("image".into(), content.bytes)]);
    }
    let wrong =
        |problem: &dyn std::fmt::Display| Failure::invalid(format!("the form cannot be read: {problem}"));
    let request = Request::from_parts(parts, content.bytes.clone().into());
    let mut form = Multipart::from_request(request, &()).await.map_err(|e| wrong(&e.body_text()))?;
    let mut images = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|e| wrong(&e.body_text()))? {
        let name = field.file_name().or(field.name()).unwrap_or("image").to_string();
        images.push((name, field.bytes().await.map_err(|e| wrong(&e.body_text()))?));
    }
    if images.is_empty() {
        return Err(Failure::invalid("the form holds no image"));
    }
    Ok(images)
}
