//! Kernels of the short-time Fourier transform.

use super::Initialize;
use super::windows::{self, WINDOWS};
use crate::backend::Device;
use crate::config::{FromConfig, IntoConfig, KerasConfig};
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::tensor::{Tensor, TensorData};
use serde_json::Value;

/// Real or imaginary part of a windowed Fourier transform as the kernel of a convolution.
/// Keras' `STFT`.
///
/// Shapes: `(frame length, 1, frequencies)`, for a transform of `2 * (frequencies - 1)` samples.
/// Invalid arguments are reported when the initializer is first used.
///
/// ```
/// use keras_rs::initializers::{Initialize, STFT};
/// use keras_rs::{DType, backend::default_device};
///
/// let kernel = STFT::new().no_window().call(&[2, 1, 2], DType::F64, &default_device()?, 0)?;
/// let values = kernel.to_vec::<f64>()?;
/// assert!(values.iter().zip([1.0, 1.0, 1.0, -1.0]).all(|(a, b)| (a - b).abs() < 1e-12));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, KerasConfig)]
#[keras(module = "keras.initializers", check = |made, _| made.check())]
pub struct STFT {
    /// Part: `real` (default) or `imag`.
    #[keras(default = "real")]
    side: String,
    #[keras(default = Window::Named("hann".into()), no_setter)]
    window: Window,
    /// Whether the window is periodic rather than symmetric (default `false`).
    #[keras(default = false)]
    periodic: bool,
    /// Divisor of the window: the root of the sum of its squares for `density` (default), its
    /// sum for `spectrum`.
    #[keras(default = "density")]
    scaling: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum Window {
    None,
    Named(String),
    Values(Vec<f64>),
}

impl IntoConfig for Window {
    fn to_config(&self) -> Value {
        match self {
            Self::None => Value::Null,
            Self::Named(name) => name.as_str().into(),
            Self::Values(values) => values.as_slice().into(),
        }
    }
}

impl FromConfig for Window {
    const EXPECTED: &'static str = "a name, a list of numbers or nothing";

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(Self::None),
            Value::String(name) => Some(Self::Named(name.clone())),
            list => Vec::from_value(list).map(Self::Values),
        }
    }
}

impl STFT {
    /// Sets the window by SciPy's name of it.
    #[must_use]
    pub fn window(mut self, window: impl Into<String>) -> Self {
        self.window = Window::Named(window.into());
        self
    }

    /// Sets the window's values, one for each sample of a frame.
    #[must_use]
    pub fn window_values(mut self, values: impl Into<Vec<f64>>) -> Self {
        self.window = Window::Values(values.into());
        self
    }

    /// Uses no window and no scaling.
    #[must_use]
    pub fn no_window(mut self) -> Self {
        self.window = Window::None;
        self
    }

    /// Does not scale the window.
    #[must_use]
    pub fn no_scaling(mut self) -> Self {
        self.scaling = None;
        self
    }

    fn check(&self) -> Result<()> {
        if !["real", "imag"].contains(&self.side.as_str()) {
            return Err(Error::argument("STFT", "side", "real, imag", &self.side));
        }
        if let Some(scaling) = self.scaling.as_deref().filter(|s| !["density", "spectrum"].contains(s)) {
            return Err(Error::argument("STFT", "scaling", "density, spectrum or none", scaling));
        }
        match &self.window {
            Window::Named(name) if windows::window(name, 1, false).is_none() => {
                Err(Error::unknown_name("window", name, WINDOWS))
            }
            _ => Ok(()),
        }
    }
}

impl Initialize for STFT {
    fn call(&self, shape: &[usize], dtype: DType, device: &Device, _seed: u64) -> Result<Tensor> {
        self.check()?;
        let [frame, channels, frequencies] = *shape else {
            return Err(Error::shape("STFT", "shape", "(frame length, 1, frequencies)", tuple(shape)));
        };
        let window = match &self.window {
            Window::None => None,
            Window::Named(name) => windows::window(name, frame, self.periodic),
            Window::Values(values) => Some(values.clone()),
        };
        if let Some(values) = window.as_ref().filter(|w| w.len() != frame) {
            return Err(Error::shape("STFT", "window", format!("{frame} values"), values.len()));
        }
        let divisor = match (&window, self.scaling.as_deref()) {
            (Some(w), Some("density")) => w.iter().map(|v| v * v).sum::<f64>().sqrt(),
            (Some(w), Some("spectrum")) => w.iter().map(|v| v.abs()).sum::<f64>(),
            _ => 1.0,
        };
        let samples = (2 * frequencies.saturating_sub(1)) as f64;
        let mut values = Vec::with_capacity(frame * frequencies);
        for time in 0..frame {
            let weight = window.as_ref().map_or(1.0, |w| w[time] / divisor);
            for frequency in 0..frequencies {
                let angle = -std::f64::consts::TAU * time as f64 * (frequency as f64 / samples);
                values.push(weight * if self.side == "real" { angle.cos() } else { angle.sin() });
            }
        }
        let one = TensorData::from_f64(&values, vec![frame, 1, frequencies], dtype)?;
        Tensor::from_data_on(one, device)?.broadcast_to([frame, channels, frequencies])
    }
}
