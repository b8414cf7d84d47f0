//! Intersection over union of two classes, separated by a threshold.

use super::base::{self, Labels, Matrix, targets};
use crate::DType;
use crate::config::{KerasConfig, Number};
use crate::error::Result;
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
#[derive(Debug, KerasConfig)]
#[keras(module = "keras.metrics", check = |made, _| made.targets().map(|_| ()))]
pub struct BinaryIoU {
    #[keras(default = base::named("binary_io_u"))]
    base: MetricBase,
    /// Classes of which the mean is taken (default both).
    #[keras(default = vec![0, 1])]
    target_class_ids: Vec<isize>,
    /// Least prediction of class 1 (default 0.5).
    #[keras(default = 0.5)]
    threshold: Number,
    #[keras(skip)]
    matrix: Matrix,
}

impl BinaryIoU {
    fn targets(&self) -> Result<Vec<usize>> {
        targets(&self.base, Some(&self.target_class_ids), 2)
    }
}

impl Measure for BinaryIoU {
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
