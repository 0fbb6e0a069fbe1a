migration "0001_tables" {
    create enum kind { a, b }
    create table parents { id: bigint primary key }
    /// To be dropped.
    create table children {
        id: bigint generated always as identity primary key,
        parent_id: bigint references parents on delete cascade,
        /// Of the child.
        kind: kind = a,
        name: text unique check (name <> ""),
        updated_at: timestamptz = now() on update now(),
    }
    /// By name.
    create index on children (lower(name) desc) where kind = b;
}
migration "0002_drop" {
    #[allow(drops_data, reason = "a test")]
    drop table children;
    drop enum kind;
}
