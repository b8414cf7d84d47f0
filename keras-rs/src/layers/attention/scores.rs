//! From scores of queries and keys to means of values, for attention without projections.

use crate::config::Number;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layer::{
    CallContext, InputShapes, Inputs, KerasTensor, MaskedTensor, Outputs, Signature, SymbolicInputs,
};
use crate::layers::regularization::{noise, seeds};
use crate::ops;
use crate::shape::Shape;
use crate::tensor::{Tensor, TensorData};
use std::sync::atomic::AtomicU64;

/// The arguments of a call of attention without projections.
pub(super) const SIGNATURE: Signature =
    Signature::new(&["inputs", "mask", "training", "return_attention_scores", "use_causal_mask"]).of_list();

/// Query, value and key of a list of two or three; the value where there is no key.
pub(super) fn operands<'t, T>(context: &str, inputs: &[&'t T]) -> Result<[&'t T; 3]> {
    match inputs {
        [query, value] => Ok([query, value, value]),
        [query, value, key] => Ok([query, value, key]),
        _ => {
            let expected = "[query, value] or [query, value, key]";
            Err(Error::argument(context, "inputs", expected, format!("{} tensors", inputs.len())))
        }
    }
}

/// Sums of every query and every key: `(batch, queries, keys, size)`.
pub(super) fn sums(query: &Tensor, key: &Tensor) -> Result<Tensor> {
    query.expand_dims(-2)?.add(&key.expand_dims(-3)?)
}

/// Shapes of the outputs.
pub(super) fn shapes(context: &str, inputs: &InputShapes) -> Result<Vec<Shape>> {
    let [query, value, key] = operands(context, &inputs.list())?;
    for shape in [query, value, key] {
        if shape.rank() < 2 {
            return Err(Error::shape(context, "inputs", "at least 2 axes", shape));
        }
    }
    let with_last = |last: Option<usize>| {
        let mut dims = query.dims().to_vec();
        dims.pop();
        dims.push(last);
        Shape::from(dims)
    };
    let mut outputs = vec![with_last(value.dims()[value.rank() - 1])];
    if inputs.flag("return_attention_scores", false)? {
        outputs.push(with_last(key.dims()[key.rank() - 2]));
    }
    Ok(outputs)
}

/// The mask of the outputs of a call on symbolic tensors: that of the query, which Keras hands to an operation.
pub(super) fn symbolic_mask(inputs: &SymbolicInputs) -> Result<Vec<Option<KerasTensor>>> {
    let mask = inputs.mask().map(|mask| ops::convert_to_tensor(&mask, None));
    Ok(vec![mask.transpose()?])
}

/// One call: its operands and masks, and how weights are dropped.
pub(super) struct Scored<'a> {
    pub(super) query: Tensor,
    value: Tensor,
    pub(super) key: Tensor,
    /// Masks of query and value.
    masks: [Option<Tensor>; 2],
    causal: bool,
    with_scores: bool,
    dropout: f64,
    seed: Option<u64>,
    drawn: &'a AtomicU64,
}

impl<'a> Scored<'a> {
    pub(super) fn of(
        inputs: &Inputs,
        dropout: Number,
        seed: Option<u64>,
        drawn: &'a AtomicU64,
    ) -> Result<Self> {
        let [query, value, key] = operands(inputs.layer(), &inputs.list())?;
        let mut masks = inputs.masks().into_iter();
        Ok(Self {
            query: query.tensor.clone(),
            value: value.tensor.clone(),
            key: key.tensor.clone(),
            masks: [masks.next().flatten(), masks.next().flatten()],
            causal: inputs.flag("use_causal_mask", false)?,
            with_scores: inputs.flag("return_attention_scores", false)?,
            dropout: dropout.get(),
            seed,
            drawn,
        })
    }

    /// Which keys a query sees, where that is not all of them.
    fn seen(&self, scores: &Tensor) -> Result<Option<Tensor>> {
        let mask = self.masks[1].as_ref().map(|mask| mask.cast(DType::Bool)).transpose()?;
        if !self.causal {
            // A mask of keys alone holds for all queries.
            let expand = |mask: Tensor| if mask.rank() == 2 { mask.expand_dims(-2) } else { Ok(mask) };
            return mask.map(expand).transpose();
        }
        let (queries, keys) = (scores.dim(-2)?, scores.dim(-1)?);
        let values: Vec<bool> =
            (0..queries).flat_map(|query| (0..keys).map(move |key| key <= query)).collect();
        let values = TensorData::from_values(&values, vec![1, queries, keys])?;
        let causal = Tensor::from_data_on(values, scores.device())?;
        mask.map_or(Ok(causal.clone()), |mask| mask.expand_dims(-2)?.logical_and(&causal)).map(Some)
    }

    /// The outputs for scores of queries and keys.
    pub(super) fn outputs(self, mut scores: Tensor, context: &CallContext<'_>) -> Result<Outputs> {
        if let Some(seen) = self.seen(&scores)? {
            let far = if scores.dtype() == DType::F16 { 65504.0 } else { 1e9 };
            scores = scores.where_(&seen, &scores.add_scalar(-far)?)?;
        }
        let weights = ops::softmax(&scores, -1)?;
        let mut kept = weights.clone();
        if context.training() && self.dropout > 0.0 {
            let seed = || seeds::next(self.seed, self.drawn);
            kept = noise::dropped(&weights, self.dropout, weights.shape().to_vec(), seed)?;
        }
        let mut y = kept.matmul(&self.value)?;
        if let Some(mask) = &self.masks[0] {
            y = y.where_(&mask.cast(DType::Bool)?.expand_dims(-1)?, &y.full_like(vec![], 0.0)?)?;
        }
        let mut outputs = vec![MaskedTensor::from(y)];
        outputs.extend(self.with_scores.then(|| weights.into()));
        Ok(Outputs(outputs))
    }
}
