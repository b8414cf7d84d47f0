//! Rows of a table of `float32` as one operation of the backend `flex`, with a gradient of its own.

use crate::tensor::flex::{Flat, tensor, values};
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, backend_extension};
use keras_rs_kernels::{self as kernels, ViewMut};

#[backend_extension(Flex, Autodiff)]
pub(super) trait LookUp: Backend {
    fn look_up(table: FloatTensor<Self>, rows: Vec<usize>) -> FloatTensor<Self>;
}

/// Rows of a table and the numbers in each.
fn sizes(table: &Flat) -> [usize; 2] {
    let shape = table.layout().shape();
    [shape[0], shape[1]]
}

fn found(table: &Flat, rows: &[usize]) -> Flat {
    let [_, size] = sizes(table);
    let mut output = kernels::zeros(rows.len() * size);
    kernels::look_up(&values(table), size, rows, ViewMut::dense(&mut output, size));
    tensor(output, [rows.len(), size])
}

impl LookUp for Flex {
    fn look_up(table: Flat, rows: Vec<usize>) -> Flat {
        found(&table, &rows)
    }
}

#[derive(Debug)]
struct LookUpBackward;

impl Backward<Flex, 1> for LookUpBackward {
    /// Sizes of the table, and the rows that were looked up.
    type State = ([usize; 2], Vec<usize>);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let ([count, size], rows) = ops.state;
        let gradient = grads.consume::<Flex>(&ops.node);
        if let [Some(node)] = ops.parents {
            let made = kernels::look_up_gradient(&rows, size, count, &values(&gradient));
            grads.register::<Flex>(node.id, tensor(made, [count, size]));
        }
    }
}

impl<C: CheckpointStrategy> LookUp for Autodiff<Flex, C> {
    fn look_up(table: FloatTensor<Self>, rows: Vec<usize>) -> FloatTensor<Self> {
        let node = table.node();
        let table = table.into_primitive();
        let output = found(&table, &rows);
        match LookUpBackward.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish((sizes(&table), rows), output),
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        }
    }
}
