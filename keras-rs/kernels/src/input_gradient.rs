//! The gradient of a convolution's inputs: a convolution of the outputs' gradients with the kernel turned around.

use crate::cells::{Cells, parts, range};
use crate::cpu::Level;
use crate::memory::zeros;
use crate::repeat::folded;
use crate::{
    AlignedBuffer, Convolution, ConvolutionGradients, Depthwise, Epilogue, View, ViewMut, Window, threads,
};
use std::sync::{Mutex, PoisonError};

/// Computes the gradient of the inputs. Returns whether it does so: not where an axis has both strides and dilation.
///
/// Inputs that are strides apart are under the same taps: with strides, there is a convolution for each remainder.
pub(crate) fn input_gradient(
    level: Level,
    of: &ConvolutionGradients,
    kernel: &[f32],
    outputs: View<'_>,
    input: ViewMut<'_>,
) -> bool {
    let ConvolutionGradients { window, channels: [inputs, columns], groups, batch, size } = *of;
    let (places, pixels) = (window.output(size), batch * size[0] * size[1]);
    assert!(outputs.holds(batch * places[0] * places[1], columns), "the gradients are too short");
    assert!(input.holds(pixels, inputs), "the gradient of the input is too short");
    let weights = window.kernel[0] * window.kernel[1] * of.of_a_group()[0] * columns;
    assert_eq!(kernel.len(), weights, "length of the kernel");
    if of.is_depthwise() && columns > groups {
        let mut wide = zeros(pixels * columns);
        let known = input_gradient(level, &of.widened(), kernel, outputs, ViewMut::dense(&mut wide, columns));
        folded(&wide, pixels, inputs, columns / groups, input);
        return known;
    }
    let phases = |axis: usize| -> Option<Vec<Phase>> {
        (0..window.strides[axis])
            .map(|rest| Phase::new(&window, axis, rest, size[axis], places[axis]))
            .collect()
    };
    let (Some(rows), Some(columns)) = (phases(0), phases(1)) else { return false };
    if let ([row], [column]) = (&rows[..], &columns[..]) {
        let turned = Turned::new([row, column], level, of, kernel);
        if turned.window.output(places) == size && row.surplus + column.surplus == 0 {
            turned.run(batch, places, outputs, input);
            return true;
        }
    }
    let all = Cells::new(input, pixels, inputs);
    let mut scratch = AlignedBuffer::default();
    for row in &rows {
        for column in &columns {
            let count = row.count * column.count;
            let mut made = [0, 0];
            if row.taps * column.taps > 0 && count > 0 {
                let turned = Turned::new([row, column], level, of, kernel);
                made = turned.window.output(places);
                let numbers = batch * made[0] * made[1] * inputs;
                if scratch.len() < numbers {
                    scratch = AlignedBuffer::new(numbers);
                }
                turned.run(batch, places, outputs, ViewMut::dense(&mut scratch, inputs));
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

/// A phase's convolution: taps in reverse, channels exchanged.
struct Turned {
    window: Window,
    layer: Layer,
    level: Level,
}

enum Layer {
    Convolution(Convolution),
    Depthwise(Depthwise),
}

impl Turned {
    fn new([rows, columns]: [&Phase; 2], level: Level, of: &ConvolutionGradients, kernel: &[f32]) -> Self {
        let ConvolutionGradients { window, channels, groups, .. } = *of;
        let turned = Window {
            kernel: [rows.taps, columns.taps],
            strides: [1, 1],
            dilation: window.dilation,
            pads: [rows.pads, columns.pads],
        };
        let taps = rows.taps * columns.taps;
        let from = |i: usize| {
            let (y, x) = (rows.taps - 1 - i / columns.taps, columns.taps - 1 - i % columns.taps);
            (rows.tap + y * window.strides[0]) * window.kernel[1] + columns.tap + x * window.strides[1]
        };
        let layer = if of.is_depthwise() {
            let one = |tap: usize| &kernel[from(tap) * groups..][..groups];
            let weights: Vec<f32> = (0..taps).flat_map(one).copied().collect();
            Layer::Depthwise(Depthwise::new(turned, groups, 1, &weights))
        } else {
            let weights = exchanged(taps, of, kernel, &from);
            Layer::Convolution(Convolution::at(level, turned, [channels[1], channels[0]], groups, &weights))
        };
        Self { window: turned, layer, level }
    }

    fn run(&self, batch: usize, size: [usize; 2], from: View<'_>, to: ViewMut<'_>) {
        match &self.layer {
            Layer::Convolution(layer) => {
                layer.run(batch, size, from, None, Epilogue::default(), to);
            }
            Layer::Depthwise(layer) => layer.run_at(self.level, batch, size, from, Epilogue::default(), to),
        }
    }
}

/// The weights of some taps, with inputs and outputs exchanged; `tap` is where those of each come from.
fn exchanged(
    taps: usize,
    of: &ConvolutionGradients,
    kernel: &[f32],
    tap: &(dyn Fn(usize) -> usize + Sync),
) -> Vec<f32> {
    let ([inputs, outputs], [all_inputs, all_outputs]) = (of.of_a_group(), of.channels);
    let mut weights = zeros(taps * outputs * all_inputs);
    // Some rows of one tap's weights, each of as many numbers as there are inputs.
    let size = all_inputs * if of.groups == 1 { BAND } else { outputs };
    let mut all: Vec<_> = weights.chunks_mut((all_inputs * outputs).max(1)).collect();
    let all = all.iter_mut().enumerate().flat_map(|(tap, to)| {
        to.chunks_mut(size.max(1)).enumerate().map(move |(band, to)| Mutex::new((tap, band, to)))
    });
    let all: Vec<_> = all.collect();
    threads::run(all.len(), &|part| {
        let mut part = all[part].lock().unwrap_or_else(PoisonError::into_inner);
        let (i, band, ref mut to) = *part;
        let from = &kernel[tap(i) * inputs * all_outputs..][..inputs * all_outputs];
        if of.groups == 1 {
            transpose(from, [inputs, outputs], band * BAND, to);
            return;
        }
        for (output, to) in to.chunks_exact_mut(all_inputs).enumerate() {
            for (input, to) in to.iter_mut().enumerate() {
                *to = from[input % inputs * all_outputs + input / inputs * outputs + output];
            }
        }
    });
    weights
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
