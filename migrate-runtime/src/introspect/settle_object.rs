//! Lets the server print the definitions of objects that are expected, where the live ones are other trees: each is made
//! as a temporary object in a transaction that is rolled back.

use migrate_core::catalog::Catalog;
use migrate_core::object::{Define as _, ObjectId, Question};
use sqlx::PgConnection;

use super::placed::Placed;
use super::queries;
use super::settle::{Settled, is_refused, opened};
use crate::connection::text;
use crate::message::{Message, Part};

/// Puts the server's words in place of the definitions that `live` has otherwise.
///
/// # Errors
/// The connection is lost.
pub(super) async fn settle_objects(
    connection: &mut PgConnection,
    live: &Catalog,
    placed: &Placed,
    settled: &mut Settled,
) -> Result<(), sqlx::Error> {
    for id in doubtful(&settled.catalog, live) {
        let Some(object) = settled.catalog.object(&id) else { continue };
        let mut definition = object.definition.clone();
        placed.take_home_definition(&mut definition);
        let Some(question) = definition.question(&id) else { continue };
        match ask(connection, &question).await? {
            Ok(printed) => {
                let mut definition = object.definition.clone();
                match definition.answered(&printed) {
                    Ok(()) => {
                        placed.place_definition(&mut definition);
                        if let Some(object) = settled.catalog.object_mut(&id) {
                            object.definition = definition;
                        }
                    }
                    Err(reason) => settled.unasked = Some(format!("cannot read `{printed}`: {reason}")),
                }
            }
            Err(reason) => settled.unasked = Some(reason),
        }
    }
    Ok(())
}

/// The objects that both have, and that are other trees.
pub(super) fn doubtful(expected: &Catalog, live: &Catalog) -> Vec<ObjectId> {
    let differs = |id: &ObjectId| match (expected.object(id), live.object(id)) {
        (Some(one), Some(other)) => !one.definition.differences(&other.definition).is_empty(),
        _ => false,
    };
    expected.objects.keys().filter(|id| differs(id)).cloned().collect()
}

async fn ask(connection: &mut PgConnection, question: &Question) -> Result<Result<String, String>, sqlx::Error> {
    let mut message = Message::new();
    opened(&mut message);
    for command in &question.commands {
        message.push(Part::Record, command);
    }
    message.push(Part::Control, queries::SEARCH_PATH);
    message.push(Part::Waiting, &question.answer);
    message.push(Part::Control, "ROLLBACK");
    let mut printed = String::new();
    let sent = message.send(connection, |part, reply| {
        for row in reply.rows.iter().filter(|_| part == Part::Waiting) {
            printed = text(row, 0);
        }
    });
    match sent.await {
        Ok(_) => Ok(Ok(printed)),
        Err(error) => Ok(Err(is_refused(connection, error.source).await?)),
    }
}
