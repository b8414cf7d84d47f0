//! Heat maps beside real Keras'; the generator is `fixtures/grad_cam/generate.py`.

use crate::support::{Tensors, compare, devices, fixture};
use keras_rs::{DType, Model, Tensor, load_model};
use keras_rs_applications::{Error, GradCam};

const TOLERANCE: f64 = 1e-5;

fn model(name: &str) -> Model {
    load_model(fixture(&format!("grad_cam/{name}.keras"))).unwrap()
}

fn open() -> (Tensors, Tensor) {
    let tensors = Tensors::open("grad_cam/grad_cam.safetensors");
    let image = Tensor::from_data(tensors.expect("image")).unwrap();
    (tensors, image)
}

#[test]
fn heat_maps_are_keras() {
    let (tensors, image) = open();
    for name in ["dense", "activation"] {
        let model = model(name);
        for device in devices() {
            model.to_device(&device).unwrap();
            let image = image.to_device(&device).unwrap();
            let mut compared = 0;
            for (layer, class) in ["last", "relu"].into_iter().flat_map(|l| (0..4).map(move |c| (l, c))) {
                let what = format!("{name}/{layer}/{class}");
                let Some(want) = tensors.get(&what) else { continue };
                let map = GradCam::new().class(class).layer(layer).heat_map(&model, &image).unwrap();
                compare(&format!("{what} on {}", device.backend()), &map.values, &want, TOLERANCE).unwrap();
                let scores = Tensor::from_data(tensors.expect(&format!("{name}/scores"))).unwrap();
                let score = scores.slice((0, class)).unwrap().to_scalar().unwrap();
                assert!((map.score - score).abs() < TOLERANCE, "{what}: {} {score}", map.score);
                compared += 1;
            }
            assert!(compared >= 4, "{name}: {compared}");
        }
    }
}

#[test]
fn the_best_class_and_the_last_maps_are_the_defaults() {
    let (tensors, image) = open();
    for name in ["dense", "activation"] {
        let map = GradCam::new().heat_map(&model(name), &image).unwrap();
        let scores = Tensor::from_data(tensors.expect(&format!("{name}/scores"))).unwrap();
        let best = scores.argmax(-1).unwrap().to_scalar().unwrap();
        assert_eq!((map.class as f64, map.layer.as_str()), (best, "last"));
    }
}

#[test]
fn models_and_images_that_have_no_heat_map_are_refused() {
    let (_, image) = open();
    let dense = model("dense");
    let refused = |options: GradCam, image: &Tensor| options.heat_map(&dense, image).unwrap_err();
    let two = Tensor::concat(&[image.clone(), image.clone()], 0).unwrap();
    assert!(matches!(refused(GradCam::new(), &two), Error::Argument { argument: "image", .. }));
    assert!(matches!(refused(GradCam::new().class(4), &image), Error::Argument { argument: "class", .. }));
    assert!(matches!(
        refused(GradCam::new().layer("pool"), &image),
        Error::Argument { argument: "layer", .. }
    ));
    assert!(matches!(refused(GradCam::new().layer("no_such"), &image), Error::Keras(_)));
    let small = Tensor::ones([1, 3], DType::F32).unwrap();
    assert!(matches!(refused(GradCam::new(), &small), Error::Keras(_)));
}

/// The model goes on as before: same layers, same outputs, same weights.
#[test]
fn the_model_stays_as_it_is() {
    let (_, image) = open();
    let model = model("dense");
    let described =
        |model: &Model| (model.to_json(), model.predict(&image).unwrap().to_vec::<f32>().unwrap());
    let before = described(&model);
    GradCam::new().heat_map(&model, &image).unwrap();
    GradCam::new().heat_map(&model, &image).unwrap();
    assert_eq!(described(&model), before);
}
