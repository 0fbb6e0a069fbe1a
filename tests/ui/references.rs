fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create extension "uuid-ossp";
        create extension citext;
        create enum state { open, done, void }
        create enum colour { red, green }
        create table tasks {
            id: uuid = uuid_generate_v4() primary key,
            owner: citext,
            email: text,
            deleted_at: timestamptz?,
            state: state = open on update done,
            shade: text = "red"::colour::text,
            void: bool generated always as (state = "void") stored,
            note: text check (note <> "" or email <> ""),
        }
        create unique index on tasks (email) where deleted_at is null;
        create index on tasks (lower(owner || note));
        create index on tasks (lower(note)) where note <> "";
    }
    migration "0002_change" {
        #[allow(drops_data, reason = "demo")]
        alter table tasks { drop deleted_at, drop owner, drop state, drop note }
        #[allow(rewrites_table, reason = "demo")]
        alter enum state { drop open, drop done, drop void }
        drop enum colour;
        drop extension "uuid-ossp";
        drop extension citext;
    }
    migration "0003_in_order" {
        #[allow(drops_data, reason = "demo")]
        alter table tasks { drop void }
    }
    };
}
