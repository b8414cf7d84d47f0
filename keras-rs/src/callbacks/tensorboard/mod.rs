//! Event files that TensorBoard reads.

mod callback;
mod events;
mod histogram;
mod records;
mod writer;

pub use callback::{TensorBoard, UpdateFreq};
pub use writer::EventWriter;

#[cfg(test)]
mod tests;
