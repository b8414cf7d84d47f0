//! Callbacks against real Keras: scripted logs in; rates, stops, files, weights and text out.

use crate::fit_callbacks::{early_stopping, reduce};
use crate::support::{files, json};
use crate::{Checked, named, trial};
use keras_rs::callbacks::{
    CSVLogger, Callback, LearningRateScheduler, Logs, ModelCheckpoint, Params, ProgbarLogger, TerminateOnNaN,
    Training, Verbose,
};
use keras_rs::data::Batch;
use keras_rs::layers::{Dense, Input};
use keras_rs::optimizers::SGD;
use keras_rs::{DType, Error, Model, Sequential, Tensor, load_model};
use libtest_mimic::Trial;
use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

pub fn trials() -> Vec<Trial> {
    let cases = named(&json("training/callbacks/callbacks.json"));
    assert!(cases.len() > 150);
    cases.into_iter().map(|(name, case)| trial(&format!("callbacks::{name}"), move || run(&case))).collect()
}

/// What callbacks print.
#[derive(Clone, Default)]
struct Out(Arc<Mutex<Vec<u8>>>);

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| value.as_str().unwrap().parse().unwrap())
}

fn flag(config: &Value, key: &str) -> bool {
    config[key].as_bool().unwrap_or_else(|| config[key].as_u64().is_some_and(|n| n > 0))
}

fn model(case: &Value) -> Model {
    let dense = Dense::new(1).kernel_initializer("zeros");
    let model = Sequential::new().add(Input::new([2])).add(dense).build().unwrap();
    let metrics: Vec<&str> =
        case["metrics"].as_array().unwrap().iter().map(|m| m.as_str().unwrap()).collect();
    model.compile(SGD::new(number(&case["learning_rate"])), "mse", metrics).unwrap();
    let ones = |width| Tensor::ones([4, width], DType::F32).unwrap();
    model.test_on_batch(&Batch::new(ones(2), ones(1))).unwrap();
    model
}

fn callback(entry: &Value, folder: &Path, clock: &Arc<AtomicU64>) -> Box<dyn Callback> {
    let config = &entry["config"];
    let text = |key: &str| config[key].as_str();
    match entry["class_name"].as_str().unwrap() {
        "EarlyStopping" => Box::new(early_stopping(config.as_object().unwrap())),
        "ReduceLROnPlateau" => Box::new(reduce(config.as_object().unwrap())),
        "TerminateOnNaN" => Box::new(TerminateOnNaN::new().raise_error(flag(config, "raise_error"))),
        "ProgbarLogger" => {
            let clock = Arc::clone(clock);
            Box::new(ProgbarLogger::new().clock(move || f64::from_bits(clock.load(Ordering::Relaxed))))
        }
        "LearningRateScheduler" => {
            let (factor, rates) = (entry["factor"].as_f64(), entry["rates"].as_array().cloned());
            let schedule = move |epoch: usize, rate: f64| match factor {
                Some(factor) => rate * factor,
                None => number(&rates.as_ref().unwrap()[epoch]),
            };
            Box::new(LearningRateScheduler::new(schedule).verbose(flag(entry, "verbose")))
        }
        "CSVLogger" => {
            let logger =
                CSVLogger::new(folder.join(text("filename").unwrap())).append(flag(config, "append"));
            let separator = text("separator").and_then(|s| s.chars().next());
            Box::new(logger.separator(separator.unwrap_or(',')))
        }
        "ModelCheckpoint" => Box::new(checkpoint(config, folder)),
        other => panic!("callback {other}"),
    }
}

fn checkpoint(config: &Value, folder: &Path) -> ModelCheckpoint {
    let mut saver = ModelCheckpoint::new(folder.join(config["filepath"].as_str().unwrap()))
        .verbose(flag(config, "verbose"))
        .save_best_only(flag(config, "save_best_only"))
        .save_weights_only(flag(config, "save_weights_only"));
    if let Some(monitor) = config["monitor"].as_str() {
        saver = saver.monitor(monitor);
    }
    if let Some(mode) = config["mode"].as_str() {
        saver = saver.mode(mode);
    }
    if let Some(threshold) = config["initial_value_threshold"].as_f64() {
        saver = saver.initial_value_threshold(threshold);
    }
    match config["save_freq"].as_u64() {
        Some(batches) => saver.save_freq(batches as usize),
        None => saver,
    }
}

