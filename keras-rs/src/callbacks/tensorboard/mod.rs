//! Event files that TensorBoard reads.

mod events;
mod histogram;
mod records;
mod writer;

pub use writer::EventWriter;

#[cfg(test)]
mod tests;
