//! Macros for what all classes of losses share.

/// The check of targets in losses for which they must be finite and of a shape that passes a `ShapeCheck`.
macro_rules! target_check {
    ($shape_check:path) => {
        fn check(&self, y_true: &crate::tensor::Tensor, y_pred_shape: &[usize]) -> crate::error::Result<()> {
            let check: crate::losses::targets::ShapeCheck = $shape_check;
            let class = crate::config::KerasConfig::class_name(self);
            let (y_true_shape, y_pred_shape) =
                crate::losses::reduction::same_rank_shapes(y_true.shape(), y_pred_shape);
            check(class, &y_true_shape, &y_pred_shape)?;
            crate::losses::targets::check_finite(class, y_true)
        }
    };
}
pub(super) use target_check;

/// A class that calls a function and has no arguments of its own.
macro_rules! plain_loss {
    ($(#[$doc:meta])* $type:ident, $name:literal, $function:path, $shape_check:path) => {
        $(#[$doc])*
        #[derive(Clone, Debug, crate::config::KerasConfig)]
        #[keras(module = "keras.losses")]
        pub struct $type {
            #[keras(default = crate::losses::LossBase::named($name))]
            base: crate::losses::LossBase,
        }

        impl crate::losses::ComputeLoss for $type {
            crate::losses::classes::target_check!($shape_check);

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
