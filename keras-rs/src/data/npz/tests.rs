#![allow(clippy::unwrap_used, clippy::panic)]
use super::*;
use std::path::PathBuf;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures").join(name)
}

fn floats(data: &TensorData) -> Vec<f64> {
    let bytes = data.bytes();
    match data.dtype() {
        DType::F16 => {
            bytes.chunks_exact(2).map(|b| half::f16::from_le_bytes([b[0], b[1]]).to_f64()).collect()
        }
        DType::F32 => bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b).into()).collect(),
        DType::F64 => bytes.as_chunks().0.iter().map(|b| f64::from_le_bytes(*b)).collect(),
        DType::I32 => bytes.as_chunks().0.iter().map(|b| i32::from_le_bytes(*b).into()).collect(),
        DType::U32 => bytes.as_chunks().0.iter().map(|b| u32::from_le_bytes(*b).into()).collect(),
        DType::I64 => bytes.as_chunks().0.iter().map(|b| i64::from_le_bytes(*b) as f64).collect(),
        _ => bytes.iter().map(|b| f64::from(*b)).collect(),
    }
}

#[test]
fn reads_what_numpy_writes() {
    for file in ["formats/stored.npz", "formats/deflated.npz"] {
        let arrays = read(fixture(file)).unwrap();
        for (name, dtype) in [
            ("f2", DType::F16),
            ("f4", DType::F32),
            ("f8", DType::F64),
            ("i1", DType::I32),
            ("i2", DType::I32),
            ("i4", DType::I32),
            ("i8", DType::I64),
            ("u1", DType::U8),
            ("u2", DType::I32),
            ("u4", DType::U32),
            ("u8", DType::I64),
            ("big_endian", DType::F32),
        ] {
            let array = &arrays[name];
            assert_eq!((array.dtype(), array.shape()), (dtype, &[2, 3][..]), "{file} {name}");
            assert_eq!(floats(array), [0., 1., 2., 3., 4., 5.], "{file} {name}");
        }
        assert_eq!(arrays["?"].bytes(), [0, 1, 1, 1, 1, 1]);
        assert_eq!(arrays["fortran"].shape(), [2, 3, 4]);
        assert_eq!(floats(&arrays["fortran"]), (0..24).map(f64::from).collect::<Vec<_>>());
        assert_eq!((arrays["scalar"].shape(), floats(&arrays["scalar"])), (&[][..], vec![3.]));
        assert_eq!(arrays["empty"].shape(), [0, 5]);
        assert_eq!(from_bytes(&std::fs::read(fixture(file)).unwrap()).unwrap(), arrays);
    }
}

#[test]
fn reads_every_version_of_npy() {
    for file in ["version1", "version2", "version3", "python2"] {
        let array = read_npy(fixture(&format!("formats/{file}.npy"))).unwrap();
        assert_eq!((array.shape(), floats(&array)), (&[2, 3][..], vec![0., 1., 2., 3., 4., 5.]), "{file}");
    }
}

#[test]
fn what_is_no_number_is_refused() {
    for file in ["objects", "text", "record", "complex", "large_unsigned"] {
        let error = read_npy(fixture(&format!("formats/{file}.npy"))).unwrap_err();
        assert!(matches!(error, Error::Format { .. }), "{file}: {error}");
    }
    let error = read_npy(fixture("formats/objects.npy")).unwrap_err().to_string();
    assert!(
        error.ends_with("expected an array of numbers or truth values, got elements of type |O"),
        "{error}"
    );
}

#[test]
fn hostile_headers_are_refused() {
    for file in [
        "shape_huge",
        "shape_overflow",
        "shape_number",
        "shape_zero_by_huge",
        "shape_deep",
        "shape_negative",
        "code",
        "objects",
        "header_huge",
        "header_cut",
        "version_9",
    ] {
        let result = read_npy(fixture(&format!("hostile/{file}.npy")));
        assert!(matches!(result, Err(Error::Format { .. } | Error::TooLarge { .. })), "{file}: {result:?}");
    }
    assert_eq!(read_npy(fixture("hostile/shape_fortran.npy")).unwrap().shape(), [1, 0, 2]);
    assert!(matches!(read(fixture("hostile/other_member.npz")), Err(Error::Format { .. })));
}

#[test]
fn what_is_written_reads_back() {
    let directory = tempfile::tempdir().unwrap();
    let arrays: IndexMap<String, TensorData> = DType::ALL
        .into_iter()
        .map(|dtype| {
            (dtype.to_string(), TensorData::new(dtype, vec![3, 2], vec![1; 6 * dtype.size()]).unwrap())
        })
        .chain([("empty".into(), TensorData::new(DType::F32, vec![2, 0], vec![]).unwrap())])
        .chain([("nested/scalar".into(), TensorData::new(DType::I64, vec![], vec![5; 8]).unwrap())])
        .collect();
    let path = std::env::var("KERAS_RS_WRITE_FORMATS").map_or(directory.path().to_path_buf(), PathBuf::from);
    let path = path.join("written.npz");
    write(&path, &arrays).unwrap();
    let back = read(&path).unwrap();
    assert_eq!(back.keys().collect::<Vec<_>>(), arrays.keys().collect::<Vec<_>>());
    for (name, array) in &arrays {
        if array.dtype() == DType::BF16 {
            let value = f64::from(half::bf16::from_le_bytes([1, 1]).to_f32());
            assert_eq!((back[name].dtype(), floats(&back[name])), (DType::F32, vec![value; 6]));
        } else {
            assert_eq!(&back[name], array, "{name}");
        }
    }
    let path = directory.path().join("one.npy");
    write_npy(&path, &arrays["float32"]).unwrap();
    assert_eq!(read_npy(&path).unwrap(), arrays["float32"]);
}
