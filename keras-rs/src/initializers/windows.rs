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

/// The values of a window; `None` where the name is not known.
pub(super) fn window(name: &str, length: usize, periodic: bool) -> Option<Vec<f64>> {
    // A periodic window is a symmetric one that is longer by the sample left out at its end.
    let full = if periodic && length > 1 { length + 1 } else { length };
    let last = (full.max(2) - 1) as f64;
    let cosines = |terms: &'static [f64]| -> Box<dyn Fn(usize) -> f64> {
        Box::new(move |n| {
            let angle = TAU * n as f64 / last;
            terms.iter().enumerate().map(|(k, a)| a * (k as f64 * (angle - PI)).cos()).sum()
        })
    };
    // Distance from the middle, 0 to 1.
    let away = move |n: usize| (2.0 * n as f64 / last - 1.0).abs();
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
        "bartlett" | "bart" | "brt" => Box::new(move |n| 1.0 - away(n)),
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
            Box::new(move |n| (1.0 - away(n)) * (PI * away(n)).cos() + (PI * away(n)).sin() / PI)
        }
        "barthann" | "brthan" | "bth" => {
            Box::new(move |n| 0.62 - 0.24 * away(n) + 0.38 * (PI * away(n)).cos())
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
mod tests {
    use super::*;

    /// `scipy.signal.get_window(name, 6, periodic)` of SciPy 1.17.1.
    #[test]
    fn windows_are_scipys() {
        let cases: [(&str, [f64; 3], [f64; 4]); 12] = [
            ("barthann", [0.0, 0.358573542138, 0.879426457862], [0.0, 0.27, 0.73, 1.0]),
            ("bartlett", [0.0, 0.4, 0.8], [0.0, 0.333333333333, 0.666666666667, 1.0]),
            ("blackman", [0.0, 0.200770143263, 0.849229856737], [0.0, 0.13, 0.63, 1.0]),
            (
                "blackmanharris",
                [0.000060000000, 0.103011489346, 0.793833510654],
                [0.000060000000, 0.055645, 0.520575, 1.0],
            ),
            ("bohman", [0.0, 0.179123893706, 0.834311452258], [0.0, 0.108997781044, 0.608997781044, 1.0]),
            ("boxcar", [1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]),
            (
                "cosine",
                [0.258819045103, 0.707106781187, 0.965925826289],
                [0.222520933956, 0.623489801859, 0.900968867902, 1.0],
            ),
            (
                "flattop",
                [-0.000421051, -0.067714252076, 0.606872152576],
                [-0.000421051, -0.051263156, 0.19821053, 1.000000003],
            ),
            ("hamming", [0.08, 0.397852182588, 0.912147817412], [0.08, 0.31, 0.77, 1.0]),
            ("hann", [0.0, 0.345491502813, 0.904508497187], [0.0, 0.25, 0.75, 1.0]),
            ("nuttall", [0.0003628, 0.11051525305, 0.79825809695], [0.0003628, 0.0613345, 0.5292298, 1.0]),
            ("triang", [0.166666666667, 0.5, 0.833333333333], [0.25, 0.5, 0.75, 1.0]),
        ];
        assert_eq!(cases.map(|(name, ..)| name), WINDOWS);
        for (name, symmetric, periodic) in cases {
            let [a, b, c] = symmetric;
            let check = |got: Option<Vec<f64>>, want: &[f64]| {
                let off = got.iter().flatten().zip(want).map(|(g, w)| (g - w).abs()).fold(0.0, f64::max);
                assert!(
                    off < 1e-9 && got.as_ref().map(Vec::len) == Some(6),
                    "{name}: {got:?}, expected {want:?}"
                );
            };
            check(window(name, 6, false), &[a, b, c, c, b, a]);
            let [a, b, c, d] = periodic;
            check(window(name, 6, true), &[a, b, c, d, c, b]);
        }
    }
}
