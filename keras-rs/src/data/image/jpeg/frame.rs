//! The frame: the image's size and its components.

use super::idct::idct;
use super::markers::{u8_at, u16_at};
use crate::data::image::failure::{Failure, Result, check_size};

/// The head of a frame, and its coefficients as they come in.
pub(super) struct Frame {
    pub(super) progressive: bool,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) components: Vec<Component>,
    /// Interleaved units across and down.
    pub(super) units: (usize, usize),
}

/// A colour channel.
pub(super) struct Component {
    pub(super) id: u8,
    pub(super) quantiser_table: u8,
    /// Blocks across and down in an interleaved unit.
    pub(super) sampling: (usize, usize),
    /// The image's size over the component's, across and down.
    pub(super) factors: (usize, usize),
    /// Size in samples.
    size: (usize, usize),
    /// Size in blocks.
    pub(super) blocks: (usize, usize),
    /// Blocks kept in a row, which fill interleaved units.
    pub(super) stride: usize,
    pub(super) coefficients: Vec<[i16; 64]>,
    /// Taken from the table when the component's first scan begins.
    pub(super) quantisers: Option<[u16; 64]>,
}

impl Frame {
    pub(super) fn new(segment: &[u8], progressive: bool) -> Result<Self> {
        if u8_at(segment, 0)? != 8 {
            return Err(Failure::broken("only 8-bit samples are supported"));
        }
        let height = usize::from(u16_at(segment, 1)?);
        let width = usize::from(u16_at(segment, 3)?);
        check_size(width, height)?;
        let count = usize::from(u8_at(segment, 5)?);
        if !matches!(count, 1 | 3 | 4) {
            return Err(Failure::broken(format!("{count} components are not supported")));
        }
        let mut heads = Vec::with_capacity(count);
        for i in 0..count {
            let [id, sampling, table] = [0, 1, 2].map(|n| u8_at(segment, 6 + 3 * i + n));
            let sampling = sampling?;
            let sampling = (usize::from(sampling >> 4), usize::from(sampling & 15));
            if !(1..=4).contains(&sampling.0) || !(1..=4).contains(&sampling.1) {
                return Err(Failure::broken("a component has unsound sampling factors"));
            }
            heads.push((id?, sampling, table?));
        }
        let most = heads
            .iter()
            .fold((1, 1), |most, (_, sampling, _)| (most.0.max(sampling.0), most.1.max(sampling.1)));
        let units = (width.div_ceil(8 * most.0), height.div_ceil(8 * most.1));
        let component = |(id, sampling, quantiser_table): (u8, (usize, usize), u8)| {
            if most.0 % sampling.0 != 0 || most.1 % sampling.1 != 0 {
                return Err(Failure::broken("sampling factors do not divide each other"));
            }
            let size = ((width * sampling.0).div_ceil(most.0), (height * sampling.1).div_ceil(most.1));
            let stride = units.0 * sampling.0;
            Ok(Component {
                id,
                quantiser_table,
                sampling,
                factors: (most.0 / sampling.0, most.1 / sampling.1),
                size,
                blocks: (size.0.div_ceil(8), size.1.div_ceil(8)),
                stride,
                coefficients: vec![[0; 64]; stride * units.1 * sampling.1],
                quantisers: None,
            })
        };
        Ok(Self {
            progressive,
            width,
            height,
            components: heads.into_iter().map(component).collect::<Result<_>>()?,
            units,
        })
    }
}

impl Component {
    /// Transforms the coefficients into samples.
    pub(super) fn samples(&self) -> Plane {
        // A component without a scan stays medium grey.
        let quantisers = self.quantisers.unwrap_or([0; 64]);
        let stride = self.blocks.0 * 8;
        let mut samples = vec![0; stride * self.blocks.1 * 8];
        let rows = self.coefficients.chunks_exact(self.stride);
        for (band, row) in samples.chunks_exact_mut(stride * 8).zip(rows) {
            for (x, coefficients) in row.iter().take(self.blocks.0).enumerate() {
                let block = idct(coefficients, &quantisers);
                for (line, samples) in band.chunks_exact_mut(stride).zip(block.chunks_exact(8)) {
                    line[x * 8..x * 8 + 8].copy_from_slice(samples);
                }
            }
        }
        Plane { width: self.size.0, height: self.size.1, stride, samples }
    }
}

/// A component's samples, at its own size.
pub(super) struct Plane {
    pub(super) width: usize,
    pub(super) height: usize,
    stride: usize,
    samples: Vec<u8>,
}

impl Plane {
    pub(super) fn row(&self, y: usize) -> &[u8] {
        let start = y * self.stride;
        &self.samples[start..start + self.width]
    }
}
