#![deny(deprecated)]

fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_notes" {
        create table notes { id: bigint primary key, owner: text }
        create policy own on notes using (owner = "me");
    }
    };
}
