//! Images from folders, patterns and stdin, and what is said about them.

use super::*;
use serde_json::Value;

/// A folder with the digit, its copy below, a photograph in other colours and size, and a file that is no image.
fn pictures() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let photo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../applications/tests/fixtures/images/plain.jpg");
    std::fs::create_dir(home.path().join("below")).unwrap();
    std::fs::copy(asset("digit.png"), home.path().join("a.png")).unwrap();
    std::fs::copy(asset("digit.png"), home.path().join("below/b.png")).unwrap();
    std::fs::copy(photo, home.path().join("c.jpg")).unwrap();
    std::fs::write(home.path().join("d.gif"), "no image").unwrap();
    home
}

fn digits() -> PathBuf {
    asset("digits.keras")
}

/// What is said of each image, by name.
fn lines(stdout: &str) -> Vec<(String, Value)> {
    let line = |line: &str| {
        let value: Value = serde_json::from_str(line).unwrap();
        (value["input"].as_str().unwrap().to_string(), value["top"][0]["class"].clone())
    };
    stdout.lines().map(line).collect()
}

#[test]
fn a_folder_is_read_whole_and_what_cannot_be_read_is_reported() {
    let home = pictures();
    let run = run_line("predict {} {} --json-lines --batch-size 2", &[&digits(), home.path()]);
    assert_eq!(run.code, Some(1), "{run:?}");
    let found: Vec<String> = lines(&run.stdout).into_iter().map(|(name, _)| name).collect();
    let at = |name: &str| home.path().join(name).display().to_string();
    assert_eq!(found, [at("a.png"), at("below/b.png"), at("c.jpg")]);
    assert!(run.stderr.contains(&format!("warning: {}", at("d.gif"))), "{}", run.stderr);
    assert!(run.stderr.ends_with("error: 1 of 4 images could not be read\n"), "{}", run.stderr);
    assert!(run.stderr.contains("note: pixels go in as 0 to 255"), "{}", run.stderr);
    assert!(
        run.stderr.contains("note: converted ") && run.stderr.contains(" from RGB to grey"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("note: resized ") && run.stderr.contains("images/s"), "{}", run.stderr);
    let quiet = run_line("predict {} {} --quiet", &[&digits(), &home.path().join("a.png")]);
    assert_eq!(quiet.stderr, "");
}

#[test]
fn a_pattern_stands_for_the_files_that_it_fits() {
    let home = pictures();
    let pattern = home.path().join("*.png");
    let text = run_line("predict {} {} --json-lines --top 1", &[&digits(), &pattern]).ok();
    assert_eq!(lines(&text).len(), 1);
    let none = run_line("predict {} {}", &[&digits(), &home.path().join("*.webp")]).fails(1);
    assert!(none.contains("no file fits the pattern"), "{none}");
}

#[test]
fn stdin_holds_an_image_or_arrays() {
    let image = std::fs::read(asset("digit.png")).unwrap();
    let from_file = run_line("predict {} {} --json", &[&digits(), &asset("digit.png")]).ok();
    let piped = run_with_stdin("predict {} - --json", &[&digits()], &image).ok();
    let top = |text: &str| serde_json::from_str::<Value>(text).unwrap()["predictions"][0]["top"].clone();
    assert_eq!(top(&piped), top(&from_file));
    let model = fixture("multi_input/model.keras");
    let arrays = std::fs::read(model.with_file_name("x.npz")).unwrap();
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("y.npz");
    assert_eq!(run_with_stdin("predict {} - -o {}", &[&model, &out], &arrays).ok(), "");
    assert_same(&npz::read(&out).unwrap(), &npz::read(model.with_file_name("y.npz")).unwrap());
    assert!(run_with_stdin("predict {} -", &[&digits()], b"").fails(1).contains("stdin is empty"));
    run_with_stdin("predict {} - -", &[&digits()], &image).fails(2);
}

#[test]
fn scales_are_what_the_same_numbers_in_an_array_give() {
    let plain = keras_rs::data::image::load_img(
        asset("digit.png"),
        keras_rs::data::image::LoadImg::new().color_mode(keras_rs::data::image::ColorMode::Grayscale),
    );
    let plain = plain.unwrap();
    let home = tempfile::tempdir().unwrap();
    let array = home.path().join("x.npy");
    for (scale, number) in [
        ("--scale 0..1", (|x| x / 255.0) as fn(f32) -> f32),
        ("--scale -1..1", |x| x / 127.5 - 1.0),
        ("--preprocess none", |x| x),
    ] {
        let values: Vec<f32> = plain.values.iter().map(|x| number(*x)).collect();
        let data = TensorData::from_values(&values, vec![1, plain.height, plain.width, 1]).unwrap();
        npz::write_npy(&array, &data).unwrap();
        let top =
            |text: String| serde_json::from_str::<Value>(&text).unwrap()["predictions"][0]["top"].clone();
        let of_image =
            top(run_line(&format!("predict {{}} {{}} --json {scale}"), &[&digits(), &asset("digit.png")])
                .ok());
        assert_eq!(of_image, top(run_line("predict {} {} --json", &[&digits(), &array]).ok()), "{scale}");
    }
    run_line("predict {} {} --scale 0..2", &[&digits(), &asset("digit.png")]).fails(2);
}

#[test]
fn outputs_go_to_the_format_that_the_file_is_named_for() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    for name in ["y.npz", "y.npy", "y.csv", "y.json", "y.safetensors"] {
        assert_eq!(run_line("predict {} {} -o {}", &[&digits(), &asset("digit.png"), &at(name)]).ok(), "");
    }
    let expected = npz::read(at("y.npz")).unwrap();
    let expected = f64s(&expected[0]);
    assert_eq!(f64s(&npz::read_npy(at("y.npy")).unwrap()), expected);
    let text = std::fs::read_to_string(at("y.csv")).unwrap();
    let row: Vec<f64> = text.lines().nth(1).unwrap().split(',').skip(1).map(|v| v.parse().unwrap()).collect();
    assert_close(&row, &expected, "csv");
    let json: Value = serde_json::from_slice(&std::fs::read(at("y.json")).unwrap()).unwrap();
    let (_, rows) = json["outputs"].as_object().unwrap().iter().next().unwrap();
    let row: Vec<f64> = rows[0].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    assert_close(&row, &expected, "json");
    let bytes = std::fs::read(at("y.safetensors")).unwrap();
    assert!(bytes.len() > 4 * expected.len() && bytes[8] == b'{');
    let error = run_line("predict {} {} -o {}", &[&digits(), &asset("digit.png"), &at("y.txt")]).fails(2);
    assert!(error.contains(".csv, .npy, .npz, .json or .safetensors, not to"), "{error}");
}

