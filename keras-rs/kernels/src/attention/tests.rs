use super::*;
use crate::cpu::Level;

fn numbers(count: usize, step: f64) -> Vec<f32> {
    (0..count).map(|i| (i as f64 * step).sin() as f32).collect()
}

fn sees(sizes: &Attention, sample: usize, head: usize, query: usize, key: usize) -> bool {
    let by_mask = sizes.mask.as_ref().is_none_or(|mask| {
        let [a, b, c, d] = mask.strides;
        mask.values[a * sample + b * head + c * query + d * key]
    });
    by_mask && (!sizes.causal || key <= query)
}

/// The means in `float64`, as the formula has them.
fn by_formula(sizes: &Attention, [query, key, value]: [&[f64]; 3]) -> Vec<f64> {
    let Attention { batch, queries, keys, heads, key_heads, size, value_size, .. } = *sizes;
    let mut y = Vec::new();
    for (sample, t) in (0..batch).flat_map(|sample| (0..queries).map(move |t| (sample, t))) {
        for head in 0..heads {
            let of = head / (heads / key_heads);
            let q = &query[((sample * queries + t) * heads + head) * size..][..size];
            let vector = |all: &'_ [f64], size: usize, key: usize| -> Vec<f64> {
                all[((sample * keys + key) * key_heads + of) * size..][..size].to_vec()
            };
            let blind = !(0..keys).any(|j| sees(sizes, sample, head, t, j));
            let score = |j: usize| {
                let product: f64 = q.iter().zip(vector(key, size, j)).map(|(q, k)| q * k).sum();
                if sees(sizes, sample, head, t, j) { product * f64::from(sizes.scale) } else { -1e30 }
            };
            let scores: Vec<f64> = (0..keys).map(score).collect();
            let top = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let powers: Vec<f64> = scores.iter().map(|score| (score - top).exp()).collect();
            let sum: f64 = powers.iter().sum();
            let mean = |i: usize| -> f64 {
                if blind && sizes.zero_unseen {
                    return 0.0;
                }
                (0..keys).map(|j| powers[j] / sum * vector(value, value_size, j)[i]).sum()
            };
            y.extend((0..value_size).map(mean));
        }
    }
    y
}

fn cases() -> Vec<Attention> {
    let case = |queries, keys, heads, key_heads, size, value_size| Attention {
        batch: 2,
        queries,
        keys,
        heads,
        key_heads,
        size,
        value_size,
        scale: 0.7,
        causal: false,
        mask: None,
        zero_unseen: false,
    };
    let mask = |count: usize, strides| Mask { values: (0..count).map(|i| i % 3 != 1).collect(), strides };
    let mut nobody = mask(2 * 7 * 9, [63, 0, 9, 1]);
    nobody.values[9..18].fill(false);
    vec![
        case(1, 1, 1, 1, 1, 1),
        case(37, 35, 2, 2, 5, 3),
        case(65, 70, 1, 1, 33, 40),
        Attention { causal: true, ..case(70, 65, 2, 2, 5, 3) },
        Attention { causal: true, ..case(7, 9, 2, 2, 4, 17) },
        Attention { causal: true, ..case(9, 7, 4, 2, 4, 4) },
        case(5, 6, 6, 2, 16, 16),
        Attention { mask: Some(mask(18, [9, 0, 0, 1])), ..case(7, 9, 2, 1, 3, 4) },
        Attention { mask: Some(mask(2 * 4 * 7, [28, 7, 1, 0])), ..case(7, 9, 4, 2, 3, 4) },
        Attention { mask: Some(nobody.clone()), causal: true, ..case(7, 9, 2, 2, 3, 4) },
        Attention { mask: Some(nobody), zero_unseen: true, ..case(7, 9, 2, 2, 3, 4) },
    ]
}

fn operands(sizes: &Attention) -> [Vec<f32>; 3] {
    let Attention { batch, queries, keys, heads, key_heads, size, value_size, .. } = *sizes;
    [
        numbers(batch * queries * heads * size, 0.37),
        numbers(batch * keys * key_heads * size, 0.73),
        numbers(batch * keys * key_heads * value_size, 1.1),
    ]
}

