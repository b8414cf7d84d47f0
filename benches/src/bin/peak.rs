//! What this machine can do at best, with one and with all threads: `cargo run --release -p keras-rs-benches --bin peak`.
//!
//! The speed of a kernel is quoted as a part of it.

use keras_rs_kernels::{peak, threads};

fn main() {
    let all = threads::count();
    for count in if all > 1 { vec![1, all] } else { vec![1] } {
        println!("{count} {}", if count == 1 { "thread" } else { "threads" });
        for (instructions, gflops) in peak::arithmetic(count) {
            println!("  {instructions:9} {gflops:8.1} GFLOP/s");
        }
        println!("  reading   {:8.1} GB/s", peak::reading(count));
        println!("  copying   {:8.1} GB/s read, as much written", peak::copying(count));
    }
}
