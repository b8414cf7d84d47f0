//! Recurrent layers: states from call to call, states and constants of a call, cells of users, what is dropped.

use crate::support::{chain, fixture};
use keras_rs::config::{CustomObjects, KerasConfig, Value};
use keras_rs::initializers::Initializer;
use keras_rs::layer::{
    BuildScope, CallContext, Cell, ForwardPass, InputShapes, Inputs, Outputs, Signature, Symbolic,
};
use keras_rs::prelude::*;
use keras_rs::{GradientTape, load_model, load_model_with};
use std::path::PathBuf;

fn sequence(batch: usize, steps: usize, features: usize) -> Tensor {
    let values = (0..batch * steps * features).map(|i| (i as f32 * 0.7).sin()).collect();
    Tensor::from_vec(values, [batch, steps, features]).unwrap()
}

fn values(tensor: &Tensor) -> Vec<f32> {
    tensor.to_vec().unwrap()
}

fn near(a: &Tensor, b: &Tensor) {
    assert_eq!(a.shape(), b.shape());
    for (a, b) in values(a).iter().zip(values(b)) {
        assert!((a - b).abs() < 1e-6, "{a} is not {b}");
    }
}

fn saved(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("keras-rs-recurrent-{}-{name}", std::process::id()))
}

#[test]
fn a_stateful_layer_goes_on_where_the_last_call_stopped() {
    let x = sequence(2, 6, 3);
    let (first, second) = (x.narrow(1, 0..3).unwrap(), x.narrow(1, 3..6).unwrap());
    let layers = [
        LSTM::new(4).seed(1).stateful(true).shared(),
        GRU::new(4).stateful(true).shared(),
        SimpleRNN::new(4).stateful(true).shared(),
        RNN::new([LSTMCell::new(4), LSTMCell::new(2)]).stateful(true).shared(),
    ];
    for layer in layers {
        layer.call(std::slice::from_ref(&first)).unwrap();
        let continued = layer.call(std::slice::from_ref(&second)).unwrap();
        layer.reset_state().unwrap();
        let whole = layer.call(std::slice::from_ref(&x)).unwrap();
        near(&continued[0], &whole[0]);
        let other = layer.call(std::slice::from_ref(&x)).unwrap();
        assert_ne!(values(&other[0]), values(&whole[0]));
        let error = layer.call(&[sequence(3, 6, 3)]).map(drop).map_err(|e| chain(&e)).unwrap_err();
        assert!(error.contains("stateful"), "{error}");
    }
}

#[test]
fn both_directions_of_a_stateful_layer_are_reset_together() {
    let x = sequence(2, 4, 3);
    let layer = Bidirectional::new(GRU::new(3).stateful(true)).shared();
    let first = layer.call(std::slice::from_ref(&x)).unwrap();
    assert_ne!(values(&layer.call(std::slice::from_ref(&x)).unwrap()[0]), values(&first[0]));
    layer.reset_state().unwrap();
    near(&layer.call(std::slice::from_ref(&x)).unwrap()[0], &first[0]);
    assert_eq!(layer.weights().len(), 6);
}

#[test]
fn a_stateful_layer_needs_its_batch() {
    let error =
        LSTM::new(2).stateful(true).apply(Input::new([3, 2])).map(drop).map_err(|e| chain(&e)).unwrap_err();
    assert!(error.contains("lstm"), "{error}");
}

