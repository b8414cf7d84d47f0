//! A step of long short-term memory with `tanh` and `sigmoid`.

use crate::cpu::fma;
use crate::exponential::{sigmoid, tanh};
use crate::recurrent::{Cell, Next, Previous, each};

/// Gates: input, forget, candidate, output.
pub(crate) struct Lstm;

impl Cell for Lstm {
    const GATES: usize = 4;
    /// The gates, and `c` before the step.
    const KEPT: usize = 5;
    const CARRIES: bool = true;

    #[inline(always)]
    fn next<const FMA: bool>(&self, Next { sums, c, kept, after, .. }: Next<'_>) {
        let units = after.len();
        let (gates, before) = kept.split_at_mut(Self::GATES * units);
        before.copy_from_slice(c);
        let (i, rest) = gates.split_at_mut(units);
        let (f, rest) = rest.split_at_mut(units);
        let (g, o) = rest.split_at_mut(units);
        each(&sums[..units], i, sigmoid::<FMA>);
        each(&sums[units..2 * units], f, sigmoid::<FMA>);
        each(&sums[2 * units..3 * units], g, tanh::<FMA>);
        each(&sums[3 * units..], o, sigmoid::<FMA>);
        for (((c, f), i), g) in c.iter_mut().zip(f).zip(i).zip(g) {
            *c = fma::<FMA>(*f, *c, *i * *g);
        }
        for ((h, c), o) in after.iter_mut().zip(c).zip(o) {
            *h = *o * tanh::<FMA>(*c);
        }
    }

    #[inline(always)]
    fn previous<const FMA: bool>(&self, Previous { kept, dh, dc, inputs, .. }: Previous<'_>) {
        let units = dc.len();
        let (i, rest) = kept.split_at(units);
        let (f, rest) = rest.split_at(units);
        let (g, rest) = rest.split_at(units);
        let (o, before) = rest.split_at(units);
        let (di, rest) = inputs.split_at_mut(units);
        let (df, rest) = rest.split_at_mut(units);
        let (dg, d_o) = rest.split_at_mut(units);
        // Slices of one length: the compiler then leaves out the checks of each index.
        let (d_o, before, dh) = (&mut d_o[..units], &before[..units], &mut dh[..units]);
        for u in 0..units {
            let [vi, vf, vg, vo] = [i[u], f[u], g[u], o[u]];
            let t = tanh::<FMA>(fma::<FMA>(vf, before[u], vi * vg));
            let d = fma::<FMA>(dh[u] * vo, fma::<FMA>(-t, t, 1.0), dc[u]);
            d_o[u] = dh[u] * t * vo * (1.0 - vo);
            di[u] = d * vg * vi * (1.0 - vi);
            df[u] = d * before[u] * vf * (1.0 - vf);
            dg[u] = d * vi * fma::<FMA>(-vg, vg, 1.0);
            dc[u] = d * vf;
            dh[u] = 0.0;
        }
    }
}
