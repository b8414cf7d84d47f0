//! Speed of the kernels beside what the machine can do: `cargo run --release -p keras-rs-kernels --example speed`.

use keras_rs_kernels::{
    self as kernels, Activation, AlignedBuffer, Convolution, ConvolutionGradients, Depthwise, Epilogue,
    InvertedResidual, Prologue, View, ViewMut, Window, peak, threads,
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
    inverted_residuals(peak);
    depthwise(peak);
    others();
    convolution_gradients(peak);
}

fn depthwise(peak: f64) {
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
        let inside = |axis: usize, count: usize| -> usize {
            (0..count)
                .map(|i| (0..kernel).filter(|k| window.source(axis, i, *k, size).is_some()).count())
                .sum()
        };
        let gflops = (2 * channels * inside(0, rows) * inside(1, columns)) as f64 / seconds / 1e9;
        let bytes = 4.0 * (input.len() + output.len()) as f64 / seconds / 1e9;
        println!(
            "depthwise {size}x{size}x{channels} {kernel}x{kernel}/{stride}: {:.1} us, {gflops:.1} GFLOP/s ({:.0} %), {bytes:.1} GB/s",
            seconds * 1e6,
            100.0 * gflops / peak
        );
    }
}

/// The blocks of MobileNetV2, in bands and one layer after the other.
fn inverted_residuals(peak: f64) {
    // Rows and columns, channels before, between and after, stride of the depthwise convolution, kernel and stride of the
    // first one, how many there are.
    let blocks = [
        (224, [3, 32, 16], 1, (3, 2), 1),
        (112, [16, 96, 24], 2, (1, 1), 1),
        (56, [24, 144, 24], 1, (1, 1), 1),
        (56, [24, 144, 32], 2, (1, 1), 1),
        (28, [32, 192, 32], 1, (1, 1), 2),
        (28, [32, 192, 64], 2, (1, 1), 1),
        (14, [64, 384, 64], 1, (1, 1), 3),
        (14, [64, 384, 96], 1, (1, 1), 1),
        (14, [96, 576, 96], 1, (1, 1), 2),
        (14, [96, 576, 160], 2, (1, 1), 1),
        (7, [160, 960, 160], 1, (1, 1), 2),
        (7, [160, 960, 320], 1, (1, 1), 1),
    ];
    let mut totals = [0.0; 2];
    for batch in [1, 8] {
        for (size, [inputs, between, outputs], stride, (kernel, step), count) in blocks {
            let pads =
                |kernel: usize, stride: usize| [[usize::from(kernel > 1 && stride == 1), kernel / 2]; 2];
            let strided = |kernel: usize, stride: usize| Window {
                kernel: [kernel; 2],
                strides: [stride; 2],
                dilation: [1, 1],
                pads: pads(kernel, stride),
            };
            let weights = |count: usize| vec![0.1; count];
            let first = strided(kernel, step);
            let taps = kernel * kernel;
            let expand = Convolution::new(first, [inputs, between], 1, &weights(taps * inputs * between));
            let window = strided(3, stride);
            let depthwise = Depthwise::new(window, between, 1, &weights(9 * between));
            let project = Convolution::new(Window::POINT, [between, outputs], 1, &weights(between * outputs));
            let bias = weights(between.max(outputs));
            let relu = Epilogue { bias: Some(&bias), residual: None, activation: Activation::Relu6 };
            let linear = Epilogue { activation: Activation::Linear, ..relu };
            let middle = first.output([size; 2]);
            let places = window.output(middle);
            let input = AlignedBuffer::new(batch * size * size * inputs);
            let mut expanded = AlignedBuffer::new(batch * middle[0] * middle[1] * between);
            let mut made = AlignedBuffer::new(batch * places[0] * places[1] * between);
            let mut output = AlignedBuffer::new(batch * places[0] * places[1] * outputs);
            let Some(block) =
                InvertedResidual::new(Some((&expand, relu)), (&depthwise, relu), (&project, linear))
            else {
                continue;
            };
            let bands = fastest(|| {
                let (from, to) = (View::dense(&input, inputs), ViewMut::dense(&mut output, outputs));
                block.run(batch, [size; 2], from, to);
            });
            let apart = fastest(|| {
                let (from, to) = (View::dense(&input, inputs), ViewMut::dense(&mut expanded, between));
                expand.run(batch, [size; 2], from, None, relu, to);
                let (from, to) = (View::dense(&expanded, between), ViewMut::dense(&mut made, between));
                depthwise.run(batch, middle, from, relu, to);
                let (from, to) = (View::dense(&made, between), ViewMut::dense(&mut output, outputs));
                project.run(batch, places, from, None, linear, to);
            });
            let [middle, places] = [middle, places].map(|size| batch * size[0] * size[1]);
            let work = 2 * between * (middle * taps * inputs + places * 9 + places * outputs);
            let speed = |seconds: f64| 100.0 * work as f64 / seconds / 1e9 / peak;
            println!(
                "{batch}x{size}x{size} {inputs}, {between}, {outputs}/{stride}: in bands {:.1} us ({:.0} %), apart {:.1} us ({:.0} %)",
                bands * 1e6,
                speed(bands),
                apart * 1e6,
                speed(apart)
            );
            totals[0] += bands * 1e3 * f64::from(count);
            totals[1] += apart * 1e3 * f64::from(count);
        }
        println!("batch {batch}: in bands {:.2} ms, apart {:.2} ms", totals[0], totals[1]);
        totals = [0.0; 2];
    }
}

