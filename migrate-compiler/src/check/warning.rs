//! What is legal and regretted later: it is shown, and compiles.

use std::fmt;
use std::sync::Arc;

use migrate_core::catalog::Catalog;
use migrate_core::sorted::SortedSet;

use super::{Checker, Mode};
use crate::attribute::Allowance;
use crate::diagnostic::code::Level;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::Spanned;

/// Whether something is still so at the end of the migration, and of the history.
type Condition = Arc<dyn Fn(&Catalog) -> bool + Send + Sync>;

/// A warning, as long as it holds.
#[derive(Clone)]
pub(crate) struct Warning {
    pub(crate) found: Diagnostic,
    holds: Condition,
}

impl Warning {
    /// Whether it is still so.
    pub(crate) fn holds(&self, catalog: &Catalog) -> bool {
        (self.holds)(catalog)
    }
}

impl fmt::Debug for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.found.fmt(formatter)
    }
}

/// The warnings of a migration so far.
#[derive(Default)]
pub(super) struct Warnings {
    found: Vec<Warning>,
    /// The places of what was allowed and is there.
    needed: SortedSet<u32>,
}

impl Warnings {
    /// Those that still hold.
    pub(super) fn at_the_end(self, catalog: &Catalog) -> Vec<Warning> {
        let mut warnings: Vec<Warning> = self.found.into_iter().filter(|warning| warning.holds(catalog)).collect();
        warnings.sort_by_key(|warning| warning.found.at.start);
        warnings
    }
}

impl Checker<'_> {
    /// Notes a warning, unless the current item allows it.
    pub(crate) fn warn(&mut self, warning: Diagnostic) {
        self.warn_if_still(warning, |_| true);
    }

    /// [`Checker::warn`], if that is still so after the last item, and at the end of the history: what is made first may go
    /// away later.
    pub(crate) fn warn_if_still(
        &mut self,
        found: Diagnostic,
        holds: impl Fn(&Catalog) -> bool + Send + Sync + 'static,
    ) {
        debug_assert_eq!(found.code.level, Level::Warning, "a mistake is reported");
        if self.mode == Mode::Up && !self.is_allowed(Allowance::Warning(found.code)) {
            self.warnings.found.push(Warning { found, holds: Arc::new(holds) });
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
