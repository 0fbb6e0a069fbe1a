use super::{FunctionArgument, Namespace, ObjectId, Renaming};
use crate::catalog::{Catalog, Fields, Scope, Used};
use crate::expression::{self, Expression, ExpressionKind};
use crate::json::ToJson;
use crate::query::{Body as QueryBody, PartMut, Query, Statement, canonical, canonical_statement, parse_statement};
use crate::sorted::SortedSet;
use crate::sql::{Writer, lex};
use crate::token::{At, Cursor, SyntaxError, Token};

/// The body of a function.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// A text that the language reads.
    Text(String),
    /// A symbol of a library, of functions in C.
    Library {
        /// The library.
        file: String,
        /// The symbol.
        symbol: String,
    },
    /// Standard SQL, which PostgreSQL keeps parsed: what it names is found when the function is made, and used by it from
    /// then on.
    Standard(StandardBody),
}

/// A body in standard SQL. Everything in it is named in full, arguments by the name of their function.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum StandardBody {
    /// `RETURN`, as a query of that one value.
    Return(Box<Query>),
    /// `BEGIN ATOMIC ... END`
    Atomic(Vec<Statement>),
}

impl Body {
    /// Its text, where it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Body::Text(text) => Some(text),
            Body::Library { .. } | Body::Standard(_) => None,
        }
    }

    /// It in standard SQL, where it is that.
    pub fn standard(&self) -> Option<&StandardBody> {
        match self {
            Body::Standard(body) => Some(body),
            Body::Text(_) | Body::Library { .. } => None,
        }
    }

    /// [`Body::standard`], to change it.
    pub fn standard_mut(&mut self) -> Option<&mut StandardBody> {
        match self {
            Body::Standard(body) => Some(body),
            Body::Text(_) | Body::Library { .. } => None,
        }
    }

    /// It for people.
    pub(super) fn told(&self) -> String {
        match self {
            Body::Text(text) => text.clone(),
            Body::Library { file, symbol } => format!("{file}, {symbol}"),
            Body::Standard(body) => body.sql(),
        }
    }

    pub(super) fn write(&self, writer: Writer) -> Writer {
        match self {
            Body::Text(text) => writer.keyword("AS").dollar_quoted(text),
            Body::Library { file, symbol } => writer.keyword("AS").literal(file).glue().keyword(",").literal(symbol),
            Body::Standard(body) => body.write(writer),
        }
    }

    /// Whether both mean the same in a function with these arguments.
    pub(super) fn is_same_as(&self, other: &Body, arguments: &[FunctionArgument]) -> bool {
        match (self, other) {
            (Body::Standard(one), Body::Standard(other)) => one.canonical(arguments) == other.canonical(arguments),
            _ => self == other,
        }
    }
}

impl StandardBody {
    /// Takes the statements of `BEGIN ATOMIC`, up to where they end.
    ///
    /// # Errors
    /// What stands there is none.
    pub fn parse_statements(cursor: &mut Cursor<'_>) -> Result<Vec<Statement>, SyntaxError> {
        let mut statements = Vec::new();
        loop {
            while cursor.take_symbol(';') {}
            if ends(cursor) || cursor.is_word("end") {
                return Ok(statements);
            }
            let statement = match cursor.take_word("return") {
                true => Statement::Query(Query::of_value(expression::parse(cursor)?)),
                false => parse_statement(cursor)?,
            };
            if !ends(cursor) && !cursor.is_symbol(';') {
                return Err(cursor.expected(statement.expected_next()));
            }
            statements.push(statement);
        }
    }

