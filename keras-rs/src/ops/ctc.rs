//! Connectionist temporal classification: label sequences without a known alignment to the time steps.

use super::one_hot;
use super::rule::Rule;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;
use keras_rs_derive::operation;

/// A finite number in place of the logarithm of zero.
const LOG_ZERO: f64 = -1e5;

/// Minus the logarithm of the probability of a row of labels, summed over its alignments: each label takes one or more
/// steps in a row, and any number of blanks may stand between two labels. Keras' `ops.ctc_loss`; Graves et al., 2006.
///
/// Shapes: `target` `(batch, length)` with class numbers, `output` `(batch, steps, classes)` with logits; the lengths
/// `(batch,)` say how many labels and steps of each row count. The result is `(batch,)`. Class `mask_index` is the blank; a
/// negative number counts from the end. Labels that have no alignment give a loss of about `1e5`, as in Keras on JAX.
///
/// # Errors
/// [`Error::Shape`] for other shapes, [`Error::Argument`] for a blank that is no class.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// // One label in two steps of uniform probabilities: (1, 1), (1, blank) and (blank, 1) of nine paths.
/// let (target, output) = (Tensor::from([[1, 2]])?, Tensor::from([[[0.0; 3]; 4]])?);
/// let loss = ops::ctc_loss(&target, &output, &Tensor::from([1])?, &Tensor::from([2])?, 0)?;
/// assert!((loss.to_scalar()? - 3.0_f64.ln()).abs() < 1e-5);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[allow(clippy::type_complexity, reason = "the kind that four kinds of operands give")]
#[operation("CTCLoss")]
pub fn ctc_loss(
    target: &Tensor,
    output: &Tensor,
    target_length: &Tensor,
    output_length: &Tensor,
    mask_index: isize,
) -> Result<Tensor> {
    let [target_length, output_length] = [target_length, output_length].map(|x| x.cast(DType::I32));
    alignments(target, output, &target_length?, Some(&output_length?), mask_index)
}

/// As [`ctc_loss`]; every step counts where there are no lengths of `output`.
pub(crate) fn alignments(
    target: &Tensor,
    output: &Tensor,
    target_length: &Tensor,
    output_length: Option<&Tensor>,
    mask_index: isize,
) -> Result<Tensor> {
    let known = |x: &Tensor| Shape::from(x.shape());
    let lengths = known(target_length);
    check(&known(target), &known(output), &lengths, &output_length.map_or(lengths.clone(), known))?;
    let dtype = Rule::Float.apply(output.dtype()).promote(DType::F32);
    let (batch, steps, classes) = (output.shape()[0], output.shape()[1], output.shape()[2]);
    let length = target.shape()[1];
    let blank_class = class_number("ctc_loss", mask_index, classes)?;
    let labels = target.cast(DType::I32)?;
    let log = output.cast(dtype)?.log_softmax(-1)?;
    let count = target_length.cast(DType::I32)?.clip(Some(0.0), Some(length as f64))?;

    let blank = log.narrow(-1, blank_class..blank_class + 1)?;
    if length == 0 {
        let mut sums = blank.squeeze(&[-1])?;
        if let Some(lengths) = output_length {
            let numbers = Tensor::arange_on(steps, log.device())?.reshape([1, steps])?;
            let counts = lengths.cast(DType::I32)?.expand_dims(1)?.greater(&numbers)?;
            sums = sums.where_(&counts, &sums.full_like([1, 1], 0.0)?)?;
        }
        return sums.sum(&[1], false)?.neg();
    }
    let emit = log.matmul(&one_hot(&labels, classes as isize, -1, dtype)?.transpose()?)?;
    // 1 where the next label is the same: then a blank must stand between the two.
    let zeros = |n: usize| log.full_like([batch, n], 0.0);
    let repeat = if length == 1 {
        zeros(1)?
    } else {
        let same = labels.narrow(1, 0..length - 1)?.equal(&labels.narrow(1, 1..length)?)?.cast(dtype)?;
        Tensor::concat(&[same, zeros(1)?], 1)?
    };
    let without_blank = repeat.mul_scalar(LOG_ZERO)?;
    let with_blank = repeat.neg()?.add_scalar(1.0)?.mul_scalar(LOG_ZERO)?;

    // Logarithms of the probabilities that the first labels are complete and a blank was emitted last
    // (`after_blank`, by their number), and that a label was emitted last (`in_label`).
    let mut after_blank = Tensor::concat(&[zeros(1)?, zeros(length)?.add_scalar(LOG_ZERO)?], 1)?;
    let mut in_label = zeros(length)?.add_scalar(LOG_ZERO)?;
    let complete_label = |after_blank: &Tensor, completed: &Tensor| -> Result<Tensor> {
        let later = log_add_exp(&after_blank.narrow(1, 1..length + 1)?, completed)?;
        Tensor::concat(&[after_blank.narrow(1, 0..1)?, later], 1)
    };
    for step in 0..steps {
        let at = |x: &Tensor| x.narrow(1, step..step + 1)?.squeeze(&[1]);
        let (emit, blank) = (at(&emit)?, at(&blank)?);
        let ready = complete_label(&after_blank, &in_label.add(&without_blank)?)?;
        let mut emitted = log_add_exp(&ready.narrow(1, 0..length)?.add(&emit)?, &in_label.add(&emit)?)?;
        let mut blanks = complete_label(&ready.add(&blank)?, &in_label.add(&blank)?.add(&with_blank)?)?;
        if let Some(steps) = output_length {
            let counts = steps.greater_scalar(step as f64)?.expand_dims(1)?;
            emitted = emitted.where_(&counts, &in_label)?;
            blanks = blanks.where_(&counts, &after_blank)?;
        }
        (after_blank, in_label) = (blanks, emitted);
    }
    let done = complete_label(&after_blank, &in_label)?;
    let chosen = one_hot(&count, length as isize + 1, -1, DType::Bool)?;
    done.where_(&chosen, &done.full_like([1, 1], 0.0)?)?.sum(&[1], false)?.neg()
}

