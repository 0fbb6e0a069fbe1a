//! What a text names that the server reads as an object: `'app.numbers'::regclass`, `nextval('numbers')`. PostgreSQL keeps
//! a reference to the object, so what it prints follows when the object gets another name.

use super::{Call, Expression, ExpressionKind};
use crate::name::{DEFAULT_SCHEMA, QualifiedName};
use crate::object::{Kind, Namespace, ObjectId};
use crate::sql::Writer;
use crate::system::{self, TypeId};
use crate::types::{BuiltIn, Type};

/// What a text names.
#[derive(Clone, Debug, PartialEq)]
pub enum NamedInText {
    /// A type, of `regtype`.
    Type(Type),
    /// Something else.
    Object {
        /// The type that the text is read as.
        read_as: BuiltIn,
        /// Its schema, where the text says one.
        schema: Option<String>,
        /// Its name.
        name: String,
        /// The types of its arguments, of `regprocedure` and `regoperator`; `None` for the side where a prefix operator has none.
        arguments: Option<Vec<Option<Type>>>,
    },
}

impl NamedInText {
    /// What a text names where it is read as a type. A type that is not read by names gives nothing, nor does what is no
    /// name: a number is that of the object itself, and `-` means no object.
    pub fn read(text: &str, read_as: BuiltIn) -> Option<Self> {
        let (head, arguments) = match read_as {
            BuiltIn::RegType => return text.parse().ok().map(NamedInText::Type),
            BuiltIn::RegProcedure | BuiltIn::RegOperator => {
                let (head, arguments) = text.trim().strip_suffix(')')?.split_once('(')?;
                (head, Some(types(arguments)?))
            }
            BuiltIn::RegClass
            | BuiltIn::RegProc
            | BuiltIn::RegOper
            | BuiltIn::RegCollation
            | BuiltIn::RegConfig
            | BuiltIn::RegDictionary
            | BuiltIn::RegNamespace => (text, None),
            _ => return None,
        };
        let (schema, name) = match read_as {
            BuiltIn::RegOper | BuiltIn::RegOperator => operator(head)?,
            BuiltIn::RegNamespace => parts(head).filter(|(schema, _)| schema.is_none())?,
            _ => parts(head)?,
        };
        Some(NamedInText::Object { read_as, schema, name, arguments })
    }

    /// What a node names by a text: a cast of one, or a call of a function of PostgreSQL's own that takes one.
    pub fn of(part: &Expression) -> Option<Self> {
        match &part.kind {
            ExpressionKind::Cast { operand, target: Type::BuiltIn(target), .. } => {
                Self::read(operand.as_text()?, *target)
            }
            ExpressionKind::TypedText { target: Type::BuiltIn(target), text } => Self::read(text, *target),
            ExpressionKind::Call(call) => {
                let (index, read_as) = argument_of(call)?;
                Self::read(call.arguments.get(index)?.value.as_text()?, read_as)
            }
            _ => None,
        }
    }

    /// Puts it into the text of a node that names something by one.
    pub fn put(&self, part: &mut Expression) {
        let text = match &mut part.kind {
            ExpressionKind::Cast { operand, .. } => &mut **operand,
            ExpressionKind::TypedText { text, .. } => {
                *text = self.text();
                return;
            }
            ExpressionKind::Call(call) => {
                let index = argument_of(call).map(|(index, _)| index);
                match index.and_then(|index| call.arguments.get_mut(index)) {
                    Some(argument) => &mut argument.value,
                    None => return,
                }
            }
            _ => return,
        };
        text.kind = ExpressionKind::Text(self.text());
    }

