//! Functions that an object is made of: those of an aggregate, of an operator, of a cast.

use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::object::{Definition, Function, FunctionName, Kind, ObjectId};
use migrate_core::resolve::Given;
use migrate_core::system::{self, functions};
use migrate_core::types::{BuiltIn, Type};

use crate::check::Checker;
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::Spanned;
#[cfg(feature = "print")]
use crate::print::qualified;
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;

/// The name of a polymorphic type.
fn polymorphic(id: system::TypeId) -> Option<&'static str> {
    let name = id.entry().name();
    (name.starts_with("any") && name != "any").then_some(name)
}

impl Checker<'_> {
    /// The function of that name that takes these arguments and gives that result, with its schema. `whose` needs it:
    /// `a cast`. What PostgreSQL itself and extensions have is told by its name and its arguments.
    pub(super) fn function_named(
        &mut self,
        name: &Spanned<QualifiedName>,
        arguments: &[Type],
        result: Option<&Type>,
        whose: &str,
    ) -> Option<FunctionName> {
        let (written, at) = (&name.value, name.at);
        let of_user = self.own_function_named(written, arguments);
        if let Some((id, function)) = of_user {
            let found = function.result();
            if let Some(result) = result.filter(|result| !is_same_kind(&found, result)) {
                self.report(
                    Diagnostic::new(
                        code::TYPE_MISMATCH,
                        format!(
                            "function `{written}` returns `{found}`, but {whose} needs one that returns `{result}`"
                        ),
                        at,
                    )
                    .help(format!("write a function that `returns {result}`")),
                );
                return None;
            }
            return Some(FunctionName { name: id.name, arguments: id.arguments });
        }
        let may_take = |function: &system::Function| {
            let takes = function.arguments().len();
            function.variadic().is_some()
                || (takes == arguments.len()
                    || takes > arguments.len() && takes - function.defaults() <= arguments.len())
                    && function.arguments().iter().zip(arguments).all(|(taken, given)| self.may_be_taken(taken, given))
                    && self.are_alike(function, arguments)
                    // The function of a cast must take that type itself.
                    && (whose != "a cast" || !function.arguments().iter().any(|taken| polymorphic(taken).is_some()))
        };
        let mut is_known = false;
        for function in functions(&written.name) {
            let schema = match function.extension() {
                None if matches!(written.schema.as_str(), DEFAULT_SCHEMA | "pg_catalog") => {
                    Some("pg_catalog".to_owned())
                }
                None => None,
                Some(extension) => {
                    self.catalog().extensions.get(extension).map(|extension| extension.schema().to_owned())
                }
            };
            let Some(schema) = schema else { continue };
            is_known = true;
            if may_take(&function) {
                let name = QualifiedName::in_schema(schema, written.name.clone());
                return Some(FunctionName { name, arguments: arguments.to_vec() });
            }
        }
        let id = ObjectId { arguments: arguments.to_vec(), ..ObjectId::new(Kind::Function, written.clone()) };
        let is_open = self.state.undeclared.may_have_made(&written.name)
            || self.state.broken.has_object(&id)
            || self.state.broken.objects.iter().any(|broken| broken.name == *written);
        if is_open || self.catalog().has_unknown_extension() {
            return Some(FunctionName { name: written.clone(), arguments: arguments.to_vec() });
        }
        let others: Vec<String> = (self.catalog().objects.keys())
            .filter(|other| other.kind == Kind::Function)
            .map(|other| other.name.to_string())
            .collect();
        let listed: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        let listed = listed.join(", ");
        let mistake = if is_known || others.contains(&written.to_string()) {
            let headline =
                format!("no function `{written}` takes the arguments ({listed}), with which {whose} calls it");
            Diagnostic::new(code::UNKNOWN_FUNCTION, headline, at).help("write one that does, or name another one")
        } else {
            let headline = format!("cannot find function `{written}({listed})`");
            Diagnostic::new(code::UNKNOWN_FUNCTION, headline, at).maybe_help(choices(
                &written.to_string(),
                others.iter().map(String::as_str),
                "functions",
            ))
        };
        self.report(mistake);
        None
    }

    /// Whether a function of PostgreSQL or an extension takes values of a type in the place of this one as they are. What
    /// is not known may be taken.
    fn may_be_taken(&self, taken: system::TypeId, given: &Type) -> bool {
        if taken.entry().kind() == system::TypeKind::Pseudo && taken.entry().name() != "internal" {
            return true;
        }
        let below = self.catalog().base_type(given).without_modifier();
        if below.as_named().is_some_and(|name| self.catalog().has_type(name)) {
            return false;
        }
        let Some(found) = below.internal_name().and_then(|name| system::type_of_name(name, None)) else { return true };
        // What is `internal` for one function is something else for another.
        let is_pseudo = found.entry().kind() == system::TypeKind::Pseudo;
        is_pseudo || found == taken || system::cast(found, taken).any(system::Cast::is_binary)
    }

    /// Whether what is given fits the polymorphic arguments of a function together. What is not known does.
    fn are_alike(&self, function: &system::Function, arguments: &[Type]) -> bool {
        let mut elements: Vec<(bool, Type)> = Vec::new();
        for (taken, given) in function.arguments().iter().zip(arguments) {
            let Some(name) = polymorphic(taken) else { continue };
            let is_compatible = name.starts_with("anycompatible");
            if given.is_polymorphic() {
                // `anyelement` is none of what `anycompatible` may be.
                if given.internal_name().is_some_and(|given| given.starts_with("anycompatible") != is_compatible) {
                    return false;
                }
                continue;
            }
            let below = self.catalog().base_type(given).without_modifier();
            let element = match name {
                "anyarray" | "anycompatiblearray" => below.element().cloned(),
                "anyelement" | "anycompatible" => Some(given.without_modifier()),
                _ => continue,
            };
            let Some(element) = element else { return below.as_named().is_some() };
            elements.push((is_compatible, element));
        }
        elements.windows(2).all(|pair| match pair {
            [(true, one), (_, other)] => {
                self.common_type(&[Given::Type(one.clone()), Given::Type(other.clone())]).is_ok()
            }
            [(false, one), (_, other)] => one == other,
            _ => true,
        })
    }

    /// Whether a value of the one type is one of the other without being changed.
    pub(super) fn is_stored_as(&self, one: &Type, other: &Type) -> bool {
        let below = self.catalog().base_type(one).without_modifier();
        let id = |data_type: &Type| system::type_of_name(data_type.internal_name()?, None);
        let is_cast = || match (id(&below), id(other)) {
            (Some(one), Some(other)) => system::cast(one, other).any(system::Cast::is_binary),
            // What is not known may be.
            _ => below.as_named().is_some_and(|name| !self.catalog().has_type(name)),
        };
        one == other || below == *other || is_any(other) || is_alike(&below, other) || is_cast()
    }

    /// The function of the user that takes exactly these arguments, or values of any type in their places.
    pub(super) fn own_function_named(&self, name: &QualifiedName, arguments: &[Type]) -> Option<(ObjectId, Function)> {
        let id = ObjectId { arguments: arguments.to_vec(), ..ObjectId::new(Kind::Function, name.clone()) };
        if let Some(Definition::Function(function)) = self.catalog().object(&id).map(|object| &object.definition) {
            return Some((id, function.clone()));
        }
        let fits = |takes: &[Type]| {
            takes.len() == arguments.len()
                && takes
                    .iter()
                    .zip(arguments)
                    // A value of a domain is stored as one of the type below it.
                    .all(|(one, other)| {
                        let below = self.catalog().base_type(other);
                        one == other || one == below || is_any(one) || is_any(other) || is_alike(one, other)
                    })
        };
        let mut objects = self.catalog().objects.iter();
        objects.find_map(|(id, object)| match &object.definition {
            Definition::Function(function) if id.name == *name && fits(&id.arguments) => {
                Some((id.clone(), function.clone()))
            }
            _ => None,
        })
    }
}

/// Whether values of the one are stored as those of the other.
fn is_alike(one: &Type, other: &Type) -> bool {
    let is_text = |data_type: &Type| matches!(data_type, Type::BuiltIn(BuiltIn::Text) | Type::CharacterVarying(_));
    is_text(one) && is_text(other)
}

fn is_same_kind(found: &Type, wanted: &Type) -> bool {
    found == wanted || is_any(found) || is_any(wanted) || is_alike(found, wanted)
}

/// Whether it stands for types that a call tells.
pub(super) fn is_any(data_type: &Type) -> bool {
    data_type.is_polymorphic() || *data_type == Type::BuiltIn(BuiltIn::Any)
}

/// A function as it is named where its arguments are known: one of PostgreSQL without a schema, unless the user has one of
/// the same name.
#[cfg(feature = "print")]
pub(super) fn print_function(function: &FunctionName, catalog: &Catalog) -> String {
    let bare = QualifiedName::new(function.name.name.clone());
    let is_hidden = || catalog.objects.keys().any(|id| id.kind == Kind::Function && id.name == bare);
    match function.name.schema.as_str() {
        "pg_catalog" if !is_hidden() => qualified(&bare),
        _ => qualified(&function.name),
    }
}
