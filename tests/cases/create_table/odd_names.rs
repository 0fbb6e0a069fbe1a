migration "0001_tables" {
    create table people {
        id: int primary key,
        "unit price": numeric = 1 check (."unit price" > 0),
        null: int = 2,
        "no-show": boolean?,
        changed_at: timestamptz = now() on update now() trigger people_touched,
        check (."unit price" > .null - 10 and (."no-show" is null or not ."no-show")),
    }
    create index on people ((."unit price" * 2)) where .null > 0;
    create view prices as select ."unit price" * 2 as "How much", p.null as order from people as p where .null > 0;
    insert into people (id) values (1);
}
migration "0002_changed" {
    alter table people {
        add seen_at: timestamptz = now() on update now() trigger people_seen,
        alter changed_at set on update clock_timestamp() trigger people_changed,
    }
}
