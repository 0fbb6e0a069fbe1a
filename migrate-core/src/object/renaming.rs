use super::{Kind, Namespace, ObjectId, follow_collation};
use crate::catalog::{Catalog, EnumLiterals, Fields, sub_select};
use crate::expression::{Expression, ExpressionKind, NamedInText};
use crate::name::{DEFAULT_SCHEMA, QualifiedName, split_schema};
use crate::operation::retype_literals;
use crate::system;
use crate::types::Type;

/// Something that gets another name. Whatever mentions it follows.
#[derive(Clone, Copy, Debug)]
pub enum Renaming<'r> {
    /// A table, a view or a sequence.
    Relation {
        /// The name before.
        from: &'r QualifiedName,
        /// The name after.
        to: &'r QualifiedName,
    },
    /// A column of a table or view.
    Column {
        /// The table.
        table: &'r QualifiedName,
        /// The name before.
        from: &'r str,
        /// The name after.
        to: &'r str,
        /// The catalog before it: other tables may have a column of the same name.
        before: &'r Catalog,
    },
    /// A column that has another type: literals of the old one beside it are of the new one.
    ColumnType {
        /// The table.
        table: &'r QualifiedName,
        /// The column.
        column: &'r str,
        /// The type before.
        from: &'r Type,
        /// The type after.
        to: &'r Type,
    },
    /// A type.
    Type {
        /// The name before.
        from: &'r QualifiedName,
        /// The name after.
        to: &'r QualifiedName,
    },
    /// A value of an enum.
    Value {
        /// The enum.
        name: &'r QualifiedName,
        /// The value before.
        from: &'r str,
        /// The value after.
        to: &'r str,
        /// The catalog before it: columns of the enum tell which texts are values of it.
        before: &'r Catalog,
    },
    /// An object that is neither.
    Object {
        /// Which one, before.
        from: &'r ObjectId,
        /// The name after.
        to: &'r QualifiedName,
        /// The catalog before it: a call may mean another function of the same name.
        before: &'r Catalog,
    },
}

impl Renaming<'_> {
    /// Changes the types, values of enums, functions and sequences that an expression mentions. What its names are is
    /// for the kind to say.
    pub(crate) fn follow_expression(&self, expression: &mut Expression) {
        match self {
            // The rows of a relation are of a type of its name.
            Renaming::Type { from, to } | Renaming::Relation { from, to } => {
                expression.change_types(&mut |target| {
                    target.rename(from, to);
                });
            }
            Renaming::Value { name, from, to, .. } => {
                EnumLiterals::without_columns(name).visit_inside(expression, &mut |value| {
                    if value == from {
                        (*to).clone_into(value);
                    }
                });
            }
            Renaming::Object { .. } => expression.visit_mut(&mut |part| self.follow_call(part)),
            Renaming::Column { .. } | Renaming::ColumnType { .. } => {}
        }
        expression.visit_mut(&mut |part| {
            self.follow_text(part);
            if let Some(query) = part.query_mut() {
                query.follow(self);
            }
        });
    }

    /// Changes what a text names.
    pub(crate) fn follow_text(&self, part: &mut Expression) {
        let Some(mut named) = NamedInText::of(part) else { return };
        let renamed = match self {
            Renaming::Relation { from, to } if named.relation().as_ref() == Some(*from) => Some(to),
            Renaming::Object { from, to, .. } if named.is(from) => Some(to),
            _ => None,
        };
        let mut changed = renamed.is_some();
        if let Some(to) = renamed {
            named.rename(to);
        }
        // The rows of a table are of a type of its name.
        if let Renaming::Type { from, to } | Renaming::Relation { from, to } = self {
            for data_type in named.types_mut() {
                changed |= data_type.rename(from, to);
            }
        }
        if changed {
            named.put(part);
        }
    }

    /// Changes the name of a function that is called, or of a collation.
    pub(crate) fn follow_call(&self, expression: &mut Expression) {
        if let Renaming::Object { from, to, .. } = self
            && from.kind == Kind::OwnOperator
            && let ExpressionKind::Unary { operator, .. }
            | ExpressionKind::Binary { operator, .. }
            | ExpressionKind::Quantified { operator, .. } = &mut expression.kind
            && operator.symbol == from.name.name
            && operator.schema.as_deref() == Some(from.name.schema.as_str())
        {
            operator.schema = Some(to.schema.clone());
        }
        if let ExpressionKind::Collate { collation, .. } = &mut expression.kind
            && let [schema, name] = collation.as_slice()
        {
            let mut named = Some(format!("{schema}.{name}"));
            follow_collation(&mut named, self);
            if let Some((schema, name)) = named.as_deref().and_then(split_schema) {
                *collation = vec![schema.to_owned(), name.to_owned()];
            }
        }
        if let Renaming::Object { from, to, before } = self
            && from.kind.namespace() == Namespace::Routine
            && let ExpressionKind::Call(call) = &mut expression.kind
            && call.name == from.name.name
            && call.schema.as_deref().unwrap_or(default_schema(&call.name)) == from.name.schema
        {
            // What the names in its arguments are is not known here.
            let fields = Fields { catalog: before, type_of_name: &|_| None };
            if before.overload(&from.name, call, &fields).is_some_and(|meant| meant != *from) {
                return;
            }
            call.name.clone_from(&to.name);
            call.schema = Some(to.schema.clone());
        }
    }

    /// Changes everything that a condition over the rows of a table mentions, in sub-selects too. The table is the one
    /// before.
    pub(crate) fn follow_condition(&self, condition: &mut Expression, table: Option<&QualifiedName>) {
        self.follow_expression(condition);
        match self {
            Renaming::Column { table: of, from, to, before } => {
                let type_of_name = |parts: &[String]| before.column_type(table?, parts.last()?);
                let fields = Fields { catalog: before, type_of_name: &type_of_name };
                condition.visit_mut(&mut |part| fields.rename(part, (of, from, to)));
                sub_select::rename_column(condition, table, before, (of, from, to));
            }
            Renaming::Relation { from, to } => sub_select::rename_table(condition, table, from, to),
            Renaming::ColumnType { table: of, column, from, to } if table == Some(of) => {
                retype_literals(condition, column, from, to);
            }
            Renaming::Value { name, from, to, before } => {
                if let Some(table) = table.and_then(|table| before.table(table)) {
                    EnumLiterals::of(table, name).visit_inside(condition, &mut |value| {
                        if value == from {
                            (*to).clone_into(value);
                        }
                    });
                }
            }
            Renaming::ColumnType { .. } | Renaming::Type { .. } | Renaming::Object { .. } => {}
        }
    }

    /// What an object that stands under one name, or belongs to one, is after it.
    pub(crate) fn of_identity(&self, id: &ObjectId) -> Option<ObjectId> {
        match self {
            Renaming::Relation { from, to } if id.table().as_ref() == Some(*from) => {
                Some(ObjectId { name: to.sibling(&id.name.name), table: Some(to.name.clone()), ..id.clone() })
            }
            // The rows of a table are of a type of its name.
            Renaming::Type { from, to } | Renaming::Relation { from, to } if !id.arguments.is_empty() => {
                let mut renamed = id.clone();
                let mut changed = false;
                for argument in &mut renamed.arguments {
                    changed |= argument.rename(from, to);
                }
                changed.then_some(renamed)
            }
            Renaming::Object { from, to, .. }
                if from.kind == Kind::Server
                    && id.kind == Kind::UserMapping
                    && id.of.as_deref() == Some(&from.name.name) =>
            {
                Some(ObjectId { of: Some(to.name.clone()), ..id.clone() })
            }
            _ => None,
        }
    }
}

