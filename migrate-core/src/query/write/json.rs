//! Writing the functions of SQL/JSON.

use crate::expression::{Expression, Output};
use crate::query::{
    JsonBehavior, JsonFormat, JsonFunction, JsonMember, JsonNulls, JsonOutput, JsonPath, JsonPathFunction, JsonQuotes,
    JsonValue, JsonVariable, JsonWrapper,
};

impl Output<'_> {
    pub(crate) fn json_function(&mut self, function: &JsonFunction) {
        match function {
            JsonFunction::Parse { value, is_unique } => {
                self.push("JSON(");
                self.json_value(value);
                self.unique_keys(*is_unique);
                self.push(")");
            }
            JsonFunction::Scalar(value) => {
                self.push("JSON_SCALAR(");
                self.expression(value);
                self.push(")");
            }
            JsonFunction::Serialize { value, returning } => {
                self.push("JSON_SERIALIZE(");
                self.json_value(value);
                self.json_output(returning.as_ref());
                self.push(")");
            }
            JsonFunction::Object { members, nulls, is_unique, returning } => {
                self.push("JSON_OBJECT(");
                self.list(members, Self::json_member);
                self.json_nulls(*nulls);
                self.unique_keys(*is_unique);
                self.json_output(returning.as_ref());
                self.push(")");
            }
            JsonFunction::Array { values, nulls, returning } => {
                self.push("JSON_ARRAY(");
                self.list(values, Self::json_value);
                self.json_nulls(*nulls);
                self.json_output(returning.as_ref());
                self.push(")");
            }
            JsonFunction::ArrayQuery { query, format, returning } => {
                self.push("JSON_ARRAY(");
                self.query(query);
                self.json_format(format.as_ref());
                self.json_output(returning.as_ref());
                self.push(")");
            }
            JsonFunction::ObjectAggregate { member, nulls, is_unique, returning, filter, over } => {
                self.push("JSON_OBJECTAGG(");
                self.json_member(member);
                self.json_nulls(*nulls);
                self.unique_keys(*is_unique);
                self.json_output(returning.as_ref());
                self.push(")");
                self.aggregate_filter(filter.as_deref());
                self.over(over.as_deref());
            }
            JsonFunction::ArrayAggregate { value, order_by, nulls, returning, filter, over } => {
                self.push("JSON_ARRAYAGG(");
                self.json_value(value);
                self.order_by(order_by);
                self.json_nulls(*nulls);
                self.json_output(returning.as_ref());
                self.push(")");
                self.aggregate_filter(filter.as_deref());
                self.over(over.as_deref());
            }
            JsonFunction::Path(path) => self.json_path(path),
        }
    }

    fn json_path(&mut self, path: &JsonPath) {
        self.push(match path.function {
            JsonPathFunction::Exists => "JSON_EXISTS(",
            JsonPathFunction::Value => "JSON_VALUE(",
            JsonPathFunction::Query => "JSON_QUERY(",
        });
        self.json_value(&path.document);
        self.push(", ");
        self.expression(&path.path);
        self.json_passing(&path.passing);
        self.json_output(path.returning.as_ref());
        self.json_wrapper(path.wrapper);
        self.json_quotes(path.quotes);
        self.json_behaviors(path.on_empty.as_ref(), path.on_error.as_ref());
        self.push(")");
    }

    pub(super) fn json_value(&mut self, value: &JsonValue) {
        self.expression(&value.value);
        self.json_format(value.format.as_ref());
    }

    pub(super) fn json_format(&mut self, format: Option<&JsonFormat>) {
        if let Some(format) = format {
            self.push(" FORMAT JSON");
            if let Some(encoding) = &format.encoding {
                self.push(" ENCODING ");
                self.name(encoding);
            }
        }
    }

    fn json_output(&mut self, output: Option<&JsonOutput>) {
        if let Some(output) = output {
            // `JSON_OBJECT(RETURNING jsonb)` has nothing before it.
            self.push(if self.text.ends_with('(') { "RETURNING " } else { " RETURNING " });
            self.data_type(&output.data_type);
            self.json_format(output.format.as_ref());
        }
    }

    fn json_member(&mut self, member: &JsonMember) {
        self.expression(&member.key);
        self.push(" : ");
        self.json_value(&member.value);
    }

    fn json_nulls(&mut self, nulls: Option<JsonNulls>) {
        self.push(match nulls {
            None => "",
            Some(JsonNulls::Null) => " NULL ON NULL",
            Some(JsonNulls::Absent) => " ABSENT ON NULL",
        });
    }

    fn unique_keys(&mut self, is_unique: bool) {
        self.push(if is_unique { " WITH UNIQUE KEYS" } else { "" });
    }

    pub(super) fn json_passing(&mut self, variables: &[JsonVariable]) {
        if !variables.is_empty() {
            self.push(" PASSING ");
            self.list(variables, |output, variable| {
                output.json_value(&variable.value);
                output.push(" AS ");
                output.name(&variable.name);
            });
        }
    }

    pub(super) fn json_wrapper(&mut self, wrapper: Option<JsonWrapper>) {
        self.push(match wrapper {
            None => "",
            Some(JsonWrapper::Without) => " WITHOUT WRAPPER",
            Some(JsonWrapper::Conditional) => " WITH CONDITIONAL WRAPPER",
            Some(JsonWrapper::Unconditional) => " WITH UNCONDITIONAL WRAPPER",
        });
    }

    pub(super) fn json_quotes(&mut self, quotes: Option<JsonQuotes>) {
        self.push(match quotes {
            None => "",
            Some(JsonQuotes::Keep) => " KEEP QUOTES",
            Some(JsonQuotes::Omit) => " OMIT QUOTES",
        });
    }

    pub(super) fn json_behaviors(&mut self, on_empty: Option<&JsonBehavior>, on_error: Option<&JsonBehavior>) {
        for (behavior, when) in [(on_empty, " ON EMPTY"), (on_error, " ON ERROR")] {
            let Some(behavior) = behavior else { continue };
            match behavior {
                JsonBehavior::Error => self.push(" ERROR"),
                JsonBehavior::Null => self.push(" NULL"),
                JsonBehavior::True => self.push(" TRUE"),
                JsonBehavior::False => self.push(" FALSE"),
                JsonBehavior::Unknown => self.push(" UNKNOWN"),
                JsonBehavior::EmptyArray => self.push(" EMPTY ARRAY"),
                JsonBehavior::EmptyObject => self.push(" EMPTY OBJECT"),
                JsonBehavior::Default(value) => self.json_default(value),
            }
            self.push(when);
        }
    }

    fn json_default(&mut self, value: &Expression) {
        self.push(" DEFAULT ");
        self.expression(value);
    }
}
