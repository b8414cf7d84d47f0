//! The walk over the blocks of a scan.

use super::bits::Bits;
use super::frame::Frame;
use super::markers::Scan;
use crate::data::image::failure::Result;

/// Decodes blocks of one kind of scan.
pub(super) trait Coder {
    /// Forgets what blocks before a restart marker said.
    fn restart(&mut self);

    /// Decodes the next block, of the component at `part` in the scan.
    fn block(&mut self, bits: &mut Bits<'_>, part: usize, block: &mut [i16; 64]) -> Result<()>;
}

/// Decodes every block of a scan.
///
/// With several components their blocks are interleaved, so many of each to a unit; one component
/// alone goes block by block.
pub(super) fn run(
    frame: &mut Frame,
    scan: &Scan,
    restart_interval: usize,
    bits: &mut Bits<'_>,
    coder: &mut impl Coder,
) -> Result<()> {
    let alone = match scan.parts.as_slice() {
        [part] => Some(frame.components[part.component].blocks),
        _ => None,
    };
    let (across, down) = alone.unwrap_or(frame.units);
    let mut expected = 0;
    for unit in 0..across * down {
        if restart_interval > 0 && unit > 0 && unit % restart_interval == 0 {
            bits.restart(expected)?;
            coder.restart();
            expected = (expected + 1) % 8;
        }
        if bits.exhausted {
            continue;
        }
        let (column, row) = (unit % across, unit / across);
        for (i, part) in scan.parts.iter().enumerate() {
            let component = &mut frame.components[part.component];
            let (h, v) = alone.map_or(component.sampling, |_| (1, 1));
            for y in row * v..row * v + v {
                for x in column * h..column * h + h {
                    let block = &mut component.coefficients[y * component.stride + x];
                    coder.block(bits, i, block)?;
                }
            }
        }
    }
    Ok(())
}
