//! Which other tools have migrated a database, and how far: for development tools.

use migrate_core::adopt::{Adoption, NotAdopted, Obstacle, RowState, Tool, checksum};
use migrate_core::name::QualifiedName;
use migrate_core::plan::Migration;
use migrate_core::sql::quote_literal;
use sqlx::{Connection as _, PgConnection};

use crate::connection::text;
use crate::error::Error;
use crate::introspect;
use crate::message::command;
use crate::tool_table::{rows, shape_of};

/// A tool that has recorded something in a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundTool {
    /// The tool.
    pub tool: Tool,
    /// Its table.
    pub table: QualifiedName,
    /// What a history must declare to continue from here; or why it cannot.
    pub adoption: Result<Adoption, NotAdopted>,
}

/// The tools whose tables are in a database, found by the names of their tables, without those in which nothing is
/// recorded. Changes nothing. The connection must not be in a transaction.
///
/// # Errors
/// A query fails.
pub async fn find(connection: &mut PgConnection) -> Result<Vec<FoundTool>, Error> {
    let names: Vec<String> = Tool::ALL.iter().map(|tool| quote_literal(&tool.table().name)).collect();
    let sql = format!(
        "SELECT space.nspname::text, class.relname::text FROM pg_catalog.pg_class AS class \
         JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace \
         WHERE class.relkind = 'r' AND space.nspname !~ '^pg_' AND class.relname IN ({}) ORDER BY 2, 1",
        names.join(", ")
    );
    let mut transaction = connection.begin_with(introspect::BEGIN).await.map_err(failed)?;
    command(&mut transaction, crate::message::SAFE_PATH.to_string()).await.map_err(failed)?;
    let mut found = Vec::new();
    for row in command(&mut transaction, sql).await.map_err(failed)? {
        let table = QualifiedName::in_schema(text(&row, 0), text(&row, 1));
        let shape = shape_of(&mut transaction, &table).await.map_err(failed)?;
        let mut beside = Vec::new();
        for other in Tool::ALL.iter().flat_map(|tool| tool.other_tables()).copied() {
            let is_there = shape_of(&mut transaction, &table.sibling(other)).await.map_err(failed)?.kind == "r";
            beside.extend(is_there.then_some(other));
        }
        let Some(tool) = shape.tool(&table.name, |name| beside.contains(&name)) else { continue };
        let adoption = read_table(&mut transaction, tool, &table).await?;
        let is_empty = adoption.as_ref().is_ok_and(|adoption| adoption.versions.is_empty());
        if !is_empty {
            found.push(FoundTool { tool, table, adoption });
        }
    }
    transaction.rollback().await.map_err(failed)?;
    Ok(found)
}

/// What a history must declare to continue from the state in a tool's table; without versions if nothing is recorded
/// there. Changes nothing. The connection must not be in a transaction.
///
/// # Errors
/// A query fails.
pub async fn read(
    connection: &mut PgConnection,
    tool: Tool,
    table: &QualifiedName,
) -> Result<Result<Adoption, NotAdopted>, Error> {
    let mut transaction = connection.begin_with(introspect::BEGIN).await.map_err(failed)?;
    let adoption = read_table(&mut transaction, tool, table).await?;
    transaction.rollback().await.map_err(failed)?;
    Ok(adoption)
}

/// Where a database does not match these migrations, one line each: what a start with them would refuse. Other objects
/// are ignored, and so is what belongs to the tool. Changes nothing. The connection must not be in a transaction.
///
/// # Errors
/// A query fails.
pub async fn differences(
    connection: &mut PgConnection,
    migrations: &[Migration],
    adoption: &Adoption,
) -> Result<Vec<String>, Error> {
    crate::run::differences(connection, migrations, adoption).await
}

async fn read_table(
    connection: &mut PgConnection,
    tool: Tool,
    table: &QualifiedName,
) -> Result<Result<Adoption, NotAdopted>, Error> {
    let nothing = Adoption { tool, table: table.clone(), versions: Vec::new(), checksum: None };
    let rows = match rows(connection, &nothing).await.map_err(failed)? {
        Ok(rows) => rows,
        Err(refused) => return Ok(Err(refused)),
    };
    let of = |state: RowState| rows.iter().filter(move |row| row.state == state).map(|row| row.version.clone());
    let failed: Vec<String> = of(RowState::Failed).collect();
    if !failed.is_empty() {
        return Ok(Err(nothing.refused(Obstacle::Failed(failed))));
    }
    let versions = of(RowState::Applied).collect();
    Ok(Ok(Adoption { versions, checksum: Some(checksum(tool, &rows)), ..nothing }))
}

fn failed(source: sqlx::Error) -> Error {
    Error::Database { doing: "read the tables of other tools", source }
}