#[test]
fn states_come_by_keyword_in_a_list_and_from_another_layer() {
    let x = sequence(2, 3, 4);
    let (h, c) =
        (sequence(1, 2, 5).squeeze(&[0]).unwrap(), sequence(1, 2, 5).squeeze(&[0]).unwrap().neg().unwrap());
    let layer = LSTM::new(5).shared();
    let by_keyword = layer.call_masked(&x, Call::new().initial_state([&h, &c])).unwrap();
    let in_list = layer.call(&[x.clone(), h.clone(), c.clone()]).unwrap();
    near(&by_keyword, &in_list[0]);
    assert_ne!(values(&by_keyword), values(&layer.call(std::slice::from_ref(&x)).unwrap()[0]));

    let input = Input::new([3, 4]);
    let (sh, sc) = (Input::new([5]), Input::new([5]));
    let y = layer.apply_with(&input, Call::new().initial_state([&sh, &sc])).unwrap();
    let z = layer.apply((&input, &sh, &sc)).unwrap();
    let fixed = layer.apply_with(&input, Call::new().initial_state([&h, &c])).unwrap();
    let model = Model::new((&input, &sh, &sc), [&y, &z, &fixed]).unwrap();
    let path = saved("states.keras");
    model.save(&path).unwrap();
    let again = load_model(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    for model in [model, again] {
        let outputs = model.call(&[x.clone(), h.clone(), c.clone()]).unwrap();
        outputs.iter().for_each(|output| near(output, &by_keyword));
    }
}

#[test]
fn a_wrong_number_of_states_is_refused() {
    let x = sequence(2, 3, 4);
    let h = Tensor::zeros([2, 5], DType::F32).unwrap();
    let error = LSTM::new(5)
        .shared()
        .call_masked(&x, Call::new().initial_state([&h]))
        .map(drop)
        .map_err(|e| chain(&e))
        .unwrap_err();
    assert!(error.contains("2 states"), "{error}");
}

#[test]
fn a_state_of_another_shape_is_refused() {
    let x = sequence(2, 3, 4);
    let layer = RNN::new(GRUCell::new(5)).shared();
    let with = |shape: &[usize]| {
        let h = Tensor::ones(shape, DType::F32).unwrap();
        layer.call_masked(&x, Call::new().initial_state([&h])).map_err(|e| chain(&e))
    };
    for shape in [vec![2, 1], vec![3, 5], vec![5], vec![2, 2, 5]] {
        let error = with(&shape).unwrap_err();
        assert!(error.contains("initial_state") && error.contains("(2, 5)"), "{error}");
    }
    // One sample serves all.
    near(&with(&[1, 5]).unwrap(), &with(&[2, 5]).unwrap());
    // Strides make the state smaller than the frames.
    let video = Tensor::ones([1, 2, 4, 3], DType::F32).unwrap();
    let state = Tensor::ones([1, 4, 2], DType::F32).unwrap();
    let layer = ConvLSTM1D::new(2, 2).strides(9).padding("same").shared();
    let call = Call::new().initial_state([&state, &state]);
    let error = layer.call_masked(&video, call).map(drop).map_err(|e| chain(&e)).unwrap_err();
    assert!(error.contains("initial_state") && error.contains("(1, 1, 2)"), "{error}");
}

#[test]
fn both_directions_announce_their_own_sizes() {
    let input = Input::new([3, 4]);
    let both = |mode: &str| {
        let backward = GRU::new(3).return_state(true).go_backwards(true);
        let layer = Bidirectional::new(LSTM::new(5).return_state(true)).merge_mode(mode);
        layer.backward_layer(backward).shared()
    };
    let sizes = |layer: LayerRef| -> Vec<Option<usize>> {
        layer.apply_many(&input).unwrap().iter().map(|output| output.shape().dims()[1]).collect()
    };
    assert_eq!(sizes(both("concat")), [Some(8), Some(5), Some(5), Some(3)]);
    let error = both("sum").apply_many(&input).map(drop).map_err(|e| chain(&e)).unwrap_err();
    assert!(error.contains("backward_layer") && error.contains("(None, 5)"), "{error}");
}

/// `h' = h + x @ kernel + constant`: a cell as users write it.
#[derive(Clone, Debug, KerasConfig)]
#[keras(package = "forest")]
struct Sum {
    base: LayerBase,
    /// Size of the state.
    #[keras(new)]
    units: usize,
}

impl Layer for Sum {
    fn signature(&self) -> Signature {
        Signature::new(&["inputs", "states", "constants"])
    }

    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        let features = inputs.single()?.known_dim(scope.name(), -1)?;
        scope.weight("kernel", &[features, self.units], &Initializer::ones()).add()
    }

    fn call(&self, mut inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let mut h = inputs.take_all("states").remove(0);
        for constant in inputs.take_all("constants") {
            h = h.add(&constant)?;
        }
        let h = h.add(&inputs.into_single()?.matmul(&context.weight("kernel")?)?)?;
        Ok(vec![h.clone(), h].into())
    }

    fn cell(&self) -> Option<&dyn Cell> {
        Some(self)
    }
}

