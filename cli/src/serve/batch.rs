//! Computing several requests at once.

use std::panic::{AssertUnwindSafe, catch_unwind};

use keras_rs::{DType, Model, Tensor};

use super::engine::{Answer, Job};
use super::failure::Failure;

/// What requests must have in common: shapes without the batch, and types.
pub(crate) type Key = Vec<(Vec<usize>, DType)>;

/// The key of a request.
pub(crate) fn key(inputs: &[Tensor]) -> Key {
    inputs.iter().map(|t| (t.shape().get(1..).unwrap_or_default().to_vec(), t.dtype())).collect()
}

/// Computes requests that have the same key, and answers them; `count` is told the sizes of what is computed at once.
pub(crate) fn compute(model: &Model, jobs: Vec<Job>, max_batch: usize, count: &dyn Fn(usize)) {
    let answers = if jobs.len() > 1 { together(model, &jobs, max_batch, count) } else { None };
    match answers {
        Some(answers) => jobs.into_iter().zip(answers).for_each(|(job, answer)| job.answer(Ok(answer))),
        // If several failed, one of them may be at fault; the others are not to suffer.
        None => {
            for job in jobs {
                let answer = predict(model, &job.inputs, job.samples, max_batch, count);
                job.answer(answer);
            }
        }
    }
}

/// The answers to requests computed as one batch, or `None` where that fails.
fn together(
    model: &Model,
    jobs: &[Job],
    max_batch: usize,
    count: &dyn Fn(usize),
) -> Option<Vec<Vec<Tensor>>> {
    let inputs = jobs.first()?.inputs.len();
    let column = |input: usize| {
        let parts: Vec<Tensor> =
            jobs.iter().map(|job| job.inputs.get(input).cloned()).collect::<Option<_>>()?;
        Tensor::concat(&parts, 0).ok()
    };
    let inputs = (0..inputs).map(column).collect::<Option<Vec<_>>>()?;
    let samples = jobs.iter().map(|job| job.samples).sum();
    let outputs = predict(model, &inputs, samples, max_batch, count).ok()?;
    if outputs.iter().any(|output| output.shape().first() != Some(&samples)) {
        return None;
    }
    let mut start = 0;
    let mut answers = Vec::new();
    for job in jobs {
        let range = start..start + job.samples;
        start = range.end;
        let part = |output: &Tensor| output.narrow(0, range.clone()).ok();
        answers.push(outputs.iter().map(part).collect::<Option<Vec<_>>>()?);
    }
    Some(answers)
}

/// The outputs for a batch, computed in parts of few different sizes.
fn predict(
    model: &Model,
    inputs: &[Tensor],
    samples: usize,
    max_batch: usize,
    count: &dyn Fn(usize),
) -> Answer {
    let mut parts: Vec<Vec<Tensor>> = Vec::new();
    let mut start = 0;
    for size in sizes(samples, max_batch) {
        let part = |input: &Tensor| {
            if size == samples { Ok(input.clone()) } else { input.narrow(0, start..start + size) }
        };
        let inputs = inputs.iter().map(part).collect::<Result<Vec<_>, _>>().map_err(|e| Failure::of(&e))?;
        let run = catch_unwind(AssertUnwindSafe(|| model.predict_batches(&inputs, size)));
        let outputs = run
            .map_err(|_| Failure::internal("computing the outputs failed; the server's log says more"))?
            .map_err(|e| Failure::of(&e))?;
        count(size);
        parts.push(outputs);
        start += size;
    }
    if parts.len() == 1 {
        return Ok(parts.swap_remove(0));
    }
    let outputs = parts.first().map_or(0, Vec::len);
    let join = |output: usize| {
        let parts: Vec<Tensor> = parts.iter().filter_map(|part| part.get(output).cloned()).collect();
        Tensor::concat(&parts, 0).map_err(|e| Failure::of(&e))
    };
    (0..outputs).map(join).collect()
}

/// Sizes of the parts of a batch: there are four, since a model keeps plans for that many shapes, and making a plan may
/// take longer than the computation.
fn sizes(samples: usize, max_batch: usize) -> Vec<usize> {
    if max_batch <= 1 {
        return vec![samples];
    }
    let steps = [max_batch, max_batch / 4, max_batch / 16, 1];
    let mut left = samples;
    let mut sizes = Vec::new();
    for step in steps.into_iter().filter(|step| *step > 0) {
        while left >= step {
            sizes.push(step);
            left -= step;
        }
    }
    sizes
}

#[cfg(test)]
mod tests {
    use super::sizes;

    #[test]
    fn batches_are_cut_into_few_sizes() {
        assert_eq!(sizes(1, 32), [1]);
        assert_eq!(sizes(75, 32), [32, 32, 8, 2, 1]);
        assert_eq!(sizes(7, 4), [4, 1, 1, 1]);
        assert_eq!(sizes(3, 2), [2, 1]);
        // Without batching, a request is computed as it came.
        assert_eq!(sizes(1000, 1), [1000]);
    }
}
