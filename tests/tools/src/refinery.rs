//! refinery, as its manual shows it for tokio-postgres.

use refinery::Target;
use tokio_postgres::NoTls;

use crate::Done;

mod embedded {
    refinery::embed_migrations!("migrations/refinery");
}

pub(crate) async fn start(url: &str, count: usize) -> Done {
    let (mut client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let connection = tokio::spawn(connection);
    let mut runner = embedded::migrations::runner();
    if let Ok(last) = u32::try_from(count) {
        runner = runner.set_target(Target::Version(last.try_into()?));
    }
    runner.run_async(&mut client).await?;
    drop(client);
    connection.await??;
    Ok(())
}
