//! What makes a network quicker without changing its numbers, one pass a file, each with its reason.

mod activation;
mod batch_norm;
mod inverted_residual;
mod padding;
mod prologue;
mod residual;
mod unused;

use super::network::Network;

/// Runs every pass, in an order in which each finds what those before it leave.
pub(super) fn run(network: &mut Network) {
    batch_norm::fold(network);
    activation::fold(network);
    residual::fold(network);
    padding::fold(network);
    prologue::fold(network);
    inverted_residual::fold(network);
    unused::drop(network);
}
