//! Convolutions of images, channels last.

use crate::cpu::Level;
use crate::gather::Gather;
use crate::multiply::{Multiply, Target};
use crate::panels::Panels;
use crate::tile::Kernels;
use crate::winograd::{Images, Winograd};
use crate::{Activation, Epilogue, Prologue, View, ViewMut, Window};
use std::sync::OnceLock;

/// A convolution with its weights in the order in which it reads them; made once, run many times, from many threads.
///
/// ```
/// use keras_rs_kernels::{Activation, Convolution, Epilogue, View, ViewMut, Window};
///
/// let window = Window { kernel: [1, 2], strides: [1, 1], dilation: [1, 1], pads: [[0, 0], [0, 1]] };
/// let difference = Convolution::new(window, [1, 1], 1, &[-1.0, 1.0]);
/// let (input, mut output) = ([1.0, 4.0, 2.0], [0.0; 3]);
/// let epilogue = Epilogue { bias: Some(&[0.5]), residual: None, activation: Activation::Relu };
/// difference.run(1, [1, 3], View::dense(&input, 1), None, epilogue, ViewMut::dense(&mut output, 1));
/// assert_eq!(output, [3.5, 0.0, 0.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Convolution {
    pub(crate) window: Window,
    pub(crate) channels: [usize; 2],
    pub(crate) level: Level,
    groups: usize,
    /// Whether it is decided that Winograd's algorithm computes it.
    settled: Option<bool>,
    /// For each group; none once it is settled that Winograd's algorithm computes it.
    pub(crate) panels: Vec<Panels>,
    /// Made when first used: they are four times as large.
    winograd: OnceLock<Winograd>,
}

impl Convolution {
    /// A convolution of `channels[0]` input channels to `channels[1]` output channels, both in `groups` equal parts.
    /// `kernel` has the shape (rows, columns, input channels / groups, output channels).
    ///
    /// # Panics
    ///
    /// If the groups do not divide the channels, or the kernel is not of that shape.
    pub fn new(window: Window, channels: [usize; 2], groups: usize, kernel: &[f32]) -> Self {
        Self::at(Level::best(), window, channels, groups, kernel)
    }

    /// [`Convolution::new`] for a set of instructions.
    pub(crate) fn at(
        level: Level,
        window: Window,
        channels: [usize; 2],
        groups: usize,
        kernel: &[f32],
    ) -> Self {
        let [inputs, outputs] = channels;
        assert!(groups > 0 && inputs.is_multiple_of(groups) && outputs.is_multiple_of(groups), "groups");
        let inner = window.kernel[0] * window.kernel[1] * (inputs / groups);
        assert_eq!(kernel.len(), inner * outputs, "length of the kernel");
        let kernels = Kernels::of(level);
        let columns = outputs / groups;
        let pack = |group: usize| {
            let row = |k: usize| &kernel[k * outputs + group * columns..][..columns];
            Panels::new([inner, columns], kernels.width(), kernels.lanes, row)
        };
        let panels = (0..groups).map(pack).collect();
        Self { window, channels, level, groups, settled: None, panels, winograd: OnceLock::new() }
    }

    /// Whether Winograd's algorithm convolves `batch` images of a size fastest; `prologue` is what their numbers go through.
    ///
    /// As measured: its weights are four times as large, and where they do not fit the caches, few tiles do not make up
    /// for reading them.
    ///
    /// ```
    /// use keras_rs_kernels::{Convolution, Window};
    ///
    /// let window = Window { kernel: [3, 3], pads: [[1, 1], [1, 1]], ..Window::POINT };
    /// assert!(Convolution::picks_winograd(window, [64, 64], 1, 1, [56, 56], None));
    /// assert!(!Convolution::picks_winograd(Window::POINT, [64, 64], 1, 1, [56, 56], None));
    /// ```
    pub fn picks_winograd(
        window: Window,
        channels: [usize; 2],
        groups: usize,
        batch: usize,
        size: [usize; 2],
        prologue: Option<Activation>,
    ) -> bool {
        let [inputs, outputs] = channels;
        let [rows, columns] = window.output(size);
        let tiles = batch * rows.div_ceil(4) * columns.div_ceil(4);
        transforms(window, groups, prologue)
            && inputs >= 8
            && outputs >= 8
            && (tiles >= 12 || tiles >= 4 && inputs * outputs <= 128 * 128)
    }

