#![allow(clippy::unwrap_used, clippy::panic)]
use super::*;
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Where a bar's text can be read while the bar lives.
#[derive(Clone, Default)]
struct Out(Arc<Mutex<Vec<u8>>>);

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Out {
    fn taken(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| value.as_str().unwrap().parse().unwrap())
}

fn names(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_string()).collect()
}

fn count(value: &Value) -> usize {
    value.as_u64().unwrap() as usize
}

#[test]
fn text_is_that_of_keras() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/progbar/progbar.json");
    let cases: Vec<Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert!(cases.len() > 25);
    for case in cases {
        let name = &case["name"];
        let now = Arc::new(AtomicU64::new(number(&case["start"]).to_bits()));
        let (out, hand) = (Out::default(), Arc::clone(&now));
        let mut bar = Progbar::new(out.clone(), None)
            .clock(move || f64::from_bits(hand.load(Ordering::Relaxed)))
            .dynamic_display(case["dynamic"].as_bool().unwrap());
        for (argument, value) in case["arguments"].as_object().unwrap() {
            match argument.as_str() {
                "target" => bar.set_target(value.as_u64().map(|target| target as usize)),
                "width" => bar = bar.width(count(value)),
                "verbose" => bar = bar.verbose(Verbose::try_from(count(value) as i32).unwrap()),
                "interval" => bar = bar.interval(number(value)),
                "unit_name" => bar = bar.unit_name(value.as_str().unwrap()),
                "stateful_metrics" => bar = bar.stateful_metrics(names(value)),
                "stateless_metrics" => bar = bar.stateless_metrics(names(value)),
                other => panic!("{name}: {other}"),
            }
        }
        for (i, call) in case["calls"].as_array().unwrap().iter().enumerate() {
            if let Some(target) = call.get("target") {
                bar.set_target(Some(count(target)));
                continue;
            }
            now.store(number(&call["now"]).to_bits(), Ordering::Relaxed);
            let values: Vec<(&str, f64)> = call["values"]
                .as_array()
                .unwrap()
                .iter()
                .map(|pair| (pair[0].as_str().unwrap(), number(&pair[1])))
                .collect();
            match call.get("add") {
                Some(steps) => bar.add(count(steps), &values).unwrap(),
                None => bar.update(count(&call["current"]), &values, call["finalize"].as_bool()).unwrap(),
            }
            assert_eq!(out.taken(), call["text"].as_str().unwrap(), "{name}, call {i}");
        }
    }
}

#[test]
fn what_cannot_be_written_is_an_error() {
    let mut full = [0_u8; 4];
    let error = Progbar::new(&mut full[..], Some(3)).update(1, &[], None).unwrap_err();
    assert!(matches!(error, Error::Io { action: "write", .. }), "{error}");
}

#[test]
fn the_clock_runs() {
    let mut text = Vec::new();
    let mut bar = Progbar::new(&mut text, Some(1)).verbose(Verbose::Line);
    std::thread::sleep(std::time::Duration::from_millis(20));
    bar.update(1, &[("loss", 1.5)], None).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.starts_with("1/1 - 0s - ") && text.ends_with("ms/step - loss: 1.5000\n"), "{text}");
}