/// `log(exp(a) + exp(b))` without overflow, for finite numbers.
fn log_add_exp(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    // The shift cancels, and so does its gradient.
    let shift = a.detach().maximum(&b.detach())?;
    a.sub(&shift)?.exp()?.add(&b.sub(&shift)?.exp()?)?.log()?.add(&shift)
}

/// The number of a class; a negative one counts from the end.
pub(super) fn class_number(context: &str, class: isize, classes: usize) -> Result<usize> {
    let from_start = if class < 0 { classes.checked_add_signed(class) } else { usize::try_from(class).ok() };
    from_start.filter(|class| *class < classes).ok_or_else(|| {
        Error::argument(context, "mask_index", format!("the number of one of {classes} classes"), class)
    })
}

/// Refuses shapes other than one row of labels and one of each length for each sequence of logits.
fn check(target: &Shape, output: &Shape, target_length: &Shape, output_length: &Shape) -> Result<()> {
    let fits = |x: &Shape, rank: usize| {
        x.rank() == rank
            && match (x.dims().first(), output.dims().first()) {
                (Some(Some(own)), Some(Some(batch))) => own == batch,
                _ => true,
            }
    };
    if output.rank() != 3 {
        return Err(Error::shape("ctc_loss", "output", "logits (batch, steps, classes)", output));
    }
    for (name, shape, rank, expected) in [
        ("target", target, 2, "labels (batch, length)"),
        ("target_length", target_length, 1, "numbers (batch,)"),
        ("output_length", output_length, 1, "numbers (batch,)"),
    ] {
        if !fits(shape, rank) {
            let expected = format!("{expected} for the logits {output}");
            return Err(Error::shape("ctc_loss", name, expected, shape));
        }
    }
    Ok(())
}

pub(crate) fn ctc_loss_spec(
    target: &Spec,
    output: &Spec,
    target_length: &Spec,
    output_length: &Spec,
) -> Result<Spec> {
    check(&target.0, &output.0, &target_length.0, &output_length.0)?;
    Ok((Shape::new(vec![target.0.dims()[0]]), output.1.promote(DType::F32)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn shapes_and_blanks_are_checked() {
        let (target, output) = (Tensor::from([[1, 2]]).unwrap(), Tensor::from([[[0.0; 3]; 4]]).unwrap());
        let one = Tensor::from([1]).unwrap();
        let loss = |target: &Tensor, lengths: &Tensor, blank| ctc_loss(target, &output, lengths, &one, blank);
        assert!(loss(&target, &one, -1).is_ok());
        let two = Tensor::from([1, 1]).unwrap();
        for (error, name) in [
            (loss(&one, &one, 0), "target"),
            (loss(&target, &two, 0), "target_length"),
            (loss(&target, &one, 3), "mask_index"),
        ] {
            let error = error.unwrap_err().to_string();
            assert!(error.contains("ctc_loss") && error.contains(name), "{error}");
        }
    }
}
