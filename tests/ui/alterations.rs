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
        alter table users {
            alter name: text,
            alter name: varchar(20)?,
            alter age: date?,
            alter age set not nul,
            alter name set not null,
            alter age drop not null,
            alter id drop not null,
            alter name drop default,
            alter name drop on update,
            alter age set default "x",
            alter id: text,
        }
        alter table bookings { alter id set default 5, alter status: text }
    }
    };
}
