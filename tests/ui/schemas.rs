//! A schema beside the migrations.

use migrate_runtime::{Migrations, migrations};

// What differs is told where the schema has it, and behind the migrations where it does not.
static DIFFERENT: Migrations = migrations! {
    migration "0001_users" {
        create enum plan { free, paid }
        create table users { id: bigint primary key, email: text unique, plan: plan = free, old: int?, gone: int? }
        create table trips { id: bigint primary key, user_id: bigint references users, total: int check (total >= 0) }
        create index on trips (user_id);
        create view names as select id from users;
        create table legacy { id: bigint primary key }
    }
    schema {
        /// Everyone.
        create table users { id: bigint primary key, email: text, plan: plan, name: text? }
        create view names as select id, email from users;
        create index on trips (total);
        create table trips { id: bigint primary key, user_id: bigint references users, total: bigint check (total > 0), bill: bigint? references bills }
        create enum plan { free, paid, trial }
        create table bills { id: bigint primary key }
    }
};

// A name before.
static RENAMED: Migrations = migrations! {
    migration "0001_users" {
        create enum plan { free, paid }
        create table users { id: bigint primary key, total: int, plan: plan }
    }
    schema {
        create enum plan { #[was(free)] gratis, paid }
        #[was(users)]
        create table people { id: bigint primary key, #[was(total)] amount: int, #[was(plna)] level: plan }
        #[was(names)]
        grant select on people to app;
    }
};

// What is no definition.
static CHANGES: Migrations = migrations! {
    migration "0001_users" { create table users { id: bigint primary key, name: text? } }
    schema {
        create table users { id: bigint primary key }
        alter table users { add name: text? }
        drop table users;
        insert into users (id) values (1);
        create or replace view v as select id from users;
        create index on users (id) down { drop index users_id_idx; }
        sql "select 1";
    }
};

// Mistakes of its own come first.
static WRONG: Migrations = migrations! {
    migration "0001_users" { create table users { id: bigint primary key, name: text? } }
    schema {
        create table trips { id: bigint primary key, user_id: bigint references usres, at: timestampz }
        create view names as select nmae from users;
        create table users { id: bigint primary key }
    }
};

// A name before is for a schema.
static WAS: Migrations = migrations! {
    migration "0001_users" { create table users { id: bigint primary key, #[was(title)] name: text? } }
};

fn main() {}
