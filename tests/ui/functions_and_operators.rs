fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create table t {
            id: uuid = gen_rand_uuid() primary key,
            name: text check (name + 1 > 2),
        }
    }
    };
}
