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
        create table a { id: bigint auto_increment primary key, n: int unsigned, m: String, o: Option<String>, p: Vec<i32> }
        create table b { id: i64 primary key, at: datetime, e: CITEXT, f: double, g: varchar[255], h: enum("a", "b") }
        create table c { id: bigint primary key, note: text comment "x", k: int index, index (k), exclude using gist (k with =) }
        create table if not exists d { id: bigint primary key, ctid: int }
        drop table if exists users_old;
        alter table users { alter column name type varchar(10), modify name: text, add column nick: text?, add index (name) }
        create table f { id: bigint primary key, a: int, b: int, check (a > 1 || b > 2), check (a = 1 && b = 2), check (foo.a > 1) }
        create table f2 { id: bigint primary key, a: int?, b: int, check (a is null && b > 2), check (b > 2 || a is null), check ((a is null) && b in (1)) }
        create table g { id: bigint primary key, h_id: bigint references h, user_id: uuid references users on delete cascade on delete restrict }
        create table h { id: bigint primary key, g_id: bigint references g }
        create table i { a: int primary key, b: int primary key }
        create index on bookings (status);
        create enum date { a, b }
        create enum mood ("good", "bad")
        create table k (id bigint primary key);
        create table l { id: bigint primary_key, name: text not_null }
        alter table users rename column name to full_name;
        alter table users { nick: text? }
        insert into users values (1);
        sql! { select 1 }
        up { create table m { id: bigint primary key } }
        update pg_index set indisvalid = false irreversible "demo";
        -- a comment of SQL, isn't it
        create table j { id: bigint primary key, note: text = 'x', zip: text = "a\0b", size: int = 1u8, raw: text = b"x" }
    }
    };
}
