fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create table places { id: bigint primary key, name: text, height: int?, constraint places_height check (height > 0) }
        create table owned { name: text, owner: text = "nobody" }
        create table bought { name: text, owner: text = "me" }
        create table cities { population: int?, height: int? } inherits (places);
        create table houses { id: bigint } inherits (owned);
        create table events { id: bigint, at: date, primary key (id, at) } partition by range (at);
        create table others { id: bigint, name: text?, height: int?, constraint places_height check (height > 1) }
        create view heights as select height, population from cities;
    }
    migration "0002_create" {
        create table wrong_1 {} inherits (place);
        create table wrong_2 {} inherits (events);
        create table wrong_3 {} inherits (places, places);
        create table wrong_4 {} inherits (owned, bought);
        create table wrong_5 { name: varchar(20) } inherits (places);
        create table wrong_6 { constraint places_height check (height > 2) } inherits (places);
        create table wrong_7 { at: date } inherits (places) partition by range (at);
        create table wrong_8 {} inherits ();
    }
    migration "0003_children" {
        alter table cities drop name;
        alter table cities rename name to title;
        alter table cities alter name: varchar(20);
        alter table cities alter name drop not null;
        alter table cities drop constraint places_height;
        alter table cities rename constraint places_height to other;
    }
    migration "0004_parents" {
        alter table places add population: bigint?;
        alter table places rename name to population;
        alter table places add constraint cities_population check (height > 3);
        drop table places;
        #[allow(drops_data, reason = "nobody reads it")]
        alter table owned drop owner;
    }
    migration "0005_begin_and_end" {
        alter table others inherit places;
        alter table others { alter name set not null, inherit places }
        alter table houses inherit places;
        alter table places inherit cities;
        alter table cities inherit places;
        alter table cities no inherit owned;
        alter table cities no inherit places;
        alter table events inherit places;
    }
    };
}
