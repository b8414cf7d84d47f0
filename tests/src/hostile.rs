//! Hostile files: those kept in `fixtures/hostile`, and damage done to honest ones.
//!
//! The library's own tests include this file, too, so it depends on nothing but `std`.
#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

use std::path::{Path, PathBuf};

/// A file that nobody should trust.
pub struct Case {
    /// What was done to which file.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Directory of the fixtures of one kind.
pub fn fixtures(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures").join(kind)
}

/// The files in `fixtures/hostile`.
pub fn committed() -> Vec<Case> {
    let mut cases: Vec<Case> = std::fs::read_dir(fixtures("hostile"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e != "py"))
        .map(|path| Case {
            name: path.file_name().unwrap().to_string_lossy().into_owned(),
            bytes: std::fs::read(&path).unwrap(),
        })
        .collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

/// `count` damaged copies of a file, the same for the same arguments.
///
/// A third is cut off at offsets spread over the whole file, the rest is changed in one to
/// eight places: bits flipped, bytes and integers set to extremes, stretches copied or erased.
pub fn damaged<'a>(
    name: &'a str,
    original: &'a [u8],
    count: usize,
    seed: u64,
) -> impl Iterator<Item = Case> + 'a {
    let mut random = Random(seed);
    (0..count).map(move |i| {
        if i % 3 == 0 {
            let at = original.len() * i / count + random.below(original.len() / count + 1);
            return Case {
                name: format!("{name} cut at {at}"),
                bytes: original[..at.min(original.len())].to_vec(),
            };
        }
        let mut bytes = original.to_vec();
        for _ in 0..=random.below(8) {
            random.damage(&mut bytes);
        }
        Case { name: format!("{name} damaged, case {i} of seed {seed}"), bytes }
    })
}

/// SplitMix64: small, and the same everywhere.
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`, or zero where that is zero.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.draw() % limit.max(1) as u64) as usize
    }

    fn damage(&mut self, bytes: &mut [u8]) {
        const EXTREMES: [u64; 10] =
            [0, 1, 0x7f, 0xff, 0xffff, 0x7fff_ffff, 0xffff_ffff, 1 << 40, i64::MAX as u64, u64::MAX];
        let at = self.below(bytes.len());
        let room = bytes.len() - at;
        match self.below(6) {
            0 => bytes[at] ^= 1 << self.below(8),
            1 => bytes[at] = self.draw() as u8,
            2 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][self.below(5)],
            3 => {
                let width = [2, 4, 8][self.below(3)].min(room);
                let value = EXTREMES[self.below(EXTREMES.len())].to_le_bytes();
                bytes[at..at + width].copy_from_slice(&value[..width]);
            }
            // Addresses that lead somewhere else in the file make cycles and overlaps.
            4 => {
                let width = 8.min(room);
                let value = (self.below(bytes.len()) as u64 & !7).to_le_bytes();
                bytes[at..at + width].copy_from_slice(&value[..width]);
            }
            _ => {
                let length = (1 + self.below(64)).min(room);
                let from = self.below(bytes.len() - length + 1);
                bytes.copy_within(from..from + length, at);
            }
        }
    }
}
