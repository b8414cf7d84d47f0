//! Macros for what all classes of losses share.

/// Builder methods for the arguments that every loss has.
macro_rules! loss_setters {
    () => {
        /// Sets how the losses of the samples become one number (default `sum_over_batch_size`).
        #[must_use]
        pub fn reduction<R>(mut self, reduction: R) -> Self
        where
            R: TryInto<crate::losses::Reduction>,
            crate::error::Error: From<R::Error>,
        {
            match reduction.try_into() {
                Ok(reduction) => self.base.reduction = reduction,
                Err(error) => self.base.defer(error.into()),
            }
            self
        }

        /// Sets the name.
        #[must_use]
        pub fn name(mut self, name: impl Into<String>) -> Self {
            self.base.name = name.into();
            self
        }

        /// Sets the type to compute in (default `float32`): a type, a policy or the name of one.
        #[must_use]
        pub fn dtype<D>(mut self, dtype: D) -> Self
        where
            D: TryInto<crate::DTypePolicy>,
            crate::error::Error: From<D::Error>,
        {
            match dtype.try_into() {
                Ok(policy) => self.base.dtype = policy.compute_dtype(),
                Err(error) => self.base.defer(error.into()),
            }
            self
        }
    };
}
pub(super) use loss_setters;

/// The parts of [`ComputeLoss`](super::ComputeLoss) that are the same in every loss with a `base`
/// field that only checks that targets are finite and that their shape passes a `ShapeCheck`.
macro_rules! loss_base {
    ($class:literal) => {
        fn class_name(&self) -> &str {
            $class
        }

        fn base(&self) -> &crate::losses::LossBase {
            &self.base
        }
    };
    ($class:literal, $shape_check:path) => {
        crate::losses::classes::loss_base! { $class }

        fn check(&self, y_true: &crate::tensor::Tensor, y_pred_shape: &[usize]) -> crate::error::Result<()> {
            let check: crate::losses::targets::ShapeCheck = $shape_check;
            let (y_true_shape, y_pred_shape) =
                crate::losses::reduction::same_rank_shapes(y_true.shape(), y_pred_shape);
            check($class, &y_true_shape, &y_pred_shape)?;
            crate::losses::targets::check_finite($class, y_true)
        }
    };
}
pub(super) use loss_base;

/// A class that calls a function and has no arguments of its own.
macro_rules! plain_loss {
    ($(#[$doc:meta])* $type:ident, $class:literal, $name:literal, $function:path, $shape_check:path) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $type {
            base: crate::losses::LossBase,
        }

        impl Default for $type {
            fn default() -> Self {
                Self::new()
            }
        }

        impl $type {
            /// With Keras' defaults.
            pub fn new() -> Self {
                Self { base: crate::losses::LossBase::named($name) }
            }

            crate::losses::classes::loss_setters!();

            pub(super) fn from_config(
                c: &mut crate::config::ConfigReader<'_>,
            ) -> crate::error::Result<Self> {
                Ok(Self { base: crate::losses::LossBase::from_config(c, $name)? })
            }
        }

        impl crate::losses::ComputeLoss for $type {
            crate::losses::classes::loss_base! { $class, $shape_check }

            fn call(
                &self,
                y_true: &crate::tensor::Tensor,
                y_pred: &crate::tensor::Tensor,
            ) -> crate::error::Result<crate::tensor::Tensor> {
                let (y_true, y_pred) = crate::losses::reduction::same_rank(y_true, y_pred)?;
                $function(&y_true, &y_pred)
            }
        }
    };
}
pub(super) use plain_loss;
