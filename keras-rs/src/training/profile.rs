//! What the stages of a training step take.

use crate::data::Batch;
use crate::error::Result;
use crate::layer::ProfiledCall;
use crate::models::Model;
use std::time::{Duration, Instant};

/// Where the time of a training step goes: [`Model::profile_train`] gives it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TrainingProfile {
    /// The calls of layers in the forward pass, as [`ProfiledCall`] describes them.
    pub layers: Vec<ProfiledCall>,
    /// What follows them: `loss`, `gradients`, `optimizer` and `metrics`, and before them `data`, the checks of the batch.
    pub stages: Vec<(&'static str, Duration)>,
}

/// Notes how long the stages take: one ends where the next one begins.
pub(super) struct Stages {
    since: Instant,
    pub(super) ended: Vec<(&'static str, Duration)>,
}

impl Stages {
    pub(super) fn start() -> Self {
        Self { since: Instant::now(), ended: Vec::new() }
    }

    pub(super) fn end(&mut self, stage: &'static str) {
        let now = Instant::now();
        self.ended.push((stage, now - self.since));
        self.since = now;
    }
}

impl Model {
    /// One update on a batch, with the time that its parts take.
    ///
    /// It is Keras' training step: that of [`Model::train_on_batch`] for a model that has none of its own.
    ///
    /// # Errors
    /// As [`Model::train_on_batch`].
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let model = Sequential::new().add(Input::new([2])).add(Dense::new(1)).build()?;
    /// model.compile("sgd", "mse", ())?;
    /// let batch = Batch::new(&Tensor::ones([4, 2], DType::F32)?, &Tensor::ones([4, 1], DType::F32)?);
    /// let profile = model.profile_train(&batch)?;
    /// assert_eq!(profile.layers[0].outputs, [[4, 1]]);
    /// let stages: Vec<&str> = profile.stages.iter().map(|(name, _)| *name).collect();
    /// assert_eq!(stages, ["data", "loss", "gradients", "optimizer", "metrics"]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn profile_train(&self, batch: &Batch) -> Result<TrainingProfile> {
        let mut profile = TrainingProfile { layers: Vec::new(), stages: Vec::new() };
        self.update(batch, Some(&mut profile))?;
        Ok(profile)
    }
}
