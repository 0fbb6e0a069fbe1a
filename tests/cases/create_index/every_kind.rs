migration "0001_tables" {
    create extension pg_trgm;
    create enum mood { calm, cross }
    create table docs {
        mood: mood = calm, wait: interval = "0", rest: interval = "90",
        id: bigint primary key, title: text, body: text?, tags: text[] = [], data: jsonb = {},
        at: timestamptz = now(), during: tstzrange?, place: point?, host: inet?, code: varchar(10)?,
    }
    sql "insert into docs (id, title) select n, 't' || n from generate_series(1, 300) n" irreversible "rows of a test";
}
migration "0002_indexes" {
    create index on docs (title);
    create unique index docs_title_id on docs (title, id);
    create index on docs (at desc nulls last, id asc nulls first);
    create index on docs (lower(title), (length(body) + 1));
    /// Finds documents by their tags.
    create index on docs using gin (tags);
    create index on docs using gin (data jsonb_path_ops);
    create index docs_title_trigrams on docs using gin (title gin_trgm_ops);
    create index on docs using hash (title);
    create index on docs using brin (at);
    create index on docs using gist (during);
    create index on docs using spgist (host);
    create index on docs (code text_pattern_ops) where code is not null;
    create index on docs (id) include (title, at);
    create index on docs (title collate "C");
    create index docs_defaults on docs (id int8_ops, title text_ops, code text_ops, at timestamptz_ops, mood enum_ops, tags array_ops, host inet_ops);
    create index docs_defaults_gin on docs using gin (data jsonb_ops, tags array_ops);
    create index docs_defaults_gist on docs using gist (during range_ops, place point_ops);
    create index docs_defaults_brin on docs using brin (at timestamptz_minmax_ops, id int8_minmax_ops, host inet_inclusion_ops);
    create index docs_defaults_hash on docs using hash (code text_ops);
    create index docs_defaults_spgist on docs using spgist (place quad_point_ops);
    create index on docs ((data ->> "kind"));
    create index docs_sparse on docs using brin (at) with (pages_per_range = 4, autosummarize = true);
    create index docs_loose on docs (title) with (fillfactor = 50) where body is null;
}
