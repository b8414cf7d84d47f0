//! A convolution, a depthwise convolution and a product of its pixels, in bands of rows that stay in the caches.
//!
//! The tensors in between are the largest ones of networks made of such blocks, and each number of them is used by few
//! products: written to memory and read again they would take longer than the arithmetic. A band needs only some rows
//! of them at a time, and rows under the kernels of two bands are kept from one to the next.

#![allow(unsafe_code, reason = "threads write disjoint parts of one output through a pointer")]

use crate::cells::Cells;
use crate::depthwise::{PANEL, Rows};
use crate::gather::Gather;
use crate::multiply::{Multiply, Target, part};
use crate::tile::Kernels;
use crate::{AlignedBuffer, Convolution, Depthwise, Epilogue, View, ViewMut, Window, threads};
use std::cell::RefCell;
use std::ops::Range;

/// Numbers that a band keeps at a time: half of a second cache of a megabyte.
const ROOM: usize = 1 << 17;
/// Parts for each thread, where there are not enough images.
const PARTS: usize = 2;
/// Rows of a part at least, since it computes rows of the tensor in between that its neighbours compute, too.
const LEAST: usize = 7;

thread_local! {
    static BANDS: RefCell<[AlignedBuffer; 2]> = RefCell::default();
}

/// Three layers, each with its epilogue; the first one may be missing.
///
/// ```
/// use keras_rs_kernels::{Convolution, Depthwise, Epilogue, InvertedResidual, View, ViewMut, Window};
///
/// let point = Convolution::new(Window::POINT, [1, 16], 1, &[1.0; 16]);
/// let window = Window { kernel: [1, 2], strides: [1, 1], dilation: [1, 1], pads: [[0, 0], [0, 1]] };
/// let depthwise = Depthwise::new(window, 16, 1, &[0.5; 32]);
/// let sum = Convolution::new(Window::POINT, [16, 1], 1, &[1.0; 16]);
/// let none = Epilogue::default();
/// let block = InvertedResidual::new(Some((&point, none)), (&depthwise, none), (&sum, none)).unwrap();
/// let (input, mut output) = ([1.0, 4.0, 2.0], [0.0; 3]);
/// block.run(1, [1, 3], View::dense(&input, 1), ViewMut::dense(&mut output, 1));
/// assert_eq!(output, [40.0, 48.0, 16.0]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct InvertedResidual<'a> {
    expand: Option<(&'a Convolution, Epilogue<'a>)>,
    depthwise: (&'a Depthwise, Epilogue<'a>),
    project: (&'a Convolution, Epilogue<'a>),
    channels: usize,
}

impl<'a> InvertedResidual<'a> {
    /// `None` where the layers do not follow each other, or there is no loop for them: `expand` and `project` have one
    /// group, `project` takes single pixels, the channels between them are a multiple of [`Self::CHANNELS`], each with
    /// one kernel, and only the last epilogue has a residual.
    pub fn new(
        expand: Option<(&'a Convolution, Epilogue<'a>)>,
        depthwise: (&'a Depthwise, Epilogue<'a>),
        project: (&'a Convolution, Epilogue<'a>),
    ) -> Option<Self> {
        let channels = depthwise.0.whole_panels()?;
        let fits = |(convolution, epilogue): (&Convolution, Epilogue)| {
            let same = convolution.level == project.0.level && convolution.channels[1] == channels;
            convolution.panels.len() == 1 && same && epilogue.residual.is_none()
        };
        let fits = depthwise.1.residual.is_none()
            && expand.is_none_or(fits)
            && project.0.window == Window::POINT
            && project.0.panels.len() == 1
            && project.0.channels[0] == channels;
        let block = Self { expand, depthwise, project, channels };
        fits.then_some(block)
    }

    /// What the channels between the layers are a multiple of.
    pub const CHANNELS: usize = PANEL;

    /// Whether bands are faster than one layer after the other, for so many images with so many rows in the output:
    /// where there are too few parts for the threads, the layers share out their channels.
    pub fn saves_time(batch: usize, rows: usize) -> bool {
        parts(batch, rows) * batch >= threads::count()
    }

    /// Computes `batch` images of `size`.
    ///
    /// # Panics
    /// Where a view or a slice of numbers per channel is too short.
    pub fn run(&self, batch: usize, size: [usize; 2], input: View<'_>, output: ViewMut<'_>) {
        self.run_in(ROOM, batch, size, input, output);
    }

