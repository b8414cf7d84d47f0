use super::*;

/// Draws a fixture's model and gives the SVG.
fn svg(model: &str, options: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model.svg");
    run_line(&format!("plot {{}} -o {{}}{options}"), &[&fixture(model), &path]).ok();
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn boxes_say_what_was_asked_for() {
    let plain = svg("functional_branches/model.keras", "");
    assert!(plain.starts_with("<svg ") && plain.contains(">InputLayer</text>"), "{plain}");
    assert!(!plain.contains("(None") && !plain.contains("float32"));
    let full = svg("functional_branches/model.keras", " --shapes --dtypes --names");
    let model = keras_rs::load_model(fixture("functional_branches/model.keras")).unwrap();
    for layer in model.layers() {
        assert!(full.contains(&format!(">{} (", layer.name())), "{}: {full}", layer.name());
    }
    assert!(full.contains(">output</text>") && full.contains(">float32</text>") && full.contains("(None, "));
}

/// The picture of the documentation.
#[test]
fn a_picture_stays_as_it_is() {
    let got = svg("multi_input/model.keras", " --shapes --names");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/plot.svg");
    if std::env::var_os("KERAS_RS_BLESS").is_some() {
        std::fs::write(&path, &got).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    assert_eq!(written, got, "look at it, and run the tests with KERAS_RS_BLESS=1 to write docs/plot.svg");
}

#[test]
fn nested_models_stand_in_frames() {
    let closed = svg("nested_two_levels/model.keras", "");
    let open = svg("nested_two_levels/model.keras", " --expand");
    assert!(!closed.contains("stroke-dasharray"));
    assert!(open.matches("stroke-dasharray").count() >= 2);
    assert!(open.matches("<text").count() > closed.matches("<text").count());
}

#[test]
fn directions() {
    let size = |svg: &str| {
        let number = |key: &str| {
            let rest = svg.split_once(&format!(" {key}=\"")).unwrap().1;
            rest.split('"').next().unwrap().parse::<f64>().unwrap()
        };
        (number("width"), number("height"))
    };
    let (width, height) = size(&svg("format_keras/model.keras", ""));
    assert!(height > width);
    let (width, height) = size(&svg("format_keras/model.keras", " --direction lr"));
    assert!(width > height);
}

#[test]
fn every_model_can_be_drawn() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/models");
    let directory = tempfile::tempdir().unwrap();
    let mut drawn = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let model = entry.unwrap().path().join("model.keras");
        if !model.exists() || model.to_string_lossy().contains("_refused") {
            continue;
        }
        let path = directory.path().join("model.svg");
        let run = run_line("plot {} -o {} --expand --shapes", &[&model, &path]);
        let unbuilt = run.stderr.contains("is not built: the shapes of its inputs are not known");
        assert!(unbuilt || run.code == Some(0), "{}: {}", model.display(), run.stderr);
        drawn += usize::from(!unbuilt);
    }
    assert!(drawn > 50, "{drawn}");
}

#[test]
fn pixels_and_wrong_names() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model.png");
    run_line("plot {} -o {} --shapes", &[&asset("digits.keras"), &path]).ok();
    let file = std::io::BufReader::new(std::fs::File::open(&path).unwrap());
    let info = png::Decoder::new(file).read_info().unwrap();
    assert!(info.info().width > 200 && info.info().height > 400);
    let error = run_line("plot {} -o model.pdf", &[&asset("digits.keras")]).fails(2);
    assert!(error.contains("end in .svg or .png, not to model.pdf"), "{error}");
}
