//! The Rust code around the blocks, which rustfmt formats.

use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use migrate_compiler::format;

use crate::Place;
use crate::failure::Failure;

/// Formats everything but the blocks.
pub(crate) fn around_blocks(source: &str, edition: &str) -> Result<String, Failure> {
    let formatted = run(source, edition)?;
    let refused = |error: format::Error| Failure::new(format!("<stdin>:{error}"));
    let before = format::blocks(source).map_err(refused)?;
    let after = format::blocks(&formatted).map_err(refused)?;
    if before.len() != after.len() {
        return Err(Failure::new("rustfmt changed the number of blocks")
            .help("please report it with this file, and use rustfmt alone in the meantime"));
    }
    // It leaves most blocks alone; none of them is its business.
    let mut text = String::with_capacity(formatted.len());
    let mut done = 0;
    for (before, after) in before.into_iter().zip(after) {
        text.push_str(formatted.get(done..after.start).unwrap_or_default());
        text.push_str(source.get(before).unwrap_or_default());
        done = after.end;
    }
    text.push_str(formatted.get(done..).unwrap_or_default());
    Ok(text)
}

fn run(source: &str, edition: &str) -> Result<String, Failure> {
    // As cargo finds it.
    let program = std::env::var_os("RUSTFMT").unwrap_or_else(|| OsString::from("rustfmt"));
    let name = program.to_string_lossy().into_owned();
    let failed = |error: std::io::Error| {
        Failure::new(format!("cannot run `{name}`: {error}"))
            .help("install it with `rustup component add rustfmt`, or name it in the environment variable RUSTFMT")
    };
    let mut child = Command::new(&program)
        .args(["--edition", edition])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let input = child.stdin.take();
    let output = std::thread::scope(|scope| {
        scope.spawn(move || {
            // One that ends early says why.
            let _ = input.map(|mut input| input.write_all(source.as_bytes()));
        });
        child.wait_with_output()
    })
    .map_err(failed)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim_end().to_owned();
        return Err(Failure::new(format!("rustfmt does not format the code around the blocks\n{said}")));
    }
    String::from_utf8(output.stdout).map_err(|_| Failure::new(format!("the output of `{name}` is not UTF-8")))
}

/// The edition of the nearest package; the newest one where there is none.
pub(crate) fn edition(place: &Place) -> String {
    let manifest = place.manifest_path.clone().or_else(|| {
        let start = std::env::current_dir().ok()?;
        start.ancestors().map(|directory| directory.join("Cargo.toml")).find(|path| path.is_file())
    });
    let Some(manifest) = manifest else { return "2024".to_owned() };
    let text = fs::read_to_string(&manifest).unwrap_or_default();
    match value(&text, "[package]", "edition") {
        Some(edition) => edition,
        None if text.lines().any(is_inherited) => of_workspace(&manifest).unwrap_or_else(|| "2024".to_owned()),
        // As cargo takes a package that names none.
        None if text.contains("[package]") => "2015".to_owned(),
        None => value(&text, "[workspace.package]", "edition").unwrap_or_else(|| "2024".to_owned()),
    }
}

fn is_inherited(line: &str) -> bool {
    let line: String = line.chars().filter(|character| !character.is_whitespace()).collect();
    line.starts_with("edition.workspace=true") || line.starts_with("edition={workspace=true}")
}

fn of_workspace(manifest: &Path) -> Option<String> {
    let manifest = manifest.canonicalize().ok()?;
    let above: Vec<PathBuf> = manifest.ancestors().skip(1).map(|directory| directory.join("Cargo.toml")).collect();
    above.iter().find_map(|path| value(&fs::read_to_string(path).ok()?, "[workspace.package]", "edition"))
}

/// The text that a key has in a section of a manifest.
fn value(manifest: &str, section: &str, key: &str) -> Option<String> {
    let mut lines = manifest.lines().map(str::trim).skip_while(|line| *line != section).skip(1);
    let in_section = lines.by_ref().take_while(|line| !line.starts_with('['));
    in_section.into_iter().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        let value = value.trim().strip_prefix('"')?.split('"').next()?;
        (name.trim() == key).then(|| value.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edition_is_that_of_the_section() {
        let manifest = "[package]\nname = \"a\"\nedition = \"2021\" # new\n\n[workspace.package]\nedition = \"2024\"\n";
        assert_eq!(value(manifest, "[package]", "edition").as_deref(), Some("2021"));
        assert_eq!(value(manifest, "[workspace.package]", "edition").as_deref(), Some("2024"));
        assert_eq!(value(manifest, "[package]", "version"), None);
        assert!(is_inherited("edition.workspace = true") && is_inherited("edition = { workspace = true }"));
    }
}
