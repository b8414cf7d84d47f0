//! A layer around another.

use crate::config::KerasConfig;
use crate::error::Result;
use crate::layer::{
    BuildScope, CallContext, InputShapes, InputSpecs, Inputs, KerasTensor, Layer, LayerBase, LayerRef,
    Outputs, Signature, Spec, SymbolicInputs,
};
use crate::tensor::Tensor;

/// A layer that hands everything on to the one inside. Keras' `Wrapper`.
///
/// In Keras it is the base of layers that change what another does, and cannot be called itself. Here such a layer
/// is a struct of its own with a field for the layer inside, which gives it the configuration and the files of
/// Keras' wrappers:
///
/// ```
/// use keras_rs::prelude::*;
///
/// /// Calls a layer on its own output.
/// #[derive(Clone, Debug, KerasConfig)]
/// #[keras(package = "forest")]
/// struct Twice {
///     base: LayerBase,
///     /// The layer.
///     #[keras(new, sublayer)]
///     layer: LayerRef,
/// }
///
/// impl Layer for Twice {
///     fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
///         scope.build_child(&self.layer, &inputs.to_list())
///     }
///
///     fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
///         let once = context.call_child(&self.layer, inputs.into_masked())?;
///         context.call_child(&self.layer, once.0)
///     }
/// }
///
/// let layer = Twice::new(Dense::new(2).kernel_initializer("ones")).shared();
/// let y = layer.call(&[Tensor::ones([1, 2], DType::F32)?])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [4.0, 4.0]);
/// assert_eq!(layer.config()["layer"]["class_name"], "Dense");
/// # Ok::<(), keras_rs::Error>(())
/// ```
///
/// Shapes, arguments, masks: those of the layer inside.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = Wrapper::new(Dense::new(3)).shared();
/// assert_eq!(layer.call(&[Tensor::ones([1, 2], DType::F32)?])?[0].shape(), [1, 3]);
/// assert_eq!(layer.weights().len(), 2);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct Wrapper {
    base: LayerBase,
    /// The layer inside.
    #[keras(new)]
    layer: LayerRef,
}

impl Layer for Wrapper {
    fn signature(&self) -> Signature {
        self.layer.layer().signature()
    }

    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        scope.build_child_with(&self.layer, inputs.arguments().clone())
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        context.call_child_with(&self.layer, inputs.into_arguments())
    }

    fn compute_output_spec(&self, inputs: &InputSpecs) -> Result<Vec<Spec>> {
        self.layer.compute_output_spec(inputs.arguments().clone())
    }

    fn autocast(&self) -> bool {
        false
    }

    fn supports_masking(&self) -> bool {
        true
    }

    /// None: those that the layer inside gives stay.
    fn compute_mask(&self, _inputs: &Inputs) -> Result<Vec<Option<Tensor>>> {
        Ok(Vec::new())
    }

    fn compute_symbolic_mask(&self, _inputs: &SymbolicInputs) -> Result<Vec<Option<KerasTensor>>> {
        Ok(Vec::new())
    }
}
