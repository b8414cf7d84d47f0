//! Callbacks: what happens around epochs and batches.

mod callback;
mod history;
mod lambda;
mod list;
mod progbar;
pub mod tensorboard;

pub use callback::{Callback, Logs, Params, Training};
pub use history::{History, logs_to_json};
pub use lambda::LambdaCallback;
pub(crate) use list::{CallbackList, progress};
pub use progbar::{Progbar, Verbose};
