//! Buffers whose lives do not overlap share memory.

/// From the first step that writes a buffer to the last one that reads it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Life {
    pub(super) first: usize,
    pub(super) last: usize,
}

impl Life {
    fn meets(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

/// The slot of each buffer, and the sizes of the slots. The largest buffers choose first.
pub(super) fn assign(sizes: &[usize], lives: &[Life]) -> (Vec<usize>, Vec<usize>) {
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|buffer| std::cmp::Reverse(sizes[*buffer]));
    let mut slots: Vec<(usize, Vec<Life>)> = Vec::new();
    let mut chosen = vec![0; sizes.len()];
    for buffer in order {
        let life = lives[buffer];
        let free = |(_, taken): &(usize, Vec<Life>)| taken.iter().all(|other| !life.meets(*other));
        // Of the free ones the smallest: slots made later are no larger.
        let slot = slots.iter().rposition(free).unwrap_or_else(|| {
            slots.push((sizes[buffer], Vec::new()));
            slots.len() - 1
        });
        slots[slot].1.push(life);
        chosen[buffer] = slot;
    }
    (chosen, slots.into_iter().map(|(size, _)| size).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_that_live_at_the_same_time_lie_apart() {
        let life = |first, last| Life { first, last };
        let (sizes, lives) = ([10, 20, 5, 20], [life(0, 1), life(1, 2), life(2, 3), life(3, 4)]);
        let (chosen, slots) = assign(&sizes, &lives);
        assert_eq!(slots, [20, 10]);
        for a in 0..4 {
            for b in 0..a {
                assert!(chosen[a] != chosen[b] || !lives[a].meets(lives[b]), "{a} {b}");
            }
            assert!(slots[chosen[a]] >= sizes[a]);
        }
    }
}
