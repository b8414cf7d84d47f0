use super::*;

fn digits() -> Server {
    Server::start("digits={} second={}", &[&asset("digits.keras"), &fixture("multi_output/model.keras")])
}

#[test]
fn status_and_metadata_are_those_of_tensorflow_serving() {
    let server = digits();
    let status = json!({"model_version_status": [
        {"version": "1", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    ]});
    assert_eq!(server.get("/v1/models/digits").ok(), status);
    assert_eq!(server.get("/v1/models/digits/versions/1").ok(), status);

    let metadata = server.get("/v1/models/digits/metadata").ok();
    assert_eq!(metadata["model_spec"], json!({"name": "digits", "signature_name": "", "version": "1"}));
    let signature = &metadata["metadata"]["signature_def"]["signature_def"]["serving_default"];
    assert_eq!(signature["method_name"], "tensorflow/serving/predict");
    let input = signature["inputs"].as_object().unwrap().values().next().unwrap();
    let dim = |size: &str| json!({"size": size, "name": ""});
    let dims = [dim("-1"), dim("8"), dim("8"), dim("1")];
    assert_eq!(input["tensor_shape"], json!({"dim": dims, "unknown_rank": false}));
    assert_eq!(input["dtype"], "DT_FLOAT");
    let output = signature["outputs"].as_object().unwrap().values().next().unwrap();
    assert_eq!(output["tensor_shape"]["dim"], json!([dim("-1"), dim("10")]));
}

#[test]
fn addresses_that_are_not_there() {
    let server = digits();
    for (path, error) in [
        ("/v1/models/none:predict", "Servable not found for request: Latest(none)"),
        ("/v1/models/digits/versions/7:predict", "Servable not found for request: Specific(digits, 7)"),
    ] {
        assert_eq!(server.post(path, "{}").error(404), error);
    }
    assert_eq!(server.get("/v1/models/none").status, 404);
    assert_eq!(server.get("/nowhere").error(404), "Not found: GET /nowhere");
    let path = "/v1/models/digits:predict";
    assert_eq!(server.get(path).error(400), format!("Malformed request: GET {path}"));
    let path = "/v1/models/digits:forecast";
    assert_eq!(server.post(path, "{}").error(400), format!("Malformed request: POST {path}"));
    let error = server.post("/v1/models/digits:classify", "{}").error(400);
    assert!(error.contains("method_name to be tensorflow/serving/classify"), "{error}");
    assert_eq!(server.post("/healthz", "").status, 405);
}

#[test]
fn requests_that_cannot_be_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("product.keras");
    write_product(&path, 2.0);
    let server = Server::start("{} second={}", &[&path, &fixture("multi_input/model.keras")]);
    for (body, part) in [
        ("", "JSON Parse error: "),
        ("{\"instances\": [1", "JSON Parse error: "),
        ("[1]", "an object with 'instances' or 'inputs'"),
        ("{}", "Missing 'inputs' or 'instances' key"),
        ("{\"instances\": [[1]], \"inputs\": [[1]]}", "one of 'instances' and 'inputs'"),
        ("{\"instances\": []}", "empty list"),
        ("{\"instances\": 1}", "a list of samples"),
        ("{\"instances\": [[1], [1, 2]]}", "different lengths: 1 and 2"),
        ("{\"instances\": [[1], 1]}", "depth"),
        ("{\"instances\": [1, [1]]}", "depth"),
        ("{\"instances\": [[1, 2]]}", "expected the shape (None, 1), got (1, 2)"),
        ("{\"instances\": [[\"1\"]]}", "string"),
        ("{\"instances\": [[true]]}", "expected float32, got true or false"),
        ("{\"instances\": [null]}", "null"),
        ("{\"instances\": [{\"y\": [1]}]}", "missing input"),
        ("{\"instances\": [{\"b64\": \"AAAA\"}]}", "takes no images"),
        ("{\"instances\": [{\"b64\": \"?\"}]}", "not base64"),
        ("{\"inputs\": []}", "there are no samples"),
        ("{\"signature_name\": \"other\", \"instances\": [[1]]}", "\"other\" not found in signature def"),
    ] {
        let error = server.post("/v1/models/product:predict", body).error(400);
        assert!(error.contains(part), "{body}: {error}");
    }
    let deep = format!("{{\"instances\": {}", "[".repeat(100_000));
    assert!(server.post("/v1/models/product:predict", &deep).error(400).contains("recursion limit"));
    let error = server.post("/v1/models/second:predict", "{\"instances\": [[1]]}").error(400);
    assert!(error.contains("several inputs: name them, image, text, number"), "{error}");
    // It goes on.
    let body = json!({"signature_name": "serving_default", "instances": [[1], [2.5]]});
    assert_eq!(server.predict("product", &body), json!({"predictions": [[2.0], [5.0]]}));
    // One number for each sample, as Keras takes it.
    assert_eq!(
        server.predict("product", &json!({"instances": [1, 2]})),
        json!({"predictions": [[2.0], [4.0]]})
    );
}