    /// The text that names it.
    pub fn text(&self) -> String {
        let (read_as, schema, name, arguments) = match self {
            NamedInText::Type(data_type) => return data_type.sql(),
            NamedInText::Object { read_as, schema, name, arguments } => (read_as, schema, name, arguments),
        };
        let writer = Writer::new();
        let writer = match (schema, read_as) {
            (Some(schema), BuiltIn::RegOper | BuiltIn::RegOperator) => {
                writer.operator_name(&QualifiedName::in_schema(schema, name))
            }
            (Some(schema), _) => writer.name(&QualifiedName::in_schema(schema, name)),
            (None, BuiltIn::RegOper | BuiltIn::RegOperator) => writer.raw(name),
            (None, _) => writer.identifier(name),
        };
        let writer = writer.optional(arguments.as_ref(), |writer, arguments| {
            writer.arguments(arguments, |writer, argument| match argument {
                Some(argument) => writer.type_(argument),
                None => writer.keyword("NONE"),
            })
        });
        writer.finish()
    }

    /// The relation that it is, of `regclass`.
    pub fn relation(&self) -> Option<QualifiedName> {
        match self {
            NamedInText::Object { read_as: BuiltIn::RegClass, .. } => self.name(),
            _ => None,
        }
    }

    /// The name of what is not a type, with `public` where no schema is said.
    pub fn name(&self) -> Option<QualifiedName> {
        match self {
            NamedInText::Type(_) => None,
            NamedInText::Object { schema, name, .. } => {
                Some(QualifiedName::in_schema(schema.as_deref().unwrap_or(DEFAULT_SCHEMA), name.as_str()))
            }
        }
    }

    /// Whether it is this object, of one of the kinds that are neither relations nor types.
    pub fn is(&self, id: &ObjectId) -> bool {
        let NamedInText::Object { read_as, name, arguments, .. } = self else { return false };
        let is_of_kind = match read_as {
            BuiltIn::RegProc | BuiltIn::RegProcedure => id.kind.namespace() == Namespace::Routine,
            BuiltIn::RegOper | BuiltIn::RegOperator => id.kind == Kind::OwnOperator,
            BuiltIn::RegCollation => id.kind == Kind::Collation,
            BuiltIn::RegConfig => id.kind == Kind::TextSearchConfiguration,
            BuiltIn::RegDictionary => id.kind == Kind::TextSearchDictionary,
            BuiltIn::RegNamespace => return id.kind == Kind::Schema && id.name.name == *name,
            _ => false,
        };
        let is_called = || arguments.as_ref().is_none_or(|said| said.iter().flatten().eq(&id.arguments));
        is_of_kind && self.name().as_ref() == Some(&id.name) && is_called()
    }

    /// Gives what is not a type another name.
    pub fn rename(&mut self, to: &QualifiedName) {
        if let NamedInText::Object { read_as, schema, name, .. } = self {
            if *read_as != BuiltIn::RegNamespace {
                *schema = Some(to.schema.clone());
            }
            name.clone_from(&to.name);
        }
    }

    /// Leaves out the schema that is found without being said.
    pub(super) fn forget_schema(&mut self) {
        if let NamedInText::Object { schema, .. } = self {
            schema.take_if(|schema| matches!(schema.as_str(), DEFAULT_SCHEMA | "pg_catalog"));
        }
    }

    /// The types in it.
    pub fn types_mut(&mut self) -> impl Iterator<Item = &mut Type> {
        let (data_type, arguments) = match self {
            NamedInText::Type(data_type) => (Some(data_type), None),
            NamedInText::Object { arguments, .. } => (None, arguments.as_mut()),
        };
        data_type.into_iter().chain(arguments.into_iter().flatten().flatten())
    }

    /// Puts one schema in the place of another, but for what of that name stays; says whether it occurred.
    pub fn move_schema(&mut self, from: &str, to: &str, stays: impl Fn(&str) -> bool) -> bool {
        let mut moved = false;
        for data_type in self.types_mut() {
            let named = data_type.depends_on().filter(|name| name.schema == from && !stays(&name.name)).cloned();
            if let Some(name) = named {
                moved |= data_type.rename(&name, &QualifiedName::in_schema(to, &name.name));
            }
        }
        if let NamedInText::Object { read_as, schema, name, .. } = self {
            let is_schema = *read_as == BuiltIn::RegNamespace;
            let stays = !is_schema && stays(name);
            let said = if is_schema { Some(name) } else { schema.as_mut() };
            if let Some(said) = said.filter(|said| *said == from && !stays) {
                to.clone_into(said);
                moved = true;
            }
        }
        moved
    }
}

