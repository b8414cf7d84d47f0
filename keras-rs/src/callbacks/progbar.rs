//! Keras' progress bar.

mod numbers;
#[cfg(test)]
mod tests;

use super::verbose::Verbose;
use crate::error::{Error, Result};
use indexmap::IndexMap;
use std::collections::HashSet;
use std::fmt;
use std::io::Write;
use std::time::Instant;

/// Shows the number of steps done, the remaining time, and the metrics.
///
/// ```
/// use keras_rs::callbacks::Progbar;
///
/// let mut text = Vec::new();
/// let mut bar = Progbar::new(&mut text, Some(2)).clock(|| 0.0);
/// bar.update(1, &[("loss", 0.75)], None)?;
/// bar.update(2, &[("loss", 0.25)], None)?;
/// let text = String::from_utf8_lossy(&text);
/// assert!(text.contains("1/2") && text.contains("loss: 0.7500"), "{text}");
/// assert!(text.ends_with("0s/step - loss: 0.2500\n"), "{text}");
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub struct Progbar<W> {
    out: W,
    target: Option<usize>,
    width: usize,
    /// 0, 1 or 2.
    verbose: u8,
    interval: f64,
    unit_name: String,
    averaged: Averaged,
    dynamic_display: bool,
    clock: Box<dyn Fn() -> f64 + Send>,
    start: f64,
    seen_so_far: usize,
    /// Sums of values, and the numbers of values.
    values: IndexMap<String, (f64, usize)>,
    last_update: Option<f64>,
    time_after_first_step: Option<f64>,
    previous_width: usize,
}

/// Which metrics the bar averages over the steps.
enum Averaged {
    AllBut(HashSet<String>),
    Only(HashSet<String>),
}

impl<W> fmt::Debug for Progbar<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progbar")
            .field("target", &self.target)
            .field("verbose", &self.verbose)
            .field("seen_so_far", &self.seen_so_far)
            .finish_non_exhaustive()
    }
}

impl<W: Write> Progbar<W> {
    /// A bar of `target` steps (`None`: unknown) that starts now.
    pub fn new(out: W, target: Option<usize>) -> Self {
        let begin = Instant::now();
        Self {
            out,
            target,
            width: 20,
            verbose: 1,
            interval: 0.05,
            unit_name: "step".to_string(),
            averaged: Averaged::AllBut(HashSet::new()),
            dynamic_display: true,
            clock: Box::new(move || begin.elapsed().as_secs_f64()),
            start: 0.0,
            seen_so_far: 0,
            values: IndexMap::new(),
            last_update: None,
            time_after_first_step: None,
            previous_width: 0,
        }
    }

    /// Sets the width of the bar itself in characters (default 20).
    #[must_use]
    pub fn width(mut self, width: usize) -> Self {
        self.width = width;
        self
    }

    /// Sets how much is written (default: a bar).
    #[must_use]
    pub fn verbose(mut self, verbose: Verbose) -> Self {
        self.verbose = match verbose {
            Verbose::Silent => 0,
            Verbose::Bar => 1,
            Verbose::Line | Verbose::Auto => 2,
        };
        self
    }

    /// Sets the least time between two updates of the bar, in seconds (default 0.05).
    #[must_use]
    pub fn interval(mut self, seconds: f64) -> Self {
        self.interval = seconds;
        self
    }

    /// Sets the name of a step (default `step`).
    #[must_use]
    pub fn unit_name(mut self, name: impl Into<String>) -> Self {
        self.unit_name = name.into();
        self
    }

    /// Sets the metrics that are shown as they are; all others are averaged over the steps.
    #[must_use]
    pub fn stateful_metrics<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.averaged = Averaged::AllBut(names.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the metrics that are averaged over the steps; all others are shown as they are.
    #[must_use]
    pub fn stateless_metrics<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.averaged = Averaged::Only(names.into_iter().map(Into::into).collect());
        self
    }

    /// Sets whether an update replaces the line of the bar, or is written on a new line.
    #[must_use]
    pub fn dynamic_display(mut self, dynamic: bool) -> Self {
        self.dynamic_display = dynamic;
        self
    }

