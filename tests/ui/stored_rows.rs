fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    postgres = 17;
    migration "0001_setup" {
        create table addresses { street: text, zip: text, length: int generated always as (length(street)) stored }
        create table cities { name: text }
        create domain zip as text check (length(value) = 5);
        create type stay { place: addresses[], nights: int }
        create table people { id: bigint primary key, stay: stay }
        create materialized view of_cities as select cities from cities;
    }
    migration "0002_mistakes" {
        alter table addresses { alter street: varchar(200) }
        alter table addresses { add number: bigint generated always as identity }
        alter table addresses { add doubled: int generated always as (length(zip) * 2) stored }
        alter table addresses { add code: zip? }
        alter table addresses { alter length set expression as (length(street) * 2) }
        alter table addresses { set unlogged }
        alter table cities { alter name: text collate "C" }
        alter table addresses { add country: text = "DE", add note: text? }
    }
    };
}
