//! Which of several functions of one name a call means.

use super::{Catalog, Fields};
use crate::expression::{Argument, Call};
use crate::name::QualifiedName;
use crate::object::{ArgumentMode, Definition, Function, FunctionArgument, Kind, Object, ObjectId, Procedure};
use crate::system;
use crate::types::Type;

impl Catalog {
    /// The functions, procedures and aggregates of this name.
    pub(crate) fn routines_named(&self, name: &QualifiedName) -> impl Iterator<Item = (&ObjectId, &Object)> {
        [Kind::Function, Kind::Procedure, Kind::Aggregate].into_iter().flat_map(move |kind| {
            let found = self.objects.iter_from(&ObjectId::new(kind, name.clone()));
            let found = found.take_while(move |(id, _)| id.kind == kind && id.name == *name);
            found.map(|(id, object)| (id, object.as_ref()))
        })
    }

    /// Whether there is a function, a procedure or an aggregate of this name.
    pub fn has_routine(&self, name: &QualifiedName) -> bool {
        self.routines_named(name).next().is_some()
    }

    /// The procedure of this name in whatever schema, where there is only one.
    pub fn only_procedure(&self, name: &str) -> Option<&Function> {
        let mut named = self.objects.iter().filter_map(|(id, object)| match &object.definition {
            Definition::Procedure(Procedure(function)) if id.name.name == name => Some(function),
            _ => None,
        });
        named.next().filter(|_| named.next().is_none())
    }

    /// The function that a call means among several of its name, as far as the types of its arguments, or else their number,
    /// tell. Where one takes just so many and others have defaults for the rest, the call is taken to mean the first:
    /// PostgreSQL calls it ambiguous unless the types decide, so the others came later than the call.
    pub(crate) fn overload(&self, name: &QualifiedName, call: &Call, fields: &Fields<'_>) -> Option<&ObjectId> {
        let alike: Vec<(&ObjectId, Taken)> =
            self.routines_named(name).map(|(id, object)| (id, Taken::of(id, object))).collect();
        // PostgreSQL's own may be meant as well.
        if alike.len() < 2 || (call.schema.is_none() && system::functions(&name.name).next().is_some()) {
            return None;
        }
        let type_of = |argument: &Argument| Some(fields.type_of(&argument.value)?.without_modifier());
        let types: Option<Vec<Type>> = call.arguments.iter().map(type_of).collect();
        if let Some((id, _)) = alike.iter().find(|(id, _)| types.as_ref() == Some(&id.arguments)) {
            return Some(id);
        }
        let count = call.arguments.len() + call.within_group.len();
        let only = |takes: &dyn Fn(&Taken) -> bool| {
            let mut found = alike.iter().filter(|(_, taken)| takes(taken));
            let first = found.next()?;
            Some((first.0, found.next().is_none()))
        };
        let exactly = only(&|taken| !taken.any && taken.most == count);
        let (id, is_only) = exactly.or_else(|| only(&|taken| taken.takes(count)))?;
        is_only.then_some(id)
    }
}

/// Whether a call may mean either of two functions of one name, since what one of them takes besides has defaults: PostgreSQL then
/// cannot choose.
#[cfg(feature = "runtime")]
pub(crate) fn are_ambiguous(one: (&ObjectId, &Object), other: (&ObjectId, &Object)) -> bool {
    let [this, that] = [one, other].map(|(id, object)| Taken::of(id, object));
    let least = this.least.max(that.least);
    least <= this.most.min(that.most) && one.0.arguments.iter().take(least).eq(other.0.arguments.iter().take(least))
}

/// How many arguments a function takes.
struct Taken {
    least: usize,
    most: usize,
    /// Whether the last one stands for any number.
    any: bool,
}

impl Taken {
    fn of(id: &ObjectId, object: &Object) -> Self {
        let most = id.arguments.len();
        let arguments: &[FunctionArgument] = match &object.definition {
            Definition::Function(function) => &function.arguments,
            Definition::Procedure(procedure) => &procedure.0.arguments,
            Definition::Aggregate(aggregate) => &aggregate.arguments,
            _ => &[],
        };
        let defaults = arguments.iter().filter(|argument| argument.default.is_some()).count();
        let any = arguments.iter().any(|argument| argument.mode == ArgumentMode::Variadic);
        Taken { least: most.saturating_sub(defaults.max(usize::from(any))), most, any }
    }

    fn takes(&self, count: usize) -> bool {
        count >= self.least && (self.any || count <= self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::Expression;
    use crate::object::{Body, Function, Returns};
    use crate::operation::testing::name;

    fn catalog(functions: &[(&[&str], usize)]) -> Catalog {
        let mut catalog = Catalog::default();
        for (arguments, defaults) in functions {
            let types: Vec<Type> = arguments.iter().map(|text| text.parse().unwrap()).collect();
            let id = ObjectId { arguments: types.clone(), ..ObjectId::new(Kind::Function, name("f")) };
            let first_default = types.len() - defaults;
            let argument = |(at, data_type): (usize, Type)| FunctionArgument {
                mode: ArgumentMode::In,
                name: None,
                data_type,
                default: (at >= first_default).then(|| Expression::name("null")),
            };
            let arguments = types.into_iter().enumerate().map(argument).collect();
            let function = Function {
                arguments,
                returns: Returns::Type { set: false, data_type: Type::TEXT },
                language: "sql".to_owned(),
                body: Body::Text("select 1".to_owned()),
                options: Default::default(),
            };
            catalog.objects.insert(id, Object::new(Definition::Function(function)).into());
        }
        catalog
    }

    fn meant(catalog: &Catalog, count: usize) -> Option<String> {
        let argument = || Argument { name: None, value: Expression::name("x") };
        let call = Call { arguments: (0..count).map(|_| argument()).collect(), ..Call::new("f") };
        let fields = Fields { catalog, type_of_name: &|_| None };
        catalog.overload(&name("f"), &call, &fields).map(ToString::to_string)
    }

    #[test]
    fn the_number_of_arguments_tells_which_one_is_meant() {
        let two = catalog(&[(&["text"], 0), (&["text", "text", "text"], 1)]);
        assert_eq!(meant(&two, 1).as_deref(), Some("function `f(text)`"));
        assert_eq!(meant(&two, 2).as_deref(), Some("function `f(text, text, text)`"));
        assert_eq!(meant(&two, 4), None);
    }

    #[test]
    fn one_that_needs_no_defaults_is_preferred() {
        let two = catalog(&[(&["text", "text"], 0), (&["text", "text", "text"], 1)]);
        assert_eq!(meant(&two, 2).as_deref(), Some("function `f(text, text)`"));
    }

    #[test]
    fn types_are_not_told_apart() {
        let two = catalog(&[(&["text"], 0), (&["integer"], 0)]);
        assert_eq!(meant(&two, 1), None);
    }
}
