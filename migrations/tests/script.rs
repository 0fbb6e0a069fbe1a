//! What the binary carries, as the sample's program shows it.

use std::process::Command;

#[test]
fn each_statement_knows_its_line_in_the_source() {
    let output = Command::new(env!("CARGO_BIN_EXE_migrations"))
        .args(["sql", "20250715120000"])
        // A script needs no database.
        .env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing")
        .output()
        .expect("the sample");
    let script = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for place in ["bookings.rs:3:17", "bookings.rs:6:18"] {
        assert!(script.contains(&format!("history/20250715120000_{place}\n")), "no {place} in:\n{script}");
    }
}
