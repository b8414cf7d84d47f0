//! Vectors of numbers, as wide as the CPU computes at once.

#![allow(unsafe_code, reason = "instructions that are there at run time only, and loads through pointers")]

/// A vector. Functions that use one are inlined into a function that is compiled for its instructions.
///
/// Values are made by unsafe functions alone, so whoever has one has a CPU with these instructions.
pub(crate) trait Vector: Copy {
    /// How many numbers.
    const LANES: usize;
    /// Whether [`Vector::mul_add`] rounds once.
    const FMA: bool;

    /// A vector of half as many numbers, where the CPU computes two of them in the time of this one.
    type Half: Vector;

    /// The same number in each place.
    ///
    /// # Safety
    ///
    /// The CPU has the instructions.
    unsafe fn splat(value: f32) -> Self;

    /// The numbers at a place in memory.
    ///
    /// # Safety
    ///
    /// The CPU has the instructions, and all the numbers may be read.
    unsafe fn load(from: *const f32) -> Self;

    /// The first `count` numbers at a place in memory, then zeros.
    ///
    /// # Safety
    ///
    /// The CPU has the instructions, and `count` numbers may be read.
    unsafe fn load_some(from: *const f32, count: usize) -> Self;

    /// Writes the numbers.
    ///
    /// # Safety
    ///
    /// All the numbers may be written.
    unsafe fn store(self, to: *mut f32);

    /// Writes the first `count` numbers.
    ///
    /// # Safety
    ///
    /// `count` numbers may be written.
    unsafe fn store_some(self, to: *mut f32, count: usize);

    /// `self * factor + term`.
    fn mul_add(self, factor: Self, term: Self) -> Self;
    /// The sum.
    fn add(self, other: Self) -> Self;
    /// The product.
    fn mul(self, other: Self) -> Self;
    /// The greater of both; that of `self`, where it is not a number.
    fn max(self, other: Self) -> Self;
    /// The lesser of both; that of `self`, where it is not a number.
    fn min(self, other: Self) -> Self;
    /// The greater of both; not a number, where one of them is not.
    fn max_or_nan(self, other: Self) -> Self;
    /// `value` where `self` is `other` or not a number, and `value` elsewhere; zeros in their other lanes.
    fn divide(self, other: Self, value: Self) -> [Self; 2];
}

/// Four numbers, for any CPU.
#[derive(Clone, Copy)]
pub(crate) struct Portable([f32; 4]);

impl Portable {
    #[inline(always)]
    fn zip(self, other: Self, function: impl Fn(f32, f32) -> f32) -> Self {
        Self(std::array::from_fn(|i| function(self.0[i], other.0[i])))
    }
}

impl Vector for Portable {
    const LANES: usize = 4;
    const FMA: bool = false;

    type Half = Self;

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        Self([value; 4])
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: as for this function.
        Self(unsafe { from.cast::<[f32; 4]>().read_unaligned() })
    }

    #[inline(always)]
    unsafe fn load_some(from: *const f32, count: usize) -> Self {
        let mut values = [0.0; 4];
        for (i, value) in values.iter_mut().enumerate().take(count) {
            // SAFETY: as for this function.
            *value = unsafe { *from.add(i) };
        }
        Self(values)
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: as for this function.
        unsafe { to.cast::<[f32; 4]>().write_unaligned(self.0) };
    }

    #[inline(always)]
    unsafe fn store_some(self, to: *mut f32, count: usize) {
        for (i, value) in self.0.iter().enumerate().take(count) {
            // SAFETY: as for this function.
            unsafe { *to.add(i) = *value };
        }
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        self.mul(factor).add(term)
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.zip(other, |a, b| if b > a { b } else { a })
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        self.zip(other, |a, b| if b < a { b } else { a })
    }

    #[inline(always)]
    fn max_or_nan(self, other: Self) -> Self {
        self.zip(other, |a, b| if a > b || a.is_nan() { a } else { b })
    }

    #[inline(always)]
    fn divide(self, other: Self, value: Self) -> [Self; 2] {
        let same = self.zip(other, |a, b| if a == b || a.is_nan() { 1.0 } else { 0.0 });
        let choose = |wanted: f32| same.zip(value, |same, value| if same == wanted { value } else { 0.0 });
        [choose(1.0), choose(0.0)]
    }
}

