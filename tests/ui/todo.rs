//! What a generated migration leaves to a person.

use migrate_runtime::{Migrations, migrations};

static MIGRATIONS: Migrations = migrations! {
    migration "0001_users" { create table users { id: bigint primary key, age: text } }
    migration "0002_plan" {
        alter table users {
            add plan: text = todo("a value for the existing rows of `users`"),
            alter age: int using todo("how `age` becomes `integer`"),
        }
    }
};

fn main() {}
