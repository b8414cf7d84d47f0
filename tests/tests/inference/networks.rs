//! Every layer that has a kernel, and every pass.

use super::{agrees, alone, exact, filled, tensor};
use crate::support::{compare, devices, fixture};
use keras_rs::layer::LayerRef;
use keras_rs::layers::{EinsumDense, Permute, Reshape};
use keras_rs::prelude::*;
use keras_rs::{load_model, npz};

#[test]
fn layers_alone_have_kernels_with_the_numbers_of_the_layers() {
    let image: &[usize] = &[9, 10, 6];
    let cases: Vec<(&[usize], LayerRef)> = vec![
        (image, Conv2D::new(5, 3).activation("relu").shared()),
        (image, Conv2D::new(7, (3, 2)).strides(2).padding("same").use_bias(false).shared()),
        (image, Conv2D::new(6, 3).groups(3).dilation_rate(2).padding("same").activation("tanh").shared()),
        (image, Conv2D::new(4, 1).strides(2).activation("softmax").shared()),
        (image, DepthwiseConv2D::new(3).depth_multiplier(2).padding("same").activation("silu").shared()),
        (image, DepthwiseConv2D::new(3).strides(2).activation("relu6").shared()),
        (image, SeparableConv2D::new(5, 3).depth_multiplier(2).strides(2).activation("elu").shared()),
        (&[11, 4], Conv1D::new(5, 3).padding("causal").dilation_rate(2).activation("leaky_relu").shared()),
        (&[11, 4], Conv1D::new(5, 4).strides(3).padding("same").shared()),
        (&[13], Dense::new(9).activation("hard_sigmoid").shared()),
        (&[4, 5, 13], Dense::new(9).activation("sigmoid").shared()),
        (&[13], Dense::new(9).activation("softmax").shared()),
        (image, BatchNormalization::new().shared()),
        (&[5], BatchNormalization::new().center(false).scale(false).shared()),
        (image, LayerNormalization::new().shared()),
        (&[70], LayerNormalization::new().center(false).epsilon(0.1).shared()),
        (&[7, 33], LayerNormalization::new().scale(false).shared()),
        (image, LayerNormalization::new().rms_scaling(true).shared()),
        (image, RMSNormalization::new().shared()),
        (image, Activation::new("gelu").shared()),
        (&[13], Dense::new(9).activation("gelu").shared()),
        (&[13], Dense::new(9).activation("selu").shared()),
        (&[13], Dense::new(9).activation("softsign").shared()),
        (&[13], Dense::new(9).activation("exponential").shared()),
        (&[13], Dense::new(9).activation("hard_tanh").shared()),
        (image, ReLU::new().max_value(0.5).shared()),
        (image, LeakyReLU::new().shared()),
        (image, ELU::new().alpha(0.7).shared()),
        (image, Softmax::new().shared()),
        (image, Activation::new("hard_silu").shared()),
        (image, MaxPooling2D::new(3).strides(2).padding("same").shared()),
        (image, AveragePooling2D::new((2, 3)).padding("same").shared()),
        (&[11, 4], MaxPooling1D::new(2).shared()),
        (&[11, 4], AveragePooling1D::new(3).strides(2).padding("same").shared()),
        (image, GlobalAveragePooling2D::new().keepdims(true).shared()),
        (&[11, 4], GlobalMaxPooling1D::new().shared()),
        (image, ZeroPadding2D::new(((1, 2), (0, 3))).shared()),
        (image, Cropping2D::new(((1, 2), (0, 3))).shared()),
        (image, Permute::new(vec![3, 1, 2]).shared()),
        (image, Permute::new(vec![2, 1, 3]).shared()),
        (
            &[7, 6],
            EinsumDense::new("abc,cd->abd", [None, Some(4)]).bias_axes("d").activation("gelu").shared(),
        ),
        (&[7, 6], EinsumDense::new("abc,cde->abde", [None, Some(4), Some(3)]).bias_axes("de").shared()),
        (image, EinsumDense::new("abcd,cde->abe", [None, Some(4)]).activation("softmax").shared()),
        (image, EinsumDense::new("...x,xy->...y", [4]).activation("relu").shared()),
        (image, Rescaling::new([1.0, 2.0, 3.0, 0.5, 0.1, -1.0]).offset(0.5).shared()),
    ];
    for (shape, layer) in cases {
        let name = layer.class_name().to_string();
        assert_eq!(agrees(&alone(shape, layer), 1e-5), [""; 0], "{name}");
    }
}

