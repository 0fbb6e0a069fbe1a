//! What a change of a column's type costs (measured on PostgreSQL 13 to 18).

use super::{BuiltIn, IntervalFields, NumericSize, Type};

/// What a change of a column's type costs, from the cheapest. Checks, expression indexes and partial indexes on the
/// column are verified or rebuilt in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TypeChange {
    /// Only the catalog changes.
    MetadataOnly,
    /// The table stays, plain indexes on the column are rebuilt too.
    RebuildsIndexes,
    /// The table and all its indexes are rewritten.
    RewritesTable,
    /// There is no conversion that PostgreSQL does by itself: `USING` is needed.
    NeedsUsing,
}

impl Type {
    /// What `ALTER COLUMN ... TYPE to` costs for a column of this type, without `USING`.
    ///
    /// For named types (enums, domains, types of extensions) the answer is the careful one, `RewritesTable`:
    /// it is the caller who knows what they are.
    pub fn change_to(&self, to: &Type) -> TypeChange {
        if self == to {
            return TypeChange::MetadataOnly;
        }
        if self.assigns_to(to) == Some(false) {
            return TypeChange::NeedsUsing;
        }
        change_of_bytes(self, to)
    }
}

/// What a change of a column's type costs: [`Type::change_to`].
pub fn rewrite_of_change(from: &Type, to: &Type) -> TypeChange {
    from.change_to(to)
}

/// Whether the values of one type are values of the other as they are stored, whatever they are.
fn change_of_bytes(from: &Type, to: &Type) -> TypeChange {
    let keeps = |is_kept: bool| if is_kept { TypeChange::MetadataOnly } else { TypeChange::RewritesTable };
    if *to == from.without_modifier() {
        return TypeChange::MetadataOnly;
    }
    match (from, to) {
        (Type::CharacterVarying(from), Type::CharacterVarying(to)) | (Type::BitVarying(from), Type::BitVarying(to)) => {
            keeps(is_wider(*from, *to))
        }
        (Type::CharacterVarying(_), &Type::TEXT) | (&Type::TEXT, &Type::VARCHAR) => TypeChange::MetadataOnly,
        // The order of `bpchar` is another one: blanks at the end do not count.
        (Type::CharacterVarying(_) | Type::BuiltIn(BuiltIn::Text), Type::Character(None)) => {
            TypeChange::RebuildsIndexes
        }
        (Type::Numeric(Some(from)), Type::Numeric(Some(to))) => keeps(is_larger(*from, *to)),
        (
            Type::Timestamp { precision: from, with_time_zone: zoned },
            Type::Timestamp { precision: to, with_time_zone: still_zoned },
        )
        | (
            Type::Time { precision: from, with_time_zone: zoned },
            Type::Time { precision: to, with_time_zone: still_zoned },
        ) => keeps(zoned == still_zoned && has_digits(*from, *to)),
        (
            Type::Interval { fields: from_fields, precision: from },
            Type::Interval { fields: to_fields, precision: to },
        ) => {
            let (from_field, to_field) = (smallest_field(*from_fields), smallest_field(*to_fields));
            keeps(to_field >= from_field && (from_field < SECONDS || has_digits(*from, *to)))
        }
        (Type::Bit(_), Type::BitVarying(None)) | (Type::BitVarying(_), Type::Bit(None)) => TypeChange::RebuildsIndexes,
        (Type::BuiltIn(BuiltIn::Cidr), Type::BuiltIn(BuiltIn::Inet)) => TypeChange::MetadataOnly,
        (
            Type::BuiltIn(BuiltIn::Xml),
            Type::BuiltIn(BuiltIn::Text) | Type::CharacterVarying(None) | Type::Character(None),
        ) => TypeChange::MetadataOnly,
        (from, to) if from.is_object_identifier() && to.is_object_identifier() => TypeChange::MetadataOnly,
        (from, &Type::INTEGER) if from.is_object_identifier() => TypeChange::RebuildsIndexes,
        (&Type::INTEGER, to) if to.is_object_identifier() => TypeChange::RebuildsIndexes,
        _ => TypeChange::RewritesTable,
    }
}

fn is_wider(from: Option<u32>, to: Option<u32>) -> bool {
    to.is_none_or(|to| from.is_some_and(|from| to >= from))
}

/// Whether a numeric keeps its scale and loses no digits before the point.
fn is_larger(from: NumericSize, to: NumericSize) -> bool {
    from.scale == to.scale && to.precision >= from.precision
}

/// Whether fractions of seconds keep their digits; six is all there is.
fn has_digits(from: Option<u32>, to: Option<u32>) -> bool {
    to.is_none_or(|to| to >= 6 || from.is_some_and(|from| to >= from))
}

