//! Sequences that models see piece by piece, with the keys and values of earlier pieces kept.

use keras_rs::layer::KeyValueCache;
use keras_rs::prelude::*;
use keras_rs::random;
use std::sync::{Arc, Mutex};

/// Notes how many positions each call has.
#[derive(Clone, Debug, KerasConfig)]
#[keras(package = "tests")]
struct Rows {
    base: LayerBase,
    #[keras(skip)]
    seen: Arc<Mutex<Vec<usize>>>,
}

impl Layer for Rows {
    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = inputs.into_single()?;
        self.seen.lock().unwrap().push(x.dim(1)?);
        Ok(x.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(vec![inputs.single()?.clone()])
    }

    fn supports_masking(&self) -> bool {
        true
    }
}

const FEATURES: usize = 6;

/// Two layers of attention, one of them called twice, with a mask where the first feature is zero.
fn decoder(attention: [LayerRef; 2], rows: Rows) -> Model {
    let x = Input::new([None, Some(FEATURES)]);
    let mut y = Masking::new().apply(&x).unwrap();
    for layer in [&attention[0], &attention[1], &attention[0]] {
        let normal = LayerNormalization::new().apply(&y).unwrap();
        let seen = layer.apply_with([&normal, &normal], Call::new().use_causal_mask(true)).unwrap();
        y = Add::new().apply([&y, &seen]).unwrap();
        y = rows.clone().apply(&y).unwrap();
    }
    Model::new([&x], [&y]).unwrap()
}

fn sequence(batch: usize, positions: usize) -> Tensor {
    let device = keras_rs::backend::default_device().unwrap();
    random::normal(&[batch, positions, FEATURES], 0.0, 1.0, DType::F32, &device, 5).unwrap()
}

fn difference(a: &Tensor, b: &Tensor) -> f64 {
    a.sub(b).unwrap().abs().unwrap().max(&[], false).unwrap().to_scalar().unwrap()
}

/// The outputs of pieces that end at these positions.
fn in_pieces(model: &Model, x: &Tensor, ends: &[usize], cache: &mut KeyValueCache) -> Tensor {
    let mut start = 0;
    let pieces: Vec<Tensor> = ends
        .iter()
        .map(|&end| {
            let piece = x.narrow(1, start..end).unwrap();
            start = end;
            model.call_cached(&[piece], cache).unwrap().remove(0)
        })
        .collect();
    Tensor::concat(&pieces, 1).unwrap()
}

fn pairs() -> Vec<(&'static str, [LayerRef; 2])> {
    let heads = || MultiHeadAttention::new(2, 4);
    let groups = || GroupQueryAttention::new(4, 4, 2);
    vec![
        ("plain", [heads().shared(), groups().shared()]),
        ("gate", [heads().use_gate(true).value_dim(3).shared(), groups().use_gate(true).shared()]),
        ("window", [heads().sliding_window(3).shared(), groups().sliding_window(2).shared()]),
        ("dropout", [heads().dropout(0.5).shared(), groups().dropout(0.5).shared()]),
        ("one group", [heads().use_bias(false).shared(), GroupQueryAttention::new(2, 3, 1).shared()]),
    ]
}

#[test]
fn pieces_give_what_the_whole_sequence_gives() {
    for (name, attention) in pairs() {
        let model = decoder(attention, Rows::new());
        let x = sequence(2, 9);
        let whole = model.call(&[x.clone()]).unwrap().remove(0);
        for ends in [vec![3, 4, 5, 6, 7, 8, 9], vec![1, 4, 9], vec![9], (1..10).collect()] {
            for mut cache in
                [KeyValueCache::new(), KeyValueCache::with_capacity(2), KeyValueCache::with_capacity(9)]
            {
                let got = in_pieces(&model, &x, &ends, &mut cache);
                let off = difference(&got, &whole);
                assert!(off < 1e-5, "{name} {ends:?}: {off}");
                assert_eq!(cache.len(), 9);
            }
        }
    }
}

