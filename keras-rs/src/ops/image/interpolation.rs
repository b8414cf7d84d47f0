//! Which elements an interpolation takes, and their weights.

use crate::error::{Error, Result};
use std::f64::consts::PI;

/// How to interpolate between elements.
///
/// ```
/// use keras_rs::ops::image::Interpolation;
///
/// assert_eq!(Interpolation::try_from("bicubic")?, Interpolation::Bicubic);
/// assert!(Interpolation::try_from("quintic").is_err());
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Interpolation {
    /// The element whose centre is nearest.
    #[default]
    Nearest,
    /// Linear between two elements.
    Bilinear,
    /// Keys' cubic over four elements.
    Bicubic,
    /// A windowed sinc over six elements.
    Lanczos3,
    /// A windowed sinc over ten elements.
    Lanczos5,
}

impl Interpolation {
    const ALL: [Self; 5] = [Self::Nearest, Self::Bilinear, Self::Bicubic, Self::Lanczos3, Self::Lanczos5];

    /// Keras' name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nearest => "nearest",
            Self::Bilinear => "bilinear",
            Self::Bicubic => "bicubic",
            Self::Lanczos3 => "lanczos3",
            Self::Lanczos5 => "lanczos5",
        }
    }

    /// Whether it is linear; refuses all but linear and nearest.
    pub(super) fn is_linear(self, context: &str) -> Result<bool> {
        match self {
            Self::Nearest => Ok(false),
            Self::Bilinear => Ok(true),
            other => Err(Error::argument(context, "interpolation", "nearest or bilinear", other.name())),
        }
    }

    /// Weight of an element at a distance.
    pub(super) fn kernel(self, distance: f64) -> f64 {
        match self {
            Self::Nearest => f64::from(u8::from(distance <= 0.5)),
            Self::Bilinear => (1.0 - distance).max(0.0),
            Self::Bicubic => keys(distance),
            Self::Lanczos3 => lanczos(3.0, distance),
            Self::Lanczos5 => lanczos(5.0, distance),
        }
    }
}

impl TryFrom<&str> for Interpolation {
    type Error = Error;

    /// Case is ignored, as in Keras.
    fn try_from(name: &str) -> Result<Self> {
        let lower = name.to_lowercase();
        Self::ALL
            .into_iter()
            .find(|known| known.name() == lower)
            .ok_or_else(|| Error::unknown_name("interpolation", name, Self::ALL.map(Self::name)))
    }
}

/// Keys' cubic convolution with the parameter -1/2.
fn keys(x: f64) -> f64 {
    match x {
        x if x < 1.0 => (1.5 * x - 2.5) * x * x + 1.0,
        x if x < 2.0 => ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0,
        _ => 0.0,
    }
}

fn lanczos(radius: f64, x: f64) -> f64 {
    match x {
        x if x > radius => 0.0,
        // The limit, where the quotient loses its digits.
        x if x <= 1e-3 => 1.0,
        x => radius * (PI * x).sin() * (PI * x / radius).sin() / (PI * PI * x * x),
    }
}
