use super::*;
use serde_json::Value;

/// What real Keras says of the built-in image.
fn expected() -> (usize, Vec<f64>) {
    let text = std::fs::read_to_string(asset("expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let probabilities = expected["probabilities"].as_array().unwrap();
    (
        expected["digit"].as_u64().unwrap() as usize,
        probabilities.iter().map(|p| p.as_f64().unwrap()).collect(),
    )
}

#[test]
fn without_arguments_the_built_in_digit_is_told() {
    let (digit, probabilities) = expected();
    let text = run(["predict"]).ok();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "digit.png");
    let words: Vec<&str> = lines[1].split_whitespace().collect();
    assert_eq!(words[0], digit.to_string());
    assert_close(&[words[1].parse().unwrap()], &[probabilities[digit]], "probability");
    assert_eq!(lines.len(), 6);
}

#[test]
fn json_has_the_probabilities_of_real_keras() {
    let (digit, probabilities) = expected();
    let by_name = run_line("predict --json --top 10", &[]).ok();
    let from_files =
        run_line("predict {} {} --json --top 10", &[&asset("digits.keras"), &asset("digit.png")]).ok();
    for text in [by_name, from_files] {
        let json: Value = serde_json::from_str(&text).unwrap();
        let top = json["predictions"][0]["top"].as_array().unwrap();
        assert_eq!(top[0]["class"], digit);
        assert_eq!(top[0]["label"], digit.to_string());
        let mut got = vec![f64::NAN; 10];
        for class in top {
            got[class["class"].as_u64().unwrap() as usize] = class["score"].as_f64().unwrap();
        }
        assert_close(&got, &probabilities, "probabilities");
    }
}

#[test]
fn labels_name_the_classes_and_top_counts_them() {
    let directory = tempfile::tempdir().unwrap();
    let labels = directory.path().join("labels.txt");
    std::fs::write(&labels, "nought\none\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n").unwrap();
    let text = run_line("predict --labels {} --top 2", &[&labels]).ok();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[1].trim_start().starts_with("one "), "{text}");

    std::fs::write(&labels, "nought\none\n").unwrap();
    let error = run_line("predict --labels {}", &[&labels]).fails(1);
    assert_eq!(error, "error: there are 2 labels, but the model tells 10 classes apart\n");
}

#[test]
fn several_images_in_small_batches() {
    let image = asset("digit.png");
    let line = "predict {} {} {} {} --batch-size 2 --top 1";
    let text = run_line(line, &[&asset("digits.keras"), &image, &image, &image]).ok();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 6);
    assert_eq!(lines[0], image.display().to_string());
    assert_eq!([lines[1], lines[1]], [lines[3], lines[5]]);
}

#[test]
fn images_are_resized_and_take_the_colours_of_the_input() {
    let photo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../applications/tests/fixtures/images/plain.jpg");
    let text = run_line("predict {} {} --json --top 10", &[&asset("digits.keras"), &photo]).ok();
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["predictions"][0]["top"].as_array().unwrap().len(), 10);
}

/// Every kind of model file, one and many inputs and outputs, on every backend of this build.
#[test]
fn npz_in_and_out_as_python_predicts() {
    let cases = [
        "format_keras/model.keras",
        "format_legacy_h5/model.h5",
        "format_weights_h5/model.json model.weights.h5",
        "format_legacy_weights/model.json weights.h5",
        "multi_input/model.keras",
        "multi_output/model.keras",
        "dict_inputs/model.keras",
        "dict_outputs/model.keras",
        "sequential_lazy/model.keras",
        "same_layer_twice_out/model.keras",
        "keras2_sequential/model.h5",
    ];
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("y.npz");
    for (case, backend) in cases.iter().flat_map(|case| [(case, "flex"), (case, "ndarray")]) {
        let (model, weights) = case.split_once(' ').unwrap_or((case, ""));
        let model = fixture(model);
        let mut arguments = vec!["predict".as_ref(), model.as_os_str()];
        let (x, weights) = (model.with_file_name("x.npz"), model.with_file_name(weights));
        arguments.extend([
            x.as_os_str(),
            "-o".as_ref(),
            out.as_os_str(),
            "--backend".as_ref(),
            backend.as_ref(),
        ]);
        if weights.is_file() {
            arguments.extend(["--weights".as_ref(), weights.as_os_str()]);
        }
        assert_eq!(run(arguments).ok(), "", "{case}");
        assert_same(&npz::read(&out).unwrap(), &npz::read(model.with_file_name("y.npz")).unwrap());
    }
}

