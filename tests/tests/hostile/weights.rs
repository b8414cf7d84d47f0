//! Weights that do not fit: all that is wrong is said, and the model keeps what it had.

use super::Checks;
use super::child::scale;
use keras_rs::{Error, Model, TensorData, load_model, prelude::*};
use keras_rs_tests::hostile::damaged;
use std::path::Path;

fn model(units: usize) -> Model {
    let x = Input::new([5]).name("x");
    let h = Dense::new(units).name("hidden").bias_initializer("ones").apply(&x).unwrap();
    let y = Dense::new(2).name("end").bias_initializer("ones").apply(&h).unwrap();
    Model::named("m", &x, &y).unwrap()
}

fn values(model: &Model) -> Vec<TensorData> {
    model.weights().iter().map(|v| v.value().unwrap().to_data().unwrap()).collect()
}

fn save(model: &Model, path: &Path) {
    match path.extension().is_some_and(|e| e == "keras") {
        true => model.save(path).unwrap(),
        false => model.save_weights(path).unwrap(),
    }
}

pub(super) fn check() {
    let mut checks = Checks::start();
    let directory = tempfile::tempdir().unwrap();
    for name in ["w.weights.h5", "w.safetensors", "w.keras"] {
        let path = directory.path().join(name);
        let (target, source) = (model(4), model(4));
        // Shapes of the last layer only, then of the first.
        let other = {
            let x = Input::new([5]).name("x");
            let h = Dense::new(4).name("hidden").apply(&x).unwrap();
            Model::named("m", &x, Dense::new(3).name("end").apply(&h).unwrap()).unwrap()
        };
        for (what, source) in [("last layer misshapen", &other), ("first layer misshapen", &model(6))] {
            save(source, &path);
            let before = values(&target);
            let result = checks.case(&format!("{name} {what}"), || target.load_weights(&path));
            if !matches!(result, Some(Err(Error::Weights { .. }))) {
                checks.fail(&format!("{name} {what}: {result:?}"));
            }
            if values(&target) != before {
                checks.fail(&format!("{name} {what}: half loaded"));
            }
        }
        save(&source, &path);
        let honest = std::fs::read(&path).unwrap();
        for case in damaged(name, &honest, 150 * scale(), 5) {
            std::fs::write(&path, &case.bytes).unwrap();
            let before = values(&target);
            let result = checks.case(&case.name, || {
                if name.ends_with(".keras") {
                    drop(load_model(&path).map(|m| super::use_model(&m)));
                }
                target.load_weights(&path)
            });
            if matches!(result, Some(Err(_))) && values(&target) != before {
                checks.fail(&format!("{}: half loaded", case.name));
            }
            before.into_iter().zip(target.weights()).for_each(|(data, variable)| {
                variable.assign(&Tensor::from_data(data).unwrap()).unwrap();
            });
        }
    }
    types(&mut checks, directory.path());
    checks.finish();
}

/// Weights of every other element type are converted, or refused with nothing changed.
fn types(checks: &mut Checks, directory: &Path) {
    for dtype in [DType::F64, DType::F16, DType::BF16, DType::I32, DType::I64, DType::U8, DType::Bool] {
        let path = directory.join("types.safetensors");
        let target = model(4);
        let tensors: Vec<(String, Vec<usize>, Vec<u8>)> = target
            .weights()
            .iter()
            .map(|v| {
                let data = Tensor::zeros(v.shape(), DType::F32)
                    .and_then(|t| t.cast(dtype))
                    .unwrap()
                    .to_data()
                    .unwrap();
                (v.path(), data.shape().to_vec(), data.into_bytes())
            })
            .collect();
        let name = match dtype {
            DType::F64 => "F64",
            DType::F16 => "F16",
            DType::BF16 => "BF16",
            DType::I32 => "I32",
            DType::I64 => "I64",
            DType::U8 => "U8",
            _ => "BOOL",
        };
        let mut header = serde_json::Map::new();
        let mut body = Vec::new();
        for (path, shape, bytes) in tensors {
            let offsets = [body.len(), body.len() + bytes.len()];
            header.insert(path, serde_json::json!({"dtype": name, "shape": shape, "data_offsets": offsets}));
            body.extend(bytes);
        }
        let mut text = serde_json::Value::Object(header).to_string().into_bytes();
        text.resize(text.len().next_multiple_of(8), b' ');
        let mut file = (text.len() as u64).to_le_bytes().to_vec();
        file.extend(text);
        file.extend(body);
        std::fs::write(&path, file).unwrap();
        let before = values(&target);
        let result = checks.case(&format!("weights of type {dtype}"), || target.load_weights(&path));
        let after = values(&target);
        match result {
            Some(Ok(())) if after.iter().all(|d| d.bytes().iter().all(|b| *b == 0)) => {}
            Some(Err(_)) if after == before => {}
            other => checks.fail(&format!("weights of type {dtype}: {other:?}")),
        }
    }
}
