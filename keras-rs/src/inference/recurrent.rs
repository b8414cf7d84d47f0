//! Recurrent layers, and the embeddings that mostly stand before them.

use super::forms::plain;
use super::lower::Lowering;
use super::network::{Operation, Recurring, Value, ValueId};
use super::plan::Source;
use super::run::Run;
use super::steps::Pixels;
use crate::dtype::{DType, DTypePolicy};
use crate::error::{Error, Result};
use crate::layer::{Form, LayerRef};
use crate::variable::Variable;
use keras_rs_kernels::{self as kernels, RecurrentStep, States};

/// A recurrent layer with the weights of a cell; `None` where they are not of `float32`.
pub(super) fn operation(
    cell: &LayerRef,
    step: RecurrentStep,
    backwards: bool,
    states: States,
    zeros: bool,
) -> Option<Operation> {
    if cell.layer().base().dtype != DTypePolicy::Plain(DType::F32) {
        return None;
    }
    let bias = match cell.variable("bias") {
        Ok(_) => Some(plain(cell, "bias")?),
        Err(_) => None,
    };
    let (kernel, recurrent) = (plain(cell, "kernel")?, plain(cell, "recurrent_kernel")?);
    Some(Operation::Recurrent(Box::new(Recurring {
        step,
        kernel,
        recurrent,
        bias,
        backwards,
        states,
        zeros,
    })))
}

/// The outputs of two layers, the first forwards and the second backwards, step for step; of a sequence, and maybe which
/// of its steps count.
pub(super) fn both(
    lowering: &mut Lowering,
    layers: &[LayerRef; 2],
    inputs: &[ValueId],
    output: &Value,
) -> Option<Vec<ValueId>> {
    let mut made = Vec::with_capacity(layers.len());
    for (layer, expected) in layers.iter().zip([false, true]) {
        let form = layer.layer().form()?;
        let Form::Recurrent { cell, step, backwards, sequences, zeros } = form else { return None };
        let hides = inputs.len() > 1 && zeros && !sequences;
        if hides || backwards != expected || layer.layer().base().dtype != DTypePolicy::Plain(DType::F32) {
            return None;
        }
        let states = if sequences { States::AtInputs } else { States::Last };
        let mut half = output.clone();
        *half.shape.last_mut()? = *cell.variable("recurrent_kernel").ok()?.shape().first()?;
        made.push((operation(&cell, step, backwards, states, zeros)?, half, layer.name()));
    }
    Some(
        made.into_iter()
            .map(|(what, value, name)| lowering.add(what, inputs.to_vec(), value, &name))
            .collect(),
    )
}

/// The rows of a variable with the numbers of the input.
///
/// # Errors
/// [`Error::Argument`] for a number that has no row.
pub(super) fn look_up(run: &mut Run<'_>, vectors: &Variable, pixels: &Pixels) -> Result<()> {
    let Pixels { input, output } = pixels;
    run.write(output, |run, to| {
        let value = vectors.value()?;
        let vectors = value.floats()?;
        let size = output.channels();
        let count = vectors.len() / size.max(1);
        // Outside buffers numbers are of any type.
        let numbers: Vec<f64> = match input.source {
            Source::Slot(_) => run.dense(input)?.iter().map(|x| f64::from(*x)).collect(),
            Source::Input(_) | Source::Tensor(_) => run.tensor(input)?.tensor.to_f64_vec()?,
        };
        let outside = |number: &&f64| !(0.0..count as f64).contains(&number.trunc());
        if let Some(got) = numbers.iter().find(outside) {
            return Err(Error::argument(
                "predict",
                "inputs",
                format!("0 to {}", count.saturating_sub(1)),
                got,
            ));
        }
        let rows: Vec<usize> = numbers.iter().map(|number| *number as usize).collect();
        kernels::look_up(&vectors, size, &rows, to);
        Ok(())
    })
}
