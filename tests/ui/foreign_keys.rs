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
        create table a { id: bigint primary key, user_id: bigint references users }
        create table b { id: bigint primary key, name: text references users (name) }
        create table c { id: bigint primary key, user_id: uuid references users on delete set null }
        create table d { id: bigint primary key, user_id: uuid references users on delete set default }
        create table e { id: bigint primary key, code: text, foreign key (code) references bookings (code, user_id) }
        create table f { x: int }
        create table g { id: bigint primary key, f: int references f }
        create table h { id: bigint primary key, user_id: uuid? references users on update set null (user_id) }
    }
    };
}
