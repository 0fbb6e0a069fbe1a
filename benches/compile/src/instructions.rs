//! Instructions instead of seconds: the same in every run, whatever else the machine does. valgrind counts them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{BoxError, cargo, target};

/// Whether they can be counted here.
pub(crate) fn can_be_counted() -> bool {
    let valgrind = Command::new("valgrind").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    valgrind.is_ok_and(|status| status.success())
}

/// How many instructions rustc takes for a package, what it depends on being built.
pub(crate) fn of_rustc(directory: &Path, verb: &str, package: &str) -> Result<u64, BoxError> {
    let (log, wrapper) = (target(directory).join("instructions.log"), target(directory).join("instructions.sh"));
    // cargo asks rustc for its version as well, and a wrapper is a program.
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in\n*\"--crate-name {} \"*) exec valgrind --tool=callgrind \
         --callgrind-out-file=/dev/null --log-file={:?} \"$@\" ;;\n*) exec \"$@\" ;;\nesac\n",
        package.replace('-', "_"),
        log.display(),
    );
    fs::write(&wrapper, script)?;
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755))?;
    cargo(directory, &["clean"], package)?;
    let output = Command::new("cargo")
        .args([verb, "--quiet", "--package", package, "-j2"])
        .current_dir(directory)
        .env("RUSTC_WORKSPACE_WRAPPER", &wrapper)
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() {
        return Err(format!("{verb} {package}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let text = fs::read_to_string(&log)?;
    let count = text.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    count.ok_or_else(|| format!("valgrind counted nothing: {text}").into())
}
