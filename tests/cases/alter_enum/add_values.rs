migration "0001_enum" {
    create enum status { pending, done }
    create table jobs {
        id: bigint primary key,
        status: status = pending,
        seen: status[] = [],
        check (status <> done or id > 0),
    }
    create index on jobs (id) where status = pending;
    insert into jobs (id, status, seen) values (1, pending, [done]), (2, done, [pending, done]);
}
migration "0002_values" { alter enum status { add running after pending, add failed, add queued before pending } }
migration "0003_use" { alter table jobs alter status set default queued; }
migration "0004_both" {
    alter enum status add paused;
    alter table jobs { add next: status = paused }
}