    fn run_in(&self, room: usize, batch: usize, size: [usize; 2], input: View<'_>, mut output: ViewMut<'_>) {
        let [between, places] = self.places(size);
        let rows = batch * places[0] * places[1];
        let inputs = self.expand.map_or(self.channels, |(convolution, _)| convolution.channels[0]);
        let outputs = self.project.0.channels[1];
        assert!(input.holds(batch * size[0] * size[1], inputs), "the input is too short");
        assert!(output.holds(rows, outputs), "the output is too short");
        assert!(self.project.1.fits(rows, outputs), "the bias or the residual is too short");
        let fits = |epilogue: Epilogue| epilogue.bias.is_none_or(|bias| bias.len() >= self.channels);
        assert!(
            fits(self.depthwise.1) && self.expand.is_none_or(|expand| fits(expand.1)),
            "the bias is too short"
        );
        if rows * outputs == 0 {
            return;
        }
        let parts = parts(batch, places[0]);
        let target = Target::new(&mut output);
        threads::run(batch * parts, &|index| {
            let (image, index) = (index / parts, index % parts);
            BANDS.with_borrow_mut(|buffers| {
                let band = Band { block: self, room, size, between, places, image, input, target };
                band.run(part(places[0], parts, index), buffers);
            });
        });
    }

    /// Rows and columns between the layers, and after them.
    fn places(&self, size: [usize; 2]) -> [[usize; 2]; 2] {
        let between = self.expand.map_or(size, |(convolution, _)| convolution.window.output(size));
        [between, self.depthwise.0.window().output(between)]
    }
}

/// Into how many parts the rows of an image are shared out.
fn parts(batch: usize, rows: usize) -> usize {
    let threads = threads::count();
    if threads == 1 || batch == 0 || batch.is_multiple_of(threads) || batch >= 4 * threads {
        return 1;
    }
    let many = (threads * PARTS).div_ceil(batch);
    if rows >= many * 2 * LEAST { many } else { threads.div_ceil(batch).min(rows / LEAST).max(1) }
}

/// Rows of one image.
struct Band<'a> {
    block: &'a InvertedResidual<'a>,
    room: usize,
    size: [usize; 2],
    between: [usize; 2],
    places: [usize; 2],
    image: usize,
    input: View<'a>,
    target: Target,
}

/// The rows that some rows of windows cover, and the window as one over an image of those rows alone.
fn covered(window: Window, rows: &Range<usize>, height: usize) -> (Range<usize>, Window) {
    let top = window.pads[0][0];
    let reach = (window.kernel[0] - 1) * window.dilation[0] + 1;
    let first = rows.start * window.strides[0];
    let end = ((rows.end - 1) * window.strides[0] + reach).saturating_sub(top).min(height);
    let start = first.saturating_sub(top).min(end);
    let pads = [[top.saturating_sub(first), window.pads[0][1]], window.pads[1]];
    (start..end, Window { pads, ..window })
}