fn others() {
    let report = |name: &str, numbers: usize, work: &mut dyn FnMut()| {
        let seconds = fastest(work);
        println!("{name}: {:.1} us, {:.1} GB/s", seconds * 1e6, 4.0 * numbers as f64 / seconds / 1e9);
    };
    let window = Window { kernel: [3; 2], strides: [2; 2], dilation: [1, 1], pads: [[1; 2]; 2] };
    let half = Window { kernel: [2; 2], strides: [2; 2], dilation: [1, 1], pads: [[0; 2]; 2] };
    let (a, b) = (AlignedBuffer::new(112 * 112 * 64), AlignedBuffer::new(112 * 112 * 64));
    let mut c = AlignedBuffer::new(112 * 112 * 64);
    report("max_pool 112x112x64 3x3/2", 112 * 112 * 64 / 4 * 5, &mut || {
        kernels::max_pool(window, 1, [112; 2], 64, View::dense(&a, 64), ViewMut::dense(&mut c, 64));
    });
    report("max_pool 112x112x64 2x2/2", 112 * 112 * 64 / 4 * 5, &mut || {
        kernels::max_pool(half, 1, [112; 2], 64, View::dense(&a, 64), ViewMut::dense(&mut c, 64));
    });
    report("average_pool 28x28x512 2x2/2", 28 * 28 * 512 / 4 * 5, &mut || {
        kernels::average_pool(half, 1, [28; 2], 512, View::dense(&a, 512), ViewMut::dense(&mut c, 512));
    });
    report("global_average_pool 7x7x2048", 49 * 2048, &mut || {
        kernels::global_average_pool(1, 49, 2048, View::dense(&a, 2048), &mut c[..2048]);
    });
    for (pixels, channels) in [(3136, 256), (784, 512), (196, 1024)] {
        report(&format!("add {pixels}x{channels}, relu"), 3 * pixels * channels, &mut || {
            let (a, b) = (View::dense(&a, channels), View::dense(&b, channels));
            kernels::add(pixels, channels, a, b, Activation::Relu, ViewMut::dense(&mut c, channels));
        });
        let prologue =
            Prologue { scale: &a[..channels], shift: &b[..channels], activation: Activation::Relu };
        report(&format!("scale_shift {pixels}x{channels}, relu"), 2 * pixels * channels, &mut || {
            let input = View::dense(&a, channels);
            kernels::scale_shift(pixels, channels, input, prologue, ViewMut::dense(&mut c, channels));
        });
        report(&format!("activate {pixels}x{channels}, sigmoid"), 2 * pixels * channels, &mut || {
            kernels::activate(Activation::Sigmoid, &mut c[..pixels * channels]);
        });
    }
}

