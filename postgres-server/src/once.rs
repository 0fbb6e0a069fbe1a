//! Building something in a shared place exactly once, whichever processes want it at the same time.

use std::fs::{self, File};
use std::path::Path;

use crate::Error;
use crate::error::IoContext as _;

const ADVICE: &str = "check its permissions and the free space, or remove it";

/// Takes the lock file at `path` and waits for it if need be. It is free again when the file is dropped or
/// its process ends.
pub(crate) fn lock(path: &Path) -> Result<File, Error> {
    let file = File::options().create(true).append(true).open(path).at("open the lock file", path, ADVICE)?;
    file.lock().at("lock", path, ADVICE)?;
    Ok(file)
}

/// Makes the directory `destination` with `build`, unless it exists. `build` fills a directory beside it that
/// takes its name only when it is complete, so no process ever sees half of it.
pub(crate) fn build_once(destination: &Path, build: impl FnOnce(&Path) -> Result<(), Error>) -> Result<(), Error> {
    if destination.exists() {
        return Ok(());
    }
    let _lock = lock(&destination.with_added_extension("lock"))?;
    if destination.exists() {
        return Ok(());
    }
    // What a killed process left behind: with the lock held, nobody works in it.
    let partial = destination.with_added_extension("partial");
    if partial.exists() {
        fs::remove_dir_all(&partial).at("remove the unfinished directory", &partial, ADVICE)?;
    }
    fs::create_dir(&partial).at("create the directory", &partial, ADVICE)?;
    let built =
        build(&partial).and_then(|()| fs::rename(&partial, destination).at("move into place", destination, ADVICE));
    if built.is_err() {
        // The first error is the one to tell; the rest is removed by the next attempt.
        let _ = fs::remove_dir_all(&partial);
    }
    built
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::build_once;

    #[test]
    fn many_builders_build_once_and_all_see_the_whole() {
        let directory = tempfile::tempdir().unwrap();
        let destination = directory.path().join("1.2");
        let builds = AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    build_once(&destination, |partial| {
                        builds.fetch_add(1, Ordering::Relaxed);
                        std::thread::sleep(Duration::from_millis(20));
                        std::fs::write(partial.join("whole"), "yes").unwrap();
                        Ok(())
                    })
                    .unwrap();
                    assert!(destination.join("whole").exists());
                });
            }
        });
        assert_eq!(builds.into_inner(), 1);
    }
}
