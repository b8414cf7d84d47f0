//! What layers do in training and what they refuse, where Keras' own numbers are random.

use crate::support::devices;
use crate::support::layer::Call;
use keras_rs::layer::{Argument, Arguments};
use keras_rs::layers::LayerRef;
use keras_rs::prelude::*;

fn train(layer: &LayerRef, x: &Tensor) -> Vec<f32> {
    Call::new(vec![x.clone()]).training(true).run(layer).unwrap().outputs[0].to_vec().unwrap()
}

#[test]
fn dropout_drops_its_rate_and_keeps_the_sum() {
    let x = Tensor::ones([100, 1000], DType::F32).unwrap();
    for rate in [0.1, 0.5, 0.9] {
        let values = train(&Dropout::new(rate).shared(), &x);
        let kept = (1.0 / (1.0 - rate)) as f32;
        assert!(values.iter().all(|&v| v == 0.0 || v == kept));
        let dropped = values.iter().filter(|&&v| v == 0.0).count() as f64 / 1e5;
        // Five standard deviations of the binomial distribution.
        assert!((dropped - rate).abs() < 5.0 * (rate * (1.0 - rate) / 1e5).sqrt(), "{rate}: {dropped}");
    }
}

#[test]
fn dropout_with_a_seed_repeats_itself_in_sequence() {
    let x = Tensor::ones([1, 64], DType::F32).unwrap();
    let (a, b) = (Dropout::new(0.5).seed(1).shared(), Dropout::new(0.5).seed(1).shared());
    let first = train(&a, &x);
    let second = train(&a, &x);
    assert_ne!(first, second);
    assert_eq!([train(&b, &x), train(&b, &x)], [first.clone(), second]);
    assert_ne!(train(&Dropout::new(0.5).seed(2).shared(), &x), first);
    assert_ne!(train(&Dropout::new(0.5).shared(), &x), train(&Dropout::new(0.5).shared(), &x));
}

#[test]
fn dropout_repeats_its_mask_along_axes_of_size_one() {
    for device in devices() {
        let x = Tensor::ones([2, 3, 16], DType::F32).unwrap().to_device(&device).unwrap();
        let layer = Dropout::new(0.5).noise_shape([None, Some(1), Some(16)]).shared();
        let values = train(&layer, &x);
        for sample in values.chunks(48) {
            assert_eq!(sample[..16], sample[16..32]);
            assert_eq!(sample[..16], sample[32..]);
        }
        assert_ne!(values[..16], values[48..64]);
        let unfit = Dropout::new(0.5).noise_shape([None, Some(2), Some(16)]).shared();
        let error = Call::new(vec![x]).training(true).run(&unfit).err().unwrap();
        assert!(error.to_string().contains("dropout"), "{error}");
    }
}

#[test]
fn gaussian_noise_has_its_mean_and_deviation() {
    let x = Tensor::ones([100, 1000], DType::F32).unwrap();
    for stddev in [0.1, 0.5, 1.0] {
        let noise: Vec<f64> =
            train(&GaussianNoise::new(stddev).shared(), &x).iter().map(|&y| f64::from(y) - 1.0).collect();
        let mean = noise.iter().sum::<f64>() / 1e5;
        let variance = noise.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 1e5;
        // Five standard deviations of the two estimates.
        assert!(mean.abs() < 5.0 * stddev / 1e5_f64.sqrt(), "{stddev}: mean {mean}");
        let error = (variance / stddev.powi(2) - 1.0).abs();
        assert!(error < 5.0 * (2.0 / 1e5_f64).sqrt(), "{stddev}: variance {variance}");
        let far = noise.iter().filter(|v| v.abs() > 2.0 * stddev).count() as f64 / 1e5;
        // A normal distribution has 4.55 % further than two standard deviations from its mean.
        assert!((far - 0.0455).abs() < 0.005, "{stddev}: {far} in the tails");
    }
}

#[test]
fn gaussian_noise_with_a_seed_repeats_itself_in_sequence() {
    let x = Tensor::ones([1, 64], DType::F32).unwrap();
    let (a, b) = (GaussianNoise::new(0.5).seed(1).shared(), GaussianNoise::new(0.5).seed(1).shared());
    let first = train(&a, &x);
    let second = train(&a, &x);
    assert_ne!(first, second);
    assert_eq!([train(&b, &x), train(&b, &x)], [first.clone(), second]);
    assert_ne!(train(&GaussianNoise::new(0.5).seed(2).shared(), &x), first);
}

#[test]
fn an_embedding_refuses_numbers_without_a_vector() {
    for device in devices() {
        let layer = Embedding::new(4, 2).embeddings_initializer("ones").name("words").shared();
        for bad in [4_i64, -1, i64::MAX, 1 << 40, i64::MIN] {
            let x = Tensor::from_vec(vec![0, bad], [1, 2]).unwrap().to_device(&device).unwrap();
            let error = layer.call(&[x]).unwrap_err();
            assert!(error.to_string().contains("words"), "{error}");
        }
        let x = Tensor::from_vec(vec![f32::NAN], [1, 1]).unwrap().to_device(&device).unwrap();
        assert!(layer.call(&[x]).is_err());
        let x = Tensor::from_vec(vec![3.9_f32, -0.5], [1, 2]).unwrap().to_device(&device).unwrap();
        assert_eq!(layer.call(&[x]).unwrap()[0].shape(), [1, 2, 2]);
    }
}

