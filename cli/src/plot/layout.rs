//! Where boxes stand and how edges run: ranks one behind the other, long edges through points in the ranks between.

use anyhow::{Result, bail};

use super::Direction;
use super::order::sort;
use super::places::{Member, place};
use super::ranks::ranks;

/// Between ranks, and between the boxes of one.
const BETWEEN_RANKS: f64 = 30.0;
const BETWEEN_BOXES: f64 = 24.0;

/// Most points that long edges may go through: a few seconds of sorting.
const MOST_POINTS: usize = 200_000;

/// A point of a picture, or a size.
pub(super) type Point = (f64, f64);

/// How an edge runs: straight and curved parts in turn, straight first and last.
pub(super) struct Route {
    pub(super) points: Vec<Point>,
    /// Whether the arrow is at the first point.
    pub(super) is_back: bool,
    /// Whether it leaves and arrives from top to bottom.
    pub(super) is_down: bool,
}

/// A picture's geometry.
pub(super) struct Layout {
    /// The upper left corner of each box.
    pub(super) corners: Vec<Point>,
    pub(super) routes: Vec<Route>,
    pub(super) size: Point,
}

/// Places boxes of these sizes.
pub(super) fn layout(sizes: &[Point], edges: &[(usize, usize)], direction: Direction) -> Result<Layout> {
    // All is computed from top to bottom; from left to right it is the mirror image.
    let turn = |(x, y): Point| if direction == Direction::LeftToRight { (y, x) } else { (x, y) };
    let sizes: Vec<Point> = sizes.iter().copied().map(turn).collect();
    let ranked = ranks(sizes.len(), edges);
    let mut members: Vec<Member> =
        sizes.iter().map(|&(width, _)| Member { width, is_point: false }).collect();
    let mut rows = vec![Vec::new(); ranked.of.iter().max().map_or(0, |last| last + 1)];
    ranked.of.iter().enumerate().for_each(|(one, &rank)| rows[rank].push(one));
    let mut short = Vec::new();
    let mut chains = Vec::with_capacity(ranked.edges.len());
    for &(from, to, is_back) in &ranked.edges {
        let mut chain = vec![from];
        for row in &mut rows[ranked.of[from] + 1..ranked.of[to]] {
            row.push(members.len());
            chain.push(members.len());
            members.push(Member { width: 0.0, is_point: true });
        }
        if members.len() > sizes.len() + MOST_POINTS {
            bail!("the model has too many long connections to be drawn; `keras-rs summary` lists its layers");
        }
        chain.push(to);
        short.extend(chain.windows(2).map(|pair| (pair[0], pair[1])));
        chains.push((chain, is_back));
    }
    sort(&mut rows, &short);
    let middle = place(&rows, &members, &short, BETWEEN_BOXES);

    let height = |one: usize| sizes.get(one).map_or(0.0, |&(_, height)| height);
    let (mut bands, mut y) = (Vec::with_capacity(rows.len()), 0.0);
    for row in &rows {
        let tallest = row.iter().map(|&one| height(one)).fold(0.0, f64::max);
        bands.push((y, y + tallest));
        y += tallest + BETWEEN_RANKS;
    }
    let edges_of = |one: &usize| {
        let half = members[*one].width / 2.0;
        (middle[*one] - half, middle[*one] + half)
    };
    let all = || rows.iter().flatten().map(edges_of);
    let left = all().map(|(left, _)| left).fold(f64::INFINITY, f64::min);
    let right = all().map(|(_, right)| right).fold(f64::NEG_INFINITY, f64::max);
    let left = if left.is_finite() { left } else { 0.0 };
    let top =
        |one: usize| f64::midpoint(bands[ranked.of[one]].0, bands[ranked.of[one]].1) - height(one) / 2.0;

    let corners: Vec<Point> =
        (0..sizes.len()).map(|one| turn((middle[one] - sizes[one].0 / 2.0 - left, top(one)))).collect();
    let route = |(chain, is_back): (Vec<usize>, bool)| {
        let (first, last) = (chain[0], chain[chain.len() - 1]);
        let rank = ranked.of[first];
        let mut points = vec![(middle[first] - left, top(first) + height(first))];
        for (step, &one) in chain.iter().enumerate() {
            let x = middle[one] - left;
            let (start, end) = bands[rank + step];
            if step > 0 {
                points.push((x, start));
            }
            if step + 1 < chain.len() {
                points.push((x, end));
            }
        }
        points.push((middle[last] - left, top(last)));
        let is_down = direction == Direction::TopToBottom;
        Route { points: points.into_iter().map(turn).collect(), is_back, is_down }
    };
    let routes = chains.into_iter().map(route).collect();
    let size = turn(((right - left).max(0.0), (y - BETWEEN_RANKS).max(0.0)));
    Ok(Layout { corners, routes, size })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn overlaps(a: (Point, Point), b: (Point, Point)) -> bool {
        let apart = |a: f64, wide: f64, b: f64, wide_b: f64| a + wide <= b + 1e-9 || b + wide_b <= a + 1e-9;
        !apart(a.0.0, a.1.0, b.0.0, b.1.0) && !apart(a.0.1, a.1.1, b.0.1, b.1.1)
    }

    #[test]
    fn boxes_do_not_overlap_and_edges_end_at_them() {
        let sizes: Vec<Point> =
            (0..30).map(|i| (40.0 + f64::from(i * 7 % 50), 20.0 + f64::from(i % 3) * 10.0)).collect();
        let edges: Vec<(usize, usize)> =
            (1..30).flat_map(|i| [(i / 2, i), (i * i % i.max(3), i)]).filter(|(a, b)| a != b).collect();
        for direction in [Direction::TopToBottom, Direction::LeftToRight] {
            let layout = layout(&sizes, &edges, direction).unwrap();
            let boxes: Vec<(Point, Point)> =
                layout.corners.iter().copied().zip(sizes.iter().copied()).collect();
            for (i, a) in boxes.iter().enumerate() {
                assert!(a.0.0 >= -1e-6 && a.0.0 + a.1.0 <= layout.size.0 + 1e-6);
                assert!(a.0.1 >= -1e-6 && a.0.1 + a.1.1 <= layout.size.1 + 1e-6);
                assert!(boxes[..i].iter().all(|b| !overlaps(*a, *b)));
            }
            let touches = |(x, y): Point| {
                boxes.iter().any(|((left, top), (width, height))| {
                    (x - left) * (left + width - x) >= -1e-6 && (y - top) * (top + height - y) >= -1e-6
                })
            };
            for route in &layout.routes {
                assert!(touches(route.points[0]) && touches(*route.points.last().unwrap()));
                assert_eq!(route.points.len() % 2, 0);
            }
        }
    }

    #[test]
    fn nothing_and_one_box() {
        assert_eq!(layout(&[], &[], Direction::TopToBottom).unwrap().size, (0.0, 0.0));
        let one = layout(&[(30.0, 20.0)], &[], Direction::LeftToRight).unwrap();
        assert_eq!((one.corners[0], one.size), ((0.0, 0.0), (30.0, 20.0)));
    }
}
