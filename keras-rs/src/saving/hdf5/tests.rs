#![allow(clippy::unwrap_used, clippy::panic)]
use super::*;
use crate::error::Error;
use crate::{DType, TensorData};
use std::path::PathBuf;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures").join(name)
}

fn open(name: &str) -> Group {
    Hdf5File::open(fixture(name)).unwrap().root()
}

/// 0, 1, 2, ... of a type, as the fixtures are filled.
fn counted(dtype: DType, shape: &[usize]) -> TensorData {
    let values = 0..shape.iter().product::<usize>() as u32;
    let bytes = values.flat_map(|v| match dtype {
        DType::F32 => (v as f32).to_le_bytes().to_vec(),
        DType::F64 => f64::from(v).to_le_bytes().to_vec(),
        DType::F16 => half::f16::from_f32(v as f32).to_le_bytes().to_vec(),
        DType::BF16 => half::bf16::from_f32(v as f32).to_le_bytes().to_vec(),
        DType::I32 | DType::U32 => v.to_le_bytes().to_vec(),
        DType::I64 => u64::from(v).to_le_bytes().to_vec(),
        DType::U8 => vec![v as u8],
        DType::Bool => vec![u8::from(v != 0)],
    });
    TensorData::new(dtype, shape.to_vec(), bytes.collect()).unwrap()
}

#[test]
fn reads_what_keras_writes() {
    let root = open("formats/small.h5");
    assert_eq!(root.attr_str("keras_version").unwrap().as_deref(), Some("3.15.1"));
    assert!(root.attr_str("model_config").unwrap().unwrap().starts_with("{\"class_name\""));
    assert_eq!(root.attr_str("absent").unwrap(), None);
    assert_eq!(root.groups().unwrap(), ["model_weights", "optimizer_weights"]);
    let weights = root.group("model_weights").unwrap();
    assert_eq!(weights.attr_strs("layer_names").unwrap().unwrap(), ["dense", "dropout", "dense_1"]);
    let dense = weights.group("dense").unwrap();
    let names = dense.attr_strs("weight_names").unwrap().unwrap();
    assert_eq!(names, ["small/dense/kernel", "small/dense/bias"]);
    assert_eq!(dense.dataset_info(&names[0]).unwrap(), (vec![4, 3], DType::F32));
    assert_eq!(dense.dataset(&names[0]).unwrap(), counted(DType::F32, &[4, 3]));
    // No weights: h5py has no string to show the list's type.
    assert_eq!(weights.group("dropout").unwrap().attr_strs("weight_names").unwrap(), Some(vec![]));

    let root = open("formats/small.weights.h5");
    let vars = root.group("layers/dense_1/vars").unwrap();
    assert_eq!(vars.attr_str("name").unwrap().as_deref(), Some("dense_1"));
    assert_eq!(vars.datasets().unwrap(), ["0", "1"]);
    assert_eq!(vars.dataset("0").unwrap(), counted(DType::F32, &[3, 2]));
}

#[test]
fn reads_every_type_as_keras_stores_it() {
    let vars = open("formats/types.weights.h5").group("layers/dense/vars").unwrap();
    assert_eq!(vars.attr_str("name").unwrap().as_deref(), Some("dénse"));
    let types =
        [DType::BF16, DType::F16, DType::F32, DType::I32, DType::U32, DType::U8, DType::I32, DType::Bool];
    for (i, dtype) in types.into_iter().enumerate() {
        assert_eq!(vars.dataset(&i.to_string()).unwrap(), counted(dtype, &[2, 3]), "{i}");
    }
    assert_eq!(
        vars.dataset("8").unwrap(),
        TensorData::new(DType::F32, vec![], 7f32.to_le_bytes().to_vec()).unwrap()
    );
    assert_eq!(vars.dataset("9").unwrap(), TensorData::new(DType::F32, vec![0, 3], vec![]).unwrap());
}