#[test]
fn predict_fit_and_evaluate_take_the_same_arrays() {
    let model = fixture("compiled/model.keras");
    let home = tempfile::tempdir().unwrap();
    let built = keras_rs::load_model(&model).unwrap();
    let (input, output) = (built.input_names().unwrap()[0].clone(), home.path().join("out.keras"));
    let dims = |shape: &keras_rs::Shape| shape.dims().iter().map(|d| d.unwrap_or(4)).collect::<Vec<_>>();
    let x_shape = dims(built.inputs().unwrap()[0].shape());
    let ones = |shape: &[usize]| {
        TensorData::from_values(&vec![1.0_f32; shape.iter().product()], shape.to_vec()).unwrap()
    };
    for name in ["x".to_string(), input.clone(), format!("x_{input}")] {
        let data = home.path().join("data.npz");
        npz::write(&data, &IndexMap::from([(name, ones(&x_shape)), ("y".into(), ones(&x_shape[..1]))]))
            .unwrap();
        run_line("predict {} {} --json", &[&model, &data]).ok();
        run_line("evaluate {} {}", &[&model, &data]).ok();
        run_line("fit {} {} -o {} --quiet --learning-rate 0.5", &[&model, &data, &output]).ok();
    }
    let trained = keras_rs::load_model(&output).unwrap();
    assert_eq!(trained.optimizer().unwrap().learning_rate().unwrap(), 0.5);
    let wrong = home.path().join("wrong.npz");
    npz::write(&wrong, &IndexMap::from([("a".into(), ones(&x_shape)), ("b".into(), ones(&x_shape))]))
        .unwrap();
    let error = run_line("predict {} {}", &[&model, &wrong]).fails(1);
    assert!(error.contains(&input) && error.contains("wrong.npz") && error.contains("a, b"), "{error}");
}
