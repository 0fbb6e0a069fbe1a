migration "0001_tables" {
    create enum status { draft, paid, lost }
    create table users { id: bigint primary key, email: text unique, visits: int = 0, status: status = draft }
    create table imported { email: text primary key, visits: int }
    create table archive { id: bigint generated always as identity primary key, email: text, seen_at: timestamptz = now() }
}
migration "0002_rows" {
    insert into imported (email, visits) values ("a@example.com", 3), ("b@example.com", 1);
    insert into users (id, email) values (1, "a@example.com");
    insert into archive (email) select i.email from imported as i where i.visits > 1 down { delete from archive; }
    insert into users (id, email, visits, status)
        select 10, email, visits, "paid" from imported where email like "b%"
        irreversible "they may have been there before";
    #[allow(unbatched_update, reason = "there are few")]
    insert into users as u (id, email, visits) values (2, "a@example.com", 7)
        on conflict (email) do update set visits = u.visits + excluded.visits, status = paid where u.visits < 100
        irreversible "the old numbers are gone";
}
migration "0003_changed" {
    #[allow(unbatched_update, reason = "there are few")]
    update users as u set visits = i.visits, status = lost from imported as i where i.email = u.email
        irreversible "the old numbers are gone";
    #[allow(unbatched_update, reason = "there are few")]
    update users set (visits, status) = (visits + 1, paid) where id = 1 irreversible "the old numbers are gone";
    #[allow(unbatched_update, reason = "there are few")]
    delete from users using imported as i where i.email = users.email and i.visits = 1 irreversible "they are gone";
}
