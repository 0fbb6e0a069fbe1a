static MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    postgres = 16;
    migration "0001_users" { create table users { id: bigint primary key } run crate::step down { sql "select 1"; } }
    migration "0002_trips" { create table trips { id: bigint primary key, user_id: bigint references users } }
};

async fn step(_: &mut migrate_runtime::StepContext<'_>) -> Result<(), migrate_runtime::BoxError> {
    Ok(())
}

fn main() {
    assert_eq!(MIGRATIONS.len(), 2);
    assert_eq!(MIGRATIONS.oldest_server(), 16);
}