#[test]
fn batches_do_not_change_the_numbers() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("y.npz");
    let model = fixture("multi_input/model.keras");
    let x = model.with_file_name("x.npz");
    assert_eq!(run_line("predict {} {} -o {} --batch-size 1", &[&model, &x, &out]).ok(), "");
    assert_same(&npz::read(&out).unwrap(), &npz::read(model.with_file_name("y.npz")).unwrap());
}

#[test]
fn one_array_goes_to_the_one_input_whatever_its_name() {
    let directory = tempfile::tempdir().unwrap();
    let (x, out) = (directory.path().join("x.npy"), directory.path().join("y.npz"));
    let model = fixture("format_keras/model.keras");
    let arrays = npz::read(model.with_file_name("x.npz")).unwrap();
    npz::write_npy(&x, &arrays[0]).unwrap();
    assert_eq!(run_line("predict {} {} -o {}", &[&model, &x, &out]).ok(), "");
    assert_same(&npz::read(&out).unwrap(), &npz::read(model.with_file_name("y.npz")).unwrap());
}

#[test]
fn names_that_count_stand_for_the_order() {
    let directory = tempfile::tempdir().unwrap();
    let (x, out) = (directory.path().join("x.npz"), directory.path().join("y.npz"));
    let model = fixture("multi_input/model.keras");
    let arrays = npz::read(model.with_file_name("x.npz")).unwrap();
    for names in [["keras_tensor", "keras_tensor_1", "number"], ["arr_0", "arr_1", "arr_2"]] {
        let renamed = names.iter().map(ToString::to_string).zip(arrays.values().cloned()).collect();
        npz::write(&x, &renamed).unwrap();
        assert_eq!(run_line("predict {} {} -o {}", &[&model, &x, &out]).ok(), "");
        assert_same(&npz::read(&out).unwrap(), &npz::read(model.with_file_name("y.npz")).unwrap());
    }
}

#[test]
fn outputs_that_are_no_classes_are_printed_as_numbers() {
    let model = fixture("multi_output/model.keras");
    let expected = npz::read(model.with_file_name("y.npz")).unwrap();
    let paths: [&Path; 2] = [&model, &model.with_file_name("x.npz")];
    let text = run_line("predict {} {}", &paths).ok();
    for (name, data) in &expected {
        let shape: Vec<String> = data.shape().iter().map(ToString::to_string).collect();
        assert!(text.contains(&format!("{name}: float32 ({})\n[[", shape.join(", "))), "{text}");
    }
    let json: Value = serde_json::from_str(&run_line("predict {} {} --json", &paths).ok()).unwrap();
    for (name, data) in &expected {
        let mut got = vec![json["outputs"][name].clone()];
        for _ in data.shape() {
            got = got.into_iter().flat_map(|v| v.as_array().cloned().unwrap()).collect();
        }
        let got: Vec<f64> = got.iter().map(|v| v.as_f64().unwrap()).collect();
        assert_close(&got, &f64s(data), name);
    }
    let error = run_line("predict {} {} --top 3", &paths).fails(1);
    assert!(error.starts_with("error: classes need one output of shape [samples, classes]"), "{error}");
}

#[test]
fn a_reader_that_stops_early_is_no_error() {
    use std::process::Stdio;
    let mut child =
        command().args(["predict"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}