impl Cell for Sum {
    fn state_size(&self) -> Vec<usize> {
        vec![self.units]
    }
}

#[test]
fn cells_of_users_run_with_constants_stacked_and_from_files() {
    let x = Tensor::from_vec(vec![1.0_f32, 2.0, 3.0], [1, 3, 1]).unwrap();
    let layer = RNN::new(Sum::new(2)).return_sequences(true).shared();
    assert_eq!(values(&layer.call(std::slice::from_ref(&x)).unwrap()[0]), [1.0, 1.0, 3.0, 3.0, 6.0, 6.0]);
    let constant = Tensor::from_vec(vec![10.0_f32, 0.0], [1, 2]).unwrap();
    let y = layer.call_masked(&x, Call::new().constants([&constant])).unwrap();
    assert_eq!(values(&y), [11.0, 1.0, 23.0, 3.0, 36.0, 6.0]);
    // One state and one constant, in the list of Keras 2.
    let h = Tensor::zeros([1, 2], DType::F32).unwrap();
    near(&layer.call(&[x.clone(), h, constant]).unwrap()[0], &y);

    let input = Input::new([3, 1]);
    let stacked = RNN::new([Sum::new(2).shared(), GRUCell::new(3).shared()]);
    let both =
        Bidirectional::new(RNN::new(Sum::new(2))).backward_layer(RNN::new(Sum::new(2)).go_backwards(true));
    let outputs = [stacked.apply(&input).unwrap(), both.apply(&input).unwrap()];
    let model = Model::new(&input, outputs).unwrap();
    let before = model.call(std::slice::from_ref(&x)).unwrap();
    let path = saved("cells.keras");
    model.save(&path).unwrap();
    let custom = CustomObjects::new().layer("forest>Sum", Sum::from_config);
    let again = load_model_with(&path, &custom).unwrap();
    std::fs::remove_file(&path).unwrap();
    for (a, b) in before.iter().zip(again.call(std::slice::from_ref(&x)).unwrap()) {
        near(a, &b);
    }
}

