//! Speed of the kernels beside what the machine can do: `cargo run --release -p keras-rs-kernels --example speed`.

use keras_rs_kernels::{
    Activation, AlignedBuffer, Depthwise, Epilogue, View, ViewMut, Window, peak, threads,
};
use std::time::Instant;

fn fastest(mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut fastest = f64::INFINITY;
    while start.elapsed().as_secs_f64() < 0.3 {
        let begin = Instant::now();
        work();
        fastest = fastest.min(begin.elapsed().as_secs_f64());
    }
    fastest
}

fn main() {
    let count: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1);
    threads::set_count(count);
    let arithmetic = peak::arithmetic(count);
    println!("{count} threads: {arithmetic:.1?} GFLOP/s");
    println!("reading {:.1} GB/s, copying {:.1} GB/s", peak::reading(count), peak::copying(count));
    let peak = arithmetic.last().map_or(1.0, |last| last.1);
    // Rows and columns, channels, kernel, stride: MobileNetV2, EfficientNetB0, ConvNeXt.
    let layers = [
        (112, 32, 3, 1),
        (112, 96, 3, 2),
        (56, 144, 3, 1),
        (56, 144, 3, 2),
        (28, 192, 3, 1),
        (28, 192, 3, 2),
        (14, 384, 3, 1),
        (14, 576, 3, 2),
        (7, 960, 3, 1),
        (56, 144, 5, 2),
        (28, 240, 5, 1),
        (14, 672, 5, 1),
        (14, 672, 5, 2),
        (7, 1152, 5, 1),
        (56, 96, 7, 1),
        (14, 384, 7, 1),
    ];
    for (size, channels, kernel, stride) in layers {
        let pad = (kernel - 1) / 2;
        let window =
            Window { kernel: [kernel; 2], strides: [stride; 2], dilation: [1, 1], pads: [[pad; 2]; 2] };
        let [rows, columns] = window.output([size, size]);
        let layer = Depthwise::new(window, channels, 1, &vec![0.1; kernel * kernel * channels]);
        let input = AlignedBuffer::new(size * size * channels);
        let mut output = AlignedBuffer::new(rows * columns * channels);
        let bias = vec![0.1; channels];
        let epilogue = Epilogue { bias: Some(&bias), residual: None, activation: Activation::Relu6 };
        let seconds = fastest(|| {
            layer.run(
                1,
                [size; 2],
                View::dense(&input, channels),
                epilogue,
                ViewMut::dense(&mut output, channels),
            );
        });
        let gflops = (2 * rows * columns * channels * kernel * kernel) as f64 / seconds / 1e9;
        let bytes = 4.0 * (input.len() + output.len()) as f64 / seconds / 1e9;
        println!(
            "depthwise {size}x{size}x{channels} {kernel}x{kernel}/{stride}: {:.1} us, {gflops:.1} GFLOP/s ({:.0} %), {bytes:.1} GB/s",
            seconds * 1e6,
            100.0 * gflops / peak
        );
    }
}
