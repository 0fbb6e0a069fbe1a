migration "0001_servers" {
    create schema app;
    create enum state { open, closed }
    create foreign data wrapper other;
    create server there foreign data wrapper other;
    create table users { id: bigint primary key, name: text }
    insert into users (id, name) values (1, "a");
}
migration "0002_tables" {
    /// What is over there.
    create foreign table prices {
        id: bigint options (column_name "ID", key "true"),
        price: numeric(10, 2)?,
        name: text? collate "C" options (column_name "set"),
        state: state = open,
        at: timestamptz = now() options (column_name "made"),
    } server there options (table_name "all prices");
    create foreign table app.empty {} server there;
    create view named as select p.id, p.name, u.name as user_name from prices as p join users as u on u.id = p.id;
}
migration "0003_changed" {
    alter foreign table prices {
        add note: text? options (column_name "remark"),
        alter price: numeric,
        alter state: state?,
        alter at drop default,
        alter price set default 0,
        alter id options (set column_name "id", drop key),
        options (set table_name "prices", updatable "false"),
        rename to all_prices,
    }
    alter foreign table app.empty { set schema public, owner to pg_monitor }
    alter server there rename to elsewhere;
    alter enum state rename to states;
    comment on foreign table all_prices is null;
    grant select, insert on all_prices to pg_monitor;
    grant select (id) on all_prices to pg_read_all_stats;
}
migration "0004_dropped" {
    drop view named;
    #[allow(breaks_queries, reason = "demo")]
    alter foreign table all_prices drop name;
    drop foreign table empty;
}
