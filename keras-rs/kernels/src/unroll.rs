//! Loops that are written out: an array stays in registers only where all indices are constants, and the compiler does
//! not always come to that by itself.

/// The same for each number from zero to 18; what is beyond a loop's end is left out by a condition on a constant.
macro_rules! unroll {
    ($number:ident => $body:block) => {
        crate::unroll::unroll!($number => $body; 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18)
    };
    ($number:ident => $body:block; $($literal:literal)*) => {
        $({
            let $number: usize = $literal;
            $body
        })*
    };
}

pub(crate) use unroll;
