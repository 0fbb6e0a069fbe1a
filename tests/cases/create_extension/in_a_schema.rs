migration "0001_extensions" {
    sql "create schema ext1" down { sql "drop schema ext1"; };
    create extension citext schema ext1;
    create extension pg_trgm schema ext1;
    create table accounts {
        id: bigint primary key,
        email: citext = "nobody"::citext,
        other: ext1.citext?,
        many: citext[] = [],
        name: text,
        code: text,
    }
    create index on accounts using gin (code gin_trgm_ops);
}
migration "0002_more" {
    alter table accounts {
        add second: citext?,
        #[allow(rewrites_table, narrows_type, reason = "a test")]
        alter name: citext,
    }
    create index on accounts using gist ((second::text) ext1.gist_trgm_ops);
}