fn conv(filters: usize, size: usize, x: &KerasTensor) -> Result<KerasTensor> {
    Conv2D::new(filters, size).padding("same").use_bias(false).apply(x)
}

fn normalized(x: &KerasTensor) -> Result<KerasTensor> {
    BatchNormalization::new().apply(x)
}

fn relu(x: &KerasTensor) -> Result<KerasTensor> {
    Activation::new("relu").apply(x)
}

#[test]
fn residual_blocks_end_in_their_last_convolution() {
    let x = Input::new([12, 12, 8]).keras_tensor().unwrap();
    let start = relu(&normalized(&conv(8, 3, &x).unwrap()).unwrap()).unwrap();
    let y = relu(&normalized(&conv(8, 1, &start).unwrap()).unwrap()).unwrap();
    let y = normalized(&conv(8, 3, &y).unwrap()).unwrap();
    let y = relu(&Add::new().apply([&start, &y]).unwrap()).unwrap();
    // Both operands made by convolutions, and one that is needed again.
    let a = normalized(&conv(8, 1, &y).unwrap()).unwrap();
    let b = conv(8, 3, &y).unwrap();
    let sum = Add::new().apply([&a, &b]).unwrap();
    let more = Add::new().apply([&sum, &b]).unwrap();
    let twice = Add::new().apply([&more, &more]).unwrap();
    let model = Model::new(&x, [&twice, &sum]).unwrap();
    assert_eq!(agrees(&model, 1e-5), [""; 0]);
}

#[test]
fn inverted_residuals_are_one_step_each() {
    let widened = |filters: usize, activation: &str, x: &KerasTensor| {
        let x = normalized(&conv(filters, 1, x).unwrap()).unwrap();
        Activation::new(activation).apply(&x).unwrap()
    };
    let depthwise = |size: usize, stride: usize, x: &KerasTensor| {
        let layer = DepthwiseConv2D::new(size).strides(stride).use_bias(false);
        let layer = if stride == 1 { layer.padding("same") } else { layer };
        Activation::new("relu6").apply(normalized(&layer.apply(x).unwrap()).unwrap()).unwrap()
    };
    let x = Input::new([58, 30, 3]).keras_tensor().unwrap();
    // A first layer with a window, one of points before zeros and strides, none at all.
    let y = Conv2D::new(16, 3).strides(2).padding("same").activation("relu6").apply(&x).unwrap();
    let y = normalized(&conv(8, 1, &depthwise(3, 1, &y)).unwrap()).unwrap();
    let padded = ZeroPadding2D::new(((0, 1), (0, 1))).apply(widened(48, "silu", &y)).unwrap();
    let y = conv(32, 1, &depthwise(3, 2, &padded)).unwrap();
    let y = conv(12, 1, &depthwise(5, 1, &y)).unwrap();
    // Sums with what is made before and after the first layers of the block.
    let z = conv(12, 1, &depthwise(3, 1, &widened(32, "relu6", &y))).unwrap();
    let y = Add::new().apply([&y, &z]).unwrap();
    let wide = widened(32, "relu6", &y);
    let other = conv(12, 3, &y).unwrap();
    let z = conv(12, 1, &depthwise(3, 1, &wide)).unwrap();
    let y = relu(&Add::new().apply([&other, &z]).unwrap()).unwrap();
    // Needed again, and of channels that are no multiple of a vector.
    let wide = widened(64, "relu6", &y);
    let z = conv(12, 1, &depthwise(3, 1, &wide)).unwrap();
    let odd = conv(5, 1, &depthwise(3, 1, &widened(24, "relu6", &z))).unwrap();
    let model = Model::new(&x, [&y, &z, &wide, &odd]).unwrap();
    assert_eq!(agrees(&model, 1e-5), [""; 0]);
    // More images than threads, so that no layer is too small.
    let device = devices().into_iter().rfind(|device| device.backend().is_cpu()).expect("a CPU");
    let steps = model.profile_predict(&[tensor(&[64, 58, 30, 3], 3, &device)]).unwrap().expect("a plan");
    let blocks = steps.iter().filter(|step| step.kind == "inverted residual");
    assert_eq!(blocks.count(), 6);
}

