use super::*;
use serde_json::Value;

#[test]
fn counts_are_those_of_keras() {
    for case in ["format_keras/model.keras", "format_legacy_h5/model.h5", "format_weights_h5/model.json"] {
        let model = fixture(case);
        let expected = std::fs::read_to_string(model.with_file_name("expected.json")).unwrap();
        let expected: Value = serde_json::from_str(&expected).unwrap();
        let text = run_line("summary {}", &[&model]).ok();
        assert!(text.contains(&format!("Total params: {} ", expected["total"])), "{text}");
        assert!(text.contains(&format!("Trainable params: {} ", expected["trainable"])), "{text}");
    }
    // Compiled and trained: the optimizer's variables count too, as in Keras.
    let text = run_line("summary {}", &[&asset("digits.keras")]).ok();
    assert!(text.contains("Total params: 18,352 ") && text.contains("Optimizer params: 12,214 "), "{text}");
}

#[test]
fn options_are_those_of_keras() {
    let model = fixture("nested_two_levels/model.keras");
    let text = run_line("summary {} --expand --trainable", &[&model]).ok();
    for expected in ["│    └ middle", "│          └ dense (Dense)", "Trai", " Y "] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(!run_line("summary {}", &[&model]).ok().contains("└ "));
}

#[test]
fn json_says_the_same() {
    let model = fixture("nested_two_levels/model.keras");
    let expected: Value =
        serde_json::from_str(&std::fs::read_to_string(model.with_file_name("expected.json")).unwrap())
            .unwrap();
    let value: Value = serde_json::from_str(&run_line("summary {} --json --expand", &[&model]).ok()).unwrap();
    assert_eq!(value["parameters"], expected["total"]);
    assert_eq!(value["trainable_parameters"], expected["trainable"]);
    let layers = value["layers"].as_array().unwrap();
    assert_eq!(layers[0]["class"], "InputLayer");
    assert_eq!(layers[1]["connected_to"][0], layers[0]["name"]);
    assert!(layers.iter().any(|layer| layer["layers"].is_array()));

    let value: Value =
        serde_json::from_str(&run_line("summary {} --json", &[&asset("digits.keras")]).ok()).unwrap();
    assert_eq!(value["optimizer_parameters"], 12_214);
}
