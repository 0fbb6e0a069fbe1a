fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create table users { id: bigint primary key, email: text }
        create view named as select id, email from users;
    }
    migration "0002_mistakes" {
        create function a(id: user.id%type) returns void language sql as "select 1";
        create function b(id: users.ids%type) returns void language sql as "select 1";
        create function c(id: named.ids%type) returns void language sql as "select 1";
        create function d(id: users.id%type) returns void language sql as "select 1";
        drop function d(users.email%type);
    }
    migration "0003_syntax" {
        create function e(id: id%type) returns void language sql as "select 1";
        create function f(id: users%rowtype) returns void language sql as "select 1";
    }
    };
}
