//! The examples, each at a tiny size.

#[path = "../../keras-rs/examples/burn_module_as_layer.rs"]
mod burn_module_as_layer;
#[path = "../../keras-rs/examples/distillation.rs"]
mod distillation;
#[path = "../../keras-rs/examples/gan.rs"]
mod gan;
#[path = "../../keras-rs/examples/gpt.rs"]
mod gpt;
#[path = "../../applications/examples/grad_cam.rs"]
mod grad_cam;
#[path = "../../keras-rs/examples/keras_model_in_burn.rs"]
mod keras_model_in_burn;
#[path = "../../keras-rs/examples/mnist_cnn.rs"]
mod mnist_cnn;
#[path = "../../keras-rs/examples/subclassed.rs"]
mod subclassed;
#[path = "../../applications/examples/transfer_learning.rs"]
mod transfer_learning;
#[path = "../../keras-rs/examples/tree_rnn.rs"]
mod tree_rnn;
#[path = "../../keras-rs/examples/two_inputs.rs"]
mod two_inputs;
#[path = "../../keras-rs/examples/variational_autoencoder.rs"]
mod variational_autoencoder;

#[test]
fn a_cnn_learns_digits() {
    let logs = mnist_cnn::run(1000, 5, 0).unwrap();
    assert!(logs["accuracy"] > 0.8, "{logs:?}");
}

#[test]
fn two_inputs_give_two_outputs() {
    let history = two_inputs::run(400, 4, 0).unwrap();
    let loss = &history["val_price_loss"];
    assert!(loss[loss.len() - 1] < 0.5 * loss[0], "{loss:?}");
    assert!(history.get("kind_accuracy").is_some());
}

#[test]
fn a_gan_comes_closer_to_the_circle() {
    let (before, after) = gan::run(1600, false).unwrap();
    assert!(after < 0.5 * before, "{before} {after}");
}

#[test]
fn a_student_learns_from_a_teacher() {
    let history = distillation::run(300, 20, 0).unwrap();
    assert!(history["accuracy"][19] > history["accuracy"][0], "{history:?}");
}

#[test]
fn only_the_head_of_a_frozen_base_is_trained() {
    let outcome = transfer_learning::run("none", 8, 32, 3, 0).unwrap();
    assert!(outcome.base_is_unchanged);
    assert_eq!(outcome.trained.0, 1025);
    assert!(outcome.losses[2] < outcome.losses[0], "{:?}", outcome.losses);
}

#[test]
fn a_model_that_a_user_wrote_is_trained_saved_and_loaded() {
    let directory = tempfile::tempdir().unwrap();
    let outcome = subclassed::run(&directory.path().join("refiner.keras"), 20).unwrap();
    assert!(outcome.losses[1] < 0.5 * outcome.losses[0], "{:?}", outcome.losses);
    assert_eq!((outcome.difference, outcome.params), (0.0, 4 * 8 + 8 + 8 * 8 + 8 + 8 + 1));
}

#[test]
fn a_gpt_writes_with_its_cache_what_it_writes_without() {
    let written = gpt::run(1, 6, 40, 0).unwrap();
    assert!(written.losses[1] < 0.9 * written.losses[0], "{:?}", written.losses);
    assert!(written.difference < 1e-5, "{}", written.difference);
    assert_eq!(written.text.chars().count(), "the north wind ".len() + 40);
}

#[test]
fn a_tree_rnn_learns_to_compute_expressions() {
    let directory = tempfile::tempdir().unwrap();
    let outcome = tree_rnn::run(&directory.path().join("trees.keras"), 120, 12).unwrap();
    let (first, last) = (outcome.loss[0], outcome.loss[outcome.loss.len() - 1]);
    assert!(last < 0.2 * first, "{:?}", outcome.loss);
    assert!(outcome.larger < 0.7 * outcome.spread, "{} {}", outcome.larger, outcome.spread);
    assert_eq!(outcome.difference, 0.0);
}

