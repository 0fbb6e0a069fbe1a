//! The entries of the tables, and how they are found.

mod casts;
mod classes;
mod collations;
mod extensions;
mod functions;
mod operators;
mod types;

pub use casts::*;
pub use classes::*;
pub use collations::*;
pub use extensions::*;
pub use functions::*;
pub use operators::*;
pub use types::*;

/// The major versions that have something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    /// The first.
    pub first: u32,
    /// The last.
    pub last: u32,
}

impl Versions {
    fn of(byte: u8) -> Versions {
        Versions { first: u32::from(byte >> 4) + 10, last: u32::from(byte & 15) + 10 }
    }

    /// Whether this major version has it. Newer versions than those that are known count as the newest.
    pub fn has(self, major: u32) -> bool {
        (self.first..=self.last).contains(&major.clamp(14, 18))
    }
}

fn distinct(names: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::Volatility;
    use crate::system::layout::pinned_types;

    #[test]
    fn the_numbers_of_built_in_types_are_those_of_the_tables() {
        for (index, name) in pinned_types().enumerate() {
            let entry = TypeId(index as u16).entry();
            assert_eq!((entry.name(), entry.extension()), (name, None));
            assert_eq!(type_of_name(name, None), Some(entry.id()));
        }
    }

    #[test]
    fn functions_are_found_with_their_overloads() {
        let truncate: Vec<(String, Volatility)> = functions("date_trunc")
            .map(|function| (format!("{:?}", function.arguments().iter().collect::<Vec<_>>()), function.volatility()))
            .collect();
        assert!(truncate.contains(&("[text, timestamp]".into(), Volatility::Immutable)), "{truncate:?}");
        assert!(truncate.contains(&("[text, timestamptz]".into(), Volatility::Stable)), "{truncate:?}");
        assert_eq!(functions("gen_rand_uuid").count(), 0);
        let interval = functions("make_interval").next().unwrap();
        assert_eq!((interval.argument_name(0), interval.defaults()), ("years", 7));
        let count = functions("count").next().unwrap();
        assert_eq!(count.kind(), FunctionKind::Aggregate);
    }

    #[test]
    fn versions_and_extensions_are_told() {
        let first = |name: &str| functions(name).filter(|f| f.extension().is_none()).map(|f| f.versions().first).min();
        assert_eq!(first("uuidv7"), Some(18));
        assert_eq!(first("date_bin"), Some(14));
        assert_eq!(extensions_with_function("uuid_generate_v4"), ["uuid-ossp"]);
        assert_eq!(extensions_with_function("similarity"), ["pg_trgm"]);
        assert!(extensions_with_function("st_distance").contains(&"postgis"));
        assert_eq!(extensions_with_operator("<->").first(), Some(&"btree_gist"));
        assert_eq!(extensions_with_type("vector"), ["vector"]);
        assert_eq!(extensions_with_operator_class("gin", "gin_trgm_ops"), ["pg_trgm"]);
        assert_eq!(extension("earthdistance").unwrap().requires().collect::<Vec<_>>(), ["cube"]);
        assert!(extension("timescaledb").is_none());
    }

    #[test]
    fn operators_and_casts_are_found_by_their_types() {
        let id = |name: &str| type_of_name(name, None).unwrap();
        let sum = operator_between("+", Some(id("int4")), id("int8")).next().unwrap();
        assert_eq!(sum.result(), id("int8"));
        assert_eq!(operator_between("+", Some(id("text")), id("int4")).count(), 0);
        let to_date = cast(id("timestamptz"), id("date")).next().unwrap();
        assert_eq!((to_date.context(), to_date.volatility()), (CastContext::Assignment, Volatility::Stable));
        assert!(cast(id("varchar"), id("text")).next().unwrap().is_binary());
        assert_eq!(cast(id("text"), id("int4")).count(), 0);
    }

    #[test]
    fn every_server_has_the_collations_of_c() {
        let names: Vec<&str> = collations().map(Collation::name).collect();
        assert!(["C", "POSIX", "default", "ucs_basic"].iter().all(|name| names.contains(name)), "{names:?}");
    }
}
