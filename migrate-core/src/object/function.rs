use super::function_options::is_default;
use super::kind::Facts;
use super::{Body, Define, FunctionOptions, Namespace, ObjectId, Question, Renaming, StandardBody, compared};
use crate::catalog::{Catalog, Scope, Securable, Used};
use crate::expression::{Expression, canonical};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{Hazard, Lowering};
use crate::query::PartMut;
use crate::sorted::SortedSet;
use crate::sql::{Writer, quote_literal};
use crate::types::{BuiltIn, Type};

/// A function, with everything that a call of it depends on.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Function {
    /// Its arguments in their order, those that are results included; not the columns of `RETURNS TABLE`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<FunctionArgument>,
    /// What it returns.
    pub returns: Returns,
    /// The language of its body.
    pub language: String,
    /// Its body.
    pub body: Body,
    /// Everything else.
    #[serde(flatten)]
    pub options: FunctionOptions,
}

/// An argument of a function or procedure.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct FunctionArgument {
    /// Which way its value goes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mode: ArgumentMode,
    /// Its name, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its type, without a length or precision: PostgreSQL keeps none.
    pub data_type: Type,
    /// Its value where a call gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Expression>,
}

/// Which way the value of an argument goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum ArgumentMode {
    /// Into the function.
    #[default]
    In,
    /// Out of it.
    Out,
    /// Both.
    InOut,
    /// Into it, any number of them, as an array.
    Variadic,
}

impl ArgumentMode {
    /// Whether a call passes it.
    pub fn is_input(self) -> bool {
        self != ArgumentMode::Out
    }

    /// Whether it is a part of the result.
    pub fn is_output(self) -> bool {
        matches!(self, ArgumentMode::Out | ArgumentMode::InOut)
    }

    fn keyword(self) -> &'static str {
        match self {
            ArgumentMode::In => "",
            ArgumentMode::Out => "OUT",
            ArgumentMode::InOut => "INOUT",
            ArgumentMode::Variadic => "VARIADIC",
        }
    }
}

/// What a function returns.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum Returns {
    /// A value, or any number of them.
    Type {
        /// The type.
        data_type: Type,
        /// Whether it is any number of them.
        set: bool,
    },
    /// Its output arguments; of a procedure without any, nothing.
    Outputs {
        /// Whether it is any number of rows.
        set: bool,
    },
    /// `RETURNS TABLE`: any number of rows with these columns.
    Table(Vec<(String, Type)>),
}

impl Function {
    pub(super) const FACTS: Facts =
        Facts { noun: "function", keywords: "FUNCTION", namespace: Namespace::Routine, on_table: None, securable: Some(Securable::Routine) };

    /// The arguments that a call passes.
    pub fn inputs(&self) -> impl Iterator<Item = &FunctionArgument> {
        self.arguments.iter().filter(|argument| argument.mode.is_input())
    }

    /// The types that tell it from others of its name.
    pub fn signature(&self) -> Vec<Type> {
        self.inputs().map(|argument| argument.data_type.clone()).collect()
    }

    /// The type of its result; of several outputs it is a row without a name.
    pub fn result(&self) -> Type {
        let mut outputs: Vec<&Type> = match &self.returns {
            Returns::Type { data_type, .. } => return data_type.clone(),
            Returns::Table(columns) => columns.iter().map(|(_, data_type)| data_type).collect(),
            Returns::Outputs { .. } => {
                let outputs = self.arguments.iter().filter(|argument| argument.mode.is_output());
                outputs.map(|argument| &argument.data_type).collect()
            }
        };
        match (outputs.pop(), outputs.is_empty()) {
            (Some(only), true) => only.clone(),
            (None, _) => Type::BuiltIn(BuiltIn::Void),
            _ => Type::BuiltIn(BuiltIn::Record),
        }
    }

