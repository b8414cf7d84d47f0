//! Times the convolutions of well-known networks: `convolutions [NETWORK] [--batch N] [--threads N] [--runs N] [--cold]`.
//!
//! Prints milliseconds (the least of the runs), GFLOP/s and the part of the peak that a loop of fused multiply-adds
//! reaches on as many threads. `--cold` reads 64 MiB before each run, so that weights come from memory as they do in a
//! network that does not fit the caches.

use keras_rs_kernels::{Activation, Convolution, Epilogue, View, ViewMut, Window, threads};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// Name, how often it occurs, rows and columns of the input, channels, kernel, stride.
type Layer = (&'static str, usize, usize, [usize; 2], usize, usize);

const RESNET50: &[Layer] = &[
    ("resnet50", 1, 224, [3, 64], 7, 2),
    ("resnet50", 1, 56, [64, 64], 1, 1),
    ("resnet50", 3, 56, [64, 64], 3, 1),
    ("resnet50", 4, 56, [64, 256], 1, 1),
    ("resnet50", 2, 56, [256, 64], 1, 1),
    ("resnet50", 1, 56, [256, 128], 1, 2),
    ("resnet50", 4, 28, [128, 128], 3, 1),
    ("resnet50", 4, 28, [128, 512], 1, 1),
    ("resnet50", 1, 56, [256, 512], 1, 2),
    ("resnet50", 3, 28, [512, 128], 1, 1),
    ("resnet50", 1, 28, [512, 256], 1, 2),
    ("resnet50", 6, 14, [256, 256], 3, 1),
    ("resnet50", 6, 14, [256, 1024], 1, 1),
    ("resnet50", 1, 28, [512, 1024], 1, 2),
    ("resnet50", 5, 14, [1024, 256], 1, 1),
    ("resnet50", 1, 14, [1024, 512], 1, 2),
    ("resnet50", 3, 7, [512, 512], 3, 1),
    ("resnet50", 3, 7, [512, 2048], 1, 1),
    ("resnet50", 1, 14, [1024, 2048], 1, 2),
    ("resnet50", 2, 7, [2048, 512], 1, 1),
];

const VGG16: &[Layer] = &[
    ("vgg16", 1, 224, [3, 64], 3, 1),
    ("vgg16", 1, 224, [64, 64], 3, 1),
    ("vgg16", 1, 112, [64, 128], 3, 1),
    ("vgg16", 1, 112, [128, 128], 3, 1),
    ("vgg16", 1, 56, [128, 256], 3, 1),
    ("vgg16", 2, 56, [256, 256], 3, 1),
    ("vgg16", 1, 28, [256, 512], 3, 1),
    ("vgg16", 2, 28, [512, 512], 3, 1),
    ("vgg16", 3, 14, [512, 512], 3, 1),
    ("vgg16", 1, 1, [25088, 4096], 1, 1),
    ("vgg16", 1, 1, [4096, 4096], 1, 1),
];

const DENSENET121: &[Layer] = &[
    ("densenet121", 6, 56, [160, 128], 1, 1),
    ("densenet121", 6, 56, [128, 32], 3, 1),
    ("densenet121", 1, 56, [256, 128], 1, 1),
    ("densenet121", 12, 28, [304, 128], 1, 1),
    ("densenet121", 12, 28, [128, 32], 3, 1),
    ("densenet121", 1, 28, [512, 256], 1, 1),
    ("densenet121", 24, 14, [640, 128], 1, 1),
    ("densenet121", 24, 14, [128, 32], 3, 1),
    ("densenet121", 1, 14, [1024, 512], 1, 1),
    ("densenet121", 16, 7, [768, 128], 1, 1),
    ("densenet121", 16, 7, [128, 32], 3, 1),
];

const MOBILENETV2: &[Layer] = &[
    ("mobilenetv2", 1, 224, [3, 32], 3, 2),
    ("mobilenetv2", 1, 112, [32, 16], 1, 1),
    ("mobilenetv2", 1, 112, [16, 96], 1, 1),
    ("mobilenetv2", 1, 56, [96, 24], 1, 1),
    ("mobilenetv2", 2, 56, [24, 144], 1, 1),
    ("mobilenetv2", 1, 56, [144, 24], 1, 1),
    ("mobilenetv2", 1, 28, [144, 32], 1, 1),
    ("mobilenetv2", 3, 28, [32, 192], 1, 1),
    ("mobilenetv2", 2, 28, [192, 32], 1, 1),
    ("mobilenetv2", 4, 14, [64, 384], 1, 1),
    ("mobilenetv2", 4, 14, [384, 64], 1, 1),
    ("mobilenetv2", 3, 14, [96, 576], 1, 1),
    ("mobilenetv2", 2, 14, [576, 96], 1, 1),
    ("mobilenetv2", 3, 7, [160, 960], 1, 1),
    ("mobilenetv2", 2, 7, [960, 160], 1, 1),
    ("mobilenetv2", 1, 7, [320, 1280], 1, 1),
];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str, default: usize| {
        let place = arguments.iter().position(|argument| argument == name);
        place.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(default)
    };
    let (batch, runs) = (number("--batch", 1), number("--runs", 20));
    let cold = arguments.iter().any(|argument| argument == "--cold");
    threads::set_count(number("--threads", threads::count()));
    let peak = peak();
    println!("{} threads, batch {batch}, peak {peak:.0} GFLOP/s", threads::count());
    for layers in [RESNET50, VGG16, DENSENET121, MOBILENETV2] {
        if arguments.get(1).is_some_and(|name| !name.starts_with("--") && name != layers[0].0) {
            continue;
        }
        let (mut time, mut work) = (0.0, 0.0);
        for layer in layers {
            let (seconds, operations) = measure(*layer, batch, runs, cold);
            time += seconds * layer.1 as f64;
            work += operations * layer.1 as f64;
        }
        println!(
            "{:<12} {:8.3} ms {:7.1} GFLOP/s {:5.1} %",
            layers[0].0,
            time * 1e3,
            work / time / 1e9,
            work / time / 1e7 / peak
        );
    }
}

