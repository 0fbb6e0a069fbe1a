migration "0001_called" {
    create function slug(title: text) returns text language sql immutable as "select lower(title)";
    create function next_number() returns bigint language sql as "select 7::bigint";
    create function long(t: text, least: int = 3) returns boolean language sql immutable as "select length(t) > least";
    create table posts {
        id: bigint = next_number() primary key,
        title: text check (long(title)),
        slug: text generated always as (slug(title)) stored,
    }
    create index on posts (slug(title)) where long(title, 5);
}
migration "0002_renamed" {
    alter function slug rename to slugged;
    alter function long(text, int) rename to is_long;
}
migration "0003_changed" {
    #[allow(leaves_stale_values, reason = "it gives the same")]
    create or replace function slugged(title: text) returns text language sql immutable as "select lower($1)";
    create or replace function next_number() returns bigint language sql as "select 8::bigint";
}
