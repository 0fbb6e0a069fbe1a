//! To which query an aggregate belongs, and whether it and windows can stand where they do (`parse_agg.c`). An aggregate
//! belongs to the innermost query of whose columns it has one.

use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::query::{Over, Part, Query, Source, SourceKind};
use migrate_core::sorted::SortedSet;
use migrate_core::system::is_aggregate;
use migrate_core::token::At;

use super::grouping::is_json_aggregate;
use super::{QueryCheck, Scope};
use crate::diagnostic::{Diagnostic, code};

/// Which part of a query is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Clause {
    /// None of these.
    #[default]
    Elsewhere,
    Items,
    From,
    On,
    Where,
    GroupBy,
    Having,
    Window,
    DistinctOn,
    OrderBy,
    Limit,
    Values,
    Set,
    Returning,
    When,
}

impl Clause {
    fn takes_aggregates(self) -> bool {
        use Clause::{DistinctOn, Elsewhere, Having, Items, OrderBy, Window};
        matches!(self, Elsewhere | Items | Having | Window | DistinctOn | OrderBy)
    }

    fn takes_windows(self) -> bool {
        matches!(self, Clause::Elsewhere | Clause::Items | Clause::DistinctOn | Clause::OrderBy)
    }

    fn noun(self) -> &'static str {
        match self {
            Clause::Elsewhere | Clause::Items => "`select`",
            Clause::From => "a subquery in `from` of its own query",
            Clause::On => "the condition of a join",
            Clause::Where => "`where`",
            Clause::GroupBy => "`group by`",
            Clause::Having => "`having`",
            Clause::Window => "the definition of a window",
            Clause::DistinctOn => "`distinct on`",
            Clause::OrderBy => "`order by`",
            Clause::Limit => "`limit`",
            Clause::Values => "`values`",
            Clause::Set => "`update`",
            Clause::Returning => "`returning`",
            Clause::When => "`merge ... when`",
        }
    }
}

/// In what a part of an expression stands.
#[derive(Clone, Copy)]
enum Inside<'s> {
    Nothing,
    /// An aggregate of this query.
    Aggregate(&'s Scope<'s>),
    /// The arguments of a window function.
    Window,
    /// What a window is partitioned and ordered by.
    Definition,
}

impl QueryCheck<'_, '_> {
    /// Looks at where aggregates and windows stand in a value of which everything is named in full.
    pub(super) fn placed(&mut self, value: &Expression, scope: &Scope<'_>) {
        if let Err(mistake) = self.place_of_level(value, scope) {
            self.fail(mistake);
        }
    }

    /// What is wrong with the place of an aggregate or a window in a value.
    pub(super) fn place_of_level(&self, value: &Expression, scope: &Scope<'_>) -> Result<(), Diagnostic> {
        place(value, scope, Inside::Nothing, &|name| self.checker.catalog().is_aggregate(name))
    }
}

fn place<'s>(
    value: &Expression,
    scope: &'s Scope<'s>,
    inside: Inside<'s>,
    is_aggregate_name: &dyn Fn(&str) -> bool,
) -> Result<(), Diagnostic> {
    let over = match &value.kind {
        ExpressionKind::Call(call) => call.over.as_deref(),
        ExpressionKind::JsonFunction(function) => function.over(),
        _ => None,
    };
    if let Some(over) = over {
        let refused = match inside {
            Inside::Window => Some("window function calls cannot be nested".to_owned()),
            Inside::Definition => Some("window functions cannot be used in the definition of a window".to_owned()),
            Inside::Aggregate(_) => Some("an aggregate cannot contain a window function".to_owned()),
            Inside::Nothing if !scope.clause().takes_windows() => {
                Some(format!("window functions cannot be used in {}", scope.clause().noun()))
            }
            Inside::Nothing => None,
        };
        if let Some(message) = refused {
            return Err(Diagnostic::new(code::INVALID_QUERY, message, value.at)
                .help("compute it in a subquery, and use its column here"));
        }
        super::window::is_known(over, scope, value.at)?;
        let mut definition: SortedSet<(u32, u32)> = SortedSet::new();
        let mut result = Ok(());
        if let Over::Defined(window) = over {
            let mut see = |part: &Expression| {
                definition.insert((part.at.start, part.at.end));
                if result.is_ok() {
                    result = place(part, scope, Inside::Definition, is_aggregate_name);
                }
            };
            window.partition_by.iter().for_each(&mut see);
            window.order_by.iter().for_each(|item| see(&item.value));
        }
        result?;
        let mut result = Ok(());
        value.for_each_child(&mut |child| {
            if result.is_ok() && !definition.contains(&(child.at.start, child.at.end)) {
                result = place(child, scope, Inside::Window, is_aggregate_name);
            }
        });
        return result;
    }
    let is_aggregate = match &value.kind {
        ExpressionKind::Call(call) => is_aggregate_name(&call.name),
        ExpressionKind::JsonFunction(function) => is_json_aggregate(function),
        _ => false,
    };
    if is_aggregate {
        let owner = owner(value, scope);
        if let Inside::Aggregate(around) = inside
            && std::ptr::eq(around, owner)
        {
            return Err(Diagnostic::new(code::INVALID_QUERY, "aggregate function calls cannot be nested", value.at)
                .help("compute the inner one in a subquery"));
        }
        if !owner.clause().takes_aggregates() {
            let message = format!("aggregate functions cannot be used in {}", owner.clause().noun());
            let help = match owner.clause() {
                Clause::Where => "write the condition in `having`, or compute the aggregate in a subquery",
                _ => "compute it in a subquery, and use its column here",
            };
            return Err(Diagnostic::new(code::INVALID_QUERY, message, value.at).help(help));
        }
        owner.note_aggregate();
        let mut result = Ok(());
        value.for_each_child(&mut |child| {
            if result.is_ok() {
                result = place(child, scope, Inside::Aggregate(owner), is_aggregate_name);
            }
        });
        return result;
    }
    if let Some(query) = value.query() {
        // What is in it was looked at by itself, but for what belongs to the aggregate around it.
        if let Inside::Aggregate(around) = inside
            && let Some(at) = aggregate_of(query, around)
        {
            return Err(Diagnostic::new(code::INVALID_QUERY, "aggregate function calls cannot be nested", at)
                .help("compute the inner one in a subquery"));
        }
    }
    let mut result = Ok(());
    value.for_each_child(&mut |child| {
        if result.is_ok() {
            result = place(child, scope, inside, is_aggregate_name);
        }
    });
    result
}

