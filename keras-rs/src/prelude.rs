//! What most programs need: `use keras_rs::prelude::*;`.

pub use crate::backend::{Backend, Device};
pub use crate::burn_module::{BurnModule, KerasModule};
pub use crate::callbacks::{
    BackupAndRestore, CSVLogger, Callback, EarlyStopping, History, LambdaCallback, LearningRateScheduler,
    Logs, ModelCheckpoint, ProgbarLogger, ReduceLROnPlateau, RemoteMonitor, SwapEMAWeights, TensorBoard,
    TerminateOnNaN, Training,
};
pub use crate::compile::Compile;
pub use crate::config::{CustomObjects, KerasConfig};
pub use crate::data::{Batch, Batches, Columns, Dataset};
pub use crate::dtype::{DType, DTypePolicy, DTypePolicyMap};
pub use crate::error::{Error, Result};
pub use crate::gradient::GradientTape;
pub use crate::graph::Operators;
pub use crate::layer::{Call, KerasTensor, NamedTensors, Role, Signature, Symbolic};
pub use crate::layers::*;
pub use crate::losses::LossExt;
pub use crate::metrics::MetricExt;
pub use crate::models::{Model, Sequential};
pub use crate::optimizers::{
    Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Ftrl, Lamb, Lion, LossScaleOptimizer, MultiOptimizer,
    Muon, Nadam, Optimizer, OptimizerExt, OptimizerMap, RMSprop, SGD, ScheduleFreeAdamW,
};
pub use crate::shape::Shape;
pub use crate::tensor::Tensor;
pub use crate::training::{Evaluate, Fit, Predict, TrainStep};
pub use crate::variable::Variable;
