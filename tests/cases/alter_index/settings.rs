migration "0001_table" {
    create extension pg_trgm;
    create table t { id: bigint primary key, name: text, tags: text[] }
    create index by_name on t (lower(name)) with (fillfactor = 80);
    create index by_words on t using gist (name gist_trgm_ops (siglen = 32));
    create index by_tags on t using gin (tags) with (fastupdate = off);
}
migration "0002_settings" {
    alter index by_name { set (fillfactor = 70), alter 1 set statistics 500 }
    alter index by_tags reset (fastupdate);
}
migration "0003_renamed" {
    alter index by_name { rename to names, alter 1 set statistics 600 }
}
migration "0004_default" {
    alter index names alter 1 set statistics default;
}