/// The argument of a call that is a text which the function reads as a name, and as what. The function is PostgreSQL's own;
/// all that take as many arguments read it so.
pub(super) fn argument_of(call: &Call) -> Option<(usize, BuiltIn)> {
    if call.schema.as_deref().is_some_and(|schema| schema != "pg_catalog") {
        return None;
    }
    let mut arguments = call.arguments.iter().enumerate();
    arguments.find_map(|(index, argument)| {
        argument.value.as_text()?;
        Some((index, argument_read_as(&call.name, index, call.arguments.len())?))
    })
}

/// What a function of PostgreSQL's own that is called with so many arguments reads a text as there, where it is a name:
/// `regclass` of `nextval` and `pg_relation_size`.
pub fn argument_read_as(function: &str, index: usize, count: usize) -> Option<BuiltIn> {
    let taking = system::functions(function).filter(|one| one.extension().is_none() && one.arguments().len() >= count);
    let mut read_as = taking.map(|one| one.arguments().get(index).and_then(TypeId::built_in));
    let first = read_as.next().flatten().filter(|first| is_name(*first))?;
    read_as.all(|other| other == Some(first)).then_some(first)
}

/// Whether a text that is read as this type is a name.
pub(super) fn is_name(read_as: BuiltIn) -> bool {
    matches!(
        read_as,
        BuiltIn::RegClass
            | BuiltIn::RegType
            | BuiltIn::RegProc
            | BuiltIn::RegProcedure
            | BuiltIn::RegOper
            | BuiltIn::RegOperator
            | BuiltIn::RegCollation
            | BuiltIn::RegConfig
            | BuiltIn::RegDictionary
            | BuiltIn::RegNamespace
    )
}

/// The schema and the name in a text, as SQL writes them; `None` where it is neither, or has a database before it.
fn parts(text: &str) -> Option<(Option<String>, String)> {
    let text = text.trim();
    // The number of an object, and none.
    if text == "-" || text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let (part, behind) = identifier(rest)?;
        parts.push(part);
        match behind.trim_start().strip_prefix('.') {
            Some(next) => rest = next.trim_start(),
            None => break behind.trim().is_empty().then_some(())?,
        }
    }
    let mut parts = parts.into_iter();
    match (parts.next()?, parts.next(), parts.next()) {
        (name, None, _) => Some((None, name)),
        (schema, Some(name), None) => Some((Some(schema), name)),
        _ => None,
    }
}

/// The name that a text begins with, and what is behind it: in quotes, or up to a dot or a space (`SplitIdentifierString` of
/// PostgreSQL).
fn identifier(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end =
            text.find(|character: char| character == '.' || character.is_ascii_whitespace()).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        return (!name.is_empty()).then(|| (name.to_ascii_lowercase(), rest));
    };
    let mut name = String::new();
    let mut rest = quoted;
    loop {
        let (part, behind) = rest.split_once('"')?;
        name.push_str(part);
        match behind.strip_prefix('"') {
            Some(next) => {
                name.push('"');
                rest = next;
            }
            None => return (!name.is_empty()).then_some((name, behind)),
        }
    }
}

/// The schema and the symbol in a text that names an operator.
fn operator(text: &str) -> Option<(Option<String>, String)> {
    let text = text.trim();
    let start = text.find(|character| "+-*/<>=~!@#%^&|`?".contains(character))?;
    let (schema, symbol) = text.split_at(start);
    match schema.strip_suffix('.') {
        Some(schema) => Some((Some(parts(schema).filter(|(of, _)| of.is_none())?.1), symbol.to_owned())),
        None => schema.is_empty().then(|| (None, symbol.to_owned())),
    }
}

