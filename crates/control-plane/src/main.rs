//! `waypost`: the control plane's binary.

fn main() {}
