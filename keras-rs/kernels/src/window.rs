//! Where the windows of a convolution or pooling lie.

/// The windows that a convolution or pooling moves over the rows and columns of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// Rows and columns of a window, at least one.
    pub kernel: [usize; 2],
    /// Rows and columns from a window to the next one, at least one.
    pub strides: [usize; 2],
    /// Rows and columns from a cell of a window to the next one, at least one.
    pub dilation: [usize; 2],
    /// Cells before and after the image: `[[top, bottom], [left, right]]`.
    pub pads: [[usize; 2]; 2],
}

impl Window {
    /// One cell at a time.
    pub const POINT: Self = Self { kernel: [1, 1], strides: [1, 1], dilation: [1, 1], pads: [[0; 2]; 2] };

    /// Rows and columns of windows over an image of `input` rows and columns; zero where none fits.
    ///
    /// ```
    /// use keras_rs_kernels::Window;
    ///
    /// let window = Window { kernel: [3, 3], strides: [2, 2], dilation: [1, 1], pads: [[0, 1], [1, 1]] };
    /// assert_eq!(window.output([224, 5]), [112, 3]);
    /// ```
    pub fn output(&self, input: [usize; 2]) -> [usize; 2] {
        std::array::from_fn(|axis| {
            let reach = (self.kernel[axis].max(1) - 1) * self.dilation[axis] + 1;
            let room = input[axis] + self.pads[axis][0] + self.pads[axis][1];
            room.checked_sub(reach).map_or(0, |rest| rest / self.strides[axis].max(1) + 1)
        })
    }

    /// The row (axis 0) or column (axis 1) under cell `tap` of window `index`, if it is inside an image of that size.
    #[inline]
    pub fn source(&self, axis: usize, index: usize, tap: usize, input: usize) -> Option<usize> {
        let place = index * self.strides[axis] + tap * self.dilation[axis];
        place.checked_sub(self.pads[axis][0]).filter(|place| *place < input)
    }
}
