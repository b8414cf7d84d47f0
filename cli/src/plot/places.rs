//! Where boxes stand within their ranks: as near to what they are connected with as the order allows.

/// Sweeps through the ranks.
const SWEEPS: usize = 96;

/// As many of them, the last, look both ways, so that neither side is crooked.
const LAST: usize = 48;

/// How much an edge pulls, by how many of its ends are points: chains of boxes are to be straight, and the middles of long edges.
const PULLS: [f64; 3] = [2.0, 1.0, 8.0];

/// A member of a rank: a box, or a point on a long edge.
#[derive(Clone, Copy)]
pub(super) struct Member {
    pub(super) width: f64,
    pub(super) is_point: bool,
}

/// The middle of each member; `gap` is left between neighbours.
pub(super) fn place(
    ranks: &[Vec<usize>],
    members: &[Member],
    edges: &[(usize, usize)],
    gap: f64,
) -> Vec<f64> {
    let mut up = vec![Vec::new(); members.len()];
    let mut down = vec![Vec::new(); members.len()];
    for &(from, to) in edges {
        let pull = PULLS[usize::from(members[from].is_point) + usize::from(members[to].is_point)];
        down[from].push((to, pull));
        up[to].push((from, pull));
    }
    let mut middle = vec![0.0; members.len()];
    for rank in ranks {
        let wanted: Vec<(f64, f64)> = rank.iter().map(|_| (0.0, 1.0)).collect();
        settle(rank, members, &wanted, gap, &mut middle);
    }
    for sweep in 0..SWEEPS {
        let mut move_rank = |rank: &Vec<usize>| {
            let wanted: Vec<(f64, f64)> = rank
                .iter()
                .map(|&one| {
                    let above =
                        if sweep % 2 == 0 || sweep + LAST > SWEEPS { up[one].as_slice() } else { &[] };
                    let below =
                        if sweep % 2 == 1 || sweep + LAST > SWEEPS { down[one].as_slice() } else { &[] };
                    let pulls = || above.iter().chain(below);
                    let weight: f64 = pulls().map(|(_, pull)| pull).sum();
                    if weight == 0.0 {
                        return (middle[one], 0.1);
                    }
                    (pulls().map(|&(other, pull)| middle[other] * pull).sum::<f64>() / weight, weight)
                })
                .collect();
            settle(rank, members, &wanted, gap, &mut middle);
        };
        if sweep % 2 == 0 {
            ranks.iter().for_each(&mut move_rank);
        } else {
            ranks.iter().rev().for_each(&mut move_rank);
        }
    }
    middle
}

/// Moves a rank's members to where each wants to be, by weight, as near as its order and widths allow: the least sum of squares,
/// found by joining members that would overlap to blocks (pool adjacent violators).
fn settle(rank: &[usize], members: &[Member], wanted: &[(f64, f64)], gap: f64, middle: &mut [f64]) {
    // How far each stands from the first when all touch.
    let mut offset = 0.0;
    let mut offsets = Vec::with_capacity(rank.len());
    for (index, &one) in rank.iter().enumerate() {
        if let Some(before) = index.checked_sub(1).and_then(|before| rank.get(before)) {
            let between = if members[*before].is_point && members[one].is_point { gap / 2.0 } else { gap };
            offset += (members[*before].width + members[one].width) / 2.0 + between;
        }
        offsets.push(offset);
    }
    // Blocks: sum of weighted places, weight, number of members.
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    for ((place, weight), offset) in wanted.iter().zip(&offsets) {
        let mut block = ((place - offset) * weight, *weight, 1);
        while let Some(&(sum, weight, count)) = blocks.last()
            && sum / weight >= block.0 / block.1
        {
            block = (block.0 + sum, block.1 + weight, block.2 + count);
            blocks.pop();
        }
        blocks.push(block);
    }
    let starts = blocks.iter().flat_map(|&(sum, weight, count)| std::iter::repeat_n(sum / weight, count));
    for ((&one, offset), start) in rank.iter().zip(&offsets).zip(starts) {
        middle[one] = start + offset;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_box_stands_above_the_middle_of_two() {
        let members = [Member { width: 10.0, is_point: false }; 3];
        let middle = place(&[vec![0], vec![1, 2]], &members, &[(0, 1), (0, 2)], 4.0);
        assert!((middle[0] - f64::midpoint(middle[1], middle[2])).abs() < 1e-6, "{middle:?}");
        assert!((middle[2] - middle[1] - 14.0).abs() < 1e-6, "{middle:?}");
    }
}
