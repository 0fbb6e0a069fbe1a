//! A migration in a file, for rules that tell the place of what breaks them.

migrate_runtime::migration! {
    create table users { id: bigint primary key }
}
