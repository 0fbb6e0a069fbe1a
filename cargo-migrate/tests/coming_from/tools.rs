//! What the tools leave: directories and databases.

use std::future::Future;

use sqlx::PgPool;
use sqlx::migrate::Migrator;

use super::page::Page;

const USERS: &str = "\
CREATE TYPE user_role AS ENUM ('guest', 'host');

CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mail text NOT NULL UNIQUE,
    role user_role NOT NULL DEFAULT 'guest'
);
";

const RENAME: &str = "\
-- Support asked for the word that the letters use.
ALTER TABLE users RENAME COLUMN mail TO email;
ALTER TABLE users ADD COLUMN created_at timestamptz NOT NULL DEFAULT now();

DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'users_email_check') THEN
        ALTER TABLE users ADD CONSTRAINT users_email_check CHECK (email LIKE '%@%');
    END IF;
END $$;
";

const RENAME_DOWN: &str = "\
ALTER TABLE users DROP CONSTRAINT users_email_check;
ALTER TABLE users DROP COLUMN created_at;
ALTER TABLE users RENAME COLUMN email TO mail;
";

pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

pub(crate) fn sqlx_directory(page: &Page) {
    page.write("migrations/20240105093000_users.up.sql", USERS);
    page.write("migrations/20240105093000_users.down.sql", "DROP TABLE users;\nDROP TYPE user_role;\n");
    page.write("migrations/20240211140000_email.up.sql", RENAME);
    page.write("migrations/20240211140000_email.down.sql", RENAME_DOWN);
    let index = "-- no-transaction\nCREATE INDEX CONCURRENTLY users_created_at_idx ON users (created_at);\n";
    page.write("migrations/20240318080000_users_by_age.up.sql", index);
    page.write("migrations/20240318080000_users_by_age.down.sql", "DROP INDEX users_created_at_idx;\n");
}

/// The program of before: its own pool, and sqlx's migrator at its start.
pub(crate) fn start_sqlx(page: &Page, url: &str) -> Result<(), String> {
    block_on(async {
        // Where its files are, as the page goes on.
        let old = page.directory().join("old");
        let folder = if old.exists() { old } else { page.directory().join("migrations") };
        let migrator = Migrator::new(folder).await.map_err(|error| error.to_string())?;
        let pool = PgPool::connect(url).await.map_err(|error| error.to_string())?;
        let done = migrator.run(&pool).await.map_err(|error| error.to_string());
        pool.close().await;
        done
    })
}

/// What Alembic 1.20 prints for `alembic upgrade head --sql 2>&1`.
pub(crate) const ALEMBIC: &str = "\
INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.
INFO  [alembic.runtime.migration] Generating static SQL
INFO  [alembic.runtime.migration] Will assume transactional DDL.
BEGIN;

CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,\x20
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

INFO  [alembic.runtime.migration] Running upgrade  -> 1975ea83b712, create account table
-- Running upgrade  -> 1975ea83b712

CREATE TYPE account_kind AS ENUM ('person', 'company');

CREATE TABLE account (
    id SERIAL NOT NULL,\x20
    name VARCHAR(50) NOT NULL,\x20
    description VARCHAR(200),\x20
    kind account_kind DEFAULT 'person' NOT NULL,\x20
    PRIMARY KEY (id)
);

INSERT INTO account (name, description, kind) VALUES ('O''Brien', NULL, 'person');

INSERT INTO alembic_version (version_num) VALUES ('1975ea83b712') RETURNING alembic_version.version_num;

INFO  [alembic.runtime.migration] Running upgrade 1975ea83b712 -> ae1027a6acf, Add a column
-- Running upgrade 1975ea83b712 -> ae1027a6acf

ALTER TABLE account ADD COLUMN last_transaction_date TIMESTAMP WITH TIME ZONE;

CREATE UNIQUE INDEX ix_account_name ON account (lower(name));

UPDATE alembic_version SET version_num='ae1027a6acf' WHERE alembic_version.version_num = '1975ea83b712';

COMMIT;

";

/// With a database at hand it runs the same statements.
pub(crate) fn as_alembic_runs_it() -> String {
    ALEMBIC.lines().filter(|line| !line.starts_with("INFO ")).map(|line| format!("{line}\n")).collect()
}

