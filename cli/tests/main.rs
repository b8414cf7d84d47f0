//! Runs the built program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod applications;
mod apps;
mod bench;
mod convert;
mod errors;
mod explain;
mod fit;
mod inspect;
mod manual;
mod memory;
mod pictures;
mod plot;
mod predict;
mod serve;
mod summary;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use indexmap::IndexMap;
use keras_rs::{DType, Tensor, TensorData, npz};

/// What a run of the program left behind.
#[derive(Debug)]
struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Run {
    /// The text on stdout of a run that went well, with nothing but notes on stderr.
    #[track_caller]
    fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        assert!(self.stderr.lines().all(|line| line.starts_with("note: ")), "{}", self.stderr);
        self.stdout
    }

    /// What stderr says of a run that failed with this exit code, without a word on stdout.
    #[track_caller]
    fn fails(self, code: i32) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (Some(code), ""), "{}", self.stderr);
        assert!(self.stderr.starts_with("error: "), "{}", self.stderr);
        self.stderr
    }
}

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keras-rs"));
    command.env_remove("KERAS_RS_BACKEND").env_remove("KERAS_RS_MAX_MEMORY").env("KERAS_RS_OFFLINE", "1");
    command
}

/// Runs with these bytes on stdin.
fn run_with_stdin(line: &str, paths: &[&Path], bytes: &[u8]) -> Run {
    use std::io::Write;
    let mut paths = paths.iter();
    let words = line.split(' ').map(|word| match word {
        "{}" => paths.next().unwrap().as_os_str().to_owned(),
        word => word.into(),
    });
    let mut command = command();
    command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that refuses its arguments reads nothing.
    child.stdin.take().unwrap().write_all(bytes).ok();
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn run_command(command: &mut Command) -> Run {
    let output = command.output().unwrap();
    Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn run<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Run {
    run_command(command().args(arguments))
}

/// Runs with the words of `line`, in which `{}` stands for each of `paths` in turn.
fn run_line(line: &str, paths: &[&Path]) -> Run {
    let mut paths = paths.iter();
    run(line.split(' ').map(|word| match word {
        "{}" => paths.next().unwrap().as_os_str().to_owned(),
        word => word.into(),
    }))
}

/// A file of a model that real Keras saved.
fn fixture(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/models").join(file)
}

fn asset(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join(file)
}

fn f64s(data: &TensorData) -> Vec<f64> {
    Tensor::from_data(data.clone()).unwrap().to_f64_vec().unwrap()
}

/// Compares arrays with those that Keras gave, relative to the largest number.
#[track_caller]
fn assert_same(got: &IndexMap<String, TensorData>, expected: &IndexMap<String, TensorData>) {
    let names = |arrays: &IndexMap<String, TensorData>| {
        let mut names: Vec<String> = arrays.keys().cloned().collect();
        names.sort();
        names
    };
    assert_eq!(names(got), names(expected));
    for (name, want) in expected {
        assert_eq!(got[name].shape(), want.shape(), "{name}");
        assert_eq!(got[name].dtype(), want.dtype(), "{name}");
        assert_close(&f64s(&got[name]), &f64s(want), name);
    }
}

#[track_caller]
fn assert_close(got: &[f64], want: &[f64], name: &str) {
    assert_eq!(got.len(), want.len(), "{name}");
    let scale = want.iter().fold(1.0_f64, |scale, v| scale.max(v.abs()));
    for (got, want) in got.iter().zip(want) {
        assert!((got - want).abs() <= 1e-5 * scale, "{name}: {got} instead of {want}");
    }
}

/// A file of one `float32` array of that shape, all of one value.
fn write_npy(path: &Path, shape: &[usize], value: f32) {
    let count = shape.iter().product();
    let data = TensorData::from_values(&vec![value; count], shape.to_vec()).unwrap();
    assert_eq!(data.dtype(), DType::F32);
    npz::write_npy(path, &data).unwrap();
}
