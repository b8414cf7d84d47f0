//! Orthogonal matrices.

use super::{Initialize, Seed};
use crate::backend::Device;
use crate::config::{KerasConfig, Number};
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::tensor::{Tensor, TensorData};

/// `gain` times a random orthogonal matrix. Keras' `Orthogonal`; Saxe et al., 2014.
///
/// The value is a matrix whose rows are all axes but the last. The rows are orthonormal, or the columns,
/// whichever are fewer.
///
/// ```
/// use keras_rs::initializers::{Initialize, Orthogonal};
/// use keras_rs::{DType, backend::default_device};
///
/// let q = Orthogonal::new().seed(3).call(&[5, 2], DType::F64, &default_device()?, 0)?;
/// let identity = q.transpose()?.matmul(&q)?.to_vec::<f64>()?;
/// assert!(identity.iter().zip([1.0, 0.0, 0.0, 1.0]).all(|(a, b)| (a - b).abs() < 1e-12));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, KerasConfig)]
#[keras(module = "keras.initializers", ignore("dtype"))]
pub struct Orthogonal {
    /// Seed: the same one gives the same values.
    #[keras(default = Seed::Unset)]
    seed: Seed,
    /// Factor (default 1).
    #[keras(default = 1.0)]
    gain: Number,
}

impl Initialize for Orthogonal {
    fn call(&self, shape: &[usize], dtype: DType, device: &Device, seed: u64) -> Result<Tensor> {
        let [leading @ .., columns] = shape else {
            return Err(Error::shape("Orthogonal", "shape", "at least two axes", tuple(shape)));
        };
        if leading.is_empty() {
            return Err(Error::shape("Orthogonal", "shape", "at least two axes", tuple(shape)));
        }
        let rows: usize = leading.iter().product();
        let (count, length) = (rows.min(*columns), rows.max(*columns));
        // The drawn vectors and the result, in `float64`.
        crate::limits::check_buffers("Orthogonal", (rows * columns * 2 * size_of::<f64>()) as u64)?;
        let drawn = crate::random::draw(count * length, self.seed.next(seed), |rng| {
            crate::random::standard_normal(rng)
        });
        let vectors = orthonormal(drawn, count, length);
        let gain = self.gain.get();
        let mut values = vec![0.0; rows * columns];
        for (i, vector) in vectors.chunks_exact(length.max(1)).enumerate() {
            for (j, v) in vector.iter().enumerate() {
                let at = if rows < *columns { i * columns + j } else { j * columns + i };
                values[at] = gain * v;
            }
        }
        Tensor::from_data_on(TensorData::from_f64(&values, shape.to_vec(), dtype)?, device)
    }
}

/// The orthogonal factor of vectors stored one after another, by the Gram-Schmidt process.
///
/// The projections on the vectors before are subtracted twice, which is enough for full accuracy. The
/// triangular factor has a positive diagonal, so that all orthogonal matrices are equally likely.
fn orthonormal(mut vectors: Vec<f64>, count: usize, length: usize) -> Vec<f64> {
    for i in 0..count {
        let (done, rest) = vectors.split_at_mut(i * length);
        let vector = &mut rest[..length];
        for _ in 0..2 {
            for other in done.chunks_exact(length.max(1)) {
                let projection = dot(vector, other);
                vector.iter_mut().zip(other).for_each(|(v, o)| *v -= projection * o);
            }
        }
        let norm = dot(vector, vector).sqrt();
        vector.iter_mut().for_each(|v| *v /= norm);
    }
    vectors
}

/// Dot product with four partial sums, which the processor can add in parallel.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    for (a, b) in a.chunks(4).zip(b.chunks(4)) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}
