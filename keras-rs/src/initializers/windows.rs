//! Window functions, by SciPy's names.

use std::f64::consts::{PI, TAU};

/// Names of the windows that [`window`] knows, without their aliases.
pub(super) const WINDOWS: [&str; 12] = [
    "barthann",
    "bartlett",
    "blackman",
    "blackmanharris",
    "bohman",
    "boxcar",
    "cosine",
    "flattop",
    "hamming",
    "hann",
    "nuttall",
    "triang",
];

/// The values of a window; `None` for an unknown name.
pub(super) fn window(name: &str, length: usize, periodic: bool) -> Option<Vec<f64>> {
    // A periodic window is a symmetric one of one more sample, without its last sample.
    let full = if periodic && length > 1 { length + 1 } else { length };
    let last = (full.max(2) - 1) as f64;
    let cosines = |terms: &'static [f64]| -> Box<dyn Fn(usize) -> f64> {
        Box::new(move |n| {
            let angle = TAU * n as f64 / last;
            terms.iter().enumerate().map(|(k, a)| a * (k as f64 * (angle - PI)).cos()).sum()
        })
    };
    // Distance from the center, from 0 to 1.
    let distance = move |n: usize| (2.0 * n as f64 / last - 1.0).abs();
    let value: Box<dyn Fn(usize) -> f64> = match name {
        "boxcar" | "box" | "ones" | "rect" | "rectangular" => Box::new(|_| 1.0),
        "hann" | "han" => cosines(&[0.5, 0.5]),
        "hamming" | "hamm" | "ham" => cosines(&[0.54, 0.46]),
        "blackman" | "black" | "blk" => cosines(&[0.42, 0.5, 0.08]),
        "blackmanharris" | "blackharr" | "bkh" => cosines(&[0.358_75, 0.488_29, 0.141_28, 0.011_68]),
        "nuttall" | "nutl" | "nut" => cosines(&[0.363_581_9, 0.489_177_5, 0.136_599_5, 0.010_641_1]),
        "flattop" | "flat" | "flt" => {
            cosines(&[0.215_578_95, 0.416_631_58, 0.277_263_158, 0.083_578_947, 0.006_947_368])
        }
        "bartlett" | "bart" | "brt" => Box::new(move |n| 1.0 - distance(n)),
        "triang" | "triangle" | "tri" => Box::new(move |n| {
            let from_end = n.min(full - 1 - n) as f64;
            if full % 2 == 0 {
                (2.0 * from_end + 1.0) / full as f64
            } else {
                2.0 * (from_end + 1.0) / (full + 1) as f64
            }
        }),
        "cosine" | "halfcosine" => Box::new(move |n| (PI / full as f64 * (n as f64 + 0.5)).sin()),
        "bohman" | "bman" | "bmn" => {
            Box::new(move |n| (1.0 - distance(n)) * (PI * distance(n)).cos() + (PI * distance(n)).sin() / PI)
        }
        "barthann" | "brthan" | "bth" => {
            Box::new(move |n| 0.62 - 0.24 * distance(n) + 0.38 * (PI * distance(n)).cos())
        }
        _ => return None,
    };
    if length == 1 {
        return Some(vec![1.0]);
    }
    Some((0..length).map(value).collect())
}

#[cfg(test)]
#[allow(clippy::approx_constant, reason = "numbers of the oracle")]
mod tests;
