migration "0001_generated" {
    create table lines {
        id: bigint primary key,
        price: numeric(10, 2),
        count: int = 1,
        total: numeric(14, 2) generated always as (price * count) stored,
        label: text collate "C" = "x",
        search: tsvector generated always as (to_tsvector("simple", label)) stored,
        year: int generated always as (extract(year from created_on)::int) stored,
        created_on: date = current_date,
    }
    create index on lines using gin (search);
}