/// The query that an aggregate belongs to.
fn owner<'s>(aggregate: &Expression, scope: &'s Scope<'s>) -> &'s Scope<'s> {
    let free = free_names(aggregate);
    let mut around = Some(scope);
    while let Some(level) = around {
        if level.is_level && free.iter().any(|parts| level.is_source_of(parts)) {
            return level;
        }
        around = level.outer;
    }
    scope
}

/// An aggregate in a query that belongs to the query around it.
fn aggregate_of(query: &Query, scope: &Scope<'_>) -> Option<At> {
    let aliases = aliases(query);
    let mut found = None;
    query.walk(&mut |part| {
        let Part::Expression(expression) = part else { return };
        let is_aggregate = match &expression.kind {
            ExpressionKind::Call(call) => call.over.is_none() && is_aggregate(&call.name),
            ExpressionKind::JsonFunction(function) => is_json_aggregate(function),
            _ => false,
        };
        if is_aggregate {
            let free = free_names(expression);
            let is_inner = |parts: &Vec<String>| parts.first().is_some_and(|source| aliases.contains(source));
            if !free.iter().any(is_inner) && free.iter().any(|parts| scope.is_source_of(parts)) {
                found = Some(expression.at);
            }
        }
    });
    found
}

/// The names in an expression that are not those of sub-selects in it.
pub(super) fn free_names(expression: &Expression) -> SortedSet<Vec<String>> {
    let mut names = SortedSet::new();
    expression.visit(&mut |part| {
        if let ExpressionKind::Name(parts) = &part.kind {
            names.insert(parts.clone());
        }
        if let Some(query) = part.query() {
            let bound = aliases(query);
            query.walk(&mut |part| {
                if let Part::Expression(Expression { kind: ExpressionKind::Name(parts), .. }) = part
                    && let [source, _] = parts.as_slice()
                    && !bound.contains(source)
                {
                    names.insert(parts.clone());
                }
            });
        }
    });
    names
}

/// The names that sources have in a query, and in those in it.
pub(super) fn aliases(query: &Query) -> SortedSet<String> {
    let mut names = SortedSet::new();
    query.walk(&mut |part| {
        if let Part::Query(query) = part {
            query.each_source(&mut |source| {
                names.extend(name_of_source(source));
            });
        }
    });
    names
}

fn name_of_source(source: &Source) -> Option<String> {
    if let Some(alias) = &source.alias {
        return Some(alias.name.value.clone());
    }
    match &source.kind {
        SourceKind::Table(table) => Some(table.name.name.value.clone()),
        SourceKind::Function(function) => match &function.functions.first()?.call.kind {
            ExpressionKind::Call(call) => Some(call.name.clone()),
            _ => None,
        },
        SourceKind::Xml(_) => Some("xmltable".to_owned()),
        SourceKind::Json(_) => Some("json_table".to_owned()),
        SourceKind::Query(_) | SourceKind::Join(_) => None,
    }
}
