//! What watches and steers training.

mod progbar;
pub mod tensorboard;

pub use progbar::{Progbar, Verbose};
