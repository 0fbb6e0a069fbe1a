use super::named_in_text::is_name;
use crate::token::Token;
use crate::types::{BuiltIn, Type};

/// What a text among the tokens of SQL is read as, where it is a name: that of `nextval('...')`, `to_regclass('...')`,
/// `regclass '...'`, `'...'::regclass` and `cast('...' as regclass)`.
pub(crate) fn text_read_as<'t>(token: impl Fn(usize) -> Option<&'t Token>, index: usize) -> Option<BuiltIn> {
    let word = |index: usize| match token(index) {
        Some(Token::Word(word) | Token::QuotedWord(word)) => Some(word.as_str()),
        _ => None,
    };
    let is_symbol =
        |index: usize, wanted: char| matches!(token(index), Some(Token::Symbol { symbol, .. }) if *symbol == wanted);
    let type_at = |index: usize| {
        let is_full = word(index) == Some("pg_catalog") && is_symbol(index + 1, '.');
        type_of_names(word(if is_full { index + 2 } else { index })?)
    };
    if is_symbol(index + 1, ':') && is_symbol(index + 2, ':') {
        return type_at(index + 3);
    }
    // Behind `as` may also be the name of a column of the result.
    if word(index + 1) == Some("as")
        && let Some(read_as) = type_at(index + 2)
    {
        return Some(read_as);
    }
    let before = index.checked_sub(1)?;
    if !matches!(token(before), Some(Token::Open(_))) {
        return type_of_names(word(before)?);
    }
    let function = word(before.checked_sub(1)?)?;
    function
        .strip_prefix("to_")
        .and_then(type_of_names)
        .or_else(|| first_argument_read_as(function, is_symbol(index + 1, ',')))
}

/// The type of this name, where a text that is read as it is a name.
fn type_of_names(name: &str) -> Option<BuiltIn> {
    match name.parse() {
        Ok(Type::BuiltIn(read_as)) if is_name(read_as) => Some(read_as),
        _ => None,
    }
}

/// What a function of PostgreSQL's own reads its first argument as, where it is a name; `has_more` if that is not its only one.
/// [`argument_read_as`](super::argument_read_as) says the same, from the system catalog, which is larger than all else that a
/// binary needs to bring a database up to date.
fn first_argument_read_as(function: &str, has_more: bool) -> Option<BuiltIn> {
    match function {
        "brin_desummarize_range"
        | "brin_summarize_new_values"
        | "brin_summarize_range"
        | "currval"
        | "gin_clean_pending_list"
        | "nextval"
        | "pg_column_is_updatable"
        | "pg_extension_config_dump"
        | "pg_get_replica_identity_index"
        | "pg_get_sequence_data"
        | "pg_index_column_has_property"
        | "pg_index_has_property"
        | "pg_indexes_size"
        | "pg_nextoid"
        | "pg_partition_ancestors"
        | "pg_partition_root"
        | "pg_partition_tree"
        | "pg_relation_filenode"
        | "pg_relation_filepath"
        | "pg_relation_is_publishable"
        | "pg_relation_is_updatable"
        | "pg_relation_size"
        | "pg_sequence_last_value"
        | "pg_table_size"
        | "pg_total_relation_size"
        | "setval"
        | "table_to_xml"
        | "table_to_xml_and_xmlschema"
        | "table_to_xmlschema" => Some(BuiltIn::RegClass),
        "pg_basetype" => Some(BuiltIn::RegType),
        "pg_import_system_collations" => Some(BuiltIn::RegNamespace),
        "ts_lexize" => Some(BuiltIn::RegDictionary),
        "phraseto_tsquery" | "plainto_tsquery" | "to_tsquery" | "to_tsvector" | "ts_debug" | "websearch_to_tsquery" => {
            has_more.then_some(BuiltIn::RegConfig)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::argument_read_as;
    use crate::system::function_names;

    #[test]
    fn functions_that_read_their_first_argument_as_a_name_are_those_of_the_system_catalog() {
        // The output functions of the types themselves are called with a text by nobody.
        let is_output = |name: &str| name.starts_with("reg") && (name.ends_with("out") || name.ends_with("send"));
        for (name, _) in function_names().filter(|(name, extension)| extension.is_none() && !is_output(name)) {
            let [one, two] = [1, 2].map(|count| argument_read_as(name, 0, count));
            assert_eq!(first_argument_read_as(name, false), one, "{name}");
            assert_eq!(first_argument_read_as(name, true), two.or(one), "{name}");
        }
    }
}
