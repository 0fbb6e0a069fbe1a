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
        create table users { id: bigint primary key }
        create enum booking_status { open }
        create enum users { open }
        create enum other { a, b, a }
        create table trips { id: bigint primary key, name: text, name: int }
        alter table users { add email: text?, rename name to email }
        alter enum booking_status { add pending, rename pending to confirmed }
        alter table bookings { add constraint total_is_positive check (total < 5) }
        create index users_email_key on users (email);
        create index bookings_status_idx on bookings (status);
        create extension pg_trgm;
        alter table users add primary key (email);
        create table stays { id: bigint primary key on update 1 on update 2, unique (id, id) }
    }
    };
}
