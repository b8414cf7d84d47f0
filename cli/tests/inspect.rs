use super::*;
use serde_json::Value;

#[test]
fn a_model_that_was_trained() {
    let text = run_line("inspect {}", &[&asset("digits.keras")]).ok();
    for expected in [
        "digits.keras: Keras 3 model (.keras)\n",
        "  keras_version  3.",
        "Model \"digits\" (Sequential)",
        "\nParameters: 6,138 ",
        "\nOptimizer state: 12,214 ",
        "\nCompiled with\n  optimizer  Adam, learning rate 0.003\n",
        "\nEvery class is known here\n",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
}

#[test]
fn json_of_every_format() {
    for (file, format) in [
        ("format_keras/model.keras", "keras"),
        ("format_legacy_h5/model.h5", "h5"),
        ("format_weights_h5/model.weights.h5", "weights.h5"),
        ("format_weights_h5/model.json", "json"),
        ("format_legacy_weights/weights.h5", "legacy weights.h5"),
    ] {
        let path = fixture(file);
        let value: Value = serde_json::from_str(&run_line("inspect {} --json", &[&path]).ok()).unwrap();
        assert_eq!(value["format"], format);
        let sizes = value["variables"].as_array().unwrap().iter().map(|variable| {
            let shape = variable["shape"].as_array().unwrap();
            shape.iter().map(|size| size.as_u64().unwrap()).product::<u64>()
        });
        assert_eq!(value["parameters"], sizes.sum::<u64>());
    }
}

#[test]
fn what_would_not_load() {
    let text = run_line("inspect {}", &[&fixture("custom_class_refused/model.keras")]).ok();
    assert!(text.contains("\nDoes not load:\n  unknown classes: "), "{text}");
    let text = run_line("inspect {}", &[&fixture("lambda_refused/model.keras")]).ok();
    assert!(text.contains("is a Lambda, whose Python code is never executed"), "{text}");
}

#[test]
fn damaged_files() {
    let directory = tempfile::tempdir().unwrap();
    let whole = std::fs::read(asset("digits.keras")).unwrap();
    let path = directory.path().join("half.keras");
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let error = run_line("inspect {}", &[&path]).fails(1);
    assert!(error.contains("half.keras") && error.trim_end().lines().count() == 1, "{error}");

    let error = run_line("inspect {}", &[&directory.path().join("none.keras")]).fails(1);
    assert!(error.contains("none.keras") && error.contains("No such file"), "{error}");
    let error = run_line("inspect {}", &[&asset("digit.png")]).fails(1);
    assert!(error.contains("expected a .keras archive, an HDF5 file or JSON"), "{error}");
}
