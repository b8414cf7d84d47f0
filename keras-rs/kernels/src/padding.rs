//! Margins: of zeros, and left out.

use crate::cells::{Cells, parts, range};
use crate::{View, ViewMut, threads};

/// Copies images into larger ones, with zeros on `pads`: `[[top, bottom], [left, right]]`.
///
/// ```
/// use keras_rs_kernels::{View, ViewMut, pad};
///
/// let mut output = [9.0; 6];
/// let (input, larger) = (View::dense(&[1.0, 2.0], 1), ViewMut::dense(&mut output, 1));
/// pad(1, [1, 2], 1, [[1, 0], [0, 1]], input, larger);
/// assert_eq!(output, [0.0, 0.0, 0.0, 1.0, 2.0, 0.0]);
/// ```
///
/// # Panics
/// Where a view has fewer values than its pixels need.
pub fn pad(
    batch: usize,
    size: [usize; 2],
    channels: usize,
    pads: [[usize; 2]; 2],
    input: View<'_>,
    output: ViewMut<'_>,
) {
    let [height, width] = size;
    let [[top, bottom], [left, right]] = pads;
    let (rows, columns) = (height + top + bottom, width + left + right);
    assert!(input.holds(batch * height * width, channels), "the input is too short");
    let output = Cells::new(output, batch * rows * columns, channels);
    let parts = parts(batch * rows, batch * rows * columns * channels);
    threads::run(parts, &|part| {
        for row in range(batch * rows, parts, part) {
            let (image, y) = (row / rows, row % rows);
            let first = row * columns;
            let line = y.checked_sub(top).filter(|y| *y < height);
            let filled = if line.is_some() { first + left..first + left + width } else { first..first };
            let from = (image * height + line.unwrap_or(0)) * width;
            // SAFETY: this part alone has the row.
            #[allow(unsafe_code, reason = "threads write to parts of one slice")]
            unsafe {
                output.pieces(first..filled.start).for_each(|zeros| zeros.fill(0.0));
                output.pieces(filled.end..first + columns).for_each(|zeros| zeros.fill(0.0));
                for (i, to) in (from..).zip(filled) {
                    output.pixel(to).copy_from_slice(input.pixel(i, channels));
                }
            }
        }
    });
}

/// Copies images without some rows and columns: `[[top, bottom], [left, right]]`.
///
/// ```
/// use keras_rs_kernels::{View, ViewMut, crop};
///
/// let mut output = [0.0; 2];
/// let (input, smaller) = (View::dense(&[1.0, 2.0, 3.0, 4.0], 1), ViewMut::dense(&mut output, 1));
/// crop(1, [2, 2], 1, [[1, 0], [0, 0]], input, smaller);
/// assert_eq!(output, [3.0, 4.0]);
/// ```
///
/// # Panics
/// Where a view has fewer values than its pixels need, or more is left out than there is.
pub fn crop(
    batch: usize,
    [height, width]: [usize; 2],
    channels: usize,
    [[top, bottom], [left, right]]: [[usize; 2]; 2],
    input: View<'_>,
    mut output: ViewMut<'_>,
) {
    assert!(top + bottom <= height && left + right <= width, "more is left out than there is");
    assert!(input.holds(batch * height * width, channels), "the input is too short");
    let (rows, columns) = (height - top - bottom, width - left - right);
    for row in 0..batch * rows {
        let from = (row / rows * height + top + row % rows) * width + left;
        for x in 0..columns {
            output.pixel(row * columns + x, channels).copy_from_slice(input.pixel(from + x, channels));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plain::Buffer;
    use crate::tests::Random;

    #[test]
    fn margins_are_zeros() {
        let mut random = Random::new(6);
        for _ in 0..200 {
            let (batch, size, channels) =
                (random.whole(1, 3), [random.whole(1, 9), random.whole(1, 9)], random.whole(1, 40));
            let pads = [[random.whole(0, 3), random.whole(0, 3)], [random.whole(0, 3), random.whole(0, 3)]];
            let larger: [usize; 2] = std::array::from_fn(|axis| size[axis] + pads[axis][0] + pads[axis][1]);
            let pixels = batch * larger[0] * larger[1];
            let input = Buffer::random(&mut random, batch * size[0] * size[1], channels);
            let at = |i: usize| {
                let (pixel, channel) = (i / channels, i % channels);
                let (row, x) = (pixel / larger[1], pixel % larger[1]);
                let y = (row % larger[0]).checked_sub(pads[0][0]).filter(|y| *y < size[0]);
                let x = x.checked_sub(pads[1][0]).filter(|x| *x < size[1]);
                let (Some(y), Some(x)) = (y, x) else { return 0.0 };
                let pixel = (row / larger[0] * size[0] + y) * size[1] + x;
                input.view().pixel(pixel, channels)[channel]
            };
            let exact: Vec<f32> = (0..pixels * channels).map(at).collect();
            let before = Buffer::random(&mut random, pixels, channels);
            let mut output = before.clone();
            pad(batch, size, channels, pads, input.view(), output.view_mut());
            output.expect(&exact, &before, &format!("{size:?} {channels} {pads:?}"));
            let all: Vec<f32> = (0..batch * size[0] * size[1])
                .flat_map(|i| input.view().pixel(i, channels).to_vec())
                .collect();
            let before = Buffer::random(&mut random, batch * size[0] * size[1], channels);
            let mut back = before.clone();
            crop(batch, larger, channels, pads, output.view(), back.view_mut());
            back.expect(&all, &before, &format!("cropped {size:?} {channels} {pads:?}"));
        }
    }
}
