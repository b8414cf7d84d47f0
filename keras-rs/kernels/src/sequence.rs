//! The steps of a batch of sequences, and its rows shared out among threads.

use std::ops::Range;

/// A batch of sequences, and how a recurrent layer goes through it.
///
/// Values of all steps lie step by step, and within a step sample by sample.
#[derive(Clone, Debug)]
pub struct Sequence {
    /// Number of steps.
    pub steps: usize,
    /// Number of samples.
    pub batch: usize,
    /// Size of the state.
    pub units: usize,
    /// Whether the last step comes first. Inputs and their gradients stay where they are, states come in the order in
    /// which they are computed.
    pub backwards: bool,
    /// For each step and sample whether it counts; a state passes the others unchanged. All count where there is none.
    pub counts: Option<Vec<bool>>,
}

impl Sequence {
    /// Where the inputs of the step are that is computed as the `i`th.
    pub(crate) fn at(&self, i: usize) -> usize {
        if self.backwards { self.steps - 1 - i } else { i }
    }

    /// Which samples of a step count.
    pub(crate) fn counting(&self, at: usize, rows: &Range<usize>) -> Option<&[bool]> {
        let counts = self.counts.as_ref()?;
        let counts = &counts[at * self.batch..][rows.clone()];
        // Most steps count as a whole.
        counts.contains(&false).then_some(counts)
    }

    /// Numbers of one state of all samples.
    pub(crate) fn state(&self) -> usize {
        self.batch * self.units
    }

    /// The samples in as many parts as there are threads, each a multiple of four but for the last.
    pub(crate) fn parts(&self) -> Vec<Range<usize>> {
        let size = self.batch.div_ceil(rayon::current_num_threads().max(1)).next_multiple_of(4);
        (0..self.batch).step_by(size).map(|first| first..(first + size).min(self.batch)).collect()
    }
}

/// The rows of some samples in every block of a buffer.
pub(crate) type Blocks<'a> = Vec<&'a mut [f32]>;

/// Cuts a buffer of blocks, each with a row of `width` numbers for every sample: for each part its rows in every block.
pub(crate) fn rows_of_parts<'a>(
    buffer: &'a mut [f32],
    width: usize,
    sequence: &Sequence,
    parts: &[Range<usize>],
) -> Vec<Blocks<'a>> {
    let mut all: Vec<Blocks<'_>> = parts.iter().map(|_| Vec::new()).collect();
    for mut block in buffer.chunks_exact_mut((sequence.batch * width).max(1)) {
        for (part, all) in parts.iter().zip(&mut all) {
            let (rows, rest) = block.split_at_mut(part.len() * width);
            all.push(rows);
            block = rest;
        }
    }
    all
}
