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

/// The values of a tensor of `float32` in their order, to be changed: those of a copy where other tensors share them.
pub(super) fn values_mut(tensor: &mut Flat) -> &mut [f32] {
    let whole = tensor.as_slice::<f32>().is_some_and(|values| values.len() == tensor.storage::<f32>().len());
    if !whole {
        let shape = tensor.layout().shape().to_vec();
        *tensor = self::tensor(values(tensor).into_owned(), shape);
    }
    tensor.storage_mut::<f32>()
}

/// A tensor of values.
pub(super) fn tensor(values: Vec<f32>, shape: impl Into<Vec<usize>>) -> Flat {
    Flat::from_data(TensorData::new(values, Shape::from(shape.into())))
}

/// The sizes of a tensor as images `(batch, rows, columns, channels)`; of fewer axes, all but the last one are rows.
pub(super) fn images(tensor: &Flat) -> [usize; 4] {
    match tensor.layout().shape()[..] {
        [batch, rows, columns, channels] => [batch, rows, columns, channels],
        [ref rows @ .., channels] => [1, rows.iter().product(), 1, channels],
        [] => [1; 4],
    }
}

/// The sizes of four axes.
pub(super) fn sizes(tensor: &Flat) -> [usize; 4] {
    let shape = tensor.layout().shape();
    std::array::from_fn(|axis| shape[axis])
}