/// The schema of a function that is called without one: PostgreSQL's own come first.
fn default_schema(function: &str) -> &'static str {
    if system::is_of_postgres(function) { "pg_catalog" } else { DEFAULT_SCHEMA }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Schema;
    use crate::operation::testing::name;

    #[test]
    fn a_relation_that_a_text_names_is_followed() {
        let (from, to) = (name("users"), name("people"));
        let renaming = Renaming::Relation { from: &from, to: &to };
        for (before, after) in [
            ("nextval('public.users')", "nextval('public.people')"),
            ("nextval('users'::regclass)", "nextval('public.people'::regclass)"),
            ("'public.users'::regclass", "'public.people'::regclass"),
            ("regclass 'users'", "regclass 'public.people'"),
            ("'users'::text", "'users'::text"),
            ("'app.users'::regclass", "'app.users'::regclass"),
            ("'f(users, int)'::regprocedure", "'f(public.people, integer)'::regprocedure"),
        ] {
            let mut expression: Expression = before.parse().unwrap();
            renaming.follow_expression(&mut expression);
            assert_eq!(expression, after.parse().unwrap(), "{before}");
        }
    }

    #[test]
    fn an_object_that_a_text_names_is_followed() {
        let to = name("other");
        let function = ObjectId { arguments: vec![Type::TEXT], ..ObjectId::new(Kind::Function, name("f")) };
        let collation = ObjectId::new(Kind::Collation, name("german"));
        for (from, before, after) in [
            (&function, "'f'::regproc", "'public.other'::regproc"),
            (&function, "'public.f(text)'::regprocedure", "'public.other(text)'::regprocedure"),
            (&function, "'public.f(int)'::regprocedure", "'public.f(int)'::regprocedure"),
            (&function, "'app.f'::regproc", "'app.f'::regproc"),
            (&collation, "'german'::regcollation", "'public.other'::regcollation"),
            (&collation, "'german'::regconfig", "'german'::regconfig"),
            (&Schema::id("app"), "'app'::regnamespace", "'other'::regnamespace"),
        ] {
            let mut expression: Expression = before.parse().unwrap();
            Renaming::Object { from, to: &to, before: &Catalog::default() }.follow_expression(&mut expression);
            assert_eq!(expression, after.parse().unwrap(), "{before}");
        }
    }

    #[test]
    fn a_type_that_a_text_names_is_followed() {
        let (from, to) = (name("mood"), name("feeling"));
        let renaming = Renaming::Type { from: &from, to: &to };
        for (before, after) in [
            ("'public.mood'::regtype", "'public.feeling'::regtype"),
            ("regtype 'mood[]'", "regtype 'public.feeling[]'"),
            ("'mood'::text", "'mood'::text"),
        ] {
            let mut expression: Expression = before.parse().unwrap();
            renaming.follow_expression(&mut expression);
            assert_eq!(expression, after.parse().unwrap(), "{before}");
        }
    }
}
