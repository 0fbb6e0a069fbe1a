migration "0001_tables" {
    create enum mood { sad, ok }
    create table people {
        id: bigint primary key,
        tags: text[]?,
        codes: varchar(3)[]? = coalesce(null, ["abc"]),
        moods: mood[] = coalesce(null, []),
        numbers: bigint[]?,
        current: mood?,
        check (coalesce(tags, []) <> ["none"] or id > 10),
        check (tags <> [] or id > 10),
        check (coalesce(moods, [ok]) <> [sad] or id > 10),
        check (coalesce(codes, ["long text"]) <> [] or id > 10),
        check (coalesce(numbers, [1, 2]) <> [] or id < 10),
        check (current = any([sad, ok]) or id = any([1, 2])),
        check (case when id > 10 then tags else [] end is not null),
    }
    create index on people (id) where moods = [ok];
    insert into people (id, tags) values (1, ["a"]);
    update people set tags = coalesce(tags, []), moods = coalesce(moods, [ok]) where id = 1 down { }
}
migration "0002_value" { alter enum mood { rename ok to fine } }
migration "0003_enum" { alter enum mood { rename to state } }
