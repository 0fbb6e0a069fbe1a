migration "0001_tables" {
    create foreign data wrapper other;
    create server there foreign data wrapper other;
    create table events { id: bigint, at: timestamptz, kind: text = "any", size: int?, check (size > 0) } partition by range (at);
    create table events_2026 partition of events for values from ("2026-01-01") to ("2027-01-01");
    /// What is put away.
    create foreign table events_old partition of events for values from (minvalue) to ("2020-01-01") server there options (table_name "old");
    create foreign table events_2025 {
        id: bigint options (column_name "number"),
        size: int?,
        kind: text,
        at: timestamptz,
        constraint events_size_check check (size > 0),
        constraint in_2025 check (id > 7),
    } server there;
    create table hits { id: bigint, at: date } partition by list (id);
    create table hits_rest partition of hits default;
    create function noted() returns trigger language plpgsql as "begin return new; end";
    create trigger events_noted before insert on events for each row execute function noted();
    create view old_kinds as select kind from events_old;
    insert into events (id, at) values (1, "2026-02-03");
    insert into hits (id, at) values (1, "2026-02-03");
}
migration "0002_attach" {
    alter table events attach partition events_2025 for values from ("2025-01-01") to ("2026-01-01");
    create foreign table hits_old partition of hits for values in (2, 3) server there;
    create index on events (kind);
    create index events_by_id on events (id) where kind <> "none";
}
migration "0003_reach" {
    alter table events {
        add note: text?,
        alter size set default 3,
        add constraint has_kind check (kind <> ""),
        rename constraint events_size_check to has_size,
        rename size to weight,
    }
    alter foreign table events_old { alter note options (column_name "remark"), alter kind set default "old", alter weight: int }
}
migration "0004_detach" {
    alter table events detach partition events_2025;
    alter table hits detach partition hits_old;
    #[allow(rewrites_table, reason = "small")]
    alter table events alter weight: bigint?;
    drop index events_kind_idx;
    create table events_2024 partition of events for values from ("2024-01-01") to ("2025-01-01") partition by list (kind);
    create foreign table events_2024_any partition of events_2024 for values in ("any") server there;
    create table events_2024_rest partition of events_2024 default;
    create index on events (id);
}
migration "0005_dropped" {
    drop view old_kinds;
    drop foreign table events_old;
    #[allow(drops_data, reason = "small")]
    alter table events drop note;
}