#[test]
fn padding_goes_into_windows_only_where_zeros_change_nothing() {
    let x = Input::new([11, 11, 5]).keras_tensor().unwrap();
    let padded = ZeroPadding2D::new(3).apply(&x).unwrap();
    let y = Conv2D::new(8, 7).strides(2).apply(&padded).unwrap();
    // Negative numbers: the padding wins.
    let negative = MaxPooling2D::new(3).strides(2).apply(ZeroPadding2D::new(1).apply(&y).unwrap()).unwrap();
    let positive = relu(&y).unwrap();
    let folded =
        MaxPooling2D::new(3).strides(2).apply(ZeroPadding2D::new(1).apply(&positive).unwrap()).unwrap();
    // Windows of nothing but padding.
    let wide = MaxPooling2D::new(2).apply(ZeroPadding2D::new(2).apply(&positive).unwrap()).unwrap();
    let depthwise =
        DepthwiseConv2D::new(3).strides(2).apply(ZeroPadding2D::new(((0, 1), (0, 1))).apply(&y).unwrap());
    let model = Model::new(&x, [&negative, &folded, &wide, &depthwise.unwrap(), &padded]).unwrap();
    assert_eq!(agrees(&model, 1e-5), [""; 0]);
}

#[test]
fn dense_blocks_write_into_their_concatenation() {
    let x = Input::new([8, 8, 3]).keras_tensor().unwrap();
    let mut y = relu(&normalized(&conv(6, 3, &x).unwrap()).unwrap()).unwrap();
    for _ in 0..3 {
        let inner = relu(&normalized(&y).unwrap()).unwrap();
        let inner = relu(&normalized(&conv(12, 1, &inner).unwrap()).unwrap()).unwrap();
        let grown = conv(4, 3, &inner).unwrap();
        y = Concatenate::new().apply([&y, &grown]).unwrap();
    }
    let y = conv(9, 1, &relu(&normalized(&y).unwrap()).unwrap()).unwrap();
    let y = AveragePooling2D::new(2).apply(&y).unwrap();
    let y = relu(&normalized(&y).unwrap()).unwrap();
    let y = GlobalAveragePooling2D::new().apply(&y).unwrap();
    let model = Model::new(&x, Dense::new(4).activation("softmax").apply(&y).unwrap()).unwrap();
    assert_eq!(agrees(&model, 1e-5), [""; 0]);
}

#[test]
fn concatenations_of_all_kinds_hold_their_inputs() {
    let x = Input::new([6, 6, 4]).keras_tensor().unwrap();
    let a = conv(3, 3, &x).unwrap();
    let b = conv(5, 1, &a).unwrap();
    // Read from and written to the same buffer, twice the same, the input, something flat, in two at once.
    let ab = Concatenate::new().apply([&a, &b]).unwrap();
    let twice = Concatenate::new().apply([&ab, &a, &a, &x]).unwrap();
    let other = Concatenate::new().apply([&b, &ab]).unwrap();
    let flat = Flatten::new().apply(&b).unwrap();
    let pooled = GlobalMaxPooling2D::new().apply(&other).unwrap();
    let joined = Concatenate::new().apply([&flat, &pooled]).unwrap();
    let shaped = Reshape::new([3, 12, -1]).apply(&twice).unwrap();
    let normed = relu(&shaped).unwrap();
    let model = Model::new(&x, [&joined, &normed, &other, &ab]).unwrap();
    assert_eq!(agrees(&model, 1e-5), [""; 0]);
}

#[test]
fn squeeze_and_excite_multiplies_channels() {
    let x = Input::new([7, 7, 6]).keras_tensor().unwrap();
    let y = DepthwiseConv2D::new(3).padding("same").activation("silu").apply(&x).unwrap();
    let s = GlobalAveragePooling2D::new().apply(&y).unwrap();
    let s = Reshape::new([1, 1, 6]).apply(&s).unwrap();
    let s = Conv2D::new(2, 1).activation("relu").apply(&s).unwrap();
    let s = Conv2D::new(6, 1).activation("sigmoid").apply(&s).unwrap();
    let y = Multiply::new().apply([&y, &s]).unwrap();
    let y = Multiply::new().apply([&y, &x]).unwrap();
    let y = Dropout::new(0.5).apply(&y).unwrap();
    let model = Model::new(&x, &y).unwrap();
    assert_eq!(agrees(&model, 1e-5), [""; 0]);
}