    /// The same convolution for one algorithm: it keeps the weights that this one reads, and so four fifths or a fifth of
    /// the memory.
    ///
    /// # Panics
    ///
    /// If Winograd's algorithm does not compute it.
    ///
    /// ```
    /// use keras_rs_kernels::{Convolution, Window};
    ///
    /// let window = Window { kernel: [3, 3], pads: [[1, 1], [1, 1]], ..Window::POINT };
    /// let winograd = Convolution::picks_winograd(window, [8, 8], 1, 1, [56, 56], None);
    /// let _convolution = Convolution::new(window, [8, 8], 1, &[0.0; 9 * 8 * 8]).settled(winograd);
    /// ```
    #[must_use]
    pub fn settled(mut self, winograd: bool) -> Self {
        if winograd {
            assert!(transforms(self.window, self.groups, None), "no convolution for Winograd's algorithm");
            self.winograd();
            self.panels.clear();
        }
        self.settled = Some(winograd);
        self
    }

    /// Convolves `batch` images of `size` rows and columns; whether that could be done.
    ///
    /// A convolution that is [settled](Convolution::settled) may have weights that numbers which are not finite spoil: it
    /// says `false` where there are any.
    ///
    /// # Panics
    ///
    /// If a view or a slice of numbers per channel is too short.
    pub fn run(
        &self,
        batch: usize,
        size: [usize; 2],
        input: View,
        prologue: Option<Prologue>,
        epilogue: Epilogue,
        output: ViewMut,
    ) -> bool {
        let winograd = self.settled.unwrap_or_else(|| {
            let prologue = prologue.map(|prologue| prologue.activation);
            Self::picks_winograd(self.window, self.channels, self.groups, batch, size, prologue)
        });
        self.run_by(winograd, batch, size, input, prologue, epilogue, output)
    }

    /// [`Convolution::run`], by Winograd's algorithm or with a product for each pair of channels and tap.
    #[allow(clippy::too_many_arguments, reason = "those of `run`, and the algorithm")]
    pub(crate) fn run_by(
        &self,
        winograd: bool,
        batch: usize,
        size: [usize; 2],
        input: View,
        prologue: Option<Prologue>,
        epilogue: Epilogue,
        mut output: ViewMut,
    ) -> bool {
        let [inputs, outputs] = self.channels;
        let windows = self.window.output(size);
        let rows = batch * windows[0] * windows[1];
        assert!(input.holds(batch * size[0] * size[1], inputs), "the input is too short");
        assert!(output.holds(rows, outputs), "the output is too short");
        assert!(epilogue.fits(rows, outputs), "the bias or the residual is too short");
        let enough = |prologue: Prologue| prologue.scale.len() >= inputs && prologue.shift.len() >= inputs;
        assert!(prologue.is_none_or(enough), "the scale or the shift is too short");
        let target = Target::new(&mut output);
        let kernels = Kernels::of(self.level);
        if winograd {
            let source =
                Gather { input, size, output: windows, window: self.window, channels: 0..inputs, prologue };
            if self.winograd().run(&Images { kernels, source, batch, epilogue, target }) {
                return true;
            }
            if self.panels.is_empty() {
                return false;
            }
        }
        for (group, panels) in self.panels.iter().enumerate() {
            let each = inputs / self.groups;
            let channels = group * each..(group + 1) * each;
            let source = Gather { input, size, output: windows, window: self.window, channels, prologue };
            let first = group * panels.columns;
            Multiply { kernels, source, rows, panels, epilogue, target, first }.run();
        }
        true
    }

    fn winograd(&self) -> &Winograd {
        self.winograd.get_or_init(|| Winograd::new(Kernels::of(self.level), &self.panels[0]))
    }
}

/// Whether Winograd's algorithm computes it.
pub(crate) fn transforms(window: Window, groups: usize, prologue: Option<Activation>) -> bool {
    groups == 1
        && window.kernel == [3, 3]
        && window.strides == [1, 1]
        && window.dilation == [1, 1]
        && prologue.is_none_or(|activation| activation == Activation::Linear || activation.bounds().is_some())
}
