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
        creat table a { id: int }
        create tabel b { id: int }
        create view v as select 1;
        begin;
        create type mood as enum (sad);
        add column x;
        alter tabel users { }
        drop column x;
        call f();
        alter users { }
    }
    };
}
