//! What is legal and regretted later: it is shown, and compiles.

use std::collections::BTreeSet;

use migrate_core::catalog::Catalog;

use super::{Checker, Mode};
use crate::attribute::Allowance;
use crate::diagnostic::code::Level;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::Spanned;

/// Whether something is still so at the end of the migration.
type Condition = Box<dyn Fn(&Catalog) -> bool>;

/// The warnings of a migration so far.
#[derive(Default)]
pub(super) struct Warnings {
    found: Vec<(Diagnostic, Condition)>,
    /// The places of what was allowed and is there.
    needed: BTreeSet<u32>,
}

impl Warnings {
    /// Those that still hold.
    pub(super) fn at_the_end(self, catalog: &Catalog) -> Vec<Diagnostic> {
        let still = self.found.into_iter().filter(|(_, holds)| holds(catalog));
        let mut warnings: Vec<Diagnostic> = still.map(|(warning, _)| warning).collect();
        warnings.sort_by_key(|warning| warning.at.start);
        warnings
    }
}

impl Checker<'_> {
    /// Notes a warning, unless the current item allows it.
    pub(crate) fn warn(&mut self, warning: Diagnostic) {
        self.warn_if_still(warning, |_| true);
    }

    /// [`Checker::warn`], if that is still so after the last item: what is made first may go away later.
    pub(crate) fn warn_if_still(&mut self, warning: Diagnostic, holds: impl Fn(&Catalog) -> bool + 'static) {
        debug_assert_eq!(warning.code.level, Level::Warning, "a mistake is reported");
        if self.mode == Mode::Up && !self.is_allowed(Allowance::Warning(warning.code)) {
            self.warnings.found.push((warning, Box::new(holds)));
        }
    }

    /// Whether the current item allows what is there.
    pub(super) fn is_allowed(&mut self, what: Allowance) -> bool {
        let mut is_allowed = false;
        for allowed in self.allowed.iter().filter(|allowed| allowed.value == what) {
            is_allowed = true;
            self.warnings.needed.insert(allowed.at.start);
        }
        is_allowed
    }

    /// Warns of what is allowed and not there. Where there was a mistake, that may be why.
    pub(super) fn warn_of_unneeded(&mut self, allowed: &[Spanned<Allowance>], mistakes: usize) {
        if self.mistakes.len() > mistakes || self.state.has_mistakes {
            return;
        }
        for Spanned { value, at } in allowed {
            if self.warnings.needed.contains(&at.start) || *value == Allowance::Warning(code::UNNEEDED_ALLOW) {
                continue;
            }
            let message = format!("nothing here needs `#[allow({})]`", value.name());
            self.warn(Diagnostic::new(code::UNNEEDED_ALLOW, message, *at).help("remove it"));
        }
    }
}