    /// Reads what `pg_get_function_sqlbody` prints.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(text: &str) -> Result<Self, SyntaxError> {
        let tokens = lex(text)?;
        let mut cursor = Cursor::of_sql(&tokens);
        let body = if cursor.take_word("return") {
            StandardBody::Return(Box::new(Query::of_value(expression::parse(&mut cursor)?)))
        } else if cursor.take_words(&["begin", "atomic"]) {
            let statements = StandardBody::parse_statements(&mut cursor)?;
            cursor.take_word("end");
            StandardBody::Atomic(statements)
        } else {
            return Err(cursor.expected("`return` or `begin atomic`"));
        };
        if cursor.is_at_end() { Ok(body) } else { Err(cursor.expected("the end of the body")) }
    }

    /// Where it stands.
    pub fn at(&self) -> At {
        match self {
            StandardBody::Return(query) => query.at,
            StandardBody::Atomic(statements) => {
                let mut places = statements.iter().map(Statement::at);
                places.next().map_or_else(At::default, |first| places.next_back().map_or(first, |last| first.to(last)))
            }
        }
    }

    /// It in SQL.
    pub fn sql(&self) -> String {
        self.write(Writer::new()).finish()
    }

    /// The value behind `RETURN`.
    fn value(query: &Query) -> Option<&Expression> {
        match &query.body {
            QueryBody::Select(select) => select.items.first().map(|item| &item.value),
            _ => None,
        }
    }

    fn write(&self, writer: Writer) -> Writer {
        match self {
            StandardBody::Return(query) => {
                writer.keyword("RETURN").optional(StandardBody::value(query), |writer, value| writer.expression(value))
            }
            StandardBody::Atomic(statements) => {
                let writer = statements
                    .iter()
                    .fold(writer.keyword("BEGIN ATOMIC"), |writer, statement| writer.statement(statement).semicolon());
                writer.keyword("END")
            }
        }
    }

    /// Notes what it uses, in a function with these arguments.
    pub(super) fn note_uses(&self, arguments: &[FunctionArgument], scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        match self {
            StandardBody::Return(query) => query.note_uses(scope, uses),
            StandardBody::Atomic(statements) => {
                statements.iter().for_each(|statement| statement.note_uses(scope, uses));
            }
        }
        if arguments.iter().any(|argument| argument.data_type.depends_on().is_some()) {
            self.clone().each_field(arguments, scope.catalog, &mut |fields, part| fields.note(part, uses));
        }
    }

    /// Calls `see` for each part that may read a field of an argument, which is written as `(argument).field` for it.
    fn each_field(
        &mut self,
        arguments: &[FunctionArgument],
        catalog: &Catalog,
        see: &mut dyn FnMut(&Fields<'_>, &mut Expression),
    ) {
        let sources = self.source_names();
        let argument = |name: &String| arguments.iter().find(|argument| argument.name.as_ref() == Some(name));
        let type_of_name = |parts: &[String]| {
            let field = match parts {
                [row, field] if !sources.contains(row) => {
                    argument(row).and_then(|row| catalog.field_type(&row.data_type, field))
                }
                _ => None,
            };
            field.or_else(|| Some(argument(parts.last()?)?.data_type.clone()))
        };
        let fields = Fields { catalog, type_of_name: &type_of_name };
        self.walk_mut(&mut |part| {
            let PartMut::Expression(expression) = part else { return };
            let of_argument = match &expression.kind {
                ExpressionKind::Name(parts) => match parts.as_slice() {
                    [row, field] if !sources.contains(row) && argument(row).is_some() => Some((row, field)),
                    _ => None,
                },
                _ => None,
            };
            match of_argument {
                None => see(&fields, expression),
                Some((row, field)) => {
                    let operand = Box::new(Expression::new(ExpressionKind::Name(vec![row.clone()]), expression.at));
                    let mut read =
                        Expression::new(ExpressionKind::Field { operand, field: field.clone() }, expression.at);
                    see(&fields, &mut read);
                    if let (ExpressionKind::Field { field, .. }, ExpressionKind::Name(parts)) =
                        (read.kind, &mut expression.kind)
                    {
                        parts.truncate(1);
                        parts.push(field);
                    }
                }
            }
        });
    }

    /// The names that the sources of its queries have.
    fn source_names(&self) -> SortedSet<String> {
        match self {
            StandardBody::Return(query) => query.source_names(),
            StandardBody::Atomic(statements) => statements.iter().flat_map(Statement::source_names).collect(),
        }
    }

    /// Calls `change` for each part of it.
    pub fn walk_mut(&mut self, change: &mut dyn FnMut(PartMut<'_>)) {
        match self {
            StandardBody::Return(query) => query.walk_mut(change),
            StandardBody::Atomic(statements) => {
                statements.iter_mut().for_each(|statement| statement.walk_mut(change));
            }
        }
    }

    /// Follows what gets another name, `id` being the function as it is afterwards, with these arguments.
    pub(super) fn follow(&mut self, id: &ObjectId, arguments: &[FunctionArgument], renaming: &Renaming<'_>) {
        if let Renaming::Column { table, from, to, before } = renaming {
            self.each_field(arguments, before, &mut |fields, part| fields.rename(part, (table, from, to)));
        }
        match self {
            StandardBody::Return(query) => query.follow(renaming),
            StandardBody::Atomic(statements) => {
                statements.iter_mut().for_each(|statement| statement.follow(renaming));
            }
        }
        if let Renaming::Object { from, to, .. } = renaming
            && from.kind.namespace() == Namespace::Routine
            && id.name == **to
            && id.arguments == from.arguments
        {
            self.rename_function(&from.name.name, &to.name);
        }
    }

    /// Names the arguments by another name of the function.
    fn rename_function(&mut self, from: &str, to: &str) {
        self.walk_mut(&mut |part| {
            if let PartMut::Expression(expression) = part
                && let ExpressionKind::Name(parts) = &mut expression.kind
                && let [function, _] = parts.as_mut_slice()
                && function == from
            {
                to.clone_into(function);
            }
        });
    }

    /// The form in which it is compared. The server names arguments without their function where nothing else could be
    /// meant.
    fn canonical(&self, arguments: &[FunctionArgument]) -> Vec<Statement> {
        let mut statements: Vec<Statement> = match self {
            StandardBody::Return(query) => vec![Statement::Query(canonical(query))],
            StandardBody::Atomic(statements) => statements.iter().map(canonical_statement).collect(),
        };
        for statement in &mut statements {
            let sources = statement.source_names();
            let is_argument = |name: &String| arguments.iter().any(|argument| argument.name.as_ref() == Some(name));
            statement.walk_mut(&mut |part| {
                if let PartMut::Expression(expression) = part
                    && let ExpressionKind::Name(parts) = &mut expression.kind
                    && let [first, second] = parts.as_mut_slice()
                    && !sources.contains(first)
                {
                    if is_argument(second) {
                        parts.remove(0);
                    } else if is_argument(first) {
                        // A field of an argument that is a row.
                        let (row, field) = (std::mem::take(first), std::mem::take(second));
                        let operand = Box::new(ExpressionKind::Name(vec![row]).into());
                        expression.kind = ExpressionKind::Field { operand, field };
                    }
                }
            });
        }
        statements
    }
}

/// Whether nothing follows in the brackets.
fn ends(cursor: &Cursor<'_>) -> bool {
    matches!(cursor.peek(), Token::End | Token::Close(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::ArgumentMode;
    use crate::types::Type;

    #[test]
    fn what_the_server_prints_is_read() {
        let body = StandardBody::read("RETURN (a + 1)").unwrap();
        assert_eq!(body.sql(), "RETURN a + 1");
        let text = "BEGIN ATOMIC\n INSERT INTO public.log (a)\n   VALUES (f.a);\n SELECT t.a\n    FROM public.t;\nEND";
        let body = StandardBody::read(text).unwrap();
        assert_eq!(body.sql(), "BEGIN ATOMIC INSERT INTO public.log (a) VALUES (f.a); SELECT t.a FROM public.t; END");
        assert_eq!(StandardBody::read("BEGIN ATOMIC\nEND").unwrap(), StandardBody::Atomic(Vec::new()));
        assert!(StandardBody::read("SELECT 1").is_err());
    }

    #[test]
    fn arguments_are_the_same_with_and_without_the_name_of_their_function() {
        let argument = FunctionArgument {
            mode: ArgumentMode::In,
            name: Some("a".into()),
            data_type: Type::INTEGER,
            default: None,
        };
        let is_same = |one: &str, other: &str| {
            let read = |text: &str| Body::Standard(StandardBody::read(text).unwrap());
            read(one).is_same_as(&read(other), std::slice::from_ref(&argument))
        };
        assert!(is_same("RETURN f.a + 1", "RETURN (a + 1)"));
        assert!(is_same("RETURN a", "BEGIN ATOMIC SELECT a; END"));
        assert!(!is_same("RETURN f.a + 1", "RETURN (a + 2)"));
        assert!(!is_same("RETURN f.b", "RETURN b"));
        assert!(!is_same("RETURN (SELECT t.a FROM t)", "RETURN (SELECT a FROM t)"));
    }
}
