fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create table users { id: bigint primary key, email: text, total: numeric(10, 2) }
        create materialized view totals as select id, total from users;
        create materialized view later as select id from users with no data;
        create index totals_total_idx on totals (total);
        create view over_totals as select id from totals;
    }
    migration "0002_mistakes" {
        create or replace materialized view totals as select id from users;
        create materialized view totals as select id from users;
        create materialized view others with (fill_factor = 70) as select id from users;
        create materialized view others with (fillfactor = 70, fillfactor = 80) as select id from users;
        create materialized view others tablespace fast as select id from users;
        create materialized view unknown as select name from users;
        create index on totals (amount);
        create index on totals (total);
        create index totals_total_idx on totals (id);
        refresh materialized view totals;
        refresh materialized view concurrently totals;
        refresh materialized view total;
        refresh materialized view later with no data;
        refresh materialized view totals with no data;
        alter materialized view totals reset (fillfactor);
        drop materialized view totals;
        #[allow(narrows_type, rewrites_table, reason = "demo")]
        alter table users alter total: numeric(8, 1);
        alter table totals add note: text?;
    }
    };
}