#[test]
fn wrong_usage() {
    let model = asset("digits.keras");
    let error = run_line("serve {} {}", &[&model, &model]).fails(2);
    assert!(error.contains("two models are called digits"), "{error}");
    assert!(run_line("serve --max-batch 0 {}", &[&model]).fails(2).contains("at least 1"));
    assert!(run_line("serve --timeout 0 {}", &[&model]).fails(2).contains("more than 0"));
    run(["serve"]).fails(2);
    let error = run(["serve", "a b=densenet121"]).fails(2);
    assert!(error.contains("\"a b\" cannot be a model's name"), "{error}");
    let error = run(["serve", "--port", "0", "nothing.keras"]).fails(1);
    assert!(error.contains("model nothing") && error.contains("nothing.keras"), "{error}");

    let server = digits();
    let port = server.address.rsplit(':').next().unwrap();
    let error = run_line(&format!("serve --port {port} {{}}"), &[&model]).fails(1);
    assert!(error.contains("cannot listen on 127.0.0.1 port"), "{error}");
}

#[test]
fn a_token_opens_what_tells_of_models() {
    let server = Server::start("--token secret {}", &[&asset("digits.keras")]);
    for path in ["/v1/models", "/v1/models/digits", "/metrics", "/openapi.json"] {
        assert!(server.get(path).error(401).contains("Authorization: Bearer"));
        for wrong in ["Bearer secret2", "Bearer", "Basic secret"] {
            assert_eq!(server.ask("GET", path, &format!("Authorization: {wrong}\r\n"), b"").status, 401);
        }
        assert_eq!(server.ask("GET", path, "Authorization: Bearer secret\r\n", b"").status, 200);
    }
    assert_eq!([server.get("/").status, server.get("/healthz").status], [200, 200]);
}

#[test]
fn what_is_counted_and_described() {
    let server = digits();
    server.post("/v1/models/second:predict", "{}").error(400);
    assert_eq!(server.get("/healthz").body, "ok\n");
    let text = server.get("/metrics").body;
    for line in [
        "keras_rs_requests_total{model=\"second\",action=\"predict\",status=\"400\"} 1",
        "keras_rs_request_seconds_count{model=\"second\"} 1",
        "keras_rs_batch_samples_count{model=\"digits\"} 0",
        "keras_rs_queue_length{model=\"digits\"} 0",
        "keras_rs_model_version{model=\"digits\"} 1",
    ] {
        assert!(text.lines().any(|l| l == line), "{line}: {text}");
    }
    let api = server.get("/openapi.json").ok();
    assert_eq!(api["openapi"], "3.1.0");
    let paths = api["paths"].as_object().unwrap();
    assert!(paths.contains_key("/v1/models/second:predict") && paths.contains_key("/v1/models/digits:image"));
    assert!(!paths.contains_key("/v1/models/second:image"));
    let names = server.get("/v1/models").ok();
    assert_eq!(names["models"][0], json!({"name": "digits", "version": "1", "images": true}));
    assert!(server.get("/v1/models/digits/summary").body.contains("Total params"));
}