#[test]
fn reads_old_and_new_layouts_and_byte_orders() {
    for file in ["formats/earliest.h5", "formats/latest.h5"] {
        let root = open(file);
        for (name, dtype) in [
            ("f8", DType::F64),
            ("f8be", DType::F64),
            ("f4be", DType::F32),
            ("f2be", DType::F16),
            ("i8", DType::I64),
            ("i4be", DType::I32),
            ("i2", DType::I32),
            ("u2", DType::I32),
            ("u8", DType::I64),
            ("b1", DType::Bool),
        ] {
            let path = format!("plain/{name}");
            assert_eq!(root.dataset_info(&path).unwrap(), (vec![2, 3], dtype), "{file} {name}");
            assert_eq!(root.dataset(&path).unwrap(), counted(dtype, &[2, 3]), "{file} {name}");
        }
        for name in root.group("chunked").unwrap().datasets().unwrap() {
            let path = format!("chunked/{name}");
            assert_eq!(root.dataset(&path).unwrap(), counted(DType::F32, &[10, 7]), "{file} {name}");
        }
        assert_eq!(root.dataset("empty").unwrap().shape(), [0, 5]);
        assert_eq!(root.dataset("scalar").unwrap().shape(), [] as [usize; 0]);
        for name in
            ["large_unsigned", "text", "complex", "plain", "absent", "", "plain/..", "/plain/f8", "plain//f8"]
        {
            let error = root.dataset(name).unwrap_err();
            assert!(matches!(error, Error::Format { .. }), "{file} {name}: {error}");
        }
        let error = root.dataset("complex").unwrap_err().to_string();
        assert!(
            error.contains(".h5!complex: not a usable HDF5 file: expected elements of a type"),
            "{error}"
        );
        assert!(root.has_dataset("plain/f8").unwrap() && !root.has_dataset("plain").unwrap());
        assert!(root.find_group("plain/f8").unwrap().is_none() && root.group("absent").is_err());
    }
}

#[test]
fn reads_every_kind_of_string_attribute() {
    let root = open("formats/attributes.h5");
    for (name, text) in [("utf8", "größe"), ("bytes", "größe"), ("fixed", "fixed")] {
        assert_eq!(root.attr_str(name).unwrap().as_deref(), Some(text), "{name}");
    }
    assert_eq!(root.attr_str("long").unwrap().unwrap().len(), 70_000);
    assert_eq!(root.attr_strs("list").unwrap().unwrap(), ["a", "bb", "größe"]);
    assert_eq!(root.attr_strs("bytes_list").unwrap().unwrap(), ["a", "bb"]);
    assert_eq!(root.attr_strs("fixed_list").unwrap().unwrap(), ["a", "bb", ""]);
    assert_eq!(root.attr_strs("empty_list").unwrap(), Some(vec![]));
    let names = root.attr_strs("layer_names").unwrap().unwrap();
    assert_eq!(names.len(), 9);
    assert_eq!(names[8], "layer_with_a_rather_long_name_8");
    assert_eq!(root.attr_strs("absent").unwrap(), None);
    for name in ["number", "numbers", "compound"] {
        assert!(matches!(root.attr_strs(name), Err(Error::Format { .. })), "{name}");
        assert!(matches!(root.attr_str(name), Err(Error::Format { .. })), "{name}");
    }
    assert_eq!(root.group("many").unwrap().attr_str("a19").unwrap().as_deref(), Some("19"));
}

#[test]
fn what_is_written_reads_back() {
    let mut writer = Hdf5Writer::new();
    for (i, dtype) in DType::ALL.into_iter().enumerate() {
        writer.add_dataset(&format!("layers/dense/vars/{i}"), counted(dtype, &[2, 3])).unwrap();
    }
    writer.add_dataset("scalar", TensorData::new(DType::I64, vec![], vec![7; 8]).unwrap()).unwrap();
    writer.add_dataset("empty", TensorData::new(DType::F32, vec![0, 5], vec![]).unwrap()).unwrap();
    writer.set_attr_str("layers/dense/vars", "name", "dénse").unwrap();
    let long = "x".repeat(200_000);
    writer.set_attr_str("", "model_config", &long).unwrap();
    writer.create_group("vars").unwrap();
    assert!(matches!(writer.add_dataset("vars", counted(DType::F32, &[1])), Err(Error::Argument { .. })));
    assert!(matches!(writer.create_group("scalar/x"), Err(Error::Argument { .. })));
    assert!(matches!(writer.create_group("a//b"), Err(Error::Argument { .. })));
    let mut bytes = Vec::new();
    writer.write_to(&mut bytes, "memory").unwrap();
    if let Ok(path) = std::env::var("KERAS_RS_WRITE_FORMATS") {
        std::fs::write(PathBuf::from(path).join("written.h5"), &bytes).unwrap();
    }

    let root = Hdf5File::from_bytes(bytes, "memory").unwrap().root();
    for (i, dtype) in DType::ALL.into_iter().enumerate() {
        assert_eq!(root.dataset(&format!("layers/dense/vars/{i}")).unwrap(), counted(dtype, &[2, 3]));
    }
    assert_eq!(root.dataset("scalar").unwrap().shape(), [] as [usize; 0]);
    assert_eq!(root.dataset("empty").unwrap().shape(), [0, 5]);
    assert_eq!(root.group("layers/dense/vars").unwrap().attr_str("name").unwrap().as_deref(), Some("dénse"));
    assert_eq!(root.attr_str("model_config").unwrap(), Some(long));
    assert!(root.group("vars").is_ok());
}

