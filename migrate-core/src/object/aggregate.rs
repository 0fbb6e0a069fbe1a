use std::fmt;

use super::kind::Facts;
use super::{ArgumentMode, Define, FunctionArgument, FunctionName, Namespace, ObjectId, Parallel, Renaming, compared};
use crate::catalog::{Catalog, Scope, Securable, Used};
use crate::expression::Operator;
use crate::json::ToJson;
use crate::plan::Lowering;
use crate::sorted::SortedSet;
use crate::sql::Writer;
use crate::types::Type;

/// An aggregate function.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Aggregate {
    /// Its arguments, without those that it orders by.
    pub arguments: Vec<FunctionArgument>,
    /// What stands behind `ORDER BY`, of an ordered-set aggregate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered: Option<Vec<FunctionArgument>>,
    /// How it gathers values.
    pub state: AggregateState,
    /// How it gathers them over a moving frame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moving: Option<AggregateState>,
    /// What puts two states together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub combine: Option<FunctionName>,
    /// What makes bytes of a state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serialize: Option<FunctionName>,
    /// What makes a state of bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deserialize: Option<FunctionName>,
    /// The operator that orders values so that it gives the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort_operator: Option<Operator>,
    /// Whether parallel workers may run it.
    #[serde(default)]
    pub parallel: Parallel,
    /// Whether it is a hypothetical-set aggregate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_hypothetical: bool,
    /// The type of what it gives; `None` where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Type>,
}

/// How an aggregate gathers values.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct AggregateState {
    /// What adds a value to the state.
    pub function: FunctionName,
    /// What takes a value out of the state, over a moving frame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inverse: Option<FunctionName>,
    /// The type of the state.
    pub data_type: Type,
    /// How many bytes a state takes, where it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space: Option<u32>,
    /// What makes the result of the state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish: Option<FunctionName>,
    /// Whether that takes the arguments as well.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub finish_extra: bool,
    /// Whether that changes the state, where it is not as usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish_modify: Option<FinishModify>,
    /// The state at the beginning, as a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial: Option<String>,
}

/// Whether the function that makes the result changes the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the SQL words")]
pub enum FinishModify {
    ReadOnly,
    Shareable,
    ReadWrite,
}

impl FinishModify {
    /// All of them.
    pub const ALL: [FinishModify; 3] = [FinishModify::ReadOnly, FinishModify::Shareable, FinishModify::ReadWrite];

    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            FinishModify::ReadOnly => "read_only",
            FinishModify::Shareable => "shareable",
            FinishModify::ReadWrite => "read_write",
        }
    }
}

impl fmt::Display for FinishModify {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

impl AggregateState {
    fn functions(&self) -> impl Iterator<Item = &FunctionName> {
        std::iter::once(&self.function).chain(&self.inverse).chain(&self.finish)
    }

    fn functions_mut(&mut self) -> impl Iterator<Item = &mut FunctionName> {
        std::iter::once(&mut self.function).chain(&mut self.inverse).chain(&mut self.finish)
    }

    fn write(&self, writer: Writer, words: &Words) -> Writer {
        let mut writer = writer.keyword(words.function).name(&self.function.name);
        if let Some(inverse) = &self.inverse {
            writer = writer.comma().keyword("minvfunc =").name(&inverse.name);
        }
        writer = writer.comma().keyword(words.data_type).type_(&self.data_type);
        if let Some(space) = self.space {
            writer = writer.comma().keyword(words.space).integer(space);
        }
        if let Some(finish) = &self.finish {
            writer = writer.comma().keyword(words.finish).name(&finish.name);
        }
        if self.finish_extra {
            writer = writer.comma().keyword(words.extra);
        }
        if let Some(modify) = self.finish_modify {
            writer = writer.comma().keyword(words.modify).keyword(modify.word());
        }
        if let Some(initial) = &self.initial {
            writer = writer.comma().keyword(words.initial).literal(initial);
        }
        writer
    }
}

struct Words {
    function: &'static str,
    data_type: &'static str,
    space: &'static str,
    finish: &'static str,
    extra: &'static str,
    modify: &'static str,
    initial: &'static str,
}

const PLAIN: Words = Words {
    function: "sfunc =",
    data_type: "stype =",
    space: "sspace =",
    finish: "finalfunc =",
    extra: "finalfunc_extra",
    modify: "finalfunc_modify =",
    initial: "initcond =",
};

const MOVING: Words = Words {
    function: "msfunc =",
    data_type: "mstype =",
    space: "msspace =",
    finish: "mfinalfunc =",
    extra: "mfinalfunc_extra",
    modify: "mfinalfunc_modify =",
    initial: "minitcond =",
};

impl Aggregate {
    pub(super) const FACTS: Facts = Facts {
        noun: "aggregate",
        keywords: "AGGREGATE",
        namespace: Namespace::Routine,
        on_table: None,
        securable: Some(Securable::Routine),
    };

    /// All arguments, in the order in which they tell it from others.
    pub fn all_arguments(&self) -> impl Iterator<Item = &FunctionArgument> {
        self.arguments.iter().chain(self.ordered.iter().flatten())
    }

    fn functions(&self) -> impl Iterator<Item = &FunctionName> {
        let states = std::iter::once(&self.state).chain(&self.moving);
        let others = self.combine.iter().chain(&self.serialize).chain(&self.deserialize);
        states.flat_map(AggregateState::functions).chain(others)
    }

    fn functions_mut(&mut self) -> impl Iterator<Item = &mut FunctionName> {
        let states = std::iter::once(&mut self.state).chain(&mut self.moving);
        let others = self.combine.iter_mut().chain(&mut self.serialize).chain(&mut self.deserialize);
        states.flat_map(AggregateState::functions_mut).chain(others)
    }