#[test]
fn a_frozen_batch_normalization_keeps_its_statistics() {
    let layer = BatchNormalization::new().shared();
    let x = Tensor::from_vec(vec![5.0_f32, 7.0], [2, 1]).unwrap();
    layer.set_trainable(false);
    let before = train(&layer, &x);
    assert_eq!(layer.call(std::slice::from_ref(&x)).unwrap()[0].to_vec::<f32>().unwrap(), before);
    layer.set_trainable(true);
    assert_ne!(train(&layer, &x), before);
    assert_ne!(layer.variables()[2].value().unwrap().to_scalar().unwrap(), 0.0);
}

#[test]
fn masks_travel_through_merging_layers() {
    let (x, y) = (Input::new([3]).dtype(DType::I32), Input::new([3]).dtype(DType::I32));
    let embedding = Embedding::new(3, 1).embeddings_initializer("ones").mask_zero(true).shared();
    let (a, b) = (embedding.apply(&x).unwrap(), embedding.apply(&y).unwrap());
    let product = Multiply::new().apply([&a, &b]).unwrap();
    let model = Model::new([&x, &y], &product).unwrap();
    let first = Tensor::from_vec(vec![1, 0, 0], [1, 3]).unwrap();
    let second = Tensor::from_vec(vec![1, 2, 0], [1, 3]).unwrap();
    // Keras gives 1 where one input is masked, and 0 where both are.
    let outputs = model.predict([&first, &second]).unwrap();
    assert_eq!(outputs.to_vec::<f32>().unwrap(), [1.0, 1.0, 0.0]);
}

/// Mean and variance of values.
fn moments(values: &[f32]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
    (mean, values.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / count)
}

#[test]
fn gaussian_dropout_has_its_mean_and_deviation() {
    let x = Tensor::ones([100, 1000], DType::F32).unwrap();
    for rate in [0.1, 0.5, 0.8] {
        let (mean, variance) = moments(&train(&GaussianDropout::new(rate).shared(), &x));
        let wanted: f64 = rate / (1.0 - rate);
        // Five standard deviations of the two estimates.
        assert!((mean - 1.0).abs() < 5.0 * (wanted / 1e5).sqrt(), "{rate}: mean {mean}");
        assert!(
            (variance / wanted - 1.0).abs() < 5.0 * (2.0 / 1e5_f64).sqrt(),
            "{rate}: variance {variance}"
        );
    }
    let error = Call::new(vec![x]).training(true).run(&GaussianDropout::new(1.0).shared()).err().unwrap();
    assert!(error.to_string().contains("gaussian_dropout"), "{error}");
}

#[test]
fn alpha_dropout_keeps_mean_and_variance() {
    // Standard normal values, which `selu` keeps standard normal.
    let noise = train(&GaussianNoise::new(1.0).shared(), &Tensor::zeros([100, 1000], DType::F32).unwrap());
    let x = Tensor::from_vec(noise.clone(), [100, 1000]).unwrap();
    for rate in [0.1, 0.5, 0.9] {
        let values = train(&AlphaDropout::new(rate).shared(), &x);
        let (mean, variance) = moments(&values);
        assert!(mean.abs() < 0.03, "{rate}: mean {mean}");
        assert!((variance - 1.0).abs() < 0.03, "{rate}: variance {variance}");
        // What is dropped has one value.
        let scale = ((1.0 - rate) * (1.0 + rate * 1.758_099_3_f64.powi(2))).powf(-0.5);
        let floor = -scale * 1.758_099_3 * (1.0 - rate);
        let dropped = values.iter().filter(|&&v| (f64::from(v) - floor).abs() < 1e-5).count() as f64 / 1e5;
        assert!(
            (dropped - rate).abs() < 5.0 * (rate * (1.0 - rate) / 1e5).sqrt() + 1e-4,
            "{rate}: {dropped}"
        );
    }
    let error = Call::new(vec![x]).training(true).run(&AlphaDropout::new(1.0).shared()).err().unwrap();
    assert!(error.to_string().contains("alpha_dropout"), "{error}");
}

#[test]
fn alpha_dropout_repeats_its_mask_along_axes_of_size_one() {
    let x = Tensor::zeros([2, 3, 16], DType::F32).unwrap();
    let values = train(&AlphaDropout::new(0.5).noise_shape([None, Some(1), Some(16)]).shared(), &x);
    for sample in values.chunks(48) {
        assert_eq!(sample[..16], sample[16..32]);
        assert_eq!(sample[..16], sample[32..]);
    }
    assert_ne!(values[..16], values[48..64]);
}

