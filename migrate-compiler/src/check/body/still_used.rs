//! What a body still uses at the end of a migration must be there.

use migrate_core::catalog::{Catalog, Used};
use migrate_core::name::QualifiedName;
use migrate_core::object::{Kind, Namespace, ObjectId};
use migrate_core::operation::{Operate as _, Operation};
use migrate_core::token::At;

use crate::attribute::Allowance;
use crate::check::{Checker, Origin};
use crate::diagnostic::{Diagnostic, code};
use migrate_core::plan::Hazard;
use migrate_core::sorted::SortedSet;

/// What was taken away or renamed, and where.
#[derive(Clone, Debug)]
pub(in crate::check) struct Gone {
    used: Used,
    /// It for people, under the name it had then.
    told: String,
    at: At,
    is_renamed: bool,
    /// How many bodies of this migration were there before.
    waiting: usize,
}

impl Checker<'_> {
    /// Notes what an operation takes away or renames, for the bodies that use it.
    pub(in crate::check) fn note_gone(&mut self, operation: &Operation, at: At) {
        let is_unused = self.state.bodies.is_empty() && self.bodies.is_empty() && self.state.raw_users.is_empty();
        if is_unused || self.leaves_no_trace {
            return;
        }
        let before = &self.state.catalog;
        let mut gone = operation.removes(before);
        let is_renamed = gone.is_empty();
        note_old_names(operation, before, &mut gone);
        if !gone.is_empty() && !self.is_allowed(Allowance::Hazard(Hazard::UncheckedBody)) {
            let waiting = self.bodies.len();
            self.gone.extend(gone.into_iter().map(|used| Gone { told: told(&used), used, at, is_renamed, waiting }));
        }
    }

    /// Follows a table or a type that has another name: functions that take it are known by it, and those of the table's
    /// triggers use its columns without naming it.
    pub(in crate::check) fn follow_in_bodies(&mut self, operation: &Operation) {
        let moved = |schema: &String, name: &QualifiedName| QualifiedName::in_schema(schema.clone(), name.name.clone());
        let (from, to) = match operation {
            Operation::MoveExtension(one) => {
                let types = one.types(&self.state.catalog);
                return types.iter().for_each(|(from, to)| self.follow_name_in_bodies(from, to));
            }
            Operation::RenameObject(rename) if rename.id.kind == Kind::Schema => {
                let moves = rename.moves(&self.state.catalog);
                return moves.iter().for_each(|one| self.follow_in_bodies(one));
            }
            Operation::RenameObject(rename)
                if matches!(rename.id.kind.namespace(), Namespace::Type | Namespace::Relation) =>
            {
                (&rename.id.name, rename.to.clone())
            }
            Operation::RenameEnum(rename) => (&rename.from, rename.from.sibling(&rename.to)),
            Operation::RenameTable(rename) => (&rename.from, rename.from.sibling(&rename.to)),
            Operation::MoveEnum(one) => (&one.name, moved(&one.schema, &one.name)),
            Operation::MoveTable(one) => (&one.table, moved(&one.schema, &one.table)),
            _ => return,
        };
        self.follow_name_in_bodies(from, &to);
    }

    fn follow_name_in_bodies(&mut self, from: &QualifiedName, to: &QualifiedName) {
        if self.leaves_no_trace {
            return;
        }
        let takes_other_name = |id: &mut ObjectId| {
            for argument in &mut id.arguments {
                argument.rename(from, to);
            }
        };
        self.bodies.iter_mut().for_each(|waiting| takes_other_name(&mut waiting.id));
        // What is gone from the table is gone from it under its new name.
        let gone = self.gone.iter().filter_map(|gone| match &gone.used {
            Used::Column(table, column) if table == from => {
                Some(Gone { used: Used::Column(to.clone(), column.clone()), ..gone.clone() })
            }
            _ => None,
        });
        let gone: Vec<Gone> = gone.collect();
        self.gone.extend(gone);
        for (mut id, uses) in std::mem::take(&mut self.state.bodies) {
            takes_other_name(&mut id);
            self.state.bodies.insert(id, uses);
        }
        for uses in self.state.bodies.values_mut().filter(|uses| !uses.contains(&Used::Table(from.clone()))) {
            let of_table = |used: &Used| matches!(used, Used::Column(table, _) if table == from);
            let renamed: Vec<Used> = uses.iter().filter(|used| of_table(used)).cloned().collect();
            for used in renamed {
                uses.remove(&used);
                if let Used::Column(_, column) = used {
                    uses.insert(Used::Column(to.clone(), column));
                }
            }
        }
    }

    /// Whether a body, the one of this number in the migration, uses something that was there when it was made.
    pub(super) fn is_left_behind(&self, uses: &SortedSet<Used>, number: usize) -> bool {
        let is_one = |gone: &Gone| number < gone.waiting && uses.contains(&gone.used);
        self.gone.iter().any(|gone| is_one(gone) && !is_there(&gone.used, &self.state.catalog))
    }

    /// Reports the bodies that use what is gone, without those that are wrong by themselves.
    pub(in crate::check) fn report_gone(&mut self, wrong: &SortedSet<ObjectId>) {
        let mut reported: SortedSet<(ObjectId, u32)> = SortedSet::new();
        for Gone { used, told: what, at, is_renamed, .. } in std::mem::take(&mut self.gone) {
            if is_there(&used, &self.state.catalog) {
                continue;
            }
            let verb = if is_renamed { "rename" } else { "drop" };
            let raw = self.state.raw_users.iter().filter(|user| user.is_text() && user.uses(&used));
            let mistakes: Vec<Diagnostic> = raw.map(|user| user.in_the_way(verb, &what, at)).collect();
            mistakes.into_iter().for_each(|mistake| self.report(mistake));
            let users = self
                .state
                .bodies
                .iter()
                .filter(|(id, uses)| uses.contains(&used) && self.state.catalog.object(id).is_some());
            let users: Vec<ObjectId> = users.map(|(id, _)| id.clone()).collect();
            for id in users {
                if wrong.contains(&id) || !reported.insert((id.clone(), at.start)) {
                    continue;
                }
                let noun = id.kind.noun();
                let mut mistake = Diagnostic::new(
                    code::UNCHECKED_BODY,
                    format!("cannot {verb} {what}, because the body of {} uses it", id.told()),
                    at,
                )
                .help(format!(
                    "change its body afterwards with `create or replace {noun} {}(...)`, or drop it",
                    id.name
                ))
                .help("if nothing calls it anymore, write `#[allow(unchecked_body, reason = \"...\")]` before this");
                let origin = self.state.made_in(&format!("`{}`", id.name), &Origin::Object(id.clone()));
                mistake.notes.extend(origin);
                self.report(mistake);
            }
        }
    }
}

