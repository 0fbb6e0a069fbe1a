#![deny(deprecated)]

fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create table users { id: uuid primary key, email: text unique, name: text, age: int? }
        create index on users (name);
        create index users_age on users (age) where age > 17;
        #[allow(drops_data, reason = "the table is made here")]
        alter table users drop age;
    }
    migration "0002_change" {
        #[allow(drops_data, reason = "nobody reads it")]
        alter table users { add city: text? }
        alter table users {
            #[allow(rewrites_table, drops_data, reason = "demo")]
            drop name,
            #[allow(rewrites_table, narrows_type, reason = "a small table")]
            alter email: varchar(200),
        }
        #[allow(unneeded_allow, drops_data, reason = "the same in each")]
        comment on table users is "a";
        create index users_city on users (city);
        create index users_city_new on users (city);
        #[allow(redundant_index, reason = "takes the place of `users_city` with the next version")]
        create index users_city_newer on users (city);
        #[allow(redundant_index, reason = "there is none")]
        create index users_email on users (email text_pattern_ops);
    }
    migration "0003_bloated" {
        create index users_email_new on users (email text_pattern_ops);
        drop index users_email;
        alter index users_email_new rename to users_email;
    }
    };
}
