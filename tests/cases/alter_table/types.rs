migration "0001_tables" {
    create table things {
        id: int primary key,
        code: varchar(10) unique check (code <> "x"),
        n: int?,
        t: text?,
        at: timestamp = now(),
    }
    create index on things (lower(code));
    insert into things (id, code, n, t) values (1, "a", 5, "17"), (2, "b", null, null);
}
migration "0002_types" {
    #[allow(rewrites_table, narrows_type, blocks_writes, reason = "a small table")]
    alter table things { alter code: varchar(20), alter n: bigint?, alter t: int? using t::int, alter at: timestamptz }
}
migration "0003_back" {
    #[allow(rewrites_table, narrows_type, blocks_writes, reason = "a small table")]
    alter table things { alter n: smallint?, alter code: text }
}
