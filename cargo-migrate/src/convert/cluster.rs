//! The index by which `CLUSTER` orders the rows of a table, which PostgreSQL remembers and no catalog of ours has.

use migrate_runtime::core::name::QualifiedName;
use migrate_runtime::core::sql::{Writer, lex};
use migrate_runtime::core::token::{Bracket, Cursor, Token};

/// Why it is raw SQL.
pub(super) const WHY: &str = "the language cannot express the physical order of rows";

/// What makes it that index, or none anymore, without anything else: `ALTER TABLE t CLUSTER ON i`.
/// `schema` is where a table is found whose schema is not written.
pub(super) fn order(sql: &str, schema: impl Fn(&str) -> String) -> Option<String> {
    let tokens = lex(sql).ok()?;
    let mut cursor = Cursor::of_sql(&tokens);
    if cursor.take_word("cluster") {
        if cursor.is_open(Bracket::Round) {
            while !matches!(cursor.next(), Token::Close(_) | Token::End) {}
        }
        cursor.take_word("verbose");
        let table = table(&mut cursor, &schema)?;
        return cursor.take_word("using").then(|| name(&mut cursor)).flatten().map(|index| on(&table, &index));
    }
    if !cursor.take_words(&["alter", "table"]) && !cursor.take_words(&["alter", "materialized", "view"]) {
        return None;
    }
    cursor.take_words(&["if", "exists"]);
    cursor.take_word("only");
    let table = table(&mut cursor, &schema)?;
    cursor.take_symbol('*');
    // What was said last counts.
    let mut order = None;
    let mut begins = true;
    loop {
        if begins && cursor.take_words(&["cluster", "on"]) {
            order = name(&mut cursor).map(|index| on(&table, &index)).or(order);
        } else if begins && cursor.take_words(&["set", "without", "cluster"]) {
            order = Some(Writer::new().keyword("ALTER TABLE").name(&table).keyword("SET WITHOUT CLUSTER").finish());
        }
        match cursor.next() {
            Token::End => return order,
            token => begins = matches!(token, Token::Symbol { symbol: ',', .. }),
        }
    }
}

fn on(table: &QualifiedName, index: &str) -> String {
    Writer::new().keyword("ALTER TABLE").name(table).keyword("CLUSTER ON").identifier(index).finish()
}

fn name(cursor: &mut Cursor<'_>) -> Option<String> {
    match cursor.next() {
        Token::Word(name) | Token::QuotedWord(name) => Some(name.clone()),
        _ => None,
    }
}

fn table(cursor: &mut Cursor<'_>, schema: &dyn Fn(&str) -> String) -> Option<QualifiedName> {
    let first = name(cursor)?;
    match cursor.take_symbol('.') {
        true => Some(QualifiedName::in_schema(first, name(cursor)?)),
        false => Some(QualifiedName::in_schema(schema(&first), first)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_found_among_other_changes() {
        for (sql, expected) in [
            ("CLUSTER app.t USING i", Some("ALTER TABLE app.t CLUSTER ON i")),
            ("cluster (verbose) t using \"I\"", Some("ALTER TABLE s.t CLUSTER ON \"I\"")),
            ("CLUSTER t", None),
            ("CLUSTER", None),
            ("ALTER TABLE t ADD a int, CLUSTER ON i, ALTER b DROP DEFAULT", Some("ALTER TABLE s.t CLUSTER ON i")),
            ("ALTER TABLE IF EXISTS ONLY t SET WITHOUT CLUSTER", Some("ALTER TABLE s.t SET WITHOUT CLUSTER")),
            ("ALTER TABLE t CLUSTER ON i, SET WITHOUT CLUSTER", Some("ALTER TABLE s.t SET WITHOUT CLUSTER")),
            ("ALTER TABLE t ADD cluster text", None),
            ("CREATE INDEX i ON t (cluster)", None),
        ] {
            let found = order(sql, |_| "s".to_owned());
            assert_eq!(found.as_deref(), expected, "{sql}");
        }
    }
}
