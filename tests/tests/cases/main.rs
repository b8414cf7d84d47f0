//! One test a case of the fixtures that real Keras made: `cargo test conv2d` runs those of Conv2D.
//!
//! Names are `suite::family::case::backend`. A case is ignored on a backend that lacks one of its data types.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::type_complexity,
    missing_docs,
    unreachable_pub,
    reason = "tests"
)]

mod callback_defaults;
mod callbacks;
mod data;
mod defaults;
mod fit_callbacks;
mod fits;
mod functions;
mod gradients;
mod images;
mod layers;
mod linear_algebra;
mod losses;
mod metrics;
mod metrics_confusion;
mod models;
mod networks;
mod objects;
mod operation_gradients;
mod optimizers;
mod refused;
mod resume;
mod schedules;
mod signals;
mod summary;
#[path = "../support/mod.rs"]
mod support;

use keras_rs::{DType, Device};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use std::collections::HashSet;
use std::process::ExitCode;
use std::sync::Arc;

/// What a check gives: why it failed.
pub type Checked = Result<(), String>;

fn main() -> ExitCode {
    let suites = [
        callback_defaults::trials,
        callbacks::trials,
        data::trials,
        defaults::trials,
        fits::trials,
        functions::trials,
        gradients::trials,
        images::trials,
        layers::trials,
        losses::trials,
        metrics::trials,
        metrics_confusion::trials,
        models::trials,
        networks::trials,
        objects::trials,
        operation_gradients::trials,
        optimizers::trials,
        refused::trials,
        resume::trials,
        schedules::trials,
        signals::trials,
        summary::trials,
    ];
    let (arguments, filters) = arguments();
    let mut trials: Vec<Trial> = suites.into_iter().flat_map(|trials| trials()).collect();
    let mut names = HashSet::new();
    let twice: Vec<&str> = trials.iter().map(Trial::name).filter(|name| !names.insert(*name)).collect();
    assert!(twice.is_empty(), "several cases have these names: {twice:?}");
    let wanted = |trial: &Trial, filter: &str| match arguments.exact {
        true => trial.name() == filter,
        false => trial.name().contains(filter),
    };
    if !filters.is_empty() {
        trials.retain(|trial| filters.iter().any(|filter| wanted(trial, filter)));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The arguments of the command line. Where there are several filters, which `libtest-mimic` does not
/// take and Rust's own tests do, they come apart.
fn arguments() -> (Arguments, Vec<String>) {
    const WITH_VALUE: [&str; 6] = ["--test-threads", "--logfile", "--skip", "--color", "--format", "-Z"];
    let mut options = Vec::new();
    let mut filters = Vec::new();
    let mut all = std::env::args();
    options.extend(all.next());
    while let Some(argument) = all.next() {
        let has_value = WITH_VALUE.contains(&argument.as_str());
        match argument.starts_with('-') {
            true => options.push(argument),
            false => filters.push(argument),
        }
        if has_value {
            options.extend(all.next());
        }
    }
    let mut arguments = Arguments::from_iter(options);
    if filters.len() == 1 {
        arguments.filter = filters.pop();
    }
    (arguments, filters)
}

/// A trial of this name; the parts of a fixture's name are parts of its own.
pub fn trial(name: &str, check: impl FnOnce() -> Checked + Send + 'static) -> Trial {
    Trial::test(name.replace('/', "::").replace(' ', "_"), move || check().map_err(Failed::from))
}

/// A trial on each backend, ignored on those that lack one of the data types.
pub fn on_backends<C>(name: &str, dtypes: &[DType], check: C) -> Vec<Trial>
where
    C: Fn(&Device) -> Checked + Clone + Send + 'static,
{
    let one = |device: Device| {
        let check = check.clone();
        let lacking = !dtypes.iter().all(|dtype| device.supports(*dtype));
        trial(&format!("{name}::{}", device.backend()), move || check(&device)).with_ignored_flag(lacking)
    };
    support::devices().into_iter().map(one).collect()
}

/// The cases of a list in a fixture, each with its name.
pub fn named(list: &Value) -> Vec<(String, Arc<Value>)> {
    let cases = list.as_array().expect("a list of cases").iter();
    let cases: Vec<_> = cases
        .map(|case| (case["name"].as_str().expect("a name").to_string(), Arc::new(case.clone())))
        .collect();
    assert!(!cases.is_empty(), "a fixture without cases");
    cases
}

/// The cases of a list in a fixture that have no names, numbered.
pub fn numbered(list: &Value) -> Vec<(String, Arc<Value>)> {
    let cases = list.as_array().expect("a list of cases").iter().enumerate();
    cases.map(|(number, case)| (number.to_string(), Arc::new(case.clone()))).collect()
}

/// The data types of entries that say them as `dtype`.
pub fn dtypes<'a>(entries: impl IntoIterator<Item = &'a Value>) -> Vec<DType> {
    entries.into_iter().map(|entry| entry["dtype"].as_str().unwrap().parse().unwrap()).collect()
}

/// Fails with this text unless the condition holds.
pub fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(otherwise()) }
}
