fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create table t {
            id: uuid primary key = gen_rand_uuid(),
            name: text check (name + 1 > 2),
        }
    }
    };
}
