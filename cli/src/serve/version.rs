//! One version of a model: what was in its file when it was loaded.

use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use anyhow::{Context, Result};
use keras_rs::{Model, Tensor};

use super::engine::{Bounds, Engine};
use super::metrics::Histogram;
use super::signature::Signature;
use crate::images::{Form, Pixels};
use crate::model::{Source, Weights};

/// What tells a changed file from the one that was loaded.
pub(crate) type Stamp = Option<(SystemTime, u64)>;

/// A model that computes, and what is known of it.
pub(crate) struct Version {
    /// 1 for what was there at the start, one more for each change.
    pub(crate) number: u64,
    pub(crate) signature: Signature,
    /// How images become its input, if they can.
    pub(crate) form: Option<Form>,
    /// Keras' table of the layers.
    pub(crate) summary: String,
    pub(crate) engine: Engine,
}

/// Where the weights of a model come from.
#[derive(Clone)]
pub(crate) struct Origin {
    pub(crate) weights: Weights,
    pub(crate) offline: bool,
}

impl Version {
    /// Loads the model and lets it compute once, so that a model that cannot is found now and the first request is as fast
    /// as others.
    pub(crate) fn load(
        source: &Source,
        origin: &Origin,
        number: u64,
        mut bounds: Bounds,
        batches: Arc<Mutex<Histogram>>,
    ) -> Result<Self> {
        let model = source.load(&origin.weights, origin.offline)?;
        // A value that is still in the file would be lost when another file takes its place.
        model.weights().iter().try_for_each(|weight| weight.value().map(drop))?;
        let signature = Signature::of(&model).context("cannot be served")?;
        if !signature.takes_batches() {
            bounds.max_batch = 1;
        }
        try_out(&model, &signature).context("the model cannot compute")?;
        let form = Form::of(&model, source.variant(), Pixels::default()).ok();
        let summary = model.summary();
        let engine = Engine::start(model, bounds, batches).context("cannot start a thread")?;
        Ok(Self { number, signature, form, summary, engine })
    }
}

/// Computes on zeros, if all sizes are known.
fn try_out(model: &Model, signature: &Signature) -> Result<()> {
    let zeros = signature.inputs.iter().map(|port| {
        let dims = port.shape.dims();
        let sizes = dims.iter().enumerate().map(|(axis, dim)| dim.or((axis == 0).then_some(1)));
        Some(Tensor::zeros(sizes.collect::<Option<Vec<usize>>>()?, port.dtype))
    });
    if let Some(zeros) = zeros.collect::<Option<keras_rs::Result<Vec<Tensor>>>>() {
        let zeros = zeros?;
        let samples = zeros.first().and_then(|tensor| tensor.shape().first().copied()).unwrap_or(1);
        model.predict_batches(&zeros, samples)?;
    }
    Ok(())
}

/// The stamp of a model's file; an application has none.
pub(crate) fn stamp(source: &Source) -> Stamp {
    let Source::File(path) = source else { return None };
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
