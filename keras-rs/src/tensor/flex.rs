//! Values of tensors of the backend `flex`, for operations of our own.

use burn::backend::Flex;
use burn::backend::tensor::FloatTensor;
use burn::tensor::{Shape, TensorData};
use std::borrow::Cow;

/// A tensor of the backend.
pub(super) type Flat = FloatTensor<Flex>;

/// The values of a tensor of `float32` in their order.
pub(super) fn values(tensor: &Flat) -> Cow<'_, [f32]> {
    match tensor.as_slice::<f32>() {
        Some(values) => values.into(),
        None => tensor.to_contiguous().storage::<f32>().to_vec().into(),
    }
}

/// A tensor of values.
pub(super) fn tensor(values: Vec<f32>, shape: impl Into<Vec<usize>>) -> Flat {
    Flat::from_data(TensorData::new(values, Shape::from(shape.into())))
}

/// The sizes of four axes.
pub(super) fn sizes(tensor: &Flat) -> [usize; 4] {
    let shape = tensor.layout().shape();
    std::array::from_fn(|axis| shape[axis])
}
