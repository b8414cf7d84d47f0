use std::path::{Path, PathBuf};

use keras_rs::error::{Error, ImageProblem};
use keras_rs_applications::{ColorMode, ImageInterpolation, LoadImg, load_img, load_img_bytes};
use md5::{Digest, Md5};
use serde_json::Value;

fn path(file: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/images");
    directory.join(file)
}

fn options(arguments: &Value) -> LoadImg {
    let mut options = LoadImg::new().color_mode(match arguments["color_mode"].as_str() {
        Some("grayscale") => ColorMode::Grayscale,
        Some("rgba") => ColorMode::Rgba,
        _ => ColorMode::Rgb,
    });
    if let [height, width] = arguments["target_size"].as_array().map_or(&[][..], Vec::as_slice) {
        let size = [height, width].map(|v| v.as_u64().unwrap() as usize);
        options = options.target_size(size[0], size[1]);
    }
    if let Some(name) = arguments["interpolation"].as_str() {
        options = options.interpolation(name.parse().unwrap());
    }
    options.keep_aspect_ratio(arguments["keep_aspect_ratio"] == true)
}

/// What differs from Pillow in a case, if anything does.
fn difference(case: &Value) -> Option<String> {
    let image = match load_img(path(case["file"].as_str().unwrap()), options(&case["arguments"])) {
        Ok(image) => image,
        Err(error) => return Some(error.to_string()),
    };
    let bytes: Vec<u8> = image.values.iter().flat_map(|v| v.to_le_bytes()).collect();
    let md5: String = Md5::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
    let shape = serde_json::json!([image.height, image.width, image.channels]);
    let first = &image.values[..image.values.len().min(9)];
    (shape != case["shape"] || md5 != case["md5"])
        .then(|| format!("{shape} {first:?}, expected {} {}", case["shape"], case["first"]))
}

#[test]
fn every_pixel_equals_pillow() {
    let cases = crate::fixture("images.json");
    let differing: Vec<String> = cases
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|case| {
            let difference = difference(case)?;
            Some(format!("{} {}: {difference}", case["file"], case["arguments"]))
        })
        .collect();
    assert!(differing.is_empty(), "{} differ:\n{}", differing.len(), differing.join("\n"));
}

fn load(data: &[u8]) -> Result<keras_rs_applications::ImageArray, Error> {
    load_img_bytes(data, LoadImg::new())
}

fn files() -> impl Iterator<Item = (String, Vec<u8>)> {
    let entries = std::fs::read_dir(path("")).unwrap();
    entries.map(|entry| {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        (name, std::fs::read(entry.path()).unwrap())
    })
}

/// Whatever happens to a file, it gives an image of a sane size or an error that names it.
fn assert_harmless(name: &str, data: &[u8]) {
    match load(data) {
        Ok(image) => {
            let count = image.height * image.width * image.channels;
            assert_eq!(image.values.len(), count, "{name}");
        }
        Err(Error::Image { .. }) => {}
        Err(error) => panic!("{name}: {error}"),
    }
}

#[test]
fn files_cut_short_are_harmless() {
    for (name, data) in files() {
        for length in (0..data.len()).step_by(1 + data.len() / 150) {
            assert_harmless(&name, &data[..length]);
        }
    }
}

#[test]
fn damaged_files_are_harmless() {
    let mut state = 1_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as usize % below
    };
    for (name, data) in files() {
        for i in 0..200 {
            let mut data = data.clone();
            // Heads are small and matter most.
            let reach = if i % 2 == 0 { data.len().min(200) } else { data.len() };
            for _ in 0..=random(4) {
                data[random(reach)] = [0, 0xFF, 1, random(256) as u8][random(4)];
            }
            assert_harmless(&name, &data);
        }
    }
}

#[test]
fn a_truncated_photo_is_an_error() {
    let data = std::fs::read(path("420.jpg")).unwrap();
    let error = load(&data[..data.len() / 2]).unwrap_err();
    assert!(
        matches!(&error, Error::Image { problem: ImageProblem::Broken { format: "JPEG", .. }, .. }),
        "{error}"
    );
}

#[test]
fn bombs_are_refused_before_they_are_decoded() {
    let mut png = std::fs::read(path("rgb.png")).unwrap();
    png[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    // The header's checksum, for the size of 65536 by 65536.
    let checksum = crc32(&png[12..29]).to_be_bytes();
    png[29..33].copy_from_slice(&checksum);
    let mut jpeg = std::fs::read(path("420.jpg")).unwrap();
    let frame = jpeg.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap();
    jpeg[frame + 5..frame + 9].fill(0xFF);
    let mut bmp = std::fs::read(path("rgb.bmp")).unwrap();
    bmp[18..26].copy_from_slice(&[0, 0, 1, 0, 0, 0, 1, 0]);
    let mut gif = std::fs::read(path("plain.gif")).unwrap();
    gif[6..10].fill(0xFF);
    for (format, data) in [("PNG", png), ("JPEG", jpeg), ("BMP", bmp), ("GIF", gif)] {
        let error = load(&data).unwrap_err();
        assert!(
            matches!(
                error,
                Error::Image { problem: ImageProblem::TooLarge { .. } | ImageProblem::Broken { .. }, .. }
            ),
            "{format}: {error}"
        );
        if format != "BMP" {
            assert!(error.to_string().contains("178956970"), "{format}: {error}");
        }
    }
}

fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(!0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
    })
}

#[test]
fn other_files_are_refused() {
    for data in [&b""[..], b"\xFF", b"II*\0", b"<svg/>", b"\x89PN"] {
        let problem = ImageProblem::UnknownFormat;
        assert!(matches!(load(data), Err(Error::Image { problem: p, .. }) if p == problem), "{data:?}");
    }
    let missing = load_img(path("missing.png"), LoadImg::new()).unwrap_err();
    assert!(matches!(&missing, Error::Io { path: named, .. } if *named == path("missing.png")));
}

#[test]
fn errors_name_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("broken.png");
    std::fs::write(&path, b"\x89PNG\r\n\x1a\n").unwrap();
    let error = load_img(&path, LoadImg::new()).unwrap_err();
    assert!(error.to_string().contains("broken.png"), "{error}");
}

#[test]
fn names_and_sizes_are_checked() {
    assert_eq!("box".parse::<ImageInterpolation>().unwrap(), ImageInterpolation::Box);
    assert!("cubic".parse::<ImageInterpolation>().unwrap_err().to_string().contains("bicubic"));
    let data = std::fs::read(path("rgb.png")).unwrap();
    for (height, width) in [(0, 5), (5, 0), (usize::MAX, 1), (1 << 20, 1 << 20)] {
        let error = load_img_bytes(&data, LoadImg::new().target_size(height, width)).unwrap_err();
        assert!(matches!(&error, Error::Argument { argument, .. } if argument == "target_size"), "{error}");
    }
}
