//! Everything, through the front door.
fn main() {}
