//! Weights of classes.

use crate::data::{Batch, Columns};
use crate::error::{Error, Result};
use crate::tensor::Tensor;
use std::collections::HashMap;

/// Weight of each class in the loss; other classes have the weight 1. Keras' `class_weight`.
///
/// ```
/// use keras_rs::training::ClassWeight;
///
/// let weights = ClassWeight::from([(0, 1.0), (1, 5.0)]);
/// assert_eq!(weights.get(1), 5.0);
/// assert_eq!(weights.get(7), 1.0);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassWeight(HashMap<i64, f64>);

impl ClassWeight {
    /// The weight of a class.
    pub fn get(&self, class: i64) -> f64 {
        self.0.get(&class).copied().unwrap_or(1.0)
    }

    /// The weights of the samples of a batch.
    pub(super) fn apply(&self, mut batch: Batch) -> Result<Batch> {
        if !batch.sample_weight.is_none() {
            let expected = "class weights or sample weights, not both";
            return Err(Error::argument("fit", "class_weight", expected, "both"));
        }
        let (1, Some(y)) = (batch.y.len(), batch.y.tensors().next()) else {
            let got = format!("{} outputs", batch.y.len());
            return Err(Error::argument("fit", "class_weight", "a model with one output", got));
        };
        let labels = match y.shape() {
            [] | [_] => y.clone(),
            [.., 1] => y.squeeze(&[-1])?,
            _ => y.argmax(-1)?,
        };
        if labels.rank() > 1 {
            let got = crate::error::tuple(y.shape());
            return Err(Error::shape(
                "fit",
                "y",
                "one label for each sample, as there are class weights",
                got,
            ));
        }
        let weights =
            labels.to_f64_vec()?.into_iter().map(|label| self.get(label.round_ties_even() as i64) as f32);
        let weights: Vec<f32> = weights.collect();
        let samples = weights.len();
        batch.sample_weight = Columns::from(Tensor::from_vec(weights, [samples])?);
        Ok(batch)
    }
}

impl<I: IntoIterator<Item = (i64, f64)>> From<I> for ClassWeight {
    fn from(weights: I) -> Self {
        Self(weights.into_iter().collect())
    }
}
