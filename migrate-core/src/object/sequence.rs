use super::kind::Facts;
use super::{Define, Namespace, ObjectId, Renaming, compared};
use crate::catalog::{Catalog, Scope, Securable, Table, Used};
use crate::json::ToJson;
use crate::name::{QualifiedName, object_name};
use crate::plan::Lowering;
use crate::sorted::SortedSet;
use crate::sql::Writer;
use crate::types::Type;

/// A sequence that stands by itself, owned by a column or not. That of an identity column belongs to the column.
///
/// What is `None` is as PostgreSQL chooses it from the type and the direction
/// (<https://www.postgresql.org/docs/current/sql-createsequence.html>).
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Sequence {
    /// `smallint`, `integer` or `bigint`.
    pub data_type: Type,
    /// `INCREMENT BY`
    pub increment: i64,
    /// `MINVALUE`
    pub minimum: i64,
    /// `MAXVALUE`
    pub maximum: i64,
    /// `START WITH`
    pub start: i64,
    /// `CACHE`
    pub cache: i64,
    /// `CYCLE`
    pub cycle: bool,
    /// `OWNED BY`: the table, in the schema of the sequence, and the column.
    pub owned_by: Option<(String, String)>,
    /// Whether it is logged, where that is said: else as its table is, or as PostgreSQL makes it (15).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logged: Option<bool>,
    /// The name that the one of an identity has, where it is not made of the names of the table and the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What is written of a sequence: `None` is for PostgreSQL to choose.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SequenceOptions {
    /// `AS`
    pub data_type: Option<Type>,
    /// `INCREMENT BY`
    pub increment: Option<i64>,
    /// `MINVALUE`
    pub minimum: Option<i64>,
    /// `MAXVALUE`
    pub maximum: Option<i64>,
    /// `START WITH`
    pub start: Option<i64>,
    /// `CACHE`
    pub cache: Option<i64>,
    /// `CYCLE`
    pub cycle: bool,
    /// `OWNED BY`
    pub owned_by: Option<(String, String)>,
    /// `LOGGED`, `UNLOGGED`
    pub logged: Option<bool>,
    /// `SEQUENCE NAME`, of an identity
    pub name: Option<String>,
}

/// One of them, as a mistake names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SequenceOption {
    /// `AS`
    Type,
    /// `INCREMENT BY`
    Increment,
    /// `MINVALUE`
    Minimum,
    /// `MAXVALUE`
    Maximum,
    /// `START WITH`
    Start,
    /// `CACHE`
    Cache,
}

