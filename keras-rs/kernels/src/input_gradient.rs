//! The gradient of a convolution's inputs: a convolution of the outputs' gradients with the kernel turned around.

use crate::cells::{Cells, parts, range};
use crate::memory::zeros;
use crate::{AlignedBuffer, Convolution, Epilogue, View, ViewMut, Window, threads};
use std::sync::{Mutex, PoisonError};

/// Computes the gradient of the inputs, `batch` images of `size`, of a kernel `(rows, columns, channels[0],
/// channels[1])` and the gradients of the outputs, for a convolution without groups. Returns whether it does so: not
/// where an axis has both strides and dilation.
///
/// Inputs that are strides apart are under the same taps: with strides, there is a convolution for each remainder.
///
/// ```
/// use keras_rs_kernels::{View, ViewMut, Window, input_gradient};
///
/// let window = Window { kernel: [1, 2], strides: [1, 1], dilation: [1, 1], pads: [[0, 0], [0, 1]] };
/// let (kernel, outputs, mut inputs) = ([2.0, 3.0], [1.0, 10.0, 100.0], [0.0; 3]);
/// let (gradients, to) = (View::dense(&outputs, 1), ViewMut::dense(&mut inputs, 1));
/// assert!(input_gradient(window, [1, 1], 1, [1, 3], &kernel, gradients, to));
/// assert_eq!(inputs, [2.0, 23.0, 230.0]);
/// ```
///
/// # Panics
/// Where a view has fewer values than its pixels need, or the kernel another length.
pub fn input_gradient(
    window: Window,
    channels: [usize; 2],
    batch: usize,
    size: [usize; 2],
    kernel: &[f32],
    outputs: View<'_>,
    input: ViewMut<'_>,
) -> bool {
    let [inputs, columns] = channels;
    let places = window.output(size);
    assert!(outputs.holds(batch * places[0] * places[1], columns), "the gradients are too short");
    assert!(input.holds(batch * size[0] * size[1], inputs), "the gradient of the input is too short");
    assert_eq!(kernel.len(), window.kernel[0] * window.kernel[1] * inputs * columns, "length of the kernel");
    let phases = |axis: usize| -> Option<Vec<Phase>> {
        (0..window.strides[axis])
            .map(|rest| Phase::new(&window, axis, rest, size[axis], places[axis]))
            .collect()
    };
    let (Some(rows), Some(columns)) = (phases(0), phases(1)) else { return false };
    if let ([row], [column]) = (&rows[..], &columns[..]) {
        let (turned, weights) = turned([row, column], window, channels, kernel);
        if turned.output(places) == size && row.surplus + column.surplus == 0 {
            let convolution = Convolution::new(turned, [channels[1], channels[0]], 1, &weights);
            convolution.run(batch, places, outputs, None, Epilogue::default(), input);
            return true;
        }
    }
    let all = Cells::new(input, batch * size[0] * size[1], inputs);
    let mut scratch = AlignedBuffer::default();
    for row in &rows {
        for column in &columns {
            let count = row.count * column.count;
            let mut made = [0, 0];
            if row.taps * column.taps > 0 && count > 0 {
                let (turned, weights) = turned([row, column], window, channels, kernel);
                made = turned.output(places);
                let numbers = batch * made[0] * made[1] * inputs;
                if scratch.len() < numbers {
                    scratch = AlignedBuffer::new(numbers);
                }
                let convolution = Convolution::new(turned, [channels[1], channels[0]], 1, &weights);
                let target = ViewMut::dense(&mut scratch, inputs);
                convolution.run(batch, places, outputs, None, Epilogue::default(), target);
            }
            spread(
                [row, column],
                &window,
                [batch, size[0], size[1]],
                View::dense(&scratch, inputs),
                made,
                &all,
            );
        }
    }
    true
}

/// Rows or columns of the input that are strides apart.
#[derive(Clone, Copy, Debug)]
struct Phase {
    /// The first one, and how many there are.
    first: usize,
    count: usize,
    /// The first tap over them, and how many there are, strides apart.
    tap: usize,
    taps: usize,
    /// Padding before and after the outputs' gradients.
    pads: [usize; 2],
    /// How many places their convolution has before the first one.
    surplus: usize,
}

impl Phase {
    /// Those whose places have this remainder. `None` where the taps over them are not so far apart.
    fn new(window: &Window, axis: usize, rest: usize, size: usize, places: usize) -> Option<Self> {
        let (kernel, stride, step) = (window.kernel[axis], window.strides[axis], window.dilation[axis]);
        if stride > 1 && step > 1 && kernel > 1 {
            return None;
        }
        let before = window.pads[axis][0];
        let skipped = before.saturating_sub(rest).div_ceil(stride);
        let first = stride * skipped + rest - before;
        let count = size.saturating_sub(first).div_ceil(stride);
        let taps = kernel.saturating_sub(rest).div_ceil(stride);
        if taps == 0 || count == 0 || places == 0 {
            return Some(Self { first, count, tap: rest, taps: 0, pads: [0, 0], surplus: 0 });
        }
        let reach = (taps - 1) * step;
        let (before, surplus) = (reach.saturating_sub(skipped), skipped.saturating_sub(reach));
        let after = (count + surplus + reach).saturating_sub(places + before);
        Some(Self { first, count, tap: rest, taps, pads: [before, after], surplus })
    }
}

