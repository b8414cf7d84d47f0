//! The losses of a compiled model, and their sum.

use super::outputs::{Labels, Naming, OutputNames, Outputs};
use super::per_output::{Identifier, PerOutput};
use crate::error::{Error, Result, tuple};
use crate::losses::Loss;
use crate::metrics::{Mean, Measure};
use crate::tensor::Tensor;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The loss of one output.
#[derive(Debug)]
struct OutputLoss {
    output: usize,
    loss: Loss,
    weight: Option<f64>,
    /// Mean over the batches, if there are several losses.
    tracker: Option<(String, Mean)>,
}

/// The losses of `compile`, resolved when the first batch makes the shapes known.
#[derive(Debug)]
pub(super) struct CompileLoss {
    losses: PerOutput<Identifier<Loss>>,
    weights: PerOutput<f64>,
    resolved: Mutex<Option<Vec<OutputLoss>>>,
}

impl CompileLoss {
    /// Checks the names; the rest is checked with the first batch.
    pub(super) fn new(losses: PerOutput<Identifier<Loss>>, weights: PerOutput<f64>) -> Result<Self> {
        for identifier in losses.flatten() {
            if let Identifier::Name(name) = identifier
                && !depends_on_shape(name)
            {
                Loss::try_from(name.as_str())?;
            }
        }
        Ok(Self { losses, weights, resolved: Mutex::new(None) })
    }

    fn lock(&self) -> MutexGuard<'_, Option<Vec<OutputLoss>>> {
        self.resolved.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_none(&self) -> bool {
        self.losses.flatten().is_empty()
    }

    /// Which outputs have a loss.
    pub(super) fn used(&self, outputs: &[String]) -> Result<Vec<bool>> {
        Ok(self.split(outputs)?.into_iter().map(|(loss, _)| loss.is_some()).collect())
    }

