//! Views that rows can be changed through (PostgreSQL manual, CREATE VIEW, "Updatable Views").

use super::Catalog;
use crate::expression::{Expression, ExpressionKind};
use crate::name::QualifiedName;
use crate::object::{Definition, Firing, Kind, Namespace, ObjectId, RuleEvent, Timing, View};
use crate::query::{Body, Distinct, Item, SourceKind, full_name};
use crate::system;

/// The relation that PostgreSQL changes in place of a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Updatable {
    /// The table, or another view.
    pub relation: QualifiedName,
    /// The column of it that each column of the view is; `None` where it is computed.
    pub columns: Vec<Option<String>>,
}

impl Catalog {
    /// What is changed in place of a view whose rows PostgreSQL can change by itself; or what is in its query because of
    /// which it cannot.
    ///
    /// # Errors
    ///
    /// The words for what is in the way, such as "`distinct`".
    pub fn updatable(&self, view: &View) -> Result<Updatable, &'static str> {
        let query = &view.query;
        if query.with.is_some() {
            return Err("`with`");
        }
        if query.limit.is_some() || query.offset.is_some() {
            return Err("`limit` or `offset`");
        }
        let select = match &query.body {
            Body::Table(table) => {
                let relation = full_name(&table.name);
                return Ok(Updatable {
                    relation,
                    columns: view.columns.iter().map(|one| Some(one.name.clone())).collect(),
                });
            }
            Body::Set(_) => return Err("`union`, `intersect` or `except`"),
            Body::Values(_) => return Err("no table or view that it selects from"),
            Body::Select(select) => select,
        };
        if select.distinct != Distinct::All {
            return Err("`distinct`");
        }
        if select.group_by.is_some() {
            return Err("`group by`");
        }
        if select.having.is_some() {
            return Err("`having`");
        }
        for item in &select.items {
            if item.value.has_window() {
                return Err("window functions");
            }
            if self.calls_aggregate(&item.value) {
                return Err("aggregate functions");
            }
            if self.calls_set(&item.value) {
                return Err("functions that return sets");
            }
        }
        let [source] = select.from.as_slice() else {
            return Err(if select.from.is_empty() {
                "no table or view that it selects from"
            } else {
                "several tables"
            });
        };
        let table = match &source.kind {
            SourceKind::Table(table) => table,
            SourceKind::Join(_) => return Err("a join"),
            SourceKind::Query(_) => return Err("a subquery in `from`"),
            SourceKind::Function(_) | SourceKind::Xml(_) | SourceKind::Json(_) => return Err("a function in `from`"),
        };
        if table.sample.is_some() {
            return Err("`tablesample`");
        }
        let relation = full_name(&table.name);
        let columns = select.items.iter().map(|item| self.column_of(item, &relation)).collect();
        Ok(Updatable { relation, columns })
    }

    /// Whether something else is done in place of an event on a view: by a trigger, or by a rule for all rows.
    pub fn is_replaced_event(&self, view: &QualifiedName, event: RuleEvent) -> bool {
        self.objects.iter().filter(|(id, _)| id.table().as_ref() == Some(view)).any(|(_, object)| {
            match &object.definition {
                Definition::Trigger(trigger) => {
                    let is_event = match event {
                        RuleEvent::Insert => trigger.events.insert,
                        RuleEvent::Update => trigger.events.update.is_some(),
                        RuleEvent::Delete => trigger.events.delete,
                    };
                    trigger.timing == Timing::InsteadOf && is_event
                }
                Definition::Rule(rule) => {
                    rule.is_instead
                        && rule.event == event
                        && rule.condition.is_none()
                        && rule.firing != Firing::Disabled
                }
                _ => false,
            }
        })
    }

    /// The relations whose rows a statement about one of them changes: itself, and what stands behind it if it is a view.
    pub fn changed_behind(&self, relation: &QualifiedName) -> Vec<QualifiedName> {
        let mut found = vec![relation.clone()];
        let mut next = relation.clone();
        while let Some(Definition::View(view)) =
            self.object(&ObjectId::new(Kind::View, next.clone())).map(|object| &object.definition)
            && let Ok(behind) = self.updatable(view)
            && !found.contains(&behind.relation)
        {
            found.push(behind.relation.clone());
            next = behind.relation;
        }
        found
    }

    /// The table in which rows land that are inserted through views, and the columns of it that get values: those given
    /// and those that the views have defaults for. `None` where it is not a table, or something else is done in place.
    pub fn inserted_behind(&self, view: &QualifiedName, given: &[String]) -> Option<(QualifiedName, Vec<String>)> {
        let mut relation = view.clone();
        let mut given = given.to_vec();
        for _ in 0..=self.objects.len() {
            if self.table(&relation).is_some() {
                return Some((relation, given));
            }
            let object = self.object(&ObjectId::new(Kind::View, relation.clone()))?;
            let Definition::View(view) = &object.definition else { return None };
            if self.is_replaced_event(&relation, RuleEvent::Insert) {
                return None;
            }
            let behind = self.updatable(view).ok()?;
            let mut columns = Vec::new();
            for (column, below) in view.columns.iter().zip(&behind.columns) {
                if given.contains(&column.name) || view.defaults.contains_key(&column.name) {
                    columns.extend(below.clone());
                }
            }
            (relation, given) = (behind.relation, columns);
        }
        None
    }

    /// Whether a call by this name is of an aggregate: of PostgreSQL, of an extension, or of a migration.
    pub fn is_aggregate(&self, name: &str) -> bool {
        system::is_aggregate(name) || self.objects.keys().any(|id| id.kind == Kind::Aggregate && id.name.name == name)
    }

    /// Whether an expression calls an aggregate, outside of sub-selects and windows.
    pub fn calls_aggregate(&self, value: &Expression) -> bool {
        let mut found = false;
        value.visit(&mut |part| {
            found |= matches!(&part.kind, ExpressionKind::Call(call) if call.over.is_none() && self.is_aggregate(&call.name));
        });
        found
    }

    fn calls_set(&self, value: &Expression) -> bool {
        let is_own = |name: &str| {
            self.objects.iter().any(|(id, object)| {
                id.kind.namespace() == Namespace::Routine
                    && id.name.name == name
                    && matches!(&object.definition, Definition::Function(function) if function.returns_set())
            })
        };
        let mut found = false;
        value.visit(&mut |part| {
            if let ExpressionKind::Call(call) = &part.kind {
                found |= system::functions(&call.name).any(|function| function.returns_set()) || is_own(&call.name);
            }
        });
        found
    }

    fn column_of(&self, item: &Item, relation: &QualifiedName) -> Option<String> {
        let ExpressionKind::Name(parts) = &item.value.kind else { return None };
        let name = parts.last()?;
        self.column_names(relation).contains(name).then(|| name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::RelationColumn;
    use crate::operation::testing::{catalog, name};

    fn view(columns: &[&str], query: &str) -> View {
        let column = |name: &&str| RelationColumn { name: (*name).to_owned(), data_type: None, nullable: true };
        View {
            query: query.parse().unwrap(),
            columns: columns.iter().map(column).collect(),
            check_option: None,
            security_barrier: false,
            security_invoker: false,
            defaults: Default::default(),
        }
    }

    #[test]
    fn a_view_over_one_table_is_updatable() {
        let plain = view(&["number", "shout"], "SELECT u.id, upper(u.email) FROM public.users AS u WHERE u.id > 1");
        let updatable = catalog().updatable(&plain).unwrap();
        assert_eq!(updatable, Updatable { relation: name("users"), columns: vec![Some("id".into()), None] });
    }

    #[test]
    fn what_keeps_a_view_from_being_updatable_is_said() {
        for (query, why) in [
            ("SELECT DISTINCT id FROM public.users", "`distinct`"),
            ("SELECT count(*) FROM public.users", "aggregate functions"),
            ("SELECT id FROM public.users GROUP BY id", "`group by`"),
            ("SELECT row_number() OVER () FROM public.users", "window functions"),
            ("SELECT unnest(ARRAY[1]) FROM public.users", "functions that return sets"),
            ("SELECT id FROM public.users LIMIT 1", "`limit` or `offset`"),
            ("SELECT id FROM public.users UNION SELECT 1", "`union`, `intersect` or `except`"),
            ("WITH a AS (SELECT 1) SELECT id FROM public.users", "`with`"),
            ("SELECT u.id FROM public.users AS u, public.bookings AS b", "several tables"),
            ("SELECT u.id FROM public.users AS u JOIN public.bookings AS b ON true", "a join"),
            ("SELECT id FROM (SELECT id FROM public.users) AS u", "a subquery in `from`"),
            ("SELECT 1", "no table or view that it selects from"),
        ] {
            assert_eq!(catalog().updatable(&view(&["id"], query)), Err(why), "{query}");
        }
    }

    #[test]
    fn rows_of_views_over_views_are_those_of_the_table() {
        let mut catalog = catalog();
        let inner = view(&["number", "mail"], "SELECT u.id, u.email FROM public.users AS u");
        catalog.objects.insert(ObjectId::new(Kind::View, name("inner")), crate::object::Object::new(inner).into());
        let outer = view(&["mail"], "SELECT i.mail FROM public.inner AS i");
        catalog.objects.insert(ObjectId::new(Kind::View, name("outer")), crate::object::Object::new(outer).into());
        assert_eq!(catalog.changed_behind(&name("outer")), ["outer", "inner", "users"].map(name));
        let given = catalog.inserted_behind(&name("outer"), &["mail".into()]);
        assert_eq!(given, Some((name("users"), vec!["email".into()])));
    }
}
