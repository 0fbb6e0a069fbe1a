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
        create table a { id: bigint primary key, email: citext }
        create index on users using gin (name gin_trgm_op);
        create extension;
        alter extension pgtrgm update;
        alter extension pg_trgm set schema nowhere;
        alter extension pg_trgm set schema public;
        alter extension pg_trgm update;
        alter extension pg_trgm add table users;
        comment on extension pg_trg is "x";
        create extension xml2;
        alter extension xml2 set schema public;
        drop extension pg_trgm;
    }
    };
}
