//! Arrays from outside: `.npy` and `.npz` files.

pub mod npz;
