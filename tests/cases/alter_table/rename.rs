migration "0001_tables" {
    create table users { id: bigint primary key, name: text, updated_at: timestamptz = now() on update now() }
    create table pets { id: bigint primary key, user_id: bigint references users, note: text?, check (length(note) < 100) }
    create index on users (lower(name));
}
migration "0002_rename" {
    alter table users rename to people;
    alter table people { rename name to full_name, rename updated_at to changed_at, add age: int? }
    alter table pets { rename user_id to owner_id, rename note to remark }
}
migration "0003_later" { create table cars { id: bigint primary key, owner: bigint references people } }
migration "0004_on_update" {
    alter table pets { add changed_at: timestamptz? }
    alter table pets alter changed_at set on update now();
    alter table people alter changed_at drop on update;
}