/// The place of seconds in [`smallest_field`].
const SECONDS: u8 = 5;

/// The smallest field that an interval keeps, from years (0) to seconds.
fn smallest_field(fields: Option<IntervalFields>) -> u8 {
    use IntervalFields as Fields;
    match fields {
        Some(Fields::Year) => 0,
        Some(Fields::Month | Fields::YearToMonth) => 1,
        Some(Fields::Day) => 2,
        Some(Fields::Hour | Fields::DayToHour) => 3,
        Some(Fields::Minute | Fields::DayToMinute | Fields::HourToMinute) => 4,
        Some(Fields::Second | Fields::DayToSecond | Fields::HourToSecond | Fields::MinuteToSecond) | None => SECONDS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line was measured on a server: `ALTER COLUMN TYPE`, then the file numbers of table and index.
    #[test]
    fn a_change_costs_what_was_measured() {
        use TypeChange::{MetadataOnly, NeedsUsing, RebuildsIndexes, RewritesTable};
        for (from, to, expected) in [
            ("varchar(50)", "varchar(100)", MetadataOnly),
            ("varchar(50)", "varchar(20)", RewritesTable),
            ("varchar(50)", "varchar", MetadataOnly),
            ("varchar(50)", "text", MetadataOnly),
            ("text", "varchar", MetadataOnly),
            ("text", "varchar(200)", RewritesTable),
            ("text", "bpchar", RebuildsIndexes),
            ("varchar(5)", "bpchar", RebuildsIndexes),
            ("char(10)", "text", RewritesTable),
            ("char(10)", "varchar(10)", RewritesTable),
            ("char(10)", "char(20)", RewritesTable),
            ("char(10)", "bpchar", MetadataOnly),
            ("smallint", "int", RewritesTable),
            ("int", "bigint", RewritesTable),
            ("int", "numeric", RewritesTable),
            ("int", "text", RewritesTable),
            ("int", "oid", RebuildsIndexes),
            ("regclass", "int", RebuildsIndexes),
            ("oid", "regclass", MetadataOnly),
            ("text", "int", NeedsUsing),
            ("text", "uuid", NeedsUsing),
            ("numeric(10,2)", "numeric(12,2)", MetadataOnly),
            ("numeric(10,2)", "numeric(12,3)", RewritesTable),
            ("numeric(10,2)", "numeric", MetadataOnly),
            ("numeric(10,2)", "numeric(8,2)", RewritesTable),
            ("numeric", "numeric(10,2)", RewritesTable),
            ("real", "double precision", RewritesTable),
            ("timestamp", "timestamptz", RewritesTable),
            ("timestamptz", "timestamp", RewritesTable),
            ("timestamp(3)", "timestamp", MetadataOnly),
            ("timestamp(3)", "timestamp(6)", MetadataOnly),
            ("timestamp", "timestamp(6)", MetadataOnly),
            ("timestamp", "timestamp(3)", RewritesTable),
            ("timetz(3)", "timetz(6)", MetadataOnly),
            ("interval(3)", "interval", MetadataOnly),
            ("interval(3)", "interval(6)", MetadataOnly),
            ("interval", "interval day", RewritesTable),
            ("interval day", "interval", MetadataOnly),
            ("interval day", "interval day to hour", MetadataOnly),
            ("interval year", "interval month", MetadataOnly),
            ("interval(3)", "interval day to second(3)", MetadataOnly),
            ("date", "timestamp", RewritesTable),
            ("json", "jsonb", RewritesTable),
            ("jsonb", "json", RewritesTable),
            ("cidr", "inet", MetadataOnly),
            ("inet", "cidr", RewritesTable),
            ("xml", "text", MetadataOnly),
            ("varbit(10)", "varbit(20)", MetadataOnly),
            ("bit(3)", "varbit", RebuildsIndexes),
            ("bit(3)", "varbit(3)", RewritesTable),
            ("mood", "text", RewritesTable),
            ("text", "mood", RewritesTable),
            ("uuid", "text", RewritesTable),
            ("int[]", "bigint[]", RewritesTable),
            ("varchar(10)[]", "text[]", RewritesTable),
            ("varchar(10)[]", "varchar(20)[]", RewritesTable),
            ("varchar(10)[]", "varchar[]", MetadataOnly),
            ("int", "int", MetadataOnly),
        ] {
            let (from_type, to_type) = (from.parse::<Type>().unwrap(), to.parse::<Type>().unwrap());
            assert_eq!(rewrite_of_change(&from_type, &to_type), expected, "{from} to {to}");
        }
    }
}