    /// Whether it runs with the rights of its owner, and looks names up under whatever path its caller has.
    pub(super) fn trusts_the_path_of_its_caller(&self) -> bool {
        let options = &self.options;
        options.security_definer && !options.settings.contains_key("search_path") && self.body.standard().is_none()
    }

    /// The columns of the rows that it gives, where it names them itself.
    pub fn row_columns(&self) -> Vec<(String, &Type)> {
        match &self.returns {
            Returns::Table(columns) => columns.iter().map(|(name, data_type)| (name.clone(), data_type)).collect(),
            Returns::Outputs { .. } => {
                let outputs = self.arguments.iter().filter(|argument| argument.mode.is_output());
                let named = outputs.enumerate().map(|(index, argument)| {
                    let name = argument.name.clone().unwrap_or_else(|| format!("column{}", index + 1));
                    (name, &argument.data_type)
                });
                named.collect()
            }
            Returns::Type { .. } => Vec::new(),
        }
    }

    /// Whether it returns any number of rows.
    pub fn returns_set(&self) -> bool {
        match &self.returns {
            Returns::Type { set, .. } | Returns::Outputs { set } => *set,
            Returns::Table(_) => true,
        }
    }

    fn types(&self) -> impl Iterator<Item = &Type> {
        let returned: Vec<&Type> = match &self.returns {
            Returns::Type { data_type, .. } => vec![data_type],
            Returns::Table(columns) => columns.iter().map(|(_, data_type)| data_type).collect(),
            Returns::Outputs { .. } => Vec::new(),
        };
        self.arguments.iter().map(|argument| &argument.data_type).chain(returned).chain(&self.options.transforms)
    }

    fn types_mut(&mut self) -> impl Iterator<Item = &mut Type> {
        let returned: Vec<&mut Type> = match &mut self.returns {
            Returns::Type { data_type, .. } => vec![data_type],
            Returns::Table(columns) => columns.iter_mut().map(|(_, data_type)| data_type).collect(),
            Returns::Outputs { .. } => Vec::new(),
        };
        let arguments = self.arguments.iter_mut().map(|argument| &mut argument.data_type);
        arguments.chain(returned).chain(&mut self.options.transforms)
    }

    pub(super) fn note(&self, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        for data_type in self.types() {
            scope.note_type(data_type, uses);
            if let Some(table) = data_type.depends_on().filter(|name| scope.catalog.tables.contains_key(*name)) {
                uses.insert(Used::Table(table.clone()));
            }
        }
        for default in self.arguments.iter().filter_map(|argument| argument.default.as_ref()) {
            scope.note_expression(default, uses);
        }
        uses.extend(self.options.support.clone().map(Used::Function));
        if let Some(body) = self.body.standard() {
            body.note_uses(&self.arguments, scope, uses);
        }
    }

    pub(super) fn follow_names(&mut self, id: &ObjectId, renaming: &Renaming<'_>) {
        if let Renaming::Type { from, to } | Renaming::Relation { from, to } = renaming {
            self.types_mut().for_each(|data_type| {
                data_type.rename(from, to);
            });
        }
        for default in self.arguments.iter_mut().filter_map(|argument| argument.default.as_mut()) {
            renaming.follow_expression(default);
        }
        if let Renaming::Object { from, to, .. } = renaming
            && from.kind.namespace() == Namespace::Routine
            && self.options.support.as_ref() == Some(&from.name)
        {
            self.options.support = Some((*to).clone());
        }
        if let Some(body) = self.body.standard_mut() {
            body.follow(id, &self.arguments, renaming);
        }
    }

    pub(super) fn write_create(&self, id: &ObjectId, command: &'static str, plan: &mut Lowering) {
        let sql = self.write(&id.name, command);
        // What is put back was checked when it was made, and may mention what has another name by now. What is kept parsed
        // does not.
        let is_unchecked = plan.puts_back() && self.body.standard().is_none();
        if is_unchecked {
            plan.sql(Writer::new().keyword("SET LOCAL check_function_bodies = off").finish()).with_next();
        }
        let added = plan.sql(sql);
        if is_unchecked {
            added.with_next();
            plan.sql(Writer::new().keyword("SET LOCAL check_function_bodies TO DEFAULT").finish());
        }
    }

