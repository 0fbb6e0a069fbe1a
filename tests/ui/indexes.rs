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
        create index on users using gin (email);
        create index on users using gni (email);
        create unique index on bookings using gin (details);
        create index on bookings using gin (details jsonb_path_op);
        create index on users using gist (email);
        create index on users using hash (email, name);
        create index concurrently on users (name);
        create index on bookings using brin (id desc);
        create index on bookings ();
        create index on users (email citext_ops);
        create index on bookings using brin (id) with (pages_per_rang = 1);
        drop index users_email_key;
    }
    };
}
