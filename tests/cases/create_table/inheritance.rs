migration "0001_tables" {
    create function shout(text) returns text language sql immutable as "select upper($1)";
    create table owned { owner: text = "nobody", constraint owned_owner check (owner <> "") }
    create table places {
        id: bigint generated always as identity primary key,
        name: text collate "C",
        height: numeric(8, 2)?,
        label: text? generated always as (lower(name)) stored,
        constraint places_height check (height > 0),
        constraint only_here check (name <> "nowhere") no inherit,
    }
    create table cities {
        population: int,
        height: numeric(8, 2) = 1,
        check (population > 0),
    } inherits (places, owned);
    create table capitals { country: char(2), constraint places_height check (height > 0) } inherits (cities) with (fillfactor = 70);
    create index on capitals (height, country);
    create unlogged table empty_towns {} inherits (cities);
    /// Not yet one of them.
    create table villages {
        id: bigint,
        name: text collate "C",
        height: numeric(8, 2)?,
        label: text? generated always as (lower(name)) stored,
        since: date?,
        constraint places_height check (height > 0),
    }
    create view heights as select name, height from only cities;
    insert into cities (id, name, population, height) values (1, "a", 1, 2);
    insert into capitals (id, name, population, height, country) values (2, "b", 1, 2, "de");
    insert into villages (id, name) values (3, "c");
}
migration "0002_reach" {
    alter table places {
        add rank: int?,
        add since: date?,
        add constraint places_rank check (rank > 0),
        alter height set default 5,
        alter name set statistics 200,
    }
    alter table owned alter owner drop default;
    alter table owned alter owner set default "x";
}
migration "0003_rename" {
    alter table places { rename rank to place, rename constraint places_rank to places_place }
    alter table owned rename to possessions;
    alter table capitals alter since set default "2026-01-01";
}
migration "0004_begin" {
    alter table villages add place: int?;
    alter table villages add constraint places_place check (place > 0);
    alter table villages { inherit places }
    comment on column villages.place is "Its own, too.";
}
migration "0005_retype" {
    #[allow(rewrites_table, reason = "small")]
    alter table places alter place: bigint?;
    alter table possessions alter owner drop not null;
}
migration "0006_end" {
    alter table villages no inherit places;
}
migration "0007_drop" {
    #[allow(drops_data, reason = "nobody reads it")]
    alter table places { drop constraint places_place, drop place }
}
