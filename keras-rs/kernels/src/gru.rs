//! A step of the gated recurrent unit with `tanh` and `sigmoid`, whose reset gate comes after the product.

use crate::cpu::fma;
use crate::exponential::{sigmoid, tanh};
use crate::recurrent::{Cell, Next, Previous};

/// Gates: update, reset, candidate.
pub(crate) struct Gru<'a> {
    /// Of the states' products; the backward pass needs none.
    pub(crate) bias: &'a [f32],
}

impl Cell for Gru<'_> {
    const GATES: usize = 3;
    /// The gates, and the part of the candidate that the reset gate multiplies.
    const KEPT: usize = 4;
    const SEPARATE: bool = true;

    #[inline(always)]
    fn start(&self, _inputs: &[f32], sums: &mut [f32]) {
        sums.copy_from_slice(self.bias);
    }

    #[inline(always)]
    fn next<const FMA: bool>(&self, Next { inputs, sums, before, kept, after, .. }: Next<'_>) {
        let units = after.len();
        let [xz, xr, xg] = [0, 1, 2].map(|i| &inputs[i * units..][..units]);
        let [pz, pr, pg] = [0, 1, 2].map(|i| &sums[i * units..][..units]);
        let (kz, rest) = kept.split_at_mut(units);
        let (kr, rest) = rest.split_at_mut(units);
        let (kg, kp) = rest.split_at_mut(units);
        let (kp, before) = (&mut kp[..units], &before[..units]);
        for u in 0..units {
            let z = sigmoid::<FMA>(xz[u] + pz[u]);
            let r = sigmoid::<FMA>(xr[u] + pr[u]);
            let g = tanh::<FMA>(fma::<FMA>(r, pg[u], xg[u]));
            (kz[u], kr[u], kg[u], kp[u]) = (z, r, g, pg[u]);
            after[u] = fma::<FMA>(z, before[u] - g, g);
        }
    }

    #[inline(always)]
    fn previous<const FMA: bool>(&self, step: Previous<'_>) {
        let Previous { kept, before, dh, inputs, products, .. } = step;
        let units = dh.len();
        let [z, r, g, p] = [0, 1, 2, 3].map(|i| &kept[i * units..(i + 1) * units]);
        let (xz, rest) = inputs.split_at_mut(units);
        let (xr, xg) = rest.split_at_mut(units);
        let (pz, rest) = products.split_at_mut(units);
        let (pr, pg) = rest.split_at_mut(units);
        let (xg, pg, before) = (&mut xg[..units], &mut pg[..units], &before[..units]);
        for u in 0..units {
            let [vz, vr, vg, vp, d] = [z[u], r[u], g[u], p[u], dh[u]];
            let dz = d * (before[u] - vg) * vz * (1.0 - vz);
            let dg = d * (1.0 - vz) * fma::<FMA>(-vg, vg, 1.0);
            let dr = dg * vp * vr * (1.0 - vr);
            (xz[u], xr[u], xg[u]) = (dz, dr, dg);
            (pz[u], pr[u], pg[u]) = (dz, dr, dg * vr);
            dh[u] = d * vz;
        }
    }
}
