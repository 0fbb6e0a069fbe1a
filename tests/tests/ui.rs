//! Every mistake reads as the files in `ui/` say, to the letter.

#[test]
fn every_mistake_reads_as_its_snapshot_says() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/*.rs");
}
