//! Batch renormalization: the bounds of its correction, and the moments of a batch.

use crate::config::{Config, ConfigExt, FromConfig, IntoConfig};
use crate::error::{Error, Result};
use crate::tensor::Tensor;
use serde_json::Value;

/// Bounds of the correction that batch renormalization applies; Ioffe, 2017.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let bounds = RenormClipping { rmax: Some(3.0), rmin: Some(0.3), dmax: Some(5.0) };
/// let layer = BatchNormalization::new().renorm(true).renorm_clipping(bounds).shared();
/// layer.build(&[[None, Some(2)].into()])?;
/// assert_eq!(layer.variables().len(), 7);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RenormClipping {
    /// Largest factor.
    pub rmax: Option<f64>,
    /// Smallest factor.
    pub rmin: Option<f64>,
    /// Largest shift in either direction.
    pub dmax: Option<f64>,
}

impl RenormClipping {
    pub(super) fn check(&self, context: &str) -> Result<()> {
        if let (Some(rmax), Some(rmin)) = (self.rmax, self.rmin)
            && rmax < rmin
        {
            let got = format!("rmax {rmax} and rmin {rmin}");
            return Err(Error::argument(context, "renorm_clipping", "rmax of at least rmin", got));
        }
        if self.dmax.is_some_and(|dmax| dmax < 0.0) {
            let got = format!("{:?}", self.dmax);
            return Err(Error::argument(context, "renorm_clipping", "dmax of at least 0", got));
        }
        Ok(())
    }

    /// Factor and shift that turn the batch's statistics into the renormalized ones.
    pub(super) fn correction(
        &self,
        batch: (&Tensor, &Tensor),
        running: (&Tensor, &Tensor),
        epsilon: f64,
    ) -> Result<(Tensor, Tensor)> {
        let stddev = running.1.clip(Some(epsilon.sqrt()), None)?;
        let factor = batch.1.div(&stddev)?;
        let shift = batch.0.sub(running.0)?.div(&stddev)?;
        Ok((
            factor.clip(self.rmin, None)?.clip(None, self.rmax)?,
            shift.clip(self.dmax.map(|d| -d), self.dmax)?,
        ))
    }
}

impl FromConfig for RenormClipping {
    const EXPECTED: &'static str = "an object with rmax, rmin and dmax";

    fn from_value(value: &Value) -> Option<Self> {
        let mut bounds = Self::default();
        for (key, value) in value.as_object()? {
            let slot = match key.as_str() {
                "rmax" => &mut bounds.rmax,
                "rmin" => &mut bounds.rmin,
                "dmax" => &mut bounds.dmax,
                _ => return None,
            };
            *slot = Option::<f64>::from_value(value)?;
        }
        Some(bounds)
    }
}

impl IntoConfig for RenormClipping {
    fn to_config(&self) -> Value {
        let mut config = Config::new();
        for (key, bound) in [("rmax", self.rmax), ("rmin", self.rmin), ("dmax", self.dmax)] {
            if bound.is_some() {
                config = config.with(key, bound);
            }
        }
        Value::Object(config)
    }
}
