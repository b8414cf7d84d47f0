//! Cells: layers that compute one step of a sequence.

use crate::backend::Device;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::shape::Shape;
use crate::tensor::Tensor;

/// What a layer says about its states, so that [`RNN`](crate::layers::RNN) can call it step by step.
///
/// A cell is a layer whose `call` takes `inputs`, `states` and, where it wants them, `constants`, and gives the
/// output followed by the new states; [`Layer::cell`](super::Layer::cell) gives `Some(self)`.
///
/// ```
/// use keras_rs::initializers::Initializer;
/// use keras_rs::layer::Cell;
/// use keras_rs::prelude::*;
///
/// /// `h + x @ kernel`, step by step.
/// #[derive(Clone, Debug, KerasConfig)]
/// #[keras(package = "forest")]
/// struct Sum {
///     base: LayerBase,
///     /// Size of the state.
///     #[keras(new)]
///     units: usize,
/// }
///
/// impl Layer for Sum {
///     fn signature(&self) -> Signature {
///         Signature::new(&["inputs", "states"])
///     }
///
///     fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
///         let features = inputs.single()?.known_dim(scope.name(), -1)?;
///         scope.weight("kernel", &[features, self.units], &Initializer::ones()).add()
///     }
///
///     fn call(&self, mut inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
///         let states = inputs.take_all("states");
///         let h = inputs.into_single()?.matmul(&context.weight("kernel")?)?.add(&states[0])?;
///         Ok(vec![h.clone(), h].into())
///     }
///
///     fn cell(&self) -> Option<&dyn Cell> {
///         Some(self)
///     }
/// }
///
/// impl Cell for Sum {
///     fn state_size(&self) -> Vec<usize> {
///         vec![self.units]
///     }
/// }
///
/// let layer = RNN::new(Sum::new(2)).return_sequences(true).shared();
/// let y = layer.call(&[Tensor::from_vec(vec![1.0_f32, 2.0, 3.0], [1, 3, 1])?])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [1.0, 1.0, 3.0, 3.0, 6.0, 6.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub trait Cell: super::Layer {
    /// Size of each state's last axis. Keras' `state_size`.
    fn state_size(&self) -> Vec<usize>;

    /// Size of the output's last axis; by default that of the first state. Keras' `output_size`.
    fn output_size(&self) -> usize {
        self.state_size().first().copied().unwrap_or_default()
    }

    /// Shapes of the output and of each state, for inputs of one step of this shape. By default a batch of vectors
    /// of [`Cell::output_size`] and [`Cell::state_size`].
    ///
    /// # Errors
    /// Where the shape is not accepted.
    fn step_shapes(&self, inputs: &Shape) -> Result<Vec<Shape>> {
        let batch = inputs.dims().first().copied().flatten();
        let sizes = std::iter::once(self.output_size()).chain(self.state_size());
        Ok(sizes.map(|size| Shape::new([batch, Some(size)])).collect())
    }

    /// States before the first step, for inputs of one step of this shape; by default zeros. Keras'
    /// `get_initial_state`.
    ///
    /// # Errors
    /// Where the shape is not accepted.
    fn get_initial_state(&self, inputs: &[usize], dtype: DType, device: &Device) -> Result<Vec<Tensor>> {
        let states = self.step_shapes(&Shape::from(inputs))?.into_iter().skip(1);
        let zeros = states.map(|shape| {
            let known = shape.to_known();
            let unknown = || Error::shape(self.class_name(), "states", "known sizes", &shape);
            Tensor::full_on(known.ok_or_else(unknown)?, 0.0, dtype, device)
        });
        zeros.collect()
    }

    /// Which state a masked step gives as its output: the first one, or of stacked cells the last cell's first.
    fn output_state(&self) -> usize {
        0
    }
}