#[test]
fn layers_without_a_kernel_are_called_between_those_that_have_one() {
    let x = Input::new([10, 4]).keras_tensor().unwrap();
    let y = Dense::new(6).activation("relu").apply(&x).unwrap();
    let y = UnitNormalization::new().name("norm").apply(&y).unwrap();
    let z = Dense::new(6).apply(&y).unwrap();
    let z = (&z - &y).unwrap();
    let z = LSTM::new(5).activation("softsign").name("rnn").apply(&z).unwrap();
    let inner = {
        let x = Input::new([5]).keras_tensor().unwrap();
        Model::new(&x, Dense::new(3).activation("tanh").apply(&x).unwrap()).unwrap()
    };
    let z = inner.apply(&z).unwrap();
    let model = Model::new(&x, [&z, &y]).unwrap();
    assert_eq!(agrees(&model, 1e-5), ["norm", "subtract", "rnn"]);
}

#[test]
fn masks_reach_the_layers_that_use_them() {
    let x = Input::new([5]).dtype(DType::I32).keras_tensor().unwrap();
    let y = Embedding::new(10, 4).mask_zero(true).apply(&x).unwrap();
    let y = Dense::new(4).apply(&y).unwrap();
    let y = LSTM::new(3).apply(&y).unwrap();
    let model = Model::new(&x, Dense::new(2).apply(&y).unwrap()).unwrap();
    super::filled(&model);
    let tokens = Tensor::from_vec(vec![3_i32, 1, 0, 0, 0, 2, 2, 5, 0, 0], [2, 5]).unwrap();
    let wanted = super::exact(&model, &[tokens.clone()]);
    let planned = model.predict(&tokens).unwrap();
    crate::support::compare("masked", &planned, &wanted[0].to_data().unwrap(), 1e-5).unwrap();
    let steps = model.profile_predict(&[tokens]).unwrap().unwrap();
    let kinds: Vec<&str> = steps.iter().map(|step| step.kind).collect();
    // The mask alone is a layer's.
    assert_eq!(kinds, ["embedding", "dense", "layer", "recurrent", "dense"]);
}

#[test]
fn numbers_that_are_not_finite_come_out_where_the_layers_have_them() {
    let x = Input::new([12, 12, 64]).keras_tensor().unwrap();
    let y = Conv2D::new(64, 3).padding("same").activation("relu6").apply(&x).unwrap();
    let model = Model::new(&x, MaxPooling2D::new(2).apply(&y).unwrap()).unwrap();
    super::filled(&model);
    for odd in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut values = super::numbers(12 * 12 * 64, 3);
        values[64 * 17 + 5] = odd;
        let x = Tensor::from_vec(values, [1, 12, 12, 64]).unwrap();
        let wanted = super::exact(&model, &[x.clone()]);
        let planned = model.predict(&x).unwrap();
        crate::support::compare("odd", &planned, &wanted[0].to_data().unwrap(), 1e-5).unwrap();
    }
}

/// Networks of Keras whose inputs and layers show most of what plans do.
const NETWORKS: [&str; 8] = [
    "dense_net",
    "residual_net",
    "separable_net",
    "volume_net",
    "autoencoder",
    "normalized",
    "functional_branches",
    "recurrent_encoder_decoder",
];

