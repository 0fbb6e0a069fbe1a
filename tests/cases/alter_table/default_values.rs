// What a default gives after its column got another type, as the server prints and reads it.
migration "0001_hosts" {
    create table hosts {
        id: int primary key,
        address: inet = "10.0.0.1",
        seen_at: timestamptz = "2020-01-02 03:04:05+02",
        noon: timestamp(0) = "2020-01-02 23:59:59.9",
        price: numeric(12, 2) = 1.5,
        flag: bool = true,
        code: char(5) = "a",
    }
}
migration "0002_types" {
    #[allow(rewrites_table, narrows_type, blocks_writes, reason = "a small table")]
    alter table hosts {
        alter address: text,
        alter seen_at: text,
        alter noon: date,
        alter price: text,
        alter flag: text,
        alter code: text,
    }
}
migration "0003_row" { insert into hosts (id) values (1); }
