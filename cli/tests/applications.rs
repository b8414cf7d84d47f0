use super::*;
use keras_rs_applications::VARIANTS;

#[test]
fn the_table_has_every_application() {
    let text = run(["apps"]).ok();
    assert_eq!(text.lines().count(), 1 + VARIANTS.len());
    let line = text.lines().find(|line| line.starts_with("DenseNet121 ")).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words, ["DenseNet121", "8,062,504", "224x224x3", "imagenet", "31"]);
}

#[test]
fn an_applications_summary_needs_no_weights() {
    let text = run(["summary", "resnet50"]).ok();
    assert!(
        text.contains("Total params: 25,636,712 ") && text.contains("Trainable params: 25,583,592 "),
        "{text}"
    );
}

#[test]
fn offline_says_what_to_put_where() {
    let home = tempfile::tempdir().unwrap();
    let photo = asset("digit.png");
    let run = |offline: &[&str]| {
        let mut command = command();
        command.env("KERAS_HOME", home.path()).args(["predict", "vgg16"]).arg(&photo).args(offline);
        if !offline.is_empty() {
            command.env_remove("KERAS_RS_OFFLINE");
        }
        run_command(&mut command).fails(1)
    };
    for error in [run(&[]), run(&["--offline"])] {
        let path = home.path().join("models/vgg16_weights_tf_dim_ordering_tf_kernels.h5");
        assert!(error.contains(&path.display().to_string()), "{error}");
        assert!(
            error.contains("https://storage.googleapis.com/tensorflow/keras-applications/vgg16/"),
            "{error}"
        );
    }
}

/// The whole way at full size, with weights that say nothing: probabilities of 1000 classes.
#[test]
fn an_application_names_imagenet_classes() {
    let photo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../applications/tests/fixtures/images/plain.jpg");
    let text = run_line("predict densenet121 {} --weights none --top 3", &[&photo]).ok();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines.len(), lines[0]), (4, photo.display().to_string().as_str()));
    for line in &lines[1..] {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert!(words[1].starts_with('n') && words[1].len() == 9, "{line}");
        assert!((0.0..=1.0).contains(&words[2].parse::<f64>().unwrap()), "{line}");
    }
}
