//! What watches and steers training.

pub mod tensorboard;
