//! Tensors are handed over at their last use: a chain of elementwise layers works in one buffer. Recurrent layers take
//! their memory once for all steps.
#![allow(unsafe_code, reason = "a counting allocator")]

use keras_rs::prelude::*;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Bytes from which an allocation counts: far above anything but the tensors of this test.
const LARGE: usize = 8 << 20;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
    /// Allocations of any size.
    static ALL: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call is the system allocator's own; counting touches a `Cell` of the thread only.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size);
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

fn note(size: usize) {
    let _ = ALL.try_with(|all| all.set(all.get() + 1));
    if size >= LARGE {
        let _ = COUNT.try_with(|count| count.set(count.get() + 1));
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn ten_elementwise_layers_allocate_two_buffers_at_most() {
    let x = Input::new([1 << 20]);
    let mut y = x.keras_tensor().unwrap();
    for layer in 0..10 {
        y = match layer % 5 {
            0 => Activation::new("relu").apply(&y),
            1 => Rescaling::new(0.5).offset(0.25).apply(&y),
            2 => Activation::new("sigmoid").apply(&y),
            3 => Dropout::new(0.5).apply(&y),
            _ => Activation::new("tanh").apply(&y),
        }
        .unwrap();
    }
    let model = Model::new(&x, &y).unwrap();
    let data =
        Tensor::full_on([2, 1 << 20], 0.5, DType::F32, &keras_rs::Backend::Flex.device().unwrap()).unwrap();
    model.call(std::slice::from_ref(&data)).unwrap();
    COUNT.with(|count| count.set(0));
    let outputs = model.call(std::slice::from_ref(&data)).unwrap();
    let count = COUNT.with(Cell::get);
    assert_eq!(outputs[0].shape(), [2, 1 << 20]);
    assert!((1..=2).contains(&count), "{count} buffers of {LARGE} bytes or more");
}

/// Allocations of a call with so many steps, the second of its kind.
fn allocations(layer: &LayerRef, steps: usize) -> usize {
    let device = keras_rs::Backend::Flex.device().unwrap();
    let x = [Tensor::full_on([2, steps, 3], 0.5, DType::F32, &device).unwrap()];
    layer.call(&x).unwrap();
    let before = ALL.with(Cell::get);
    layer.call(&x).unwrap();
    ALL.with(Cell::get) - before
}

#[test]
fn recurrent_layers_allocate_nothing_for_a_step() {
    let layers = [
        LSTM::new(4).return_sequences(true).shared(),
        LSTM::new(4).shared(),
        GRU::new(4).return_sequences(true).shared(),
        SimpleRNN::new(4).shared(),
    ];
    for layer in layers {
        let counts = [8, 32, 64].map(|steps| allocations(&layer, steps));
        // Work is shared out among threads in a few parts more where there is more of it.
        assert!(counts[2].abs_diff(counts[0]) < 8, "{layer:?}: {counts:?}");
    }
}

#[test]
fn layers_that_go_step_by_step_allocate_as_much_at_each_step() {
    let layers = [
        LSTM::new(4).activation("relu").shared(),
        GRU::new(4).reset_after(false).shared(),
        RNN::new(GRUCell::new(4)).shared(),
    ];
    for layer in layers {
        let counts = [16, 32, 48, 64].map(|steps| allocations(&layer, steps));
        let of_steps: Vec<usize> = counts.windows(2).map(|pair| pair[1] - pair[0]).collect();
        // Lists grow by doubling.
        let least = of_steps.iter().min().unwrap();
        assert!(of_steps.iter().all(|count| count - least <= least / 20), "{layer:?}: {counts:?}");
    }
}
