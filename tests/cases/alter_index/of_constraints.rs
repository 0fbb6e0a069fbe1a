migration "0001_tables" {
    create extension btree_gist;
    create table rooms {
        id: bigint primary key,
        code: text constraint rooms_code unique,
        during: tstzrange,
        constraint free exclude using gist (id with =, during with &&),
    }
    alter table rooms { replica identity using index rooms_code }
    create table events { id: bigint, at: timestamptz, primary key (id, at) } partition by range (at);
    create table events_2026 partition of events for values from ("2026-01-01") to ("2027-01-01");
    insert into rooms (id, code, during) values (1, "a", "[2026-01-01,2026-01-02)");
}
migration "0002_altered" {
    alter index rooms_pkey rename to rooms_key;
    alter index rooms_key { set (fillfactor = 70, deduplicate_items = off) }
    alter index rooms_code { rename to rooms_by_code, set (fillfactor = 80) }
    alter index free { set (buffering = on), rename to rooms_free }
    alter index events_pkey rename to events_key;
    alter table rooms rename constraint rooms_key to rooms_id;
}
migration "0003_back" {
    alter index rooms_id reset (fillfactor);
    alter index rooms_free reset (buffering);
}
