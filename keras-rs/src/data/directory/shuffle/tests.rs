use super::*;

/// `numpy.random.RandomState(5489).randint(0, 2**32, dtype="uint32")`, the reference generator.
#[test]
fn numbers_are_those_of_the_reference() {
    let mut rng = Mt19937::new(5489);
    assert_eq!(rng.next(), 3_499_211_612);
    let ten_thousandth = (0..9999).map(|_| rng.next()).last();
    assert_eq!(ten_thousandth, Some(4_123_659_995));
}

/// `x = list(range(12)); numpy.random.RandomState(seed).shuffle(x)`.
#[test]
fn orders_are_those_of_numpy() {
    for (seed, expected) in [
        (0, [6, 11, 4, 10, 2, 8, 1, 7, 9, 3, 0, 5]),
        (1337, [5, 3, 1, 0, 4, 6, 10, 2, 9, 11, 8, 7]),
        (u32::MAX, [11, 8, 5, 9, 1, 10, 6, 0, 4, 7, 2, 3]),
    ] {
        let mut items: Vec<usize> = (0..12).collect();
        shuffle(&mut items, seed);
        assert_eq!(items, expected);
    }
}
