//! Spectral normalization.

use crate::config::KerasConfig;
use crate::error::{Error, Result};
use crate::initializers::TruncatedNormal;
use crate::layer::{
    BuildScope, CallContext, InputShapes, Inputs, Layer, LayerBase, LayerRef, MaskedTensor, Outputs,
};
use crate::ops;
use crate::shape::Shape;
use crate::tensor::Tensor;
use crate::variable::Variable;

/// Divides the kernel of a layer by its largest singular value in every call in training, which bounds how fast
/// the layer's outputs change with its inputs. Keras' `SpectralNormalization`; Miyato et al., 2018.
///
/// Shapes: those of the layer inside, which has a variable `kernel` or `embeddings`. The singular value is
/// estimated by power iteration; its vector `vector_u` of shape `(1, columns of the kernel)` is kept from call to
/// call. A kernel of zeros stays as it is.
///
/// Gradients reach the kernel as if the division were not there, as with Keras on TensorFlow and PyTorch.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let dense = Dense::new(1).kernel_initializer("ones").shared();
/// let layer = SpectralNormalization::new(&dense).shared();
/// let x = Tensor::ones([1, 4], DType::F32)?;
/// assert_eq!(layer.call(&[x.clone()])?[0].to_vec::<f32>()?, [4.0]);
///
/// // The singular value of four ones is 2.
/// let y = layer.call_with(&[x], &mut ForwardPass::new(true))?;
/// assert!((y[0].to_vec::<f32>()?[0] - 2.0).abs() < 1e-5);
/// assert!((dense.variable("kernel")?.value()?.to_vec::<f32>()?[0] - 0.5).abs() < 1e-5);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", check = Self::check)]
pub struct SpectralNormalization {
    base: LayerBase,
    /// The layer whose kernel is divided.
    #[keras(new)]
    layer: LayerRef,
    /// Steps of the power iteration in a call, at least 1 (default 1).
    #[keras(default = 1)]
    power_iterations: usize,
}

impl SpectralNormalization {
    fn check(&self, context: &str) -> Result<()> {
        if self.power_iterations > 0 {
            return Ok(());
        }
        Err(Error::argument(context, "power_iterations", "a number of at least 1", self.power_iterations))
    }

    /// The variable that is divided.
    fn kernel(&self, context: &str) -> Result<Variable> {
        let found = self.layer.variable("kernel").or_else(|_| self.layer.variable("embeddings"));
        found.map_err(|_| {
            let got = format!("a {}", self.layer.class_name());
            Error::argument(context, "layer", "a layer with a `kernel` or `embeddings`", got)
        })
    }

    /// The next vector and the divided kernel.
    fn normalized(&self, kernel: &Tensor, vector_u: &Tensor) -> Result<(Tensor, Tensor)> {
        let columns = kernel.dim(-1)?;
        let weights = kernel.reshape([kernel.len() / columns.max(1), columns])?;
        let transposed = weights.transpose()?;
        let unit = |x: &Tensor| ops::normalize(x, ops::Axes::All, 2, None);
        let (mut u, mut v) = (vector_u.clone(), None);
        for _ in 0..self.power_iterations {
            let next = unit(&u.matmul(&transposed)?)?;
            u = unit(&next.matmul(&weights)?)?;
            v = Some(next);
        }
        let v = v.map_or_else(|| unit(&u.matmul(&transposed)?), Ok)?;
        let sigma = v.matmul(&weights)?.matmul(&u.transpose()?)?;
        Ok((u, kernel.div(&sigma.reshape(vec![1; kernel.rank()])?)?))
    }
}

impl Layer for SpectralNormalization {
    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        self.check(scope.name())?;
        scope.build_child(&self.layer, &inputs.to_list())?;
        let kernel = self.kernel(scope.name())?;
        let columns = kernel.shape().last().copied().unwrap_or(1);
        let dtype = kernel.dtype();
        // Keras keeps the kernel among the wrapper's own variables, too, so that files hold it twice.
        scope.share("kernel", kernel)?;
        let initializer = TruncatedNormal::new().stddev(0.02).into();
        scope.weight("vector_u", &[1, columns], &initializer).trainable(false).dtype(dtype).add()
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        if context.training() {
            let kernel = context.value("kernel")?.detach();
            let is_zero = ops::max(&kernel.abs()?, ops::Axes::All, false, None)?.to_scalar()? == 0.0;
            if !is_zero {
                let (vector_u, kernel) = self.normalized(&kernel, &context.value("vector_u")?)?;
                context.assign("vector_u", &vector_u)?;
                context.assign("kernel", &kernel)?;
            }
        }
        let dtype = inputs.single()?.tensor.dtype();
        let mut outputs = context.call_child(&self.layer, inputs.into_masked())?;
        for output in &mut outputs.0 {
            if output.tensor.dtype() != dtype {
                *output = MaskedTensor::from(output.tensor.cast(dtype)?);
            }
        }
        Ok(outputs)
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        self.layer.compute_output_shape(&inputs.to_list())
    }
}
