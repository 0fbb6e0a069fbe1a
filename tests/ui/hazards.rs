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
        create table events { id: bigint primary key, at: timestamp }
        create index on events (at);
        create extension citext;
        create table people { email: text unique }
    }
    migration "0002_change" {
        update users set name = "x" irreversible "demo";
        delete from bookings irreversible "demo";
        drop table bookings;
        alter table users { drop name, alter age: bigint?, alter email: varchar(10) }
        alter table users { add made: int generated always as (age + 1) stored, add n: bigint generated always as identity }
        alter table events alter at: timestamptz;
        alter table people alter email: citext;
        #[allow(drops_data)]
        alter table users { drop age }
        #[allow(drop_data, reason = "demo")]
        drop table users;
        #[allow(drops_data, reason = " ")]
        drop table users;
        #[limits(lock_timout = "200 ms")]
        comment on table users is "a";
        #[limits(lock_timeout = "200")]
        comment on table users is "a";
        #[limits(peek = "no")]
        comment on table users is "a";
        #[limit(peek = false)]
        comment on table users is "a";
        #[limits(retry_budget = "4 h", peek = false)]
        comment on table users is "right";
    }
    };
}
