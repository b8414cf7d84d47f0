//! Grad-CAM: where a network looks, over the image.
//!
//! usage: cargo run --example grad_cam APPLICATION IMAGE OVERLAY.png [WEIGHTS]
//!
//! WEIGHTS is a file or `imagenet`, which is the default and is downloaded once.

use std::path::Path;

use keras_rs_applications::{Application, GradCam, HeatMap, LoadImg, load_img};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Explains the most probable class of the image, and writes the overlay.
pub fn run(application: &str, image: &Path, overlay: &Path, weights: &str) -> Result<HeatMap> {
    let application = Application::by_name(application)?;
    let batch = application.variant().load_images([image])?;
    let model = application.weights(weights).build()?;
    let map = GradCam::new().heat_map(&model, &batch)?;
    map.write_png(&load_img(image, LoadImg::new())?, overlay)?;
    Ok(map)
}

#[allow(dead_code, reason = "the tests call `run`")]
fn main() -> Result<()> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [application, image, overlay, rest @ ..] = given.as_slice() else {
        return Err("usage: grad_cam APPLICATION IMAGE OVERLAY.png [WEIGHTS]".into());
    };
    let weights = rest.first().map_or("imagenet", String::as_str);
    let map = run(application, image.as_ref(), overlay.as_ref(), weights)?;
    println!("class {} ({:.4}), by {}: {overlay}", map.class, map.score, map.layer);
    Ok(())
}
