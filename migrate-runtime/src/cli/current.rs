//! `current`

use serde::Serialize;

use super::context::{Context, Outcome};
use super::exit::Exit;
use super::json;

/// Show the last applied version.
///
/// Prints it alone on a line, for scripts; nothing if none is applied.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Current {}

#[derive(Serialize)]
struct CurrentJson {
    current: Option<json::Migration>,
    head: Option<json::Migration>,
    up_to_date: bool,
}

impl Current {
    pub(super) async fn run(self, context: &mut Context) -> Outcome {
        let pool = context.connect().await?;
        let status = context.migrator.status(&pool).await?;
        if context.options.json {
            context.output.json(&CurrentJson {
                current: status.current.as_ref().map(json::Migration::of),
                head: status.head.as_ref().map(json::Migration::of),
                up_to_date: status.is_up_to_date(),
            });
        } else if let Some(current) = status.current {
            context.output.result(&format!("{current}\n"));
        }
        Ok(Exit::Success)
    }
}
