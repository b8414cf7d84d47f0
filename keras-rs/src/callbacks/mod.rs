//! Callbacks: what happens around epochs and batches.

mod callback;
mod early_stopping;
mod history;
mod lambda;
mod learning_rate_scheduler;
mod list;
mod model_checkpoint;
mod monitor;
mod output;
mod progbar;
mod progbar_logger;
mod python;
mod reduce_lr_on_plateau;
mod save_freq;
pub mod tensorboard;
mod terminate_on_nan;
mod verbose;

pub use callback::{Callback, Logs, Params, Training};
pub use early_stopping::EarlyStopping;
pub use history::{History, logs_to_json};
pub use lambda::LambdaCallback;
pub use learning_rate_scheduler::LearningRateScheduler;
pub(crate) use list::{CallbackList, progress};
pub use model_checkpoint::ModelCheckpoint;
pub use monitor::Mode;
pub use progbar::Progbar;
pub use progbar_logger::ProgbarLogger;
pub use reduce_lr_on_plateau::ReduceLROnPlateau;
pub use save_freq::SaveFreq;
pub use terminate_on_nan::TerminateOnNaN;
pub use verbose::Verbose;
