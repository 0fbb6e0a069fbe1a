migration "0001_address" {
    create enum country { de, fr }
    create domain zip as text check (length(value) = 5);
    /// Where something is sent.
    create type address { street: text collate "C", zip: zip, country: country, "Floor": int }
    create table parcels { id: bigint primary key, target: address, earlier: address[] = [], zip: text generated always as ((target).zip) stored }
}
migration "0002_unused" {
    create type pair { a: int, b: int }
    alter type pair { add c: text, drop a, alter b: bigint }
    alter type pair rename to single;
}
migration "0003_dropped" {
    drop type single;
}
