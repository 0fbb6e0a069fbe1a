//! What PostgreSQL refuses of the arguments and the result of a function.

use migrate_core::object::FunctionArgument;
use migrate_core::types::{BuiltIn, Type};

/// Whether a function in SQL or PL/pgSQL can have arguments of a type (`fmgr_sql_validator`, `plpgsql_validator`).
pub(super) fn takes_arguments(language: &str, data_type: &Type) -> bool {
    let Type::BuiltIn(built_in) = data_type else { return true };
    let is_of_none = matches!(
        built_in,
        BuiltIn::Trigger | BuiltIn::EventTrigger | BuiltIn::Internal | BuiltIn::Cstring | BuiltIn::Any
    );
    match language {
        "sql" => !is_of_none && *built_in != BuiltIn::Record,
        "plpgsql" => !is_of_none,
        _ => true,
    }
}

/// What a polymorphic result needs, where no argument says what it is (`check_valid_polymorphic_signature`).
pub(super) fn undetermined(result: &Type, arguments: &[FunctionArgument]) -> Option<&'static str> {
    use BuiltIn as B;
    let Type::BuiltIn(built_in) = result else { return None };
    let (needed, wanted): (&[BuiltIn], _) = match built_in {
        B::AnyRange | B::AnyMultirange => (&[B::AnyRange, B::AnyMultirange], "`anyrange` or `anymultirange`"),
        B::AnyCompatibleRange | B::AnyCompatibleMultirange => {
            (&[B::AnyCompatibleRange, B::AnyCompatibleMultirange], "`anycompatiblerange` or `anycompatiblemultirange`")
        }
        B::AnyElement | B::AnyArray | B::AnyNonArray | B::AnyEnum => (
            &[B::AnyElement, B::AnyArray, B::AnyNonArray, B::AnyEnum, B::AnyRange, B::AnyMultirange],
            "`anyelement` or `anyarray`",
        ),
        B::AnyCompatible | B::AnyCompatibleArray | B::AnyCompatibleNonArray => (
            &[
                B::AnyCompatible,
                B::AnyCompatibleArray,
                B::AnyCompatibleNonArray,
                B::AnyCompatibleRange,
                B::AnyCompatibleMultirange,
            ],
            "`anycompatible` or `anycompatiblearray`",
        ),
        _ => return None,
    };
    let says = |argument: &FunctionArgument| {
        argument.mode.is_input() && matches!(&argument.data_type, Type::BuiltIn(found) if needed.contains(found))
    };
    (!arguments.iter().any(says)).then_some(wanted)
}

#[cfg(test)]
mod tests {
    use migrate_core::object::ArgumentMode;

    use super::*;

    fn arguments(types: &[BuiltIn]) -> Vec<FunctionArgument> {
        let argument = |data_type: &BuiltIn| FunctionArgument {
            mode: ArgumentMode::In,
            name: None,
            data_type: Type::BuiltIn(*data_type),
            default: None,
        };
        types.iter().map(argument).collect()
    }

    #[test]
    fn a_polymorphic_result_needs_an_argument_of_its_family() {
        let element = Type::BuiltIn(BuiltIn::AnyElement);
        assert!(undetermined(&element, &arguments(&[BuiltIn::Integer])).is_some());
        assert!(undetermined(&element, &arguments(&[BuiltIn::AnyRange])).is_none());
        assert!(undetermined(&Type::BuiltIn(BuiltIn::AnyRange), &arguments(&[BuiltIn::AnyElement])).is_some());
        assert!(undetermined(&Type::INTEGER, &[]).is_none());
    }

    #[test]
    fn rows_of_no_type_are_arguments_in_plpgsql_only() {
        let record = Type::BuiltIn(BuiltIn::Record);
        assert!(takes_arguments("plpgsql", &record));
        assert!(!takes_arguments("sql", &record));
        assert!(!takes_arguments("plpgsql", &Type::BuiltIn(BuiltIn::Trigger)));
    }
}
