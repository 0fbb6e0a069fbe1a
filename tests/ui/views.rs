fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_tables" {
        create enum status { pending, confirmed, lost }
        create table users { id: bigint primary key, email: text, deleted_at: timestamptz? }
        create table bookings { id: bigint primary key, user_id: bigint references users, status: status, total: numeric }
        create view confirmed as select b.id, b.total, u.email from bookings as b join users as u on u.id = b.user_id where b.status = confirmed;
        create view large as select id, total from confirmed where total > 100;
    }
    migration "0002_wrong_names" {
        create view a as select id from bookingz;
        create view b as select emial from users;
        create view c as select b.emial from users as b;
        create view d as select users.email from users as u;
        create view e as select id from bookings, users;
        create view f as select b.id, u.id from bookings as b, users as u;
        create view g as select id, total + email from confirmed;
        create view h as select id from bookings where status = confirmd;
        create view i as select lenght(email) from users;
        create view j as select id from bookings where user_id in (select idd from users);
        create view k as select id from users union select id, email from users;
        create view l as with recent as (select id from bookings) select r.total from recent as r;
        create view m as "select id, emial from users";
        create view n as select id frm users;
        create view o as select u.* from users as u join bookings as u on true;
        create view p as select id from bookings where count(*) > 1;
    }
    migration "0003_still_used" {
        #[allow(drops_data, reason = "a test")]
        alter table users drop email;
        #[allow(drops_data, reason = "a test")]
        drop table bookings;
        drop view confirmed;
        #[allow(rewrites_table, reason = "a test")]
        alter enum status drop confirmed;
        create or replace view confirmed as select b.id from bookings as b;
        alter view confirmed rename totl to amount;
        alter view confirmed rename total to email;
        create or replace view missing as select 1 as one;
        create view large as select 1 as one;
        create or replace view large as select id, total from confirmed where total > 100;
    }
    migration "0004_retyped" {
        #[allow(rewrites_table, reason = "a test")]
        alter table bookings alter total: text;
        create schema app;
        create table app.placess { id: bigint primary key }
        create view app.picks as with picks as (select 1 as n) select n from app.picks;
        create recursive view app.chain (n) as select 1 union all select n + 1 from app.chain where n < 5;
        create view lost as select id from places;
        drop table places;
    }
    };
}
