use super::*;

#[test]
fn narrow_integers_keep_their_values() {
    assert_eq!(
        Element::I8.decode(vec![0xff, 2], false),
        Some([(-1i32).to_le_bytes(), 2i32.to_le_bytes()].concat())
    );
    assert_eq!(Element::I16.decode(vec![0xff, 0xfe], true), Some((-2i32).to_le_bytes().to_vec()));
    assert_eq!(Element::U16.decode(vec![0xff, 0xff], false), Some(65535i32.to_le_bytes().to_vec()));
}

#[test]
fn an_unsigned_value_beyond_int64_is_not_wrapped() {
    assert_eq!(Element::U64.decode(u64::MAX.to_le_bytes().to_vec(), false), None);
    let largest = i64::MAX.to_le_bytes().to_vec();
    assert_eq!(Element::U64.decode(largest.clone(), false), Some(largest));
}

#[test]
fn byte_order_and_truth_values_are_normalised() {
    let float = Element::Same(DType::F32);
    assert_eq!(float.decode(1.5f32.to_be_bytes().to_vec(), true), Some(1.5f32.to_le_bytes().to_vec()));
    assert_eq!(Element::Same(DType::Bool).decode(vec![0, 1, 255], false), Some(vec![0, 1, 1]));
}
