//! Networks of every kind by real Keras: their predictions, three training steps, and what is saved afterwards.

use crate::fits::{folders, trained};
use crate::models::predicts;
use crate::support::{chain, fixture, json};
use crate::{Checked, on_backends};
use keras_rs::config::CustomObjects;
use keras_rs::layer::Signature;
use keras_rs::prelude::*;
use keras_rs::{Device, load_model_with};
use libtest_mimic::Trial;
use std::path::PathBuf;

pub fn trials() -> Vec<Trial> {
    let cases = folders("networks").into_iter();
    cases
        .flat_map(|case| on_backends(&format!("networks::{case}"), &[], move |device| run(&case, device)))
        .collect()
}

fn run(case: &str, device: &Device) -> Checked {
    let say = |e: keras_rs::Error| chain(&e);
    let (name, folder) = (format!("networks/{case}"), fixture(&format!("networks/{case}")));
    let expected = json(&format!("{name}/case.json"));
    let custom = CustomObjects::new().layer("forest>Sampling", Sampling::from_config);
    let open = |path: PathBuf| -> std::result::Result<Model, String> {
        let model = load_model_with(path, &custom).map_err(say)?;
        model.to_device(device).map_err(say)?;
        Ok(model)
    };
    // Once for each: a call moves the state of stateful layers.
    for exact in [false, true] {
        predicts(&open(folder.join("model.keras"))?, &folder, "y.npz", &expected, device, exact)?;
    }
    let model = open(folder.join("model.keras"))?;
    trained(&model, &name, &expected)?;
    let directory = tempfile::tempdir().unwrap();
    // tests/python/networks.py has real Keras open what is written there.
    let kept = std::env::var_os("KERAS_RS_WRITE_NETWORKS").map(PathBuf::from);
    let path = kept.unwrap_or_else(|| directory.path().into()).join(format!("{case}.keras"));
    model.save(&path).map_err(say)?;
    predicts(&open(path)?, &folder, "trained.npz", &expected, device, false)
}

/// The counterpart of the Python class of this name, in `fixtures/networks/sampling.py`.
#[derive(Clone, Debug, KerasConfig)]
#[keras(package = "forest")]
struct Sampling {
    base: LayerBase,
    /// What the divergence counts in the loss.
    #[keras(default = 1.0)]
    scale: f64,
}

impl Layer for Sampling {
    fn signature(&self) -> Signature {
        Signature::LIST
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let [mean, log_variance] = <[Tensor; 2]>::try_from(inputs.into_list())
            .map_err(|given| Error::argument("Sampling", "inputs", "two tensors", given.len()))?;
        let divergence = log_variance.exp()?.add(&mean.square()?)?.add_scalar(-1.0)?.sub(&log_variance)?;
        let divergence = divergence.sum(&[-1], false)?.mean(&[], false)?;
        context.add_loss(divergence.mul_scalar(0.5 * self.scale)?);
        let size = *mean.shape().last().unwrap_or(&1);
        let noise: Vec<f32> = (1..=size).map(|i| (1.7 * i as f32).sin()).collect();
        let noise = Tensor::from_vec(noise, [size])?.to_device(mean.device())?;
        let drawn = mean.add(&log_variance.mul_scalar(0.5)?.exp()?.mul(&noise)?)?;
        Ok(drawn.into())
    }
}
