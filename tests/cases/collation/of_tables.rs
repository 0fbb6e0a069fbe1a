migration "0001_tables" {
    create schema app;
    create table people { id: bigint primary key, name: text, nick: text? }
    insert into people (id, name) values (1, "Ä");
}
migration "0002_collations" {
    /// As in the phone book.
    create collation phonebook { provider: icu, locale: "de-u-co-phonebk" }
    create collation app.no_case { provider: icu, locale: "und-u-ks-level2", deterministic: false }
    create collation plain { provider: libc, locale: "C" }
    create collation both { provider: libc, lc_collate: "C", lc_ctype: "POSIX" }
}
migration "0003_used" {
    create table names {
        id: bigint primary key,
        german: text collate phonebook,
        folded: text collate app.no_case,
        check ((german collate plain) <> ""),
    }
    create index on people (name collate phonebook);
    create domain title as text collate plain;
    create view sorted as select p.id, p.name collate phonebook as name from people as p order by p.name collate plain;
}
migration "0004_changed" {
    alter collation phonebook rename to by_phone;
    alter collation plain { refresh version, set schema app }
    alter collation app.no_case owner to pg_monitor;
    comment on collation by_phone is null;
    drop collation both;
}
