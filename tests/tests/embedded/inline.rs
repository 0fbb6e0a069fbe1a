//! Migrations in the place of an expression, with an option.

static MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    postgres = 16;
    migration "0001_users" { create table users { id: bigint primary key } run crate::step down { sql "select 1"; } }
    migration "0002_trips" { create table trips { id: bigint primary key, user_id: bigint unique references users } }
};

#[test]
fn inline_migrations_are_embedded_with_their_oldest_server() {
    assert_eq!(MIGRATIONS.len(), 2);
    assert_eq!(MIGRATIONS.oldest_server(), 16);
}
