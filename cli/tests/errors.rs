use super::*;

#[test]
fn wrong_usage_exits_with_2() {
    for line in [
        "predicts",
        "predict --no-such-option",
        "predict --top 0",
        "predict --batch-size none",
        "predict --backend abacus",
        "predict resnet50",
        "predict --weights none",
        "predict model.keras a.png b.npz",
        "predict model.keras a.npy b.npy",
        "summary",
        "convert model.keras",
        "convert model.keras model.h5",
        "convert model.keras model.onnx",
    ] {
        run_line(line, &[]).fails(2);
    }
    assert_eq!(run_line("predict --backend abacus", &[]).fails(2).lines().count(), 4);
    assert_eq!(run([""; 0]).code, Some(2));
}

#[test]
fn weights_that_cannot_go_with_the_model() {
    let model = fixture("format_weights_h5/model.json");
    let x = model.with_file_name("x.npz");
    let error = run_line("predict {} {}", &[&model, &x]).fails(2);
    assert!(error.contains("a .json file holds no weights; name them with --weights"), "{error}");
    let error = run_line("predict {} {} --weights imagenet", &[&model, &x]).fails(2);
    assert!(error.contains("--weights imagenet is for applications only"), "{error}");
    let weights = model.with_file_name("model.weights.h5");
    let error = run_line("predict {} {}", &[&weights, &x]).fails(1);
    assert!(error.contains("model.weights.h5 holds weights only"), "{error}");

    let other = fixture("autoencoder/model.keras");
    let error = run_line("predict {} {} --weights {}", &[&model, &x, &other]).fails(1);
    assert!(error.contains("autoencoder/model.keras") && error.contains("weights do not fit"), "{error}");
}

#[test]
fn errors_are_one_paragraph_with_their_cause() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("missing.keras");
    let x = fixture("multi_input/x.npz");
    let error = run_line("predict {} {}", &[&missing, &x]).fails(1);
    assert!(error.contains("missing.keras") && error.contains("No such file"), "{error}");
    assert_eq!(error.trim_end().lines().count(), 1);

    let garbage = directory.path().join("garbage.keras");
    std::fs::write(&garbage, "no model").unwrap();
    let error = run_line("predict {} {}", &[&garbage, &x]).fails(1);
    assert!(error.contains("garbage.keras"), "{error}");
    assert_eq!(error.trim_end().lines().count(), 1);

    let error = run_line("predict resnet49 {}", &[&x]).fails(1);
    assert!(error.contains("resnet49") && error.contains("did you mean resnet50"), "{error}");
    assert!(!error.contains("vgg16"), "{error}");
}

#[test]
fn inputs_that_do_not_fit() {
    let directory = tempfile::tempdir().unwrap();
    let model = fixture("multi_input/model.keras");
    let x = directory.path().join("x.npz");
    let mut arrays = npz::read(model.with_file_name("x.npz")).unwrap();
    arrays.swap_remove("text").unwrap();
    npz::write(&x, &arrays).unwrap();
    let error = run_line("predict {} {}", &[&model, &x]).fails(1);
    assert!(
        error.contains("the model's inputs are image, text, number; the file holds image, number"),
        "{error}"
    );

    let error = run_line("predict {} {}", &[&model, &asset("digit.png")]).fails(1);
    assert!(error.contains("the model has 3 inputs, so images cannot be given"), "{error}");

    let x = directory.path().join("x.npy");
    write_npy(&x, &[2, 3], 1.0);
    let error = run_line("predict {} {}", &[&asset("digits.keras"), &x]).fails(1);
    assert!(error.contains("expected (None, 8, 8, 1), got (2, 3)"), "{error}");

    let error = run_line("predict {} {}", &[&asset("digits.keras"), &asset("README.md")]).fails(1);
    assert!(error.contains("README.md: not an image of a known format"), "{error}");
}

#[test]
fn backends_that_are_not_there() {
    // Built in by no default feature.
    let error = run_line("predict --backend rocm", &[]).fails(1);
    assert_eq!(error, "error: backend `rocm` is not compiled in: build with the cargo feature `rocm`\n");
    let error = run_command(command().arg("predict").env("KERAS_RS_BACKEND", "rocm")).fails(1);
    assert!(error.contains("cargo feature `rocm`"), "{error}");
    let error = run_command(command().arg("predict").env("KERAS_RS_BACKEND", "abacus")).fails(1);
    assert!(error.contains("unknown backend \"abacus\""), "{error}");
    // The option wins.
    run_command(command().args(["predict", "--backend", "flex"]).env("KERAS_RS_BACKEND", "abacus")).ok();
    run_command(command().arg("predict").env("KERAS_RS_BACKEND", "ndarray")).ok();
}

#[test]
fn outputs_that_cannot_be_written() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("missing/y.npz");
    let error = run_line("predict -o {}", &[&out]).fails(1);
    assert!(error.contains("y.npz") && error.contains("No such file"), "{error}");
    let error = run_line("convert {} {}", &[&asset("digits.keras"), &out.with_extension("keras")]).fails(1);
    assert!(error.contains("y.keras") && error.contains("No such file"), "{error}");
}