/// The least time of a run, and the number of its operations.
fn measure(
    (name, count, size, channels, kernel, stride): Layer,
    batch: usize,
    runs: usize,
    cold: bool,
) -> (f64, f64) {
    let pad = if kernel == 1 { [0, 0] } else { [kernel / 2; 2] };
    let window = Window { kernel: [kernel; 2], strides: [stride; 2], dilation: [1, 1], pads: [pad; 2] };
    let [rows, columns] = window.output([size; 2]);
    let inner = kernel * kernel * channels[0];
    let values = |count: usize| -> Vec<f32> { (0..count).map(|i| (i * 7 % 13) as f32 * 0.1 - 0.6).collect() };
    let convolution = Convolution::new(window, channels, 1, &values(inner * channels[1]));
    let input = values(batch * size * size * channels[0]);
    let mut output = vec![0.0; batch * rows * columns * channels[1]];
    let bias = values(channels[1]);
    let epilogue = Epilogue { bias: Some(&bias), residual: None, activation: Activation::Relu };
    let mut least = f64::INFINITY;
    let other = vec![0.0_f32; if cold { 1 << 24 } else { 0 }];
    for _ in 0..runs + 1 {
        black_box(other.iter().sum::<f32>());
        let start = Instant::now();
        let (from, to) = (View::dense(&input, channels[0]), ViewMut::dense(&mut output, channels[1]));
        convolution.run(batch, [size; 2], from, None, epilogue, to);
        black_box(&output);
        least = least.min(start.elapsed().as_secs_f64());
    }
    let operations = 2.0 * (batch * rows * columns * channels[1] * inner) as f64;
    let peak = PEAK.get().copied().unwrap_or(1.0);
    let speed = operations / least / 1e9;
    println!(
        "{name} {count:2} x {size:3} {kernel}x{kernel}/{stride} {:4} -> {:4} {:8.3} ms {speed:7.1} GFLOP/s {:5.1} %",
        channels[0],
        channels[1],
        least * 1e3,
        speed / peak * 100.0
    );
    (least, operations)
}

static PEAK: std::sync::OnceLock<f64> = std::sync::OnceLock::new();

/// GFLOP/s of fused multiply-adds in registers, on all threads.
fn peak() -> f64 {
    *PEAK.get_or_init(|| {
        const TURNS: usize = 1 << 20;
        let parts = threads::count();
        let one = || {
            let start = Instant::now();
            let done = AtomicUsize::new(0);
            threads::run(parts, &|_| {
                done.fetch_add(multiply_adds(TURNS), Ordering::Relaxed);
            });
            done.into_inner() as f64 * 2.0 / start.elapsed().as_secs_f64() / 1e9
        };
        (0..20).map(|_| one()).fold(0.0, f64::max)
    })
}

/// Sums that do not wait for each other.
const SUMS: usize = 12;

/// How many fused multiply-adds `turns` turns do.
#[cfg(target_arch = "x86_64")]
fn multiply_adds(turns: usize) -> usize {
    use std::arch::x86_64::*;

    macro_rules! loop_of {
        ($name:ident, $features:literal, $splat:ident, $multiply_add:ident) => {
            #[target_feature(enable = $features)]
            fn $name(turns: usize) {
                let (x, y) = (black_box($splat(1.0)), black_box($splat(0.5)));
                let mut sums = [$splat(0.0); SUMS];
                for _ in 0..turns {
                    for sum in &mut sums {
                        *sum = $multiply_add(x, y, *sum);
                    }
                }
                black_box(sums);
            }
        };
    }
    loop_of!(wide, "avx512f", _mm512_set1_ps, _mm512_fmadd_ps);
    loop_of!(narrow, "avx2,fma", _mm256_set1_ps, _mm256_fmadd_ps);
    if std::arch::is_x86_feature_detected!("avx512f") {
        #[allow(unsafe_code, reason = "instructions that are there at run time only")]
        // SAFETY: the CPU has them.
        unsafe {
            wide(turns);
        }
        return turns * SUMS * 16;
    }
    if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
        #[allow(unsafe_code, reason = "instructions that are there at run time only")]
        // SAFETY: the CPU has them.
        unsafe {
            narrow(turns);
        }
        return turns * SUMS * 8;
    }
    0
}

/// How many fused multiply-adds `turns` turns do: not known for this CPU.
#[cfg(not(target_arch = "x86_64"))]
fn multiply_adds(_turns: usize) -> usize {
    0
}
