//! JPEG decoders against Pillow, on the files that `tests/python/jpeg_photographs.py` makes: pixels,
//! the outputs of ResNet50, and speed.
//!
//! ```sh
//! cargo run -p keras-rs-tests --example jpeg -- FOLDER
//! ```
//!
//! Compared are `load_img` and `zune-jpeg`. ResNet50 has the weights of the applications' fixtures,
//! whose gain keeps its probabilities apart; images go through `load_img` to 224 x 224.

use keras_rs::data::image::{ImageArray, LoadImg, load_img, load_img_bytes};
use keras_rs::{Model, Tensor, Variable};
use keras_rs_applications::{Application, Weights};
use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

type Result<T> = std::result::Result<T, Box<dyn Error>>;
type Decode = fn(&[u8]) -> Result<ImageArray>;

/// Of ResNet50 in `fixtures/applications/models/ResNet50.json`.
const GAIN: f64 = 0.45;

/// What a decoder did on one or all files.
#[derive(Default)]
struct Difference {
    files: usize,
    mean: f64,
    largest_mean: f64,
    largest: f32,
    probability: f32,
    relative: f32,
    other_top_1: usize,
    other_top_5: usize,
}

fn main() -> Result<()> {
    let folder = std::env::args().nth(1).ok_or("the folder of photographs is missing")?;
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.retain(|path| path.extension().is_some_and(|e| e == "jpg"));
    files.sort();
    let application = Application::by_name("resnet50")?;
    let model = application.weights(Weights::None).build()?;
    for variable in model.weights() {
        fill(&variable)?;
    }
    let decoders: [(&str, Decode); 2] = [("load_img", ours), ("zune-jpeg", zune)];
    let mut totals = [Difference::default(), Difference::default()];
    for path in &files {
        let bytes = std::fs::read(path)?;
        let pillow = path.with_extension("png");
        let expected = load_img(&pillow, LoadImg::new())?;
        let outputs = probabilities(&model, &std::fs::read(&pillow)?)?;
        print!("{:50}", path.file_stem().unwrap_or_default().to_string_lossy());
        for ((name, decode), total) in decoders.iter().zip(&mut totals) {
            let start = Instant::now();
            let got = decode(&bytes)?;
            let ms = start.elapsed().as_secs_f64() * 1e3;
            if (got.height, got.width) != (expected.height, expected.width) {
                return Err(format!("{}: {name} gives another size", path.display()).into());
            }
            let differences = got.values.iter().zip(&expected.values).map(|(a, b)| (a - b).abs());
            let largest = differences.clone().fold(0.0, f32::max);
            let mean = differences.map(f64::from).sum::<f64>() / got.values.len() as f64;
            let moved = if largest > 0.0 { probabilities(&model, &png(&got)?)? } else { outputs.clone() };
            let probability = moved.iter().zip(&outputs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            let relative = probability / outputs.iter().copied().fold(0.0, f32::max);
            print!(
                " | {name} mean {mean:.4} max {largest} output {probability:.1e} ({relative:.1e}) {ms:.1} ms"
            );
            total.files += 1;
            total.mean += mean;
            total.largest_mean = total.largest_mean.max(mean);
            total.largest = total.largest.max(largest);
            total.probability = total.probability.max(probability);
            total.relative = total.relative.max(relative);
            total.other_top_1 += usize::from(top(&moved, 1) != top(&outputs, 1));
            total.other_top_5 += usize::from(top(&moved, 5) != top(&outputs, 5));
        }
        println!();
    }
    for ((name, _), total) in decoders.iter().zip(&totals) {
        let Difference {
            files,
            mean,
            largest_mean,
            largest,
            probability,
            relative,
            other_top_1,
            other_top_5,
        } = total;
        println!(
            "{name}: {files} files, mean difference {:.4} of a level, {largest_mean:.4} in the worst, at most \
             {largest}; an output moves by {probability:.1e} at most, by {relative:.1e} of the image's \
             largest output, top 1 changes in {other_top_1} and top 5 \
             in {other_top_5}",
            mean / *files as f64
        );
    }
    Ok(())
}

fn ours(bytes: &[u8]) -> Result<ImageArray> {
    Ok(load_img_bytes(bytes, LoadImg::new())?)
}

/// `zune-jpeg` with the conversions that Pillow does behind libjpeg.
fn zune(bytes: &[u8]) -> Result<ImageArray> {
    let options = DecoderOptions::default();
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|e| format!("{e:?}"))?;
    let space = match decoder.input_colorspace() {
        Some(ColorSpace::CMYK | ColorSpace::YCCK) => ColorSpace::CMYK,
        Some(ColorSpace::Luma) => ColorSpace::Luma,
        _ => ColorSpace::RGB,
    };
    decoder.set_options(options.jpeg_set_out_colorspace(space));
    let samples = decoder.decode().map_err(|e| format!("{e:?}"))?;
    let info = decoder.info().ok_or("no header")?;
    let rgb = |pixel: &[u8]| match pixel {
        [grey] => [*grey; 3],
        [c, m, y, k] => [c, m, y].map(|ink| {
            let product = u32::from(255 - ink) * u32::from(*k) + 128;
            k - (((product >> 8) + product) >> 8) as u8
        }),
        other => [other[0], other[1], other[2]],
    };
    let values = samples.chunks_exact(space.num_components()).flat_map(rgb).map(f32::from).collect();
    Ok(ImageArray { height: info.height.into(), width: info.width.into(), channels: 3, values })
}

/// What ResNet50 makes of an image file.
fn probabilities(model: &Model, file: &[u8]) -> Result<Vec<f32>> {
    let image = load_img_bytes(file, LoadImg::new().target_size(224, 224))?;
    let x = image.to_tensor()?.reshape([1, 224, 224, 3])?;
    let application = Application::by_name("resnet50")?;
    Ok(model.predict(&application.preprocess_input(&x)?)?.to_vec::<f32>()?)
}

fn top(probabilities: &[f32], count: usize) -> Vec<usize> {
    let mut classes: Vec<usize> = (0..probabilities.len()).collect();
    classes.sort_by(|a, b| probabilities[*b].total_cmp(&probabilities[*a]));
    classes.truncate(count);
    classes
}

fn png(image: &ImageArray) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, image.width as u32, image.height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fast);
    let bytes: Vec<u8> = image.values.iter().map(|v| *v as u8).collect();
    encoder.write_header()?.write_image_data(&bytes)?;
    Ok(file)
}

/// The formula of `fixtures/applications/generate.py`.
fn fill(variable: &Variable) -> Result<()> {
    let (shape, path) = (variable.shape(), variable.path());
    let fan_in: usize = shape[..shape.len() - 1].iter().product();
    let scale = GAIN * (6.0 / fan_in as f64).sqrt();
    let hash =
        path.bytes().fold(0xCBF2_9CE4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01B3));
    let value = |i: usize| {
        let mut z = (i as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(hash);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let u = ((z ^ (z >> 31)) >> 11) as f64 * 2.0_f64.powi(-52) - 1.0;
        let value = match variable.name() {
            "kernel" => u * scale,
            "gamma" => 1.0 + 0.1 * u,
            "moving_variance" => 1.0 + 0.5 * u.abs(),
            _ => 0.1 * u,
        };
        value as f32
    };
    let values: Vec<f32> = (0..shape.iter().product()).map(value).collect();
    Ok(variable.assign(&Tensor::from_vec(values, shape)?)?)
}
