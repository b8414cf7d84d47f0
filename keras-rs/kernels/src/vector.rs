//! Vectors of `f32` behind one trait, so that a kernel is written once for all sets of instructions.
//!
//! A kernel is generic over [`Vector`] and inlined into a function that is compiled for the instructions of its vectors.

/// Some numbers that are computed at once.
///
/// Methods must be called from functions only that [`crate::level::Level::run`] compiles for the instructions of the
/// type: it is what finds out whether the CPU has these.
pub(crate) trait Vector: Copy {
    /// How many numbers these are: at most 16.
    const LANES: usize;
    /// Whether products and sums are fused.
    const FMA: bool;

    /// The same number in each lane.
    fn splat(x: f32) -> Self;

    /// The numbers from an address on.
    ///
    /// # Safety
    /// All `LANES` numbers can be read.
    #[allow(unsafe_code, reason = "reads without checks: whole blocks are checked by the kernels")]
    unsafe fn load(from: *const f32) -> Self;

    /// The first `count` numbers from an address on, zeros after them.
    ///
    /// # Safety
    /// `count` numbers can be read; `count` is at most `LANES`.
    #[allow(unsafe_code, reason = "reads without checks: whole blocks are checked by the kernels")]
    unsafe fn load_some(from: *const f32, count: usize) -> Self;

    /// Writes all numbers.
    ///
    /// # Safety
    /// `LANES` numbers can be written.
    #[allow(unsafe_code, reason = "writes without checks: whole blocks are checked by the kernels")]
    unsafe fn store(self, to: *mut f32);

    /// Writes the first `count` numbers.
    ///
    /// # Safety
    /// `count` numbers can be written; `count` is at most `LANES`.
    #[allow(unsafe_code, reason = "writes without checks: whole blocks are checked by the kernels")]
    unsafe fn store_some(self, to: *mut f32, count: usize);

    /// Sums.
    fn add(self, other: Self) -> Self;

    /// Products.
    fn mul(self, other: Self) -> Self;

    /// `self * factor + term`, in one rounding where the CPU has an instruction for it.
    fn mul_add(self, factor: Self, term: Self) -> Self;

    /// The larger numbers; `other` where one of both is NaN, and of two zeros.
    fn max(self, other: Self) -> Self;

    /// The smaller numbers; `other` where one of both is NaN, and of two zeros.
    fn min(self, other: Self) -> Self;

    /// The larger numbers; NaN where one of both is.
    fn max_or_nan(self, other: Self) -> Self;
}

/// Vectors for any CPU: the compiler makes of their loops what it has.
#[derive(Clone, Copy)]
pub(crate) struct Portable([f32; 8]);

impl Portable {
    #[inline(always)]
    fn each(self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        Self(std::array::from_fn(|i| f(self.0[i], other.0[i])))
    }
}

#[allow(unsafe_code, reason = "the functions of the trait that read and write without checks")]
impl Vector for Portable {
    const LANES: usize = 8;
    const FMA: bool = false;

    #[inline(always)]
    fn splat(x: f32) -> Self {
        Self([x; 8])
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: eight numbers can be read, says the caller.
        Self(unsafe { from.cast::<[f32; 8]>().read() })
    }

    #[inline(always)]
    unsafe fn load_some(from: *const f32, count: usize) -> Self {
        // SAFETY: `count` numbers can be read, says the caller.
        Self(std::array::from_fn(|i| if i < count { unsafe { from.add(i).read() } } else { 0.0 }))
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: eight numbers can be written, says the caller.
        unsafe { to.cast::<[f32; 8]>().write(self.0) }
    }

    #[inline(always)]
    unsafe fn store_some(self, to: *mut f32, count: usize) {
        for (i, x) in self.0.iter().take(count).enumerate() {
            // SAFETY: `count` numbers can be written, says the caller.
            unsafe { to.add(i).write(*x) }
        }
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.each(other, |a, b| a + b)
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.each(other, |a, b| a * b)
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        self.mul(factor).add(term)
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.each(other, |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        self.each(other, |a, b| if a < b { a } else { b })
    }

    #[inline(always)]
    fn max_or_nan(self, other: Self) -> Self {
        self.each(other, |a, b| if a > b || a.is_nan() { a } else { b })
    }
}

#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{Avx2, Avx512};

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "instructions that `Level::run` has found, and the trait's reads and writes")]
mod x86 {
    use super::Vector;
    use std::arch::x86_64::*;

    /// Eight numbers, with AVX2 and FMA.
    #[derive(Clone, Copy)]
    pub(crate) struct Avx2(__m256);

    /// Sixteen numbers, with AVX-512.
    #[derive(Clone, Copy)]
    pub(crate) struct Avx512(__m512);

