migration "0001_enum" {
    create enum mood { sad, ok }
    create table people {
        id: bigint primary key,
        mood: mood?,
        other: mood = coalesce(null, ok),
        check (coalesce(mood, ok) <> sad or id > 10),
        check (sad <> coalesce(ok, mood) or id > 10),
        check (nullif(ok, mood) is null or id < 10),
        check (greatest(least(sad, mood), other) = ok or id > 10),
        check (case when id > 10 then sad else mood end in (sad, ok)),
        check (other = case when id > 10 then sad else ok end),
    }
    create index on people (id) where coalesce(sad, mood) = sad;
    insert into people (id, mood) values (1, ok);
    update people set mood = coalesce(ok, mood) where id = 1 down { }
}
migration "0002_value" { alter enum mood { rename ok to fine } }
