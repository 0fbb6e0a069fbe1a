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
        create table t {
            id: bigint primary key,
            status: booking_status = pendign,
            other: booking_status = "lost",
            count: int = "many",
            flag: bool = 1,
            note: text = pending,
            raw: jsonb = "{ no json",
            data: jsonb = { "seats": },
            wide: smallint = 70000,
            key: uuid = "no uuid",
            day: date = "soon",
            code: char(3) = "EURO",
            nothing: int = null,
            at: timestamptz = gen_random_uuid(),
            tags: text[] = "a",
            mood: moood,
            place: geometry(point, 4326),
            big: bigserial,
            list: int = other_column,
        }
    }
    };
}
