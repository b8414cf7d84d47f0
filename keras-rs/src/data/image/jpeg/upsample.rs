//! Chroma planes made as large as the image.
//!
//! Planes of half the width or height are filtered with a triangle: each new sample is 3/4 the
//! nearer and 1/4 the farther old one, rounded up and down in turn. Edges repeat. Other factors
//! repeat samples.

use super::frame::Component;
use crate::data::image::failure::{Failure, Result};

/// A component's samples at full size, `width` by `height`, rows after each other.
pub(super) fn upsample(component: &Component, (width, height): (usize, usize)) -> Result<Vec<u8>> {
    let plane = component.samples();
    let row = |y: usize| plane.row(y.min(plane.height - 1));
    let mut out = Vec::with_capacity(width * height);
    let mut line = Vec::with_capacity(width + 4);
    for y in 0..height {
        line.clear();
        match component.factors {
            // Samples too few to filter are repeated.
            (2, 1) if plane.width > 2 => double_row(row(y), &mut line),
            (2, 2) if plane.width > 2 => {
                double_both(row(y / 2), row(neighbour(y)), &mut line);
            }
            (1, 2) => {
                // 1/4 and 2/4: half is rounded down in even rows and up in odd ones.
                let round = 1 + (y % 2) as u16;
                let mix = |(&near, &far): (&u8, &u8)| weigh(near, far, round);
                line.extend(row(y / 2).iter().zip(row(neighbour(y))).map(mix));
            }
            (across, down) => {
                let repeat = |&sample| std::iter::repeat_n(sample, across);
                line.extend(row(y / down).iter().flat_map(repeat));
            }
        }
        let line = line.get(..width);
        out.extend_from_slice(line.ok_or_else(|| Failure::broken("a component is too narrow"))?);
    }
    Ok(out)
}

/// The other row that takes part in row `y` of twice the height.
fn neighbour(y: usize) -> usize {
    if y.is_multiple_of(2) { (y / 2).saturating_sub(1) } else { y / 2 + 1 }
}

fn weigh(near: u8, far: u8, round: u16) -> u8 {
    ((3 * u16::from(near) + u16::from(far) + round) >> 2) as u8
}

fn double_row(row: &[u8], out: &mut Vec<u8>) {
    let last = row.len() - 1;
    for (x, &near) in row.iter().enumerate() {
        out.push(weigh(near, row[x.saturating_sub(1)], 1));
        out.push(weigh(near, row[(x + 1).min(last)], 2));
    }
}

fn double_both(near: &[u8], far: &[u8], out: &mut Vec<u8>) {
    let last = near.len() - 1;
    let column = |x: usize| 3 * u16::from(near[x]) + u16::from(far[x]);
    for x in 0..=last {
        let (left, here, right) = (column(x.saturating_sub(1)), column(x), column((x + 1).min(last)));
        out.push(((3 * here + left + 8) >> 4) as u8);
        out.push(((3 * here + right + 7) >> 4) as u8);
    }
}
