//! A schema in any order, in circles, that is what the migrations make.

use migrate_runtime::{Migrations, migrations};

static MIGRATIONS: Migrations = migrations! {
    migration "0001_users" {
        create extension citext;
        create enum plan { free, paid }
        create table users { id: bigserial primary key, email: citext unique, plan: plan = free, favourite: bigint? }
        create table trips { id: bigint primary key, user_id: bigint references users, total: int check (total >= 0) }
        create index on trips (user_id);
        create view names as select id, email from users;
        create view first_names as select id from names;
        create table legacy { id: bigint primary key }
        insert into users (email) values ("a@example.com");
    }
    migration "0002_more" {
        #[allow(drops_data, reason = "demo")]
        drop table legacy;
        alter table users { add constraint users_favourite_fkey foreign key (favourite) references trips }
        create index on users (favourite);
        alter enum plan { add trial after paid }
        create function latest() returns bigint language sql stable as "select max(id) from trips";
        create function touch() returns trigger language plpgsql as "begin new.total := (select count(*) from users); return new; end";
        create trigger trips_touch before update on trips for each row execute function touch();
        alter table trips { enable row level security }
        create policy own on trips for select using (user_id = 1);
        grant select on names to public;
    }
    schema {
        grant select on names to public;
        create trigger trips_touch before update on trips for each row execute function touch();
        create policy own on trips for select using (user_id = 1);
        create view first_names as select id from names;
        create view names as select id, email from users;
        create index on trips (user_id);
        create index on users (favourite);
        create function latest() returns bigint language sql stable as "select max(id) from trips";
        create function touch() returns trigger language plpgsql as "begin new.total := (select count(*) from users); return new; end";
        create table users { id: bigserial primary key, email: citext unique, plan: plan = free, favourite: bigint? references trips }
        create table trips {
            id: bigint primary key, user_id: bigint references users, total: int check (total >= 0), enable row level security
        }
        create enum plan { free, paid, trial }
        create extension citext;
    }
};

#[test]
fn a_schema_that_the_migrations_make_compiles_in_any_order() {
    assert_eq!(MIGRATIONS.len(), 2);
}
