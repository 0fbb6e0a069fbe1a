//! Putting an object back after what it is built on has changed: it is checked again, as it would be where it is written.

use migrate_core::object::{Body, Define as _, Definition, Object, ObjectId, Procedure, RelationColumn};
use migrate_core::token::At;

use crate::check::{Checker, Context, Origin};
use crate::diagnostic::{Diagnostic, code};
use crate::parser::Spanned;

impl Checker<'_> {
    /// The object as it is after the change; reported where it does not fit anymore.
    pub(crate) fn refitted(&mut self, id: &ObjectId, mut object: Object, at: At) -> Option<Object> {
        let known = self.mistakes();
        if let Some((query, columns)) = object.definition.query_mut() {
            let outputs = self.query(query, Some(at));
            if let Some(outputs) = outputs {
                let names = std::mem::take(columns);
                let column = |(before, output): (RelationColumn, crate::check::query::Output)| RelationColumn {
                    name: before.name,
                    data_type: output.data_type,
                    nullable: output.nullable,
                };
                *columns = names.into_iter().zip(outputs).map(column).collect();
            }
        }
        if let Definition::MaterializedView(view) = &object.definition {
            let table = view.as_table();
            for index in view.indexes.values() {
                for key in &index.keys {
                    let written = Spanned { value: key.expression.clone(), at };
                    self.column_expression(&written, &id.name, &table, Context::Index);
                }
                if let Some(predicate) = &index.predicate {
                    let written = Spanned { value: predicate.clone(), at };
                    self.condition(&written, &id.name, &table, Context::IndexPredicate);
                }
            }
        }
        if let (Definition::Policy(policy), Some(name)) = (&mut object.definition, id.table())
            && let Some(table) = self.state.catalog.tables.get(&name).cloned()
        {
            for condition in policy.using.iter_mut().chain(policy.check.iter_mut()) {
                let written = Spanned { value: condition.clone(), at };
                if let Some(checked) = self.condition(&written, &name, &table, Context::Policy) {
                    *condition = checked;
                }
            }
        }
        if let Definition::Function(function) | Definition::Procedure(Procedure(function)) = &mut object.definition
            && let Some(mut body) = function.body.standard().cloned()
        {
            // What it was made of is in full names, which mean the same here.
            if self.standard_body(id, function, &mut body, Some(at)).is_some() {
                function.body = Body::Standard(body);
            }
        }
        let Some(misfit) = self.take_mistakes_since(known).into_iter().next() else { return Some(object) };
        let mut mistake = Diagnostic::new(code::STILL_NEEDED, format!("{id} would not be valid after this change"), at)
            .help("change or drop it first, and create it again afterwards")
            .note(misfit.message);
        mistake.notes.extend(self.state.made_in("it", &Origin::Object(id.clone())));
        self.report(mistake);
        None
    }
}