    impl Avx2 {
        /// All bits in the first `count` lanes.
        #[inline(always)]
        fn mask(count: usize) -> __m256i {
            // SAFETY: instructions as the trait says.
            unsafe {
                let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
                _mm256_cmpgt_epi32(_mm256_set1_epi32(count as i32), lanes)
            }
        }
    }

    impl Avx512 {
        /// A bit for each of the first `count` lanes.
        #[inline(always)]
        fn mask(count: usize) -> __mmask16 {
            ((1_u32 << count) - 1) as __mmask16
        }
    }

    /// Methods that are one instruction, which has another name for each size.
    macro_rules! instructions {
        ($splat:ident, $load:ident, $store:ident, $add:ident, $mul:ident, $fma:ident, $max:ident, $min:ident) => {
            #[inline(always)]
            fn splat(x: f32) -> Self {
                // SAFETY: instructions as the trait says.
                Self(unsafe { $splat(x) })
            }

            #[inline(always)]
            unsafe fn load(from: *const f32) -> Self {
                // SAFETY: the numbers can be read, says the caller.
                Self(unsafe { $load(from) })
            }

            #[inline(always)]
            unsafe fn store(self, to: *mut f32) {
                // SAFETY: the numbers can be written, says the caller.
                unsafe { $store(to, self.0) }
            }

            #[inline(always)]
            fn add(self, other: Self) -> Self {
                // SAFETY: instructions as the trait says.
                Self(unsafe { $add(self.0, other.0) })
            }

            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                // SAFETY: instructions as the trait says.
                Self(unsafe { $mul(self.0, other.0) })
            }

            #[inline(always)]
            fn mul_add(self, factor: Self, term: Self) -> Self {
                // SAFETY: instructions as the trait says.
                Self(unsafe { $fma(self.0, factor.0, term.0) })
            }

            #[inline(always)]
            fn max(self, other: Self) -> Self {
                // SAFETY: instructions as the trait says.
                Self(unsafe { $max(self.0, other.0) })
            }

            #[inline(always)]
            fn min(self, other: Self) -> Self {
                // SAFETY: instructions as the trait says.
                Self(unsafe { $min(self.0, other.0) })
            }
        };
    }

    impl Vector for Avx2 {
        const LANES: usize = 8;
        const FMA: bool = true;
        instructions!(
            _mm256_set1_ps,
            _mm256_loadu_ps,
            _mm256_storeu_ps,
            _mm256_add_ps,
            _mm256_mul_ps,
            _mm256_fmadd_ps,
            _mm256_max_ps,
            _mm256_min_ps
        );

        #[inline(always)]
        unsafe fn load_some(from: *const f32, count: usize) -> Self {
            // SAFETY: lanes from `count` on are not read.
            Self(unsafe { _mm256_maskload_ps(from, Self::mask(count)) })
        }

        #[inline(always)]
        unsafe fn store_some(self, to: *mut f32, count: usize) {
            // SAFETY: lanes from `count` on are not written.
            unsafe { _mm256_maskstore_ps(to, Self::mask(count), self.0) }
        }

        #[inline(always)]
        fn max_or_nan(self, other: Self) -> Self {
            // SAFETY: instructions as the trait says.
            unsafe {
                let nan = _mm256_cmp_ps::<_CMP_UNORD_Q>(self.0, self.0);
                Self(_mm256_blendv_ps(_mm256_max_ps(self.0, other.0), self.0, nan))
            }
        }
    }

    impl Vector for Avx512 {
        const LANES: usize = 16;
        const FMA: bool = true;
        instructions!(
            _mm512_set1_ps,
            _mm512_loadu_ps,
            _mm512_storeu_ps,
            _mm512_add_ps,
            _mm512_mul_ps,
            _mm512_fmadd_ps,
            _mm512_max_ps,
            _mm512_min_ps
        );

        #[inline(always)]
        unsafe fn load_some(from: *const f32, count: usize) -> Self {
            // SAFETY: lanes from `count` on are not read.
            Self(unsafe { _mm512_maskz_loadu_ps(Self::mask(count), from) })
        }

        #[inline(always)]
        unsafe fn store_some(self, to: *mut f32, count: usize) {
            // SAFETY: lanes from `count` on are not written.
            unsafe { _mm512_mask_storeu_ps(to, Self::mask(count), self.0) }
        }

        #[inline(always)]
        fn max_or_nan(self, other: Self) -> Self {
            // SAFETY: instructions as the trait says.
            unsafe {
                let number = _mm512_cmp_ps_mask::<_CMP_ORD_Q>(self.0, self.0);
                Self(_mm512_mask_max_ps(self.0, number, self.0, other.0))
            }
        }
    }
}
