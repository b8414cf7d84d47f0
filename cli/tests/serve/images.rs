use super::*;

/// The classes that `predict` prints for the built-in digit.
fn expected() -> Value {
    let text = run_line("predict {} {} --json", &[&asset("digits.keras"), &asset("digit.png")]).ok();
    serde_json::from_str::<Value>(&text).unwrap()["predictions"][0]["top"].clone()
}

/// The same classes; the numbers differ by rounding, since `predict` computes few samples layer by layer.
#[track_caller]
fn assert_same_classes(got: &Value) {
    let column = |classes: &Value, key: &str| -> Vec<Value> {
        classes.as_array().unwrap().iter().map(|class| class[key].clone()).collect()
    };
    let expected = expected();
    assert_eq!(column(got, "label"), column(&expected, "label"));
    let scores = |classes| flat(&Value::from(column(classes, "score")));
    assert_close(&scores(got), &scores(&expected), "scores");
}

#[test]
fn an_uploaded_image_gets_the_classes_that_predict_prints() {
    let server = Server::start("{}", &[&asset("digits.keras")]);
    let (path, image) = ("/v1/models/digits:image", std::fs::read(asset("digit.png")).unwrap());
    let top = |reply: Reply| reply.ok()["predictions"][0]["top"].clone();

    let reply = server.ask("POST", path, "Content-Type: image/png\r\n", &image);
    assert!(reply.head.contains("server-timing: compute;dur="), "{}", reply.head);
    assert_same_classes(&top(reply));
    let two = top(server.ask("POST", &format!("{path}?top=2"), "", &image));
    assert_eq!(two.as_array().unwrap().len(), 2);

    let part = "Content-Disposition: form-data; name=\"image\"; filename=\"my digit.png\"\r\n\r\n";
    let form = [b"--edge\r\n", part.as_bytes(), &image, b"\r\n--edge--\r\n"].concat();
    let kind = "Content-Type: multipart/form-data; boundary=edge\r\n";
    let reply = server.ask("POST", path, kind, &form);
    assert_eq!(reply.ok()["predictions"][0]["input"], "my digit.png");
    assert_same_classes(&top(reply));

    // As in TensorFlow Serving's ResNet client.
    use base64::Engine;
    let text = base64::prelude::BASE64_STANDARD.encode(&image);
    let answer = server.predict("digits", &json!({"instances": [{"b64": text}]}));
    let class = expected()[0]["class"].as_u64().unwrap() as usize;
    assert_close(&flat(&answer["predictions"][0][class]), &flat(&expected()[0]["score"]), "base64");

    assert!(server.post(path, "no image").error(400).contains("not an image of a known format"));
    assert!(server.post(path, "").error(400).contains("image"));
    assert!(server.ask("POST", &format!("{path}?top=0"), "", &image).error(400).contains("at least 1"));
    assert!(server.ask("POST", path, kind, b"--edge").error(400).contains("the form"));
}

#[test]
fn labels_name_the_classes_and_numbers_take_no_images() {
    let directory = tempfile::tempdir().unwrap();
    let labels = directory.path().join("labels.txt");
    std::fs::write(&labels, "nought\none\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n").unwrap();
    let server = Server::start("{} --labels {}", &[&asset("digits.keras"), &labels]);
    let image = std::fs::read(asset("digit.png")).unwrap();
    let answer = server.ask("POST", "/v1/models/digits:image?top=1", "", &image).ok();
    assert_eq!(answer["predictions"][0]["top"][0]["label"], "one");

    let server = Server::start("{}", &[&fixture("multi_output/model.keras")]);
    assert!(server.ask("POST", "/v1/models/model:image", "", &image).error(400).contains("takes no images"));
}

#[test]
fn the_page_needs_nothing_from_elsewhere() {
    let server = Server::start("{}", &[&asset("digits.keras")]);
    let page = server.get("/");
    assert!(page.head.contains("content-type: text/html"), "{}", page.head);
    assert!(page.body.starts_with("<!doctype html>"));
    for text in ["http://", "https://", "src=\"", "@import"] {
        assert!(!page.body.contains(text), "{text}");
    }
}
