//! InceptionV3: convolutions of several sizes beside each other (Szegedy et al., 2015).

use keras_rs::layers::{Concatenate, LayerExt};
use keras_rs::{Result, layer::KerasTensor};

use crate::inception::{average_convolve, convolve, convolve_halve, halve, mixed, mixed_35, stem};
use crate::network::{Arguments, Network, pooled_unnamed};
use crate::{Family, Pooling};

/// There is one.
#[derive(Debug)]
pub(crate) struct InceptionV3;

impl Network for InceptionV3 {
    fn family(&self) -> Family {
        Family::InceptionV3
    }

    fn features(&self, image: &KerasTensor, _arguments: &Arguments) -> Result<KerasTensor> {
        let mut x = stem(image)?;
        for (block, pooled) in [32, 64, 64].into_iter().enumerate() {
            x = mixed_35(&x, [64, pooled], &format!("mixed{block}"))?;
        }
        let branches = [
            convolve_halve(&x, &[], 384)?,
            convolve_halve(&x, &[(64, (1, 1)), (96, (3, 3))], 96)?,
            halve(&x)?,
        ];
        x = mixed(&branches, "mixed3")?;
        for (block, filters) in (4..).zip([128, 160, 160, 192]) {
            x = mixed_17(&x, filters, &format!("mixed{block}"))?;
        }
        let branches = [
            convolve_halve(&x, &[(192, (1, 1))], 320)?,
            convolve_halve(&x, &[(192, (1, 1)), (192, (1, 7)), (192, (7, 1))], 192)?,
            halve(&x)?,
        ];
        x = mixed(&branches, "mixed8")?;
        for block in 0..2 {
            x = mixed_8(&x, block)?;
        }
        Ok(x)
    }

    fn pooled(&self, x: KerasTensor, pooling: Pooling) -> Result<KerasTensor> {
        pooled_unnamed(&x, pooling)
    }
}

/// Kernels of 7x7, each as a column and a row.
fn mixed_17(x: &KerasTensor, filters: usize, name: &str) -> Result<KerasTensor> {
    let (row, column) = ((1, 7), (7, 1));
    let branches = [
        convolve(x, &[(192, (1, 1))])?,
        convolve(x, &[(filters, (1, 1)), (filters, row), (192, column)])?,
        convolve(x, &[(filters, (1, 1)), (filters, column), (filters, row), (filters, column), (192, row)])?,
        average_convolve(x, 192)?,
    ];
    mixed(&branches, name)
}

/// A row and a column beside each other, twice.
fn mixed_8(x: &KerasTensor, block: usize) -> Result<KerasTensor> {
    let cross = |x: &KerasTensor| -> Result<[KerasTensor; 2]> {
        Ok([convolve(x, &[(384, (1, 3))])?, convolve(x, &[(384, (3, 1))])?])
    };
    let single = convolve(x, &[(320, (1, 1))])?;
    let short = cross(&convolve(x, &[(384, (1, 1))])?)?;
    let short = mixed(&short, format!("mixed9_{block}"))?;
    let long = cross(&convolve(x, &[(448, (1, 1)), (384, (3, 3))])?)?;
    let long = Concatenate::new().apply(&long[..])?;
    mixed(&[single, short, long, average_convolve(x, 192)?], format!("mixed{}", 9 + block))
}
