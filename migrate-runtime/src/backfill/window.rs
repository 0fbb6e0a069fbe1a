//! A window of rows: visited several times, a part of the rows each time, each in a transaction of its own.

use std::ops::Range;

use super::{Checkpoint, Work};
use crate::execute::{Runner, Stop};

/// A window.
pub(super) struct Window {
    /// The condition that selects its rows.
    pub(super) place: String,
    /// A number for each row that stays, whose lowest bits say which part it belongs to.
    pub(super) part: String,
    /// The checkpoint while it is worked at, ...
    pub(super) begun: Checkpoint,
    /// ... and after it.
    pub(super) done: Checkpoint,
}

impl Window {
    /// The rows of some parts.
    fn parts(&self, parts: Range<u32>) -> String {
        let Window { place, part, begun: Checkpoint { passes, .. }, .. } = self;
        match parts {
            Range { start: 0, end } if end == *passes => place.clone(),
            Range { start, end } if end == start + 1 => format!("{place} AND {part} & {} = {start}", passes - 1),
            Range { start, .. } => format!("{place} AND {part} & {} >= {start}", passes - 1),
        }
    }
}

impl Runner<'_> {
    /// Visits the rows of a window that are left. `update` makes the statement from the condition of a part.
    pub(super) async fn window(
        &mut self,
        work: &mut Work<'_>,
        window: Window,
        update: impl Fn(&str) -> String,
    ) -> Result<(), Stop> {
        let passes = window.begun.passes;
        let mut start = work.checkpoint.pass;
        let mut end = start + 1;
        while start < passes {
            let next = match end == passes {
                true => window.done.clone(),
                false => Checkpoint { pass: end, ..window.begun.clone() },
            };
            let rows = self.batch(work, &update(&window.parts(start..end)), next).await?;
            start = end;
            // Where the condition holds for few rows, what is left is one transaction, and reading it all several
            // times would be for nothing.
            let fits = rows * u64::from(passes - start) <= u64::from(work.pace.size());
            end = if fits { passes } else { start + 1 };
        }
        work.pace.next_window(self.settings.batch_time);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_window_are_the_window() {
        let begun = Checkpoint { passes: 8, ..Checkpoint::default() };
        let window = Window { place: "id > 5".into(), part: "n".into(), done: begun.clone(), begun };
        assert_eq!(window.parts(0..8), "id > 5");
        assert_eq!(window.parts(0..1), "id > 5 AND n & 7 = 0");
        assert_eq!(window.parts(7..8), "id > 5 AND n & 7 = 7");
        assert_eq!(window.parts(2..8), "id > 5 AND n & 7 >= 2");
    }
}
