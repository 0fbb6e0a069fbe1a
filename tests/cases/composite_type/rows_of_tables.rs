migration "0001_tables" {
    create table addresses { street: text, zip: text? }
    create domain home as addresses;
    create type stay { place: addresses, nights: int }
    create table people { id: bigint primary key, home: addresses?, earlier: addresses[] = [], stay: stay?, second: home? }
    create view streets as select id, (home).street as street from people;
    create function zip_of(place: addresses) returns text language sql immutable as "select (place).zip";
}
migration "0002_rows" {
    insert into people (id, home) values (1, "(High Street,12345)");
}
migration "0003_more" {
    alter table addresses { add country: text = "DE", add note: text?, add made: timestamptz = clock_timestamp() }
    alter table addresses { alter note set default "none", add check (street <> "") }
}
migration "0004_renamed" {
    alter table addresses { rename zip to code }
    alter table addresses { rename to places }
}
migration "0005_free" {
    drop view streets;
    drop function zip_of(places);
    #[allow(drops_data, reason = "a test")]
    alter table people { drop home, drop earlier, drop stay, drop second }
    drop type stay;
    drop domain home;
}
