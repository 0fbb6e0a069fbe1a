#![deny(deprecated)]

fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    postgres = 15,
    migration "0001_logs" {
        #[allow(no_primary_key, reason = "a log")]
        create table logs { at: timestamptz, text: text }
        create table users { id: bigint primary key, email: text, age: int }
        create publication of_logs for table logs;
        create publication of_users for table users (email);
        create publication adults for table users where (age > 17);
        create publication inserts for table logs with (publish = "insert");
        create table kept { id: bigint primary key }
        create table later { id: bigint primary key }
        create publication both for table kept, later;
    }
    migration "0002_later" {
        alter table kept { drop constraint kept_pkey, add primary key (id) }
        alter table later drop constraint later_pkey;
    }
    };
}