/// The types of a list; `NONE` stands for no type.
fn types(list: &str) -> Option<Vec<Option<Type>>> {
    let types = list.split(',').map(str::trim).filter(|one| !one.is_empty());
    types
        .map(|one| match one.eq_ignore_ascii_case("none") {
            true => Some(None),
            false => one.parse().ok().map(Some),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, read_as: BuiltIn) -> Option<String> {
        NamedInText::read(text, read_as).map(|named| named.text())
    }

    #[test]
    fn a_name_is_read_as_the_server_reads_it() {
        for (text, read_as, expected) in [
            ("Numbers", BuiltIn::RegClass, "numbers"),
            ("app.\"Big One\"", BuiltIn::RegClass, "app.\"Big One\""),
            (" app . numbers ", BuiltIn::RegClass, "app.numbers"),
            ("now()", BuiltIn::RegClass, "\"now()\""),
            ("a-b.\"say \"\"x\"\"\"", BuiltIn::RegClass, "\"a-b\".\"say \"\"x\"\"\""),
            ("INT4", BuiltIn::RegType, "integer"),
            ("app.mood[]", BuiltIn::RegType, "app.mood[]"),
            ("app.f(int, app.mood)", BuiltIn::RegProcedure, "app.f(integer, app.mood)"),
            ("f()", BuiltIn::RegProcedure, "f()"),
            ("app.===", BuiltIn::RegOper, "app.==="),
            ("-", BuiltIn::RegOper, "-"),
            ("app.!!!(NONE, int)", BuiltIn::RegOperator, "app.!!!(NONE, integer)"),
            ("german", BuiltIn::RegConfig, "german"),
            ("app", BuiltIn::RegNamespace, "app"),
        ] {
            assert_eq!(read(text, read_as).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_name_gives_nothing() {
        for (text, read_as) in [
            ("1259", BuiltIn::RegClass),
            ("-", BuiltIn::RegClass),
            ("there.app.numbers", BuiltIn::RegClass),
            ("", BuiltIn::RegClass),
            ("a b", BuiltIn::RegClass),
            ("\"a", BuiltIn::RegClass),
            ("a.", BuiltIn::RegClass),
            ("f", BuiltIn::RegProcedure),
            ("app.x", BuiltIn::RegNamespace),
            ("numbers", BuiltIn::Oid),
            ("admin", BuiltIn::RegRole),
        ] {
            assert_eq!(read(text, read_as), None, "{text}");
        }
    }

    #[test]
    fn a_text_is_found_where_the_server_reads_it_once() {
        for (written, expected) in [
            ("nextval('numbers')", Some("numbers")),
            ("pg_relation_size('app.users', 'main')", Some("app.users")),
            ("to_tsvector('app.german', body)", Some("app.german")),
            ("regclass 'users'", Some("users")),
            ("'users'::regclass", Some("users")),
            ("to_tsvector('german')", None),
            ("nextval('numbers'::text)", None),
            ("'users'::text::regclass", None),
            ("to_regclass('users')", None),
            ("app.nextval('numbers')", None),
        ] {
            let expression: Expression = written.parse().unwrap();
            let found = NamedInText::of(&expression).map(|named| named.text());
            assert_eq!(found.as_deref(), expected, "{written}");
        }
    }

    #[test]
    fn a_schema_is_moved_where_it_is_said() {
        for (text, read_as, expected) in [
            ("tenant.users", BuiltIn::RegClass, "app.users"),
            ("users", BuiltIn::RegClass, "users"),
            ("tenant.f(tenant.mood, other.mood)", BuiltIn::RegProcedure, "app.f(app.mood, other.mood)"),
            ("tenant.mood[]", BuiltIn::RegType, "app.mood[]"),
            ("tenant", BuiltIn::RegNamespace, "app"),
            ("tenant", BuiltIn::RegClass, "tenant"),
            ("tenant.f(tenant.citext)", BuiltIn::RegProcedure, "app.f(tenant.citext)"),
        ] {
            let mut named = NamedInText::read(text, read_as).unwrap();
            named.move_schema("tenant", "app", |name| name == "citext");
            assert_eq!(named.text(), expected, "{text}");
        }
    }
}
