//! NumPy's legacy shuffle, which decides which files Keras' loaders put into which subset.
//!
//! The generator is MT19937 (Matsumoto and Nishimura 1998), seeded with one number; indices are drawn
//! by masking and rejection.

const SIZE: usize = 624;
const SHIFT: usize = 397;

struct Mt19937 {
    key: [u32; SIZE],
    position: usize,
}

impl Mt19937 {
    fn new(seed: u32) -> Self {
        let mut key = [seed; SIZE];
        for i in 1..SIZE {
            let last = key[i - 1];
            key[i] = 1_812_433_253_u32.wrapping_mul(last ^ (last >> 30)).wrapping_add(i as u32);
        }
        Self { key, position: SIZE }
    }

    fn next(&mut self) -> u32 {
        if self.position == SIZE {
            for i in 0..SIZE {
                let y = (self.key[i] & 0x8000_0000) | (self.key[(i + 1) % SIZE] & 0x7FFF_FFFF);
                let odd = if y & 1 == 1 { 0x9908_B0DF } else { 0 };
                self.key[i] = self.key[(i + SHIFT) % SIZE] ^ (y >> 1) ^ odd;
            }
            self.position = 0;
        }
        let mut y = self.key[self.position];
        self.position += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C_5680;
        y ^= (y << 15) & 0xEFC6_0000;
        y ^ (y >> 18)
    }

    /// A number from 0 to `most`.
    fn interval(&mut self, most: u32) -> u32 {
        let mask = u32::MAX.checked_shr(most.leading_zeros()).unwrap_or(0);
        loop {
            let value = self.next() & mask;
            if value <= most {
                return value;
            }
        }
    }
}

/// Shuffles as `numpy.random.RandomState(seed).shuffle` does; the permutation depends only on the seed and
/// the length.
pub(super) fn shuffle<T>(items: &mut [T], seed: u32) {
    let mut rng = Mt19937::new(seed);
    for i in (1..items.len()).rev() {
        items.swap(i, rng.interval(u32::try_from(i).unwrap_or(u32::MAX)) as usize);
    }
}

#[cfg(test)]
mod tests;
