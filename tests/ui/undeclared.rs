fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create enum mood { sad, ok }
        create enum other { a }
        create table users { id: uuid primary key, email: text unique }
        create table people { name: text }
    }
    migration "0002_by_hand" {
        sql "alter table users add column x int, add constraint of_x check (x > 0)" irreversible "demo";
        sql "create table audit (id bigint primary key)" irreversible "demo";
        sql "alter type mood add value 'well'" irreversible "demo";
        sql "create type level as enum ('low')" irreversible "demo";
        sql "create index by_x on users (x)" irreversible "demo";
        sql "alter table people add column id int, add primary key (id)" irreversible "demo";
        sql "alter table other_than_users add column z int" changes { } irreversible "demo";
        sql "create materialized view overview as select 1 as a" irreversible "demo";
    }
    migration "0003_columns" {
        alter table users { rename x to y }
        alter table users { drop x }
        alter table users { alter x set not null }
        alter table users { add primary key (x) }
        comment on column users.x is "x";
        update users set x = [1] where email = "a" irreversible "demo";
        update users set x = ok where email = "a" irreversible "demo";
        insert into users (id, email, x) values ("6f1e0a0e-0000-4000-8000-000000000000", "a", {});
        insert into users (id, email, x) values ("6f1e0a0e-0000-4000-8000-000000000000", "a", email);
        create index on users (email) where nothing_has_made_it > 1;
    }
    migration "0004_members" {
        alter table users { drop constraint of_x, rename constraint of_x to positive }
        drop index by_x;
        alter index by_x rename to users_by_x;
        comment on constraint of_x on users is "x";
        comment on index by_x is "x";
    }
    migration "0005_tables" {
        update audit set id = 2 where id = 1 irreversible "demo";
        insert into audit (id) values (1);
        delete from audit where id = 1 irreversible "demo";
        backfill audit set id = 2 where id = 1 irreversible "demo";
        create index on audit (id);
        alter table audit { add note: text? }
        comment on table audit is "x";
        drop table audit;
        create index on overview (a);
        create table entries {
            id: bigint primary key,
            audit_id: bigint references audit,
            person_id: int references people,
            other_id: bigint references audit (id, more),
            view_id: bigint references overview (a),
        }
    }
    migration "0006_enums" {
        alter enum mood { add glad }
        alter enum mood { drop sad }
        alter enum mood { rename well to fine }
        alter enum level { add high }
        drop enum level;
        comment on enum level is "x";
    }
    };
}
