// needs PostgreSQL 18
postgres = 18,

migration "0001_tables" {
    create table items {
        id: bigint primary key,
        net: numeric,
        gross: numeric generated always as (net * 1.19) virtual,
        name: text,
        short: text? generated always as (left(name, 3)) virtual check (short <> ""),
    }
    insert into items (id, net, name) values (1, 100, "one"), (2, 200, "two");
    create view grosses as select id, gross from items;
    create table logs {
        at: date,
        number: int,
        twice: int generated always as (number * 2) virtual,
    } partition by range (at);
    create table logs_2026 partition of logs for values from ("2026-01-01") to ("2027-01-01");
    create foreign data wrapper other;
    create server there foreign data wrapper other;
    create foreign table prices { net: numeric, gross: numeric generated always as (net * 2) virtual } server there;
}
migration "0002_added" {
    alter table items { add half: numeric generated always as (net / 2) virtual, add number: bigint? generated always as (id) virtual }
    alter table logs { add thrice: int generated always as (number * 3) virtual }
    #[allow(unbatched_update, reason = "a test")]
    update items set net = 300 where gross > 200 down { }
}
migration "0003_changed" {
    alter table logs { alter twice set expression as (number + number) }
    alter table items { rename gross to total, alter half drop not null }
    #[allow(drops_data, reason = "it is virtual")]
    alter table items { drop short, drop number }
}
