//! Kernels over vectors, compiled for each set of instructions; which one runs is found out at run time.

#[cfg(target_arch = "x86_64")]
use crate::vector::{Avx2, Avx512};
use crate::vector::{Portable, Vector};

/// A set of instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// What every CPU of the target has.
    Portable,
    /// AVX2 and FMA.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX-512 F, besides AVX2 and FMA.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// A piece of work that is written with vectors of any kind. Its method must be `inline(always)`, as all that it calls
/// with vectors, so that it is compiled for the instructions of the vectors.
pub(crate) trait Kernel {
    /// Does it.
    fn run<V: Vector>(self);
}

impl Level {
    /// All that the CPU has, the best one last.
    pub(crate) fn all() -> &'static [Self] {
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 =
                std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma");
            if avx2 && std::arch::is_x86_feature_detected!("avx512f") {
                return &[Self::Portable, Self::Avx2, Self::Avx512];
            }
            if avx2 {
                return &[Self::Portable, Self::Avx2];
            }
        }
        &[Self::Portable]
    }

    /// The best one that the CPU has.
    pub(crate) fn best() -> Self {
        Self::all().last().copied().unwrap_or(Self::Portable)
    }

    /// Does a piece of work with these instructions, or with those of any CPU where it does not have them.
    pub(crate) fn run(self, kernel: impl Kernel) {
        #[cfg(target_arch = "x86_64")]
        {
            #[target_feature(enable = "avx2,fma")]
            fn avx2(kernel: impl Kernel) {
                kernel.run::<Avx2>();
            }
            #[target_feature(enable = "avx512f,avx2,fma")]
            fn avx512(kernel: impl Kernel) {
                kernel.run::<Avx512>();
            }
            if self != Self::Portable && Self::all().contains(&self) {
                #[allow(unsafe_code, reason = "instructions that are there at run time only")]
                // SAFETY: the CPU has the instructions, as was just found out.
                unsafe {
                    if self == Self::Avx512 { avx512(kernel) } else { avx2(kernel) }
                }
                return;
            }
        }
        kernel.run::<Portable>();
    }
}
