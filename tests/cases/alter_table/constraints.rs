migration "0001_tables" {
    create table users { id: bigint primary key, email: text, age: int? }
    create table posts { id: bigint, user_id: bigint, slug: text, title: text? }
    insert into users (id, email, age) values (1, "a", 20), (2, "b", null);
    insert into posts (id, user_id, slug, title) values (1, 1, "x", "t"), (2, 2, "y", "u") irreversible "rows of a test";
}
migration "0002_add" {
    alter table users { add unique (email), add check (age > 0), add constraint adult check (age is null or age >= 18) }
    alter table posts {
        add primary key (id),
        add foreign key (user_id) references users on delete cascade,
        /// For links.
        add constraint posts_slug unique (slug) deferrable,
        alter title set not null,
    }
}
migration "0003_rename" { alter table posts { rename constraint posts_slug to posts_slug_key } }
migration "0004_drop" {
    alter table posts { drop constraint posts_slug_key, drop constraint posts_user_id_fkey, drop constraint posts_pkey }
    alter table users drop constraint adult;
}
