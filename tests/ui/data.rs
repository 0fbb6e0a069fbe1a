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
        create table visits { page: text, seen: boolean }
        create index on bookings (status);
    }
    migration "0002_change" {
        insert into users (id, email) values ("6f1e0a0e-0000-4000-8000-000000000000", "a");
        insert into bookings (user_id, status, total, code) values ("no uuid", lost, "many", null), (1);
        insert into users (id) select 1;
        update users set id = 5, name = null, name = "x", made = 1 where email = 3 + "a" irreversible "demo";
        backfill users set id = gen_random_uuid() in batches of 0 irreversible "demo";
        backfill users set id = gen_random_uuid() irreversible "demo";
        backfill visits set seen = true irreversible "demo";
    }
    };
}
