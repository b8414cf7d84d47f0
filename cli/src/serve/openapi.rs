//! The description of the server's addresses for tools (OpenAPI 3.1).

use keras_rs::DType;
use serde_json::{Map, Value, json};

use super::server::Server;
use super::signature::{Port, Signature};

/// The description, with the inputs and outputs of the models that serve now.
pub(crate) fn describe(server: &Server) -> Value {
    let mut paths = Map::new();
    let plain = |summary: &str, kind: &str| json!({"get": {"summary": summary, "responses": {"200": {"description": summary, "content": {kind: {}}}}}});
    paths.insert("/healthz".into(), plain("Whether the server takes requests", "text/plain"));
    paths.insert("/metrics".into(), plain("Counts and times for Prometheus", "text/plain"));
    paths.insert("/v1/models".into(), plain("The models' names", "application/json"));
    for model in &server.models {
        let (name, version) = (&model.name, model.current());
        let path = format!("/v1/models/{name}");
        paths.insert(path.clone(), plain("The status of the model", "application/json"));
        paths.insert(
            format!("{path}/metadata"),
            plain("The inputs and outputs of the model", "application/json"),
        );
        paths.insert(format!("{path}/summary"), plain("The layers of the model", "text/plain"));
        paths.insert(format!("{path}:predict"), predict(&version.signature));
        if version.form.is_some() {
            paths.insert(format!("{path}:image"), image());
        }
    }
    let mut description = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "keras-rs serve",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Keras models behind TensorFlow Serving's REST protocol",
        },
        "paths": paths,
    });
    if let (Some(_), Some(object)) = (&server.token, description.as_object_mut()) {
        let schemes = json!({"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}});
        object.insert("components".into(), schemes);
        object.insert("security".into(), json!([{"token": []}]));
    }
    description
}

fn predict(signature: &Signature) -> Value {
    let (inputs, outputs) = (&signature.inputs, &signature.outputs);
    let rows = |ports: &[Port]| json!({"type": "array", "items": together(ports, 1)});
    let request = json!({"oneOf": [
        {"type": "object", "required": ["instances"], "properties": {"instances": rows(inputs)}},
        {"type": "object", "required": ["inputs"], "properties": {"inputs": together(inputs, 0)}},
    ]});
    let answer = json!({"oneOf": [
        {"type": "object", "required": ["predictions"], "properties": {"predictions": rows(outputs)}},
        {"type": "object", "required": ["outputs"], "properties": {"outputs": together(outputs, 0)}},
    ]});
    post("The model's outputs", json!({"application/json": {"schema": request}}), answer)
}

fn image() -> Value {
    let file = json!({"type": "string", "contentMediaType": "application/octet-stream"});
    let form = json!({"type": "object", "properties": {"image": file}});
    let content = json!({"image/*": {"schema": file}, "multipart/form-data": {"schema": form}});
    let mut path = post("The best classes of an image", content, json!({"type": "object"}));
    path["post"]["parameters"] = json!([
        {"name": "top", "in": "query", "schema": {"type": "integer", "minimum": 1}, "description": "How many classes"}
    ]);
    path
}

fn post(summary: &str, content: Value, answer: Value) -> Value {
    let error = json!({"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}});
    let failure = |description: &str| json!({"description": description, "content": {"application/json": {"schema": error}}});
    json!({"post": {
        "summary": summary,
        "requestBody": {"required": true, "content": content},
        "responses": {
            "200": {"description": summary, "content": {"application/json": {"schema": answer}}},
            "400": failure("The request is wrong"),
            "404": failure("There is no such model or version"),
            "413": failure("The request is too large"),
            "429": failure("Too many requests wait; Retry-After says when to ask again"),
        },
    }})
}

/// Values without the first axes: one port stands alone, several in an object by name.
fn together(ports: &[Port], skip: usize) -> Value {
    if let [port] = ports {
        return array(port, skip);
    }
    let properties: Map<String, Value> =
        ports.iter().map(|port| (port.name.clone(), array(port, skip))).collect();
    let names: Vec<&String> = properties.keys().collect();
    json!({"type": "object", "required": names, "properties": properties})
}

fn array(port: &Port, skip: usize) -> Value {
    let kind = match port.dtype {
        DType::Bool => "boolean",
        dtype if dtype.is_float() => "number",
        _ => "integer",
    };
    let dims = port.shape.dims().iter().skip(skip).rev();
    dims.fold(json!({"type": kind}), |items, dim| match dim {
        Some(size) => json!({"type": "array", "items": items, "minItems": size, "maxItems": size}),
        None => json!({"type": "array", "items": items}),
    })
}
