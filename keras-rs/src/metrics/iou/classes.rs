//! Intersection over union of several classes.

use super::base::{self, Labels, Matrix, targets};
use crate::config::{KerasConfig, snake_case};
use crate::error::Result;
use crate::metrics::{Measure, MetricBase};
use crate::tensor::Tensor;

macro_rules! of_classes {
    (
        $(#[$doc:meta])*
        $class:ident, target_class_ids: $target:ident, sparse: $sparse:literal, sparse_y_true: $($sparse_y_true:tt)*
    ) => {
        $(#[$doc])*
        ///
        /// Labels outside of the classes are ignored. Weights are truncated to integers unless `dtype` is a
        /// float type. The result is a `float32`, over the classes that occur.
        #[derive(Debug, KerasConfig)]
        #[keras(module = "keras.metrics", check = |made, _| made.targets().map(|_| ()))]
        pub struct $class {
            #[keras(default = base::named(&snake_case(stringify!($class))))]
            base: MetricBase,
            /// Number of classes; at least one.
            #[keras(new)]
            num_classes: usize,
            /// Classes of which the mean is taken; negative ones count from the end.
            #[keras($target)]
            target_class_ids: Option<Vec<isize>>,
            /// Class whose samples do not count (default none); it may be outside of the classes.
            ignore_class: Option<isize>,
            /// Whether targets are classes, not one-hot or probabilities (default `true`).
            #[keras($($sparse_y_true)*)]
            sparse_y_true: bool,
            /// Whether predictions are classes, not one-hot or probabilities.
            #[keras(default = $sparse)]
            sparse_y_pred: bool,
            /// Axis of the classes in what is not sparse (default the last). Keras itself fails on all
            /// but `-1` and `0`.
            #[keras(default = -1)]
            axis: isize,
            #[keras(skip)]
            matrix: Matrix,
        }

        impl $class {
            fn targets(&self) -> Result<Vec<usize>> {
                targets(&self.base, self.target_class_ids.as_deref(), self.num_classes)
            }
        }

        impl Measure for $class {
            fn update_state(&self, y_true: &Tensor, y_pred: &Tensor, weight: Option<&Tensor>) -> Result<()> {
                self.targets()?;
                let labels = Labels {
                    num_classes: self.num_classes,
                    ignore_class: self.ignore_class,
                    sparse_y_true: self.sparse_y_true,
                    sparse_y_pred: self.sparse_y_pred,
                    axis: self.axis,
                };
                self.matrix.add(&self.base, labels, y_true, y_pred, weight)
            }

            fn result(&self) -> Result<Tensor> {
                self.matrix.mean_iou(self.num_classes, &self.targets()?)
            }

            fn reset_state(&self) {
                self.matrix.reset();
            }

            fn states(&self) -> Vec<&dyn crate::metrics::MetricState> {
                vec![&self.matrix]
            }
        }
    };
}

of_classes! {
    /// Mean intersection over union of chosen classes. Keras' `IoU`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{IoU, Measure};
    ///
    /// let metric = IoU::new(2, [0]);
    /// let y_true = Tensor::from_vec(vec![0, 0, 1, 1], [4])?;
    /// let y_pred = Tensor::from_vec(vec![0, 1, 0, 1], [4])?;
    /// metric.update_state(&y_true, &y_pred, None)?;
    /// assert!((metric.result()?.to_scalar()? - 1.0 / 3.0).abs() < 1e-6);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    IoU, target_class_ids: new, sparse: true, sparse_y_true: default = true
}

of_classes! {
    /// Mean intersection over union of all classes. Keras' `MeanIoU`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{MeanIoU, Measure};
    ///
    /// let metric = MeanIoU::new(2);
    /// let y_true = Tensor::from_vec(vec![0, 0, 1, 1], [4])?;
    /// let y_pred = Tensor::from_vec(vec![0, 1, 0, 1], [4])?;
    /// metric.update_state(&y_true, &y_pred, None)?;
    /// assert!((metric.result()?.to_scalar()? - 1.0 / 3.0).abs() < 1e-6);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    MeanIoU, target_class_ids: skip, sparse: true, sparse_y_true: default = true
}

of_classes! {
    /// Mean intersection over union of chosen classes, of one-hot targets. Keras' `OneHotIoU`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{Measure, OneHotIoU};
    ///
    /// let metric = OneHotIoU::new(3, [0, 2]);
    /// let y_true = Tensor::from_vec(vec![0, 0, 1, 1, 0, 0, 0, 1, 0, 1, 0, 0], [4, 3])?;
    /// let y_pred = [0.2_f32, 0.3, 0.5, 0.1, 0.2, 0.7, 0.5, 0.3, 0.1, 0.1, 0.4, 0.5];
    /// metric.update_state(&y_true, &Tensor::from_slice(&y_pred, [4, 3])?, None)?;
    /// // No sample of class 0 is found; of three samples that are or seem of class 2, one is found.
    /// assert!((metric.result()?.to_scalar()? - 1.0 / 6.0).abs() < 1e-6);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    OneHotIoU, target_class_ids: new, sparse: false, sparse_y_true: skip = false
}

of_classes! {
    /// Mean intersection over union of all classes, of one-hot targets. Keras' `OneHotMeanIoU`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{Measure, OneHotMeanIoU};
    ///
    /// let metric = OneHotMeanIoU::new(3);
    /// let y_true = Tensor::from_vec(vec![0, 0, 1, 1, 0, 0, 0, 1, 0, 1, 0, 0], [4, 3])?;
    /// let y_pred = [0.2_f32, 0.3, 0.5, 0.1, 0.2, 0.7, 0.5, 0.3, 0.1, 0.1, 0.4, 0.5];
    /// metric.update_state(&y_true, &Tensor::from_slice(&y_pred, [4, 3])?, None)?;
    /// assert!((metric.result()?.to_scalar()? - 1.0 / 9.0).abs() < 1e-6);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    OneHotMeanIoU, target_class_ids: skip, sparse: false, sparse_y_true: skip = false
}
