//! JSON: values as `jsonb` has them, and how what is stored is written.
//!
//! The macros write, and only the runtime reads: with [`ToJson`] in place of `serde::Serialize` they are built without serde,
//! which every user's first build would pay for. `serde::Deserialize` reads what is written here.

mod value;
mod writer;

/// Implements [`ToJson`](trait@ToJson) as serde's derive would implement `Serialize`.
pub use migrate_derive::ToJson;
pub use value::Value;
pub use writer::{ToJson, Writer, to_json};
