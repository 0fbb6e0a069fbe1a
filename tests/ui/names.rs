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
        create table a_table_name_that_goes_on_and_on_and_on_until_it_has_more_than_63_bytes { id: bigint primary key }
        create enum a_long_enum_name_that_goes_on_and_on_and_on_and_on_and_on_and_on_and_on { a }
        create table a_long_table_name_that_is_still_allowed_because_it_fits_into_it {
            id: bigint primary key,
            first: int constraint the_same_long_constraint_name_that_is_cut_off_in_the_middle_a_1 check (first > 0),
        }
        create table a_table_name_that_goes_on_and_on_and_on_until_it_has_more_than_63_characters { id: bigint primary key }
        alter table users rename name to a_column_name_that_goes_on_and_on_and_on_until_it_has_more_than_63_bytes;
    }
    };
}
