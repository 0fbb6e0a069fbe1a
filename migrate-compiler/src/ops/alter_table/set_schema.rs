//! `set schema archive`

use migrate_core::name::QualifiedName;
use migrate_core::operation::{MoveTable, owned_sequences};

use super::Action;
use crate::check::{Checker, Origin};
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

struct SetSchema {
    schema: Name,
}

/// Takes the action, where it begins here.
pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
    if !parser.cursor.take_words(&["set", "schema"]) {
        return Ok(None);
    }
    Ok(Some(Box::new(SetSchema { schema: parser.name("the new schema")? })))
}

impl Action for SetSchema {
    fn check(&self, head: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`set schema`");
        let (schema, at) = (&self.schema.value, self.schema.at);
        if *schema == table.value.schema {
            let text = format!("`{}` is already in schema `{schema}`", table.value);
            checker.report(Diagnostic::new(code::NO_CHANGE, text, at).help("remove it"));
            return;
        }
        let to = QualifiedName::in_schema(schema.clone(), table.value.name.clone());
        let brought = self.brought(&table.value, checker);
        let is_free = |name: &QualifiedName, checker: &mut Checker<'_>| {
            checker.relation_name_is_free(&Spanned { value: name.clone(), at }, code::DUPLICATE_TABLE)
        };
        if !checker.schema_exists(schema, at)
            || !is_free(&to, checker)
            || !brought.iter().all(|name| is_free(name, checker))
        {
            return;
        }
        checker.note_origin(Origin::Table(to.clone()), at);
        checker.emit(MoveTable { table: table.value.clone(), schema: schema.clone() }, at);
        checker.state.undeclared.rename(&table.value, &to);
        table.value = to;
    }
}

impl SetSchema {
    /// The names that come along: of indexes, of keys and of sequences.
    fn brought(&self, name: &QualifiedName, checker: &Checker<'_>) -> Vec<QualifiedName> {
        let catalog = checker.catalog();
        let Some(table) = catalog.table(name) else { return Vec::new() };
        let keys = table.constraints.iter().filter(|(_, constraint)| constraint.kind.has_index());
        let names = table.indexes.keys().chain(keys.map(|(key, _)| key)).cloned();
        let sequences = owned_sequences(catalog, name).into_iter().map(|id| id.name.name);
        let in_schema = |member: String| QualifiedName::in_schema(self.schema.value.clone(), member);
        names.chain(sequences).map(in_schema).collect()
    }
}
