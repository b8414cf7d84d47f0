//! Small files that ask for more memory than there is end in an error, not in an abort.

use super::*;

fn layer(class: &str, name: &str, config: &str, inbound: &str) -> String {
    format!(
        r#"{{"class_name": "{class}", "name": "{name}", "config": {{"name": "{name}", {config}}}, "inbound_nodes": [{inbound}]}}"#
    )
}

fn sequential(shape: &str, layers: &[String]) -> String {
    let input = layer("InputLayer", "x", &format!(r#""batch_shape": {shape}"#), "");
    format!(
        r#"{{"class_name": "Sequential", "config": {{"name": "s", "layers": [{input}, {}]}}}}"#,
        layers.join(", ")
    )
}

/// Each takes a gigabyte or more for one sample, and less than the limit on one tensor.
fn greedy() -> Vec<(&'static str, String, Vec<usize>)> {
    let upsampling: Vec<String> =
        (0..26).map(|i| layer("UpSampling1D", &format!("u{i}"), r#""size": 2"#, "")).collect();
    let mut doubling = vec![layer("InputLayer", "c0", r#""batch_shape": [null, 4]"#, "")];
    for i in 1..=28 {
        let of = format!(r#"["c{0}", 0, 0, {{}}], ["c{0}", 0, 0, {{}}]"#, i - 1);
        doubling.push(layer("Concatenate", &format!("c{i}"), r#""axis": -1"#, &format!("[{of}]")));
    }
    let doubling = format!(
        r#"{{"class_name": "Functional", "config": {{"name": "m", "layers": [{}], "input_layers": [["c0", 0, 0]], "output_layers": [["c28", 0, 0]]}}}}"#,
        doubling.join(", ")
    );
    vec![
        ("dense", sequential("[null, 4]", &[layer("Dense", "d", r#""units": 30000000"#, "")]), vec![32, 4]),
        (
            "conv2d",
            sequential(
                "[null, 64, 64, 1]",
                &[layer("Conv2D", "c", r#""filters": 1000000, "kernel_size": [3, 3]"#, "")],
            ),
            vec![1, 64, 64, 1],
        ),
        ("upsampling1d", sequential("[null, 4, 8]", &upsampling), vec![1, 4, 8]),
        ("concatenate", doubling, vec![1, 4]),
    ]
}

/// Runs each of the greedy models with what `limited` makes of the command line.
fn all_are_refused(limited: impl Fn(&Path, &Path) -> Command) {
    let directory = tempfile::tempdir().unwrap();
    for (name, json, shape) in greedy() {
        let [model, x] = ["json", "npy"].map(|end| directory.path().join(format!("{name}.{end}")));
        assert!(json.len() < 20_000, "{name} is small");
        std::fs::write(&model, json).unwrap();
        write_npy(&x, &shape, 1.0);
        let error = run_command(limited(&model, &x).env("KERAS_RS_OFFLINE", "1")).fails(1);
        assert!(error.contains("bytes are over the limit of"), "{name}: {error}");
        assert_eq!(error.trim_end().lines().count(), 1, "{name}: {error}");
    }
}

#[cfg(unix)]
#[test]
fn the_address_space_is_respected() {
    all_are_refused(|model, x| {
        let mut shell = Command::new("sh");
        shell.args([
            "-c",
            "ulimit -v 3000000; exec \"$0\" \"$@\"",
            env!("CARGO_BIN_EXE_keras-rs"),
            "predict",
        ]);
        // Threads take address space of their own; how many there are, depends on the machine.
        shell.args([model, x]).args(["--weights", "none"]).env("RAYON_NUM_THREADS", "2");
        shell
    });
}

#[test]
fn max_memory_is_respected() {
    all_are_refused(|model, x| {
        let mut command = command();
        command.arg("predict").args([model, x]).args(["--weights", "none", "--max-memory", "1GB"]);
        command
    });
    all_are_refused(|model, x| {
        let mut command = command();
        command.arg("predict").args([model, x]).args(["--weights", "none"]).env("KERAS_RS_MAX_MEMORY", "1GB");
        command
    });
}

#[test]
fn honest_models_fit() {
    let plain = run_line("predict", &[]).ok();
    assert_eq!(run_line("predict --max-memory 1GiB", &[]).ok(), plain);
    assert_eq!(run_command(command().arg("predict").env("KERAS_RS_MAX_MEMORY", "1GiB")).ok(), plain);
    // The option wins.
    let mut both = command();
    both.args(["predict", "--max-memory", "1GiB"]).env("KERAS_RS_MAX_MEMORY", "1000");
    assert_eq!(run_command(&mut both).ok(), plain);
}

#[test]
fn sizes_that_are_none() {
    for size in ["much", "0", "-1", "2XB"] {
        let error = run_command(command().args(["predict", &format!("--max-memory={size}")])).fails(2);
        assert!(error.contains("512MB or 2GiB"), "{error}");
        let error = run_command(command().arg("predict").env("KERAS_RS_MAX_MEMORY", size)).fails(1);
        assert!(error.contains("invalid `KERAS_RS_MAX_MEMORY`"), "{error}");
    }
}

#[test]
fn the_cause_is_said_once() {
    let missing = tempfile::tempdir().unwrap().path().join("missing.keras");
    let error = run_line("predict {} {}", &[&missing, &asset("digit.png")]).fails(1);
    assert_eq!(error.matches("No such file").count(), 1, "{error}");
    assert_eq!(error.matches("missing.keras").count(), 1, "{error}");
}
