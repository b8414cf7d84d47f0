//! Arguments of operations of images, and operations whose operands stand among plain data.

use super::arguments::Arguments;
use super::constant::Constant;
use crate::config::{FromConfig, shorten};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::image::{self, ElasticTransform, FillMode, Interpolation, Margins, Resize, Similarity};
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;

impl Arguments<'_> {
    pub(super) fn interpolation(&self, name: &str) -> Result<Interpolation> {
        Interpolation::try_from(self.text(name)?.as_str())
    }

    pub(super) fn fill_mode(&self, name: &str) -> Result<FillMode> {
        FillMode::try_from(self.text(name)?.as_str())
    }

    /// Height and width.
    pub(super) fn both_sizes(&self, name: &str) -> Result<[usize; 2]> {
        let sizes = self.integers(name)?.at_least(0, self.class, name)?;
        let got = format!("{sizes:?}");
        sizes.try_into().map_err(|_| Error::argument(self.class, name, "two whole numbers", got))
    }

    pub(super) fn both_numbers(&self, name: &str) -> Result<[f64; 2]> {
        let numbers = self.numbers(name)?;
        let got = format!("{numbers:?}");
        numbers.try_into().map_err(|_| Error::argument(self.class, name, "two numbers", got))
    }

    pub(super) fn resize(&self) -> Result<Resize> {
        Ok(Resize {
            interpolation: self.interpolation("interpolation")?,
            antialias: self.flag("antialias")?,
            crop_to_aspect_ratio: self.flag("crop_to_aspect_ratio")?,
            pad_to_aspect_ratio: self.flag("pad_to_aspect_ratio")?,
            fill_mode: self.fill_mode("fill_mode")?,
            fill_value: self.number("fill_value")?,
            data_format: self.data_format("data_format")?,
        })
    }

    /// `change` is how the names of the numbers end: `padding` or `cropping`.
    pub(super) fn margins(&self, change: &str) -> Result<Margins> {
        let side = |name: &str| self.maybe_count(&format!("{name}_{change}"));
        Ok(Margins {
            top: side("top")?,
            left: side("left")?,
            bottom: side("bottom")?,
            right: side("right")?,
            target_height: self.maybe_count("target_height")?,
            target_width: self.maybe_count("target_width")?,
        })
    }

    pub(super) fn elastic(&self) -> Result<ElasticTransform> {
        Ok(ElasticTransform {
            alpha: self.number("alpha")?,
            sigma: self.number("sigma")?,
            interpolation: self.interpolation("interpolation")?,
            fill_mode: self.fill_mode("fill_mode")?,
            fill_value: self.number("fill_value")?,
            seed: self.maybe_count("seed")?.map(|seed| seed as u64),
            data_format: self.data_format("data_format")?,
        })
    }

    pub(super) fn similarity(&self) -> Result<Similarity> {
        Ok(Similarity {
            max_val: self.number("max_val")?,
            filter_size: self.count("filter_size")?,
            filter_sigma: self.number("filter_sigma")?,
            k1: self.number("k1")?,
            k2: self.number("k2")?,
            data_format: self.data_format("data_format")?,
        })
    }

    /// The method of `ScaleAndTranslate`, which has several names.
    fn method(&self) -> Result<Interpolation> {
        match self.text("method")?.as_str() {
            "linear" | "trilinear" => Ok(Interpolation::Bilinear),
            "cubic" | "tricubic" => Ok(Interpolation::Bicubic),
            name => Interpolation::try_from(name),
        }
    }

    fn spatial_dims(&self) -> Result<Vec<isize>> {
        Ok(self.integers("spatial_dims")?.as_slice().to_vec())
    }

    /// The sizes that are the second positional argument.
    fn output_shape(&self) -> Result<Shape> {
        let expected = "a list of sizes";
        let value =
            self.at(1).ok_or_else(|| Error::argument(self.class, "output_shape", expected, "none"))?;
        let dims = Vec::<Option<usize>>::from_value(value);
        dims.map(Shape::new)
            .ok_or_else(|| Error::argument(self.class, "output_shape", expected, shorten(value)))
    }
}

/// The images, and what stands at two positions of the call: the next operand, or what `constant` makes of plain data.
fn scaled<T: Clone>(
    operands: &[T],
    arguments: &Arguments<'_>,
    constant: impl Fn(&T, Constant) -> Result<T>,
) -> Result<[T; 3]> {
    let refused =
        || Error::argument(arguments.class, "inputs", "images, a scale and a translation", operands.len());
    let mut left = operands.iter();
    let images = left.next().filter(|_| arguments.at(0).is_none()).ok_or_else(refused)?;
    let mut next = |position: usize| match arguments.at(position) {
        Some(value) => constant(images, Constant::parse(arguments.class, value)?),
        None => left.next().cloned().ok_or_else(refused),
    };
    let (scale, translation) = (next(2)?, next(3)?);
    if left.next().is_some() {
        return Err(refused());
    }
    Ok([images.clone(), scale, translation])
}

pub(super) fn scale_and_translate(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let constant = |images: &Tensor, c: Constant| c.tensor(DType::F32, images.device());
    let [images, scale, translation] = scaled(operands, arguments, constant)?;
    let (shape, dims) = (arguments.output_shape()?, arguments.spatial_dims()?);
    let (method, antialias) = (arguments.method()?, arguments.flag("antialias")?);
    Ok(vec![image::scale_and_translate(&images, shape, &scale, &translation, &dims, method, antialias)?])
}

pub(super) fn scale_and_translate_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let [images, scale, translation] = scaled(operands, arguments, |_, c| Ok(c.spec(DType::F32)))?;
    let (shape, dims) = (arguments.output_shape()?, arguments.spatial_dims()?);
    let method = arguments.method()?;
    Ok(vec![image::scale_and_translate_spec(&images, &shape, &scale, &translation, &dims, method)?])
}
