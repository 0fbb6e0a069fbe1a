migration "0001_tables" {
    create table teams { id: bigint primary key, lead: text }
    create table docs { id: bigint primary key, owner: text, team: bigint references teams, note: text? }
    insert into teams (id, lead) values (1, "ann");
    insert into docs (id, owner, team, note) values (1, "ann", 1, "x"), (2, "bob", 1, null);
    create function can_see(doc: docs) returns boolean language sql stable as "select doc.owner = current_user";
    create function has_note(doc: docs) returns boolean language sql immutable as "select doc.note is not null";
    create function is_lead(one: docs, team: teams) returns boolean immutable return one.owner = team.lead;
}
migration "0002_over_rows" {
    alter table docs {
        add constraint filled check (docs is distinct from null),
        add constraint with_note check (has_note(docs) or id > 1),
        add constraint complete check (row(docs.*) is distinct from null),
        enable row level security,
    }
    create index docs_with_note on docs (has_note(docs), id) where (docs.* is distinct from null);
    create policy seen on docs for select using (can_see(docs) or docs.has_note or (docs).owner = "x");
    create policy led on docs for update
        using (exists (select 1 from teams where teams.id = docs.team and is_lead(docs, teams)))
        with check ((select bool_and(is_lead(docs.*, t.*)) from teams as t));
}
migration "0003_columns_come_and_go" {
    alter table docs add size: int?;
    #[allow(drops_data, reason = "not used")]
    alter table docs drop size;
    #[allow(rewrites_table, narrows_type, reason = "few rows")]
    alter table docs alter team: int;
}
migration "0004_renamed" {
    alter table docs { rename to papers, rename owner to author }
    alter table papers rename note to remark;
    create or replace function can_see(doc: papers) returns boolean language sql stable
        as "select doc.author = current_user";
    #[allow(leaves_stale_values, reason = "the results are the same")]
    create or replace function has_note(doc: papers) returns boolean language sql immutable
        as "select doc.remark is not null";
    create schema archive;
    alter table papers set schema archive;
}
