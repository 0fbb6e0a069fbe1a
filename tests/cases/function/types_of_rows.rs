migration "0001_made" {
    create table projects { id: bigint primary key, name: text }
    create view names as select id, name from projects;
    create domain known_project as projects check ((value).id is not null);
    create function project(wanted: bigint) returns projects language sql stable as "select p.* from projects p where p.id = $1";
    create function named(wanted: bigint) returns names language sql stable as "select n.* from names n where n.id = $1";
    create function label(names) returns text language sql immutable as "select $1.name";
}
migration "0002_renamed" {
    drop function project;
    drop function named;
    alter view names rename to titles;
    alter table projects rename to works;
}
