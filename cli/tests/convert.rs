use super::*;

/// There and back through every format, with the same predictions.
#[test]
fn every_format_and_back() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name);
    let source = fixture("format_keras/model.keras");
    let (x, y) = (source.with_file_name("x.npz"), npz::read(source.with_file_name("y.npz")).unwrap());
    for name in ["a.keras", "a.weights.h5", "a.safetensors", "a.json"] {
        assert_eq!(run_line("convert {} {}", &[&source, &file(name)]).ok(), "", "{name}");
    }
    let whole = file("whole.keras");
    let out = file("y.npz");
    for weights in ["a.weights.h5", "a.safetensors"] {
        let paths: [&Path; 3] = [&file("a.json"), &whole, &file(weights)];
        assert_eq!(run_line("convert {} {} --weights {}", &paths).ok(), "", "{weights}");
        assert_eq!(run_line("predict {} {} -o {}", &[&whole, &x, &out]).ok(), "");
        assert_same(&npz::read(&out).unwrap(), &y);
    }
    assert_eq!(run_line("predict {} {} -o {}", &[&file("a.keras"), &x, &out]).ok(), "");
    assert_same(&npz::read(&out).unwrap(), &y);
}

#[test]
fn legacy_h5_becomes_keras() {
    let directory = tempfile::tempdir().unwrap();
    let (converted, out) = (directory.path().join("model.keras"), directory.path().join("y.npz"));
    let source = fixture("format_legacy_h5/model.h5");
    assert_eq!(run_line("convert {} {}", &[&source, &converted]).ok(), "");
    assert_eq!(
        run_line("predict {} {} -o {}", &[&converted, &source.with_file_name("x.npz"), &out]).ok(),
        ""
    );
    assert_same(&npz::read(&out).unwrap(), &npz::read(source.with_file_name("y.npz")).unwrap());
}

#[test]
fn safetensors_names_are_variable_paths() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("digits.safetensors");
    assert_eq!(run_line("convert {} {}", &[&asset("digits.keras"), &out]).ok(), "");
    let bytes = std::fs::read(&out).unwrap();
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let header: serde_json::Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    assert_eq!(header["digits/digit/kernel"]["shape"], serde_json::json!([128, 10]));
    assert_eq!(header["digits/conv2d/kernel"]["shape"], serde_json::json!([3, 3, 1, 16]));
}
