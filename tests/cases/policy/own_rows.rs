migration "0001_tables" {
    create enum kind { private, shared }
    create table members { id: bigint primary key, team: text, name: text }
    create table notes {
        id: bigint primary key,
        owner: bigint references members,
        team: text,
        kind: kind = private,
        body: text?,
        enable row level security,
    }
    create table logs { id: bigint primary key, at: timestamptz }
}
migration "0002_policies" {
    /// Everybody's own.
    create policy own on notes using (owner = current_setting("app.user", true)::bigint);
    create policy shared on notes for select to pg_read_all_data, current_user
        using (kind = shared and exists (select 1 from members as m where m.team = notes.team and m.id > 0));
    create policy "No Others" on notes as restrictive for update to public using (id > 0)
        with check (id in (select id from members where members.name <> "x" and body is not null));
    create policy added on notes for insert with check (team <> "");
    alter table logs { enable row level security, force row level security }
}
migration "0003_changed" {
    alter policy own on notes { rename to owned, to pg_read_all_data, pg_monitor, using (owner is not null) }
    alter policy "No Others" on notes using (id > 1) with check (id > 2);
    comment on policy added on notes is "New ones.";
    alter table logs { no force row level security, disable row level security }
    alter table notes force row level security;
}
migration "0004_under_them" {
    #[allow(rewrites_table, narrows_type, reason = "few rows")]
    alter table notes alter team: varchar(40);
    #[allow(rewrites_table, reason = "few rows")]
    alter table notes alter kind: text using kind::text;
    alter table notes { rename owner to owner_id, rename to documents }
    alter table members { rename to people, rename team to group_name }
}
migration "0005_dropped" {
    drop policy owned on documents;
    drop policy shared on documents;
    create policy owned on documents as restrictive for delete using (owner_id > 1);
}
migration "0006_with_its_table" {
    #[allow(drops_data, reason = "not used")]
    drop table documents;
}
