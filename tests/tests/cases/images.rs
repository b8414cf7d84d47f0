//! Functions of `keras.ops.image`, and their gradients, against calls by real Keras.

use crate::support::{chain, compare, json};
use crate::{Checked, ensure, on_backends};
use keras_rs::ops::image::{self, FillMode, Interpolation, Margins, Resize, Similarity};
use keras_rs::ops::{DataFormat, Integers, Padding};
use keras_rs::{DType, Device, GradientTape, Result, Tensor, TensorData};
use libtest_mimic::Trial;
use serde_json::Value;
use std::collections::HashMap;

const TOLERANCE: f64 = 1e-5;
const GRADIENT_TOLERANCE: f64 = 1e-4;

pub fn trials() -> Vec<Trial> {
    let calls = json("ops/image.json");
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut trials = Vec::new();
    for call in calls.as_array().unwrap() {
        let function = call["function"].as_str().unwrap().to_string();
        let number = seen.entry(function.clone()).or_default();
        let name = format!("images::{function}::{number}");
        *number += 1;
        let dtypes = crate::dtypes(call["tensors"].as_array().unwrap().iter().chain([&call["result"]]));
        let call = call.clone();
        trials.extend(on_backends(&name, &dtypes, move |device| check(&call, device)));
    }
    trials
}

/// A tensor of the fixture.
fn data(value: &Value) -> TensorData {
    let values: Vec<f64> = value["values"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    let shape = value["shape"].as_array().unwrap().iter().map(|d| d.as_u64().unwrap() as usize).collect();
    TensorData::from_f64(&values, shape, value["dtype"].as_str().unwrap().parse().unwrap()).unwrap()
}

fn check(call: &Value, device: &Device) -> Checked {
    let tensors: Vec<Tensor> = call["tensors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|value| Tensor::from_data_on(data(value), device).unwrap())
        .collect();
    let arguments = Arguments(&call["arguments"]);
    let what = format!("{} {}", call["function"], call["arguments"]);
    let function = call["function"].as_str().unwrap();
    let got = run(function, &tensors, &arguments).map_err(|e| format!("{what}: {}", chain(&e)))?;
    compare(&what, &got, &data(&call["result"]), TOLERANCE)?;
    let Some(want) = call["gradients"].as_array() else { return Ok(()) };
    let mut tape = GradientTape::new(&[]).unwrap();
    let watched: Vec<Tensor> = tensors.iter().map(|x| tape.watch(x).unwrap()).collect();
    let y = run(function, &watched, &arguments).map_err(|e| format!("{what}: {}", chain(&e)))?;
    compare(&format!("{what}, recorded"), &y, &data(&call["result"]), TOLERANCE)?;
    let weights: Vec<f64> = (0..y.len()).map(|i| ((i * 37 + 11) % 101) as f64 / 101.0).collect();
    let weights = TensorData::from_f64(&weights, y.shape().to_vec(), DType::F32).unwrap();
    let loss = y.mul(&Tensor::from_data_on(weights, device).unwrap()).unwrap().sum(&[], false).unwrap();
    let gradients = tape.gradient(&loss).map_err(|e| chain(&e))?;
    ensure(gradients.len() == want.len(), || format!("{what}: {} gradients", gradients.len()))?;
    for (i, (gradient, want)) in gradients.iter().zip(want).enumerate() {
        let want = data(want);
        let zeros = || Tensor::full_on(want.shape(), 0.0, DType::F32, device).unwrap();
        let got = gradient.clone().unwrap_or_else(zeros);
        compare(&format!("{what}: gradient {i}"), &got, &want, GRADIENT_TOLERANCE)?;
    }
    Ok(())
}

/// Arguments by name, as the fixture has them.
struct Arguments<'a>(&'a Value);

impl Arguments<'_> {
    fn number(&self, name: &str, default: f64) -> f64 {
        self.0.get(name).map_or(default, |v| v.as_f64().unwrap())
    }

    fn count(&self, name: &str) -> Option<usize> {
        self.0.get(name).map(|v| v.as_u64().unwrap() as usize)
    }

    fn flag(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|v| v.as_bool().unwrap())
    }

    fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap()
    }

    fn format(&self) -> Result<DataFormat> {
        DataFormat::try_from(self.text("data_format"))
    }

    fn interpolation(&self) -> Result<Interpolation> {
        Interpolation::try_from(self.text("interpolation"))
    }

    fn fill_mode(&self) -> Result<FillMode> {
        FillMode::try_from(self.text("fill_mode"))
    }

    fn integers(&self, name: &str) -> Option<Integers> {
        let one = |v: &Value| v.as_i64().unwrap() as isize;
        self.0.get(name).map(|v| match v.as_array() {
            Some(several) => several.iter().map(one).collect::<Vec<_>>().into(),
            None => one(v).into(),
        })
    }

    fn numbers(&self, name: &str) -> Vec<f64> {
        self.0[name].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
    }

    fn sizes(&self, name: &str) -> [usize; 2] {
        let sizes: Vec<usize> = self.numbers(name).into_iter().map(|v| v as usize).collect();
        sizes.try_into().unwrap()
    }

    fn margins(&self, change: &str) -> Margins {
        let side = |name: &str| self.count(&format!("{name}_{change}"));
        Margins {
            top: side("top"),
            left: side("left"),
            bottom: side("bottom"),
            right: side("right"),
            target_height: self.count("target_height"),
            target_width: self.count("target_width"),
        }
    }
}

