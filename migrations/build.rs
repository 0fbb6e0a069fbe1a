//! A migration or a part of the schema that is added or removed is a reason to build again.

fn main() {
    println!("cargo::rerun-if-changed=history");
    println!("cargo::rerun-if-changed=schema");
}
