//! Channels of pixels inside a wider buffer.

/// Pixels to read: the channels of pixel `i` start at `offset + i * pitch`.
///
/// Tensors that are parts of another one (the inputs of a concatenation, a slice of channels) are views of its buffer.
///
/// ```
/// use keras_rs_kernels::View;
///
/// let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
/// let last = View { values: &values, pitch: 3, offset: 2 };
/// assert_eq!(last.pixel(1, 1), [6.0]);
/// assert_eq!(View::dense(&values, 2).pixel(1, 2), [3.0, 4.0]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The whole buffer.
    pub values: &'a [f32],
    /// Numbers from the start of a pixel to that of the next one.
    pub pitch: usize,
    /// Where the first pixel starts.
    pub offset: usize,
}

impl<'a> View<'a> {
    /// Pixels of `channels` numbers, one after the other from the start of `values`.
    pub fn dense(values: &'a [f32], channels: usize) -> Self {
        Self { values, pitch: channels, offset: 0 }
    }

    /// The `channels` of one pixel.
    ///
    /// # Panics
    ///
    /// If the buffer ends before.
    pub fn pixel(&self, index: usize, channels: usize) -> &'a [f32] {
        &self.values[self.offset + index * self.pitch..][..channels]
    }

    /// Whether the buffer holds `channels` of each of `pixels`.
    pub fn holds(&self, pixels: usize, channels: usize) -> bool {
        holds(self.values.len(), self.pitch, self.offset, pixels, channels)
    }
}

/// Pixels to write: the channels of pixel `i` start at `offset + i * pitch`. What lies between them stays as it is.
#[derive(Debug)]
pub struct ViewMut<'a> {
    /// The whole buffer.
    pub values: &'a mut [f32],
    /// Numbers from the start of a pixel to that of the next one.
    pub pitch: usize,
    /// Where the first pixel starts.
    pub offset: usize,
}

impl<'a> ViewMut<'a> {
    /// Pixels of `channels` numbers, one after the other from the start of `values`.
    pub fn dense(values: &'a mut [f32], channels: usize) -> Self {
        Self { values, pitch: channels, offset: 0 }
    }

    /// The `channels` of one pixel.
    ///
    /// # Panics
    ///
    /// If the buffer ends before.
    pub fn pixel(&mut self, index: usize, channels: usize) -> &mut [f32] {
        &mut self.values[self.offset + index * self.pitch..][..channels]
    }

    /// Whether the buffer holds `channels` of each of `pixels`, and no pixel reaches into the next one.
    pub fn holds(&self, pixels: usize, channels: usize) -> bool {
        (channels <= self.pitch || pixels <= 1)
            && holds(self.values.len(), self.pitch, self.offset, pixels, channels)
    }
}

fn holds(length: usize, pitch: usize, offset: usize, pixels: usize, channels: usize) -> bool {
    let Some(last) = pixels.checked_sub(1) else { return true };
    let end =
        last.checked_mul(pitch).and_then(|n| n.checked_add(offset)).and_then(|n| n.checked_add(channels));
    end.is_some_and(|end| end <= length)
}
