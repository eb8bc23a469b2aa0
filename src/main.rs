//! The `lurcher` binary.
fn main() {}
