migration "0001_tables" {
    create table kinds { id: int primary key }
    create table events {
        id: bigint, at: date, kind: int? references kinds,
        primary key (id, at), check (id > 0),
    } partition by range (at);
    create index on events (kind);
    create table events_old { id: bigint, at: date, kind: int?, constraint events_id_check check (id > 0) }
    create table logs { id: bigint, region: text? } partition by list (region);
    create table logs_eu { id: bigint, region: text? }
    create table logs_rest partition of logs default;
    insert into kinds (id) values (1);
    insert into events_old (id, at, kind) values (1, "2020-02-03", 1), (2, "2020-05-03", null) irreversible "rows of a test";
    insert into logs_eu (id, region) values (1, "eu"), (2, null) irreversible "rows of a test";
    insert into logs_rest (id, region) values (1, "us") irreversible "rows of a test";
}
migration "0002_attach" {
    alter table events attach partition events_old for values from (minvalue) to ("2026-01-01");
    create table events_new partition of events for values from ("2026-01-01") to (maxvalue);
}
migration "0003_attach_beside_a_default" {
    alter table logs attach partition logs_eu for values in ("eu", null);
}
migration "0004_detach" {
    alter table events detach partition events_old;
    alter table logs detach partition logs_eu;
}
migration "0005_change" { alter table events_old add note: text?; }
