//! Each operation, as the items that mean it.

use migrate_core::catalog::Catalog;
use migrate_core::name::DEFAULT_SCHEMA;
use migrate_core::object::{Kind, ObjectId};
use migrate_core::operation::{CommentTarget, Operation};

use super::{
    Piece, Printed, Unprintable, alteration, bracketed, comment, enumeration, index, name, object, privileges,
    qualified, raw_sql, rows, settings, table,
};

/// The pieces of an operation.
pub(super) fn pieces(operation: &Operation, before: &Catalog) -> Printed<Vec<Piece>> {
    pieces_with(operation, before, &[])
}

/// The same where some columns are serial: what makes their sequences is left out.
pub(super) fn pieces_with(operation: &Operation, before: &Catalog, serials: &[String]) -> Printed<Vec<Piece>> {
    let item = |text: String| Ok(vec![Piece::item(text)]);
    match operation {
        Operation::CreateExtension(create) => {
            let schema = create.schema.as_ref().map_or_else(String::new, |schema| format!(" schema {}", name(schema)));
            let target = CommentTarget::Extension(create.name.clone());
            let (lines, after) = comment::split(create.comment.as_deref(), &target);
            let create = Piece::item(format!("create extension {}{schema}", name(&create.name))).with_comment(lines);
            Ok(std::iter::once(create).chain(after).collect())
        }
        Operation::MoveExtension(moved) => {
            let schema = moved.schema.as_deref().unwrap_or(DEFAULT_SCHEMA);
            item(format!("alter extension {} set schema {}", name(&moved.name), name(schema)))
        }
        Operation::UpdateExtension(update) => {
            let version =
                update.version.as_ref().map_or_else(String::new, |version| format!(" to {}", super::text(version)));
            item(format!("alter extension {} update{version}", name(&update.name)))
        }
        Operation::DropExtension(drop) => item(format!("drop extension {}", name(&drop.name))),
        Operation::CreateEnum(create) => {
            let mut pieces = enumeration::create(&create.name, &create.definition);
            let target = migrate_core::catalog::AccessTarget::Enum(create.name.clone());
            pieces.extend(privileges::access(&target, &create.definition.access)?);
            Ok(pieces)
        }
        Operation::DropEnum(drop) => item(format!("drop enum {}", qualified(&drop.name))),
        Operation::RenameEnum(rename) => {
            Ok(vec![Piece::action(enumeration::alter(&rename.from), format!("rename to {}", name(&rename.to)))])
        }
        Operation::AddEnumValue(add) => Ok(vec![enumeration::add(add)]),
        Operation::RemoveEnumValue(remove) => {
            Ok(vec![Piece::action(enumeration::alter(&remove.name), format!("drop {}", name(&remove.value)))])
        }
        Operation::RenameEnumValue(rename) => {
            let text = format!("rename {} to {}", name(&rename.from), name(&rename.to));
            Ok(vec![Piece::action(enumeration::alter(&rename.name), text)])
        }
        Operation::CreateTable(create) => table::create(&create.name, &create.definition, serials, before),
        Operation::DropTable(drop) => item(format!("drop table {}", qualified(&drop.name))),
        Operation::RenameTable(rename) => {
            Ok(alteration::action(&rename.from, format!("rename to {}", name(&rename.to))))
        }
        Operation::AddColumn(add) => alteration::add_column(add, serials.contains(&add.column.name), before),
        Operation::DropColumn(drop) => Ok(alteration::action(&drop.table, format!("drop {}", name(&drop.column)))),
        Operation::RenameColumn(rename) => {
            let text = format!("rename {} to {}", name(&rename.from), name(&rename.to));
            Ok(match before.with_columns(&rename.table) {
                Some((id, _)) => vec![crate::object::action(id, text)],
                None => alteration::action(&rename.table, text),
            })
        }
        Operation::ChangeType(change) => alteration::change_type(change, before),
        Operation::SetDefault(set) => alteration::set_default(set, before),
        Operation::SetNullability(set) => {
            let verb = if set.nullable { "drop" } else { "set" };
            Ok(alteration::action(&set.table, format!("alter {} {verb} not null", name(&set.column))))
        }
        Operation::SetOnUpdate(set) => alteration::set_on_update(set, before),
        Operation::SetRowSecurity(set) => Ok(alteration::set_row_security(set, before)),
        Operation::SetTableSettings(set) => {
            let was = before.table(&set.table).map(|table| table.settings.clone()).unwrap_or_default();
            Ok(settings::change_table(&set.table, &was, &set.settings))
        }
        Operation::SetCollation(set) => alteration::set_collation(set, before),
        Operation::SetColumnSettings(set) => {
            let column = before.table(&set.table).and_then(|table| table.column(&set.column));
            let was = column.map(|column| column.settings.clone()).unwrap_or_default();
            Ok(settings::change_column(&set.table, &set.column, &was, &set.settings))
        }
        Operation::SetIdentity(set) => {
            let column = before.table(&set.table).and_then(|table| table.column(&set.column));
            settings::set_identity(set, column)
        }
        Operation::SetExpression(set) => {
            let expression = bracketed(&set.expression, before)?;
            Ok(alteration::action(&set.table, format!("alter {} set expression as {expression}", name(&set.column))))
        }
        Operation::DropExpression(drop) => {
            Ok(alteration::action(&drop.table, format!("alter {} drop expression", name(&drop.column))))
        }
        Operation::MoveTable(moved) => {
            Ok(alteration::action(&moved.table, format!("set schema {}", name(&moved.schema))))
        }
        Operation::MoveEnum(moved) => {
            Ok(vec![Piece::action(enumeration::alter(&moved.name), format!("set schema {}", name(&moved.schema)))])
        }
        Operation::AddConstraint(add) => alteration::add_constraint(add, before),
        Operation::DropConstraint(drop) => {
            Ok(alteration::action(&drop.table, format!("drop constraint {}", name(&drop.name))))
        }
        Operation::ValidateConstraint(validate) => {
            Ok(alteration::action(&validate.table, format!("validate constraint {}", name(&validate.name))))
        }
        Operation::AlterConstraint(alter) => Ok(alteration::alter_constraint(alter)),
        Operation::RenameConstraint(rename) => {
            let text = format!("rename constraint {} to {}", name(&rename.from), name(&rename.to));
            Ok(alteration::action(&rename.table, text))
        }
        Operation::AttachPartition(attach) => alteration::attach(attach, before),
        Operation::DetachPartition(detach) => {
            Ok(alteration::action(&detach.table, format!("detach partition {}", qualified(&detach.partition))))
        }
        Operation::Inherit(inherit) => {
            Ok(alteration::action(&inherit.table, format!("inherit {}", qualified(&inherit.parent))))
        }
        Operation::NoInherit(end) => {
            Ok(alteration::action(&end.table, format!("no inherit {}", qualified(&end.parent))))
        }
        Operation::CreateIndex(create) => index::create(&create.table, &create.name, &create.index, before),
        Operation::DropIndex(drop) => {
            item(format!("drop index {}", qualified(&drop.table.sibling(drop.name.as_str()))))
        }
        Operation::RenameIndex(rename) => {
            let index = qualified(&rename.table.sibling(rename.from.as_str()));
            item(format!("alter index {index} rename to {}", name(&rename.to)))
        }
        Operation::SetIndexSettings(set) => {
            let Some(known) = set.index(before) else {
                return Err(Unprintable::new(format!("the index `{}`", set.name), "it does not exist"));
            };
            Ok(index::settings(&set.table.sibling(set.name.as_str()), &known, (&set.parameters, &set.statistics)))
        }
        Operation::CreateObject(create) => object::create(&create.id, &create.object, before),
        Operation::ChangeObject(change) => object::change(&change.id, &change.definition, before),
        Operation::RenameObject(rename) => Ok(object::rename(&rename.id, &rename.to)),
        Operation::DropObject(drop) => object::drop(&drop.id, before),
        Operation::RefreshView(refresh) => {
            let data = if refresh.with_data { "" } else { " with no data" };
            item(format!("refresh materialized view {}{data}", qualified(&refresh.name)))
        }
        Operation::RestartSequence(restart) => {
            let with = restart.value.map_or_else(String::new, |value| format!(" with {value}"));
            Ok(match before.owner_of_identity(&restart.sequence) {
                Some((table, column)) => {
                    alteration::action(table, format!("alter {} restart{with}", name(&column.name)))
                }
                None => {
                    let id = ObjectId::new(Kind::Sequence, restart.sequence.clone());
                    vec![crate::object::action(&id, format!("restart{with}"))]
                }
            })
        }
        Operation::RefreshCollation(refresh) => {
            Ok(vec![crate::object::action(&refresh.id, "refresh version".to_owned())])
        }
        Operation::SetComment(set) => Ok(vec![comment::comment_on(&set.target, set.comment.as_deref())]),
        Operation::SetGrants(set) => privileges::set(set, &set.target.grants(before)),
        Operation::SetOwner(set) => match &set.owner {
            Some(owner) => Ok(vec![privileges::owner(&set.target, owner)]),
            None => {
                let what = format!("the owner of {}", set.target.told());
                Err(Unprintable::new(what, "it is again the role that ran the migration, which is not known"))
            }
        },
        Operation::InsertRows(insert) => Ok(vec![rows::insert(insert, before)?]),
        Operation::DeleteRows(delete) => Ok(vec![rows::delete(&delete.table, delete.condition.as_ref(), before)?]),
        Operation::UpdateRows(update) => {
            Ok(vec![rows::update(&update.table, &update.assignments, update.condition.as_ref(), before)?])
        }
        Operation::RunStatement(run) => item(super::expression::statement(&run.statement, before)?),
        Operation::CallProcedure(call) => {
            let outside = if call.in_transaction { "" } else { " outside transaction" };
            item(format!("call {}{outside}", super::expression::expression(&call.call, before)?))
        }
        Operation::TruncateTables(truncate) => Ok(vec![rows::truncate(truncate)]),
        Operation::BackfillRows(backfill) => Ok(vec![rows::backfill(backfill, before)?]),
        Operation::RawSql(raw) => Ok(vec![raw_sql::sql(raw, before)?]),
        Operation::RunFunction(run) => Ok(vec![raw_sql::run(run)]),
    }
}