fn run(function: &str, x: &[Tensor], a: &Arguments<'_>) -> Result<Tensor> {
    let patches = || -> Result<_> {
        let padding = a.0.get("padding").map_or("valid", |v| v.as_str().unwrap());
        let dilation = a.integers("dilation_rate").unwrap_or(1.into());
        Ok((a.integers("size").unwrap(), a.integers("strides"), dilation, Padding::try_from(padding)?))
    };
    match function {
        "rgb_to_grayscale" => image::rgb_to_grayscale(&x[0], a.format()?),
        "rgb_to_hsv" => image::rgb_to_hsv(&x[0], a.format()?),
        "hsv_to_rgb" => image::hsv_to_rgb(&x[0], a.format()?),
        "resize" => {
            let options = Resize::new()
                .interpolation(a.interpolation()?)
                .antialias(a.flag("antialias"))
                .crop_to_aspect_ratio(a.flag("crop_to_aspect_ratio"))
                .pad_to_aspect_ratio(a.flag("pad_to_aspect_ratio"))
                .fill_value(a.number("fill_value", 0.0))
                .data_format(a.format()?);
            image::resize(&x[0], a.sizes("size"), options)
        }
        "affine_transform" => {
            let (interpolation, mode) = (a.interpolation()?, a.fill_mode()?);
            image::affine_transform(
                &x[0],
                &x[1],
                interpolation,
                mode,
                a.number("fill_value", 0.0),
                a.format()?,
            )
        }
        "perspective_transform" => {
            let (interpolation, fill) = (a.interpolation()?, a.number("fill_value", 0.0));
            image::perspective_transform(&x[0], &x[1], &x[2], interpolation, fill, a.format()?)
        }
        "map_coordinates" => {
            let order = a.count("order").unwrap();
            image::map_coordinates(&x[0], &x[1], order, a.fill_mode()?, a.number("fill_value", 0.0))
        }
        "scale_and_translate" => {
            let shape: Vec<usize> = a.numbers("output_shape").into_iter().map(|v| v as usize).collect();
            let dims = a.integers("spatial_dims").unwrap();
            let method = match a.text("method") {
                "linear" | "trilinear" => Interpolation::Bilinear,
                "cubic" | "tricubic" => Interpolation::Bicubic,
                name => Interpolation::try_from(name)?,
            };
            let antialias = a.flag("antialias");
            image::scale_and_translate(&x[0], &shape[..], &x[1], &x[2], dims.as_slice(), method, antialias)
        }
        "gaussian_blur" => {
            let sigma = a.numbers("sigma").try_into().unwrap();
            image::gaussian_blur(&x[0], a.sizes("kernel_size"), sigma, a.format()?)
        }
        "sobel_edges" => image::sobel_edges(&x[0], a.format()?),
        "ssim" => {
            let mut options = Similarity::new().data_format(a.format()?);
            options.filter_size = a.count("filter_size").unwrap_or(options.filter_size);
            options.filter_sigma = a.number("filter_sigma", options.filter_sigma);
            options.max_val = a.number("max_val", options.max_val);
            options.k1 = a.number("k1", options.k1);
            options.k2 = a.number("k2", options.k2);
            image::ssim(&x[0], &x[1], options)
        }
        "extract_patches" => {
            let (size, strides, dilation, padding) = patches()?;
            image::extract_patches(&x[0], size, strides, dilation, padding, a.format()?)
        }
        "extract_patches_3d" => {
            let (size, strides, dilation, padding) = patches()?;
            image::extract_patches_3d(&x[0], size, strides, dilation, padding, a.format()?)
        }
        "pad_images" => image::pad_images(&x[0], a.margins("padding"), a.format()?),
        "crop_images" => image::crop_images(&x[0], a.margins("cropping"), a.format()?),
        other => panic!("the test does not call {other}"),
    }
}
