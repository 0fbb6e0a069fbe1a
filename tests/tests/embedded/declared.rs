//! The item that `migrations!` can be.

migrate_runtime::migrations! {
    /// The history.
    pub static MIGRATIONS =
    migration "0001_users" { create table users { id: bigint primary key } run crate::step down { sql "select 1"; } }
}

#[test]
fn the_item_declares_the_static() {
    assert_eq!(MIGRATIONS.len(), 1);
}