#[test]
fn a_tree_rnn_that_python_saved_predicts_and_trains_on() {
    let expected = &crate::support::json("subclassing/subclassing.json")["trees"];
    let floats = |value: &serde_json::Value| -> Vec<f64> { serde_json::from_value(value.clone()).unwrap() };
    let data = |name: &str, columns: usize| {
        let values: Vec<f32> = floats(&expected[name]).iter().map(|value| *value as f32).collect();
        keras_rs::Tensor::from_vec(values, [5, columns]).unwrap()
    };
    let (x, y) = (data("x", 5), data("y", 1));
    let close = |got: &[f64], name: &str| {
        let expected = floats(&expected[name]);
        assert_eq!(got.len(), expected.len(), "{name}");
        let same = got.iter().zip(&expected).all(|(g, e)| (g - e).abs() <= 1e-5 * (1.0 + e.abs()));
        assert!(same, "{name}: {got:?}, expected {expected:?}");
    };
    let predict = |model: &keras_rs::Model| model.predict(&x).unwrap().to_f64_vec().unwrap();
    let model = tree_rnn::load(crate::support::fixture("subclassing/trees.keras")).unwrap();
    close(&predict(&model), "before");
    let options = keras_rs::training::Fit::new().batch_size(5).epochs(2).shuffle(false).verbose(0);
    close(&model.fit(&x, &y, options).unwrap()["loss"], "loss");
    close(&predict(&model), "after");

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("trees.keras");
    model.save(&path).unwrap();
    close(&predict(&tree_rnn::load(&path).unwrap()), "after");
}

#[test]
fn a_variational_autoencoder_adds_its_own_loss() {
    let directory = tempfile::tempdir().unwrap();
    let outcome = variational_autoencoder::run(&directory.path().join("vae.keras"), 25).unwrap();
    assert!(outcome.loss[24] < 0.7 * outcome.loss[0], "{:?}", outcome.loss);
    assert!(outcome.error < 0.5 * outcome.spread, "{} {}", outcome.error, outcome.spread);
    assert!(outcome.kl.iter().all(|kl| *kl > 0.0) && outcome.kl.len() == 25, "{:?}", outcome.kl);
    assert_eq!((outcome.difference, outcome.made.shape()), (0.0, &[4, 8][..]));
}

#[test]
fn a_burn_module_is_trained_saved_and_loaded_as_a_layer() {
    let directory = tempfile::tempdir().unwrap();
    let outcome = burn_module_as_layer::run(&directory.path().join("residual.keras"), 20).unwrap();
    assert!(outcome.losses[1] < 0.5 * outcome.losses[0], "{:?}", outcome.losses);
    assert_eq!(outcome.difference, 0.0);
    assert_eq!(outcome.weights[..2], ["first/inner.weight", "first/inner.bias"]);
}

#[test]
fn a_model_is_trained_by_burn_and_saved_by_us() {
    let directory = tempfile::tempdir().unwrap();
    let outcome = keras_model_in_burn::run(&directory.path().join("product.keras"), 100).unwrap();
    assert!(outcome.losses[1] < 0.2 * outcome.losses[0], "{:?}", outcome.losses);
    assert!(outcome.difference < 1e-6, "{}", outcome.difference);
}

#[test]
fn grad_cam_writes_an_overlay() {
    let directory = tempfile::tempdir().unwrap();
    let overlay = directory.path().join("overlay.png");
    let image = format!("{}/../applications/tests/fixtures/images/plain.jpg", env!("CARGO_MANIFEST_DIR"));
    let map = grad_cam::run("mobilenet", image.as_ref(), &overlay, "none").unwrap();
    assert_eq!((map.values.shape(), map.layer.as_str()), (&[7, 7][..], "conv_pw_13_relu"));
    assert!(std::fs::read(&overlay).unwrap().starts_with(b"\x89PNG"));
}
