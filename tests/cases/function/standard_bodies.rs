migration "0001_tables" {
    create schema billing;
    create enum status { pending, confirmed, cancelled, lost }
    create table users { id: bigint primary key, email: text, nick: varchar(20)? }
    create table bookings { id: bigint primary key, user_id: bigint references users, status: status = pending, total: numeric(10, 2), note: text? }
    create table log { id: bigint generated always as identity primary key, what: text }
    insert into users (id, email) values (1, "a@example.org");
    insert into bookings (id, user_id, total) values (1, 1, 10), (2, 1, 20);
}
migration "0002_bodies" {
    /// One more.
    create function next(number: int, by: int = 1) returns int language sql immutable return number + by;
    create function first_status() returns status return pending;
    create function spent(of: bigint) returns numeric language sql stable
        return (select sum(total) from bookings as b where b.user_id = of and b.status <> cancelled);
    create function of_user(user_id: bigint) returns table (id: bigint, total: numeric) language sql stable begin atomic {
        select b.id, b.total from bookings as b where b.user_id = of_user.user_id order by b.id;
    }
    create procedure cancel(booking: bigint, why: text = "no reason") language sql begin atomic {
        update bookings set status = cancelled, note = why where id = booking;
        insert into log (what) values ("cancelled " || booking);
    }
    create function added(email: text, out id: bigint, out nick: text) language sql begin atomic {
        insert into users (id, email) select max(u.id) + 1, added.email from users as u returning users.id, users.nick;
    }
    create procedure billing.nothing() begin atomic {}
    create function quoted(int) returns text language sql begin atomic "select 'it''s ' || $1";
    create function all_of_it() returns setof bookings language sql stable begin atomic { select * from bookings; }
    create view per_user as select u.id, spent(u.id) as spent from users as u;
    create index on bookings (next(id::int));
}
migration "0003_renamed" {
    alter table users { rename email to address }
    alter table bookings { rename to reservations, rename total to amount }
    alter enum status { rename cancelled to gone }
    alter function of_user rename to of_somebody;
    alter function next set schema billing;
    alter procedure cancel { security definer, set search_path = pg_catalog, pg_temp }
}
migration "0004_replaced" {
    create or replace function first_status() returns status return confirmed;
    create or replace function quoted(int) returns text language sql as "select 'plain ' || $1";
    create or replace function spent(of: bigint) returns numeric language sql stable
        return (select sum(amount) * 2 from reservations as r where r.user_id = of);
}
migration "0005_retyped" {
    #[allow(rewrites_table, narrows_type, reason = "it is small")]
    alter table reservations { alter amount: numeric(8, 1) }
    #[allow(rewrites_table, reason = "it is small")]
    alter enum status drop lost;
}
migration "0006_dropped" {
    drop view per_user;
    drop function spent;
    drop procedure cancel;
    drop function of_somebody;
    drop function all_of_it;
    #[allow(drops_data, reason = "not used")]
    alter table reservations drop note;
}
