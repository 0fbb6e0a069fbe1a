migration "0001_enum" {
    create enum mood { sad, ok }
    create table people { id: bigint primary key, mood: mood = ok, check (mood <> sad or id > 10) }
    create index on people (id) where mood = ok;
}
migration "0002_value" { alter enum mood { rename ok to fine } }
migration "0003_type" { alter enum mood rename to feeling; }
migration "0004_later" { alter table people { add other: feeling? = fine } }