fn call(
    callback: &mut dyn Callback,
    event: &[Value],
    logs: &mut Logs,
    training: &mut Training,
) -> Result<(), Error> {
    let n = || event[1].as_u64().unwrap() as usize;
    match event[0].as_str().unwrap() {
        "train_begin" => callback.on_train_begin(training),
        "train_end" => callback.on_train_end(logs, training),
        "epoch_begin" => callback.on_epoch_begin(n(), training),
        "epoch_end" => callback.on_epoch_end(n(), logs, training),
        "train_batch_begin" => callback.on_train_batch_begin(n(), training),
        "train_batch_end" => callback.on_train_batch_end(n(), logs, training),
        "test_begin" => callback.on_test_begin(training),
        "test_end" => callback.on_test_end(logs, training),
        "test_batch_begin" => callback.on_test_batch_begin(n(), training),
        "test_batch_end" => callback.on_test_batch_end(n(), logs, training),
        "predict_begin" => callback.on_predict_begin(training),
        "predict_end" => callback.on_predict_end(training),
        "predict_batch_end" => callback.on_predict_batch_end(n(), &[], training),
        other => panic!("event {other}"),
    }
}

fn weight(model: &Model) -> f64 {
    model.weights()[0].value().unwrap().to_f64_vec().unwrap()[0]
}

fn same(what: &str, got: impl Into<Value>, want: &Value) -> Checked {
    let got = got.into();
    if got == *want { Ok(()) } else { Err(format!("{what}: {got}, expected {want}")) }
}

fn logged(logs: &Logs) -> Value {
    let float = |v: &f64| if v.is_finite() { Value::from(*v) } else { format!("{v}").to_lowercase().into() };
    Value::Object(logs.iter().map(|(name, value)| (name.clone(), float(value))).collect())
}

fn run(case: &Value) -> Checked {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (out, clock) = (Out::default(), Arc::new(AtomicU64::new(1000.0_f64.to_bits())));
    let params = &case["params"];
    let size = |key: &str| params[key].as_u64().map(|n| n as usize);
    let params = Params {
        epochs: size("epochs").unwrap(),
        steps: size("steps"),
        verbose: Verbose::try_from(size("verbose").unwrap() as i32).unwrap(),
        validation: false,
    };
    let model = model(case);
    let mut training = Training::new(&model, params).output(out.clone());
    let mut callbacks: Vec<Box<dyn Callback>> =
        case["callbacks"].as_array().unwrap().iter().map(|entry| callback(entry, folder, &clock)).collect();
    let trace = case["trace"].as_array().unwrap();
    for (i, event) in case["events"].as_array().unwrap().iter().enumerate() {
        let event = event.as_array().unwrap();
        let mut logs = Logs::new();
        match event[0].as_str().unwrap() {
            "weights" => model.weights().iter().for_each(|variable| {
                let value = Tensor::full(variable.shape(), number(&event[1]), DType::F32).unwrap();
                variable.assign(&value).unwrap();
            }),
            "time" => clock.store(number(&event[1]).to_bits(), Ordering::Relaxed),
            _ => {
                let given = event.last().and_then(Value::as_object).into_iter().flatten();
                logs = given.map(|(name, value)| (name.clone(), number(value))).collect();
                let all =
                    callbacks.iter_mut().try_for_each(|c| call(&mut **c, event, &mut logs, &mut training));
                match (all, trace.get(i)) {
                    (Err(_), None) if case["error"].is_string() => break,
                    (Ok(()), Some(_)) => {}
                    (got, _) => return Err(format!("event {i} gave {got:?}")),
                }
            }
        }
        let want = &trace[i];
        let what = |part: &str| format!("{part} after event {i} {event:?}");
        same(&what("rate"), training.learning_rate().unwrap(), &want["lr"])?;
        same(&what("stop"), training.is_stopping(), &want["stop"])?;
        same(&what("weight"), weight(&model), &want["weight"])?;
        same(&what("files"), files(folder), &want["files"])?;
        if want["logs"].is_object() {
            same(&what("logs"), logged(&logs), &want["logs"])?;
        }
    }
    let text = String::from_utf8(out.0.lock().unwrap().clone()).unwrap();
    same("text", text.replace(&format!("{}/", folder.display()), ""), &case["text"])?;
    for (file, want) in case["tables"].as_object().unwrap() {
        same(file, std::fs::read_to_string(folder.join(file)).unwrap(), want)?;
    }
    for (file, want) in case["saved"].as_object().unwrap() {
        let path = folder.join(file);
        let saved = if file.ends_with(".keras") {
            load_model(path).unwrap()
        } else {
            model.load_weights(path).unwrap();
            model.clone()
        };
        same(file, weight(&saved), want)?;
    }
    Ok(())
}
