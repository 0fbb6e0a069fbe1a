//! The kinds of objects that are alike, as a live database has them. One kind, one file: its query and its row.
//!
//! To add a kind: write the file, add its line to the list below.

use std::sync::Arc;

use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Object, ObjectId};
use serde::de::DeserializeOwned;

use super::placed::Placed;
use super::{Answers, IntrospectError, Introspection, Unreadable};

/// How objects of a kind are read.
trait Read: DeserializeOwned {
    /// What is read, for the message where it cannot be.
    const WHAT: &'static str;

    /// Answers one JSON object a row, in a fixed order; `$1` and `$2` are as in [`super::queries`].
    const QUERY: &'static str;

    /// Which object the row is about.
    fn id(&self, placed: &Placed) -> Result<ObjectId, String>;

    /// Its name, for the message where the rest cannot be read.
    fn name(&self) -> QualifiedName;

    /// Its comment.
    fn comment(&mut self) -> Option<String>;

    /// Whether it is not an object of its own, but a part of another one.
    fn is_left_out(&self) -> bool {
        false
    }

    /// What it is; the error is the text that cannot be read, and why.
    fn definition(self, placed: &Placed) -> Result<Definition, (String, String)>;
}

/// A query in which `spaces` are the schemas to look at, by oid and name, and `members` what belongs to extensions.
macro_rules! object_query {
    ($($part:expr),+ $(,)?) => {
        concat!(
            "SELECT row_to_json(found)::text FROM (
WITH spaces AS (
  SELECT oid, coalesce(nullif(nspname::text, $2::text), 'public') AS name
  FROM pg_namespace
  WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspname <> ALL ($1::text[])
    AND ($2::text IS NULL OR nspname = $2)
), members AS (
  SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
)
",
            $($part),+,
            "\n) AS found"
        )
    };
}

/// The function of an oid, as [`function_name::FunctionRow`].
macro_rules! function_of {
    ($oid:literal) => {
        concat!(
            "(SELECT json_build_object(
    'schema', coalesce(nullif(named_in.nspname::text, $2::text), 'public'), 'name', named.proname,
    'arguments', ARRAY(
      SELECT format_type(argument.type, -1)
      FROM unnest(named.proargtypes::oid[]) WITH ORDINALITY AS argument (type, place) ORDER BY argument.place))
  FROM pg_proc named JOIN pg_namespace named_in ON named_in.oid = named.pronamespace
  WHERE named.oid = ",
            $oid,
            ")"
        )
    };
}

fn add<Row: Read>(answers: &Answers, placed: &Placed, found: &mut Introspection) -> Result<(), IntrospectError> {
    for mut row in answers.rows::<Row>(Row::WHAT)? {
        if row.is_left_out() {
            continue;
        }
        let (name, comment) = (row.name(), row.comment());
        let id = match row.id(placed) {
            Ok(id) => id,
            Err(reason) => {
                let object = migrate_core::diff::Object::Table(name.clone());
                found.unreadable.push(Unreadable { object, text: name.to_string(), reason });
                continue;
            }
        };
        // What is not read is no place for what belongs to it.
        if id.table().is_some_and(|table| !found.catalog.has_relation(&table)) {
            continue;
        }
        match row.definition(placed) {
            Ok(definition) => {
                found.catalog.objects.insert(id, Arc::new(Object { comment, ..Object::new(definition) }));
            }
            Err((text, reason)) => {
                let object = migrate_core::diff::Object::Other(id);
                found.unreadable.push(Unreadable { object, text, reason });
            }
        }
    }
    Ok(())
}

mod function_name;

macro_rules! kinds {
    ($($module:ident),* $(,)?) => {
        $(mod $module;)*

        /// The query of each kind, with what it is of.
        pub(super) const QUERIES: &[(&str, &str)] = &[$((<$module::Row as Read>::WHAT, <$module::Row as Read>::QUERY)),*];

        /// Puts the objects of all kinds into what was found.
        pub(super) fn understand(
            answers: &Answers,
            placed: &Placed,
            found: &mut Introspection,
        ) -> Result<(), IntrospectError> {
            $(add::<$module::Row>(answers, placed, found)?;)*
            Ok(())
        }
    };
}

kinds! {
    schema,
    sequence,
    domain,
    composite_type,
    view,
    materialized_view,
    function,
    procedure,
    trigger,
    event_trigger,
    policy,
    default_privileges,
    statistics,
    range_type,
    rule,
    aggregate,
    collation,
    publication,
    cast,
    operator_family,
    operator_class,
    operator,
    foreign_data_wrapper,
    server,
    foreign_table,
    user_mapping,
    text_search_parser,
    text_search_template,
    text_search_dictionary,
    text_search_configuration,
}
