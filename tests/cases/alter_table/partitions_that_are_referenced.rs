migration "0001_tables" {
    create table hits { id: bigint, at: date, primary key (id, at) } partition by range (at);
    create table hits_2025 partition of hits for values from ("2025-01-01") to ("2026-01-01");
    create table hits_2026 partition of hits for values from ("2026-01-01") to ("2027-01-01") partition by range (id);
    create table hits_2026_low partition of hits_2026 for values from (0) to (1000);
    create table notes { id: bigint primary key, hit: bigint, at: date, foreign key (hit, at) references hits }
    create index on notes (hit, at);
    create table older { id: bigint, at: date, primary key (id, at) }
    create table high { id: bigint, at: date, primary key (id, at) }
    insert into hits (id, at) values (1, "2026-02-01"), (2, "2026-03-01");
    insert into notes (id, hit, at) values (1, 1, "2026-02-01");
}
migration "0002_attached" {
    alter table hits attach partition older for values from (minvalue) to ("2025-01-01");
    alter table hits_2026 attach partition high for values from (1000) to (2000);
}
migration "0003_detached" {
    alter table hits detach partition hits_2025;
    alter table hits_2026 detach partition high;
}
