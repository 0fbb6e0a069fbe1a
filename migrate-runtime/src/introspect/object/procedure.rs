use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Kind, ObjectId, Procedure, Returns};
use serde::Deserialize;

use super::super::placed::Placed;
use super::function::routines_query;
use super::{Read, function};

#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Row(function::Row);

impl Read for Row {
    const WHAT: &'static str = "procedures";

    const QUERY: &'static str = routines_query!("= 'p'");

    fn id(&self, placed: &Placed) -> Result<ObjectId, String> {
        self.0.id_of(Kind::Procedure, placed)
    }

    fn name(&self) -> QualifiedName {
        self.0.name()
    }

    fn comment(&mut self) -> Option<String> {
        self.0.comment()
    }

    fn definition(self, placed: &Placed) -> Result<Definition, (String, String)> {
        let mut function = self.0.function(placed)?;
        // The server says `void`, or the row of its outputs.
        function.returns = Returns::Outputs { set: false };
        Ok(placed.placed(Procedure(function).into()))
    }
}