/// The window and the weights of a phase's convolution: taps in reverse, channels exchanged.
fn turned(
    phases: [&Phase; 2],
    window: Window,
    [inputs, columns]: [usize; 2],
    kernel: &[f32],
) -> (Window, Vec<f32>) {
    let [rows, cols] = phases;
    let turned = Window {
        kernel: [rows.taps, cols.taps],
        strides: [1, 1],
        dilation: window.dilation,
        pads: [rows.pads, cols.pads],
    };
    let mut weights = zeros(rows.taps * cols.taps * inputs * columns);
    // Some rows of one tap's weights, each of as many numbers as there are inputs.
    let mut taps: Vec<_> = weights.chunks_mut((inputs * columns).max(1)).collect();
    let all = taps.iter_mut().enumerate().flat_map(|(tap, to)| {
        to.chunks_mut((inputs * BAND).max(1)).enumerate().map(move |(band, to)| Mutex::new((tap, band, to)))
    });
    let all: Vec<_> = all.collect();
    threads::run(all.len(), &|part| {
        let mut part = all[part].lock().unwrap_or_else(PoisonError::into_inner);
        let (i, band, ref mut to) = *part;
        let (y, x) = (rows.taps - 1 - i / cols.taps, cols.taps - 1 - i % cols.taps);
        let tap = (rows.tap + y * window.strides[0]) * window.kernel[1] + cols.tap + x * window.strides[1];
        let from = &kernel[tap * inputs * columns..][..inputs * columns];
        transpose(from, [inputs, columns], band * BAND, to);
    });
    (turned, weights)
}

/// Rows that a thread makes at a time.
const BAND: usize = 64;

/// Exchanges rows and columns, in squares that fit the first cache: makes the rows from `start` on that there is room for.
fn transpose(from: &[f32], [rows, columns]: [usize; 2], start: usize, to: &mut [f32]) {
    const SQUARE: usize = 16;
    let end = columns.min(start + to.len() / rows.max(1));
    for first_row in (0..rows).step_by(SQUARE) {
        let last_row = rows.min(first_row + SQUARE);
        for first_column in (start..end).step_by(SQUARE) {
            for column in first_column..end.min(first_column + SQUARE) {
                for row in first_row..last_row {
                    to[(column - start) * rows + row] = from[row * columns + column];
                }
            }
        }
    }
}

/// Writes what a phase's convolution made to where it belongs, zeros where it made nothing.
fn spread(
    [rows, columns]: [&Phase; 2],
    window: &Window,
    [batch, height, width]: [usize; 3],
    from: View<'_>,
    made: [usize; 2],
    to: &Cells<'_>,
) {
    let lines = batch * rows.count;
    let parts = parts(lines, lines * columns.count * from.pitch);
    threads::run(parts, &|part| {
        for line in range(lines, parts, part) {
            let (image, row) = (line / rows.count, line % rows.count);
            let first = (image * height + rows.first + row * window.strides[0]) * width + columns.first;
            for column in 0..columns.count {
                // SAFETY: this part alone has the row, and no other phase these pixels.
                #[allow(unsafe_code, reason = "threads write to parts of one slice")]
                let to = unsafe { to.pixel(first + column * window.strides[1]) };
                let (row, column) = (row + rows.surplus, column + columns.surplus);
                if row < made[0] && column < made[1] {
                    let pixel = (image * made[0] + row) * made[1] + column;
                    to.copy_from_slice(from.pixel(pixel, from.pitch));
                } else {
                    to.fill(0.0);
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plain::{Buffer, random_window};
    use crate::tests::Random;

    #[test]
    fn as_plain_loops() {
        let mut random = Random::new(12);
        for round in 0..400 {
            let mut window = random_window(&mut random, 5);
            for axis in 0..2 {
                if round % 4 > 0 && window.strides[axis] > 1 {
                    window.dilation[axis] = 1;
                }
            }
            let channels = [random.whole(1, 40), random.whole(1, 40)];
            let (batch, size) = (random.whole(1, 3), [random.whole(1, 12), random.whole(1, 12)]);
            let places = window.output(size);
            let outputs = Buffer::random(&mut random, batch * places[0] * places[1], channels[1]);
            let kernel = random.numbers(window.kernel[0] * window.kernel[1] * channels[0] * channels[1]);
            let mut exact = vec![0.0_f32; batch * size[0] * size[1] * channels[0]];
            for pixel in 0..batch * places[0] * places[1] {
                let (row, x) = (pixel / places[1], pixel % places[1]);
                let gradients = outputs.view().pixel(pixel, channels[1]);
                for (tap, weights) in kernel.chunks_exact(channels[0] * channels[1]).enumerate() {
                    let y = window.source(0, row % places[0], tap / window.kernel[1], size[0]);
                    let x = window.source(1, x, tap % window.kernel[1], size[1]);
                    let (Some(y), Some(x)) = (y, x) else { continue };
                    let first = ((row / places[0] * size[0] + y) * size[1] + x) * channels[0];
                    let exact = &mut exact[first..first + channels[0]];
                    for (exact, weights) in exact.iter_mut().zip(weights.chunks_exact(channels[1])) {
                        *exact += weights.iter().zip(gradients).map(|(w, g)| w * g).sum::<f32>();
                    }
                }
            }
            let before = Buffer::random(&mut random, batch * size[0] * size[1], channels[0]);
            let mut made = before.clone();
            let known =
                input_gradient(window, channels, batch, size, &kernel, outputs.view(), made.view_mut());
            let mixed = |axis: usize| {
                window.strides[axis] > 1 && window.dilation[axis] > 1 && window.kernel[axis] > 1
            };
            assert_eq!(known, !mixed(0) && !mixed(1));
            if known {
                made.expect(&exact, &before, &format!("{window:?} {size:?} {channels:?}"));
            }
        }
    }
}
