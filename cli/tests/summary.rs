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
