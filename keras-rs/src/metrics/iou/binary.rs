//! Intersection over union of two classes, separated by a threshold.

use super::base::{self, Labels, Matrix, targets};
use crate::DType;
use crate::config::setters;
use crate::config::{Config, ConfigExt, ConfigReader, Number};
use crate::error::Result;
use crate::metrics::base::metric_setters;
use crate::metrics::class::metric_base;
use crate::metrics::{Measure, MetricBase};
use crate::tensor::Tensor;

/// Mean intersection over union of two classes; predictions of at least a threshold are of class 1. Keras'
/// `BinaryIoU`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::{BinaryIoU, Measure};
///
/// let metric = BinaryIoU::new().target_class_ids([0, 1]).threshold(0.3);
/// let y_true = Tensor::from_vec(vec![0, 1, 0, 1], [4])?;
/// let y_pred = Tensor::from_vec(vec![0.1_f32, 0.2, 0.4, 0.7], [4])?;
/// metric.update_state(&y_true, &y_pred, None)?;
/// assert!((metric.result()?.to_scalar()? - 1.0 / 3.0).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug)]
pub struct BinaryIoU {
    base: MetricBase,
    target_class_ids: Vec<isize>,
    threshold: Number,
    matrix: Matrix,
}

impl Default for BinaryIoU {
    fn default() -> Self {
        Self::new()
    }
}

impl BinaryIoU {
    /// With Keras' defaults.
    pub fn new() -> Self {
        let (base, matrix) = (base::named("binary_io_u"), Matrix::default());
        Self { base, target_class_ids: vec![0, 1], threshold: 0.5.into(), matrix }
    }

    metric_setters!();

    setters! {
        /// Sets the classes of which the mean is taken (default both).
        target_class_ids: Vec<isize>,
        /// Sets the least prediction of class 1 (default 0.5).
        threshold: Number,
    }

    fn targets(&self) -> Result<Vec<usize>> {
        targets(&self.base, Some(&self.target_class_ids), 2)
    }

    pub(in crate::metrics) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let d = Self::new();
        let metric = Self {
            base: base::from_config(c, &d.base.name)?,
            target_class_ids: c.take_or("target_class_ids", d.target_class_ids)?,
            threshold: c.take_or("threshold", d.threshold)?,
            matrix: d.matrix,
        };
        metric.targets()?;
        Ok(metric)
    }
}

impl Measure for BinaryIoU {
    metric_base! { "BinaryIoU" }

    fn config(&self) -> Config {
        let config = self.base.config().with("target_class_ids", &self.target_class_ids);
        config.with("threshold", self.threshold)
    }

    fn update_state(&self, y_true: &Tensor, y_pred: &Tensor, weight: Option<&Tensor>) -> Result<()> {
        self.targets()?;
        let y_pred = y_pred.detach().cast(DType::F32)?;
        let y_pred = y_pred.greater_equal(&y_pred.full_like(Vec::new(), self.threshold.get())?)?;
        let labels =
            Labels { num_classes: 2, ignore_class: None, sparse_y_true: true, sparse_y_pred: true, axis: -1 };
        self.matrix.add(&self.base, labels, y_true, &y_pred, weight)
    }

    fn result(&self) -> Result<Tensor> {
        self.matrix.mean_iou(2, &self.targets()?)
    }

    fn reset_state(&self) {
        self.matrix.reset();
    }

    fn states(&self) -> Vec<&dyn crate::metrics::MetricState> {
        vec![&self.matrix]
    }
}
