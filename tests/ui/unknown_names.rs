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
        alter table usres { add nick: text? }
        alter table users { drop emial, rename nme to nick }
        create table trips { id: bigint primary key, status: booking_statsu = pending, user_id: uuid references usrs }
        create table stays { id: bigint primary key, user_id: uuid references users (idd) }
        alter enum booking_status { add lost after cancled, rename pendign to open }
        alter enum booking_state { add lost }
        create table billing.invoices { id: bigint primary key }
        create enum billing.state { open, paid }
        alter table bookings { drop constraint total_is_positiv, rename constraint bookings_keyy to b }
        drop index bookings_statu_idx;
        drop extension pg_trg;
        drop table bokings;
        drop enum booking_statuses;
        alter index bookings_statuses_idx rename to b;
        comment on column users.emall is "x";
        insert into users (idd) values (1);
        update users set nmae = "x" where id = "6f1e0a0e-0000-4000-8000-000000000000" irreversible "demo";
        delete from users where emial = "x" irreversible "demo";
        backfill users set nick = "x" where nick is null irreversible "demo";
    }
    };
}
