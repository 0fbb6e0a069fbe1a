use migrate_core::name::QualifiedName;
use migrate_core::object::FunctionName;
use serde::Deserialize;

use super::super::placed::Placed;

/// A function that an object is made of.
#[derive(Debug, Deserialize)]
pub(super) struct FunctionRow {
    schema: String,
    name: String,
    arguments: Vec<String>,
}

impl FunctionRow {
    /// The function; the error is the text that cannot be read, and why.
    pub(super) fn read(self, placed: &Placed) -> Result<FunctionName, (String, String)> {
        let read = |text: String| placed.data_type(&text).map_err(|reason| (text, reason));
        Ok(FunctionName {
            name: QualifiedName::in_schema(self.schema, self.name),
            arguments: self.arguments.into_iter().map(read).collect::<Result<_, _>>()?,
        })
    }
}
