//! A heat map in colours over its image.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use keras_rs::DType;
use keras_rs::ops::image::{Resize, resize};

use crate::{Error, HeatMap, ImageArray, Result};

/// How much of an overlaid pixel is the map's colour.
const OPACITY: f32 = 0.4;

impl HeatMap {
    /// The image with the map in colours over it, from blue (0) over green to red (1), in the image's size.
    ///
    /// `image` has 1, 3 or 4 channels of 0 to 255; alpha is left out. The result is RGB.
    ///
    /// # Errors
    /// [`Error::Argument`] where the image has not as many values as pixels and channels.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs_applications::{HeatMap, ImageArray};
    ///
    /// let values = Tensor::from_vec(vec![0.0_f32, 1.0], [1, 2])?;
    /// let map = HeatMap { values, class: 0, score: 1.0, layer: "conv".into() };
    /// let grey = ImageArray { height: 1, width: 2, channels: 1, values: vec![100.0; 2] };
    /// assert_eq!(map.overlay(&grey)?.values, [60.0, 60.0, 111.0, 111.0, 60.0, 60.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn overlay(&self, image: &ImageArray) -> Result<ImageArray> {
        let &ImageArray { height, width, channels, .. } = image;
        if ![1, 3, 4].contains(&channels) || image.values.len() != height * width * channels {
            return Err(Error::Argument {
                context: "overlay",
                argument: "image",
                expected: "height * width pixels of 1, 3 or 4 channels".to_owned(),
                got: format!("{image:?} with {} values", image.values.len()),
            });
        }
        let map = self.values.cast(DType::F32)?.expand_dims(-1)?;
        let map = resize(&map, [height, width], Resize::new())?.to_vec::<f32>()?;
        let pixels = image.values.chunks_exact(channels).zip(map).flat_map(|(pixel, heat)| {
            let colour = colour(heat);
            std::array::from_fn::<_, 3, _>(|i| {
                let own = pixel[if channels == 1 { 0 } else { i }];
                own + OPACITY * (colour[i] - own)
            })
        });
        Ok(ImageArray { height, width, channels: 3, values: pixels.collect() })
    }

    /// Writes [`HeatMap::overlay`] to a PNG file.
    ///
    /// # Errors
    /// As [`HeatMap::overlay`]; [`Error::Io`].
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs_applications::{HeatMap, ImageArray};
    ///
    /// # let directory = tempfile::tempdir().unwrap();
    /// # let path = directory.path().join("overlay.png");
    /// let values = Tensor::from_vec(vec![0.0_f32, 1.0], [1, 2])?;
    /// let map = HeatMap { values, class: 0, score: 1.0, layer: "conv".into() };
    /// let image = ImageArray { height: 1, width: 2, channels: 1, values: vec![100.0; 2] };
    /// map.write_png(&image, &path)?;
    /// # assert!(std::fs::read(&path).unwrap().starts_with(b"\x89PNG"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn write_png(&self, image: &ImageArray, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let overlay = self.overlay(image)?;
        let bytes: Vec<u8> = overlay.values.iter().map(|value| value.round() as u8).collect();
        let size = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
        let file = File::create(path).map_err(Error::io("create", path))?;
        let mut encoder = png::Encoder::new(BufWriter::new(file), size(overlay.width), size(overlay.height));
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let write = |encoder: png::Encoder<'_, BufWriter<File>>| {
            let mut writer = encoder.write_header()?;
            writer.write_image_data(&bytes)?;
            writer.finish()
        };
        write(encoder).map_err(|error| Error::io("write", path)(error.into()))
    }
}

/// Blue, green and red in turn, each fading into the next.
fn colour(heat: f32) -> [f32; 3] {
    [3.0, 2.0, 1.0].map(|peak| 255.0 * (1.5 - (4.0 * heat - peak).abs()).clamp(0.0, 1.0))
}
