fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create extension pg_trgm;
        create enum booking_status { pending, confirmed, cancelled }
        create table users { id: uuid primary key, email: text unique, name: text, age: int? }
        create table bookings {
            id: bigint generated always as identity primary key,
            user_id: uuid references users on delete cascade,
            status: booking_status = pending,
            total: numeric(12, 2) constraint total_is_positive check (total >= 0),
            details: jsonb = {},
            code: text,
            unique (code, user_id),
        }
        create index on bookings (status);
    }
    migration "0002_change" {
        update users set name = "x" where id = "6f1e0a0e-0000-4000-8000-000000000000";
        sql "create view v as select 1";
        run crate::step;
        create index on users (name) down { drop index users_name_idx; }
        sql "create view w as select 1" down { create table u { id: bigint primary key } }
        sql "alter table users add note text"
            changes { alter table users { add note: text? } }
            down { sql "alter table users drop note"; }
        update users set age = 5 where age = 4 down { alter table users { add age: int? } }
        delete from users where id = "6f1e0a0e-0000-4000-8000-000000000000" irreversible "";
        backfill users set name = "x" where name = "";
    }
    };
}
