//! Which instructions the CPU has, and functions compiled for them.

#[cfg(target_arch = "x86_64")]
use crate::simd::{Avx2, Avx512};
use crate::simd::{Portable, Vector};

/// A set of instructions that kernels are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// Any CPU.
    Portable,
    /// x86 with AVX2 and FMA.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// x86 with AVX-512 (F and VL), AVX2 and FMA.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Level {
    /// The best one that this CPU has.
    pub(crate) fn best() -> Self {
        Self::all().last().copied().unwrap_or(Self::Portable)
    }

    /// Those that this CPU has, the best one last.
    pub(crate) fn all() -> &'static [Self] {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
            let wide = std::arch::is_x86_feature_detected!("avx512f")
                && std::arch::is_x86_feature_detected!("avx512vl");
            let all = &[Self::Portable, Self::Avx2, Self::Avx512];
            return if wide { all } else { &all[..2] };
        }
        &[Self::Portable]
    }

    /// Does a piece of work with these instructions, or with those of any CPU where this one does not have them.
    #[allow(unsafe_code, reason = "instructions that are there at run time only")]
    pub(crate) fn run(self, kernel: impl Kernel) {
        #[cfg(target_arch = "x86_64")]
        {
            #[target_feature(enable = "avx2,fma")]
            unsafe fn avx2(kernel: impl Kernel) {
                // SAFETY: as the caller says.
                unsafe { kernel.run::<Avx2>() }
            }
            #[target_feature(enable = "avx512f,avx512vl,avx2,fma")]
            unsafe fn avx512(kernel: impl Kernel) {
                // SAFETY: as the caller says.
                unsafe { kernel.run::<Avx512>() }
            }
            if self != Self::Portable && Self::all().contains(&self) {
                // SAFETY: the CPU has the instructions, as was just found out.
                return unsafe { if self == Self::Avx512 { avx512(kernel) } else { avx2(kernel) } };
            }
        }
        // SAFETY: any CPU has these.
        unsafe { kernel.run::<Portable>() }
    }
}

/// A piece of work that is written with vectors of any kind. Its method must be `inline(always)`, as all that it calls
/// with vectors, so that it is compiled for their instructions.
pub(crate) trait Kernel {
    /// Does it.
    ///
    /// # Safety
    ///
    /// The CPU has the instructions of `V`.
    #[allow(unsafe_code, reason = "instructions that are there at run time only")]
    unsafe fn run<V: Vector>(self);
}

/// A piece of work that is compiled for the instructions of the CPU. `FMA` says whether products and sums are fused.
pub(crate) trait Work {
    /// Does it.
    fn run<const FMA: bool>(self);
}

/// Does a piece of work with the best instructions that the CPU has.
pub(crate) fn run(work: impl Work) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
        #[target_feature(enable = "avx2,fma")]
        fn with_avx2(work: impl Work) {
            work.run::<true>();
        }
        #[allow(unsafe_code, reason = "instructions that are there at run time only")]
        // SAFETY: the CPU has AVX2 and FMA, as was just found out.
        unsafe {
            with_avx2(work);
        }
        return;
    }
    work.run::<false>();
}

/// `a * b + c`, in one rounding where the CPU has an instruction for it.
#[inline(always)]
pub(crate) fn fma<const FMA: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}
