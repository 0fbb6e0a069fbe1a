//! What a history takes over from another tool.

use migrate_runtime::{Migrations, migrations};

static MIGRATIONS: Migrations = migrations! {
    migration "0001_users" {
        create table users { id: bigint primary key }
        adopts sqxl through 20260312094500;
    }
    migration "0002_more" {
        create table trips { id: bigint primary key }
        adopts sqlx through "first";
    }
    migration "0003_more" {
        create table stays { id: bigint primary key }
        adopts sqlx through 3 { versions [1, 2] }
    }
};

fn main() {}
