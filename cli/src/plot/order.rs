//! The order of boxes within their ranks: the barycentre method of Sugiyama, Tagawa and Toda (1981).

use std::collections::HashMap;

/// Passes down and up through the ranks.
const PASSES: usize = 12;

/// Sorts the members of each rank so that few edges cross; edges lead from one rank to the next.
pub(super) fn sort(ranks: &mut [Vec<usize>], edges: &[(usize, usize)]) {
    let mut up: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut down: HashMap<usize, Vec<usize>> = HashMap::new();
    for &(from, to) in edges {
        down.entry(from).or_default().push(to);
        up.entry(to).or_default().push(from);
    }
    let mut best = (crossings(ranks, &down), ranks.to_vec());
    for pass in 0..PASSES {
        if best.0 == 0 {
            break;
        }
        let count = ranks.len();
        for step in 1..count {
            let (fixed, free, neighbours) =
                if pass % 2 == 0 { (step - 1, step, &up) } else { (count - step, count - step - 1, &down) };
            let places = places(&ranks[fixed]);
            let rank = &mut ranks[free];
            let mut keyed: Vec<(f64, usize)> = rank
                .iter()
                .enumerate()
                .map(|(place, &one)| {
                    let near = neighbours.get(&one).map_or(&[][..], Vec::as_slice);
                    let sum: usize = near.iter().filter_map(|other| places.get(other)).sum();
                    (if near.is_empty() { place as f64 } else { sum as f64 / near.len() as f64 }, one)
                })
                .collect();
            keyed.sort_by(|(a, _), (b, _)| a.total_cmp(b));
            *rank = keyed.into_iter().map(|(_, one)| one).collect();
        }
        let count = crossings(ranks, &down);
        if count < best.0 {
            best = (count, ranks.to_vec());
        }
    }
    ranks.clone_from_slice(&best.1);
}

fn places(rank: &[usize]) -> HashMap<usize, usize> {
    rank.iter().enumerate().map(|(place, &one)| (one, place)).collect()
}

/// How many pairs of edges cross.
fn crossings(ranks: &[Vec<usize>], down: &HashMap<usize, Vec<usize>>) -> usize {
    let between = |pair: &[Vec<usize>]| {
        let below = places(&pair[1]);
        let ends = pair[0].iter().flat_map(|one| {
            let mut ends: Vec<usize> =
                down.get(one).into_iter().flatten().filter_map(|to| below.get(to).copied()).collect();
            ends.sort_unstable();
            ends
        });
        // Pairs out of order, counted by sums over a Fenwick tree.
        let mut tree = vec![0_usize; pair[1].len() + 1];
        let mut crossed = 0;
        for (seen, end) in ends.enumerate() {
            let (mut not_beyond, mut index) = (0, end + 1);
            while index > 0 {
                not_beyond += tree[index];
                index &= index - 1;
            }
            crossed += seen - not_beyond;
            index = end + 1;
            while index < tree.len() {
                tree[index] += 1;
                index += index & index.wrapping_neg();
            }
        }
        crossed
    };
    ranks.windows(2).map(between).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_uncrossed() {
        let mut ranks = vec![vec![0, 1, 2], vec![3, 4, 5]];
        let edges = [(0, 5), (1, 4), (2, 3)];
        let mut down: HashMap<usize, Vec<usize>> = HashMap::new();
        edges.iter().for_each(|&(from, to)| down.entry(from).or_default().push(to));
        assert_eq!(crossings(&ranks, &down), 3);
        sort(&mut ranks, &edges);
        assert_eq!(crossings(&ranks, &down), 0);
    }
}
