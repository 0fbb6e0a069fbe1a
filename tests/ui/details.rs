fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create extension pg_trgm;
        create table users { id: bigint generated always as identity primary key, email: text }
        create index by_email on users (lower(email), id) with (fillfactor = 80);
        create view v as select id, email from users;
        create type place { street: text, zip: text }
    }
    migration "0002_mistakes" {
        alter view v alter mail set default "x";
        alter view v alter id set default "many";
        alter view v alter id drop default;
        alter view v alter id set not null;
        comment on column v.mail is "x";
        comment on column place.zap is "x";
        comment on column nothing.id is "x";
        alter index by_email set (fill_factor = 70);
        alter index by_email reset (deduplicate_items);
        alter index by_email alter 2 set statistics 100;
        alter index by_email alter 3 set statistics 100;
        alter index by_email alter 1 set statistics 20000;
        alter index by_email { rename to other, alter id set statistics 1 }
        alter index by_emails set (fillfactor = 70);
        alter index by_email attach partition by_other;
        alter index by_email set tablespace fast;
        create index on users using gist (email gist_trgm_ops (siglength = 32));
        alter table users { alter id set generated always (name numbers) }
        alter table users { alter id set generated always (owned by users.id) }
        create sequence numbers { sequence name other }
        alter sequence users_id_seq logged;
    }
    };
}
