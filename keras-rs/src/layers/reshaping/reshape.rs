//! Reshaping.

use crate::config::KerasConfig;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::layer::{CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::shape::Shape;

/// Gives each sample another shape of as many elements. Keras' `Reshape`.
///
/// Shapes: `(batch, ...)` to `(batch, *target_shape)`; one size may be -1 and is inferred.
///
/// ```
/// use keras_rs::layers::Reshape;
/// use keras_rs::prelude::*;
///
/// let x = Tensor::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0], [1, 6])?;
/// let y = Reshape::new([2, -1]).shared().call(&[x])?;
/// assert_eq!(y[0].shape(), [1, 2, 3]);
/// assert_eq!(y[0].to_vec::<f32>()?, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct Reshape {
    base: LayerBase,
    /// Shape without the batch; -1 stands for what is left, once.
    #[keras(new)]
    target_shape: Vec<isize>,
}

impl Reshape {
    fn refuse(&self, expected: impl std::fmt::Display) -> Error {
        Error::argument(self.class_name(), "target_shape", expected, format!("{:?}", self.target_shape))
    }
}

impl Layer for Reshape {
    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        let shapes = inputs.try_map(|input| Ok(Shape::from(input.tensor.shape())))?;
        let shapes = self.compute_output_shape(&shapes)?;
        let x = inputs.into_single()?;
        match shapes.first().and_then(Shape::to_known) {
            Some(shape) => Ok(x.reshape(shape)?.into()),
            None => Err(self.refuse(format!("a shape for {}", tuple(x.shape())))),
        }
    }

    fn form(&self) -> Option<Form> {
        Some(Form::Reshape)
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        let input = inputs.single()?;
        let open = self.target_shape.iter().filter(|&&d| d == -1).count();
        if open > 1 || self.target_shape.iter().any(|&d| d < -1) {
            return Err(self.refuse("sizes that are not negative, or -1 once"));
        }
        let Some((&batch, rest)) = input.dims().split_first() else {
            return Err(Error::shape(self.class_name(), "input", "at least 1 axis", input));
        };
        let mut dims: Vec<Option<usize>> =
            self.target_shape.iter().map(|&d| usize::try_from(d).ok()).collect();
        let product = |n: usize, d: usize| n.saturating_mul(d);
        let given = dims.iter().flatten().copied().fold(1, product);
        if let Some(sizes) = rest.iter().copied().collect::<Option<Vec<usize>>>() {
            let elements = sizes.into_iter().fold(1, product);
            let fits = if open == 0 { given == elements } else { given != 0 && elements % given == 0 };
            if !fits {
                return Err(self.refuse(format!("a shape of {elements} elements, as in {input}")));
            }
            for dim in dims.iter_mut().filter(|d| d.is_none()) {
                *dim = elements.checked_div(given);
            }
        }
        dims.insert(0, batch);
        Ok(vec![dims.into()])
    }

    fn compute_output_dtype(&self, inputs: &[DType], outputs: usize) -> Vec<DType> {
        super::spatial::unchanged_dtype(&self.base, inputs, outputs)
    }
}
