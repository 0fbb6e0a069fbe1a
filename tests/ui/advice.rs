#![deny(deprecated)]

fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_users" {
        create table users {
            id: int generated always as identity primary key,
            name: varchar(255),
            country: char(2),
            seen_at: timestamp?,
        }
        create table seats { id: serial primary key, n: int }
        create table visits { user_id: int references users, at: timestamptz }
    }
    migration "0002_bookings" {
        create table bookings {
            id: bigserial primary key,
            user_id: int references users,
            other_id: int? references users,
            #[allow(fixed_length_text, timestamp_without_zone, reason = "as the old schema has it")]
            code: char(3),
            at: timestamp,
        }
        create index bookings_user on bookings (user_id);
        create index bookings_id on bookings (id);
        alter table bookings add until: timestamp(0)?;
    }
    migration "0003_right" {
        create index bookings_user_at on bookings (user_id, at);
        create index on bookings (other_id);
    }
    };
}
