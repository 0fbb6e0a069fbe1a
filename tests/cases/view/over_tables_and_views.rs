migration "0001_tables" {
    create enum status { pending, confirmed, cancelled, lost }
    create table users { id: bigint primary key, email: text, nick: varchar(20)?, deleted_at: timestamptz? }
    create table bookings { id: bigint primary key, user_id: bigint references users, status: status, total: numeric(10, 2), note: text? }
}
migration "0002_views" {
    /// Those who are still here.
    create view active_users as
        select u.id, u.email, count(b.id) as bookings, sum(total) as spent
        from users as u left join bookings as b on b.user_id = u.id and b.status <> cancelled
        where u.deleted_at is null
        group by u.id;
    create view everything as select * from bookings;
    create view rich (who, "How much") with (security_barrier) as
        select email, spent from active_users where spent > 1000 order by spent desc limit 10;
    create view pending as "select id, total * 2 as twice from bookings where status = 'pending'" with local check option;
}
migration "0003_columns" {
    alter table users { rename email to address }
    alter table bookings { rename to reservations }
    alter enum status { rename confirmed to done }
    alter view rich rename to wealthy;
    comment on view wealthy is "Those with money.";
}
migration "0004_replaced" {
    create or replace view everything as select id, user_id, status, total, note, 1 as more from reservations;
    create or replace view pending as select id from reservations where status = pending;
}
migration "0005_retyped" {
    #[allow(rewrites_table, narrows_type, reason = "it is small")]
    alter table reservations { alter total: numeric(8, 1) }
    #[allow(rewrites_table, reason = "it is small")]
    alter enum status drop lost;
}
migration "0006_dropped" {
    drop view wealthy;
    drop view pending;
}
