//! Products of matrices whose right side stays the same.

use crate::{Convolution, Epilogue, View, ViewMut, Window};

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
pub struct Product(Convolution);

impl Product {
    /// A right side of `inner` rows and `columns` columns, row by row.
    ///
    /// # Panics
    ///
    /// If there are not that many numbers.
    pub fn new(inner: usize, columns: usize, right: &[f32]) -> Self {
        Self(Convolution::new(Window::POINT, [inner, columns], 1, right))
    }

    /// Multiplies `rows` rows of `inner` numbers with it.
    ///
    /// # Panics
    ///
    /// If a view or a slice of numbers per column is too short.
    pub fn run(&self, rows: usize, left: View, epilogue: Epilogue, output: ViewMut) {
        self.0.run(1, [rows, 1], left, None, epilogue, output);
    }
}
