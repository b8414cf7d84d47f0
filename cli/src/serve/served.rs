//! A model under its name, of which one version serves at a time.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Instant;

use anyhow::{Context, Result};

use super::engine::Bounds;
use super::log::log;
use super::metrics::Histogram;
use super::version::{Origin, Stamp, Version, stamp};
use crate::model::Source;
use crate::report::Labels;
use crate::usage::Usage;

/// A name with the version behind it.
pub(crate) struct Served {
    pub(crate) name: String,
    source: Source,
    origin: Origin,
    bounds: Bounds,
    /// Names of the classes.
    pub(crate) labels: Option<Labels>,
    batches: Arc<Mutex<Histogram>>,
    current: RwLock<Arc<Version>>,
}

/// What is known of a model's file between two looks at it.
pub(crate) struct Watch {
    /// Of the file whose content serves, or was found to be broken.
    known: Stamp,
    /// At the last look.
    seen: Stamp,
}

/// The name and the source that an argument `MODEL` or `NAME=MODEL` stands for.
pub(crate) fn named(argument: &str) -> Result<(String, Source)> {
    let (name, model) = match argument.split_once('=') {
        // A path may hold the sign, too.
        Some((name, model)) if !name.contains(['/', '\\']) => (Some(name.to_string()), model),
        _ => (None, argument),
    };
    let source = Source::of(model);
    let stem = || match &source {
        Source::Application(variant) => variant.model_name.to_string(),
        Source::File(path) => stem(path),
    };
    let name = name.unwrap_or_else(stem);
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.is_empty() || !name.chars().all(fits) {
        return Err(Usage::error(format!(
            "{name:?} cannot be a model's name in addresses: give NAME={model} with letters, digits, '_', '-' and '.'"
        )));
    }
    Ok((name, source))
}

fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

impl Served {
    /// Loads the first version.
    pub(crate) fn load(
        (name, source): (String, Source),
        origin: Origin,
        bounds: Bounds,
        labels: Option<Labels>,
    ) -> Result<(Self, Watch)> {
        let known = stamp(&source);
        let batches = Arc::new(Mutex::new(Histogram::of_samples()));
        let version = Version::load(&source, &origin, 1, bounds, batches.clone())
            .with_context(|| format!("model {name}"))?;
        let imagenet = source.variant().is_some().then_some(Labels::Imagenet);
        let current = RwLock::new(Arc::new(version));
        let served = Self { name, source, origin, bounds, labels: labels.or(imagenet), batches, current };
        Ok((served, Watch { known, seen: known }))
    }

    /// The version that serves.
    pub(crate) fn current(&self) -> Arc<Version> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sizes of what was computed at once.
    pub(crate) fn batches(&self) -> Histogram {
        self.batches.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Loads the file if it has changed and stayed the same for two looks, so that one that is being written is left alone.
    /// The old version serves until the new one is ready, and on if the file is broken.
    pub(crate) fn look(&self, watch: &mut Watch) {
        let stamp = stamp(&self.source);
        let is_settled = std::mem::replace(&mut watch.seen, stamp) == stamp;
        if stamp.is_none() || stamp == watch.known || !is_settled {
            return;
        }
        watch.known = stamp;
        let (name, number) = (&self.name, self.current().number + 1);
        let started = Instant::now();
        match Version::load(&self.source, &self.origin, number, self.bounds, self.batches.clone()) {
            Ok(version) => {
                // Requests that hold the old version are answered by it; then its thread ends.
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(version);
                log(&format!("model {name}: version {number} loaded in {:.1?}", started.elapsed()));
            }
            Err(error) => {
                log(&format!(
                    "model {name}: the changed file is not used, version {} goes on: {error:#}",
                    number - 1
                ));
            }
        }
    }
}