fn convolution_gradients(peak: f64) {
    // Images, rows and columns, channels of inputs and outputs, groups, kernel, stride.
    let layers = [
        (128, 28, 1, 32, 1, 3, 1),
        (16, 13, 32, 64, 1, 3, 1),
        (1, 224, 3, 64, 1, 7, 2),
        (1, 56, 64, 64, 1, 3, 1),
        (1, 56, 64, 256, 1, 1, 1),
        (1, 28, 128, 128, 1, 3, 1),
        (1, 14, 256, 256, 1, 3, 1),
        (1, 7, 512, 512, 1, 3, 1),
        (1, 112, 32, 32, 32, 3, 1),
        (1, 112, 96, 96, 96, 3, 2),
        (1, 56, 144, 144, 144, 3, 1),
        (1, 14, 384, 384, 384, 3, 1),
        (8, 14, 576, 576, 576, 3, 2),
        (8, 7, 960, 960, 960, 3, 1),
        (1, 28, 240, 240, 240, 5, 1),
        (1, 56, 96, 96, 96, 7, 1),
        (1, 56, 64, 128, 64, 3, 1),
        (1, 56, 128, 128, 32, 3, 1),
        (1, 14, 512, 512, 32, 3, 1),
    ];
    for (batch, size, inputs, outputs, groups, kernel, stride) in layers {
        let pad = (kernel - 1) / 2;
        let window =
            Window { kernel: [kernel; 2], strides: [stride; 2], dilation: [1, 1], pads: [[pad; 2]; 2] };
        let of = ConvolutionGradients { window, channels: [inputs, outputs], groups, batch, size: [size; 2] };
        let [rows, columns] = window.output([size, size]);
        let pixels = batch * rows * columns;
        let (x, y) = (AlignedBuffer::new(batch * size * size * inputs), AlignedBuffer::new(pixels * outputs));
        let mut gradient = vec![0.0; kernel * kernel * inputs / groups * outputs];
        let weights = vec![0.1; gradient.len()];
        let mut made = AlignedBuffer::new(batch * size * size * inputs);
        println!("{batch}x{size}x{size}x{inputs} to {outputs}, {groups} groups, {kernel}x{kernel}/{stride}:");
        let operations = (2 * pixels * gradient.len()) as f64;
        let report = |what: &str, seconds: f64| {
            let (time, gflops) = (seconds * 1e3, operations / seconds / 1e9);
            println!("  {what}: {time:.2} ms, {gflops:.1} GFLOP/s ({:.0} %)", 100.0 * gflops / peak);
        };
        if groups > 1 {
            let seconds = fastest(|| {
                let mut y = AlignedBuffer::new(pixels * outputs);
                let (x, y) = (View::dense(&x, inputs), ViewMut::dense(&mut y, outputs));
                if groups == inputs {
                    let layer = Depthwise::new(window, inputs, outputs / inputs, &weights);
                    layer.run(batch, [size; 2], x, Epilogue::default(), y);
                } else {
                    let layer = Convolution::new(window, [inputs, outputs], groups, &weights);
                    layer.run(batch, [size; 2], x, None, Epilogue::default(), y);
                }
            });
            report("output, packing included", seconds);
        }
        let seconds = fastest(|| of.kernel(View::dense(&x, inputs), View::dense(&y, outputs), &mut gradient));
        report("kernel gradient", seconds);
        let seconds = fastest(|| {
            of.input(&weights, View::dense(&y, outputs), ViewMut::dense(&mut made, inputs));
        });
        report("input gradient", seconds);
    }
}
