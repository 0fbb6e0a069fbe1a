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
        create table trips { id: bigint primary key, kind: trip_kind, hotel: bigint references hotels }
        create index on trips (kind);
        create index on trips (hotel);
        alter table trips { alter kind set default "x", rename kind to sort }
        create table legs { id: bigint primary key, trip_id: bigint references trips, kind: trip_kind }
        create tabel hotels { id: bigint primary key }
        insert into hotels (id) values (1);
        alter table users { add level: int = "x", add shout: text generated always as (upper(age)) stored }
        create index on users (level, shout);
        create table logs { id: bigint, kind: text, at: date } partition by range (at);
        create table logs_2026 partition of logs for values from ("2026-01-01") to ("2027-01-01") partition by list (kinds);
        create table logs_2026_a partition of logs_2026 for values in ("a");
    }
    migration "0003_raw" {
        sql "create function price(a int) returns int language sql as 'select a" irreversible "demo";
        sql "create table sales (id int, f int" irreversible "demo";
        sql "create function tax(a int) returns int language sql as 'select a'; create domain zip as text" irreversible;
        sql "begin; create function fee(a int) returns int language sql as 'select a'" irreversible "demo";
        create table costs { id: int = price(1) primary key, tax: int = tax(2), fee: int = fee(3), zip: zip }
        create index on sales (f);
    }
    };
}
