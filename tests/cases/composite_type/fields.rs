migration "0001_types" {
    create type size { height: int, width: int }
    create type place { city: text, zip: text }
    create table people {
        id: bigint primary key,
        name: text,
        home: place?,
        check ((home).zip <> ""),
    }
    create table visits {
        id: bigint primary key,
        person: people?,
        check ((person).name <> "" and (person).home is distinct from null),
    }
    create index on people (((home).zip));
    create function area(of: size) returns int immutable return of.height * (of).width;
    create function named(of: people) returns text immutable begin atomic { select (of).name || (of.home).city }
    create function zip(of: people) returns text immutable return (of.home).zip;
    create view homes as
        select people.id, (people.home).city, (visits.person).name, area(row(people.id::int, 2)::size)
        from people join visits on ((visits.person).home).zip = (people.home).zip;
}
migration "0002_changed" {
    alter type size alter height: bigint;
    create or replace function zip(of: people) returns text immutable return "none";
}
migration "0003_renamed" {
    alter table people rename name to full_name;
    alter table people rename home to address;
    alter type place { rename zip to code, rename city to town }
    alter type size rename height to tall;
}
