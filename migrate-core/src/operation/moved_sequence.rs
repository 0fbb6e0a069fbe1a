//! Bringing a sequence along with the values of its column.

use crate::catalog::Column;
use crate::expression::{Expression, ExpressionKind};
use crate::name::QualifiedName;
use crate::sql::Writer;

/// Whether a column takes its values from a sequence where none are given: an identity column, or one whose default is
/// the next value of a sequence.
pub(super) fn is_numbered(column: &Column) -> bool {
    let calls_next =
        |default: &Expression| matches!(&default.kind, ExpressionKind::Call(call) if call.name == "nextval");
    column.identity.is_some() || column.default.as_ref().is_some_and(calls_next)
}

/// How many numbers of a sequence are drawn one by one.
const SHORT_WAY: u32 = 1000;

/// Moves the sequence of a column beyond the values of the table, so that the next insert of somebody else does not
/// collide. It never moves back, whoever draws numbers meanwhile: a short way is gone number by number, and a long one
/// in a leap, which nobody overtakes between two lines of a statement.
pub(super) fn move_sequence(table: &QualifiedName, column: &str) -> String {
    let named_table = Writer::new().name(table).finish();
    let named = Writer::new()
        .keyword("SELECT pg_catalog.pg_get_serial_sequence")
        .list([named_table.as_str(), column], |writer, text| writer.literal(text))
        .keyword("::pg_catalog.regclass AS sequence")
        .finish();
    let given = Writer::new()
        .keyword("SELECT pg_catalog.max")
        .list([column], |writer, column| writer.identifier(column))
        .keyword("AS highest FROM")
        .name(table)
        .finish();
    let drawn = "SELECT coalesce(pg_catalog.pg_sequence_last_value(seqrelid), seqstart - 1) AS last, \
                 seqincrement AS step FROM pg_catalog.pg_sequence WHERE seqrelid = sequence";
    let next = "SELECT pg_catalog.max(greatest(pg_catalog.nextval(sequence), number)) \
                FROM pg_catalog.generate_series(last + step, highest, step) AS number";
    format!(
        "SELECT CASE WHEN (highest - last) / step <= {SHORT_WAY} THEN ({next}) \
         ELSE pg_catalog.setval(sequence, highest) END \
         FROM ({named}) AS named, ({given}) AS given, LATERAL ({drawn}) AS drawn WHERE step > 0 AND highest > last"
    )
}
