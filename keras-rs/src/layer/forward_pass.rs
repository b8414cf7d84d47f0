//! What everything inside one forward pass shares.

use super::profile::Profile;
use super::{KeyValueCache, LayerRef, ProfiledCall};
use crate::error::Result;
use crate::tensor::Tensor;
use crate::variable::Variable;
use std::collections::HashMap;

/// One forward pass through a model: the training flag, the losses that layers add, the variables whose use
/// is recorded for gradients, and values that layers remember until the pass ends.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = Dropout::new(1.0).shared();
/// let x = Tensor::ones([1, 2], DType::F32)?;
/// assert_eq!(layer.call_with(&[x], &mut ForwardPass::new(true))?[0].to_vec::<f32>()?, [0.0, 0.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct ForwardPass {
    /// Whether layers behave as in training; a call that says otherwise changes it for all inside the call.
    pub training: bool,
    /// Losses that layers added.
    pub losses: Vec<Tensor>,
    /// Whether the pass finds shapes only, so that layers must keep nothing of it.
    pub(super) probing: bool,
    recorded: HashMap<u64, Tensor>,
    remembered: HashMap<(u64, &'static str), Tensor>,
    /// Keys and values of earlier positions, where the pass goes on with a sequence.
    pub(super) cache: Option<KeyValueCache>,
    /// What the layers take, where that is asked for.
    pub(super) profile: Option<Profile>,
}

impl ForwardPass {
    /// A pass in which layers behave as in training, or as at inference.
    pub fn new(training: bool) -> Self {
        Self { training, ..Self::default() }
    }

    /// A pass that finds shapes only.
    pub(super) fn probe() -> Self {
        Self { probing: true, ..Self::default() }
    }

    /// A pass at inference that notes what each layer takes, to be read by [`ForwardPass::take_profile`].
    pub fn profiled() -> Self {
        let mut pass = Self::default();
        pass.note_profile();
        pass
    }

    /// Has the pass note what each layer takes from now on.
    pub(crate) fn note_profile(&mut self) {
        self.profile = Some(Profile::default());
    }

    /// The calls of layers so far in the order in which they ended, inner ones before the layers around them; none in
    /// a pass that is not [`ForwardPass::profiled`].
    pub fn take_profile(&mut self) -> Vec<ProfiledCall> {
        self.profile.as_mut().map(std::mem::take).map_or_else(Vec::new, Profile::into_calls)
    }

    /// The value of a variable: the recorded one, where gradients of it are wanted.
    ///
    /// # Errors
    /// As [`Variable::value`].
    pub fn value(&self, variable: &Variable) -> Result<Tensor> {
        self.recorded.get(&variable.serial()).map_or_else(|| variable.value(), |v| Ok(v.clone()))
    }

    /// Records the use of a variable from here on; gives the start of the recording.
    pub(crate) fn record(&mut self, variable: &Variable) -> Result<Tensor> {
        let leaf = variable.value()?.record()?;
        self.recorded.insert(variable.serial(), leaf.clone());
        Ok(leaf)
    }

    /// Computes with another value of a variable than its own.
    pub(crate) fn replace(&mut self, variable: &Variable, value: Tensor) {
        self.recorded.insert(variable.serial(), value);
    }

    /// Has reads from here on give a variable's new value, recorded from where the old one was.
    pub(super) fn reassigned(&mut self, variable: &Variable) -> Result<()> {
        let Some(recorded) = self.recorded.get_mut(&variable.serial()) else { return Ok(()) };
        *recorded = recorded.sub(&recorded.detach())?.add(&variable.value()?)?;
        Ok(())
    }

    /// What a layer remembered under a key earlier in this pass.
    pub(super) fn remembered(&self, layer: u64, key: &'static str) -> Option<Tensor> {
        self.remembered.get(&(layer, key)).cloned()
    }

    /// Keeps a value of a layer until the pass ends.
    pub(super) fn remember(&mut self, layer: u64, key: &'static str, value: Tensor) {
        self.remembered.insert((layer, key), value);
    }

    /// Drops what a layer and those inside it remembered.
    pub(super) fn forget(&mut self, layer: &LayerRef) {
        self.remembered.retain(|(serial, _), _| *serial != layer.serial());
        layer.layer().sublayers().iter().for_each(|(_, child)| self.forget(child));
    }
}