#[test]
fn networks_have_what_is_not_finite_where_their_layers_have_it() {
    let mut failed = Vec::new();
    for name in NETWORKS {
        let path = |file: &str| fixture(&format!("models/{name}/{file}"));
        let case = std::fs::read_to_string(path("case.json")).unwrap();
        let case: serde_json::Value = serde_json::from_str(&case).unwrap();
        let model = load_model(path(case["model"].as_str().unwrap())).unwrap();
        let x = npz::read(path("x.npz")).unwrap();
        let inputs: Vec<Tensor> = x.into_values().map(|data| Tensor::from_data(data).unwrap()).collect();
        for odd in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            // At the border, and inside.
            for place in [0.0, 0.45] {
                let spoiled = |input: &Tensor| {
                    if input.dtype() != DType::F32 {
                        return input.clone();
                    }
                    let mut values = input.to_vec::<f32>().unwrap();
                    let at = (values.len() as f64 * place) as usize;
                    values[at] = odd;
                    Tensor::from_vec(values, input.shape()).unwrap()
                };
                let inputs: Vec<Tensor> = inputs.iter().map(spoiled).collect();
                let planned = model.predict_all(&inputs).unwrap();
                for (planned, wanted) in planned.iter().zip(exact(&model, &inputs)) {
                    let what = format!("{name} with {odd} at {place}");
                    failed.extend(compare(&what, planned, &wanted.to_data().unwrap(), 1e-5).err());
                }
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn files_of_keras_are_planned_whole() {
    // Keras writes `mask: null` into every call of a layer that takes a mask.
    for name in ["dense_net", "residual_net"] {
        let model = load_model(fixture(&format!("models/{name}/model.keras"))).unwrap();
        let x = npz::read(fixture(&format!("models/{name}/x.npz"))).unwrap();
        let inputs: Vec<Tensor> = x.into_values().map(|data| Tensor::from_data(data).unwrap()).collect();
        let steps = model.profile_predict(&inputs).unwrap().unwrap();
        let called: Vec<_> =
            steps.iter().filter(|step| step.kind == "layer").map(|step| &step.layers).collect();
        assert!(called.is_empty(), "{name}: {called:?}");
    }
}

#[test]
fn recurrent_layers_have_kernels() {
    let sequence: &[usize] = &[11, 6];
    let cases: Vec<LayerRef> = vec![
        SimpleRNN::new(5).activation("relu").shared(),
        SimpleRNN::new(5).return_sequences(true).go_backwards(true).use_bias(false).shared(),
        LSTM::new(7).shared(),
        LSTM::new(16).return_sequences(true).use_bias(false).shared(),
        GRU::new(7).return_sequences(true).shared(),
        GRU::new(5).use_bias(false).go_backwards(true).shared(),
        GRU::new(6).reset_after(false).return_sequences(true).shared(),
        Bidirectional::new(LSTM::new(4).return_sequences(true)).shared(),
        Bidirectional::new(GRU::new(4)).merge_mode("sum").shared(),
        Bidirectional::new(GRU::new(4).return_sequences(true)).merge_mode("ave").shared(),
        Bidirectional::new(SimpleRNN::new(4).return_sequences(true)).merge_mode("mul").shared(),
        Bidirectional::new(LSTM::new(4)).backward_layer(LSTM::new(2).go_backwards(true)).shared(),
    ];
    for layer in cases {
        let name = format!("{} {:?}", layer.class_name(), layer.to_json());
        assert_eq!(agrees(&alone(sequence, layer), 1e-5), [""; 0], "{name}");
    }
    // These run as they are.
    for layer in [LSTM::new(3).activation("relu").shared(), GRU::new(3).recurrent_activation("tanh").shared()]
    {
        assert!(layer.layer().form().is_none(), "{}", layer.class_name());
    }
}

#[test]
fn embeddings_are_looked_up_and_refuse_what_has_no_vector() {
    let words = Input::new([6]).dtype(DType::I32).keras_tensor().unwrap();
    let y = Embedding::new(10, 4).apply(&words).unwrap();
    let y = LSTM::new(5).apply(&y).unwrap();
    let model = Model::new(&words, Dense::new(2).apply(&y).unwrap()).unwrap();
    filled(&model);
    for (dtype, batch) in [(DType::I32, 3), (DType::I64, 2)] {
        let numbers: Vec<i32> = (0..batch * 6).map(|i| (i * 7 % 10) as i32).collect();
        let x = Tensor::from_vec(numbers, [batch, 6]).unwrap().cast(dtype).unwrap();
        let inputs = [x];
        let planned = model.predict_all(&inputs).unwrap();
        compare("embedding", &planned[0], &exact(&model, &inputs)[0].to_data().unwrap(), 1e-5).unwrap();
    }
    let x = Tensor::from_vec(vec![0, 1, 2, 3, 4, 5], [1, 6]).unwrap();
    let steps = model.profile_predict(std::slice::from_ref(&x)).unwrap().expect("a plan");
    assert!(steps.iter().all(|step| step.kind != "layer"), "{steps:?}");
    let outside = Tensor::from_vec(vec![0, 1, 2, 3, 4, 10], [1, 6]).unwrap();
    let error = model.predict(&outside).unwrap_err();
    assert!(format!("{error:?}").contains("whole numbers from 0 to 9"), "{error:?}");
}

#[test]
fn attention_with_heads_has_kernels() {
    let (x, memory) =
        (Input::new([9, 12]).keras_tensor().unwrap(), Input::new([7, 10]).keras_tensor().unwrap());
    let own = MultiHeadAttention::new(3, 4).apply([&x, &x]).unwrap();
    let causal = Call::new().use_causal_mask(true);
    let causal = MultiHeadAttention::new(2, 5).value_dim(3).apply_with([&own, &own, &own], causal).unwrap();
    let sum = Add::new().apply([&causal, &own]).unwrap();
    let cross = MultiHeadAttention::new(2, 5).use_bias(false).dropout(0.1).apply([&sum, &memory]).unwrap();
    let grouped = GroupQueryAttention::new(4, 6, 2).apply([&cross, &sum]).unwrap();
    let wide = MultiHeadAttention::new(2, 4).output_shape([5]).apply([&grouped, &memory, &memory]).unwrap();
    let model = Model::new([&x, &memory], &wide).unwrap();
    assert_eq!(agrees(&model, 1e-5), [""; 0]);
}

#[test]
fn attention_that_does_more_is_called_as_it_is() {
    let x = Input::new([9, 12]).keras_tensor().unwrap();
    let gated = MultiHeadAttention::new(3, 4).use_gate(true).name("gated").apply([&x, &x]).unwrap();
    let near = MultiHeadAttention::new(3, 4).sliding_window(2).name("near").apply([&x, &gated]).unwrap();
    let call = Call::new().return_attention_scores(true);
    let both =
        MultiHeadAttention::new(3, 4).name("scores").shared().apply_many_with([&x, &near], call).unwrap();
    let y = Dense::new(3).apply(&both[0]).unwrap();
    let model = Model::new(&x, [&y, &both[1]]).unwrap();
    assert_eq!(agrees(&model, 1e-5), ["gated", "near", "scores"]);
}

#[test]
fn sums_of_many_and_concatenations_along_any_axis() {
    let x = Input::new([6, 5]).keras_tensor().unwrap();
    let [a, b, c] = ["gelu", "tanh", "linear"].map(|name| Dense::new(5).activation(name).apply(&x).unwrap());
    let sum = Add::new().apply([&a, &x, &b, &c]).unwrap();
    let sum = (&(&sum + &x).unwrap() * &b).unwrap();
    let steps = Concatenate::new().axis(1).apply([&sum, &x, &a]).unwrap();
    let again = Concatenate::new().axis(-2).apply([&steps, &steps]).unwrap();
    let y = Concatenate::new().apply([&steps, &Dense::new(3).apply(&steps).unwrap()]).unwrap();
    let model = Model::new(&x, [&again, &y]).unwrap();
    assert_eq!(agrees(&model, 1e-5), [""; 0]);
}

#[test]
fn layers_at_every_time_step_see_one_batch() {
    let x = Input::new([4, 9, 9, 3]).keras_tensor().unwrap();
    let y = TimeDistributed::new(Conv2D::new(8, 3).activation("relu")).apply(&x).unwrap();
    let y = TimeDistributed::new(MaxPooling2D::new(2)).apply(&y).unwrap();
    let y = TimeDistributed::new(Flatten::new()).apply(&y).unwrap();
    let y = TimeDistributed::new(Dense::new(6).activation("softmax")).apply(&y).unwrap();
    let y = LSTM::new(5).return_sequences(true).apply(&y).unwrap();
    let model = Model::new(&x, [&y, &TimeDistributed::new(Dense::new(2)).apply(&y).unwrap()]).unwrap();
    assert_eq!(agrees(&model, 1e-5), [""; 0]);
    let x = Input::new([4, 6]).keras_tensor().unwrap();
    let y = Dense::new(3).apply(&x).unwrap();
    let model =
        Model::new(&x, TimeDistributed::new(UnitNormalization::new()).name("each").apply(&y).unwrap());
    assert_eq!(agrees(&model.unwrap(), 1e-5), ["each"]);
}
