//! Constructor arguments of callbacks, which have no configuration, against the list of Keras' names.

use crate::support::json as fixture;
use crate::{Checked, ensure, trial};
use keras_rs::callbacks::{
    BackupAndRestore, CSVLogger, EarlyStopping, LearningRateScheduler, ModelCheckpoint, ReduceLROnPlateau,
    RemoteMonitor, SwapEMAWeights, TensorBoard, TerminateOnNaN,
};
use libtest_mimic::Trial;
use serde_json::{Value, json};

/// Arguments that are not there, and why.
const EXCEPTIONS: [(&str, &str, &str); 4] = [
    ("TensorBoard", "write_images", "images are not written"),
    ("TensorBoard", "profile_batch", "there is no profiler"),
    ("TensorBoard", "embeddings_freq", "embeddings are not written"),
    ("TensorBoard", "embeddings_metadata", "embeddings are not written"),
];

/// A callback as text, without the moments at which parts of it were made.
fn printed(callback: &impl std::fmt::Debug) -> String {
    let text = format!("{callback:?}");
    let mut parts = text.split("Instant {");
    let first = parts.next().unwrap_or_default().to_string();
    parts.fold(first, |text, part| text + part.split_once('}').map_or("", |(_, rest)| rest))
}

/// A callback without arguments and with one at a time, as text.
struct Callback {
    class: &'static str,
    plain: String,
    /// Arguments set to what Keras has as default.
    defaults: Vec<(&'static str, Value, String)>,
    /// Arguments that Keras leaves unset, set to something.
    unset: Vec<(&'static str, String)>,
}

macro_rules! callback {
    ($class:literal, $new:expr, [$($argument:ident = $default:expr),*], [$($none:ident = $some:expr),*]) => {
        Callback {
            class: $class,
            plain: printed(&$new),
            defaults: vec![
                $((stringify!($argument), json!($default), printed(&$new.$argument($default)))),*
            ],
            unset: vec![$((stringify!($none), printed(&$new.$none($some)))),*],
        }
    };
}

fn callbacks() -> Vec<Callback> {
    vec![
        callback!(
            "BackupAndRestore",
            BackupAndRestore::new("x"),
            [save_freq = "epoch", double_checkpoint = false, delete_checkpoint = true],
            []
        ),
        callback!("CSVLogger", CSVLogger::new("x"), [separator = ',', append = false], []),
        callback!(
            "EarlyStopping",
            EarlyStopping::default(),
            [
                min_delta = 0.0,
                patience = 0,
                verbose = false,
                mode = "auto",
                restore_best_weights = false,
                start_from_epoch = 0
            ],
            [baseline = 1.0]
        ),
        callback!("LearningRateScheduler", LearningRateScheduler::new(|_, rate| rate), [verbose = false], []),
        callback!(
            "ModelCheckpoint",
            ModelCheckpoint::new("x.keras"),
            [
                monitor = "val_loss",
                verbose = false,
                save_best_only = false,
                save_weights_only = false,
                mode = "auto",
                save_freq = "epoch"
            ],
            [initial_value_threshold = 1.0]
        ),
        callback!(
            "ReduceLROnPlateau",
            ReduceLROnPlateau::default(),
            [
                factor = 0.1,
                patience = 10,
                verbose = false,
                mode = "auto",
                min_delta = 0.0001,
                cooldown = 0,
                min_lr = 0.0
            ],
            []
        ),
        callback!(
            "RemoteMonitor",
            RemoteMonitor::new(),
            [
                root = "http://localhost:9000",
                path = "/publish/epoch/end/",
                field = "data",
                send_as_json = false
            ],
            [headers = [("key", "value")]]
        ),
        callback!("SwapEMAWeights", SwapEMAWeights::new(), [swap_on_epoch = false], []),
        callback!(
            "TensorBoard",
            TensorBoard::new("logs"),
            [histogram_freq = 0, write_graph = true, write_steps_per_second = false, update_freq = "epoch"],
            []
        ),
        callback!("TerminateOnNaN", TerminateOnNaN::new(), [raise_error = false], []),
    ]
}

pub fn trials() -> Vec<Trial> {
    let listed = fixture("objects/defaults.json")["callbacks"].clone();
    let one = |callback: Callback| {
        let arguments = listed[callback.class]["arguments"].clone();
        trial(&format!("defaults::callbacks::{}", callback.class), move || check(&callback, &arguments))
    };
    callbacks().into_iter().map(one).collect()
}

/// Whether two defaults mean the same: Keras has 0 for `false`, and whole numbers for floats.
fn same(ours: &Value, keras: &Value) -> bool {
    let number = |value: &Value| value.as_f64().or(value.as_bool().map(|b| f64::from(u8::from(b))));
    ours == keras || number(ours).is_some_and(|ours| number(keras) == Some(ours))
}

fn check(callback: &Callback, arguments: &Value) -> Checked {
    for (argument, default) in arguments.as_object().unwrap() {
        let excepted = EXCEPTIONS.iter().any(|(class, a, _)| *class == callback.class && a == argument);
        // The first argument of the constructors here, which is printed as it is.
        let first = ["monitor", "log_dir"].contains(&argument.as_str())
            && callback.plain.contains(&default.to_string());
        let given = default == "<required>" || first;
        let set = callback.defaults.iter().find(|(name, ..)| name == argument);
        let unset = callback.unset.iter().find(|(name, _)| name == argument);
        match (set, unset) {
            (Some((_, ours, text)), _) => {
                ensure(same(ours, default), || format!("{argument}: {ours}, Keras has {default}"))?;
                ensure(*text == callback.plain, || {
                    format!("{argument} = {ours} gives {text}, not {}", callback.plain)
                })?;
            }
            (None, Some((_, text))) => {
                ensure(default.is_null(), || format!("{argument}: Keras has {default}"))?;
                ensure(*text != callback.plain, || format!("{argument} changes nothing"))?;
            }
            (None, None) => ensure(given || excepted, || format!("no argument {argument}"))?,
        }
    }
    Ok(())
}
