// needs PostgreSQL 17
postgres = 17,

migration "0001_tables" {
    create table notes {
        id: bigint primary key,
        text: text,
        label: text generated always as (lower(text)) stored,
        length: int generated always as (length(text)) stored check (length >= 0),
    }
    create index on notes (label);
    create view labels as select label from notes;
    insert into notes (id, text) values (1, "One"), (2, "two");
    create table logs {
        at: date,
        number: int,
        twice: int generated always as (number * 2) stored,
    } partition by range (at);
    create table logs_2026 partition of logs for values from ("2026-01-01") to ("2027-01-01");
    create table parent { id: int, twice: int generated always as (id * 2) stored }
    create table child { own: text? } inherits (parent);
}
migration "0002_expressions" {
    #[allow(rewrites_table, reason = "small tables")]
    alter table notes {
        alter label set expression as (upper(text) || "!"),
        alter length set expression as (length(text) + 1),
    }
    #[allow(rewrites_table, reason = "small tables")]
    alter table logs { alter twice set expression as (number + number) }
    #[allow(rewrites_table, reason = "small tables")]
    alter table parent { alter twice set expression as (id + id) }
}
