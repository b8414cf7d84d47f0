//! Gradients with respect to variables and tensors.

use crate::error::Result;
use crate::layer::ForwardPass;
use crate::tensor::Tensor;
use crate::variable::Variable;

/// Records a computation, and computes the gradients of a loss with respect to the watched variables and
/// tensors.
///
/// Models and layers that are called with [`GradientTape::pass`] use the recorded values of the watched
/// variables; other threads and calls use the plain values. To watch a tensor, compute with the copy that
/// [`GradientTape::watch`] returns. A tape computes gradients once, and of first order only.
///
/// ```
/// use keras_rs::prelude::*;
/// use keras_rs::losses::{ComputeLoss, MeanSquaredError};
///
/// let model = Sequential::new().add(Input::new([2])).add(Dense::new(1)).build()?;
/// let x = Tensor::from_vec(vec![1.0_f32, 2.0], [1, 2])?;
/// let variables = model.trainable_weights();
/// let mut tape = GradientTape::new(&variables)?;
/// let y = model.call_with(&[x], tape.pass())?;
/// let loss = MeanSquaredError::new().compute(&Tensor::zeros([1, 1], DType::F32)?, &y[0], None)?;
/// let gradients = tape.gradient(&loss)?;
/// let bias = gradients[1].as_ref().map(Tensor::to_scalar).transpose()?;
/// assert_eq!(bias, Some(2.0 * y[0].to_scalar()?));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug)]
pub struct GradientTape {
    pass: ForwardPass,
    variables: Vec<Tensor>,
    tensors: Vec<Tensor>,
}

impl GradientTape {
    /// Watches variables; layers run with [`GradientTape::pass`] behave as in training.
    ///
    /// # Errors
    /// [`Error::DType`](crate::Error::DType) for variables that are not floats; as [`Variable::value`].
    pub fn new(variables: &[Variable]) -> Result<Self> {
        let mut pass = ForwardPass::new(true);
        let variables = variables.iter().map(|v| pass.record(v)).collect::<Result<_>>()?;
        Ok(Self { pass, variables, tensors: Vec::new() })
    }

    /// Watches a tensor: returns a copy, whose gradient is computed.
    ///
    /// # Errors
    /// [`Error::DType`](crate::Error::DType) where the tensor is not a float.
    pub fn watch(&mut self, tensor: &Tensor) -> Result<Tensor> {
        let leaf = tensor.record()?;
        self.tensors.push(leaf.clone());
        Ok(leaf)
    }

    /// The forward pass to call models and layers with; its `training` flag may be changed.
    pub fn pass(&mut self) -> &mut ForwardPass {
        &mut self.pass
    }

    /// The losses that layers have added.
    pub fn losses(&self) -> &[Tensor] {
        &self.pass.losses
    }

    /// Gradients of a loss with respect to the watched variables, then the watched tensors; `None`
    /// where the loss does not depend on one.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) where the loss is not a single number.
    pub fn gradient(self, loss: &Tensor) -> Result<Vec<Option<Tensor>>> {
        let leaves = self.variables.iter().chain(&self.tensors);
        match loss.backward()? {
            Some(mut gradients) => Ok(leaves.map(|leaf| leaf.take_gradient(&mut gradients)).collect()),
            None => Ok(leaves.map(|_| None).collect()),
        }
    }

    /// The loss that a closure computes, and its gradients with respect to variables.
    ///
    /// # Errors
    /// What the closure reports, and as [`GradientTape::gradient`].
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let layer = Dense::new(1).kernel_initializer("ones").shared();
    /// let x = Tensor::from_vec(vec![3.0_f32, 4.0], [1, 2])?;
    /// layer.call(&[x.clone()])?;
    /// let (loss, gradients) = GradientTape::gradients(&layer.weights(), |pass| {
    ///     layer.call_with(&[x.clone()], pass)?[0].square()?.sum(&[], false)
    /// })?;
    /// assert_eq!(loss.to_scalar()?, 49.0);
    /// assert_eq!(gradients[0].as_ref().unwrap().to_vec::<f32>()?, [42.0, 56.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn gradients(
        variables: &[Variable],
        compute: impl FnOnce(&mut ForwardPass) -> Result<Tensor>,
    ) -> Result<(Tensor, Vec<Option<Tensor>>)> {
        let mut tape = Self::new(variables)?;
        let loss = compute(tape.pass())?;
        let gradients = tape.gradient(&loss)?;
        Ok((loss.detach(), gradients))
    }
}