    /// The loss and its weight for each output.
    #[allow(clippy::type_complexity, reason = "a pair for each output")]
    fn split(&self, outputs: &[String]) -> Result<Vec<(Option<&Identifier<Loss>>, Option<f64>)>> {
        let losses: Vec<Option<&Identifier<Loss>>> = match &self.losses {
            PerOutput::One(loss) => outputs.iter().map(|_| Some(loss)).collect(),
            other => {
                if let PerOutput::Named(named) = other
                    && let Some(missing) = outputs.iter().find(|name| !named.contains_key(*name))
                {
                    let expected = format!("an entry for each output ({})", outputs.join(", "));
                    return Err(Error::argument("compile", "loss", expected, format!("none for {missing}")));
                }
                let parts = other.split("loss", outputs)?;
                let one = |part: &'_ PerOutput<Identifier<Loss>>| match part.flatten().len() {
                    0 | 1 => Ok(()),
                    n => Err(Error::argument("compile", "loss", "one loss for an output", n)),
                };
                parts.iter().try_for_each(|part| one(part))?;
                parts.into_iter().map(|part| part.flatten().into_iter().next()).collect()
            }
        };
        if self.weights.is_none() {
            return Ok(losses.into_iter().map(|loss| (loss, None)).collect());
        }
        if matches!(self.losses, PerOutput::One(_)) && outputs.len() > 1 {
            let expected = "as many weights as losses: name the loss of each output";
            return Err(Error::argument("compile", "loss_weights", expected, "one loss for all outputs"));
        }
        let weights = match (&self.weights, outputs.len()) {
            (PerOutput::One(weight), 1) => vec![Some(*weight)],
            (weights, _) => {
                let parts = weights.split("loss_weights", outputs)?;
                parts.into_iter().map(|part| part.flatten().first().map(|w| **w)).collect()
            }
        };
        Ok(losses.into_iter().zip(weights).collect())
    }

    /// Resolves the losses for outputs of these shapes, and checks the targets.
    pub(super) fn prepare(
        &self,
        output_names: &OutputNames,
        y_true: &[Option<Tensor>],
        y_pred: &[Vec<usize>],
    ) -> Result<()> {
        let outputs = output_names.names.as_slice();
        if self.is_none() {
            return Ok(());
        }
        let mut resolved = self.lock();
        if resolved.is_none() {
            let parts = self.split(outputs)?;
            let several = parts.iter().filter(|(loss, _)| loss.is_some()).count() > 1;
            let mut losses = Vec::new();
            for (output, (identifier, weight)) in parts.into_iter().enumerate() {
                let (Some(identifier), Some(truth)) = (identifier, &y_true[output]) else { continue };
                let loss = resolve(identifier, truth.shape(), &y_pred[output])?;
                let name = match (output_names.naming, identifier) {
                    (Naming::Numbers, Identifier::Name(name)) => name,
                    (Naming::Numbers, Identifier::Object(loss)) => &loss.base().name,
                    _ => &outputs[output],
                };
                let tracker = several.then(|| (format!("{name}_loss"), Mean::new()));
                losses.push(OutputLoss { output, loss, weight, tracker });
            }
            // If the outputs are in a dictionary, the losses have the order in which they were named.
            if let (Naming::Keys, PerOutput::Named(named)) = (output_names.naming, &self.losses) {
                losses.sort_by_key(|loss: &OutputLoss| named.get_index_of(&outputs[loss.output]));
            }
            *resolved = Some(losses);
        }
        for OutputLoss { output, loss, .. } in resolved.iter().flatten() {
            let Some(truth) = &y_true[*output] else { continue };
            let shape = &y_pred[*output];
            if truth.shape().first() != shape.first() {
                let expected = format!("as many samples as predictions {}", tuple(shape));
                return Err(Error::shape(&outputs[*output], "y_true", expected, tuple(truth.shape())));
            }
            loss.check(truth, shape)?;
        }
        Ok(())
    }

    /// The weighted sum of the losses of a batch; `None` where there is no loss.
    pub(super) fn compute(&self, outputs: &Outputs) -> Result<Option<Tensor>> {
        let resolved = self.lock();
        let mut total: Option<Tensor> = None;
        for OutputLoss { output, loss, weight, tracker } in resolved.iter().flatten() {
            let Some(y_true) = &outputs.y_true[*output] else { continue };
            let y_pred = &outputs.y_pred[*output];
            let sample_weight = outputs.sample_weight[*output].as_ref();
            let mask = outputs.masks[*output].as_ref();
            let mut value = loss.compute_masked(y_true, y_pred, sample_weight, mask)?;
            if value.rank() != 0 {
                value = value.sum(&[], false)?;
            }
            if let Some((_, tracker)) = tracker {
                let samples = y_pred.shape().first().copied().unwrap_or(1);
                let samples = value.detach().full_like(Vec::new(), samples as f64)?;
                tracker.update_state(&value, Some(&samples))?;
            }
            if let Some(weight) = weight {
                value = value.mul_scalar(*weight)?;
            }
            total = Some(match total {
                Some(total) => total.add(&value)?,
                None => value,
            });
        }
        Ok(total)
    }

    /// Names and means of the losses of the outputs.
    pub(super) fn results(&self, mut log: impl FnMut(String, Tensor)) -> Result<()> {
        for (name, tracker) in self.lock().iter().flatten().filter_map(|loss| loss.tracker.as_ref()) {
            log(name.clone(), tracker.result()?);
        }
        Ok(())
    }

    /// The means of the losses of the outputs.
    pub(super) fn trackers(&self, mut call: impl FnMut(&Mean) -> Result<()>) -> Result<()> {
        let resolved = self.lock();
        resolved
            .iter()
            .flatten()
            .filter_map(|loss| loss.tracker.as_ref())
            .try_for_each(|(_, mean)| call(mean))
    }

    pub(super) fn reset(&self) {
        for (_, tracker) in self.lock().iter().flatten().filter_map(|loss| loss.tracker.as_ref()) {
            tracker.reset_state();
        }
    }
}

fn depends_on_shape(name: &str) -> bool {
    matches!(name.to_lowercase().as_str(), "crossentropy" | "ce")
}

fn resolve(identifier: &Identifier<Loss>, y_true: &[usize], y_pred: &[usize]) -> Result<Loss> {
    match identifier {
        Identifier::Object(loss) => Ok(loss.clone()),
        Identifier::Name(name) if depends_on_shape(name) => {
            Loss::try_from(match Labels::of(y_true, y_pred) {
                Labels::Binary => "binary_crossentropy",
                Labels::Sparse => "sparse_categorical_crossentropy",
                Labels::Categorical => "categorical_crossentropy",
            })
        }
        Identifier::Name(name) => Loss::try_from(name.as_str()),
    }
}
