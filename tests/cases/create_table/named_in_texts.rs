migration "0001_tables" {
    create sequence numbers;
    create enum mood { calm, sad }
    create table users { id: bigint = nextval("numbers") primary key, mood: mood = calm }
    create table shards { id: serial primary key, name: text = concat("shard", currval("shards_id_seq")) }
    create table notes {
        id: bigint primary key, of: regclass = "users", copied: regclass = regclass "users",
    }
}

migration "0002_rename" {
    alter table users rename to people;
    alter sequence numbers rename to counters;
    alter enum mood rename to feeling;
}