pub(super) fn told(used: &Used) -> String {
    match used {
        Used::Extension(name) => format!("extension `{name}`"),
        Used::Type(name) => format!("type `{name}`"),
        Used::Value(name, value) => format!("value `{value}` of enum `{name}`"),
        Used::Table(name) => format!("`{name}`"),
        Used::Column(of, column) => format!("column `{column}` of `{of}`"),
        Used::Key(table, _) => format!("a key of `{table}`"),
        Used::Object(id) => id.told(),
        Used::Function(name) => format!("function `{name}`"),
    }
}

fn is_there(used: &Used, catalog: &Catalog) -> bool {
    match used {
        Used::Extension(name) => catalog.extensions.contains_key(name),
        Used::Type(name) => catalog.has_type(name),
        Used::Value(name, value) => catalog.enums.get(name).is_some_and(|definition| definition.has(value)),
        Used::Table(name) => catalog.has_relation(name) || catalog.owner_of_identity(name).is_some(),
        Used::Column(of, column) => catalog.has_field(of, column),
        // A body does not need the key itself.
        Used::Key(..) => true,
        Used::Object(id) => catalog.object(id).is_some(),
        Used::Function(name) => catalog.has_routine(name),
    }
}

/// What has another name after an operation, under the name it had.
fn note_old_names(operation: &Operation, before: &Catalog, names: &mut SortedSet<Used>) {
    match operation {
        Operation::RenameTable(rename) => {
            names.insert(Used::Table(rename.from.clone()));
        }
        Operation::MoveTable(moved) => {
            names.insert(Used::Table(moved.table.clone()));
            names.extend(before.sequences_with(&moved.table, None).into_iter().map(Used::Table));
        }
        Operation::MoveEnum(moved) => {
            names.insert(Used::Type(moved.name.clone()));
        }
        Operation::MoveExtension(moved) => {
            names.extend(moved.types(before).into_iter().map(|(from, _)| Used::Type(from)));
            names.extend(moved.functions(before).into_iter().map(Used::Function));
        }
        Operation::RenameColumn(rename) => {
            names.insert(Used::Column(rename.table.clone(), rename.from.clone()));
        }
        Operation::RenameEnum(rename) => {
            names.insert(Used::Type(rename.from.clone()));
        }
        Operation::RenameEnumValue(rename) => {
            names.insert(Used::Value(rename.name.clone(), rename.from.clone()));
        }
        Operation::SetIdentity(identity) => {
            names.extend(identity.renames(before).map(|(from, _)| Used::Table(from)));
        }
        Operation::RawSql(raw) => {
            names.extend(raw.renamed_sequences(before).into_iter().map(Used::Table));
        }
        Operation::RenameObject(rename) => {
            names.extend(before.known_as(&rename.id));
            rename.moves(before).iter().for_each(|one| note_old_names(one, before, names));
        }
        _ => {}
    }
}