#[test]
fn spatial_dropout_drops_whole_channels() {
    for device in devices() {
        let x = Tensor::ones([50, 6, 4, 40], DType::F32).unwrap().to_device(&device).unwrap();
        let values = train(&SpatialDropout2D::new(0.3).shared(), &x);
        let kept = (1.0_f64 / 0.7) as f32;
        assert!(values.iter().all(|&v| v == 0.0 || v == kept));
        for sample in values.chunks(6 * 4 * 40) {
            assert!(sample.chunks(40).all(|place| place == &sample[..40]));
        }
        let channels: Vec<f32> = values.chunks(6 * 4 * 40).flat_map(|sample| sample[..40].to_vec()).collect();
        let dropped = channels.iter().filter(|&&v| v == 0.0).count() as f64 / 2e3;
        assert!((dropped - 0.3).abs() < 5.0 * (0.21 / 2e3_f64).sqrt(), "{dropped}");
    }
    let x = Tensor::ones([2, 8, 3, 3], DType::F32).unwrap();
    let values = train(&SpatialDropout2D::new(0.5).data_format("channels_first").shared(), &x);
    assert!(values.chunks(9).all(|channel| channel.iter().all(|v| *v == channel[0])));
}

#[test]
fn dropouts_with_a_seed_repeat_themselves_in_sequence() {
    let x = Tensor::ones([1, 4, 64], DType::F32).unwrap();
    let pairs: [fn() -> LayerRef; 3] = [
        || GaussianDropout::new(0.5).seed(1).shared(),
        || AlphaDropout::new(0.5).seed(1).shared(),
        || SpatialDropout1D::new(0.5).seed(1).shared(),
    ];
    for make in pairs {
        let (a, b) = (make(), make());
        let (first, second) = (train(&a, &x), train(&a, &x));
        assert_ne!(first, second);
        assert_eq!([train(&b, &x), train(&b, &x)], [first, second]);
    }
}

/// A model with weights on `flex`, and another on `ndarray`.
fn on_two_devices() -> [Model; 2] {
    use keras_rs::backend::Backend;
    [Backend::Flex, Backend::NdArray].map(|backend| {
        let dense = Dense::new(2).kernel_initializer("ones").name("dense");
        let model = Sequential::new().add(Input::new([2])).add(dense).build().unwrap();
        model.to_device(&backend.device().unwrap()).unwrap();
        model
    })
}

#[test]
fn data_moves_to_the_weights_and_recordings_stay_on_their_device() {
    let [first, second] = on_two_devices();
    let x = Tensor::from_vec(vec![1.0_f32, 2.0], [1, 2]).unwrap();
    let device = first.weights()[0].device();
    let x = x.to_device(&device).unwrap();
    // Nothing is recorded: outputs of one model are data to the next.
    let y = second.call(&first.call(std::slice::from_ref(&x)).unwrap()).unwrap();
    assert_eq!(
        (y[0].device(), y[0].to_vec::<f32>().unwrap()),
        (&second.weights()[0].device(), vec![6.0, 6.0])
    );
    // Only what the second model's weights do is recorded: its input is a constant and moves.
    let mut tape = GradientTape::new(&second.trainable_weights()).unwrap();
    let y = second.call_with(&[x.clone()], tape.pass()).unwrap().swap_remove(0);
    let gradients = tape.gradient(&y.sum(&[], false).unwrap()).unwrap();
    assert_eq!(gradients[0].as_ref().unwrap().to_vec::<f32>().unwrap(), [1.0, 1.0, 2.0, 2.0]);
    // Weights of the first model would silently get no gradient.
    let mut tape = GradientTape::new(&first.trainable_weights()).unwrap();
    let between = first.call_with(&[x.clone()], tape.pass()).unwrap();
    let error = second.call_with(&between, tape.pass()).unwrap_err();
    let root =
        error.to_string() + &std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    for part in ["input", "gradients", "Flex", "NdArray"] {
        assert!(root.contains(part), "{root}");
    }
    let error = between[0].to_device(&second.weights()[0].device()).unwrap_err();
    assert!(matches!(error, Error::Argument { .. }), "{error}");
    // Once the recording is ended by hand, the tensor is data like any other.
    let y = second.call(&[between[0].detach()]).unwrap();
    assert_eq!(y[0].to_vec::<f32>().unwrap(), [6.0, 6.0]);
    // The same of states that a recurrent layer is given.
    let lstm = LSTM::new(2).shared();
    let sequence = Tensor::ones([1, 3, 2], DType::F32).unwrap().to_device(y[0].device()).unwrap();
    lstm.call(&[sequence.clone()]).unwrap();
    let state = between[0].clone();
    let error = lstm.run(
        Arguments::of(vec![sequence.into()]).with(
            "initial_state",
            Argument::List(vec![Argument::Tensor(state.clone().into()), Argument::Tensor(state.into())]),
        ),
        tape.pass(),
    );
    let error = format!("{:?}", error.unwrap_err());
    assert!(error.contains("initial_state"), "{error}");
}
