//! How many rows a transaction should have, by the time that those of the window before took.

use std::time::Duration;

/// The rows of the first transactions: few, since nobody knows yet how long a row takes.
const FIRST: u32 = 100;

/// The fewest rows of a transaction, unless the source asks for fewer.
const FEWEST: u32 = 50;

/// How much more or fewer rows the next window may have.
const STEP: f64 = 4.0;

#[derive(Debug)]
pub(super) struct Pace {
    size: u32,
    most: u32,
    /// The transactions of this window, and how long they took together.
    batches: u32,
    elapsed: Duration,
    /// Whether somebody waited for one of them, or it for somebody.
    crowded: bool,
}

impl Pace {
    pub(super) fn new(most: u32) -> Self {
        let most = most.max(1);
        Pace { size: FIRST.min(most), most, batches: 0, elapsed: Duration::ZERO, crowded: false }
    }

    /// The rows of each transaction of this window.
    pub(super) fn size(&self) -> u32 {
        self.size
    }

    /// A transaction of this window is done.
    pub(super) fn took(&mut self, elapsed: Duration) {
        self.batches += 1;
        self.elapsed += elapsed;
    }

    /// It came into somebody's way, or somebody into its.
    pub(super) fn crowd(&mut self) {
        self.crowded = true;
    }

    /// The window is done: sets the size for the next one.
    pub(super) fn next_window(&mut self, wanted: Duration) {
        let mean = self.elapsed.as_secs_f64() / f64::from(self.batches.max(1));
        let fitting = (wanted.as_secs_f64() / mean.max(1e-6)).clamp(1.0 / STEP, STEP);
        let factor = if self.crowded { fitting.min(0.5) } else { fitting };
        // Neither limit exceeds what the type holds.
        let size = (f64::from(self.size) * factor) as u32;
        *self = Pace { size: size.clamp(FEWEST.min(self.most), self.most), ..Pace::new(self.most) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: Duration = Duration::from_millis(50);

    /// The sizes of the windows after each other, where every transaction takes so many microseconds for each row.
    fn sizes(most: u32, microseconds: u64, windows: usize) -> Vec<u32> {
        let mut pace = Pace::new(most);
        let window = |_| {
            for _ in 0..8 {
                pace.took(Duration::from_micros(microseconds * u64::from(pace.size())));
            }
            pace.next_window(WANTED);
            pace.size()
        };
        (0..windows).map(window).collect()
    }

    #[test]
    fn grows_to_the_wanted_time_and_stays() {
        assert_eq!(sizes(100_000, 10, 5), [400, 1600, 5000, 5000, 5000]);
    }

    #[test]
    fn has_never_more_rows_than_the_source_says() {
        assert_eq!(sizes(1000, 10, 3), [400, 1000, 1000]);
        assert_eq!(sizes(7, 10_000_000, 2), [7, 7]);
    }

    #[test]
    fn rows_that_take_long_make_it_small() {
        assert_eq!(sizes(5000, 1000, 3), [50, 50, 50]);
        assert_eq!(sizes(5000, 100, 4), [400, 500, 500, 500]);
    }

    #[test]
    fn a_window_in_which_somebody_waited_is_followed_by_one_of_half_the_size() {
        let mut pace = Pace::new(1000);
        for (crowded, size) in [(false, 400), (true, 200), (false, 800)] {
            pace.took(Duration::from_millis(1));
            if crowded {
                pace.crowd();
            }
            pace.took(Duration::from_millis(1));
            pace.next_window(WANTED);
            assert_eq!(pace.size(), size);
        }
    }
}
