use super::*;
use keras_rs::Backend;
use keras_rs_applications::VARIANTS;
use serde_json::Value;

#[test]
fn applications_are_found_by_words() {
    let text = run_line("apps resnet v2", &[]).ok();
    let names: Vec<&str> = text.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.contains(&"ResNet50V2") && !names.contains(&"ResNet50"), "{text}");
    let text = run_line("apps mobilenetv3", &[]).ok();
    assert!(text.contains("MobileNetV3Small") && text.contains("MobileNetV3Large"), "{text}");
    let value: Value = serde_json::from_str(&run_line("apps --json", &[]).ok()).unwrap();
    assert_eq!(value.as_array().unwrap().len(), VARIANTS.len());
    let vgg = value.as_array().unwrap().iter().find(|app| app["name"] == "vgg16").unwrap();
    assert_eq!((&vgg["parameters"], &vgg["megabytes"]), (&138_357_544.into(), &528.into()));
    let error = run_line("apps resnt50", &[]).fails(1);
    assert!(error.contains("did you mean resnet50"), "{error}");
}

#[test]
fn downloads_say_what_they_need() {
    let home = tempfile::tempdir().unwrap();
    let run = |line: &str| run_command(command().env("KERAS_HOME", home.path()).args(line.split(' ')));
    let error = run("download dense-net-121").fails(1);
    assert_eq!(
        error,
        "error: there is no application dense-net-121; did you mean densenet121? `keras-rs apps` lists all\n"
    );
    // Only the cache is asked.
    let error = run("download vgg16 --no-top").fails(1);
    let path = home.path().join("models/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5");
    assert!(error.contains(&path.display().to_string()), "{error}");
    let both = run("download vgg16 resnet50");
    assert_eq!((both.code, both.stdout.as_str()), (Some(1), ""));
    assert!(both.stderr.starts_with("warning: vgg16: offline, "), "{}", both.stderr);
    assert!(
        both.stderr.ends_with("error: could not get the weights of vgg16, resnet50\n"),
        "{}",
        both.stderr
    );
}

#[test]
fn backends_are_those_of_this_build() {
    let value: Value = serde_json::from_str(&run_line("backends --json", &[]).ok()).unwrap();
    let rows = value.as_array().unwrap();
    assert_eq!(rows.len(), Backend::ALL.len());
    for (row, backend) in rows.iter().zip(Backend::ALL) {
        assert_eq!(row["name"], backend.name());
        assert_eq!(row["compiled_in"], backend.is_enabled());
        assert!(!row["device"].is_null() || !row["problem"].is_null());
    }
    assert_eq!(rows.iter().filter(|row| row["default"] == true).count(), 1);
    assert!(run_line("backends", &[]).ok().contains("flex (default)"));
    let help = run_line("predict --help", &[]).ok();
    for backend in Backend::ALL {
        let values = help.split("possible values: ").find(|part| part.starts_with("flex")).unwrap();
        let values = values.split(']').next().unwrap();
        assert_eq!(values.contains(backend.name()), backend.is_enabled(), "{values}");
    }
}
