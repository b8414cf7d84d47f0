//! Callbacks of the cases of `fits.rs`.

use keras_rs::callbacks::{
    EarlyStopping, LearningRateScheduler, ReduceLROnPlateau, SwapEMAWeights, TerminateOnNaN,
};
use keras_rs::training::Fit;
use serde_json::{Map, Value};

/// Adds the callbacks that a case lists.
pub fn add<'a>(options: Fit<'a>, listed: &Value) -> Fit<'a> {
    listed.as_array().into_iter().flatten().fold(options, one)
}

fn one<'a>(options: Fit<'a>, entry: &Value) -> Fit<'a> {
    let config = entry["config"].as_object().cloned().unwrap_or_default();
    match entry["class_name"].as_str().unwrap() {
        "LearningRateScheduler" => options.callback(scheduler(entry)),
        "EarlyStopping" => options.callback(early_stopping(&config)),
        "ReduceLROnPlateau" => options.callback(reduce(&config)),
        "SwapEMAWeights" => {
            let swap_on_epoch = config.get("swap_on_epoch").is_some_and(|v| v.as_bool().unwrap());
            options.callback(SwapEMAWeights::new().swap_on_epoch(swap_on_epoch))
        }
        "TerminateOnNaN" => options.callback(TerminateOnNaN::new()),
        other => panic!("callback {other}"),
    }
}

/// Rates of the epochs, or a factor for the present rate.
fn scheduler(entry: &Value) -> LearningRateScheduler {
    if let Some(factor) = entry["factor"].as_f64() {
        return LearningRateScheduler::new(move |_, rate| rate * factor);
    }
    let rates: Vec<f64> = entry["rates"].as_array().unwrap().iter().map(|r| r.as_f64().unwrap()).collect();
    LearningRateScheduler::new(move |epoch, _| rates[epoch])
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn count(value: &Value) -> usize {
    value.as_u64().unwrap() as usize
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// From Keras' constructor arguments.
pub fn early_stopping(config: &Map<String, Value>) -> EarlyStopping {
    let monitor = config.get("monitor").map_or("val_loss", text);
    config.iter().fold(EarlyStopping::new(monitor), |callback, (key, value)| match key.as_str() {
        "monitor" => callback,
        "min_delta" => callback.min_delta(number(value)),
        "patience" => callback.patience(count(value)),
        "verbose" => callback.verbose(count(value) > 0),
        "mode" => callback.mode(text(value)),
        "baseline" => callback.baseline(number(value)),
        "restore_best_weights" => callback.restore_best_weights(value.as_bool().unwrap()),
        "start_from_epoch" => callback.start_from_epoch(count(value)),
        other => panic!("argument {other} of EarlyStopping"),
    })
}

/// From Keras' constructor arguments.
pub fn reduce(config: &Map<String, Value>) -> ReduceLROnPlateau {
    let monitor = config.get("monitor").map_or("val_loss", text);
    config.iter().fold(ReduceLROnPlateau::new(monitor), |callback, (key, value)| match key.as_str() {
        "monitor" => callback,
        "factor" => callback.factor(number(value)),
        "patience" => callback.patience(count(value)),
        "verbose" => callback.verbose(count(value) > 0),
        "mode" => callback.mode(text(value)),
        "min_delta" => callback.min_delta(number(value)),
        "cooldown" => callback.cooldown(count(value)),
        "min_lr" => callback.min_lr(number(value)),
        other => panic!("argument {other} of ReduceLROnPlateau"),
    })
}
