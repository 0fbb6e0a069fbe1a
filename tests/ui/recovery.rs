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
        create index on users (name)
        create index on users (age)
        create table a { id: bigint primary key; name: text; note: text }
        create table b { id: bigint primary key name: text note: text, code: text }
        create enum mood { calm angry, sad }
        alter table b { add moood: mood = angry, rname code to label, drop nothing_1 }
        sql "select 1" irreversible "demo"
        alter table usres { rename to people }
        alter table people { add nick: text? }
        create tabel trips { id: bigint primary key, user_id: uuid references users }
        create index on trips (user_id);
        create table { id: bigint primary key }
        alter table users { drop nothing_2 }
    }
    };
}
