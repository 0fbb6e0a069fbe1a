fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
        postgres = 14;
        migration "0001_new_things" {
            create table t {
                id: bigint primary key,
                code: text?,
                other: bigint? references t on delete set null (other),
                twice: bigint generated always as (id * 2) virtual,
                unique nulls not distinct (code),
            }
            create unique index on t (code) nulls not distinct;
        }
    };
}
