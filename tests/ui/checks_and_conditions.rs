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
        create table t {
            id: bigint primary key check (id > "a"),
            name: text check (nmae <> ""),
            status: booking_status check (status in (pending, lost)),
            age: int check (age),
            other: int check (age = name),
            total: int check (total in (select 1)),
            made: int generated always as (age + 1) stored,
            twice: int generated always as (made * 2) stored,
            late: date generated always as (now()::date) stored,
            note: text check (note <> lower(pending)),
            kind: booking_status check (coalesce(lost, kind) = pending),
            wrong: uuid generated always as (age + 1) stored,
        }
        create index on users (email) where status = pending;
        create index on users (now());
        create index on bookings (id) where status <> lost;
    }
    };
}