#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{Avx2, Avx512};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Vector;
    use std::arch::x86_64::*;

    /// Eight numbers.
    #[derive(Clone, Copy)]
    pub(crate) struct Avx2(__m256);

    /// Sixteen numbers.
    #[derive(Clone, Copy)]
    pub(crate) struct Avx512(__m512);

    /// Eight bits for numbers to take, then eight for those to leave.
    static MASKS: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];

    #[inline(always)]
    unsafe fn mask_8(count: usize) -> __m256i {
        // SAFETY: eight numbers follow each of the places 0 to 8; the CPU has AVX2, as the caller says.
        unsafe { _mm256_loadu_si256(MASKS.as_ptr().add(8 - count.min(8)).cast()) }
    }

    #[inline(always)]
    unsafe fn load_8(from: *const f32, count: usize) -> __m256 {
        // SAFETY: as the caller says.
        unsafe { _mm256_maskload_ps(from, mask_8(count)) }
    }

    #[inline(always)]
    unsafe fn store_8(to: *mut f32, values: __m256, count: usize) {
        // SAFETY: as the caller says.
        unsafe { _mm256_maskstore_ps(to, mask_8(count), values) }
    }

    #[inline(always)]
    fn mask_16(count: usize) -> u16 {
        if count < 16 { (1 << count) - 1 } else { u16::MAX }
    }

    #[inline(always)]
    unsafe fn load_16(from: *const f32, count: usize) -> __m512 {
        // SAFETY: as the caller says.
        unsafe { _mm512_maskz_loadu_ps(mask_16(count), from) }
    }

    #[inline(always)]
    unsafe fn store_16(to: *mut f32, values: __m512, count: usize) {
        // SAFETY: as the caller says.
        unsafe { _mm512_mask_storeu_ps(to, mask_16(count), values) }
    }

    #[inline(always)]
    unsafe fn max_or_nan_8(a: __m256, b: __m256) -> __m256 {
        // SAFETY: as the caller says.
        unsafe { _mm256_blendv_ps(_mm256_max_ps(a, b), a, _mm256_cmp_ps::<_CMP_UNORD_Q>(a, a)) }
    }

    #[inline(always)]
    unsafe fn divide_8(a: __m256, b: __m256, value: __m256) -> [__m256; 2] {
        // SAFETY: as the caller says.
        unsafe {
            let same = _mm256_or_ps(_mm256_cmp_ps::<_CMP_EQ_OQ>(a, b), _mm256_cmp_ps::<_CMP_UNORD_Q>(a, a));
            [_mm256_and_ps(same, value), _mm256_andnot_ps(same, value)]
        }
    }

    #[inline(always)]
    unsafe fn divide_16(a: __m512, b: __m512, value: __m512) -> [__m512; 2] {
        // SAFETY: as the caller says.
        unsafe {
            let same = _mm512_cmp_ps_mask::<_CMP_EQ_OQ>(a, b) | _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(a, a);
            [_mm512_maskz_mov_ps(same, value), _mm512_maskz_mov_ps(!same, value)]
        }
    }

    #[inline(always)]
    unsafe fn max_or_nan_16(a: __m512, b: __m512) -> __m512 {
        // SAFETY: as the caller says.
        unsafe { _mm512_mask_max_ps(a, _mm512_cmp_ps_mask::<_CMP_ORD_Q>(a, a), a, b) }
    }

    /// The parts that are spelled alike; `max` and `min` give their second operand where one is not a number.
    macro_rules! vector {
        ($name:ident, $half:ident, $lanes:literal, $splat:ident, $load:ident, $store:ident, $mul_add:ident, $add:ident,
         $mul:ident, $max:ident, $min:ident, $load_some:ident, $store_some:ident, $max_or_nan:ident,
         $divide:ident) => {
            impl Vector for $name {
                const LANES: usize = $lanes;
                const FMA: bool = true;

                type Half = $half;

                #[inline(always)]
                unsafe fn splat(value: f32) -> Self {
                    // SAFETY: as for this function.
                    Self(unsafe { $splat(value) })
                }

                #[inline(always)]
                unsafe fn load(from: *const f32) -> Self {
                    // SAFETY: as for this function.
                    Self(unsafe { $load(from) })
                }

                #[inline(always)]
                unsafe fn load_some(from: *const f32, count: usize) -> Self {
                    // SAFETY: as for this function.
                    Self(unsafe { $load_some(from, count) })
                }

                #[inline(always)]
                unsafe fn store(self, to: *mut f32) {
                    // SAFETY: as for this function.
                    unsafe { $store(to, self.0) };
                }

                #[inline(always)]
                unsafe fn store_some(self, to: *mut f32, count: usize) {
                    // SAFETY: as for this function.
                    unsafe { $store_some(to, self.0, count) };
                }

                #[inline(always)]
                fn mul_add(self, factor: Self, term: Self) -> Self {
                    // SAFETY: there is a value of this type, so the CPU has the instructions. Likewise below.
                    Self(unsafe { $mul_add(self.0, factor.0, term.0) })
                }

                #[inline(always)]
                fn add(self, other: Self) -> Self {
                    // SAFETY: as above.
                    Self(unsafe { $add(self.0, other.0) })
                }

                #[inline(always)]
                fn mul(self, other: Self) -> Self {
                    // SAFETY: as above.
                    Self(unsafe { $mul(self.0, other.0) })
                }

                #[inline(always)]
                fn max(self, other: Self) -> Self {
                    // SAFETY: as above.
                    Self(unsafe { $max(other.0, self.0) })
                }

                #[inline(always)]
                fn min(self, other: Self) -> Self {
                    // SAFETY: as above.
                    Self(unsafe { $min(other.0, self.0) })
                }

                #[inline(always)]
                fn max_or_nan(self, other: Self) -> Self {
                    // SAFETY: as above.
                    Self(unsafe { $max_or_nan(self.0, other.0) })
                }

                #[inline(always)]
                fn divide(self, other: Self, value: Self) -> [Self; 2] {
                    // SAFETY: as above.
                    unsafe { $divide(self.0, other.0, value.0) }.map(Self)
                }
            }
        };
    }

    vector!(
        Avx2,
        Avx2,
        8,
        _mm256_set1_ps,
        _mm256_loadu_ps,
        _mm256_storeu_ps,
        _mm256_fmadd_ps,
        _mm256_add_ps,
        _mm256_mul_ps,
        _mm256_max_ps,
        _mm256_min_ps,
        load_8,
        store_8,
        max_or_nan_8,
        divide_8
    );
    vector!(
        Avx512,
        Avx2,
        16,
        _mm512_set1_ps,
        _mm512_loadu_ps,
        _mm512_storeu_ps,
        _mm512_fmadd_ps,
        _mm512_add_ps,
        _mm512_mul_ps,
        _mm512_max_ps,
        _mm512_min_ps,
        load_16,
        store_16,
        max_or_nan_16,
        divide_16
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::Level;

    fn numbers<V: Vector>() {
        let source: Vec<f32> = (0..32).map(|i| i as f32 - 3.0).collect();
        // SAFETY: `Level::all` names the instructions of this type; the slices are longer than two vectors.
        unsafe {
            for count in 0..=V::LANES {
                let mut target = vec![-9.0; 32];
                V::load_some(source.as_ptr(), count).store(target.as_mut_ptr());
                let expected: Vec<f32> =
                    (0..V::LANES).map(|i| if i < count { source[i] } else { 0.0 }).collect();
                assert_eq!(target[..V::LANES], expected);
                let mut target = vec![-9.0; 32];
                V::load(source.as_ptr()).store_some(target.as_mut_ptr(), count);
                assert_eq!(target[..count], source[..count]);
                assert!(target[count..].iter().all(|x| *x == -9.0));
            }
            let (two, nan) = (V::splat(2.0), V::splat(f32::NAN));
            let first = |v: V| {
                let mut target = [0.0; 16];
                v.store(target.as_mut_ptr());
                target[0]
            };
            assert_eq!(first(two.mul_add(V::splat(3.0), V::splat(1.0))), 7.0);
            assert_eq!(first(two.add(V::splat(3.0)).mul(two)), 10.0);
            assert_eq!(first(two.max(V::splat(3.0)).min(V::splat(2.5))), 2.5);
            assert!(first(nan.max(two)).is_nan() && first(nan.min(two)).is_nan());
            assert!(first(nan.max_or_nan(two)).is_nan() && first(two.max_or_nan(nan)).is_nan());
            assert_eq!(first(two.max_or_nan(V::splat(3.0))), 3.0);
            for (a, expected) in [(two, [5.0, 0.0]), (nan, [5.0, 0.0]), (V::splat(3.0), [0.0, 5.0])] {
                assert_eq!(a.divide(two, V::splat(5.0)).map(first), expected);
            }
        }
    }

    #[test]
    fn numbers_of_each_width() {
        for level in Level::all() {
            match level {
                Level::Portable => numbers::<Portable>(),
                #[cfg(target_arch = "x86_64")]
                Level::Avx2 => numbers::<Avx2>(),
                #[cfg(target_arch = "x86_64")]
                Level::Avx512 => numbers::<Avx512>(),
            }
        }
    }
}
