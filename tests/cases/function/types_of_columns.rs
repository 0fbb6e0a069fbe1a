migration "0001_functions" {
    create domain email as text;
    create table users { id: bigint primary key, email: email, name: varchar(80), tags: text[] }
    create view named as select id, name from users;
    create function told(id: users.id%type, name: public.users.name%type = "nobody") returns users.name%type
        language sql immutable as "select name || id";
    create function tags_of(named.id%type, out tag: users.name%type) returns setof users.name%type
        language sql stable as "select unnest(tags) from users as u where u.id = $1";
    create function listed() returns table (email: users.email%type) language sql stable as "select email from users";
    create procedure noted(inout name: named.name%type) language sql as "select name";
}
migration "0002_used" {
    create view told as select told(id, name) as told from users;
    alter function tags_of(users.id%type) rename to tags;
    drop procedure noted(named.name%type);
}
