//! Mixed precision: half for computing, `float32` for variables.

use crate::support::{chain, devices};
use keras_rs::prelude::*;
use keras_rs::training::Fit;
use keras_rs::{Device, Result};

fn fit(policy: &str, device: &Device) -> Result<(Model, Vec<f64>)> {
    keras_rs::random::set_seed(3);
    let model = Sequential::new()
        .add(Input::new([4]))
        .add(Dense::new(16).activation("relu").dtype(policy))
        .add(BatchNormalization::new().dtype(policy))
        .add(Dense::new(1).dtype("float32"))
        .build()?;
    model.to_device(device)?;
    model.compile("adam", "mse", ["mae"])?;
    let x: Vec<f32> = (0..256).map(|i| ((i * 37) % 101) as f32 / 101.0).collect();
    let y: Vec<f32> = x.chunks(4).map(|row| row[0] - row[2]).collect();
    let (x, y) = (Tensor::from_vec(x, [64, 4])?, Tensor::from_vec(y, [64, 1])?);
    let options = Fit::new().epochs(30).batch_size(16).shuffle(false).verbose(0);
    let history = model.fit(&x, &y, options)?;
    Ok((model, history["loss"].to_vec()))
}

#[test]
fn half_precision_trains_where_the_backend_has_it() {
    for device in devices() {
        let (_, exact) = fit("float32", &device).unwrap();
        for (policy, dtype) in [("mixed_float16", DType::F16), ("mixed_bfloat16", DType::BF16)] {
            let trained = fit(policy, &device);
            if !device.supports(dtype) {
                let error = chain(&trained.unwrap_err());
                assert!(error.contains(dtype.name()) && error.contains("backend"), "{error}");
                continue;
            }
            let (model, losses) = trained.unwrap();
            assert!(model.weights().iter().all(|v| v.dtype() == DType::F32));
            let scaled = model.optimizer().unwrap().class_name() == "LossScaleOptimizer";
            assert_eq!(scaled, dtype == DType::F16, "{policy}");
            // As far as half precision goes: the first steps may be skipped until the scale is found.
            assert!((losses[0] - exact[0]).abs() < 0.1 * exact[0], "{policy} {losses:?} {exact:?}");
            assert!(losses[29] < 0.5 * losses[0], "{policy} {losses:?}");
        }
    }
}
