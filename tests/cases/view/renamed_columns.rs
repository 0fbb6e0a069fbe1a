migration "0001_views" {
    create extension postgres_fdw;
    create server archive foreign data wrapper postgres_fdw options (dbname "archive");
    create table users { id: bigint primary key, email: text, name: text = "nobody" }
    create view people as select u.id, u.email, u.name from users as u where u.id > 0;
    alter view people alter name set default "somebody";
    comment on column people.id is "A number.";
    grant select (id) on people to pg_monitor;
    create view names as select p.name, upper(p.name) as loud from people as p where p.name <> "";
    create view everything as select * from people;
    create materialized view counted as select p.name, count(*) as number from people as p group by p.name;
    create unique index on counted (name);
    create index on counted (lower(name)) include (number);
    create foreign table old_users {
        id: bigint,
        email: text options (column_name "mail") check (email <> ""),
        loud: text generated always as (upper(email)) stored,
    } server archive options (table_name "users");
    create view all_emails as select p.email from people as p union all select o.email from old_users as o;
    create function name_of(who: bigint) returns text stable return (select p.name from people as p where p.id = who);
    create function keep() returns trigger language plpgsql as "begin return new; end";
    create trigger kept instead of update on people for each row execute function keep();
    create rule ignored as on delete to people do instead insert into users (id, email, name) values (old.id, "x", old.name);
    insert into users (id, email, name) values (1, "ada@example.com", "Ada");
    refresh materialized view counted;
}
migration "0002_renamed" {
    alter view people { rename name to full_name, rename email to "e-mail" }
    alter materialized view counted { rename name to full_name, rename to spread }
    alter foreign table old_users rename email to address;
}
migration "0003_used" {
    create view full_names as select p.full_name, s.number from people as p join spread as s on s.full_name = p.full_name;
}
