//! Intersection over union of several classes.

use super::base::{self, Labels, Matrix, targets};
use crate::config::{Config, ConfigExt, ConfigReader};
use crate::config::{setters, snake_case};
use crate::error::Result;
use crate::metrics::base::metric_setters;
use crate::metrics::class::metric_base;
use crate::metrics::{Measure, MetricBase};
use crate::tensor::Tensor;

macro_rules! of_classes {
    (
        $(#[$doc:meta])*
        $class:ident, arguments [$($target:ident)?], setters [$($sparse_y_true:ident)?], sparse $sparse:literal
    ) => {
        $(#[$doc])*
        ///
        /// Labels outside of the classes are ignored. Weights are truncated to integers unless `dtype` is a
        /// float type. The result is a `float32`, over the classes that occur.
        #[derive(Debug)]
        pub struct $class {
            base: MetricBase,
            num_classes: usize,
            target_class_ids: Option<Vec<isize>>,
            ignore_class: Option<isize>,
            sparse_y_true: bool,
            sparse_y_pred: bool,
            axis: isize,
            matrix: Matrix,
        }

        impl $class {
            /// With Keras' defaults.
            pub fn new(num_classes: usize $(, $target: impl Into<Vec<isize>>)?) -> Self {
                let base = base::named(&snake_case(stringify!($class)));
                let metric = Self {
                    base,
                    num_classes,
                    target_class_ids: None,
                    ignore_class: None,
                    sparse_y_true: $sparse,
                    sparse_y_pred: $sparse,
                    axis: -1,
                    matrix: Matrix::default(),
                };
                $(let metric = Self { $target: Some($target.into()), ..metric };)?
                metric
            }

            metric_setters!();

            setters! {
                /// Sets a class whose samples do not count (default none); it may be outside of the
                /// classes.
                ignore_class: Option<isize>,
                $(
                    /// Sets whether targets are classes, not one-hot or probabilities (default `true`).
                    $sparse_y_true: bool,
                )?
                /// Sets whether predictions are classes, not one-hot or probabilities.
                sparse_y_pred: bool,
                /// Sets the axis of the classes in what is not sparse (default the last). Keras itself
                /// fails on all but `-1` and `0`.
                axis: isize,
            }

            fn targets(&self) -> Result<Vec<usize>> {
                targets(&self.base, self.target_class_ids.as_deref(), self.num_classes)
            }

            pub(in crate::metrics) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
                let d = Self::new(c.take("num_classes")? $(, c.take::<Vec<isize>>(stringify!($target))?)?);
                let metric = Self {
                    base: base::from_config(c, &d.base.name)?,
                    ignore_class: c.take_or("ignore_class", None)?,
                    $($sparse_y_true: c.take_or(stringify!($sparse_y_true), d.$sparse_y_true)?,)?
                    sparse_y_pred: c.take_or("sparse_y_pred", d.sparse_y_pred)?,
                    axis: c.take_or("axis", d.axis)?,
                    ..d
                };
                metric.targets()?;
                Ok(metric)
            }
        }

        impl Measure for $class {
            metric_base! { stringify!($class) }

            fn config(&self) -> Config {
                self.base
                    .config()
                    .with("num_classes", self.num_classes)
                    $(.with(stringify!($target), &self.$target))?
                    .with("ignore_class", self.ignore_class)
                    $(.with(stringify!($sparse_y_true), self.$sparse_y_true))?
                    .with("sparse_y_pred", self.sparse_y_pred)
                    .with("axis", self.axis)
            }

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
    IoU, arguments [target_class_ids], setters [sparse_y_true], sparse true
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
    MeanIoU, arguments [], setters [sparse_y_true], sparse true
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
    OneHotIoU, arguments [target_class_ids], setters [], sparse false
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
    OneHotMeanIoU, arguments [], setters [], sparse false
}
