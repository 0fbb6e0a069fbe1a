migrate_runtime::migrations! {
    /// The history.
    pub static MIGRATIONS =
    migration "0001_users" { create table users { id: bigint primary key } run crate::step down { sql "select 1"; } }
}

async fn step(_: &mut migrate_runtime::StepContext<'_>) -> Result<(), migrate_runtime::BoxError> {
    Ok(())
}

fn main() {
    assert_eq!(MIGRATIONS.len(), 1);
}