/// What `prisma migrate dev` wrote.
pub(crate) const PRISMA: &[(&str, &str)] = &[
    ("prisma/migrations/migration_lock.toml", "provider = \"postgresql\"\n"),
    (
        "prisma/migrations/20240101000000_init/migration.sql",
        "-- CreateEnum
CREATE TYPE \"Role\" AS ENUM ('USER', 'ADMIN');

-- CreateTable
CREATE TABLE \"User\" (
    \"id\" SERIAL NOT NULL,
    \"email\" TEXT NOT NULL,
    \"name\" TEXT,
    \"role\" \"Role\" NOT NULL DEFAULT 'USER',
    \"createdAt\" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT \"User_pkey\" PRIMARY KEY (\"id\")
);

-- CreateIndex
CREATE UNIQUE INDEX \"User_email_key\" ON \"User\"(\"email\");
",
    ),
    (
        "prisma/migrations/20240301120000_booking/migration.sql",
        "-- CreateTable
CREATE TABLE \"Booking\" (
    \"id\" SERIAL NOT NULL,
    \"userId\" INTEGER NOT NULL,
    \"total\" DECIMAL(12,2) NOT NULL,

    CONSTRAINT \"Booking_pkey\" PRIMARY KEY (\"id\")
);

-- AddForeignKey
ALTER TABLE \"Booking\" ADD CONSTRAINT \"Booking_userId_fkey\" FOREIGN KEY (\"userId\") REFERENCES \"User\"(\"id\") ON DELETE RESTRICT ON UPDATE CASCADE;
",
    ),
];

/// Its table, as its engine makes it.
pub(crate) fn as_prisma_leaves_it() -> String {
    let table = "CREATE TABLE _prisma_migrations (id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, \
        finished_at TIMESTAMPTZ, migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ, \
        started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0);\n\
        INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count) VALUES \
        ('3f0d3a8e-6f7e-4b51-9d0c-53c4b8f3c0aa', '0f5ab7a3', now(), '20240101000000_init', 1), \
        ('c6b6c1f5-3f3c-4a77-8f0e-8a4d3e0ce7bb', '77e1d0c4', now(), '20240301120000_booking', 1);\n";
    let files = PRISMA.iter().filter(|(name, _)| name.ends_with(".sql")).map(|(_, sql)| *sql);
    files.chain([table]).collect()
}

/// A directory of Flyway: with versions, what undoes one, and what is repeated.
pub(crate) const FLYWAY: &[(&str, &str)] = &[
    (
        "db/migration/V1__customers.sql",
        "CREATE TABLE customers (\n    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,\n    name text NOT NULL\n);\n",
    ),
    (
        "db/migration/V1.1__orders.sql",
        "CREATE TABLE orders (\n    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,\n    \
         customer_id bigint NOT NULL REFERENCES customers,\n    total numeric(12, 2) NOT NULL,\n    \
         placed_at timestamptz NOT NULL DEFAULT now()\n);\n\nCREATE INDEX orders_customer_id_idx ON orders (customer_id);\n",
    ),
    ("db/migration/U1.1__orders.sql", "DROP TABLE orders;\n"),
    (
        "db/migration/R__turnover.sql",
        "CREATE OR REPLACE VIEW turnover AS\nSELECT customer_id, sum(total) AS total\nFROM orders\nGROUP BY customer_id;\n",
    ),
];

/// Its table, as it makes it.
pub(crate) fn as_flyway_leaves_it() -> String {
    let table = "CREATE TABLE flyway_schema_history (installed_rank INT NOT NULL, version VARCHAR(50), \
        description VARCHAR(200) NOT NULL, type VARCHAR(20) NOT NULL, script VARCHAR(1000) NOT NULL, checksum INTEGER, \
        installed_by VARCHAR(100) NOT NULL, installed_on TIMESTAMP NOT NULL DEFAULT now(), execution_time INTEGER NOT NULL, \
        success BOOLEAN NOT NULL);\n\
        ALTER TABLE flyway_schema_history ADD CONSTRAINT flyway_schema_history_pk PRIMARY KEY (installed_rank);\n\
        CREATE INDEX flyway_schema_history_s_idx ON flyway_schema_history (success);\n\
        INSERT INTO flyway_schema_history VALUES \
        (1, '1', 'customers', 'SQL', 'V1__customers.sql', -1180934231, 'app', now(), 12, true), \
        (2, '1.1', 'orders', 'SQL', 'V1.1__orders.sql', 1420943351, 'app', now(), 15, true), \
        (3, NULL, 'turnover', 'SQL', 'R__turnover.sql', 823045881, 'app', now(), 5, true);\n";
    let order = ["V1__", "V1.1__", "R__"];
    let file = |begins: &str| FLYWAY.iter().find(|(name, _)| name.contains(&format!("/{begins}"))).unwrap().1;
    order.into_iter().map(file).chain([table]).collect()
}