    fn types_mut(&mut self) -> impl Iterator<Item = &mut Type> {
        let states = std::iter::once(&mut self.state.data_type)
            .chain(self.moving.iter_mut().map(|state| &mut state.data_type))
            .chain(&mut self.result);
        let arguments = self.arguments.iter_mut().chain(self.ordered.iter_mut().flatten());
        states.chain(arguments.map(|argument| &mut argument.data_type))
    }

    fn write_arguments(&self, writer: Writer) -> Writer {
        fn one(writer: Writer, argument: &FunctionArgument) -> Writer {
            writer
                .keyword_if(argument.mode == ArgumentMode::Variadic, "VARIADIC")
                .optional(argument.name.as_deref(), Writer::identifier)
                .type_(&argument.data_type)
        }
        if self.all_arguments().next().is_none() && self.ordered.is_none() {
            return writer.keyword("(*)");
        }
        writer.parenthesized(|writer| {
            let writer = writer.comma_separated(&self.arguments, one);
            match &self.ordered {
                Some(ordered) => writer.keyword("ORDER BY").comma_separated(ordered, one),
                None => writer,
            }
        })
    }

    fn lower(&self, words: &'static str, id: &ObjectId, plan: &mut Lowering) {
        let writer = self.write_arguments(Writer::new().keyword(words).name(&id.name));
        let writer = writer.parenthesized(|writer| {
            let mut writer = self.state.write(writer, &PLAIN);
            for (word, function) in [
                ("combinefunc =", &self.combine),
                ("serialfunc =", &self.serialize),
                ("deserialfunc =", &self.deserialize),
            ] {
                if let Some(function) = function {
                    writer = writer.comma().keyword(word).name(&function.name);
                }
            }
            if let Some(moving) = &self.moving {
                writer = moving.write(writer.comma(), &MOVING);
            }
            if let Some(operator) = &self.sort_operator {
                writer = writer.comma().keyword("sortop =").operator(operator);
            }
            if self.parallel != Parallel::Unsafe {
                writer = writer.comma().keyword("parallel =").keyword(self.parallel.word());
            }
            if self.is_hypothetical {
                writer = writer.comma().keyword("hypothetical");
            }
            writer
        });
        plan.sql(writer.finish());
    }

    fn told_arguments(&self) -> String {
        self.write_arguments(Writer::new()).finish()
    }
}

impl Define for Aggregate {
    fn note_uses(&self, _id: &ObjectId, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        self.functions().for_each(|function| function.note_uses(scope, uses));
        for argument in self.all_arguments() {
            scope.note_type(&argument.data_type, uses);
        }
        for state in std::iter::once(&self.state).chain(&self.moving) {
            scope.note_type(&state.data_type, uses);
        }
    }

    fn follow(&mut self, _id: &ObjectId, renaming: &Renaming<'_>) {
        self.functions_mut().for_each(|function| function.follow(renaming));
        if let Renaming::Type { from, to } | Renaming::Relation { from, to } = renaming {
            for data_type in self.types_mut() {
                data_type.rename(from, to);
            }
        }
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        self.lower("CREATE AGGREGATE", id, plan);
    }

    fn change(&self, id: &ObjectId, to: &Self, _before: &Catalog, plan: &mut Lowering) -> bool {
        let is_set = |aggregate: &Aggregate| aggregate.ordered.is_some();
        // The names of arguments stay, and so do the result and the kind (`ProcedureCreate` in `pg_proc.c`).
        let is_replaced = self.arguments == to.arguments
            && self.ordered == to.ordered
            && is_set(self) == is_set(to)
            && self.is_hypothetical == to.is_hypothetical
            && self.result.is_some()
            && self.result == to.result;
        if is_replaced {
            to.lower("CREATE OR REPLACE AGGREGATE", id, plan);
        }
        is_replaced
    }

    fn is_rebuilt(&self) -> bool {
        true
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        let mut differences: Vec<_> = [
            compared("arguments", Some(&self.told_arguments()), Some(&found.told_arguments())),
            compared("combinefunc", self.combine.as_ref(), found.combine.as_ref()),
            compared("serialfunc", self.serialize.as_ref(), found.serialize.as_ref()),
            compared("deserialfunc", self.deserialize.as_ref(), found.deserialize.as_ref()),
            compared(
                "sortop",
                self.sort_operator.as_ref().map(|operator| &operator.symbol),
                found.sort_operator.as_ref().map(|operator| &operator.symbol),
            ),
            compared("parallel", Some(&self.parallel.word()), Some(&found.parallel.word())),
            compared("hypothetical", Some(&self.is_hypothetical), Some(&found.is_hypothetical)),
        ]
        .into_iter()
        .flatten()
        .collect();
        let is_set = self.ordered.is_some();
        let state = |state: &AggregateState| {
            // Ordered-set aggregates change their states where nothing else is said.
            let usual = if is_set { FinishModify::ReadWrite } else { FinishModify::ReadOnly };
            let state = AggregateState {
                finish_modify: state.finish_modify.filter(|modify| *modify != usual),
                space: state.space.filter(|space| *space > 0),
                ..state.clone()
            };
            state.write(Writer::new(), &PLAIN).finish().replace("pg_catalog.", "")
        };
        differences.extend(compared("state", Some(&state(&self.state)), Some(&state(&found.state))));
        let moving = |aggregate: &Aggregate| aggregate.moving.as_ref().map(state);
        differences.extend(compared("moving state", moving(self).as_ref(), moving(found).as_ref()));
        differences
    }
}
