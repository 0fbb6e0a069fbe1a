migration "0001_tables" {
    create sequence numbers;
    create table users { id: bigint primary key, email: text, visits: int = 0 }
    create table notes { id: bigint generated always as identity primary key, text: text }
    create function note(text: text) returns void language sql as "insert into notes (text) values ($1)";
    create function noted() returns trigger language plpgsql as "begin perform note(new.email); return new; end";
    create trigger noted after insert on users for each row execute function noted();
}
migration "0002_rows" {
    insert into users (id, email) values (1, "a@example.com"), (2, "b@example.com");
    select setval("numbers", 1000) irreversible "the numbers are not given again";
    select note(u.email) from users as u where u.visits = 0 irreversible "notes are kept";
}
migration "0003_changed" {
    #[allow(unbatched_update, reason = "there are few")]
    with seen as (select distinct n.text from notes as n)
    update users set visits = visits + 1 from seen where seen.text = users.email
        irreversible "the old numbers are gone";
    #[allow(unbatched_update, reason = "there are few")]
    with gone as (delete from notes returning text)
    insert into notes (text) select distinct gone.text || "!" from gone
        irreversible "the old notes are gone";
}
