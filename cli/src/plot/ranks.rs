//! The rank of each box: how far it is from the inputs.

/// Ranks of boxes, and the edges from a lower to a higher rank. A layer that is called on what it led to closes a circle; the
/// edge that does so goes back, and counts as one forth.
pub(super) struct Ranks {
    pub(super) of: Vec<usize>,
    /// From, to, and whether it points back.
    pub(super) edges: Vec<(usize, usize, bool)>,
}

/// Each box one rank below the lowest of those that lead to it; those that nothing leads to as low as possible.
pub(super) fn ranks(count: usize, edges: &[(usize, usize)]) -> Ranks {
    let mut order = Vec::with_capacity(count);
    let mut position = vec![usize::MAX; count];
    let mut missing = vec![0_usize; count];
    let mut next = vec![Vec::new(); count];
    for &(from, to) in edges {
        missing[to] += 1;
        next[from].push(to);
    }
    let mut ready: std::collections::VecDeque<usize> = (0..count).filter(|&i| missing[i] == 0).collect();
    let mut first_left = 0;
    while order.len() < count {
        let taken = ready.pop_front().or_else(|| {
            // All that are left are part of circles or behind one: the first begins.
            while position[first_left] != usize::MAX {
                first_left += 1;
            }
            Some(first_left)
        });
        let Some(one) = taken else { break };
        if position[one] != usize::MAX {
            continue;
        }
        position[one] = order.len();
        order.push(one);
        for &to in &next[one] {
            missing[to] = missing[to].saturating_sub(1);
            if missing[to] == 0 && position[to] == usize::MAX {
                ready.push_back(to);
            }
        }
    }
    let edges: Vec<(usize, usize, bool)> = edges
        .iter()
        .map(|&(a, b)| if position[a] < position[b] { (a, b, false) } else { (b, a, true) })
        .collect();
    let mut leads_to = vec![Vec::new(); count];
    let mut has_parents = vec![false; count];
    for &(from, to, _) in &edges {
        leads_to[from].push(to);
        has_parents[to] = true;
    }
    let mut of = vec![0; count];
    for &one in &order {
        for &to in &leads_to[one] {
            of[to] = of[to].max(of[one] + 1);
        }
    }
    for one in (0..count).filter(|&one| !has_parents[one]) {
        if let Some(nearest) = leads_to[one].iter().map(|&to| of[to]).min() {
            of[one] = nearest - 1;
        }
    }
    Ranks { of, edges }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_stand_below_what_leads_to_them() {
        let ranks = ranks(5, &[(0, 1), (1, 2), (0, 2), (3, 2), (2, 4)]);
        assert_eq!(ranks.of, [0, 1, 2, 1, 3]);
        assert!(ranks.edges.iter().all(|&(_, _, back)| !back));
    }

    #[test]
    fn circles_are_broken() {
        let ranks = ranks(3, &[(0, 1), (1, 2), (2, 1)]);
        assert_eq!(ranks.of, [0, 1, 2]);
        assert_eq!(ranks.edges, [(0, 1, false), (1, 2, false), (1, 2, true)]);
    }
}
