//! What public methods return.

use std::future::Future;
use std::pin::Pin;

/// Work that makes progress while it is awaited.
///
/// The type behind it is erased here and not left to an `async fn`, so that rustc compiles the engine once, with this
/// crate, and not again with every crate that calls it.
pub type Running<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
