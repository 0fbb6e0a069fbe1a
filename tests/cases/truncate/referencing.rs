migration "0001_tables" {
    create table users { id: bigint generated always as identity primary key, email: text }
    create table sessions { id: bigint primary key, user_id: bigint references users }
}
migration "0002_rows" {
    insert into users (email) values ("a@example.com") irreversible "it has no key here";
    insert into sessions (id, user_id) values (1, 1) irreversible "it goes with its user";
}
migration "0003_emptied" {
    #[allow(drops_data, reason = "they were test data")]
    truncate sessions, users restart identity irreversible "they were test data";
}
