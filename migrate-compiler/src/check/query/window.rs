//! Windows and their names (`transformWindowDefinitions`).

use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::query::{NamedWindow, OrderItem, Over, Window};
use migrate_core::system::is_aggregate;
use migrate_core::token::At;

use super::{Clause, QueryCheck, Scope};
use crate::check::around::Around;
use crate::check::infer::distances;
use crate::diagnostic::{Diagnostic, choices, code};

impl QueryCheck<'_, '_> {
    /// Checks the windows that `WINDOW` defines: each sees those before it.
    pub(super) fn windows(&mut self, windows: &mut [NamedWindow], scope: &Scope<'_>) {
        scope.enter(Clause::Window);
        let mut known: Vec<NamedWindow> = Vec::new();
        for named in windows {
            if known.iter().any(|other| other.name == named.name) {
                let message = format!("window `{}` is defined more than once", named.name.value);
                self.fail(Diagnostic::new(code::INVALID_QUERY, message, named.name.at).help("choose another name"));
            }
            if let Err(mistake) = refines(&named.window, &known, named.name.at) {
                self.fail(mistake);
            }
            self.window(&mut named.window, scope);
            known.push(named.clone());
        }
    }

    fn window(&mut self, window: &mut Window, scope: &Scope<'_>) {
        let by = window.partition_by.iter_mut();
        let mut is_good = true;
        let mut values: Vec<&mut Expression> =
            by.chain(window.order_by.iter_mut().map(|OrderItem { value, .. }| value)).collect();
        for value in &mut values {
            let known = self.checker.mistakes();
            self.value(value, None, scope);
            is_good &= self.checker.mistakes() == known;
        }
        for (distance, expected) in distances(window) {
            let known = self.checker.mistakes();
            self.value(distance, expected, scope);
            is_good &= self.checker.mistakes() == known;
        }
        if is_good && !self.checker.judge_window(window, Around::Query(scope)) {
            self.failed = true;
        }
        if let Some(frame) = &window.frame {
            use migrate_core::query::FrameBound::{Following, Preceding};
            for bound in std::iter::once(&frame.start).chain(&frame.end) {
                if let Preceding(distance) | Following(distance) = bound
                    && let Some(mistake) = varies(distance, scope)
                {
                    self.fail(mistake);
                }
            }
        }
    }
}

/// The distance of a frame is the same for all rows.
fn varies(distance: &Expression, scope: &Scope<'_>) -> Option<Diagnostic> {
    let mut aggregate = None;
    distance.visit(&mut |part| {
        if matches!(&part.kind, ExpressionKind::Call(call) if is_aggregate(&call.name)) {
            aggregate = Some(part.at);
        }
    });
    if let Some(at) = aggregate {
        let message = "aggregate functions cannot be used in the offset of a frame";
        return Some(Diagnostic::new(code::INVALID_QUERY, message, at).help("write a constant"));
    }
    let names = distance.names();
    let name = names.iter().find(|parts| scope.is_source_of(parts))?.join(".");
    let message = format!("the offset of a frame cannot contain the column `{name}`");
    Some(Diagnostic::new(code::INVALID_QUERY, message, distance.at).help("write a constant"))
}

/// Whether the window that a call names is there, and what it adds to one can be added.
pub(super) fn is_known(over: &Over, scope: &Scope<'_>, at: At) -> Result<(), Diagnostic> {
    match over {
        Over::Named(name) => match scope.windows.iter().any(|window| window.name == *name) {
            true => Ok(()),
            false => Err(unknown(&name.value, &scope.windows, name.at)),
        },
        Over::Defined(window) => {
            if let Some(frame) = &window.frame {
                use migrate_core::query::FrameBound::{Following, Preceding};
                for bound in std::iter::once(&frame.start).chain(&frame.end) {
                    if let Preceding(distance) | Following(distance) = bound
                        && let Some(mistake) = varies(distance, scope)
                    {
                        return Err(mistake);
                    }
                }
            }
            refines(window, &scope.windows, at)
        }
    }
}

fn unknown(name: &str, windows: &[NamedWindow], at: At) -> Diagnostic {
    let known = windows.iter().map(|window| window.name.value.as_str());
    Diagnostic::new(code::INVALID_QUERY, format!("cannot find window `{name}`"), at)
        .maybe_help(choices(name, known, "windows"))
}

/// A window that is built on another cannot say what that one says.
fn refines(window: &Window, known: &[NamedWindow], at: At) -> Result<(), Diagnostic> {
    let Some(base) = &window.base else { return Ok(()) };
    let Some(found) = known.iter().find(|other| other.name == *base) else {
        return Err(unknown(&base.value, known, base.at));
    };
    let name = &base.value;
    let message = if !window.partition_by.is_empty() {
        format!("cannot override `partition by` of window `{name}`")
    } else if !window.order_by.is_empty() && !found.window.order_by.is_empty() {
        format!("cannot override `order by` of window `{name}`")
    } else if found.window.frame.is_some() {
        format!("cannot build on window `{name}`, because it has a frame")
    } else {
        return Ok(());
    };
    Err(Diagnostic::new(code::INVALID_QUERY, message, at).help("write the whole window"))
}
