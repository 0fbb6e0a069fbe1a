//! `sql`

use migrate_core::history::Direction;
use serde::Serialize;

use super::context::{Context, Outcome};
use super::exit::Exit;
use super::versions::RangeArgument;
use crate::script::ScriptRange;

/// Print an SQL script to run by hand; needs no database.
///
/// It is complete: transactions, the history table and its rows, so that the result is the same as that of `up` or
/// `down`. The script itself checks that the database is where the range begins.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Sql {
    /// FROM..TO: the migrations after FROM, up to and including TO; VERSION: only that one [default: everything]
    #[arg(value_name = "FROM..TO")]
    pub range: Option<RangeArgument>,
    /// Print the script that reverts them, the last one first
    #[arg(long)]
    pub down: bool,
}

#[derive(Serialize)]
struct SqlJson<'s> {
    direction: &'static str,
    sql: &'s str,
}

impl Sql {
    pub(super) fn run(self, context: &mut Context) -> Outcome {
        let range = match &self.range {
            Some(range) => range.resolve(&context.migrator)?,
            None => ScriptRange::default(),
        };
        let direction = if self.down { Direction::Down } else { Direction::Up };
        let sql = context.migrator.script(direction, range)?;
        if context.options.json {
            context.output.json(&SqlJson { direction: direction.code(), sql: &sql });
        } else {
            context.output.result(&sql);
        }
        Ok(Exit::Success)
    }
}