#[test]
fn a_token_costs_one_row() {
    let rows = Rows::new();
    let (_, attention) = pairs().remove(0);
    let model = decoder(attention, rows.clone());
    let mut cache = KeyValueCache::new();
    in_pieces(&model, &sequence(1, 8), &[5, 6, 7, 8], &mut cache);
    assert_eq!(*rows.seen.lock().unwrap(), [5, 5, 5, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
}

#[test]
fn masked_positions_stay_masked() {
    let (_, attention) = pairs().remove(0);
    let model = decoder(attention, Rows::new());
    let x = sequence(2, 6);
    // The first sample begins with two positions that `Masking` takes out.
    let empty = x.narrow(0, 0..1).unwrap().narrow(1, 0..2).unwrap().mul_scalar(0.0).unwrap();
    let first = Tensor::concat(&[empty, x.narrow(0, 0..1).unwrap().narrow(1, 2..6).unwrap()], 1).unwrap();
    let x = Tensor::concat(&[first, x.narrow(0, 1..2).unwrap()], 0).unwrap();
    let whole = model.call(&[x.clone()]).unwrap().remove(0);
    let got = in_pieces(&model, &x, &[3, 4, 5, 6], &mut KeyValueCache::new());
    // What comes out at masked positions, which see nothing, means nothing.
    let counting = |y: &Tensor| y.narrow(1, 2..6).unwrap();
    assert!(difference(&counting(&got), &counting(&whole)) < 1e-5);
}

#[test]
fn masks_may_come_late() {
    let layer = GroupQueryAttention::new(4, 4, 2).shared();
    let x = Input::new([None, Some(FEATURES)]);
    let mask = Input::new(Shape::from([None])).dtype(DType::Bool);
    let call = Call::new().use_causal_mask(true);
    let plain = Model::new([&x], [&layer.apply_with([&x, &x], call).unwrap()]).unwrap();
    let call = Call::new().use_causal_mask(true).value_mask(&mask);
    let masked = Model::new([&x, &mask], [&layer.apply_with([&x, &x], call).unwrap()]).unwrap();
    let sequence = sequence(1, 5);
    let seen = Tensor::from_vec(vec![true, true, true, false, true], [1, 5]).unwrap();
    let whole = masked.call(&[sequence.clone(), seen.clone()]).unwrap().remove(0);
    let piece = |range: std::ops::Range<usize>| sequence.narrow(1, range).unwrap();
    let mut cache = KeyValueCache::new();
    plain.call_cached(&[piece(0..3)], &mut cache).unwrap();
    let got =
        masked.call_cached(&[piece(3..5), seen.narrow(1, 3..5).unwrap()], &mut cache).unwrap().remove(0);
    assert!(difference(&got, &whole.narrow(1, 3..5).unwrap()) < 1e-5);
}

#[test]
fn a_shortened_sequence_goes_on_from_its_end() {
    let (_, attention) = pairs().remove(0);
    let model = decoder(attention, Rows::new());
    let x = sequence(1, 6);
    let mut cache = KeyValueCache::new();
    in_pieces(&model, &x, &[4, 5], &mut cache);
    cache.truncate(3);
    let got = model.call_cached(&[x.narrow(1, 3..6).unwrap()], &mut cache).unwrap().remove(0);
    let whole = model.call(&[x]).unwrap().remove(0);
    assert!(difference(&got, &whole.narrow(1, 3..6).unwrap()) < 1e-5);
}

#[test]
fn what_does_not_go_on_is_refused_and_changes_nothing() {
    let (_, attention) = pairs().remove(0);
    let model = decoder(attention, Rows::new());
    let x = sequence(2, 4);
    let mut cache = KeyValueCache::new();
    model.call_cached(&[x.narrow(1, 0..3).unwrap()], &mut cache).unwrap();
    let other_batch = sequence(1, 1);
    let error = format!("{:?}", model.call_cached(&[other_batch], &mut cache).unwrap_err());
    assert!(error.contains("cache"), "{error}");
    assert_eq!(cache.len(), 3);
    let got = model.call_cached(&[x.narrow(1, 3..4).unwrap()], &mut cache).unwrap().remove(0);
    let whole = model.call(&[x.clone()]).unwrap().remove(0);
    assert!(difference(&got, &whole.narrow(1, 3..4).unwrap()) < 1e-5);
    let (_, attention) = pairs().remove(0);
    let other_model = decoder(attention, Rows::new());
    assert!(other_model.call_cached(&[x.narrow(1, 3..4).unwrap()], &mut cache).is_err());
}