    fn write(&self, name: &QualifiedName, command: &'static str) -> String {
        let is_function = command.ends_with("FUNCTION");
        let writer = Writer::new().keyword(command).name(name);
        let writer = writer.arguments(&self.arguments, |writer, argument| {
            writer
                .keyword(argument.mode.keyword())
                .optional(argument.name.as_deref(), |writer, name| writer.identifier(name))
                .type_(&argument.data_type)
                .optional(argument.default.as_ref(), |writer, value| writer.keyword("DEFAULT").expression(value))
        });
        let writer = match &self.returns {
            Returns::Type { data_type, set } => {
                writer.keyword("RETURNS").keyword_if(*set, "SETOF").type_(data_type)
            }
            Returns::Table(columns) => writer.keyword("RETURNS TABLE").list(columns, |writer, (name, data_type)| {
                writer.identifier(name).type_(data_type)
            }),
            Returns::Outputs { set } => writer.when(*set && is_function, |writer| {
                writer.keyword("RETURNS SETOF").type_(&self.result())
            }),
        };
        let writer = writer.keyword("LANGUAGE").identifier(&self.language);
        let writer = match self.options.transforms.as_slice() {
            [] => writer,
            types => writer.keyword("TRANSFORM").comma_separated(types, |writer, data_type| {
                writer.keyword("FOR TYPE").type_(data_type)
            }),
        };
        let writer = self.options.write(writer.keyword_if(self.options.window, "WINDOW"), &self.language);
        self.body.write(writer).finish()
    }

    /// What makes the server print a body that it keeps parsed.
    pub(super) fn question_of_body(&self, id: &ObjectId, command: &'static str) -> Option<Question> {
        self.body.standard()?;
        let scratch = QualifiedName::in_schema("pg_temp", id.name.name.clone());
        let signature = Writer::new().name(&scratch).arguments(&id.arguments, Writer::type_).finish();
        Some(Question {
            commands: vec![self.write(&scratch, command)],
            answer: format!(
                "SELECT pg_catalog.pg_get_function_sqlbody({}::pg_catalog.regprocedure)",
                quote_literal(&signature)
            ),
        })
    }

    /// Puts what the server has printed of it in place of the body.
    pub(super) fn answered_body(&mut self, printed: &str) -> Result<(), String> {
        self.body = Body::Standard(StandardBody::read(printed).map_err(|error| error.message)?);
        Ok(())
    }

    /// Whether `CREATE OR REPLACE` makes the other one of it. PostgreSQL keeps what calls rely on: the result, the names
    /// of arguments, and that there are defaults.
    fn is_replaceable_by(&self, to: &Function) -> bool {
        let argument = |before: &FunctionArgument, after: &FunctionArgument| {
            before.mode == after.mode
                && before.data_type == after.data_type
                && (before.name.is_none() || before.name == after.name)
                && (before.default.is_none() || after.default.is_some())
        };
        let outputs = |function: &Function| function.arguments.iter().any(|argument| argument.mode.is_output());
        self.arguments.len() == to.arguments.len()
            && self.arguments.iter().zip(&to.arguments).all(|(before, after)| argument(before, after))
            && self.result() == to.result()
            && self.returns_set() == to.returns_set()
            && outputs(self) == outputs(to)
            && match (&self.returns, &to.returns) {
                (Returns::Table(one), Returns::Table(other)) => one == other,
                (Returns::Table(_), _) | (_, Returns::Table(_)) => false,
                _ => true,
            }
            && self.options.window == to.options.window
    }

