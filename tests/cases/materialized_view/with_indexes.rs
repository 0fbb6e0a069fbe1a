migration "0001_tables" {
    create enum status { pending, confirmed, cancelled, lost }
    create table users { id: bigint primary key, email: text, deleted_at: timestamptz? }
    create table bookings { id: bigint primary key, user_id: bigint references users, status: status, total: numeric(10, 2), note: text? }
    create schema reports;
}
migration "0002_views" {
    /// What everybody spent.
    create materialized view spent with (fillfactor = 70, toast.autovacuum_enabled = false) as
        select u.id, u.email, count(b.id) as bookings, sum(b.total) as total
        from users as u left join bookings as b on b.user_id = u.id and b.status <> cancelled
        group by u.id;
    /// One for each user.
    create unique index on spent (id);
    create index spent_by_email on spent (lower(email)) where total > 0;
    create materialized view later (who, "How much") as "select email, total from spent" with no data;
    create view rich as select s.email, s.total from spent as s where s.total > 1000;
    create materialized view states as select status, count(*) as n from bookings group by status;
    create index states_open on states (n) where status = pending;
}
migration "0003_online" {
    create index on spent (total desc);
    drop index spent_by_email;
    comment on index spent_id_idx is null;
    refresh materialized view spent;
    refresh materialized view later;
}
migration "0004_changed" {
    alter materialized view spent { set (fillfactor = 80, parallel_workers = 2), reset (toast.autovacuum_enabled) }
    alter materialized view later { rename to latest, set schema reports }
    alter index spent_total_idx rename to spent_by_total;
    comment on materialized view reports.latest is "Not the newest.";
    alter table users { rename email to address }
    alter table bookings { rename to reservations }
    alter enum status { rename pending to open }
}
migration "0005_retyped" {
    #[allow(rewrites_table, narrows_type, refills_view, reason = "it is small")]
    alter table reservations { alter total: numeric(8, 1) }
    #[allow(rewrites_table, refills_view, reason = "it is small")]
    alter enum status drop lost;
}
migration "0006_dropped" {
    drop view rich;
    drop materialized view reports.latest;
    drop materialized view spent;
}
