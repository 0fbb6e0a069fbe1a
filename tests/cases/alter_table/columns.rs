migration "0001_tables" {
    create table hotels { id: bigint primary key }
    create table bookings {
        id: bigint generated always as identity primary key,
        total: numeric(12, 2) check (total >= 0),
        tags: text[] = [],
        note: text?,
        details: jsonb = {},
    }
    create index on bookings using gin (tags);
    create index on bookings (total) where note is null;
    insert into hotels (id) values (1);
    sql "insert into bookings (total, note) select n, 'n' from generate_series(1, 500) n" irreversible "rows of a test";
}
migration "0002_add" {
    alter table bookings {
        /// ISO 4217.
        add currency: char(3) = "EUR" check (currency <> ""),
        add hotel_id: bigint? references hotels on delete set null,
        add token: uuid = gen_random_uuid() unique,
        add seen_at: timestamptz = now(),
        add updated_at: timestamptz = now() on update now(),
        add remark: text? = null,
    }
}
migration "0003_rename" { alter table bookings { rename total to amount, rename note to remark_old } }
migration "0004_drop" {
    #[allow(drops_data, reason = "a test")]
    alter table bookings { drop tags, drop hotel_id, drop updated_at, drop remark }
}
migration "0005_types" {
    alter table bookings {
        alter amount: numeric(14, 2),
        alter currency drop default,
        alter currency set default "USD",
        alter remark_old set not null,
        alter remark_old set default "none",
    }
}
migration "0006_nullable" { alter table bookings { alter remark_old drop not null, alter seen_at drop default, alter remark_old set default null } }
