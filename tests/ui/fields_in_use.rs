fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create type place { city: text, zip: text, street: text, country: text }
        create table people { id: bigint primary key, name: text, home: place?, check ((home).zip <> "") }
        create index on people (((home).street));
        create view homes as select id, (people.home).city from people;
        create function country(of: place) returns text immutable return of.country;
        create function named(of: people) returns text language sql immutable as "select of.name";
        create function shown(of: people) returns text language plpgsql immutable as "begin return of.id; end";
        create function full(of: people) returns text immutable return (of).name;
    }
    migration "0002_attributes" { alter type place { drop zip, drop street, drop city, drop country } }
    migration "0003_columns" {
        alter table people rename name to full_name;
        #[allow(drops_data, reason = "demo")]
        alter table people drop full_name;
        alter table people { rename to persons, rename id to number }
    }
    };
}
