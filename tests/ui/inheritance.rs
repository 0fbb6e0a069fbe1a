fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create table places { name: text, height: numeric?, constraint places_height check (height > 0) }
        create table cities { population: int } inherits (places);
        create table towns { name: text, height: numeric?, mayor: text? }
        create table short { name: text }
        create table wrong { name: int, height: numeric?, constraint places_height check (height > 0) }
        create table loose { name: text?, height: numeric?, constraint places_height check (height > 0) }
        create table other { name: text, height: numeric?, constraint places_height check (height > 1) }
        create view all_places as select p.name from places as p;
    }
    migration "0002_mistakes" {
        create table a { population: int } inherits (place);
        create table b { name: int } inherits (places);
        create table c { population: int } inherits (all_places);
        create table d { population: int } inherits (places, places);
        alter table towns inherit places;
        alter table short inherit places;
        alter table wrong inherit places;
        alter table loose inherit places;
        alter table other inherit places;
        alter table cities inherit places;
        alter table places inherit cities;
        alter table towns no inherit places;
        alter table cities rename name to title;
        #[allow(drops_data, reason = "demo")]
        alter table cities drop height;
        #[allow(rewrites_table, reason = "demo")]
        alter table cities alter name: varchar(20);
        alter table cities drop constraint places_height;
        alter table places add population: bigint?;
        drop table places;
    }
    migration "0009_syntax" {
        create table e { population: int } inherits places;
        create table f { population: int } inherits ();
        alter table towns inherits places;
    }
    };
}
