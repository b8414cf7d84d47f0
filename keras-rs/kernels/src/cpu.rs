//! Which instructions the CPU has, and functions compiled for them.

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
