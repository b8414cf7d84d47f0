//! Dropout inside cells: one mask for all steps of a call.

use crate::error::Result;
use crate::layer::{CallContext, LayerRef};
use crate::layers::regularization::{noise, seeds};
use crate::tensor::Tensor;
use std::sync::atomic::AtomicU64;

/// A share, clamped as Keras does.
pub(super) fn share(rate: f64) -> f64 {
    rate.clamp(0.0, 1.0)
}

/// What a cell drops.
pub(super) struct CellDropout<'a> {
    pub(super) dropout: f64,
    pub(super) recurrent_dropout: f64,
    pub(super) seed: Option<u64>,
    pub(super) drawn: &'a AtomicU64,
    /// Masks of the inputs and of the states: one for all gates, or one for each.
    pub(super) count: usize,
    /// Whether a share of 1 drops everything; cells with gates take it for none.
    pub(super) all_at_one: bool,
}

/// Masks for the inputs and the states: none, one for all gates, or one for each.
#[derive(Default)]
pub(super) struct Masks {
    pub(super) inputs: Vec<Tensor>,
    pub(super) states: Vec<Tensor>,
}

impl CellDropout<'_> {
    /// Draws the masks for inputs of one step and a state, where the pass trains.
    pub(super) fn masks(&self, inputs: &[usize], state: &Tensor, training: bool) -> Result<Masks> {
        if !training {
            return Ok(Masks::default());
        }
        Ok(Masks {
            inputs: self.draw(self.dropout, inputs, state)?,
            states: self.draw(self.recurrent_dropout, state.shape(), state)?,
        })
    }

    /// The masks of a cell that is called step by step, which remembers them until the sequence ends.
    pub(super) fn remembered(
        &self,
        inputs: &[usize],
        state: &Tensor,
        context: &mut CallContext<'_>,
    ) -> Result<Masks> {
        if !context.training() {
            return Ok(Masks::default());
        }
        let mut one = |key, rate, shape| {
            if rate == 0.0 {
                return Ok(Vec::new());
            }
            let all = context.remember(key, || match self.draw(rate, shape, state)?.as_slice() {
                [] => state.full_like([0], 0.0),
                masks => Tensor::stack(masks, 0),
            })?;
            (0..all.shape()[0]).map(|i| all.narrow(0, i..i + 1)?.squeeze(&[0])).collect()
        };
        Ok(Masks {
            inputs: one("dropout", self.dropout, inputs)?,
            states: one("recurrent_dropout", self.recurrent_dropout, state.shape())?,
        })
    }

    fn draw(&self, rate: f64, shape: &[usize], like: &Tensor) -> Result<Vec<Tensor>> {
        if rate == 0.0 || (rate == 1.0 && !self.all_at_one) {
            return Ok(Vec::new());
        }
        if rate == 1.0 {
            return Ok(vec![like.full_like(shape, 0.0)?]);
        }
        let mask = |_| {
            let seed = seeds::next(self.seed, self.drawn);
            noise::mask(shape.to_vec(), (rate, 1.0 / (1.0 - rate)), seed, like.dtype(), like.device())
        };
        (0..self.count).map(mask).collect()
    }
}

/// How inputs meet a kernel: a product of matrices, or a convolution whose outputs have their channels on an axis.
pub(super) struct Product<F> {
    pub(super) of: F,
    pub(super) axis: isize,
}

/// The product of matrices.
pub(super) const MATMUL: Product<fn(&Tensor, &Tensor) -> Result<Tensor>> =
    Product { of: Tensor::matmul, axis: -1 };

impl<F: Fn(&Tensor, &Tensor) -> Result<Tensor>> Product<F> {
    /// The product with `x` masked: by one mask, or by one for each of as many equal parts of the kernel's last axis.
    pub(super) fn masked(&self, x: &Tensor, masks: &[Tensor], kernel: &Tensor) -> Result<Tensor> {
        match masks {
            [] => (self.of)(x, kernel),
            [mask] => (self.of)(&x.mul(mask)?, kernel),
            many => {
                let columns = kernel.dim(-1)? / many.len();
                let parts = many.iter().enumerate().map(|(i, mask)| {
                    (self.of)(&x.mul(mask)?, &kernel.narrow(-1, i * columns..(i + 1) * columns)?)
                });
                Tensor::concat(&parts.collect::<Result<Vec<_>>>()?, self.axis)
            }
        }
    }

    /// One product for all steps of a sequence, by step, with masks that hold for every step.
    pub(super) fn of_sequence(
        &self,
        sequences: &Tensor,
        masks: &[Tensor],
        kernel: &Tensor,
    ) -> Result<Tensor> {
        let steps = sequences.shape()[1];
        let masks = masks.iter().map(|mask| mask.tile(0, steps)).collect::<Result<Vec<_>>>()?;
        self.masked(&super::walk::by_step(sequences)?, &masks, kernel)
    }
}

/// A weight of a cell in the type that it computes in, for the layer around it.
pub(super) fn cell_weight(cell: &LayerRef, key: &str, context: &mut CallContext<'_>) -> Result<Tensor> {
    let value = context.pass().value(&cell.variable(key)?)?;
    value.cast(cell.layer().base().dtype.compute_dtype())
}
