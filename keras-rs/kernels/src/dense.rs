//! Products of matrices whose right side stays the same.

use crate::convolution::finish;
use crate::{Epilogue, View, ViewMut};

/// The right side of a product, in the order in which it is read; made once, run many times, from many threads.
///
/// ```
/// use keras_rs_kernels::{Epilogue, Product, View, ViewMut};
///
/// let right = Product::new(2, 3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
/// let mut output = [0.0; 3];
/// right.run(1, View::dense(&[1.0, 10.0], 2), Epilogue::default(), ViewMut::dense(&mut output, 3));
/// assert_eq!(output, [41.0, 52.0, 63.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Product {
    inner: usize,
    columns: usize,
    right: Vec<f32>,
}

impl Product {
    /// A right side of `inner` rows and `columns` columns, row by row.
    ///
    /// # Panics
    ///
    /// If there are not that many numbers.
    pub fn new(inner: usize, columns: usize, right: &[f32]) -> Self {
        assert_eq!(right.len(), inner * columns, "length of the right side");
        Self { inner, columns, right: right.to_vec() }
    }

    /// Multiplies `rows` rows of `inner` numbers with it.
    ///
    /// # Panics
    ///
    /// If a view or a slice of numbers per column is too short.
    pub fn run(&self, rows: usize, left: View, epilogue: Epilogue, mut output: ViewMut) {
        assert!(left.holds(rows, self.inner), "the left side is too short");
        assert!(output.holds(rows, self.columns), "the output is too short");
        for row in 0..rows {
            let mut sums = vec![0.0; self.columns];
            for (k, x) in left.pixel(row, self.inner).iter().enumerate() {
                let weights = &self.right[k * self.columns..][..self.columns];
                sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += x * weight);
            }
            finish(&mut sums, row, &epilogue);
            output.pixel(row, self.columns).copy_from_slice(&sums);
        }
    }
}
