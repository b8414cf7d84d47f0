//! What a layer has said about the outputs of its last calls.

use super::{Arguments, Spec};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Calls of different shapes that are remembered: batches in training and validation, and the last one of each.
const CALLS: usize = 4;

/// Specs of outputs by those of inputs, so that calls of the same shapes infer them once. A layer's arguments do not
/// change, so that what it said stays true.
#[derive(Debug, Default)]
pub(super) struct KnownSpecs(Mutex<VecDeque<Known>>);

/// Specs of the inputs of a call, and those of its outputs.
type Known = (Arguments<Spec>, Arc<[Spec]>);

impl KnownSpecs {
    /// What was said for such inputs.
    pub(super) fn find<T>(
        &self,
        inputs: &Arguments<T>,
        same: impl Fn(&T, &Spec) -> bool,
    ) -> Option<Arc<[Spec]>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().find(|(specs, _)| inputs.matches(specs, &same)).map(|(_, outputs)| outputs.clone())
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Remembers what was said; the oldest call makes room.
    pub(super) fn add(&self, inputs: &Arguments<Spec>, outputs: &Arc<[Spec]>) {
        // Arrays among the arguments may be large.
        if inputs.holds_structures() {
            return;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.truncate(CALLS - 1);
        known.push_front((inputs.clone(), outputs.clone()));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::config::KerasConfig;
    use crate::layer::{
        CallContext, ForwardPass, InputShapes, Inputs, Layer, LayerBase, LayerExt, Outputs, Signature,
    };
    use crate::{DType, Error, Result, Shape, Tensor};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Counts how often it is asked for shapes.
    #[derive(Clone, Debug, KerasConfig)]
    #[keras(package = "tests")]
    struct Counting {
        base: LayerBase,
        #[keras(skip)]
        asked: Arc<AtomicUsize>,
    }

    impl Layer for Counting {
        fn signature(&self) -> Signature {
            Signature::new(&["inputs", "flag"])
        }

        fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
            Ok(inputs.into_list().swap_remove(0).into())
        }

        fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            if inputs.list()[0].rank() > 2 {
                return Err(Error::shape("Counting", "inputs", "two axes", "more"));
            }
            Ok(vec![inputs.list()[0].clone()])
        }
    }

    #[test]
    fn shapes_are_inferred_once_for_calls_of_the_same_shapes_types_and_arguments() {
        let layer = Counting::new();
        let asked = layer.asked.clone();
        let layer = layer.shared();
        let count = |rows: usize, dtype| {
            layer.call(&[Tensor::ones([rows, 2], dtype).unwrap()]).unwrap();
            asked.load(Ordering::Relaxed)
        };
        assert_eq!([count(1, DType::F32), count(1, DType::F32), count(2, DType::F32)], [1, 1, 2]);
        assert_eq!([count(1, DType::F32), count(1, DType::I32), count(1, DType::I32)], [2, 3, 3]);
        for flag in [true, false, true] {
            let x = Tensor::ones([1, 2], DType::F32).unwrap();
            let arguments = layer.arguments(vec![x.into()]);
            let arguments = arguments.with("flag", crate::layer::Argument::Data(flag.into()));
            layer.run(arguments, &mut ForwardPass::default()).unwrap();
        }
        assert_eq!(asked.load(Ordering::Relaxed), 5);
        // Errors are not remembered, and old calls make room.
        let deep = Tensor::ones([1, 2, 2], DType::F32).unwrap();
        for _ in 0..2 {
            assert!(layer.call(std::slice::from_ref(&deep)).is_err());
        }
        assert_eq!(asked.load(Ordering::Relaxed), 7);
        for rows in 3..9 {
            count(rows, DType::F32);
        }
        assert_eq!(count(3, DType::F32), 14);
        assert_eq!(count(8, DType::F32), 14);
    }
}