    /// Sets the clock, which gives the time in seconds; the bar restarts at its current time.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> f64 + Send + 'static) -> Self {
        self.start = clock();
        self.clock = Box::new(clock);
        self
    }

    /// Sets the number of steps, once it is known.
    pub fn set_target(&mut self, target: Option<usize>) {
        self.target = target;
    }

    /// Adds `steps` to the steps done; `values` are the metrics of the last.
    ///
    /// # Errors
    /// [`Error::Io`] where the text cannot be written.
    pub fn add(&mut self, steps: usize, values: &[(&str, f64)]) -> Result<()> {
        self.update(self.seen_so_far + steps, values, None)
    }

    /// Shows that `current` steps are done; `values` are the metrics of the last.
    ///
    /// The last update ends the line; by default it is the one that reaches the target.
    ///
    /// # Errors
    /// [`Error::Io`] where the text cannot be written.
    pub fn update(&mut self, current: usize, values: &[(&str, f64)], finalize: Option<bool>) -> Result<()> {
        let finalize = finalize.unwrap_or(self.target.is_some_and(|target| current >= target));
        for (name, value) in values {
            self.take(name, *value, current, finalize);
        }
        self.seen_so_far = current;
        let now = (self.clock)();
        let per_step = self.estimate_step_duration(current, now);
        let text = match self.verbose {
            1 => {
                if self.last_update.is_some_and(|last| now - last < self.interval) && !finalize {
                    return Ok(());
                }
                self.bar(current, now, per_step, finalize)
            }
            2 => self.line(current, now, per_step, finalize),
            _ => String::new(),
        };
        self.last_update = Some(now);
        let written = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
        written.map_err(|e| Error::io("progress bar", "write", e))
    }

    fn take(&mut self, name: &str, value: f64, current: usize, finalize: bool) {
        let is_averaged = match &self.averaged {
            Averaged::AllBut(names) => !names.contains(name),
            Averaged::Only(names) => names.contains(name),
        };
        let entry = self.values.entry(name.to_string()).or_insert((0.0, 0));
        if is_averaged && !finalize {
            // If the number of steps is unknown, the last step of an epoch is updated twice.
            let steps = current.saturating_sub(self.seen_so_far).max(1);
            entry.0 += value * steps as f64;
            entry.1 += steps;
        } else {
            *entry = (value, 1);
        }
    }

    /// Seconds a step takes. The first step is not typical, so it is ignored once there are others.
    fn estimate_step_duration(&mut self, current: usize, now: f64) -> f64 {
        let duration = match self.time_after_first_step {
            _ if current == 0 => 0.0,
            Some(first) if current > 1 => (now - first) / (current - 1) as f64,
            _ => (now - self.start) / current as f64,
        };
        if current == 1 {
            self.time_after_first_step = Some(now);
        }
        duration
    }

    fn bar(&mut self, current: usize, now: f64, per_step: f64, finalize: bool) -> String {
        let mut shown = Styled::default();
        let target = self.target.filter(|target| *target > 0);
        if let Some(target) = target {
            let digits = target.to_string().len();
            shown.styled("1", &format!("{current:digits$}/{target}"));
            shown.plain(" ");
            let done = (self.width as f64 * (current as f64 / target as f64)) as usize;
            if done > 0 {
                shown.styled("32", &"━".repeat(done));
            }
            shown.styled("37", &"━".repeat(self.width.saturating_sub(done)));
        } else {
            shown.plain(&format!("{current:7}/Unknown"));
        }
        shown.plain(" ");
        let time = match target {
            Some(target) if !finalize => numbers::time_left(per_step * (target as f64 - current as f64)),
            _ => format!("{:.0}s", now - self.start),
        };
        shown.styled("1", &time);
        shown.plain(&numbers::step_time(per_step, &self.unit_name));
        for (name, average) in self.averages() {
            shown.plain(&format!(" - {name}: {}", numbers::metric(average, average.abs())));
        }

        let mut text =
            if self.dynamic_display { "\u{8}".repeat(self.previous_width) + "\r" } else { "\n".to_string() };
        text += &shown.text;
        // Blanks overwrite the rest of a longer line before.
        text += &" ".repeat(self.previous_width.saturating_sub(shown.width));
        if finalize {
            text.push('\n');
        }
        self.previous_width = shown.width;
        text
    }

    fn line(&self, current: usize, now: f64, per_step: f64, finalize: bool) -> String {
        let Some(target) = self.target.filter(|target| *target > 0 && finalize) else {
            return String::new();
        };
        let digits = target.to_string().len();
        let mut text = format!("{current:digits$}/{target} - {:.0}s -", now - self.start);
        text += &numbers::step_time(per_step, &self.unit_name);
        for (name, average) in self.averages() {
            // Unlike in the bar, Keras writes all negative numbers with an exponent here.
            text += &format!(" - {name}: {}", numbers::metric(average, average));
        }
        text + "\n"
    }

    fn averages(&self) -> impl Iterator<Item = (&str, f64)> {
        self.values.iter().map(|(name, (sum, count))| (name.as_str(), sum / (*count).max(1) as f64))
    }
}

/// Text with ANSI styles, and its width without them.
#[derive(Default)]
struct Styled {
    text: String,
    width: usize,
}

impl Styled {
    fn plain(&mut self, text: &str) {
        self.text += text;
        self.width += text.chars().count();
    }

    /// Appends text in an ANSI style, by its code.
    fn styled(&mut self, code: &str, text: &str) {
        self.text += &format!("\u{1b}[{code}m{text}\u{1b}[0m");
        self.width += text.chars().count();
    }
}
