//! The inverse discrete cosine transform in integers.
//!
//! The algorithm of Loeffler, Ligtenberg and Moschytz (1989), with 13-bit constants and 2 more
//! bits kept between the passes: libjpeg's `JDCT_ISLOW`. Arithmetic wraps, so that no file can
//! make it overflow.

use std::num::Wrapping;

type Int = Wrapping<i32>;

const CONST_BITS: usize = 13;
const PASS1_BITS: usize = 2;

const F_0_298: Int = Wrapping(2446);
const F_0_390: Int = Wrapping(3196);
const F_0_541: Int = Wrapping(4433);
const F_0_765: Int = Wrapping(6270);
const F_0_899: Int = Wrapping(7373);
const F_1_175: Int = Wrapping(9633);
const F_1_501: Int = Wrapping(12299);
const F_1_847: Int = Wrapping(15137);
const F_1_961: Int = Wrapping(16069);
const F_2_053: Int = Wrapping(16819);
const F_2_562: Int = Wrapping(20995);
const F_3_072: Int = Wrapping(25172);

/// Turns the coefficients of a block, in rows, times their quantisers into samples 0 to 255.
pub(super) fn idct(coefficients: &[i16; 64], quantisers: &[u16; 64]) -> [u8; 64] {
    let mut block = [Wrapping(0); 64];
    for ((out, &c), &q) in block.iter_mut().zip(coefficients).zip(quantisers) {
        *out = Wrapping(i32::from(c)) * Wrapping(i32::from(q));
    }
    for column in 0..8 {
        let get = |row: usize| block[row * 8 + column];
        let line = pass([0, 1, 2, 3, 4, 5, 6, 7].map(get), CONST_BITS - PASS1_BITS);
        for (row, value) in line.into_iter().enumerate() {
            block[row * 8 + column] = value;
        }
    }
    let mut samples = [0; 64];
    for (row, out) in block.chunks_exact(8).zip(samples.chunks_exact_mut(8)) {
        let get = |column: usize| row[column];
        // The last 3 bits are the transform's own factor of 8.
        let line = pass([0, 1, 2, 3, 4, 5, 6, 7].map(get), CONST_BITS + PASS1_BITS + 3);
        for (out, value) in out.iter_mut().zip(line) {
            *out = (value.0.saturating_add(128)).clamp(0, 255) as u8;
        }
    }
    samples
}

/// One row or column, divided by 2^`shift` and rounded.
fn pass(x: [Int; 8], shift: usize) -> [Int; 8] {
    let z = (x[2] + x[6]) * F_0_541;
    let (e2, e3) = (z - x[6] * F_1_847, z + x[2] * F_0_765);
    let (e0, e1) = ((x[0] + x[4]) << CONST_BITS, (x[0] - x[4]) << CONST_BITS);
    let even = [e0 + e3, e1 + e2, e1 - e2, e0 - e3];

    let z5 = (x[7] + x[3] + x[5] + x[1]) * F_1_175;
    let z1 = -(x[7] + x[1]) * F_0_899;
    let z2 = -(x[5] + x[3]) * F_2_562;
    let z3 = z5 - (x[7] + x[3]) * F_1_961;
    let z4 = z5 - (x[5] + x[1]) * F_0_390;
    let odd = [
        x[1] * F_1_501 + z1 + z4,
        x[3] * F_3_072 + z2 + z3,
        x[5] * F_2_053 + z2 + z4,
        x[7] * F_0_298 + z1 + z3,
    ];

    let round = Wrapping(1 << (shift - 1));
    let mut out = [Wrapping(0); 8];
    for i in 0..4 {
        out[i] = (even[i] + odd[i] + round) >> shift;
        out[7 - i] = (even[i] - odd[i] + round) >> shift;
    }
    out
}
