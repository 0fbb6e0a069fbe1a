//! A migration that is added or removed is a reason to build again.

fn main() {
    println!("cargo::rerun-if-changed=history");
}
