migration "0001_tables" {
    create table users { id: bigint primary key, email: text, nick: text? storage external compression pglz statistics 500 }
    create unique index users_email on users (email);
    create unlogged table scratch { id: int, payload: bytea storage external } with (fillfactor = 70, toast.autovacuum_enabled = false);
    create table events { id: bigint primary key, payload: jsonb storage main, replica identity full } with (autovacuum_vacuum_scale_factor = 0.05);
    create table parts { id: int } partition by range (id);
    create table parts_one partition of parts for values from (0) to (10) with (fillfactor = 80);
    insert into users (id, email) values (1, "a"), (2, "b") irreversible "rows of a test";
    insert into scratch (id, payload) values (1, "\\x00") irreversible "rows of a test";
    insert into events (id, payload) values (1, {}) irreversible "rows of a test";
}
migration "0002_tables" {
    alter table users { replica identity using index users_email, set (fillfactor = 90, autovacuum_enabled = true) }
    alter table events { replica identity nothing, reset (autovacuum_vacuum_scale_factor) }
    #[allow(rewrites_table, reason = "a test")]
    alter table scratch set logged;
    #[allow(rewrites_table, reason = "a test")]
    alter table events set unlogged;
}
migration "0003_columns" {
    alter table users {
        alter email set storage external,
        alter email set statistics 1000,
        alter email set (n_distinct = -0.5),
        alter nick set storage default,
        alter nick set compression default,
        alter nick set statistics default,
        add bio: text? compression pglz storage main,
    }
    alter table users alter email reset (n_distinct);
}
migration "0004_types" {
    #[allow(rewrites_table, reason = "a test")]
    #[allow(narrows_type, reason = "a test")]
    alter table users alter email: varchar(90);
    #[allow(rewrites_table, reason = "a test")]
    #[allow(narrows_type, reason = "a test")]
    alter table users alter bio: uuid? using bio::uuid;
}
migration "0005_names" {
    alter index users_email rename to users_by_email;
    alter table users rename to people;
}
migration "0006_back" {
    alter table people replica identity default;
    drop index users_by_email;
}
