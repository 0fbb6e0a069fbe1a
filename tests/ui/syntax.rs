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
        create table a { id bigint primary key, name: text not null, note: text null, code: text default "x", n: serial, k: int primary }
        create table b { id: bigint primary key; name: text }
        create table c { id: bigint = 'x' }
        alter table users { add column nick: text?, drop column name, change name }
        alter table users
        create index on users (email)
        drop index bookings_status_idx cascade;
        drop table bookings cascade;
        create enum e { a b }
    }
    };
}
