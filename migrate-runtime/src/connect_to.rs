//! What methods accept as a database.

use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::connection::{CONNECT_TIMEOUT, close, connect_once};
use crate::database_url;
use crate::error::Error;
use crate::running::Running;

/// How many connections a pool of our own has at most; a run has others.
const CONNECTIONS: u32 = 2;

/// A database: a pool or, for applications without an sqlx pool, a URL or connection options.
///
/// ```no_run
/// # static MIGRATIONS: migrate_runtime::Migrations =
/// #     migrate_runtime::Migrations::new(&[], migrate_runtime::Options { oldest_server: 14, source: None });
/// # async fn example(pool: sqlx::PgPool) -> Result<(), migrate_runtime::Error> {
/// MIGRATIONS.apply(&pool).await?;
/// MIGRATIONS.apply("postgres://app@localhost/travel").await?;
/// MIGRATIONS.apply(migrate_runtime::sqlx::postgres::PgConnectOptions::new().host("/run/postgresql")).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ConnectTo<'a>(Kind<'a>);

#[derive(Clone, Debug)]
enum Kind<'a> {
    Pool(&'a PgPool),
    Options(Box<PgConnectOptions>),
    Url(&'a str),
}

impl<'a> From<&'a PgPool> for ConnectTo<'a> {
    fn from(pool: &'a PgPool) -> Self {
        ConnectTo(Kind::Pool(pool))
    }
}

impl From<PgConnectOptions> for ConnectTo<'_> {
    fn from(options: PgConnectOptions) -> Self {
        ConnectTo(Kind::Options(Box::new(options)))
    }
}

impl From<&PgConnectOptions> for ConnectTo<'_> {
    fn from(options: &PgConnectOptions) -> Self {
        options.clone().into()
    }
}

impl<'a> From<&'a str> for ConnectTo<'a> {
    fn from(url: &'a str) -> Self {
        ConnectTo(Kind::Url(url))
    }
}

impl<'a> From<&'a String> for ConnectTo<'a> {
    fn from(url: &'a String) -> Self {
        ConnectTo(Kind::Url(url))
    }
}

/// A pool of the application's, or one of our own.
struct Opened {
    pool: PgPool,
    is_own: bool,
}

impl ConnectTo<'_> {
    async fn open(self) -> Result<Opened, Error> {
        let options = match self.0 {
            Kind::Pool(pool) => return Ok(Opened { pool: pool.clone(), is_own: false }),
            Kind::Options(options) => *options,
            Kind::Url(url) => database_url::read(url)?,
        };
        // A pool would go on trying where nobody listens; and it tells less.
        let connection = connect_once(&options).await.map_err(Error::Connect)?;
        let _ = sqlx::Connection::close(connection).await;
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(CONNECT_TIMEOUT);
        Ok(Opened { pool: pool.connect_lazy_with(options), is_own: true })
    }

    /// Does some work there, and closes what was opened for it.
    pub(crate) fn run<'a, T: Send + 'a>(
        self,
        work: impl FnOnce(PgPool) -> Running<'a, Result<T, Error>> + Send + 'a,
    ) -> Running<'a, Result<T, Error>>
    where
        Self: 'a,
    {
        Box::pin(async move {
            let opened = self.open().await?;
            let result = work(opened.pool.clone()).await;
            if opened.is_own {
                close(&opened.pool).await;
            }
            result
        })
    }
}