    pub(super) fn change_into(&self, id: &ObjectId, to: &Function, replace: &'static str, plan: &mut Lowering) -> bool {
        if !self.is_replaceable_by(to) {
            return false;
        }
        let is_same_but_options = self.arguments == to.arguments
            && self.returns == to.returns
            && self.language == to.language
            && self.body == to.body
            && self.options.transforms == to.options.transforms
            && (self.options.support == to.options.support || to.options.support.is_some());
        if is_same_but_options {
            let writer = id.write(Writer::new().keyword("ALTER").keyword(id.kind.keywords()));
            plan.sql(to.options.write_changes(writer, &self.options, &self.language).finish());
            return true;
        }
        to.write_create(id, replace, plan);
        true
    }

    pub(super) fn differing(&self, found: &Function) -> Vec<(&'static str, Option<String>, Option<String>)> {
        let told = |text: String| Some(text).filter(|text| !text.is_empty());
        let mut differences = Vec::new();
        let arguments = |function: &Function| told(function.told_arguments());
        if !same_arguments(&self.arguments, &found.arguments) {
            differences.push(("arguments", arguments(self), arguments(found)));
        }
        if self.returns != found.returns {
            differences.push(("result", told(self.told_result()), told(found.told_result())));
        }
        let (one, other) = (&self.options, &found.options);
        let types = |types: &[Type]| told(types.iter().map(Type::sql).collect::<Vec<_>>().join(", "));
        let flag = |value: bool| value.then_some(true);
        let compared_options = [
            compared("language", Some(&self.language), Some(&found.language)),
            (!self.body.is_same_as(&found.body, &self.arguments))
                .then(|| ("body", Some(self.body.told()), Some(found.body.told()))),
            compared(
                "volatility",
                Some(&one.volatility.keyword().to_lowercase()),
                Some(&other.volatility.keyword().to_lowercase()),
            ),
            compared("strict", flag(one.strict).as_ref(), flag(other.strict).as_ref()),
            compared("leakproof", flag(one.leakproof).as_ref(), flag(other.leakproof).as_ref()),
            compared("security definer", flag(one.security_definer).as_ref(), flag(other.security_definer).as_ref()),
            compared("window", flag(one.window).as_ref(), flag(other.window).as_ref()),
            compared(
                "parallel",
                Some(&one.parallel.keyword().to_lowercase()),
                Some(&other.parallel.keyword().to_lowercase()),
            ),
            compared("cost", one.cost.as_ref(), other.cost.as_ref()),
            compared("rows", one.rows.as_ref(), other.rows.as_ref()),
            compared("support", one.support.as_ref(), other.support.as_ref()),
            compared("settings", one.told_settings().as_ref(), other.told_settings().as_ref()),
            compared("transforms", types(&one.transforms).as_ref(), types(&other.transforms).as_ref()),
        ];
        differences.extend(compared_options.into_iter().flatten());
        differences
    }

    fn told_arguments(&self) -> String {
        let told = self.arguments.iter().map(|argument| {
            let mode = argument.mode.keyword().to_lowercase();
            let name = argument.name.as_deref().map(|name| format!("{name}: ")).unwrap_or_default();
            let default = argument.default.as_ref().map(|value| format!(" = {value}")).unwrap_or_default();
            format!("{mode} {name}{}{default}", argument.data_type).trim_start().to_owned()
        });
        told.collect::<Vec<_>>().join(", ")
    }

    fn told_result(&self) -> String {
        let set = if self.returns_set() { "setof " } else { "" };
        match &self.returns {
            Returns::Table(columns) => {
                let columns = columns.iter().map(|(name, data_type)| format!("{name}: {data_type}"));
                format!("table ({})", columns.collect::<Vec<_>>().join(", "))
            }
            Returns::Type { data_type, .. } => format!("{set}{data_type}"),
            Returns::Outputs { .. } => format!("{set}the output arguments"),
        }
    }
}

