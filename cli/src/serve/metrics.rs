//! Counts and times, in the text that Prometheus reads.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::server::Server;

/// Upper bounds of the classes of times, in seconds.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Upper bounds of the classes of batches, in samples.
const SAMPLES: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// How many values there were up to each bound.
#[derive(Clone, Debug)]
pub(crate) struct Histogram {
    bounds: &'static [f64],
    counts: Vec<u64>,
    total: u64,
    sum: f64,
}

impl Histogram {
    fn new(bounds: &'static [f64]) -> Self {
        Self { bounds, counts: vec![0; bounds.len()], total: 0, sum: 0.0 }
    }

    /// For the sizes of batches.
    pub(crate) fn of_samples() -> Self {
        Self::new(&SAMPLES)
    }

    /// Counts a value.
    pub(crate) fn add(&mut self, value: f64) {
        for (bound, count) in self.bounds.iter().zip(&mut self.counts) {
            *count += u64::from(value <= *bound);
        }
        self.total += 1;
        self.sum += value;
    }

    fn write(&self, text: &mut String, name: &str, model: &str) -> std::fmt::Result {
        for (bound, count) in self.bounds.iter().zip(&self.counts) {
            writeln!(text, "{name}_bucket{{model=\"{model}\",le=\"{bound}\"}} {count}")?;
        }
        writeln!(text, "{name}_bucket{{model=\"{model}\",le=\"+Inf\"}} {}", self.total)?;
        writeln!(text, "{name}_sum{{model=\"{model}\"}} {}", self.sum)?;
        writeln!(text, "{name}_count{{model=\"{model}\"}} {}", self.total)
    }
}

/// What was counted of all requests to models.
#[derive(Default)]
pub(crate) struct Metrics {
    counted: Mutex<Counted>,
}

#[derive(Default)]
struct Counted {
    /// By model, action and status; the model's name is empty where there is none of the name.
    requests: BTreeMap<(String, &'static str, u16), u64>,
    /// Of requests that need the model to compute, by model.
    times: BTreeMap<String, Histogram>,
}

impl Metrics {
    fn lock(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an answer.
    pub(crate) fn count(&self, model: &str, action: &'static str, status: u16, time: Duration) {
        let mut counted = self.lock();
        *counted.requests.entry((model.to_string(), action, status)).or_default() += 1;
        if !model.is_empty() && matches!(action, "predict" | "image") {
            let times = counted.times.entry(model.to_string()).or_insert_with(|| Histogram::new(&SECONDS));
            times.add(time.as_secs_f64());
        }
    }

    /// The text.
    pub(crate) fn text(server: &Server) -> String {
        let mut text = String::new();
        // Writing to a `String` cannot fail.
        write_all(&mut text, server).ok();
        text
    }
}

fn write_all(text: &mut String, server: &Server) -> std::fmt::Result {
    let head = |text: &mut String, name: &str, kind: &str, help: &str| {
        writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}")
    };
    let counted = server.metrics.lock();
    head(text, "keras_rs_requests_total", "counter", "Answers, by model, action and HTTP status.")?;
    for ((model, action, status), count) in &counted.requests {
        writeln!(
            text,
            "keras_rs_requests_total{{model=\"{model}\",action=\"{action}\",status=\"{status}\"}} {count}"
        )?;
    }
    head(text, "keras_rs_request_seconds", "histogram", "Time from the head of a request to its answer.")?;
    for (model, times) in &counted.times {
        times.write(text, "keras_rs_request_seconds", model)?;
    }
    drop(counted);
    head(text, "keras_rs_batch_samples", "histogram", "Samples that were computed at once.")?;
    for model in &server.models {
        model.batches().write(text, "keras_rs_batch_samples", &model.name)?;
    }
    head(text, "keras_rs_queue_length", "gauge", "Requests that wait to be computed.")?;
    for model in &server.models {
        writeln!(
            text,
            "keras_rs_queue_length{{model=\"{}\"}} {}",
            model.name,
            model.current().engine.queued()
        )?;
    }
    head(
        text,
        "keras_rs_model_version",
        "gauge",
        "The version that serves; it grows when the file changes.",
    )?;
    for model in &server.models {
        writeln!(text, "keras_rs_model_version{{model=\"{}\"}} {}", model.name, model.current().number)?;
    }
    Ok(())
}
