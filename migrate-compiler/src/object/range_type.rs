//! `create type floats as range { subtype: float8, subtype_diff: float8mi }`

use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::object::{Definition, Kind, ObjectId, RangeType};
use migrate_core::token::At;
use migrate_core::types::Type;

use super::properties::parse_properties;
use super::{Write, Written};
#[cfg(feature = "print")]
use super::{function_name::print_function, not_of_kind, properties::print_properties};
use crate::check::Checker;
use crate::clause::{Collation, has_class_of_system};
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Parsed, Parser, Spanned};
#[cfg(feature = "print")]
use crate::print::{Printed, data_type, operator_class, qualified, text};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;

pub(super) struct Syntax;

#[derive(Default)]
struct Clauses {
    subtype: Option<Spanned<Type>>,
    operator_class: Option<Spanned<QualifiedName>>,
    collation: Option<Collation>,
    subtype_diff: Option<Spanned<QualifiedName>>,
    multirange: Option<Spanned<QualifiedName>>,
}

const PROPERTIES: [&str; 6] =
    ["subtype", "subtype_opclass", "collation", "canonical", "subtype_diff", "multirange_type_name"];

impl Write for Syntax {
    const KIND: Kind = Kind::RangeType;

    /// Behind `as range`.
    fn definition(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<Box<dyn Written>> {
        let mut clauses = Clauses::default();
        parse_properties(parser, &PROPERTIES, "a range type", |parser, name| {
            match name {
                "subtype" => {
                    let (data_type, takes_null) = parser.column_type()?;
                    if takes_null {
                        let mistake = Diagnostic::new(code::SYNTAX, "unexpected `?`", data_type.at);
                        return Err(mistake.help("remove it: the ends of a range can always be open"));
                    }
                    clauses.subtype = Some(data_type);
                }
                "subtype_opclass" => clauses.operator_class = Some(parser.qualified_name("the operator class")?),
                "collation" => clauses.collation = Some(Collation::parse_name(parser)?),
                "subtype_diff" => clauses.subtype_diff = Some(parser.qualified_name("the function")?),
                "multirange_type_name" => clauses.multirange = Some(parser.qualified_name("the multirange type")?),
                _ => {
                    let function = parser.qualified_name("the function")?;
                    return Err(Diagnostic::new(code::SYNTAX, "`canonical` is not supported", function.at).help(
                        "it needs a function in C over the type itself: write raw SQL, `sql \"create type ...\"`",
                    ));
                }
            }
            Ok(())
        })?;
        Ok(Box::new(clauses))
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, catalog: &Catalog) -> Printed {
        let Definition::RangeType(range) = definition else { return Err(not_of_kind(id)) };
        let is_usual = range.multirange == RangeType::name_of_multirange(&id.name);
        let properties = print_properties([
            ("subtype", Some(data_type(&range.subtype))),
            ("subtype_opclass", range.operator_class.as_deref().map(operator_class)),
            ("collation", range.collation.as_deref().map(text)),
            ("subtype_diff", range.subtype_diff.as_ref().map(|function| print_function(function, catalog))),
            ("multirange_type_name", (!is_usual).then(|| qualified(&range.multirange))),
        ]);
        Ok(format!("type {} as range {properties}", qualified(&id.name)))
    }
}

impl Written for Clauses {
    fn check(&self, id: &ObjectId, at: At, checker: &mut Checker<'_>) -> Option<Definition> {
        let Some(subtype) = &self.subtype else {
            checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, "a range type needs a `subtype`", at)
                    .help("write the type of its ends: `subtype: numeric`"),
            );
            return None;
        };
        let data_type = checker.data_type(subtype)?.without_modifier();
        if self.operator_class.is_none() && data_type.has_default_operator_class("btree") == Some(false) {
            let headline = format!("`{data_type}` has no order, so it cannot be the subtype of a range");
            checker.report(
                Diagnostic::new(code::NO_OPERATOR_CLASS, headline, subtype.at)
                    .help("choose another type, or name an operator class: `subtype_opclass: ...`"),
            );
            return None;
        }
        if let Some(collation) = &self.collation
            && data_type.is_collatable() == Some(false)
        {
            checker.report(
                Diagnostic::new(code::TYPE_MISMATCH, format!("`{data_type}` has no collation"), collation.at())
                    .help("leave out `collation`"),
            );
            return None;
        }
        if let Some(class) = &self.operator_class {
            fits_class(class, &data_type, checker)?;
        }
        let ends = [data_type.clone(), data_type.clone()];
        let subtype_diff = match &self.subtype_diff {
            Some(name) => Some(checker.function_named(name, &ends, Some(&Type::DOUBLE_PRECISION), "`subtype_diff`")?),
            None => None,
        };
        let multirange = match &self.multirange {
            Some(name) => name.clone(),
            None => Spanned { value: RangeType::name_of_multirange(&id.name), at },
        };
        if multirange.value == id.name {
            let headline = format!("the multirange type cannot be named `{}` as well", id.name);
            checker.report(Diagnostic::new(code::DUPLICATE_TYPE, headline, multirange.at).help("choose another name"));
            return None;
        }
        if !checker.type_name_is_free(&multirange) {
            return None;
        }
        let operator_class = self.operator_class.as_ref().map(|class| match class.value.schema.as_str() {
            DEFAULT_SCHEMA => checker.operator_class_name("btree", &class.value.name),
            "pg_catalog" => class.value.name.clone(),
            schema => format!("{schema}.{}", class.value.name),
        });
        let collation = match &self.collation {
            Some(collation) => Some(collation.check(checker)?),
            None => None,
        };
        Some(
            RangeType { subtype: data_type, operator_class, collation, subtype_diff, multirange: multirange.value }
                .into(),
        )
    }
}

/// Whether a class of PostgreSQL orders values of the type; reported where none of that name does.
fn fits_class(class: &Spanned<QualifiedName>, data_type: &Type, checker: &mut Checker<'_>) -> Option<()> {
    let name = class.value.name.as_str();
    let is_own = checker.catalog().objects.keys().any(|id| id.kind == Kind::OperatorClass && id.name.name == name);
    if is_own || has_class_of_system("btree", name, checker.catalog().base_type(data_type)) != Some(false) {
        return Some(());
    }
    let message = format!("operator class `{}` does not take `{data_type}`", class.value);
    checker.report(
        Diagnostic::new(code::UNKNOWN_OPERATOR_CLASS, message, class.at).help("choose another one, or leave it out"),
    );
    None
}