/// Defaults count by their meaning.
fn same_arguments(one: &[FunctionArgument], other: &[FunctionArgument]) -> bool {
    let meaning = |argument: &FunctionArgument| {
        let value = argument.default.clone()?;
        Some(canonical(&Expression::cast(value, argument.data_type.clone())))
    };
    one.len() == other.len()
        && one.iter().zip(other).all(|(one, other)| {
            one.mode == other.mode
                && one.name == other.name
                && one.data_type == other.data_type
                && meaning(one) == meaning(other)
        })
}

/// What is dangerous about a function that runs with the rights of its owner.
pub(super) fn hazards_of_path(id: &ObjectId, function: &Function) -> Vec<(Hazard, String)> {
    if !function.trusts_the_path_of_its_caller() {
        return Vec::new();
    }
    let text = format!(
        "{id} runs with the privileges of its owner but the `search_path` of its caller, who can substitute objects of \
         their own; write `set search_path = ..., pg_temp`"
    );
    vec![(Hazard::UnsafeSearchPath, text)]
}

impl Define for Function {
    fn note_uses(&self, _id: &ObjectId, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        self.note(scope, uses);
    }

    fn follow(&mut self, id: &ObjectId, renaming: &Renaming<'_>) {
        self.follow_names(id, renaming);
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        self.write_create(id, "CREATE FUNCTION", plan);
    }

    fn change(&self, id: &ObjectId, to: &Self, _before: &Catalog, plan: &mut Lowering) -> bool {
        self.change_into(id, to, "CREATE OR REPLACE FUNCTION", plan)
    }

    fn hazards(&self, id: &ObjectId) -> Vec<(Hazard, String)> {
        hazards_of_path(id, self)
    }

    fn hazards_of_change(
        &self,
        id: &ObjectId,
        to: &Self,
        before: &Catalog,
        is_new: &dyn Fn(&QualifiedName) -> bool,
    ) -> Vec<(Hazard, String)> {
        let mut hazards = match self.trusts_the_path_of_its_caller() {
            true => Vec::new(),
            false => hazards_of_path(id, to),
        };
        let computes_the_same = self.body == to.body
            && self.language == to.language
            && self.options.settings == to.options.settings
            && self.options.strict == to.options.strict;
        if computes_the_same {
            return hazards;
        }
        for user in before.users_of_any(&before.known_as(id)) {
            let Some((table, part)) = user.table().zip(user.part()).filter(|(table, _)| !is_new(table)) else { continue };
            if let Some(kept) = part.computed_once(table) {
                let text = format!(
                    "{kept} with the current results of {id}, which are not computed again; create a new function and \
                     use that instead, or rebuild what uses it after this"
                );
                hazards.push((Hazard::LeavesStaleValues, text));
            }
        }
        hazards
    }