#[test]
fn means_are_those_of_the_formula() {
    for sizes in cases() {
        let all = operands(&sizes);
        let exact = all.each_ref().map(|x| x.iter().map(|x| f64::from(*x)).collect::<Vec<_>>());
        let expected = by_formula(&sizes, exact.each_ref().map(Vec::as_slice));
        let y = attention(&sizes, &all[0], &all[1], &all[2]);
        assert_eq!(y.len(), expected.len());
        for (y, expected) in y.iter().zip(&expected) {
            assert!((f64::from(*y) - expected).abs() < 2e-6, "{y} is not {expected}: {sizes:?}");
        }
        // Heads that lie among other channels, on every set of instructions.
        let Attention { heads, key_heads, size, value_size, .. } = sizes;
        let channels = [heads * size, key_heads * size, key_heads * value_size];
        let wide: [Vec<f32>; 3] = std::array::from_fn(|i| {
            let padded = |row: &[f32]| [&[f32::NAN; 2], row, &[f32::NAN; 3]].concat();
            all[i].chunks(channels[i]).flat_map(padded).collect()
        });
        let views = std::array::from_fn(|i| View { values: &wide[i], pitch: channels[i] + 5, offset: 2 });
        let of_y = heads * value_size;
        for level in Level::all() {
            let mut y = vec![-9.0; expected.len() / of_y * (of_y + 3)];
            let output = ViewMut { values: &mut y, pitch: of_y + 3, offset: 1 };
            forward::attend_at(*level, &sizes, views, output);
            for (y, expected) in y.chunks(of_y + 3).zip(expected.chunks(of_y)) {
                assert_eq!((y[0], y[of_y + 1], y[of_y + 2]), (-9.0, -9.0, -9.0));
                for (y, expected) in y[1..].iter().zip(expected) {
                    assert!((f64::from(*y) - expected).abs() < 2e-6, "{y} {expected} {level:?} {sizes:?}");
                }
            }
        }
    }
}

#[test]
fn gradients_are_finite_differences_of_the_formula() {
    const STEP: f64 = 1e-5;
    for sizes in cases() {
        let all = operands(&sizes);
        let exact = all.each_ref().map(|x| x.iter().map(|x| f64::from(*x)).collect::<Vec<_>>());
        let count = sizes.batch * sizes.queries * sizes.heads * sizes.value_size;
        let gradient = numbers(count, 0.9);
        let loss = |all: &[Vec<f64>; 3]| -> f64 {
            let y = by_formula(&sizes, all.each_ref().map(Vec::as_slice));
            y.iter().zip(&gradient).map(|(y, g)| y * f64::from(*g)).sum()
        };
        let made = attention_backward(&sizes, &all[0], &all[1], &all[2], &gradient);
        for (i, made) in [made.query, made.key, made.value].into_iter().enumerate() {
            assert_eq!(made.len(), all[i].len());
            for at in (0..made.len()).step_by(1 + made.len() / 60) {
                let moved = |by: f64| {
                    let mut all = exact.clone();
                    all[i][at] += by;
                    loss(&all)
                };
                let expected = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
                let error = (f64::from(made[at]) - expected).abs();
                assert!(
                    error < 1e-5 * expected.abs().max(1.0),
                    "{} is not {expected}: {i} {sizes:?}",
                    made[at]
                );
            }
        }
    }
}

#[test]
fn numbers_that_are_not_finite_spread_as_in_the_formula() {
    let sizes = Attention { causal: true, ..cases()[1].clone() };
    let mut all = operands(&sizes);
    // The first key of the first head, which all queries of the first sample see.
    all[1][4] = f32::NAN;
    let y = attention(&sizes, &all[0], &all[1], &all[2]);
    let half = y.len() / 2;
    let rows = |y: &[f32], head: usize| -> Vec<bool> {
        y.chunks_exact(3).skip(head).step_by(2).map(|y| y.iter().all(|y| y.is_nan())).collect()
    };
    assert!(rows(&y[..half], 0).iter().all(|nan| *nan));
    assert!(y[half..].iter().all(|y| y.is_finite()) && rows(&y[..half], 1).iter().all(|nan| !nan));
}