impl SequenceOptions {
    /// The sequence that PostgreSQL makes of them (`init_params` in `sequence.c`); or why it refuses.
    ///
    /// # Errors
    /// A value that the others or the type rule out: the options that can be blamed, the likeliest one first, and why, as a clause.
    pub fn complete(self) -> Result<Sequence, (&'static [SequenceOption], String)> {
        use SequenceOption::{Cache, Increment, Maximum, Minimum, Start, Type as OfType};
        let data_type = self.data_type.unwrap_or(Type::BIGINT);
        let Some((smallest, largest)) = limits(&data_type) else {
            return Err((&[OfType], format!("a sequence must be `smallint`, `integer` or `bigint`, not `{data_type}`")));
        };
        let increment = self.increment.unwrap_or(1);
        if increment == 0 {
            return Err((&[Increment], "the increment must not be zero".into()));
        }
        let (low, high) = if increment > 0 { (1, largest) } else { (smallest, -1) };
        let minimum = self.minimum.unwrap_or(low);
        let maximum = self.maximum.unwrap_or(high);
        let limits: [(_, _, &'static [SequenceOption]); 2] =
            [(minimum, "minimum", &[Minimum]), (maximum, "maximum", &[Maximum])];
        for (value, noun, option) in limits {
            if !(smallest..=largest).contains(&value) {
                return Err((option, format!("the {noun} `{value}` is out of range for `{data_type}`")));
            }
        }
        if minimum >= maximum {
            let why = format!("the minimum `{minimum}` must be less than the maximum `{maximum}`");
            return Err((&[Maximum, Minimum], why));
        }
        let start = self.start.unwrap_or(if increment > 0 { minimum } else { maximum });
        if !(minimum..=maximum).contains(&start) {
            let why = format!("the start `{start}` is not between the minimum `{minimum}` and the maximum `{maximum}`");
            return Err((&[Start, Maximum, Minimum], why));
        }
        let cache = self.cache.unwrap_or(1);
        if cache < 1 {
            return Err((&[Cache], format!("the cache `{cache}` must be greater than zero")));
        }
        Ok(Sequence {
            data_type,
            increment,
            minimum,
            maximum,
            start,
            cache,
            cycle: self.cycle,
            owned_by: self.owned_by,
            logged: self.logged,
            name: self.name,
        })
    }
}

/// Adds the statement that makes a sequence logged or not, where it is otherwise; it is as its table is unless something is said.
pub(crate) fn lower_logging(
    name: &QualifiedName,
    from: Option<bool>,
    to: Option<bool>,
    table: Option<&Table>,
    plan: &mut Lowering,
) {
    let as_table = table.is_none_or(|table| !table.settings.unlogged);
    let to = to.unwrap_or(as_table);
    if from.unwrap_or(as_table) != to {
        let words = if to { "SET LOGGED" } else { "SET UNLOGGED" };
        plan.sql(Writer::new().keyword("ALTER SEQUENCE").name(name).keyword(words).finish());
    }
}

fn limits(data_type: &Type) -> Option<(i64, i64)> {
    Some(match data_type {
        data_type if *data_type == Type::SMALLINT => (i16::MIN.into(), i16::MAX.into()),
        data_type if *data_type == Type::INTEGER => (i32::MIN.into(), i32::MAX.into()),
        data_type if *data_type == Type::BIGINT => (i64::MIN, i64::MAX),
        _ => return None,
    })
}

impl Sequence {
    pub(super) const FACTS: Facts =
        Facts { noun: "sequence", keywords: "SEQUENCE", namespace: Namespace::Relation, on_table: None, securable: Some(Securable::Sequence) };

    fn owner(&self, id: &ObjectId) -> Option<(QualifiedName, &str)> {
        self.owned_by.as_ref().map(|(table, column)| (id.name.sibling(table), column.as_str()))
    }

    /// What PostgreSQL would choose in place of each value.
    fn plain(&self) -> Option<Sequence> {
        let options = SequenceOptions {
            data_type: Some(self.data_type.clone()),
            increment: Some(self.increment),
            ..SequenceOptions::default()
        };
        options.complete().ok()
    }

    /// Follows the type of its column: limits that are those of the type move along (`init_params` in `sequence.c`).
    pub(crate) fn retype(&mut self, data_type: &Type) {
        let (Some(old), Some(new)) = (limits(&self.data_type), limits(data_type)) else { return };
        if self.maximum == old.1 {
            self.maximum = new.1;
        }
        if self.minimum == old.0 {
            self.minimum = new.0;
        }
        self.data_type = data_type.clone();
    }

    /// The name of the sequence of an identity.
    pub fn name_of_identity(sequence: Option<&Sequence>, table: &QualifiedName, column: &str) -> QualifiedName {
        let own = sequence.and_then(|sequence| sequence.name.clone());
        table.sibling(own.unwrap_or_else(|| object_name(&table.name, Some(column), "seq")))
    }

    /// The options of an identity's sequence, for a table of that name.
    pub(crate) fn write_of_identity(&self, table: &QualifiedName, writer: Writer) -> Writer {
        let writer = writer
            .optional(self.name.as_ref(), |writer, name| writer.keyword("SEQUENCE NAME").name(&table.sibling(name)))
            .optional(self.logged, |writer, logged| writer.keyword(if logged { "LOGGED" } else { "UNLOGGED" }));
        let writer = writer.when(self.increment != 1, |writer| writer.keyword("INCREMENT BY").integer(self.increment));
        self.write_options(writer, None)
    }

    /// The actions of `ALTER COLUMN` that make an identity's sequence of another one.
    pub(crate) fn alter_of_identity(&self, from: &Sequence, mut writer: Writer) -> Writer {
        for (was, is, words) in [
            (from.increment, self.increment, "SET INCREMENT BY"),
            (from.minimum, self.minimum, "SET MINVALUE"),
            (from.maximum, self.maximum, "SET MAXVALUE"),
            (from.start, self.start, "SET START WITH"),
            (from.cache, self.cache, "SET CACHE"),
        ] {
            if was != is {
                writer = writer.keyword(words).integer(is);
            }
        }
        match (from.cycle, self.cycle) {
            (false, true) => writer.keyword("SET CYCLE"),
            (true, false) => writer.keyword("SET NO CYCLE"),
            _ => writer,
        }
    }

    /// The values that are not what PostgreSQL would choose; with another sequence: that are not its values.
    fn write_options(&self, mut writer: Writer, other: Option<&Sequence>) -> Writer {
        let plain = self.plain();
        let other = other.or(plain.as_ref());
        let differs = |value: fn(&Sequence) -> i64| other.is_none_or(|other| value(other) != value(self));
        if differs(|sequence| sequence.minimum) {
            writer = writer.keyword("MINVALUE").integer(self.minimum);
        }
        if differs(|sequence| sequence.maximum) {
            writer = writer.keyword("MAXVALUE").integer(self.maximum);
        }
        let natural = if self.increment > 0 { self.minimum } else { self.maximum };
        if self.start != natural || differs(|sequence| sequence.start) {
            writer = writer.keyword("START WITH").integer(self.start);
        }
        if differs(|sequence| sequence.cache) {
            writer = writer.keyword("CACHE").integer(self.cache);
        }
        match (self.cycle, other.is_some_and(|other| other.cycle)) {
            (true, false) => writer.keyword("CYCLE"),
            (false, true) => writer.keyword("NO CYCLE"),
            _ => writer,
        }
    }
}

impl Define for Sequence {
    fn note_uses(&self, id: &ObjectId, _scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        if let Some((table, column)) = self.owner(id) {
            uses.insert(Used::Column(table.clone(), column.to_owned()));
            uses.insert(Used::Table(table));
        }
    }

    fn follow(&mut self, id: &ObjectId, renaming: &Renaming<'_>) {
        let Some((table, column)) = &mut self.owned_by else { return };
        match renaming {
            Renaming::Relation { from, to } if **from == id.name.sibling(&*table) => table.clone_from(&to.name),
            Renaming::Column { table: of, from, to, .. } if **of == id.name.sibling(&*table) && *from == column => {
                (*to).clone_into(column);
            }
            _ => {}
        }
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        let create = if self.logged == Some(false) { "CREATE UNLOGGED SEQUENCE" } else { "CREATE SEQUENCE" };
        let writer = Writer::new().keyword(create).name(&id.name);
        let writer = writer.when(self.data_type != Type::BIGINT, |writer| writer.keyword("AS").type_(&self.data_type));
        let writer = writer.when(self.increment != 1, |writer| writer.keyword("INCREMENT BY").integer(self.increment));
        let writer = self.write_options(writer, None);
        let writer = writer.optional(self.owner(id), |writer, (table, column)| {
            writer.keyword("OWNED BY").name(&table).dot().identifier(column)
        });
        plan.sql(writer.finish());
    }

    fn change(&self, id: &ObjectId, to: &Self, before: &Catalog, plan: &mut Lowering) -> bool {
        let table = to.owner(id).and_then(|(table, _)| before.table(&table));
        lower_logging(&id.name, self.logged, to.logged, table, plan);
        if (Sequence { logged: to.logged, ..self.clone() }) == *to {
            return true;
        }
        let alter = || Writer::new().keyword("ALTER SEQUENCE").name(&id.name);
        let retyped = self.data_type != to.data_type;
        let writer = alter().when(retyped, |writer| writer.keyword("AS").type_(&to.data_type));
        let writer = writer
            .when(self.increment != to.increment, |writer| writer.keyword("INCREMENT BY").integer(to.increment));
        // A change of the type moves limits that were at the ends of the old one: all are said then.
        let mut shifted = self.clone();
        if retyped {
            shifted.minimum = to.minimum.wrapping_add(1);
            shifted.maximum = to.maximum.wrapping_sub(1);
        }
        let writer = to.write_options(writer, Some(&shifted));
        let writer = writer.when(self.owned_by != to.owned_by, |writer| match to.owner(id) {
            Some((table, column)) => writer.keyword("OWNED BY").name(&table).dot().identifier(column),
            None => writer.keyword("OWNED BY NONE"),
        });
        plan.sql(writer.finish());
        true
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        let owner = |sequence: &Sequence| sequence.owned_by.as_ref().map(|(table, column)| format!("{table}.{column}"));
        [
            compared("type", Some(&self.data_type), Some(&found.data_type)),
            compared("increment", Some(&self.increment), Some(&found.increment)),
            compared("minimum", Some(&self.minimum), Some(&found.minimum)),
            compared("maximum", Some(&self.maximum), Some(&found.maximum)),
            compared("start", Some(&self.start), Some(&found.start)),
            compared("cache", Some(&self.cache), Some(&found.cache)),
            compared("cycle", Some(&self.cycle), Some(&found.cycle)),
            self.logged.and_then(|logged| compared("logged", Some(&logged), found.logged.as_ref())),
            compared("owner column", owner(self).as_ref(), owner(found).as_ref()),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
