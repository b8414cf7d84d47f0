use super::*;
use serde_json::Value;

const KEYS: [&str; 9] = [
    "load_ms",
    "build_ms",
    "first_ms",
    "median_ms",
    "min_ms",
    "batch_size",
    "threads",
    "backend",
    "peak_rss_mb",
];

/// The JSON that a run of few steps prints.
#[track_caller]
fn timed(line: &str, paths: &[&Path]) -> Value {
    serde_json::from_str(&run_line(&format!("bench {line} --json --runs 2 --warmup 0"), paths).ok()).unwrap()
}

#[track_caller]
fn assert_times(report: &Value, keys: &[&str]) {
    let found: Vec<&String> = report.as_object().unwrap().keys().collect();
    assert_eq!(found, keys);
    let ms = |key: &str| report[key].as_f64().unwrap();
    assert!(["load_ms", "build_ms", "first_ms", "min_ms"].iter().all(|key| ms(key) > 0.0), "{report}");
    assert!(ms("min_ms") <= ms("median_ms"), "{report}");
    // Linux says it.
    assert_eq!(
        report["peak_rss_mb"].as_f64().is_some_and(|mb| mb > 1.0),
        cfg!(target_os = "linux"),
        "{report}"
    );
}

#[test]
fn predictions_and_training_steps() {
    let digits = asset("digits.keras");
    for (line, batch_size, backend) in [
        ("{} --threads 1", 1, "flex"),
        ("{} --threads 1 --batch-size 3 --backend ndarray", 3, "ndarray"),
        ("{} --threads 1 --train --batch-size 2", 2, "flex"),
        ("{} --threads 1 --exact", 1, "flex"),
    ] {
        let report = timed(line, &[&digits]);
        assert_times(&report, &KEYS);
        assert_eq!(
            (&report["batch_size"], &report["threads"], &report["backend"]),
            (&batch_size.into(), &1.into(), &backend.into()),
            "{line}"
        );
    }
}

#[test]
fn targets_fit_every_loss() {
    for case in ["compiled", "compiled_multi_output", "multi_input", "embedding_mask", "classes_recurrent"] {
        assert_times(&timed("{} --train --batch-size 4", &[&fixture(case).join("model.keras")]), &KEYS);
    }
}

#[test]
fn the_report_says_what_was_made_up() {
    let text = run_line("bench {} --runs 3 --train", &[&fixture("multi_input/model.keras")]).ok();
    assert!(text.contains(": train, batch of 1, flex, "), "{text}");
    assert!(text.contains("no compile settings: SGD and the mean squared error"), "{text}");
    assert!(text.contains(" ms of 3\n"), "{text}");
    let text = run_line("bench {} --runs 1", &[&asset("digits.keras")]).ok();
    assert!(text.contains("float32 [1, 8, 8, 1]\n") && !text.contains("compile settings"), "{text}");
}

#[test]
fn the_profile_has_every_layer() {
    let digits = asset("digits.keras");
    let report = timed("{} --profile --exact", &[&digits]);
    assert_times(&report, &[&KEYS[..], &["profile"]].concat());
    let layers = report["profile"].as_array().unwrap();
    let classes: Vec<&str> = layers.iter().map(|layer| layer["class"].as_str().unwrap()).collect();
    assert!(classes.contains(&"Conv2D") && classes.contains(&"Dense"), "{classes:?}");
    for layer in layers {
        let known = matches!(layer["class"].as_str(), Some("Conv2D" | "Dense"));
        assert_eq!(layer["gflops"].as_f64().is_some_and(|speed| speed > 0.0), known, "{layer}");
    }
    let text = run_line("bench {} --profile --exact --runs 2", &[&digits]).ok();
    assert!(text.contains("GFLOP/s\n") && text.contains("Conv2D"), "{text}");
    let report = timed("{} --profile", &[&digits]);
    assert!(report.to_string().contains("\"class\":\"convolution\""), "{report}");
}

#[test]
fn the_profile_of_a_training_step_goes_on_after_the_layers() {
    let report =
        timed("{} --train --exact --profile --batch-size 4", &[&fixture("compiled").join("model.keras")]);
    let parts = report["profile"].as_array().unwrap();
    let named = |key: &str| parts.iter().filter_map(|part| part[key].as_str()).collect::<Vec<_>>();
    assert!(named("class").contains(&"Dense"), "{report}");
    for stage in ["data", "loss", "gradients", "optimizer", "metrics"] {
        assert!(named("layer").contains(&stage), "{stage}: {report}");
    }
}

#[test]
fn what_cannot_be_timed() {
    for line in ["bench", "bench m.keras --runs 0", "bench m.keras --threads 0"] {
        run_line(line, &[]).fails(2);
    }
    let missing = run_line("bench missing.keras", &[]).fails(1);
    assert!(missing.contains("missing.keras"), "{missing}");
    let error = run_line("bench resnet50 --offline --weights {}", &[&asset("digit.png")]).fails(1);
    assert!(error.contains("digit.png"), "{error}");
}