/// Keras 3 has no constants: the file and the numbers are Keras 2's (`fixtures/subclassing/constants.py`).
#[test]
fn symbolic_constants_as_in_keras_2() {
    let text = std::fs::read_to_string(fixture("subclassing/constants.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let numbers = |value: &Value| -> Vec<f32> {
        value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect()
    };
    let close = |got: &Tensor, expected: &Value, what: &str| {
        let (got, expected) = (values(got), numbers(expected));
        let scale = expected.iter().fold(1.0_f32, |scale, x| scale.max(x.abs()));
        let near = |(a, b): (&f32, &f32)| (a - b).abs() <= 1e-5 * scale;
        assert!(got.len() == expected.len() && got.iter().zip(&expected).all(near), "{what}: {got:?}");
    };
    let x = Tensor::from_vec(numbers(&expected["x"]), [5, 4, 3]).unwrap();
    let constant = Tensor::from_vec(numbers(&expected["constant"]), [5, 2]).unwrap();
    let custom = CustomObjects::new().layer("forest>Sum", Sum::from_config);
    let theirs = load_model_with(fixture("subclassing/constants.h5"), &custom).unwrap();
    let path = saved("constants.keras");
    theirs.save(&path).unwrap();
    let again = load_model_with(&path, &custom).unwrap();
    std::fs::remove_file(&path).unwrap();

    let (sequence, given) = (Input::new([4, 3]), Input::new([2]));
    let given_itself = given.keras_tensor().unwrap();
    let call = Call::new().constants([&Dense::new(2).apply(&given).unwrap(), &given_itself]);
    let hidden = RNN::new(Sum::new(2)).return_sequences(true).apply_with(&sequence, call).unwrap();
    let y = Dense::new(1).apply(hidden).unwrap();
    let written = Model::new([&sequence, &given], &y).unwrap();
    written.set_weights(theirs.get_weights().unwrap()).unwrap();

    for (model, what) in [(theirs, "Keras'"), (again, "saved again"), (written, "written here")] {
        close(&model.predict_all([&x, &constant]).unwrap()[0], &expected["y"], what);
        let mut tape = GradientTape::new(&model.trainable_weights()).unwrap();
        let inputs = [tape.watch(&x).unwrap(), tape.watch(&constant).unwrap()];
        let y = model.call_with(&inputs, tape.pass()).unwrap();
        let loss = y[0].square().unwrap().sum(&[], false).unwrap();
        let mut gradients = tape.gradient(&loss).unwrap();
        // Those of the inputs come last here, first in the file.
        gradients.rotate_right(2);
        let expected = expected["gradients"].as_object().unwrap();
        assert_eq!(gradients.len(), expected.len(), "{what}");
        for (gradient, (name, expected)) in gradients.iter().zip(expected) {
            close(gradient.as_ref().unwrap(), expected, &format!("{what}: {name}"));
        }
    }
}

#[test]
fn a_layer_that_is_no_cell_is_refused() {
    let error =
        RNN::new(Dense::new(2)).apply(Input::new([3, 2])).map(drop).map_err(|e| chain(&e)).unwrap_err();
    assert!(error.contains("cell") && error.contains("Dense"), "{error}");
}

/// Whether every step of a call has the same mask, and the next call another one.
fn one_mask_a_call(layer: &LayerRef) {
    let x = Tensor::ones([1, 4, 65], DType::F32).unwrap();
    let train = || {
        let y = layer.call_with(std::slice::from_ref(&x), &mut ForwardPass::new(true)).unwrap();
        values(&y[0])
    };
    let first = train();
    // A state that adds up the inputs grows by the same at every step.
    let growth: Vec<f32> = first.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(growth.iter().all(|g| (g - first[0]).abs() < 1e-3), "{first:?}");
    assert!(first[0] != 65.0);
    assert_ne!(train(), first);
}

#[test]
fn a_call_drops_the_same_at_every_step() {
    let cell = || {
        SimpleRNNCell::new(1).activation("linear").kernel_initializer("ones").recurrent_initializer("ones")
    };
    one_mask_a_call(&RNN::new(cell().dropout(0.5).seed(3)).return_sequences(true).shared());
    let layer =
        SimpleRNN::new(1).activation("linear").kernel_initializer("ones").recurrent_initializer("ones");
    one_mask_a_call(&layer.dropout(0.5).return_sequences(true).shared());
}

#[test]
fn layers_inside_wrappers_get_names_that_follow_the_pattern() {
    let x = Input::new([4, 3]);
    let y = Bidirectional::new(LSTM::new(2).return_sequences(true)).apply(&x).unwrap();
    let y = Bidirectional::new(LSTM::new(2)).apply(&y).unwrap();
    let model = Model::new(&x, &y).unwrap();
    let paths: Vec<String> = model.weights().iter().map(|v| v.path()).step_by(3).collect();
    let wanted = [
        "bidirectional/forward_lstm",
        "bidirectional/backward_lstm",
        "bidirectional_1/forward_lstm_1",
        "bidirectional_1/backward_lstm_1",
    ];
    assert_eq!(paths, wanted.map(|layer| format!("{layer}/lstm_cell/kernel")));
}

#[test]
fn masks_of_an_embedding_travel_through_recurrent_layers() {
    let x = Tensor::from_vec(vec![1_i32, 2, 0, 0, 3, 0, 0, 0], [2, 4]).unwrap();
    let input = Input::new(Shape::new(vec![None])).dtype(DType::I32);
    let y = Embedding::new(5, 3).mask_zero(true).apply(&input).unwrap();
    let y = LSTM::new(3).return_sequences(true).apply(&y).unwrap();
    let last = GRU::new(2).apply(&y).unwrap();
    let model = Model::new(&input, [&y, &last]).unwrap();
    let [all, last]: [Tensor; 2] = model.call(&[x.clone()]).unwrap().try_into().unwrap();
    // The second sample has one step, so that the others repeat its output.
    let steps = values(&all.narrow(0, 1..2).unwrap());
    assert!(steps.chunks(3).all(|step| step == &steps[..3]));
    let short = model.call(&[x.narrow(1, 0..2).unwrap()]);
    near(&short.unwrap()[1], &last);
}

#[test]
fn gradients_flow_through_states() {
    let layer = LSTM::new(3).return_state(true).shared();
    let (x, h) = (sequence(2, 3, 2), Tensor::ones([2, 3], DType::F32).unwrap());
    layer.call(std::slice::from_ref(&x)).unwrap();
    let mut tape = GradientTape::new(&[]).unwrap();
    let h = tape.watch(&h).unwrap();
    let y = layer.call_with(&[x, h.clone(), h], tape.pass()).unwrap();
    let loss = y[0].sum(&[], false).unwrap();
    let gradients = tape.gradient(&loss).unwrap();
    assert!(values(gradients[0].as_ref().unwrap()).iter().any(|g| *g != 0.0));
}

#[test]
fn files_of_keras_2_with_time_first_are_refused() {
    let layer = LSTM::new(2).shared();
    let mut file = layer.to_json();
    file["config"]["time_major"] = Value::Bool(true);
    let read = |file: &Value| {
        let custom = CustomObjects::new();
        keras_rs::config::Loading::new(&custom).object::<Box<dyn Layer>>(file, "test", "layer").map(drop)
    };
    assert!(read(&file).map_err(|e| chain(&e)).unwrap_err().contains("time_major"));
    file["config"]["time_major"] = Value::Bool(false);
    file["config"]["implementation"] = 1.into();
    read(&file).unwrap();
}

#[test]
fn gradients_of_a_stateful_layer_start_from_the_states_that_it_kept() {
    let (first, second) = (sequence(2, 3, 4), sequence(2, 2, 4).neg().unwrap());
    let kept = LSTM::new(3).seed(2).stateful(true).return_state(true).shared();
    let given = LSTM::new(3).return_state(true).shared();
    let states = kept.call(std::slice::from_ref(&first)).unwrap();
    given.call(std::slice::from_ref(&first)).unwrap();
    for (to, from) in given.weights().iter().zip(kept.weights()) {
        to.assign(&from.value().unwrap()).unwrap();
    }
    let gradients = |layer: &LayerRef, inputs: &[Tensor]| {
        let mut tape = GradientTape::new(&layer.trainable_variables()).unwrap();
        let x = tape.watch(&inputs[0]).unwrap();
        let inputs: Vec<Tensor> = std::iter::once(x).chain(inputs[1..].iter().cloned()).collect();
        let y = layer.call_with(&inputs, tape.pass()).unwrap();
        let loss =
            y.iter().map(|y| y.mul(y).unwrap().sum(&[], false).unwrap()).reduce(|a, b| a.add(&b).unwrap());
        let gradients = tape.gradient(&loss.unwrap()).unwrap();
        gradients.into_iter().map(Option::unwrap).collect::<Vec<_>>()
    };
    let of_kept = gradients(&kept, std::slice::from_ref(&second));
    let of_given = gradients(&given, &[second, states[1].clone(), states[2].clone()]);
    assert_eq!(of_kept.len(), 4);
    for (a, b) in of_kept.iter().zip(&of_given) {
        assert!(values(a).iter().any(|g| g.abs() > 1e-3));
        near(a, b);
    }
}
