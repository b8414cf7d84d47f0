//! Tensors are handed over at their last use: a chain of elementwise layers works in one buffer.
#![allow(unsafe_code, reason = "a counting allocator")]

use keras_rs::prelude::*;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Bytes from which an allocation counts: far above anything but the tensors of this test.
const LARGE: usize = 8 << 20;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
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