impl Band<'_> {
    fn kernels(&self) -> &'static Kernels {
        Kernels::of(self.block.project.0.level)
    }

    /// Rows of the tensor in between for so many of the output.
    fn lines(&self, rows: usize) -> usize {
        let window = self.block.depthwise.0.window();
        let lines = (rows - 1) * window.strides[0] + (window.kernel[0] - 1) * window.dilation[0] + 1;
        lines.min(self.between[0])
    }

    /// Rows of the output that are computed at a time, and whether panels keep rows for the next ones.
    fn height(&self, rows: usize) -> (usize, bool) {
        let (channels, width) = (self.block.channels, self.kernels().width());
        let made = |rows: usize| rows * self.places[1] * channels;
        let lines = |rows: usize| self.lines(rows) * self.between[1];
        // One panel after the other has the same place, where no row is used again.
        if self.block.expand.is_none() || made(rows) + lines(rows) * width <= self.room {
            return (rows, false);
        }
        let height = (1..rows).rev().find(|rows| made(*rows) + lines(*rows) * channels <= self.room);
        (height.unwrap_or(1), true)
    }

    fn run(&self, rows: Range<usize>, [expanded, made]: &mut [AlignedBuffer; 2]) {
        let (height, keeps) = self.height(rows.len());
        let (kernels, channels) = (self.kernels(), self.block.channels);
        let width = kernels.width();
        let panel =
            if self.block.expand.is_some() { self.lines(height) * self.between[1] * width } else { 0 };
        let panels = channels.div_ceil(width);
        let place = |index: usize| if keeps { index * panel } else { 0 };
        reserve(expanded, place(panels - 1) + panel);
        // Rows of a product that are a power of two apart share a set of the first cache.
        let pitch = if channels.is_multiple_of(256) { channels + 16 } else { channels };
        reserve(made, height * self.places[1] * pitch);
        let mut kept = 0..0;
        for start in rows.clone().step_by(height) {
            let rows = start..rows.end.min(start + height);
            let (lines, window) = covered(self.block.depthwise.0.window(), &rows, self.between[0]);
            let old = lines.start.max(kept.start).min(kept.end)..kept.end.min(lines.end);
            for index in 0..panels {
                let channels = index * width..channels.min((index + 1) * width);
                let view = if let Some((convolution, epilogue)) = &self.block.expand {
                    let place = place(index);
                    let to = &mut expanded[place..place + panel];
                    if keeps && !old.is_empty() {
                        let line = self.between[1] * width;
                        let from = (old.start - kept.start) * line..(old.end - kept.start) * line;
                        to.copy_within(from, 0);
                    }
                    let skip = if keeps && !old.is_empty() { old.len() } else { 0 };
                    let new = lines.start + skip..lines.end;
                    self.expand(
                        convolution,
                        *epilogue,
                        new,
                        index,
                        &mut to[skip * self.between[1] * width..],
                    );
                    // Of the panel's first channel; `place` is at least as much where it is not zero.
                    let offset = place.wrapping_sub(channels.start);
                    View { values: expanded, pitch: width, offset }
                } else {
                    let first = (self.image * self.size[0] + lines.start) * self.size[1];
                    View { offset: self.input.offset + first * self.input.pitch, ..self.input }
                };
                self.depthwise(window, lines.len(), rows.len(), channels, view, made, pitch);
            }
            self.project(&rows, View { values: made, pitch, offset: 0 });
            kept = lines;
        }
    }

    /// Rows of a panel of the tensor in between.
    fn expand(
        &self,
        convolution: &Convolution,
        epilogue: Epilogue<'_>,
        rows: Range<usize>,
        panel: usize,
        to: &mut [f32],
    ) {
        if rows.is_empty() {
            return;
        }
        let (lines, window) = covered(convolution.window, &rows, self.size[0]);
        let first = (self.image * self.size[0] + lines.start) * self.size[1];
        let input = View { offset: self.input.offset + first * self.input.pitch, ..self.input };
        let kernels = self.kernels();
        let width = kernels.width();
        let output = [rows.len(), self.between[1]];
        assert!(output[0] * output[1] * width <= to.len());
        let size = [lines.len(), self.size[1]];
        let channels = 0..convolution.channels[0];
        Multiply {
            kernels,
            source: Gather { input, size, output, window, channels, prologue: None },
            rows: output[0] * output[1],
            panels: &convolution.panels[0],
            epilogue,
            target: Target::new(&mut ViewMut::dense(to, width)).at_channel(panel * width),
            first: 0,
        }
        .run_alone(panel..panel + 1);
    }

    /// Some channels of the depthwise convolution of a part of an image.
    #[allow(clippy::too_many_arguments, reason = "where to read and where to write")]
    fn depthwise(
        &self,
        window: Window,
        lines: usize,
        rows: usize,
        channels: Range<usize>,
        input: View<'_>,
        made: &mut [f32],
        pitch: usize,
    ) {
        let (layer, epilogue) = self.block.depthwise;
        let places = [rows, self.places[1]];
        let output = ViewMut { values: made, pitch, offset: 0 };
        let output = &Cells::new(output, rows * places[1], self.block.channels);
        let (size, rows) = ([lines, self.between[1]], 0..rows);
        let level = self.block.project.0.level;
        level.run(Rows { layer, window, size, places, rows, channels, input, epilogue, output });
    }

    /// Rows of the output.
    fn project(&self, rows: &Range<usize>, input: View<'_>) {
        let (convolution, epilogue) = self.block.project;
        let first = (self.image * self.places[0] + rows.start) * self.places[1];
        let residual =
            epilogue.residual.map(|view| View { offset: view.offset + first * view.pitch, ..view });
        let size = [rows.len(), self.places[1]];
        let (window, channels) = (Window::POINT, 0..self.block.channels);
        let panels = &convolution.panels[0];
        Multiply {
            kernels: self.kernels(),
            source: Gather { input, size, output: size, window, channels, prologue: None },
            rows: size[0] * size[1],
            panels,
            epilogue: Epilogue { residual, ..epilogue },
            target: self.target.at_pixel(first),
            first: 0,
        }
        .run_alone(0..panels.count());
    }
}

fn reserve(buffer: &mut AlignedBuffer, length: usize) {
    if buffer.len() < length {
        *buffer = AlignedBuffer::new(length);
    }
}

#[cfg(test)]
mod tests;
