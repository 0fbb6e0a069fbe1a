static _EMPTY: migrate_runtime::Migrations = migrate_runtime::migrations!();
static _WRONG_VERSION: migrate_runtime::Migrations = migrate_runtime::migrations!("history", postgres = 9);
static _WRONG_OPTION: migrate_runtime::Migrations = migrate_runtime::migrations!("history", mysql = 8);
static _NO_DIRECTORY: migrate_runtime::Migrations = migrate_runtime::migrations!("no_such_directory");
static _NO_NAME: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "users" { create enum a { b } }
    migration "0001_users" { create enum a { b } }
    migration "1_again" { create enum a { b } }
    migration "0002_empty" {}
};

fn main() {}