#[test]
fn data_from_elsewhere_is_refused() {
    for file in ["hostile/external_storage.h5", "hostile/virtual.h5"] {
        assert!(matches!(open(file).dataset("d"), Err(Error::Format { .. })), "{file}");
    }
    for file in ["hostile/links.h5", "hostile/links_latest.h5"] {
        let root = open(file);
        assert_eq!(root.groups().unwrap(), ["layers"], "{file}");
        assert_eq!(root.datasets().unwrap(), [] as [&str; 0], "{file}");
        assert!(
            root.dataset("layers/real").is_ok() && root.dataset("layers/loop/loop/real").is_ok(),
            "{file}"
        );
        assert!(root.dataset("soft").is_err() && root.group("external").is_err(), "{file}");
    }
}

#[test]
fn soft_links_of_old_groups_are_no_members() {
    let root = open("hostile/soft_links.h5");
    assert_eq!(root.groups().unwrap(), ["layers"]);
    let layers = root.group("layers").unwrap();
    assert_eq!(layers.datasets().unwrap(), ["real"]);
    assert_eq!(layers.dataset("real").unwrap().len(), 1);
    for name in ["a_soft", "soft", "z_dangling"] {
        let errors =
            [layers.group(name).map(|_| ()).unwrap_err(), layers.dataset(name).map(|_| ()).unwrap_err()];
        for error in errors {
            assert!(matches!(error, Error::Format { .. }), "{error}");
            assert!(error.to_string().contains("soft_links.h5!layers: "), "{error}");
        }
    }
}

#[test]
fn an_error_names_the_limit_that_was_applied() {
    let root = open("hostile/shapes.h5");
    let Err(Error::TooLarge { bytes, limit, .. }) = root.dataset("large_chunk") else {
        panic!("not refused")
    };
    // One chunk of 2^29 floats for ten of them.
    assert_eq!((bytes, limit), (2 << 30, 4 * 40 + (64 << 20)));
}

#[test]
fn claims_that_the_file_cannot_hold_are_refused() {
    for file in ["hostile/shapes.h5", "hostile/shapes_latest.h5"] {
        let root = open(file);
        for name in root.datasets().unwrap() {
            let result = root.dataset(&name);
            match name.as_str() {
                "zero_by_large" => assert_eq!(result.unwrap().shape(), [0, 1 << 40]),
                _ => assert!(
                    matches!(result, Err(Error::TooLarge { .. } | Error::Format { .. })),
                    "{file} {name}"
                ),
            }
        }
    }
    let root = open("hostile/inflating_chunk.h5");
    assert!(root.dataset("d").is_err() && root.dataset("twice").is_err());
    assert!(open("hostile/shared_chunks.h5").dataset("d").is_ok());
}

#[test]
fn structures_that_refer_to_each_other_end() {
    for file in ["hostile/group_tree.h5", "hostile/hard_links.h5", "hostile/long_names.h5"] {
        assert!(matches!(open(file).datasets(), Err(Error::TooLarge { .. })), "{file}");
    }
    assert!(matches!(open("hostile/chunk_tree.h5").dataset("d"), Err(Error::TooLarge { .. })));
    assert!(matches!(
        open("hostile/shared_strings.h5").attr_strs("layer_names"),
        Err(Error::Format { .. } | Error::TooLarge { .. })
    ));
}

#[test]
fn nesting_of_types_does_not_overflow_the_stack() {
    assert!(matches!(open("hostile/nested_type.h5").dataset("d"), Err(Error::Format { .. })));
}

#[test]
fn what_is_not_hdf5_is_said() {
    let error = Hdf5File::from_bytes(b"PK".to_vec(), "model.h5").map(|_| ()).unwrap_err();
    assert!(error.to_string().starts_with("model.h5: not a usable HDF5 file"), "{error}");
    assert!(matches!(Hdf5File::open("absent.h5"), Err(Error::Io { action: "open", .. })));
}