    fn walk_mut(&mut self, change: &mut dyn FnMut(PartMut<'_>)) {
        if let Some(body) = self.body.standard_mut() {
            body.walk_mut(change);
        }
    }

    fn question(&self, id: &ObjectId) -> Option<Question> {
        self.question_of_body(id, "CREATE FUNCTION")
    }

    fn answered(&mut self, printed: &str) -> Result<(), String> {
        self.answered_body(printed)
    }

    fn is_rebuilt(&self) -> bool {
        true
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        self.differing(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::{FunctionVolatility, Kind, Object, Parallel};
    use crate::operation::testing::{catalog, data_type, hazard_codes, index, lines, lowered, name};
    use crate::operation::{ChangeObject, CreateObject, script};
    use crate::plan::Place;

    fn slug() -> (ObjectId, Function) {
        let argument = FunctionArgument {
            mode: ArgumentMode::In,
            name: Some("title".into()),
            data_type: data_type("text"),
            default: None,
        };
        let function = Function {
            arguments: vec![argument],
            returns: Returns::Type { data_type: data_type("text"), set: false },
            language: "sql".into(),
            body: Body::Text("select lower(title)".into()),
            options: FunctionOptions { volatility: FunctionVolatility::Immutable, ..FunctionOptions::default() },
        };
        let id = ObjectId { arguments: vec![data_type("text")], ..ObjectId::new(Kind::Function, name("slug")) };
        (id, function)
    }

    fn changed(change: impl FnOnce(&mut Function)) -> Vec<String> {
        let (id, function) = slug();
        let mut catalog = catalog();
        catalog.objects.insert(id.clone(), Object::new(function.clone()).into());
        let mut to = function;
        change(&mut to);
        lowered(&catalog, ChangeObject { id, definition: to.into() })
    }

    #[test]
    fn everything_is_written_that_is_not_as_postgresql_has_it() {
        let (id, mut function) = slug();
        function.options.settings.insert("search_path".into(), "app, pg_temp".into());
        function.options.settings.insert("work_mem".into(), "8MB".into());
        function.options.security_definer = true;
        assert_eq!(
            lowered(&catalog(), CreateObject { id, object: Object::new(function) }),
            [
                "-- transaction",
                "CREATE FUNCTION public.slug(title text) RETURNS text LANGUAGE sql IMMUTABLE SECURITY DEFINER \
                 SET search_path = app, pg_temp SET work_mem = '8MB' AS $$select lower(title)$$",
            ]
        );
    }

    #[test]
    fn a_body_that_is_put_back_is_not_checked() {
        let (id, function) = slug();
        let create = CreateObject { id, object: Object::new(function) };
        assert_eq!(
            lines(&script::lower(&catalog(), &[(create.into(), Place::default(), Vec::new())], 15)),
            [
                "-- transaction",
                "SET LOCAL check_function_bodies = off",
                "CREATE FUNCTION public.slug(title text) RETURNS text LANGUAGE sql IMMUTABLE AS \
                 $$select lower(title)$$",
                "SET LOCAL check_function_bodies TO DEFAULT",
            ]
        );
    }

    #[test]
    fn options_are_altered_and_bodies_replaced() {
        assert_eq!(
            changed(|to| {
                to.options.volatility = FunctionVolatility::Stable;
                to.options.strict = true;
            }),
            ["-- transaction", "ALTER FUNCTION public.slug(text) STABLE STRICT"]
        );
        assert_eq!(
            changed(|to| to.body = Body::Text("select title".into())),
            [
                "-- transaction",
                "CREATE OR REPLACE FUNCTION public.slug(title text) RETURNS text LANGUAGE sql IMMUTABLE AS \
                 $$select title$$"
            ]
        );
    }

    #[test]
    fn what_calls_rely_on_cannot_be_replaced() {
        type Change = fn(&mut Function);
        let changes: [Change; 3] = [
            |to| to.returns = Returns::Type { data_type: data_type("integer"), set: false },
            |to| to.returns = Returns::Type { data_type: data_type("text"), set: true },
            |to| to.arguments[0].name = Some("other".into()),
        ];
        for change in changes {
            let lines = changed(change);
            assert_eq!(lines[1], "DROP FUNCTION public.slug(text)");
            assert!(lines[2].starts_with("CREATE FUNCTION"), "{lines:?}");
        }
    }

    #[test]
    fn what_was_computed_with_it_stays() {
        let (id, function) = slug();
        let mut catalog = catalog();
        let bookings = catalog.table_mut(&name("bookings")).unwrap();
        bookings.indexes.insert("slugs".into(), index(&["public.slug(note)"]));
        catalog.objects.insert(id.clone(), Object::new(function.clone()).into());
        let change = |change: fn(&mut Function)| {
            let mut to = function.clone();
            change(&mut to);
            hazard_codes(&catalog, ChangeObject { id: id.clone(), definition: to.into() })
        };
        assert_eq!(change(|to| to.body = Body::Text("select title".into())), ["leaves_stale_values"]);
        assert_eq!(change(|to| to.options.parallel = Parallel::Safe), [""; 0]);
        assert_eq!(change(|to| to.options.security_definer = true), ["unsafe_search_path"]);
    }
}
